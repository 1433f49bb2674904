//! Which pollutants an index is about.

use std::fmt;

use serde::{Deserialize, Serialize};
use wire::Quantity;

/// The pollutants of all indices, in the order in which HJ 633 lists them and its network names them.
const NAMED: [Quantity; 6] = [
    Quantity::So2,
    Quantity::No2,
    Quantity::Pm10,
    Quantity::Co,
    Quantity::O3,
    Quantity::Pm2_5,
];

/// A set of them.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Pollutants(u8);

impl Pollutants {
    pub const NONE: Pollutants = Pollutants(0);

    pub fn only(quantity: Quantity) -> Pollutants {
        Pollutants::NONE.with(quantity)
    }

    /// The set with `quantity`; what is no pollutant of an index adds nothing.
    pub fn with(self, quantity: Quantity) -> Pollutants {
        let bit = NAMED.iter().position(|named| *named == quantity);
        Pollutants(self.0 | bit.map_or(0, |bit| 1 << bit))
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub fn iter(self) -> impl Iterator<Item = Quantity> {
        let there = move |bit: usize| self.0 & (1 << bit) != 0;
        NAMED
            .into_iter()
            .enumerate()
            .filter(move |(bit, _)| there(*bit))
            .map(|(_, quantity)| quantity)
    }
}

/// Names with commas between them, as official reports have them.
impl fmt::Display for Pollutants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, quantity) in self.iter().enumerate() {
            if place > 0 {
                f.write_str(",")?;
            }
            f.write_str(quantity.name())?;
        }
        Ok(())
    }
}
