//! Concentrations as exact fractions, so that truncating to a decimal is never a matter of binary floats.
//!
//! Bounds keep every product inside `i128`: a numerator of 2⁶⁷ over a denominator of 2⁴⁷, times the
//! largest conversion factor (2⁴⁹) and the largest scale (10³), stays below 2¹²⁷.

use std::fmt;

use wire::Milli;

/// Largest magnitude that a parsed concentration may have; no unit of air pollution reaches it.
pub const CONCENTRATION_MAX: i128 = 99_999_999;

/// Decimals that a parsed concentration keeps; further ones are dropped.
const DECIMALS_KEPT: i32 = 12;

/// A fraction of integers, reduced when it would outgrow its integers.
#[derive(Clone, Copy, Debug)]
pub struct Exact {
    numerator: i128,
    /// Always positive.
    denominator: i128,
}

/// Why a text is no concentration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParseExactError {
    NotANumber,
    TooLarge,
}

impl fmt::Display for ParseExactError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ParseExactError::NotANumber => f.write_str("not a decimal number"),
            ParseExactError::TooLarge => {
                write!(f, "beyond any concentration ({CONCENTRATION_MAX})")
            }
        }
    }
}

impl std::error::Error for ParseExactError {}

impl Exact {
    /// `sum` thousandths over `count` values: a mean before any rounding. `count` must not be 0.
    pub fn mean_of_millis(sum: i128, count: usize) -> Exact {
        Exact {
            numerator: sum,
            denominator: 1000 * count.max(1) as i128,
        }
    }

    /// Times a fraction of positive integers.
    pub fn times(self, numerator: i128, denominator: i128) -> Exact {
        let this = self.with_room_for(bits(numerator), bits(denominator));
        Exact {
            numerator: this.numerator.saturating_mul(numerator),
            denominator: this.denominator.saturating_mul(denominator),
        }
    }

    /// The same fraction, reduced if so many more bits would not fit. One conversion and one cut always
    /// fit; only a chain of them pays for this.
    fn with_room_for(self, numerator_bits: u32, denominator_bits: u32) -> Exact {
        let fits = bits(self.numerator) + numerator_bits < i128::BITS
            && bits(self.denominator) + denominator_bits < i128::BITS;
        if fits { self } else { self.reduced() }
    }

    fn reduced(self) -> Exact {
        let (mut a, mut b) = (
            self.numerator.unsigned_abs(),
            self.denominator.unsigned_abs(),
        );
        while b != 0 {
            (a, b) = (b, a % b);
        }
        let divisor = i128::try_from(a.max(1)).unwrap_or(1);
        Exact {
            numerator: self.numerator / divisor,
            denominator: self.denominator / divisor,
        }
    }

    /// Negative concentrations are noise around nothing: they count as nothing.
    pub fn at_least_zero(self) -> Exact {
        Exact {
            numerator: self.numerator.max(0),
            ..self
        }
    }

    /// In units of 10^-`decimals`, what is beyond them cut off (towards the smaller).
    pub fn truncated(self, decimals: u32) -> i128 {
        self.scaled(decimals).0
    }

    /// In units of 10^-`decimals`, to the nearest, ties to the even one (GB/T 8170).
    pub fn rounded_half_even(self, decimals: u32) -> i128 {
        let (quotient, remainder, denominator) = self.scaled(decimals);
        match remainder.saturating_mul(2).cmp(&denominator) {
            std::cmp::Ordering::Less => quotient,
            std::cmp::Ordering::Equal => quotient + quotient.rem_euclid(2),
            std::cmp::Ordering::Greater => quotient + 1,
        }
    }

    /// The same, as a concentration again.
    pub fn rounded_half_even_to(self, decimals: u32) -> Exact {
        Exact {
            numerator: self.rounded_half_even(decimals),
            denominator: 10_i128.pow(decimals),
        }
    }

    /// The least whole number that is not below it.
    pub fn rounded_up(self) -> i128 {
        let (quotient, remainder, _) = self.scaled(0);
        quotient + i128::from(remainder != 0)
    }

    /// Whether it does not pass a whole number.
    pub fn is_at_most(self, whole: i64) -> bool {
        self.rounded_up() <= i128::from(whole)
    }

    pub fn is_zero(self) -> bool {
        self.numerator == 0
    }

    /// With so many tenths added.
    pub fn plus_tenths(self, tenths: i64) -> Exact {
        self.times(10, 1).minus(-tenths).times(1, 10)
    }

    /// Whether it is the greater of two.
    pub fn is_above(self, other: Exact) -> bool {
        let (this, other) = (self.reduced(), other.reduced());
        let cross = |a: Exact, b: Exact| a.numerator.saturating_mul(b.denominator);
        cross(this, other) > cross(other, this)
    }

    /// Less a whole number.
    pub fn minus(self, whole: i64) -> Exact {
        let whole = i128::from(whole);
        let this = self.with_room_for(0, bits(whole) + 1);
        Exact {
            numerator: this
                .numerator
                .saturating_sub(whole.saturating_mul(this.denominator)),
            ..this
        }
    }

    /// Quotient, remainder and denominator at 10^-`decimals`.
    fn scaled(self, decimals: u32) -> (i128, i128, i128) {
        let scale = 10_i128.pow(decimals);
        let this = self.with_room_for(bits(scale), 0);
        let scaled = this.numerator.saturating_mul(scale);
        (
            scaled.div_euclid(this.denominator),
            scaled.rem_euclid(this.denominator),
            this.denominator,
        )
    }
}

impl From<Milli> for Exact {
    fn from(value: Milli) -> Exact {
        Exact::mean_of_millis(i128::from(value.0), 1)
    }
}

/// Plain decimals and exponents, exactly, up to twelve places.
impl std::str::FromStr for Exact {
    type Err = ParseExactError;

    fn from_str(text: &str) -> Result<Exact, ParseExactError> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => {
                let exponent = exponent
                    .parse::<i16>()
                    .map_err(|_| ParseExactError::NotANumber)?;
                (mantissa, i32::from(exponent))
            }
            None => (text, 0),
        };
        let (negative, digits) = match mantissa.as_bytes() {
            [b'-', digits @ ..] => (true, digits),
            [b'+', digits @ ..] => (false, digits),
            digits => (false, digits),
        };
        let point = digits.iter().position(|&byte| byte == b'.');
        let (whole, fraction) = match point {
            Some(at) => (&digits[..at], &digits[at + 1..]),
            None => (digits, &digits[..0]),
        };
        if whole.is_empty() && fraction.is_empty() {
            return Err(ParseExactError::NotANumber);
        }
        // `place` is the power of ten of the next digit, counted so that 0 is the last one kept.
        let mut place = whole.len() as i64 - 1 + i64::from(exponent) + i64::from(DECIMALS_KEPT);
        let mut numerator: i128 = 0;
        for &byte in whole.iter().chain(fraction) {
            if !byte.is_ascii_digit() {
                return Err(ParseExactError::NotANumber);
            }
            let digit = i128::from(byte - b'0');
            if digit != 0 && place >= 0 {
                // 10²⁰ is beyond the bound whatever the digit, and keeps the power inside i128.
                let power = u32::try_from(place.min(30)).unwrap_or(30);
                numerator += digit * 10_i128.pow(power);
                if numerator / 10_i128.pow(DECIMALS_KEPT as u32) > CONCENTRATION_MAX {
                    return Err(ParseExactError::TooLarge);
                }
            }
            place -= 1;
        }
        Ok(Exact {
            numerator: if negative { -numerator } else { numerator },
            denominator: 10_i128.pow(DECIMALS_KEPT as u32),
        })
    }
}

fn bits(number: i128) -> u32 {
    u128::BITS - number.unsigned_abs().leading_zeros()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_taken_as_written() {
        for (text, micro) in [
            ("0.07853333", 78_533),
            ("60.5", 60_500_000),
            ("-3", -3_000_000),
            ("1e-5", 10),
            ("2.5E2", 250_000_000),
            (".5", 500_000),
            ("7.", 7_000_000),
            ("0.0000009999999", 0),
            ("000000000000000000000000000001", 1_000_000),
            ("0e999", 0),
        ] {
            assert_eq!(text.parse::<Exact>().unwrap().truncated(6), micro, "{text}");
        }
    }

    #[test]
    fn what_is_no_concentration_is_refused() {
        for text in [
            "", "-", ".", "1.2.3", "NaN", "inf", "1e", "12a", "--1", "0x1", "1,5", " 1",
        ] {
            let error = text.parse::<Exact>().unwrap_err();
            assert_eq!(error, ParseExactError::NotANumber, "{text}");
        }
        for text in [
            "100000000",
            "1e8",
            "1e32767",
            "9e99",
            "99999999999999999999999999999",
        ] {
            let error = text.parse::<Exact>().unwrap_err();
            assert_eq!(error, ParseExactError::TooLarge, "{text}");
        }
    }

    #[test]
    fn ties_go_to_the_even_neighbour() {
        for (text, whole) in [
            ("60.5", 60),
            ("61.5", 62),
            ("60.50000001", 61),
            ("60.4999", 60),
            ("-0.5", 0),
            ("-1.5", -2),
        ] {
            let value: Exact = text.parse().unwrap();
            assert_eq!(value.rounded_half_even(0), whole, "{text}");
        }
    }
}
