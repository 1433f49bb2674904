//! Neighbour: away from what the sensors nearby say. **Our own design**: QARTOD names the test, no formula is published
//! (status *unconfirmed*).
//!
//! The neighbours' word is their median: of an even number both in the middle, so that one wild neighbour of two judges
//! nobody. Fewer than two neighbours are nobody's judge.

use wire::Milli;

use super::{Flag, Thresholds};

/// `others`: the two in the middle, one and the same of an odd number; see
/// [`median_of_others`](crate::science::quality::median_of_others).
pub fn neighbour(
    value: Option<Milli>,
    others: Option<(Milli, Milli)>,
    thresholds: &Thresholds,
) -> Flag {
    let Some(value) = value else {
        return Flag::Missing;
    };
    let Some((low, high)) = others else {
        return Flag::NotEvaluated;
    };
    let [value, low, high] = [value, low, high].map(|value| i128::from(value.0));
    thresholds.judge((value - high).max(low - value), 1)
}
