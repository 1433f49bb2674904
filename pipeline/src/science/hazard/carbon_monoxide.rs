//! Carbon monoxide as domestic detectors judge it: not by an instant, but by how much for how long.
//!
//! The standards give test points: at each concentration a detector must not alarm before, and must alarm by, a time
//! (secondary). The response here gathers a share of an alarm at a rate that depends on the concentration: at the test
//! points one alarm in a time well inside their windows, linear between them, nothing at 30 ppm and below. The two
//! standards contradict each other above 300 ppm: EN 50291 must have alarmed after 3 minutes of 300 ppm, UL 2034 must
//! not within 4 minutes of 400 ppm. So they are two responses; the city goes by the European one, which is the earlier.

use wire::Milli;

use super::dose::{Sample, stretches};
use crate::calendar::{HOUR, MINUTE, Millis};

/// A standard's response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Response {
    /// Concentration in ppm, and thousandths of an alarm that an hour of it brings.
    rates: [(i128, i128); 4],
    /// What is longer ago is forgotten: the longest time in which the standard wants an alarm.
    pub memory: Millis,
}

/// EN 50291-1: at 50 ppm after 75 minutes (60 to 90), at 100 ppm after 25 (10 to 40), at 300 ppm after 2 (up to 3).
pub const EN_50291: Response = Response {
    rates: [(30, 0), (50, 800), (100, 2_400), (300, 30_000)],
    memory: 90 * MINUTE,
};

/// UL 2034: at 70 ppm after 150 minutes (60 to 240), at 150 ppm after 30 (10 to 50), at 400 ppm after 9 (4 to 15).
pub const UL_2034: Response = Response {
    rates: [(30, 0), (70, 400), (150, 2_000), (400, 6_667)],
    memory: 240 * MINUTE,
};

/// Millionths of a mg/m3 in one ppm of carbon monoxide, at 25 °C and one atmosphere.
const PPM: i128 = 1_144_882;

impl Response {
    /// Thousandths of an alarm by the hour, times [`PPM`], at a concentration in thousandths of a mg/m3.
    fn rate(&self, value: Milli) -> i128 {
        // Both in millionths of a mg/m3.
        let value = i128::from(value.0) * 1000;
        let point = |(ppm, rate): (i128, i128)| (ppm * PPM, rate);
        if value <= point(self.rates[0]).0 {
            return 0;
        }
        let above = self.rates[1..3]
            .iter()
            .position(|&rate| value <= point(rate).0);
        let at = above.unwrap_or(2);
        let ((from, slow), (to, fast)) = (point(self.rates[at]), point(self.rates[at + 1]));
        slow * PPM + (value - from) * (fast - slow) * PPM / (to - from)
    }

    /// Share of an alarm that the last [`Response::memory`] up to `end` brought: 1 and more is an alarm. Samples in mg/m3
    /// and in order of time. The second figure takes missing time for clean air.
    pub fn share(&self, samples: &[Sample], end: Millis) -> (Milli, Milli) {
        let (mut likely, mut least) = (0, 0);
        for stretch in stretches(samples, end, self.memory) {
            let dose = self.rate(stretch.value) * i128::from(stretch.lasting);
            likely += dose;
            if !stretch.is_bridged {
                least += dose;
            }
        }
        let share = |dose: i128| {
            let share = dose / (PPM * i128::from(HOUR));
            Milli(i64::try_from(share).unwrap_or(i64::MAX))
        };
        (share(likely), share(least))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(response: Response, ppm: i64, minutes: i64) -> Milli {
        let sample = |minute| Sample {
            start: minute * MINUTE,
            lasting: MINUTE,
            value: Milli(ppm * PPM as i64 / 1000 + 1),
        };
        let samples: Vec<Sample> = (0..minutes).map(sample).collect();
        response.share(&samples, minutes * MINUTE).0
    }

    #[test]
    fn the_share_grows_with_the_dose_and_is_forgotten_after_it() {
        let shares = [1, 20, 40, 60, 75].map(|minutes| after(EN_50291, 50, minutes));
        assert!(shares.is_sorted() && shares[0] > Milli::ZERO, "{shares:?}");
        let short = Sample {
            start: 0,
            lasting: MINUTE,
            value: Milli::whole(400),
        };
        assert!(EN_50291.share(&[short], MINUTE).0 > Milli::ZERO);
        assert_eq!(EN_50291.share(&[short], 91 * MINUTE).0, Milli::ZERO);
    }

    #[test]
    fn missing_time_is_bridged_in_the_share_and_clean_in_its_least() {
        let sample = |minute: i64| Sample {
            start: minute * MINUTE,
            lasting: MINUTE,
            value: Milli::whole(150),
        };
        let whole: Vec<Sample> = (0..10).map(sample).collect();
        let holed: Vec<Sample> = [0, 1, 9].into_iter().map(sample).collect();
        let (full, _) = EN_50291.share(&whole, 10 * MINUTE);
        let (likely, least) = EN_50291.share(&holed, 10 * MINUTE);
        assert_eq!(likely, full);
        assert!(least.0 < full.0 / 3 + 1);
    }

    #[test]
    fn any_value_has_a_share() {
        let huge = Sample {
            start: 0,
            lasting: 90 * MINUTE,
            value: Milli(i64::MAX / 1_000_000),
        };
        assert!(EN_50291.share(&[huge], 90 * MINUTE).0 > Milli::ONE);
    }
}
