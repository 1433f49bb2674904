//! Water: how fast it rises, and classes of surface water in the manner of GB 3838-2002.
//!
//! Classes I to V are 1 to 5; what misses class V is 6. The class of water is the worst of its quantities. All limits
//! here are *unconfirmed* (from memory), so they are configuration; no class is known for turbidity and
//! conductivity, which the standard does not list.

use serde::{Deserialize, Serialize};
use wire::{Milli, Quantity};

use super::trend::Reach;
use crate::calendar::{HOUR, MINUTE};

/// From what a rise is told: an underpass fills in a quarter of an hour, river gauges speak four times an hour.
pub const RISE_REACH: Reach = Reach {
    least: 10 * MINUTE,
    most: HOUR,
};

/// Limits for classes I to V, in thousandths of each quantity's unit. A city may have its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Classes {
    /// At least so much, falling.
    pub dissolved_oxygen: [Milli; 5],
    /// At most so much, rising.
    pub ammonia_nitrogen: [Milli; 5],
    /// One range for all classes; outside it water has none.
    pub ph: [Milli; 2],
}

/// *Unconfirmed*: from memory of GB 3838-2002.
impl Default for Classes {
    fn default() -> Classes {
        Classes {
            dissolved_oxygen: [7_500, 6_000, 5_000, 3_000, 2_000].map(Milli),
            ammonia_nitrogen: [150, 500, 1_000, 1_500, 2_000].map(Milli),
            ph: [6_000, 9_000].map(Milli),
        }
    }
}

/// Worse than class V.
pub const WORST: i64 = 6;

impl Classes {
    /// The class of one figure; `None` for a quantity without limits.
    pub fn of(&self, quantity: Quantity, value: Milli) -> Option<i64> {
        let first = |place: Option<usize>| place.map_or(WORST, |place| place as i64 + 1);
        Some(match quantity {
            Quantity::DissolvedOxygen => first(
                self.dissolved_oxygen
                    .iter()
                    .position(|least| value >= *least),
            ),
            Quantity::AmmoniaNitrogen => {
                first(self.ammonia_nitrogen.iter().position(|most| value <= *most))
            }
            Quantity::Ph => {
                let [least, most] = self.ph;
                if (least..=most).contains(&value) {
                    1
                } else {
                    WORST
                }
            }
            _ => return None,
        })
    }

    /// The worst class of what was measured; `None` where nothing with limits was.
    pub fn worst(&self, measured: impl Fn(Quantity) -> Option<Milli>) -> Option<i64> {
        let known = [
            Quantity::DissolvedOxygen,
            Quantity::AmmoniaNitrogen,
            Quantity::Ph,
        ];
        let classes = known
            .into_iter()
            .filter_map(|quantity| self.of(quantity, measured(quantity)?));
        classes.max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against a table of its own: the built-in numbers are not known to be true.
    #[test]
    fn water_is_as_good_as_its_worst_quantity() {
        let classes = Classes {
            dissolved_oxygen: [9, 8, 7, 6, 5].map(Milli::whole),
            ammonia_nitrogen: [1, 2, 3, 4, 5].map(Milli::whole),
            ph: [6, 9].map(Milli::whole),
        };
        let water = |oxygen: i64, ammonia: i64, ph: i64| {
            classes.worst(|quantity| match quantity {
                Quantity::DissolvedOxygen => Some(Milli::whole(oxygen)),
                Quantity::AmmoniaNitrogen => Some(Milli::whole(ammonia)),
                _ => Some(Milli::whole(ph)),
            })
        };
        assert_eq!(water(9, 1, 7), Some(1));
        assert_eq!(water(9, 3, 7), Some(3));
        assert_eq!(water(6, 3, 7), Some(4));
        assert_eq!(water(4, 1, 7), Some(WORST));
        assert_eq!(water(9, 1, 10), Some(WORST));
        assert_eq!(classes.worst(|_| None), None);
        assert_eq!(classes.of(Quantity::Turbidity, Milli::ONE), None);
    }
}
