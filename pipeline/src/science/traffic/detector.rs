//! By what a loop detector shows that it has failed, judged over its panes in event time.
//!
//! Rules and limits are those of Minnesota's IRIS (`docs/vehicle_detection.md`, primary; the spikes: secondary), which
//! samples every 30 s; here a pane takes the place of a sample:
//!
//! - *no hits*: not a vehicle for so long (4 h on a main road, longer on ramps and parking); over with the first vehicle;
//! - *chatter*: more vehicles than can pass: 38 in 30 s, scaled to the pane's width;
//! - *locked on*: occupied all the time for so long (2 min on a main road, 30 min where cars wait);
//! - *no change*: one and the same occupancy for so long (24 h); over with the first change;
//! - *occupancy spikes*: a timer gains 30 s for each whole 25 % by which occupancy differs from the pane before, and then
//!   loses 30 s; the detector has failed when it stands above its limit (60 s). A missing pane starts it anew.
//!
//! A run of such panes is not ended by panes that are missing, unless for longer than the rule looks.

use serde::{Deserialize, Serialize};
use wire::Milli;

use super::super::quality::{Run, Seen};
use crate::calendar::{Millis, SECOND};

/// A loop that is occupied all the time, percent.
const OCCUPIED: Milli = Milli::whole(100);
/// The source's sample, by which chatter is counted and spikes are timed.
const SAMPLE: Millis = 30 * SECOND;
/// Change of occupancy that counts once, percent.
const SPIKE_STEP: Milli = Milli::whole(25);

/// What is remembered of a detector between its panes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detector {
    empty: Option<Run>,
    occupied: Option<Run>,
    held: Option<(Milli, Run)>,
    spikes: Option<Spikes>,
}

/// The timer of occupancy spikes after a pane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Spikes {
    /// Start of the pane in which the timer last left zero.
    from: Millis,
    timer: Millis,
    end: Millis,
    occupancy: Milli,
}

/// A stretch of bad panes, from and to.
type Bad = Option<(Millis, Millis)>;

impl Detector {
    /// Of a count: the run without a vehicle that the pane goes on, if it is complete.
    pub fn no_hits(&mut self, lasting: Millis, pane: &Seen) -> Bad {
        let before = self.empty.filter(|run| run.reaches(pane, lasting));
        self.empty = (pane.max <= Milli::ZERO).then(|| Run::going_on(before, pane));
        complete(self.empty, lasting)
    }

    /// Of an occupancy: the run without a moment's freedom that the pane goes on, if it is complete.
    pub fn locked_on(&mut self, lasting: Millis, pane: &Seen) -> Bad {
        let before = self.occupied.filter(|run| run.reaches(pane, lasting));
        self.occupied = (pane.min >= OCCUPIED).then(|| Run::going_on(before, pane));
        complete(self.occupied, lasting)
    }

    /// Of an occupancy: the run of one value that the pane goes on, if it is complete.
    pub fn no_change(&mut self, lasting: Millis, pane: &Seen) -> Bad {
        let before = self
            .held
            .filter(|(value, run)| *value == pane.max && run.reaches(pane, lasting));
        let run = Run::going_on(before.map(|(_, run)| run), pane);
        self.held = (pane.min == pane.max).then_some((pane.max, run));
        complete(self.held.map(|(_, run)| run), lasting)
    }

    /// Of an occupancy: the panes since the timer left zero, if it stands above `limit`.
    pub fn occupancy_spikes(&mut self, limit: Millis, pane: &Seen) -> Bad {
        let before = self.spikes.filter(|spikes| spikes.end == pane.start);
        let (from, timer) = before.map_or((pane.start, 0), |spikes| {
            let change = pane.mean.0.abs_diff(spikes.occupancy.0);
            let steps = (change / SPIKE_STEP.0.unsigned_abs()).min(1_000) as Millis;
            let from = match spikes.timer {
                0 => pane.start,
                _ => spikes.from,
            };
            (from, (spikes.timer + (steps - 1) * SAMPLE).max(0))
        });
        self.spikes = Some(Spikes {
            from,
            timer,
            end: pane.end,
            occupancy: pane.mean,
        });
        (timer > limit).then_some((from, pane.end))
    }
}

/// Of a count, whose mean is the pane's sum: the pane, if so many vehicles or more would have passed in 30 s.
pub fn chatter(vehicles: Milli, pane: &Seen) -> Bad {
    let width = i128::from(pane.end - pane.start);
    let is_chatter = i128::from(pane.mean.0) * i128::from(SAMPLE) >= i128::from(vehicles.0) * width;
    is_chatter.then_some((pane.start, pane.end))
}

fn complete(run: Option<Run>, lasting: Millis) -> Bad {
    run.filter(|run| run.end - run.from >= lasting)
        .map(|run| (run.from, run.end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{HOUR, MINUTE};

    fn pane(minute: i64, value: i64) -> Seen {
        let value = Milli::whole(value);
        Seen {
            start: minute * MINUTE,
            end: (minute + 1) * MINUTE,
            mean: value,
            min: value,
            max: value,
            saturated: false,
            others: None,
        }
    }

    #[test]
    fn four_hours_without_a_vehicle_are_too_long_and_a_gap_as_long_begins_anew() {
        let mut detector = Detector::default();
        for minute in 0..239 {
            assert_eq!(detector.no_hits(4 * HOUR, &pane(minute, 0)), None);
        }
        assert_eq!(
            detector.no_hits(4 * HOUR, &pane(239, 0)),
            Some((0, 4 * HOUR))
        );
        assert_eq!(detector.no_hits(4 * HOUR, &pane(240, 1)), None);
        assert_eq!(detector.no_hits(4 * HOUR, &pane(241, 0)), None);
        assert_eq!(detector.no_hits(4 * HOUR, &pane(241 + 300, 0)), None);
        assert_eq!(detector.no_hits(4 * HOUR, &pane(241 + 500, 0)), None);
        assert_eq!(
            detector.no_hits(4 * HOUR, &pane(241 + 539, 0)),
            Some((541 * MINUTE, 781 * MINUTE))
        );
    }

    #[test]
    fn thirty_eight_vehicles_in_half_a_minute_are_chatter() {
        let limit = Milli::whole(38);
        assert_eq!(chatter(limit, &pane(0, 75)), None);
        assert_eq!(chatter(limit, &pane(0, 76)), Some((0, MINUTE)));
        let mut short = pane(0, 38);
        short.end = 30 * SECOND;
        assert!(chatter(limit, &short).is_some());
    }

    #[test]
    fn two_minutes_at_a_hundred_percent_are_locked_on() {
        let mut detector = Detector::default();
        let lasting = 2 * MINUTE;
        assert_eq!(detector.locked_on(lasting, &pane(0, 100)), None);
        assert_eq!(detector.locked_on(lasting, &pane(1, 99)), None);
        assert_eq!(detector.locked_on(lasting, &pane(2, 100)), None);
        let bad = detector.locked_on(lasting, &pane(3, 100));
        assert_eq!(bad, Some((2 * MINUTE, 4 * MINUTE)));
    }

    #[test]
    fn an_occupancy_that_never_changes_is_a_failure_even_at_zero() {
        let mut detector = Detector::default();
        let day = 24 * HOUR;
        let bad = (0..1_440).map(|minute| detector.no_change(day, &pane(minute, 0)));
        assert_eq!(bad.last(), Some(Some((0, day))));
        assert_eq!(detector.no_change(day, &pane(1_440, 3)), None);
    }

    #[test]
    fn wild_occupancy_is_a_failure_and_a_traffic_jam_is_not() {
        let bad = |values: &[i64]| -> Bad {
            let mut detector = Detector::default();
            let panes = values.iter().enumerate();
            panes
                .filter_map(|(at, value)| {
                    detector.occupancy_spikes(MINUTE, &pane(at as i64, *value))
                })
                .last()
        };
        assert_eq!(bad(&[10, 12, 70, 75, 80, 40, 12, 10]), None, "a jam");
        assert_eq!(bad(&[0, 24, 0, 24, 0, 24, 0]), None, "small change");
        assert_eq!(bad(&[10, 85, 10]), Some((MINUTE, 3 * MINUTE)));
        assert_eq!(bad(&[0, 100]), Some((MINUTE, 2 * MINUTE)));
    }
}
