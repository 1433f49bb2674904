//! Multi-variate: what changes fast while another quantity that should change with it does not. **Our own design**:
//! QARTOD names the test, no formula is published (status *unconfirmed*).

use super::Flag;
use super::rate_of_change::{Rates, rate_of_change};
use crate::science::qartod::Point;

/// Two values of one moment: the one that is judged, and the one that should change with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    pub own: Point,
    pub other: Point,
}

/// Suspect where the own value changed faster than `own`'s thresholds allow and the other one did not change faster than
/// `other`'s; never more than suspect. Not evaluated without both values at both moments.
pub fn multi_variate(before: Option<Pair>, now: Pair, own: &Rates, other: &Rates) -> Flag {
    if now.own.value.is_none() {
        return Flag::Missing;
    }
    let Some(before) = before else {
        return Flag::NotEvaluated;
    };
    let values = [before.own, before.other, now.other];
    if values.iter().any(|point| point.value.is_none()) {
        return Flag::NotEvaluated;
    }
    let changed = rate_of_change(Some(before.own), now.own, own) > Flag::Good;
    let followed = rate_of_change(Some(before.other), now.other, other) > Flag::Good;
    match changed && !followed {
        true => Flag::Suspect,
        false => Flag::Good,
    }
}
