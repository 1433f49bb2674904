//! Ozone NowCast in its simple form: what one hour says about the 8-hour mean around it.
//!
//! EPA's method predicts that mean by a regression over the last 336 hours, and falls back to this line
//! where these are too few or have too long a gap (primary: USEPA/O3-Nowcast, white paper and code). Only the
//! line is implemented:
//!
//! NowCast = 0.85 · c + 4.5, with c the hour's mean in ppb.
//!
//! In the paper's order: all hours missing: none; all zero: 0; a negative NowCast: 0; the current hour
//! missing: the NowCast of one hour ago, then of two, then none.

use super::exact::Exact;

/// Hours back that may stand for the current one.
const HOURS_BACK: usize = 2;

/// The NowCast in ppb from hourly means in ppb, newest first: what to say for the first of them.
pub fn ozone_nowcast(newest_first: &[Option<Exact>]) -> Option<Exact> {
    let there = || newest_first.iter().flatten();
    there().next()?;
    if there().all(|mean| mean.is_zero()) {
        return Some(Exact::from(wire::Milli::ZERO));
    }
    let current = newest_first.iter().take(1 + HOURS_BACK).flatten().next()?;
    let line = current.times(85, 100).plus_tenths(45);
    Some(line.at_least_zero())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// Thousandths of ppb; hours as `30 - 20`, newest first.
    fn nowcast(hours: &str) -> Option<i128> {
        let hours: Vec<Option<Exact>> = hours.split(' ').map(|hour| hour.parse().ok()).collect();
        ozone_nowcast(&hours).map(|figure| figure.truncated(3))
    }

    #[test]
    fn the_current_hour_is_replaced_by_one_or_two_hours_ago_and_by_no_other() {
        assert_eq!(nowcast("30 90 90"), Some(30_000));
        assert_eq!(nowcast("- 50 90"), Some(47_000));
        assert_eq!(nowcast("- - 10"), Some(13_000));
        assert_eq!(nowcast("- - - 10"), None);
        assert_eq!(nowcast("- - -"), None);
        assert!(ozone_nowcast(&[]).is_none());
    }

    #[test]
    fn nothing_at_all_is_nothing_and_negative_is_nothing() {
        assert_eq!(nowcast("0 0 - 0"), Some(0));
        assert_eq!(nowcast("0 10"), Some(4_500), "only all zeros are zero");
        assert_eq!(nowcast("-2 10"), Some(2_800));
        assert_eq!(nowcast("-20 10"), Some(0));
    }
}
