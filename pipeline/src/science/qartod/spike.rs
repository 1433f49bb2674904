//! Spike: a value away from those before and after it.
//!
//! - *average*: further than so much from the mean of both. It also flags the neighbours of a peak and both sides of a step.
//! - *differential*: above both or below both by more than so much. It flags the peak alone.

use wire::Milli;

use super::{Flag, Thresholds};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Average,
    Differential,
}

/// The flag of the middle one of three values; the first and last of a stream, and one beside a missing value, are not
/// evaluated.
pub fn spike(
    [before, own, after]: [Option<Milli>; 3],
    method: Method,
    thresholds: &Thresholds,
) -> Flag {
    let Some(own) = own else {
        return Flag::Missing;
    };
    let (Some(before), Some(after)) = (before, after) else {
        return Flag::NotEvaluated;
    };
    let [before, own, after] = [before, own, after].map(|value| i128::from(value.0));
    match method {
        Method::Average => thresholds.judge((2 * own - before - after).abs(), 2),
        Method::Differential => {
            let (up, down) = (own - before, own - after);
            let turns = up.signum() == down.signum();
            let jump = if turns { up.abs().min(down.abs()) } else { 0 };
            thresholds.judge(jump, 1)
        }
    }
}

/// The flags of a stream.
pub fn spikes(values: &[Option<Milli>], method: Method, thresholds: &Thresholds) -> Vec<Flag> {
    let at = |place: Option<usize>| place.and_then(|place| values.get(place)).copied().flatten();
    let flag = |place: usize| {
        let around = [place.checked_sub(1), Some(place), place.checked_add(1)].map(at);
        spike(around, method, thresholds)
    };
    (0..values.len()).map(flag).collect()
}
