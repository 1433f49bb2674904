//! From means to an index: the steps that hourly and daily indices share.

use wire::{Milli, Quantity};

use super::exact::Exact;
use super::table::Averaging;
use super::units::{Unit, convert};
use super::{Pollutants, Standard};
use crate::output::AirIndex;

/// Every pollutant of any index, by wire code.
pub(super) const POLLUTANTS: [Quantity; 6] = [
    Quantity::Pm2_5,
    Quantity::Pm10,
    Quantity::O3,
    Quantity::No2,
    Quantity::So2,
    Quantity::Co,
];

impl Standard {
    /// The sub-index of a mean in the unit of readings; `None` where there is no mean, or the standard says
    /// nothing about it.
    pub(super) fn sub_index(
        self,
        quantity: Quantity,
        averaging: Averaging,
        mean: Option<Exact>,
    ) -> Option<u32> {
        let column = self.column(quantity, averaging)?;
        let units = (Unit::of_readings(quantity), column.unit);
        column.sub_index(convert(mean?, quantity, units, self.reference())?)
    }

    /// The sub-index of a mean that may lie past the end of its column, where another averaging time
    /// defines it. To drop it there would read as clean air: it counts as the column's top at least.
    pub(super) fn sub_index_or_top(
        self,
        quantity: Quantity,
        averaging: Averaging,
        mean: Option<Exact>,
        top: u32,
    ) -> Option<u32> {
        let mean = mean?;
        let sub_index = self.sub_index(quantity, averaging, Some(mean));
        Some(sub_index.unwrap_or(top))
    }

    /// The overall index: the highest sub-index, and whose it is.
    pub fn worst(
        self,
        subs: impl IntoIterator<Item = (Quantity, Option<u32>)>,
    ) -> Option<AirIndex> {
        let mut worst: Option<(u32, Pollutants)> = None;
        for (quantity, sub_index) in subs {
            let Some(sub_index) = sub_index else { continue };
            match &mut worst {
                Some((index, primary)) if *index == sub_index => {
                    if self.names_all() {
                        *primary = primary.with(quantity);
                    }
                }
                Some((index, _)) if *index > sub_index => {}
                _ => worst = Some((sub_index, Pollutants::only(quantity))),
            }
        }
        let (index, primary) = worst?;
        Some(AirIndex {
            index,
            category: self.category_number(index),
            primary: match self.names_primary(index) {
                true => primary,
                false => Pollutants::NONE,
            },
        })
    }
}

/// Mean of those that are there when at least `needed` are; negative ones count as zero.
pub(super) fn mean(means: impl IntoIterator<Item = Option<Milli>>, needed: usize) -> Option<Exact> {
    let (sum, count) = means
        .into_iter()
        .flatten()
        .fold((0, 0), |(sum, count), mean| {
            (sum + i128::from(mean.0.max(0)), count + 1)
        });
    (count >= needed.max(1)).then(|| Exact::mean_of_millis(sum, count))
}
