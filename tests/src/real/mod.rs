//! Recorded data of real cities, turned into what `citysense replay` reads, and slow answers to compare with.
//!
//! - [`town`]: a city directory and a readings file, as a user would write them;
//! - [`replayed`]: one run of `citysense replay`, and what its files say;
//! - [`beijing`]: four air stations over four years, hourly; [`air_by_hand`], [`air_days_by_hand`]: their index,
//!   from the printed tables;
//! - [`minutes`]: an air sensor that speaks every minute;
//! - [`consulates`]: hourly particles with the NowCast that was published for them;
//! - [`collocated`]: sensors that stood beside a reference;
//! - [`official`]: indices as agencies published them, and low-cost sensors beside reference instruments;
//! - [`door`]: people in and out of a building for weeks;
//! - [`bottleneck`]: people walking through a bottleneck, with published densities;
//! - [`hazards`]: burning training houses, gas sensors in perfume, a river, rain on slopes, an earthquake;
//! - [`roads`]: loop detectors of four cities, by the minute, by five minutes and by the hour;
//! - [`hours`]: any station's hours, looked back on as a forecast does;
//! - [`fires`]: house fires with smoke, heat and gas meters and the times at which real alarms went off.
//!
//! The data stands beside the repository and is never copied into it.

pub mod air_by_hand;
pub mod air_days_by_hand;
pub mod beijing;
pub mod bottleneck;
pub mod collocated;
pub mod consulates;
pub mod door;
pub mod fires;
pub mod hazards;
pub mod hours;
pub mod minutes;
pub mod official;
pub mod replayed;
pub mod roads;
pub mod town;

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::PathBuf;

/// A file of recorded data or domain facts, by its path beside the repository.
pub fn shared(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared")
        .join(path)
}

/// Opens recorded data, unpacking what ends in `.gz`.
fn open(path: &str) -> Box<dyn Read> {
    let full = shared(path);
    let file = File::open(&full).unwrap_or_else(|error| panic!("{}: {error}", full.display()));
    match path.ends_with(".gz") {
        true => Box::new(BufReader::new(flate2::read::MultiGzDecoder::new(file))),
        false => Box::new(BufReader::new(file)),
    }
}

/// Counted day by day: slow and plain.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let is_leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let years: i64 = (1970..year)
        .map(|year| 365 + i64::from(is_leap(year)))
        .sum();
    let february = 28 + i64::from(is_leap(year));
    let lengths = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let months: i64 = lengths.iter().take(month as usize - 1).sum();
    years + months + day - 1
}
