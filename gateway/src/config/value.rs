//! Reading single values: text, numbers, durations, addresses. Complaints say what would be right.

use std::net::SocketAddr;

use pipeline::calendar::{DAY, HOUR, MINUTE, Millis, SECOND};
use toml::de::DeValue;
use wire::Milli;

/// Any text.
pub(crate) fn text(value: &DeValue<'_>) -> Result<String, String> {
    match value.as_str() {
        Some(text) => Ok(text.to_owned()),
        None => Err(format!(
            "a text in quotes is expected, not {}",
            value.type_str()
        )),
    }
}

/// Text that `T` can be read from.
pub(crate) fn parsed<T: std::str::FromStr>(value: &DeValue<'_>) -> Result<T, String>
where
    T::Err: std::fmt::Display,
{
    let text = text(value)?;
    text.parse().map_err(|error| format!("{error}: `{text}`"))
}

pub(crate) fn boolean(value: &DeValue<'_>) -> Result<bool, String> {
    value
        .as_bool()
        .ok_or_else(|| "true or false is expected".to_owned())
}

/// A whole number within `range`.
pub(crate) fn whole(
    range: std::ops::RangeInclusive<u32>,
) -> impl Fn(&DeValue<'_>) -> Result<u32, String> {
    move |value| {
        let number = value
            .as_integer()
            .and_then(|integer| u32::from_str_radix(integer.as_str(), integer.radix()).ok());
        match number {
            Some(number) if range.contains(&number) => Ok(number),
            _ => Err(format!(
                "a whole number from {} to {} is expected",
                range.start(),
                range.end()
            )),
        }
    }
}

/// A decimal number; thousandths are exact, further digits are rounded.
pub(crate) fn decimal(value: &DeValue<'_>) -> Result<Milli, String> {
    let digits = match value {
        DeValue::Integer(integer) if integer.radix() == 10 => integer.as_str(),
        DeValue::Float(float) => float.as_str(),
        _ => return Err(format!("a number is expected, not {}", value.type_str())),
    };
    Milli::parse_bytes(digits.replace('_', "").as_bytes()).map_err(|error| error.to_string())
}

/// `"30s"`, `"26h"`, `"1h30m"`.
pub(crate) fn duration(value: &DeValue<'_>) -> Result<Millis, String> {
    parse_duration(&text(value)?)
}

/// A duration of at least one millisecond.
pub(crate) fn positive_duration(value: &DeValue<'_>) -> Result<Millis, String> {
    match duration(value)? {
        0 => Err("must be longer than nothing".to_owned()),
        duration => Ok(duration),
    }
}

/// Longest duration that is accepted: beyond any horizon, far from any overflow.
const DURATION_MAX: Millis = 3_660 * DAY;

/// Whole numbers with a unit each (`ms`, `s`, `m` or `min`, `h`, `d`), added up.
pub fn parse_duration(text: &str) -> Result<Millis, String> {
    let complaint = || {
        format!("a duration such as \"30s\", \"10m\", \"26h\" or \"7d\" is expected, not `{text}`")
    };
    let mut rest = text.trim();
    let mut total: Millis = 0;
    if rest.is_empty() {
        return Err(complaint());
    }
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let count: Millis = rest[..digits].parse().map_err(|_| complaint())?;
        let after = &rest[digits..];
        let letters = after.bytes().take_while(u8::is_ascii_alphabetic).count();
        let unit = match &after[..letters] {
            "ms" => 1,
            "s" => SECOND,
            "m" | "min" => MINUTE,
            "h" => HOUR,
            "d" => DAY,
            _ => return Err(complaint()),
        };
        total = count
            .checked_mul(unit)
            .and_then(|part| total.checked_add(part))
            .filter(|&total| total <= DURATION_MAX)
            .ok_or_else(|| format!("`{text}` is longer than ten years"))?;
        rest = after[letters..].trim_start();
    }
    Ok(total)
}

/// A duration in the shortest of the units it was written in: `90s` is `1m30s`.
pub fn show_duration(duration: Millis) -> String {
    let mut rest = duration;
    let mut shown = String::new();
    for (unit, name) in [
        (DAY, "d"),
        (HOUR, "h"),
        (MINUTE, "m"),
        (SECOND, "s"),
        (1, "ms"),
    ] {
        if rest >= unit {
            shown += &format!("{}{name}", rest / unit);
            rest %= unit;
        }
    }
    if shown.is_empty() {
        "0s".to_owned()
    } else {
        shown
    }
}

/// `127.0.0.1:1883`.
pub(crate) fn address(value: &DeValue<'_>) -> Result<SocketAddr, String> {
    let text = text(value)?;
    text.parse().map_err(|_| {
        format!("an address with its port such as \"127.0.0.1:1883\" is expected, not `{text}`")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_written_as_people_say_them() {
        for (text, duration) in [
            ("30s", 30_000),
            ("26h", 26 * HOUR),
            ("1h30m", 90 * MINUTE),
            ("1h 30min", 90 * MINUTE),
            ("250ms", 250),
            ("7d", 7 * DAY),
            ("0s", 0),
        ] {
            assert_eq!(parse_duration(text), Ok(duration), "{text}");
        }
        for text in [
            "",
            "30",
            "s",
            "-3s",
            "3 weeks",
            "1.5h",
            "99999999999999999999s",
            "4000d",
        ] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
        for text in ["1d2h", "1m30s", "250ms", "0s"] {
            assert_eq!(parse_duration(text).map(show_duration), Ok(text.to_owned()));
        }
    }
}
