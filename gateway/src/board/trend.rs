//! Which way a figure goes: up, down, or neither, by a rule that anybody can check by hand.
//!
//! A crowd rises when the mean of its panes of the last five minutes is above that of the five minutes before by a tenth
//! and by 0.1 people/m² at least; an air index, when the last hour's is above the one before by a tenth and by 5. Falling
//! is the same downwards. Where one of the two is missing or withheld nothing is said.

use pipeline::calendar::{MINUTE, Millis};

use super::series::Series;
use crate::privacy::Shown;

/// Length of each of the two spans that are compared.
pub const SPAN: Millis = 5 * MINUTE;
/// Least change of a density, in thousandths of people/m².
const DENSITY_MIN: i64 = 100;
/// Least change of an air index.
const INDEX_MIN: i64 = 5;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trend {
    Rising,
    Steady,
    Falling,
}

impl Trend {
    fn between(before: i64, after: i64, least: i64) -> Trend {
        let change = after - before;
        let is_large = change.abs() >= least && change.abs() * 10 >= before.abs();
        match change {
            _ if !is_large => Trend::Steady,
            1.. => Trend::Rising,
            _ => Trend::Falling,
        }
    }

    /// Of a density; `shown` says what of its means may be told.
    pub fn of_density(
        series: &Series,
        now: Millis,
        shown: impl Fn(wire::Milli) -> Shown,
    ) -> Option<Trend> {
        let mean = |from: Millis, to: Millis| {
            let (mut sum, mut count) = (0, 0);
            for point in series.points().rev() {
                if point.end <= from {
                    break;
                }
                if point.end <= to {
                    sum += i128::from(shown(point.figures.mean).exact()?.0);
                    count += 1;
                }
            }
            i64::try_from(sum.checked_div(count)?).ok()
        };
        let before = mean(now - 2 * SPAN, now - SPAN)?;
        let after = mean(now - SPAN, now)?;
        Some(Trend::between(before, after, DENSITY_MIN))
    }

    pub fn of_index(before: u32, after: u32) -> Trend {
        Trend::between(i64::from(before), i64::from(after), INDEX_MIN)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::board::sample::{NOON, zone_value};
    use pipeline::rules::Value;
    use wire::Milli;

    fn of(means: [i64; 10], shown: impl Fn(Milli) -> Shown) -> Option<Trend> {
        let mut series = Series::default();
        for (minute, mean) in (1..).zip(means) {
            let end = NOON - 10 * MINUTE + minute * MINUTE;
            series.apply(&zone_value(0, Value::CrowdDensity, end, mean));
        }
        Trend::of_density(&series, NOON, shown)
    }

    #[test]
    fn a_crowd_rises_by_a_tenth_and_a_tenth_of_a_person() {
        let flat_then = |after| {
            let mut means = [1_000; 10];
            means[5..].fill(after);
            of(means, Shown::Exact)
        };
        assert_eq!(flat_then(1_099), Some(Trend::Steady));
        assert_eq!(flat_then(1_100), Some(Trend::Rising));
        assert_eq!(flat_then(900), Some(Trend::Falling));
        let dense = |after| {
            let mut means = [4_000; 10];
            means[5..].fill(after);
            of(means, Shown::Exact)
        };
        assert_eq!(dense(4_300), Some(Trend::Steady));
        assert_eq!(dense(4_400), Some(Trend::Rising));
    }

    #[test]
    fn a_trend_tells_nothing_of_what_is_withheld() {
        let mut means = [1_000; 10];
        means[0] = 10;
        let shown = |mean: Milli| match mean {
            Milli(..50) => Shown::Under(Milli(50)),
            mean => Shown::Exact(mean),
        };
        assert_eq!(of(means, shown), None);
    }

    #[test]
    fn an_index_rises_by_a_tenth_and_five() {
        assert_eq!(Trend::of_index(20, 24), Trend::Steady);
        assert_eq!(Trend::of_index(20, 25), Trend::Rising);
        assert_eq!(Trend::of_index(200, 181), Trend::Steady);
        assert_eq!(Trend::of_index(200, 180), Trend::Falling);
    }
}
