//! Hourly fine particles at United States consulates with the NowCast that AirNow published for each hour.

use pipeline::calendar::{DAY, HOUR, Millis};
use wire::Milli;

use super::{days_since_1970, open};

/// One row of the source.
#[derive(Clone, Copy, Debug)]
pub struct Published {
    pub year: u16,
    /// The source's own clock, as if it were UTC.
    pub at: Millis,
    /// Hourly mean; missing and invalid ones are left out.
    pub raw: Option<Milli>,
    pub nowcast: Option<Milli>,
    /// By the table that was in force.
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
                year: number(3) as u16,
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

/// Whether the rows up to `number` are as many hours. The source's clock jumps with the summer time of
/// Washington, though its cities have none: an hour of March is left out, one of November is there twice.
pub fn is_contiguous(hours: &[Published], number: usize, count: usize) -> bool {
    let Some(first) = (number + 1).checked_sub(count) else {
        return false;
    };
    hours[first..=number]
        .windows(2)
        .all(|pair| pair[1].at - pair[0].at == HOUR)
}
