//! Specific flow through a gate: persons per metre of its width and minute.

use wire::Milli;
use wire::milli::divide_rounded;

use super::clamp;

/// What level surfaces should be planned for at most, persons per metre and minute (Guide to Safety at Sports Grounds,
/// "Green Guide", 5th and 6th edition; secondary).
pub const GREEN_GUIDE_LEVEL: Milli = Milli(82_000);
/// The same on stairs.
pub const GREEN_GUIDE_STAIRS: Milli = Milli(66_000);
/// Longest time in which everybody should be out in normal use, minutes (the same source).
pub const GREEN_GUIDE_EGRESS_MIN: i64 = 8;
/// Below this outflow people begin to stop and go, persons per metre and minute: 0.8 per metre and second (Helbing et
/// al. 2007; secondary).
pub const STOP_AND_GO: Milli = Milli(48_000);

/// Persons per metre and minute (thousandths) of `passages` in both directions through `width` metres in `span_ms`;
/// `None` without a width or a span.
pub fn specific_flow(passages: Milli, width: Milli, span_ms: i64) -> Option<Milli> {
    (width > Milli::ZERO && span_ms > 0).then(|| {
        let per_metre = i128::from(passages.0) * 1000 * 60_000;
        clamp(divide_rounded(
            per_metre,
            i128::from(width.0) * i128::from(span_ms),
        ))
    })
}
