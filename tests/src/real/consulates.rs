//! Hourly fine particles at two United States consulates with the NowCast that AirNow published for each hour.

use pipeline::calendar::{DAY, HOUR, Millis};
use wire::Milli;

use super::{days_since_1970, open};

pub const FILES: [&str; 2] = [
    "data/aq_us_embassy_nowcast/Beijing_PM2.5_2017_YTD.csv.gz",
    "data/aq_us_embassy_nowcast/Shanghai_PM2.5_2016_YTD.csv.gz",
];

/// One row of the source.
#[derive(Clone, Copy, Debug)]
pub struct Published {
    /// The source's own clock, as if it were UTC.
    pub at: Millis,
    /// Hourly mean; missing and invalid ones are left out.
    pub raw: Option<Milli>,
    pub nowcast: Option<Milli>,
    /// By the table of 2012.
    pub index: Option<i64>,
}

/// All hours of a file, ascending.
pub fn hours(file: &str) -> Vec<Published> {
    let mut reader = csv::Reader::from_reader(open(file));
    let mut hours: Vec<Published> = reader
        .records()
        .map(|row| {
            let row = row.expect("a row");
            let number = |place: usize| row[place].parse::<i64>().expect("a number");
            // Missing values are written as -999.
            let figure = |place: usize| {
                let value: Milli = row[place].parse().expect("a decimal");
                Some(value).filter(|value| *value > Milli::whole(-900))
            };
            Published {
                at: days_since_1970(number(3), number(4), number(5)) * DAY + number(6) * HOUR,
                raw: figure(10).filter(|_| &row[13] == "Valid"),
                nowcast: figure(7),
                index: Some(number(8)).filter(|index| *index >= 0),
            }
        })
        .collect();
    hours.sort_by_key(|hour| hour.at);
    hours
}

/// The source's clock jumps with the summer time of Washington, though its cities have none: on the second
/// Sunday of March an hour is left out, and its neighbours no longer lie an hour apart.
pub fn is_near_clock_change(at: Millis) -> bool {
    let gaps = [(2017, 3, 12), (2016, 3, 13)];
    gaps.iter().any(|(year, month, day)| {
        let gap = days_since_1970(*year, *month, *day) * DAY + 2 * HOUR;
        (gap..gap + 12 * HOUR).contains(&at)
    })
}
