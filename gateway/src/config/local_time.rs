//! The city's clock as the pipeline knows it: every change of its offset, worked out once.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use pipeline::calendar::{LocalTime, Millis, SECOND};

/// Recorded data are older than the city's own: changes are listed from 1970 on,
const FIRST: Timestamp = Timestamp::UNIX_EPOCH;
/// and up to the end of this year by the rules known now.
const LAST_YEAR: i16 = 2100;

pub(super) fn of(zone: &TimeZone) -> LocalTime {
    let offset = |moment: Timestamp| Millis::from(zone.to_offset(moment).seconds()) * SECOND;
    let later = zone
        .following(FIRST)
        .take_while(|change| change.offset().to_datetime(change.timestamp()).year() <= LAST_YEAR)
        .map(|change| {
            (
                change.timestamp().as_millisecond(),
                offset(change.timestamp()),
            )
        });
    let first = (FIRST.as_millisecond(), offset(FIRST));
    LocalTime::new([first].into_iter().chain(later).collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use pipeline::calendar::{DAY, HOUR};

    #[test]
    fn offsets_and_days_are_those_of_the_time_zone_database() {
        for name in [
            "Asia/Shanghai",
            "America/St_Johns",
            "Australia/Lord_Howe",
            "Africa/Casablanca",
        ] {
            let zone = TimeZone::get(name).unwrap();
            let local = of(&zone);
            // Some hours a day, four years long.
            for moment in (1_577_836_800_000..1_704_067_200_000).step_by(7 * HOUR as usize) {
                let known = Timestamp::from_millisecond(moment).unwrap();
                let offset = Millis::from(zone.to_offset(known).seconds()) * SECOND;
                assert_eq!(local.offset(moment), offset, "{name} {moment}");
                let midnight = known.to_zoned(zone.clone()).start_of_day().unwrap();
                let start = local.day_start(moment);
                assert_eq!(
                    start,
                    midnight.timestamp().as_millisecond(),
                    "{name} {moment}"
                );
                assert!(
                    local.day_end(moment) > moment && local.day_end(moment) - start <= DAY + HOUR
                );
            }
        }
    }
}
