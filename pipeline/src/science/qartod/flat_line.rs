//! Flat line: over so long all values lie within less than a tolerance. A tolerance of 0 never fires.

use wire::Milli;

use super::{Flag, Point};
use crate::calendar::Millis;

/// For how long values must be flat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flat {
    pub suspect: Option<Millis>,
    pub fail: Option<Millis>,
    pub tolerance: Milli,
}

/// The flags of a stream as `ioos_qc` gives them: so long is so many of the stream's median steps, rounded down, and
/// the values at both ends of them count. Missing values in between do not help. Fewer than three points are all good.
pub fn flat_lines(points: &[Point], flat: &Flat) -> Vec<Flag> {
    let step = match points.len() {
        0..3 => None,
        _ => median_step(points).filter(|step| *step > 0),
    };
    let is_flat = |place: usize, lasting: Option<Millis>| {
        let (Some(lasting), Some(step)) = (lasting, step) else {
            return false;
        };
        // Steps may lie between whole milliseconds: the median comes doubled.
        let steps =
            usize::try_from(2 * i128::from(lasting) / i128::from(step)).unwrap_or(usize::MAX);
        let Some(first) = place.checked_sub(steps) else {
            return false;
        };
        let values = || points[first..=place].iter().filter_map(|point| point.value);
        let (Some(least), Some(greatest)) = (values().min(), values().max()) else {
            return false;
        };
        i128::from(greatest.0) - i128::from(least.0) < i128::from(flat.tolerance.0)
    };
    let flag = |(place, point): (usize, &Point)| match point.value {
        None => Flag::Missing,
        Some(_) if is_flat(place, flat.fail) => Flag::Fail,
        Some(_) if is_flat(place, flat.suspect) => Flag::Suspect,
        Some(_) => Flag::Good,
    };
    points.iter().enumerate().map(flag).collect()
}

/// Twice the median of the steps between points.
fn median_step(points: &[Point]) -> Option<Millis> {
    let steps = points
        .windows(2)
        .map(|pair| pair[1].at.saturating_sub(pair[0].at));
    let mut steps: Vec<Millis> = steps.collect();
    steps.sort_unstable();
    let half = steps.len() / 2;
    let high = *steps.get(half)?;
    let low = match steps.len().is_multiple_of(2) {
        true => *steps.get(half.checked_sub(1)?)?,
        false => high,
    };
    Some(low.saturating_add(high))
}
