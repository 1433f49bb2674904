//! The words that statements of a story are made of.

use pipeline::calendar::{HOUR, MINUTE, Millis, SECOND};
use pipeline::rules::Statistic;

use crate::city::BEGIN;

pub(super) fn option<'a>(words: &[&'a str], key: &str) -> Option<&'a str> {
    words
        .iter()
        .find_map(|word| word.strip_prefix(key)?.strip_prefix('='))
}

pub(super) fn statistic_of(name: &str) -> Option<Statistic> {
    Some(match name {
        "mean" => Statistic::Mean,
        "min" => Statistic::Min,
        "max" => Statistic::Max,
        "last" => Statistic::Last,
        "count" => Statistic::Count,
        _ => return None,
    })
}

/// `90s`, `10m`, `26h`.
pub(super) fn duration(text: &str) -> Option<Millis> {
    let (number, unit) = text.split_at(text.len().checked_sub(1)?);
    let unit = match unit {
        "s" => SECOND,
        "m" => MINUTE,
        "h" => HOUR,
        _ => return None,
    };
    Some(number.parse::<Millis>().ok()? * unit)
}

/// `mm:ss` or `h:mm:ss` after the beginning.
pub(super) fn moment(text: &str) -> Option<Millis> {
    let mut seconds = 0;
    for part in text.split(':') {
        seconds = seconds * 60 + part.parse::<Millis>().ok()?;
    }
    text.contains(':').then_some(BEGIN + seconds * SECOND)
}
