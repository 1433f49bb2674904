//! How well a sensor agrees with a reference beside it: the base tests of the US EPA for low-cost air sensors.
//!
//! Status *primary*: the formulas and the targets are those of EPA's own package `sensortoolkit` 1.1.0, whose published
//! statistics are reproduced. In reading order: [`averages`]: series and their hourly or daily means; [`Fit`]: one sensor
//! against the reference; [`Precision`]: several sensors of one place against each other; [`lag`]: whether a clock is
//! off; [`targets`]: what is good enough.
//!
//! Negative concentrations stay what they are: a sensor near zero reads below it as often as above, and a mean without
//! them is too high. Floats: a report for people, which goes into no collection; series are ordered first, so that every
//! sum has one order.

pub mod averages;
pub mod lag;
pub mod targets;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::calendar::Millis;

/// Means by the start of their interval.
pub type Means = BTreeMap<Millis, f64>;

/// One sensor against the reference, over the intervals for which both have a mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    /// Intervals.
    pub n: usize,
    /// Coefficient of determination; `None` where one of both never changes.
    pub r2: Option<f64>,
    /// Of the ordinary least squares line with the reference along x and the sensor along y; `None` where the reference
    /// never changes.
    pub line: Option<Line>,
    /// Root mean square of sensor less reference, in their unit.
    pub rmse: f64,
    /// The same in percent of the reference's mean over these intervals; `None` where that is not positive.
    pub nrmse_pct: Option<f64>,
    pub sensor: Spread,
    pub reference: Spread,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    pub slope: f64,
    pub intercept: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    pub min: f64,
    pub max: f64,
    pub mean: f64,
}

/// Fewer intervals make no line.
const PAIRS_MIN: usize = 3;

/// `None` with fewer than three intervals in common.
pub fn fit(sensor: &Means, reference: &Means) -> Option<Fit> {
    let (x, y): (Vec<f64>, Vec<f64>) = pairs(sensor, reference).unzip();
    if x.len() < PAIRS_MIN {
        return None;
    }
    let n = x.len() as f64;
    let (of_x, of_y) = (spread(&x)?, spread(&y)?);
    let products = |a: &[f64], a_mean: f64, b: &[f64], b_mean: f64| -> f64 {
        let both = a.iter().zip(b);
        both.map(|(a, b)| (a - a_mean) * (b - b_mean)).sum()
    };
    let xx = products(&x, of_x.mean, &x, of_x.mean);
    let yy = products(&y, of_y.mean, &y, of_y.mean);
    let xy = products(&x, of_x.mean, &y, of_y.mean);
    let (x_changes, y_changes) = (of_x.min < of_x.max, of_y.min < of_y.max);
    let line = x_changes.then(|| Line {
        slope: xy / xx,
        intercept: of_y.mean - xy / xx * of_x.mean,
    });
    let squares: f64 = x.iter().zip(&y).map(|(x, y)| (y - x).powi(2)).sum();
    let rmse = (squares / n).sqrt();
    Some(Fit {
        n: x.len(),
        r2: (x_changes && y_changes).then(|| (xy / xx) * (xy / yy)),
        line,
        rmse,
        nrmse_pct: (of_x.mean > 0.0).then(|| rmse / of_x.mean * 100.0),
        sensor: of_y,
        reference: of_x,
    })
}

/// (reference, sensor) where both have a mean, in time order.
fn pairs<'a>(sensor: &'a Means, reference: &'a Means) -> impl Iterator<Item = (f64, f64)> + 'a {
    let both = sensor.iter();
    both.filter_map(|(at, sensor)| Some((*reference.get(at)?, *sensor)))
}

fn spread(values: &[f64]) -> Option<Spread> {
    let first = *values.first()?;
    let ends = values.iter().fold((first, first), |(min, max), value| {
        (value.min(min), value.max(max))
    });
    let (min, max) = ends;
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    // Of values that never change the sum may be rounded; their mean is not.
    let mean = if min < max { mean } else { min };
    Some(Spread { min, max, mean })
}

/// Identical sensors of one place against each other, over the intervals for which all of them have a mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Precision {
    /// Intervals.
    pub n: usize,
    /// Standard deviation around the mean of the interval's sensors, in their unit.
    pub sd: f64,
    /// The same in percent of the mean of all; `None` where that is not positive.
    pub cv_pct: Option<f64>,
}

/// `None` with fewer than two sensors or no interval in common.
pub fn precision(sensors: &[&Means]) -> Option<Precision> {
    let (first, others) = sensors.split_first()?;
    if others.is_empty() {
        return None;
    }
    let (mut n, mut squares, mut sum) = (0_usize, 0.0, 0.0);
    for (at, value) in *first {
        let beside: Option<Vec<f64>> = others.iter().map(|means| means.get(at).copied()).collect();
        let Some(beside) = beside else { continue };
        let values: Vec<f64> = std::iter::once(*value).chain(beside).collect();
        let mean = spread(&values)?.mean;
        squares += values
            .iter()
            .map(|value| (value - mean).powi(2))
            .sum::<f64>();
        sum += mean;
        n += 1;
    }
    if n == 0 {
        return None;
    }
    let sd = (squares / (n * sensors.len() - 1) as f64).sqrt();
    let mean = sum / n as f64;
    Some(Precision {
        n,
        sd,
        cv_pct: (mean > 0.0).then(|| sd / mean * 100.0),
    })
}
