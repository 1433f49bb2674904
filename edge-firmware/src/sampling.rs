//! From a sensor's word to a measurement.

use wire::milli::divide_rounded;
use wire::{Fault, Measurement, Milli, Quantity};

/// What a driver answers: the raw word, sign-extended, or why there is none.
pub type Word = Result<i64, Fault>;

/// One sensor: what it measures, when first, and how its words are read. How often, and what alarms it, the node's
/// [`Settings`](wire::Settings) say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sensor {
    pub quantity: Quantity,
    /// Uptime of the first reading.
    pub phase_ms: u32,
    pub scale: Scale,
}

/// value = offset + word × numerator / denominator, in thousandths of the quantity's unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale {
    pub offset: Milli,
    pub numerator: i32,
    /// Zero reads every word as `offset`.
    pub denominator: i32,
    /// Least and greatest word; a sensor that answers one of them, or beyond, is saturated.
    pub range: (i64, i64),
}

impl Scale {
    /// Words that are thousandths already, within `range`.
    pub const fn milli(range: (Milli, Milli)) -> Scale {
        Scale {
            offset: Milli::ZERO,
            numerator: 1,
            denominator: 1,
            range: (range.0.0, range.1.0),
        }
    }

    /// As [`Scale::milli`], never saturated: for counts and simulated sensors.
    pub const EXACT: Scale = Scale::milli((Milli(i64::MIN), Milli(i64::MAX)));

    /// A word at the end of the range is a bound, not a value; with a falling scale the ends change places.
    pub fn measure(&self, word: Word) -> Measurement {
        let word = match word {
            Ok(word) => word,
            Err(fault) => return Measurement::Fault(fault),
        };
        let (low, high) = self.range;
        let rising = (self.numerator < 0) == (self.denominator < 0);
        let bounded = low != i64::MIN || high != i64::MAX;
        if bounded && word >= high {
            let end = self.value(high);
            return if rising {
                Measurement::AtLeast(end)
            } else {
                Measurement::AtMost(end)
            };
        }
        if bounded && word <= low {
            let end = self.value(low);
            return if rising {
                Measurement::AtMost(end)
            } else {
                Measurement::AtLeast(end)
            };
        }
        Measurement::Value(self.value(word))
    }

    fn value(&self, word: i64) -> Milli {
        let scaled = divide_rounded(
            i128::from(word) * i128::from(self.numerator),
            i128::from(self.denominator),
        ) + i128::from(self.offset.0);
        Milli(scaled.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A twelve-bit thermometer: 0 is -40 degrees, a step is 1/16 degree.
    const THERMOMETER: Scale = Scale {
        offset: Milli(-40_000),
        numerator: 1000,
        denominator: 16,
        range: (0, 4095),
    };

    #[test]
    fn words_become_thousandths_and_the_ends_become_bounds() {
        use Measurement::{AtLeast, AtMost, Fault as Broken, Value};
        for (word, measurement) in [
            (Ok(1), Value(Milli(-39_937))),
            (Ok(984), Value(Milli(21_500))),
            (Ok(4095), AtLeast(Milli(215_938))),
            (Ok(9999), AtLeast(Milli(215_938))),
            (Ok(0), AtMost(Milli(-40_000))),
            (Ok(i64::MIN), AtMost(Milli(-40_000))),
            (Err(Fault::Timeout), Broken(Fault::Timeout)),
        ] {
            assert_eq!(THERMOMETER.measure(word), measurement, "{word:?}");
        }
    }

    #[test]
    fn a_falling_scale_turns_its_ends_round() {
        let depth = Scale {
            numerator: -1,
            offset: Milli(1000),
            ..Scale::milli((Milli(0), Milli(1000)))
        };
        assert_eq!(depth.measure(Ok(1000)), Measurement::AtMost(Milli(0)));
        assert_eq!(depth.measure(Ok(0)), Measurement::AtLeast(Milli(1000)));
    }

    #[test]
    fn no_word_and_no_scale_does_harm() {
        let odd = Scale {
            denominator: 0,
            ..Scale::EXACT
        };
        assert_eq!(odd.measure(Ok(5)), Measurement::Value(Milli(0)));
        for word in [i64::MIN, -1, i64::MAX] {
            assert_eq!(
                Scale::EXACT.measure(Ok(word)),
                Measurement::Value(Milli(word))
            );
        }
        let steep = Scale {
            numerator: i32::MIN,
            ..Scale::EXACT
        };
        assert_eq!(
            steep.measure(Ok(i64::MAX)),
            Measurement::Value(Milli(i64::MIN))
        );
    }
}
