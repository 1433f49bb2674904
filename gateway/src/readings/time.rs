//! Moments in recorded readings: RFC 3339 with an offset, or integer milliseconds; read from bytes, fast.

use std::fmt;

use pipeline::calendar::{DAY, HOUR, MINUTE, Millis, SECOND};

/// Why a text is no moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeError {
    /// Neither RFC 3339 nor an integer.
    Malformed,
    /// A date and a time of day, but nothing says in which zone.
    NoOffset,
    /// No such day, hour, minute or second.
    NoSuchTime,
    /// Outside the years 1 to 9999.
    OutOfRange,
}

impl fmt::Display for TimeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TimeError::Malformed => {
                "time is neither like 2026-11-22T01:30:00Z nor integer milliseconds"
            }
            TimeError::NoOffset => "time has no offset: end it with Z or +08:00",
            TimeError::NoSuchTime => "there is no such time",
            TimeError::OutOfRange => "time is outside the years 1 to 9999",
        })
    }
}

impl std::error::Error for TimeError {}

/// Midnight UTC at the start of year 1, and of year 10000.
const RANGE: std::ops::Range<Millis> = -62_135_596_800_000..253_402_300_800_000;

/// Parses moments; remembers the last date, because neighbouring rows nearly always share it.
#[derive(Debug, Default)]
pub struct Moments {
    /// `YYYY-MM-DD` and its days since 1970.
    last: ([u8; 10], i64),
}

impl Moments {
    pub fn parse(&mut self, text: &[u8]) -> Result<Millis, TimeError> {
        let moment = match text {
            [_, _, _, _, b'-', _, _, b'-', ..] => self.date_and_time(text)?,
            _ => integer(text)?,
        };
        match RANGE.contains(&moment) {
            true => Ok(moment),
            false => Err(TimeError::OutOfRange),
        }
    }

    fn date_and_time(&mut self, text: &[u8]) -> Result<Millis, TimeError> {
        let (date, rest) = text.split_first_chunk::<10>().ok_or(TimeError::Malformed)?;
        let [
            b'T' | b't' | b' ',
            h1,
            h2,
            b':',
            m1,
            m2,
            b':',
            s1,
            s2,
            rest @ ..,
        ] = rest
        else {
            return Err(TimeError::Malformed);
        };
        if *date != self.last.0 {
            self.last = (*date, days(date)?);
        }
        let (hour, minute, second) = (two(*h1, *h2)?, two(*m1, *m2)?, two(*s1, *s2)?);
        // 60 is a leap second; it counts as the first of the next minute.
        if hour > 23 || minute > 59 || second > 60 {
            return Err(TimeError::NoSuchTime);
        }
        let (milli, rest) = fraction(rest)?;
        let local = self.last.1 * DAY + hour * HOUR + minute * MINUTE + second * SECOND + milli;
        Ok(local - offset(rest)?)
    }
}

/// Days since 1970 of `YYYY-MM-DD` (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms").
fn days(date: &[u8; 10]) -> Result<i64, TimeError> {
    let [y1, y2, y3, y4, _, m1, m2, _, d1, d2] = *date;
    let (year, month, day) = (
        two(y1, y2)? * 100 + two(y3, y4)?,
        two(m1, m2)?,
        two(d1, d2)?,
    );
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    if day < 1 || day > last {
        return Err(TimeError::NoSuchTime);
    }
    let year = year - i64::from(month <= 2);
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Ok(era * 146_097 + day_of_era - 719_468)
}

fn two(tens: u8, ones: u8) -> Result<i64, TimeError> {
    match (tens, ones) {
        (b'0'..=b'9', b'0'..=b'9') => Ok(i64::from(tens - b'0') * 10 + i64::from(ones - b'0')),
        _ => Err(TimeError::Malformed),
    }
}

/// Milliseconds of `.123456`, further digits cut off, and what follows.
fn fraction(text: &[u8]) -> Result<(Millis, &[u8]), TimeError> {
    let [b'.', digits @ ..] = text else {
        return Ok((0, text));
    };
    let count = digits
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    if count == 0 {
        return Err(TimeError::Malformed);
    }
    let digit = |place: usize| match place < count {
        true => i64::from(digits[place] - b'0'),
        false => 0,
    };
    Ok((digit(0) * 100 + digit(1) * 10 + digit(2), &digits[count..]))
}

fn offset(text: &[u8]) -> Result<Millis, TimeError> {
    let (sign, [h1, h2, m1, m2]) = match *text {
        [b'Z' | b'z'] => return Ok(0),
        [] => return Err(TimeError::NoOffset),
        [b'+', h1, h2, b':', m1, m2] | [b'+', h1, h2, m1, m2] => (1, [h1, h2, m1, m2]),
        [b'-', h1, h2, b':', m1, m2] | [b'-', h1, h2, m1, m2] => (-1, [h1, h2, m1, m2]),
        _ => return Err(TimeError::Malformed),
    };
    let (hours, minutes) = (two(h1, h2)?, two(m1, m2)?);
    if hours > 23 || minutes > 59 {
        return Err(TimeError::NoSuchTime);
    }
    Ok(sign * (hours * HOUR + minutes * MINUTE))
}

fn integer(text: &[u8]) -> Result<Millis, TimeError> {
    let (sign, digits) = match text {
        [b'-', digits @ ..] => (-1, digits),
        digits => (1, digits),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(TimeError::Malformed);
    }
    // Eighteen digits fit; more are far outside the range anyway.
    if digits.len() > 18 {
        return Err(TimeError::OutOfRange);
    }
    let magnitude = digits
        .iter()
        .fold(0, |sum, digit| sum * 10 + Millis::from(digit - b'0'));
    Ok(sign * magnitude)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(text: &str) -> Result<Millis, TimeError> {
        Moments::default().parse(text.as_bytes())
    }

    #[test]
    fn moments_are_read_as_rfc_3339_says() {
        for (text, moment) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2000-02-29T12:34:56.789Z", 951_827_696_789),
            ("2026-11-22 09:00:00+08:00", 1_795_309_200_000),
            ("2026-11-22T01:00:00.0009999z", 1_795_309_200_000),
            ("2026-11-22t01:00:00.5-0000", 1_795_309_200_500),
            ("2016-12-31T23:59:60Z", 1_483_228_800_000),
            ("1969-12-31T23:59:59.999Z", -1),
            ("1795309200000", 1_795_309_200_000),
            ("-1", -1),
            ("0", 0),
        ] {
            assert_eq!(parse(text), Ok(moment), "{text}");
        }
        for (text, error) in [
            ("", TimeError::Malformed),
            ("yesterday", TimeError::Malformed),
            ("2026-11-22", TimeError::Malformed),
            ("2026-11-22T01:00Z", TimeError::Malformed),
            ("2026-11-22T01:00:00.Z", TimeError::Malformed),
            ("2026-11-22T01:00:00", TimeError::NoOffset),
            ("2026-11-22T01:00:00.5", TimeError::NoOffset),
            ("2025-02-29T01:00:00Z", TimeError::NoSuchTime),
            ("2025-13-01T01:00:00Z", TimeError::NoSuchTime),
            ("2025-12-01T24:00:00Z", TimeError::NoSuchTime),
            ("0000-01-01T00:00:00Z", TimeError::OutOfRange),
            ("9999999999999999999999", TimeError::OutOfRange),
            ("999999999999999999", TimeError::OutOfRange),
            ("1795309200.5", TimeError::Malformed),
        ] {
            assert_eq!(parse(text), Err(error), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_the_project_writes_it_reads(moment in RANGE) {
            prop_assert_eq!(parse(&pipeline::calendar::rfc3339(moment)), Ok(moment));
        }

        #[test]
        fn any_bytes_are_answered(text in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = Moments::default().parse(&text);
        }
    }
}
