//! Rate of change: from one value to the next by more than so much in so long. The first value, and one after a missing
//! value, is good.

use serde::{Deserialize, Serialize};

use super::{Flag, Point, Thresholds};
use crate::calendar::Millis;

/// So much in so long: a fraction, because a thousandth a second is too coarse for much that changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Rates {
    pub by: Thresholds,
    /// Positive.
    pub per: Millis,
}

/// The flag of a value by the one before it. Two values of one moment have no rate.
pub fn rate_of_change(before: Option<Point>, own: Point, rates: &Rates) -> Flag {
    let Some(value) = own.value else {
        return Flag::Missing;
    };
    let Some((before, at)) = before.and_then(|point| Some((point.value?, point.at))) else {
        return Flag::Good;
    };
    let change = (i128::from(value.0) - i128::from(before.0)).abs();
    let lasted = (i128::from(own.at) - i128::from(at)).abs();
    if lasted == 0 {
        return Flag::NotEvaluated;
    }
    rates.by.judge(change * i128::from(rates.per), lasted)
}

/// The flags of a stream.
pub fn rates_of_change(points: &[Point], rates: &Rates) -> Vec<Flag> {
    let mut before = None;
    let flag = |point: &Point| rate_of_change(before.replace(*point), *point, rates);
    points.iter().map(flag).collect()
}
