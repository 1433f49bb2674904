//! Time to danger: minutes until a zone holds as many people as make it dangerous, if it fills on as it does now.
//!
//! The net inflow is the slope of a straight line through the numbers of people of the last panes (least squares);
//! the spread of the panes about that line says how sure it is. All in integers.

use wire::Milli;
use wire::milli::divide_rounded;

use super::{Estimate, clamp};

/// The longest time that is said, minutes: it means «not within this time».
pub const CAP: Milli = Milli(60_000);

/// The line is drawn through the panes of this last stretch of time, milliseconds.
pub const TREND_MS: i64 = 300_000;

/// Fewest panes that a trend can be seen in.
pub const PANES_MIN: usize = 12;

/// A slope counts as a trend when it is this many of its standard errors from nothing; the bounds are as far away.
const STANDARD_ERRORS: i128 = 2;

/// How fast a zone fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trend {
    /// Net inflow, thousandths of persons a minute.
    pub rate: Milli,
    /// [Standard errors](STANDARD_ERRORS) of it, likewise.
    pub doubt: Milli,
}

/// The trend of `people` by pane: (pane start in milliseconds, thousandths of persons), in any order, one per pane of
/// `width` milliseconds. `None` of fewer than [`PANES_MIN`] panes.
pub fn trend(people: &[(i64, Milli)], width: i64) -> Option<Trend> {
    let first = people.iter().map(|(start, _)| *start).min()?;
    if people.len() < PANES_MIN || width <= 0 {
        return None;
    }
    let n = people.len() as i128;
    let (mut t, mut y, mut tt, mut ty, mut yy) = (0_i128, 0_i128, 0_i128, 0_i128, 0_i128);
    for (start, people) in people {
        let time = i128::from((start - first) / width);
        // A billion people: their squares must fit.
        let people = i128::from(people.0.clamp(-PEOPLE_MAX, PEOPLE_MAX));
        t += time;
        y += people;
        tt += time * time;
        ty += time * people;
        yy += people * people;
    }
    let (sxx, sxy, syy) = (n * tt - t * t, n * ty - t * y, n * yy - y * y);
    if sxx == 0 {
        return None;
    }
    // Of n times the sums of squares: residual variance · (n − 2) = (Syy − Sxy² / Sxx) / n.
    let residual = (syy - divide_rounded(sxy * sxy, sxx)).max(0);
    // The slope's variance is that over Sxx / n: both times n.
    let error = isqrt(divide_rounded(
        residual * SCALE * SCALE,
        (n - 2).max(1) * sxx,
    ));
    let per_minute = |numerator: i128, denominator: i128| {
        clamp(divide_rounded(
            numerator * 60_000,
            denominator * i128::from(width),
        ))
    };
    Some(Trend {
        rate: per_minute(sxy, sxx),
        doubt: per_minute(STANDARD_ERRORS * error, SCALE),
    })
}

/// A billion persons in thousandths.
const PEOPLE_MAX: i64 = 1_000_000_000_000;
/// Digits of a root that would be lost in whole thousandths per pane.
const SCALE: i128 = 1_000;

/// Minutes (thousandths) until `people` are `dangerous`, at most [`CAP`]: 0 when they are; the cap when the zone
/// does not fill by more than chance. The bounds come from the trend's doubt: `low` is the soonest.
pub fn time_to_danger(people: Milli, dangerous: Milli, trend: Trend) -> Estimate {
    let missing = i128::from(dangerous.0) - i128::from(people.0);
    if missing <= 0 {
        return Estimate::exact(Milli::ZERO);
    }
    let minutes = |rate: i64| match rate {
        ..=0 => CAP,
        rate => clamp(divide_rounded(missing * 1000, i128::from(rate))).min(CAP),
    };
    let (rate, doubt) = (trend.rate.0, trend.doubt.0);
    let slowest = rate.saturating_sub(doubt);
    Estimate {
        value: match slowest {
            ..=0 => CAP,
            _ => minutes(rate),
        },
        low: minutes(rate.saturating_add(doubt)),
        high: minutes(slowest),
    }
}

/// Largest whole number whose square is not more.
fn isqrt(square: i128) -> i128 {
    square.max(0).isqrt()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const PANE: i64 = 10_000;

    fn filling(people: impl Fn(i64) -> i64) -> Vec<(i64, Milli)> {
        (0..30)
            .map(|pane| (pane * PANE, Milli(people(pane))))
            .collect()
    }

    #[test]
    fn a_steady_inflow_says_to_the_minute_when() {
        // 20 persons a pane are 120 a minute; 1,200 are missing.
        let trend = trend(&filling(|pane| 20_000 * pane), PANE).unwrap();
        assert_eq!((trend.rate, trend.doubt), (Milli(120_000), Milli::ZERO));
        let time = time_to_danger(Milli::whole(600), Milli::whole(1_800), trend);
        assert_eq!(time, Estimate::exact(Milli::whole(10)));
        let there = time_to_danger(Milli::whole(1_800), Milli::whole(1_800), trend);
        assert_eq!(there, Estimate::exact(Milli::ZERO));
    }

    #[test]
    fn an_uneven_inflow_has_bounds_and_chance_is_no_trend() {
        let uneven = |pane: i64| 20_000 * pane + [0, 30_000, -30_000][pane as usize % 3];
        let trend_of = |people: Vec<_>| trend(&people, PANE).unwrap();
        let time = time_to_danger(
            Milli::whole(600),
            Milli::whole(1_800),
            trend_of(filling(uneven)),
        );
        assert!(time.low < time.value && time.value < time.high, "{time:?}");
        assert!((9_000..11_000).contains(&time.value.0), "{time:?}");
        let chance = |pane: i64| 600_000 + [0, 30_000, -30_000][pane as usize % 3];
        let time = time_to_danger(
            Milli::whole(600),
            Milli::whole(1_800),
            trend_of(filling(chance)),
        );
        assert_eq!((time.value, time.high), (CAP, CAP));
        let emptying = trend_of(filling(|pane| 900_000 - 20_000 * pane));
        let time = time_to_danger(Milli::whole(600), Milli::whole(1_800), emptying);
        assert_eq!(time, Estimate::exact(CAP));
    }

    /// The same line through the same panes by the textbook formulas in floating point.
    #[test]
    fn slope_and_error_are_those_of_the_textbook() {
        let people = filling(|pane| 7_000 * pane + pane * pane * 311 % 40_000);
        let n = people.len() as f64;
        let (x, y): (Vec<f64>, Vec<f64>) = people
            .iter()
            .map(|(start, people)| (*start as f64 / 60_000.0, people.0 as f64))
            .unzip();
        let mean = |values: &[f64]| values.iter().sum::<f64>() / n;
        let (mx, my) = (mean(&x), mean(&y));
        let sxx: f64 = x.iter().map(|x| (x - mx).powi(2)).sum();
        let slope = x
            .iter()
            .zip(&y)
            .map(|(x, y)| (x - mx) * (y - my))
            .sum::<f64>()
            / sxx;
        let residuals = x
            .iter()
            .zip(&y)
            .map(|(x, y)| (y - my - slope * (x - mx)).powi(2));
        let error = (residuals.sum::<f64>() / (n - 2.0) / sxx).sqrt();
        let trend = trend(&people, PANE).unwrap();
        assert!(
            (trend.rate.0 as f64 - slope).abs() <= 1.0,
            "{trend:?} {slope}"
        );
        assert!(
            (trend.doubt.0 as f64 - 2.0 * error).abs() <= 1.0,
            "{trend:?} {error}"
        );
    }

    #[test]
    fn too_few_panes_and_absurd_numbers_say_nothing_wrong() {
        assert_eq!(trend(&filling(|_| 0)[..PANES_MIN - 1], PANE), None);
        assert_eq!(trend(&filling(|_| 0), 0), None);
        let absurd = filling(|pane| if pane % 2 == 0 { i64::MAX } else { i64::MIN });
        let trend = trend(&absurd, PANE).unwrap();
        let time = time_to_danger(Milli(i64::MIN), Milli(i64::MAX), trend);
        assert_eq!(time.value, CAP);
    }
}
