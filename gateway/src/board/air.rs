//! Hourly air indices of one zone by one standard.

use std::collections::BTreeMap;

use pipeline::calendar::{DAY, HOUR, Millis};
use pipeline::output::{AirIndex, AirRow};

/// An index is about a whole hour; with the next one overdue for an hour it does not stand any more.
const STALE_AFTER: Millis = 2 * HOUR;
/// Hours that are kept, so that a withdrawn one gives way to the one before it.
const HISTORY: Millis = DAY;

/// Indices by start of their hour.
#[derive(Clone, Debug, Default)]
pub struct AirSeries {
    hours: BTreeMap<Millis, AirIndex>,
}

impl AirSeries {
    pub fn apply(&mut self, row: &AirRow) {
        match row.index {
            Some(index) => self.hours.insert(row.hour, index),
            None => self.hours.remove(&row.hour),
        };
        if let Some((&newest, _)) = self.hours.last_key_value() {
            self.expire(newest);
        }
    }

    pub fn expire(&mut self, now: Millis) {
        self.hours = self.hours.split_off(&(now - HISTORY));
    }

    /// The index that stands at `now` and the end of its hour, unless it is stale.
    pub fn standing(&self, now: Millis) -> Option<(Millis, AirIndex)> {
        let (&hour, &index) = self.hours.last_key_value()?;
        let end = hour + HOUR;
        (now - end <= STALE_AFTER).then_some((end, index))
    }

    pub fn is_empty(&self) -> bool {
        self.hours.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pipeline::city::ZoneIx;
    use pipeline::science::air::{Pollutants, Standard};

    fn row(hour: Millis, index: Option<u32>) -> AirRow {
        AirRow {
            zone: ZoneIx(0),
            hour: hour * HOUR,
            standard: Standard::UsEpa2024,
            index: index.map(|index| AirIndex {
                index,
                category: 1,
                primary: Pollutants::NONE,
            }),
        }
    }

    #[test]
    fn the_newest_hour_stands_until_it_is_stale_or_withdrawn() {
        let mut series = AirSeries::default();
        let at = |series: &AirSeries, now| series.standing(now).map(|(_, air)| air.index);
        for hour in 0..40 {
            series.apply(&row(hour, Some(hour as u32)));
        }
        assert_eq!(series.hours.len(), 25);
        assert_eq!(at(&series, 40 * HOUR), Some(39));
        assert_eq!(at(&series, 42 * HOUR), Some(39));
        assert_eq!(at(&series, 42 * HOUR + 1), None);
        series.apply(&row(39, None));
        assert_eq!(at(&series, 40 * HOUR), Some(38));
    }
}
