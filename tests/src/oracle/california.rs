//! California #7 and #8 as their flow charts are drawn: one question after the other, states by number, plain decimals.

use std::collections::BTreeMap;

use pipeline::calendar::Millis;

/// Percent, upstream and downstream.
pub type Minute = (f64, f64);

/// 0 free, 1 to 5 compression wave so many minutes ago, 6 tentative, 7 confirmed, 8 continuing.
pub type Number = u8;

/// Thresholds T1 to T5 of #8.
pub type Table = [f64; 5];

/// As printed.
pub const PUBLISHED: Table = [8.0, -0.4, 0.5, 0.3, 30.0];

/// States of #8 at all panes that can be judged, by start. Panes of `width` that are missing leave the state; more than
/// five in a row begin anew.
pub fn states_by_8(
    minutes: &BTreeMap<Millis, Minute>,
    downstream: &BTreeMap<Millis, f64>,
    width: Millis,
    t: &Table,
) -> BTreeMap<Millis, Number> {
    let mut states: BTreeMap<Millis, Number> = BTreeMap::new();
    for (start, now) in minutes {
        let Some(before) = downstream.get(&(start - 2 * width)) else {
            continue;
        };
        let last = states.last_key_value();
        let remembered = last.filter(|(judged, _)| (start - **judged) / width <= 6);
        let state = remembered.map_or(0, |(_, state)| *state);
        states.insert(*start, next_by_8(state, *now, *before, t));
    }
    states
}

/// What the rule watches.
pub fn watched(state: Number) -> i64 {
    i64::from(state.saturating_sub(5))
}

/// Features OCCDF, OCCRDF and DOCCTD.
fn features((upstream, downstream): Minute, before: f64) -> [f64; 3] {
    let difference = upstream - downstream;
    let share = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
    [
        difference,
        share(difference, upstream),
        share(before - downstream, before),
    ]
}

pub fn next_by_7(state: Number, now: Minute, before: f64, t: &Table) -> Number {
    let [occdf, occrdf, docctd] = features(now, before);
    if state >= 6 {
        if occrdf < t[2] {
            return 0;
        }
        return if state == 6 { 7 } else { 8 };
    }
    if occdf >= t[0] && occrdf >= t[2] && docctd >= t[3] {
        6
    } else {
        0
    }
}

pub fn next_by_8(state: Number, now: Minute, before: f64, t: &Table) -> Number {
    let [_, occrdf, docctd] = features(now, before);
    let is_full = now.1 >= t[4];
    if state >= 6 {
        if occrdf >= t[2] {
            return if state == 6 { 7 } else { 8 };
        }
        if docctd >= t[1] || !is_full || state > 6 {
            return 0;
        }
        return 1;
    }
    if is_full && docctd < t[1] {
        return 1;
    }
    if (1..5).contains(&state) {
        return state + 1;
    }
    if state == 5 || is_full {
        return 0;
    }
    next_by_7(0, now, before, t)
}
