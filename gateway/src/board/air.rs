//! Air indices of one zone by one standard: of hours, or of local days.

use std::collections::BTreeMap;

use pipeline::calendar::{DAY, HOUR, Millis};
use pipeline::output::AirIndex;

/// An index is about a whole hour or day; with the next one overdue for an hour it does not stand any more.
const OVERDUE: Millis = HOUR;
/// The longest local day.
const DAY_MAX: Millis = 25 * HOUR;
/// Indices that end so long before the newest are kept, so that a withdrawn one gives way to the one before it.
const HISTORY: Millis = DAY + DAY_MAX;

/// Indices by start of their hour or day, each with its end.
#[derive(Clone, Debug, Default)]
pub struct AirSeries {
    spells: BTreeMap<Millis, (Millis, AirIndex)>,
}

impl AirSeries {
    /// Takes a new, corrected or (`None`) withdrawn index of a spell.
    pub fn apply(&mut self, (start, end): (Millis, Millis), index: Option<AirIndex>) {
        match index {
            Some(index) => self.spells.insert(start, (end, index)),
            None => self.spells.remove(&start),
        };
        if let Some((&newest, _)) = self.spells.last_key_value() {
            self.expire(newest);
        }
    }

    pub fn expire(&mut self, now: Millis) {
        self.spells = self.spells.split_off(&(now - HISTORY));
    }

    /// The index that stands at `now` and the end of its spell, unless it is stale.
    pub fn standing(&self, now: Millis) -> Option<(Millis, AirIndex)> {
        let (&start, &(end, index)) = self.spells.last_key_value()?;
        let next = if end - start > HOUR { DAY_MAX } else { HOUR };
        (now - end <= next + OVERDUE).then_some((end, index))
    }

    /// The index that stood at `at`, by what is known now.
    pub fn stood(&self, at: Millis) -> Option<(Millis, AirIndex)> {
        let begun = self.spells.range(..=at).rev();
        let mut ended = begun.filter(|(_, (end, _))| *end <= at);
        let (&start, &(end, index)) = ended.next()?;
        let next = if end - start > HOUR { DAY_MAX } else { HOUR };
        (at - end <= next + OVERDUE).then_some((end, index))
    }

    /// The index of the spell that ended when the one that ends at `end` began.
    pub fn before(&self, end: Millis) -> Option<AirIndex> {
        let (start, _) = self.spells.iter().find(|(_, spell)| spell.0 == end)?;
        let (_, (ended, index)) = self.spells.range(..start).next_back()?;
        (ended == start).then_some(*index)
    }

    pub fn is_empty(&self) -> bool {
        self.spells.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pipeline::science::air::Pollutants;

    fn index(index: u32) -> AirIndex {
        AirIndex {
            index,
            category: 1,
            primary: Pollutants::NONE,
        }
    }

    fn at(series: &AirSeries, now: Millis) -> Option<u32> {
        series.standing(now).map(|(_, air)| air.index)
    }

    #[test]
    fn the_newest_hour_stands_until_it_is_stale_or_withdrawn() {
        let mut series = AirSeries::default();
        let hour = |hour: Millis| (hour * HOUR, (hour + 1) * HOUR);
        for k in 0..80 {
            series.apply(hour(k), Some(index(k as u32)));
        }
        assert_eq!(series.spells.len(), 50);
        assert_eq!(at(&series, 80 * HOUR), Some(79));
        assert_eq!(at(&series, 82 * HOUR), Some(79));
        assert_eq!(at(&series, 82 * HOUR + 1), None);
        assert_eq!(
            series.stood(70 * HOUR + 1).map(|(_, air)| air.index),
            Some(69)
        );
        assert_eq!(series.before(70 * HOUR).map(|air| air.index), Some(68));
        series.apply(hour(79), None);
        assert_eq!(at(&series, 80 * HOUR), Some(78));
    }

    #[test]
    fn a_day_stands_until_the_next_one_is_overdue() {
        let mut series = AirSeries::default();
        series.apply((0, DAY), Some(index(1)));
        series.apply((DAY, 2 * DAY - HOUR), Some(index(2)));
        assert_eq!(at(&series, 3 * DAY), Some(2));
        assert_eq!(at(&series, 3 * DAY + 2 * HOUR), None);
        series.apply((DAY, 2 * DAY - HOUR), None);
        assert_eq!(at(&series, 2 * DAY), Some(1));
    }
}
