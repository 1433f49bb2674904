//! The city's clock: how far it is ahead of UTC, and when that changes.

use serde::{Deserialize, Serialize};

use crate::calendar::{DAY, HOUR, Millis};

/// Offsets from UTC over time; the default is UTC itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalTime {
    /// From these moments on the clock is ahead of UTC by so much; ordered. Before the first it is as after it.
    changes: Vec<(Millis, Millis)>,
}

impl LocalTime {
    /// From the moments at which the offset changes, in any order, with the offsets from then on.
    pub fn new(mut changes: Vec<(Millis, Millis)>) -> LocalTime {
        changes.sort_unstable();
        changes.dedup_by_key(|(_, offset)| *offset);
        LocalTime { changes }
    }

    /// How far the clock is ahead of UTC at a moment.
    pub fn offset(&self, moment: Millis) -> Millis {
        let later = self.changes.partition_point(|(from, _)| *from <= moment);
        let change = self.changes.get(later.saturating_sub(1));
        change.map_or(0, |(_, offset)| *offset)
    }

    /// The moment at which the local day of `moment` began.
    pub fn day_start(&self, moment: Millis) -> Millis {
        let offset = self.offset(moment);
        let midnight = (moment + offset).div_euclid(DAY) * DAY;
        // The clock may have changed since midnight: the offset of then counts.
        let start = midnight - offset;
        midnight - self.offset(start)
    }

    /// The moment at which the next local day begins: 23, 24 or 25 hours after this one's start, or near that.
    pub fn day_end(&self, moment: Millis) -> Millis {
        self.day_start(self.day_start(moment) + DAY + 12 * HOUR)
    }

    /// The hour of the local day, 0 to 23.
    pub fn hour(&self, moment: Millis) -> u8 {
        ((moment + self.offset(moment)).rem_euclid(DAY) / HOUR) as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::rfc3339;

    /// Berlin's clock of 2026: put forward on March 29th, put back on October 25th, both at 01:00 UTC.
    fn berlin() -> LocalTime {
        LocalTime::new(vec![
            (1_792_890_000_000, HOUR),
            (1_774_746_000_000, 2 * HOUR),
            (1_761_440_400_000, HOUR),
        ])
    }

    #[test]
    fn days_of_23_and_25_hours_begin_and_end_at_local_midnight() {
        let local = berlin();
        for (noon, start, end) in [
            (1_774_774_800_000, "2026-03-28T23:00", "2026-03-29T22:00"),
            (1_774_861_200_000, "2026-03-29T22:00", "2026-03-30T22:00"),
            (1_792_926_000_000, "2026-10-24T22:00", "2026-10-25T23:00"),
            (1_769_943_600_000, "2026-01-31T23:00", "2026-02-01T23:00"),
        ] {
            assert!(rfc3339(local.day_start(noon)).starts_with(start), "{noon}");
            assert!(rfc3339(local.day_end(noon)).starts_with(end), "{noon}");
        }
        assert_eq!(
            local.hour(1_774_746_000_000),
            3,
            "there is no 02:00 on that day"
        );
        assert_eq!(local.offset(0), HOUR, "before all that is known");
    }

    #[test]
    fn utc_is_the_default() {
        let utc = LocalTime::default();
        assert_eq!(utc.day_start(-1), -DAY);
        assert_eq!(utc.day_end(-1), 0);
        assert_eq!(utc.hour(-1), 23);
    }
}
