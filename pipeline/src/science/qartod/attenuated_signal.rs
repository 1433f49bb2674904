//! Attenuated signal: values that vary too little. What reaches a threshold passes it.

use wire::Milli;

use super::{Flag, Point};
use crate::calendar::Millis;

/// How the spread of a window is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spread {
    /// Greatest less least.
    Range,
    /// Standard deviation of the whole window (divided by the number of values).
    Deviation,
}

/// Less spread than the first is suspect, less than the second fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attenuation {
    pub spread: Spread,
    pub suspect: Milli,
    pub fail: Milli,
    /// The window reaches back so long and ends with the value; `None`: the whole stream.
    pub period: Option<Millis>,
    /// A window of fewer values is not evaluated.
    pub at_least: usize,
}

/// The flags of a stream.
pub fn attenuated_signal(points: &[Point], attenuation: &Attenuation) -> Vec<Flag> {
    let flag = |(place, point): (usize, &Point)| {
        if point.value.is_none() {
            return Flag::Missing;
        }
        let window: Vec<i128> = match attenuation.period {
            None => values(points),
            Some(period) => {
                let from = point.at.saturating_sub(period);
                let back = points[..=place].iter().rev();
                values(back.take_while(|earlier| earlier.at > from))
            }
        };
        match window.len() {
            count if count < attenuation.at_least.max(1) => Flag::NotEvaluated,
            _ if is_below(&window, attenuation.spread, attenuation.fail) => Flag::Fail,
            _ if is_below(&window, attenuation.spread, attenuation.suspect) => Flag::Suspect,
            _ => Flag::Good,
        }
    };
    points.iter().enumerate().map(flag).collect()
}

fn values<'a>(points: impl IntoIterator<Item = &'a Point>) -> Vec<i128> {
    let values = points.into_iter().filter_map(|point| point.value);
    values.map(|value| i128::from(value.0)).collect()
}

fn is_below(window: &[i128], spread: Spread, threshold: Milli) -> bool {
    let threshold = i128::from(threshold.0);
    match spread {
        Spread::Range => {
            let ends = window.iter().max().zip(window.iter().min());
            ends.is_some_and(|(greatest, least)| greatest - least < threshold)
        }
        // Squared, and multiplied by the square of the number: no root is drawn.
        Spread::Deviation => {
            let count = window.len() as i128;
            let first = window.first().copied().unwrap_or(0);
            let (sum, squares) = window.iter().fold((0i128, 0i128), |(sum, squares), value| {
                let from_first = value - first;
                (
                    sum + from_first,
                    squares.saturating_add(from_first.saturating_mul(from_first)),
                )
            });
            let spread = squares
                .saturating_mul(count)
                .saturating_sub(sum.saturating_mul(sum));
            threshold > 0 && spread < (threshold * count).saturating_mul(threshold * count)
        }
    }
}
