//! Tests of the moments alone: gaps, data that come too late, dates that cannot be.

use super::Flag;
use crate::calendar::Millis;

/// Time gap of a value by the moment of the one before: longer than so long fails.
pub fn time_gap(before: Option<Millis>, at: Millis, fail: Millis) -> Flag {
    match before {
        None => Flag::NotEvaluated,
        Some(before) if at.saturating_sub(before) > fail => Flag::Fail,
        Some(_) => Flag::Good,
    }
}

/// The flags of a stream; the first value takes the second one's.
pub fn time_gaps(moments: &[Option<Millis>], fail: Millis) -> Vec<Flag> {
    let mut before = None;
    let flag = |at: &Option<Millis>| match at {
        None => Flag::Missing,
        Some(at) => time_gap(before.replace(*at), *at, fail),
    };
    let mut flags: Vec<Flag> = moments.iter().map(flag).collect();
    if let [first, second, ..] = &mut flags[..]
        && *first == Flag::NotEvaluated
    {
        *first = *second;
    }
    flags
}

/// Data reception: older than so long when looked at `now` fails; what is newer than `now` passes.
pub fn data_reception(at: Option<Millis>, now: Millis, fail: Millis) -> Flag {
    match at {
        None => Flag::Missing,
        Some(at) if now.saturating_sub(at) > fail => Flag::Fail,
        Some(_) => Flag::Good,
    }
}

/// Impossible date: after `now`, or outside of what can be at all.
pub fn impossible_date(
    at: Option<Millis>,
    now: Millis,
    possible: Option<(Millis, Millis)>,
) -> Flag {
    match (at, possible) {
        (None, _) => Flag::Missing,
        (Some(at), _) if at > now => Flag::Fail,
        (Some(at), Some((from, to))) if at < from || at > to => Flag::Fail,
        (Some(_), _) => Flag::Good,
    }
}
