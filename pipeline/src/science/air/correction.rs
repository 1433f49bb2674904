//! What low-cost optical sensors of fine particles read, corrected for the moisture that swells particles.
//!
//! Both forms are EPA's, for PurpleAir sensors, with PA their reading and RH the relative humidity in %:
//! - **US-wide, 2021** (Barkjohn, Gantt, Clements 2021, for the CF_1 channel; secondary):
//!   PM2.5 = 0.524 · PA − 0.0862 · RH + 5.75. It may be negative in clean moist air.
//! - **extended, for smoke** (as coded in AirSensor2; secondary): the same below 30 ug/m3, steeper from 50,
//!   without humidity and with a square from 260, blended in between; never below 0.
//!
//! Both are fitted to hourly and daily means. In integers until the one rounding, to a thousandth.

use std::fmt;

use serde::{Deserialize, Serialize};
use wire::Milli;
use wire::milli::divide_rounded;

/// How a node's readings of fine particles are corrected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Correction {
    EpaBarkjohn2021,
    EpaExtended,
}

/// Readings are cut here (4.3 million ug/m3), which bounds the integers below.
const READING_MAX: i64 = u32::MAX as i64;

impl Correction {
    pub const ALL: [Correction; 2] = [Correction::EpaBarkjohn2021, Correction::EpaExtended];

    /// As `nodes.csv` has it.
    pub fn name(self) -> &'static str {
        match self {
            Correction::EpaBarkjohn2021 => "epa-barkjohn-2021",
            Correction::EpaExtended => "epa-extended",
        }
    }

    pub fn from_name(name: &str) -> Option<Correction> {
        Correction::ALL
            .into_iter()
            .find(|correction| correction.name() == name)
    }

    /// A mean of readings in ug/m3 at a mean relative humidity in %, which counts as within 0 to 100.
    /// Negative readings count as zero.
    pub fn of(self, reading: Milli, humidity: Milli) -> Milli {
        let (numerator, denominator) = self.fraction(reading, humidity);
        let milli = divide_rounded(numerator, denominator);
        Milli(i64::try_from(milli).unwrap_or(i64::MAX))
    }

    /// Thousandths of ug/m3, before rounding: numerator and positive denominator.
    fn fraction(self, reading: Milli, humidity: Milli) -> (i128, i128) {
        let reading = i128::from(reading.0.clamp(0, READING_MAX));
        let humidity = i128::from(humidity.0.clamp(0, 100_000));
        // Ten-thousandths of a thousandth, as all coefficients but that of the square are.
        let line = |slope: i128| slope * reading - 862 * humidity + 57_500_000;
        let us_wide = (line(5_240), 10_000);
        let (numerator, denominator) = match self {
            Correction::EpaBarkjohn2021 => return us_wide,
            Correction::EpaExtended => match reading {
                ..30_000 => us_wide,
                // The slope goes from 0.524 to 0.786.
                30_000..50_000 => {
                    let steeper = 2_620 * (reading - 30_000) * reading;
                    (line(5_240) * 20_000 + steeper, 10_000 * 20_000)
                }
                50_000..210_000 => (line(7_860), 10_000),
                // The line goes over into the square.
                210_000..260_000 => {
                    let share = reading - 210_000;
                    let line = line(7_860) * 100_000;
                    let blend = line * (50_000 - share) + square(reading) * share;
                    (blend, 50_000 * SQUARE)
                }
                _ => (square(reading), SQUARE),
            },
        };
        (numerator.max(0), denominator)
    }
}

/// Denominator of [`square`].
const SQUARE: i128 = 1_000_000_000;

/// 2.966 + 0.69 · PA + 0.000884 · PA², for dense smoke.
fn square(reading: i128) -> i128 {
    2_966_000_000_000 + 690_000_000 * reading + 884 * reading * reading
}

impl fmt::Display for Correction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// The published vectors have six decimals: the fraction is compared before it is rounded.
    #[test]
    fn every_published_vector_comes_out() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../shared/domain/purpleair_vectors.csv"
        );
        let mut checked = 0;
        for row in csv::Reader::from_path(path).unwrap().records() {
            let row = row.unwrap();
            let (reading, humidity) = (row[0].parse().unwrap(), row[1].parse().unwrap());
            for (correction, place) in [
                (Correction::EpaBarkjohn2021, 2),
                (Correction::EpaExtended, 3),
            ] {
                let (numerator, denominator) = correction.fraction(reading, humidity);
                let micro = divide_rounded(numerator * 1000, denominator);
                let expected = row[place].parse::<f64>().unwrap() * 1e6;
                assert_eq!(micro, expected.round() as i128, "{correction}: {row:?}");
                let milli = correction.of(reading, humidity);
                assert!((milli.0 * 1000 - micro as i64).abs() <= 500, "{row:?}");
                checked += 1;
            }
        }
        assert_eq!(checked, 46);
    }

    #[test]
    fn the_extended_form_has_no_step_and_never_falls() {
        for humidity in [0, 35_000, 100_000].map(Milli) {
            let mut before = Correction::EpaExtended.of(Milli::ZERO, humidity);
            for reading in (0..400_000).step_by(100).map(Milli) {
                let now = Correction::EpaExtended.of(reading, humidity);
                let rise = now.0 - before.0;
                assert!((0..300).contains(&rise), "{reading} {humidity}: {rise}");
                before = now;
            }
        }
    }

    #[test]
    fn any_numbers_have_an_answer() {
        for reading in [i64::MIN, -1, 0, i64::MAX].map(Milli) {
            for humidity in [i64::MIN, -1, 100_001, i64::MAX].map(Milli) {
                for correction in Correction::ALL {
                    assert!(correction.of(reading, humidity) >= Milli(-2_870));
                }
            }
        }
        assert_eq!(
            Correction::EpaExtended.of(Milli(-5_000), Milli(50_000)),
            Milli(1_440),
            "a negative reading counts as zero"
        );
    }
}
