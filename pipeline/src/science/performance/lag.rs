//! Whether a clock is off by hours: the shift at which a sensor follows its reference best. **Our own design**, a hint.

use super::{Means, fit};
use crate::calendar::HOUR;

/// Shifts that are tried, each way.
pub const LAG_HOURS_MAX: i64 = 12;
/// So much more of the variance must be explained than without a shift.
const GAIN_MIN: f64 = 0.05;
/// Fewer hours in common say nothing of a shift.
const HOURS_MIN: usize = 48;

/// A shift that explains more.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lag {
    /// The sensor's moments must be put later by so much to agree; negative: earlier.
    pub hours: i64,
    /// Coefficient of determination with and without it.
    pub r2: f64,
    pub r2_unshifted: f64,
}

/// The best shift, if it explains clearly more than none; both are hourly means. Only shifts at which the sensor rises
/// with the reference count: half a day off, a daily course runs against itself.
pub fn best_lag(sensor: &Means, reference: &Means) -> Option<Lag> {
    let explained = |hours: i64| {
        let shift = |(at, mean): (&i64, &f64)| (at.saturating_add(hours * HOUR), *mean);
        let fit = fit(&sensor.iter().map(shift).collect(), reference)?;
        let rises = fit.line.is_some_and(|line| line.slope > 0.0);
        (fit.n >= HOURS_MIN).then_some(if rises { fit.r2.unwrap_or(0.0) } else { 0.0 })
    };
    let r2_unshifted = explained(0)?;
    let mut best: Option<Lag> = None;
    // The shorter shift of two that are as good.
    for hours in (1..=LAG_HOURS_MAX).flat_map(|hours| [hours, -hours]) {
        if let Some(r2) = explained(hours)
            && best.is_none_or(|lag| r2 > lag.r2)
        {
            best = Some(Lag {
                hours,
                r2,
                r2_unshifted,
            });
        }
    }
    best.filter(|lag| lag.r2 - r2_unshifted >= GAIN_MIN)
}
