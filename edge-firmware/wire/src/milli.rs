//! Fixed-point values: thousandths of a quantity's unit.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

/// A value in thousandths of its quantity's unit; the only number between a node and an alert.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Milli(pub i64);

impl Milli {
    pub const ZERO: Milli = Milli(0);
    pub const ONE: Milli = Milli(1000);

    /// The whole number `units` as thousandths, saturating at the ends of the range.
    pub const fn whole(units: i64) -> Milli {
        Milli(units.saturating_mul(1000))
    }

    /// The nearest thousandth to `value`, half away from zero; `None` for what is not finite or does not fit.
    pub fn from_f64(value: f64) -> Option<Milli> {
        let scaled = value * 1000.0;
        if !(scaled > -9.0e18 && scaled < 9.0e18) {
            return None;
        }
        // `round` needs std; adding half and truncating is the same rule for this range.
        let half = if scaled < 0.0 { -0.5 } else { 0.5 };
        Some(Milli((scaled + half) as i64))
    }

    /// For display, charts and formulas that are floats by nature; never back into a collection unrounded.
    pub fn to_f64(self) -> f64 {
        self.0 as f64 / 1000.0
    }
}

/// `numerator / denominator` rounded half away from zero: the one rounding of the project.
///
/// A denominator of zero answers zero, so that no byte from outside can panic here; callers that can
/// meet it decide first what an empty sum means.
pub fn divide_rounded(numerator: i128, denominator: i128) -> i128 {
    if denominator == 0 {
        return 0;
    }
    let (quotient, remainder) = (numerator / denominator, numerator % denominator);
    if remainder.unsigned_abs() * 2 >= denominator.unsigned_abs() {
        quotient
            + if (numerator < 0) == (denominator < 0) {
                1
            } else {
                -1
            }
    } else {
        quotient
    }
}

/// Decimal with up to three places, no trailing zeros: `4`, `3.5`, `-0.012`.
impl fmt::Display for Milli {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let magnitude = self.0.unsigned_abs();
        let (whole, mut fraction, mut places) = (magnitude / 1000, magnitude % 1000, 3);
        if self.0 < 0 {
            f.write_str("-")?;
        }
        write!(f, "{whole}")?;
        if fraction == 0 {
            return Ok(());
        }
        while fraction % 10 == 0 {
            fraction /= 10;
            places -= 1;
        }
        write!(f, ".{fraction:0places$}")
    }
}

/// What is wrong with a text that should be a decimal number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParseMilliError {
    NotANumber,
    TooLarge,
}

impl fmt::Display for ParseMilliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ParseMilliError::NotANumber => "not a decimal number",
            ParseMilliError::TooLarge => "number too large",
        })
    }
}

impl core::error::Error for ParseMilliError {}

/// Plain decimals exactly, digits past the third rounded half away from zero; exponents are accepted too.
impl FromStr for Milli {
    type Err = ParseMilliError;

    fn from_str(text: &str) -> Result<Milli, ParseMilliError> {
        Milli::parse_bytes(text.as_bytes())
    }
}

impl Milli {
    /// [`FromStr`] on bytes, for readers that have not checked for UTF-8.
    pub fn parse_bytes(text: &[u8]) -> Result<Milli, ParseMilliError> {
        let (negative, digits) = match text {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            rest => (false, rest),
        };
        let mut magnitude: i64 = 0;
        let mut seen_digit = false;
        let mut places: Option<u32> = None;
        let mut round_up = false;
        for &byte in digits {
            match byte {
                b'0'..=b'9' => {
                    seen_digit = true;
                    let digit = i64::from(byte - b'0');
                    match &mut places {
                        Some(3) => {
                            round_up = digit >= 5;
                            places = Some(4);
                            continue;
                        }
                        Some(4..) => continue,
                        Some(n) => *n += 1,
                        None => {}
                    }
                    magnitude = magnitude
                        .checked_mul(10)
                        .and_then(|m| m.checked_add(digit))
                        .ok_or(ParseMilliError::TooLarge)?;
                }
                b'.' if places.is_none() => places = Some(0),
                b'e' | b'E' if seen_digit => return parse_exponent(text),
                _ => return Err(ParseMilliError::NotANumber),
            }
        }
        if !seen_digit {
            return Err(ParseMilliError::NotANumber);
        }
        let missing = 3 - places.unwrap_or(0).min(3);
        let value = magnitude
            .checked_mul(10_i64.pow(missing))
            .and_then(|m| m.checked_add(i64::from(round_up)))
            .ok_or(ParseMilliError::TooLarge)?;
        Ok(Milli(if negative { -value } else { value }))
    }
}

fn parse_exponent(text: &[u8]) -> Result<Milli, ParseMilliError> {
    let text = core::str::from_utf8(text).map_err(|_| ParseMilliError::NotANumber)?;
    let value: f64 = text.parse().map_err(|_| ParseMilliError::NotANumber)?;
    Milli::from_f64(value).ok_or(ParseMilliError::TooLarge)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    extern crate std;
    use super::*;
    use std::string::ToString;

    #[test]
    fn decimals_round_half_away_from_zero() {
        for (text, value) in [
            ("4", 4000),
            ("3.5", 3500),
            ("-0.0125", -13),
            ("0.0124", 12),
            ("0.0125", 13),
            ("+7.", 7000),
            (".25", 250),
            ("1e-3", 1),
            ("2.5E2", 250_000),
        ] {
            assert_eq!(text.parse(), Ok(Milli(value)), "{text}");
        }
        for text in ["", "-", ".", "1.2.3", "NaN", "inf", "1e", "12a", "--1"] {
            assert!(text.parse::<Milli>().is_err(), "{text}");
        }
        assert_eq!(
            "99999999999999999999".parse::<Milli>(),
            Err(ParseMilliError::TooLarge)
        );
    }

    #[test]
    fn display_round_trips() {
        for value in [0, 1, -1, 10, 100, 999, -1000, 12_345, i64::MAX, -i64::MAX] {
            assert_eq!(Milli(value).to_string().parse(), Ok(Milli(value)));
        }
        assert_eq!(Milli(3500).to_string(), "3.5");
        assert_eq!(Milli(-12).to_string(), "-0.012");
    }

    #[test]
    fn division_rounds_half_away_from_zero() {
        for (n, d, q) in [
            (5, 2, 3),
            (-5, 2, -3),
            (5, -2, -3),
            (7, 3, 2),
            (-7, 3, -2),
            (0, 9, 0),
            (1, 0, 0),
        ] {
            assert_eq!(divide_rounded(n, d), q, "{n}/{d}");
        }
    }
}
