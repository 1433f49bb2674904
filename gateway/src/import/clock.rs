//! Times of sources that write a local clock and no offset.
//!
//! An hour that a clock shows twice in autumn is taken for the earlier of the two; one that it leaves out in
//! spring is counted on, as if the clock had not been changed yet.

use jiff::ToSpan;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use pipeline::calendar::Millis;

/// A source's clock.
#[derive(Clone, Debug)]
pub(super) struct Clock {
    zone: TimeZone,
    /// As `strptime` has it.
    format: &'static str,
}

impl Clock {
    /// A clock that keeps its distance from UTC all year.
    pub(super) fn ahead_by(hours: i8, format: &'static str) -> Clock {
        let offset = Offset::from_hours(hours).unwrap_or(Offset::UTC);
        Clock {
            zone: TimeZone::fixed(offset),
            format,
        }
    }

    /// The clock on the walls of a place, by the name of its time zone.
    pub(super) fn of(zone: &'static str, format: &'static str) -> Clock {
        // The table of zones is part of the program; an unknown name would show as times of UTC in any test.
        Clock {
            zone: TimeZone::get(zone).unwrap_or(TimeZone::UTC),
            format,
        }
    }

    /// Milliseconds UTC; `None` when the text is no such time.
    pub(super) fn read(&self, text: &str) -> Option<Millis> {
        self.moment(DateTime::strptime(self.format, text.trim()).ok()?)
    }

    /// The same time of the following date.
    pub(super) fn read_day_after(&self, text: &str) -> Option<Millis> {
        let local = DateTime::strptime(self.format, text.trim()).ok()?;
        self.moment(local.checked_add(1.day()).ok()?)
    }

    /// A full hour that is written in columns.
    pub(super) fn hour(&self, [year, month, day, hour]: [i64; 4]) -> Option<Millis> {
        let small = |number: i64| i8::try_from(number).ok();
        let year = i16::try_from(year).ok()?;
        let local = DateTime::new(year, small(month)?, small(day)?, small(hour)?, 0, 0, 0).ok()?;
        self.moment(local)
    }

    fn moment(&self, local: DateTime) -> Option<Millis> {
        let at = self.zone.to_ambiguous_timestamp(local).compatible().ok()?;
        Some(at.as_millisecond())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pipeline::calendar::rfc3339;

    fn shown(clock: &Clock, text: &str) -> String {
        clock.read(text).map_or_else(|| "none".to_owned(), rfc3339)
    }

    #[test]
    fn clocks_are_read_where_they_hang() {
        let beijing = Clock::ahead_by(8, "%Y-%m-%d %I:%M %p");
        assert_eq!(
            shown(&beijing, "2017-01-01 01:00 AM"),
            "2016-12-31T17:00:00.000Z"
        );
        assert_eq!(
            shown(&beijing, "2017-01-01 12:00 AM"),
            "2016-12-31T16:00:00.000Z"
        );
        assert_eq!(
            shown(&beijing, "2017-01-01 12:00 PM"),
            "2017-01-01T04:00:00.000Z"
        );
        assert_eq!(shown(&beijing, "2017-01-01 13:00 PM"), "none");
        assert_eq!(shown(&beijing, "2017-02-30 01:00 AM"), "none");

        let angeles = Clock::of("America/Los_Angeles", "%Y-%m-%d %H:%M");
        assert_eq!(
            shown(&angeles, "2012-03-01 00:00"),
            "2012-03-01T08:00:00.000Z"
        );
        // 02:30 is left out in spring and 01:30 comes twice in autumn.
        assert_eq!(
            shown(&angeles, "2012-03-11 02:30"),
            "2012-03-11T10:30:00.000Z"
        );
        assert_eq!(
            shown(&angeles, "2012-11-04 01:30"),
            "2012-11-04T08:30:00.000Z"
        );
    }
}
