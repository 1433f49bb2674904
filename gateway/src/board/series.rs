//! The figures of one zone value over the last hours: the newest is what stands, the rest is for charts.

use std::collections::VecDeque;

use pipeline::alert::Completeness;
use pipeline::calendar::{HOUR, MINUTE, Millis};
use pipeline::output::{Figures, ZoneValue};

/// Charts and playback look back so far.
pub const HISTORY: Millis = 26 * HOUR;
/// So long every pane is kept; before it, one every [`COARSE`].
const FINE: Millis = 30 * MINUTE;
const COARSE: Millis = 2 * MINUTE;
/// Before this, one every [`COARSEST`]: a series of ten-second panes is some 470 points, 38 kB.
const MIDDLE: Millis = 6 * HOUR;
const COARSEST: Millis = 10 * MINUTE;
/// A figure older than this, and than three of its panes, is stale.
const STALE_AFTER_MIN: Millis = 2 * MINUTE;
/// Most panes of one series, whatever the pane width and the clock do.
pub const POINTS_MAX: usize = 512;
/// Room is made in steps of so many points: doubling would leave a third of a large city's series empty.
const ROOM: usize = 32;

/// One pane's figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    pub start: Millis,
    pub end: Millis,
    pub figures: Figures,
    pub completeness: Completeness,
    /// Nodes heard whose readings a quality test finds suspect.
    pub suspect: u32,
}

impl Point {
    /// Too old to be shown as what is: nothing newer came in three panes, or two minutes.
    pub fn is_stale(&self, now: Millis) -> bool {
        now - self.end > (3 * (self.end - self.start)).max(STALE_AFTER_MIN)
    }
}

/// Panes of one zone value, ordered by start, each start once.
#[derive(Clone, Debug, Default)]
pub struct Series {
    points: VecDeque<Point>,
}

impl Series {
    /// Takes a new or corrected pane; a pane without figures was withdrawn.
    pub fn apply(&mut self, value: &ZoneValue) {
        let newest = self.points.back().map_or(value.pane_end, |p| p.end);
        let age = newest - value.pane_start;
        if value.pane_end < newest - HISTORY || !is_kept(value.pane_start, value.pane_end, age) {
            return;
        }
        let place = self
            .points
            .partition_point(|point| point.start < value.pane_start);
        let known = self
            .points
            .get(place)
            .is_some_and(|point| point.start == value.pane_start);
        match (value.figures, known) {
            (None, true) => {
                self.points.remove(place);
            }
            (None, false) => {}
            (Some(figures), _) => {
                let point = Point {
                    start: value.pane_start,
                    end: value.pane_end,
                    figures,
                    completeness: value.completeness,
                    suspect: value.suspect,
                };
                if known {
                    self.points[place] = point;
                } else {
                    if self.points.len() == self.points.capacity() {
                        self.points.reserve_exact(ROOM);
                    }
                    self.points.insert(place, point);
                    self.thin();
                }
            }
        }
    }

    /// Forgets what charts do not look back on any more.
    pub fn expire(&mut self, now: Millis) {
        while self.points.front().is_some_and(|p| p.end < now - HISTORY) {
            self.points.pop_front();
        }
    }

    /// The figure that stood at `at`, as far as the history's steps tell.
    pub fn stood(&self, at: Millis) -> Option<&Point> {
        let newest = self.points.back()?.end;
        let before = self.points.partition_point(|point| point.end <= at);
        let point = self.points.get(before.checked_sub(1)?)?;
        let lag = at - point.end;
        let is_next = lag <= step(newest - at);
        (is_next || !point.is_stale(at)).then_some(point)
    }

    /// The figure that stands at `now`, unless it is stale.
    pub fn standing(&self, now: Millis) -> Option<&Point> {
        self.points.back().filter(|point| !point.is_stale(now))
    }

    pub fn points(&self) -> impl ExactSizeIterator<Item = &Point> + DoubleEndedIterator {
        self.points.iter()
    }

    pub fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    fn thin(&mut self) {
        let Some(newest) = self.points.back().map(|point| point.end) else {
            return;
        };
        // Time moves on by a pane at most times, so only few panes cross a line at once: those just before it.
        for (line, reach) in [(FINE, 2 * COARSE), (MIDDLE, 2 * COARSEST)] {
            let crossed = self.points.partition_point(|p| p.start < newest - line);
            for place in (0..crossed).rev() {
                let Point { start, end, .. } = self.points[place];
                if !is_kept(start, end, newest - start) {
                    self.points.remove(place);
                } else if start < newest - line - reach {
                    break;
                }
            }
        }
        while self.points.len() > POINTS_MAX {
            self.points.pop_front();
        }
    }
}

/// Of old panes those stay that hold a multiple of their age's step: one of many short ones, every long one.
pub(super) fn is_kept(start: Millis, end: Millis, age: Millis) -> bool {
    match step(age) {
        0 => true,
        step => (end - 1).div_euclid(step) != (start - 1).div_euclid(step),
    }
}

/// How far panes of an age lie apart; 0: every one is kept.
fn step(age: Millis) -> Millis {
    match age {
        age if age <= FINE => 0,
        age if age <= MIDDLE => COARSE,
        _ => COARSEST,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use pipeline::calendar::SECOND;
    use pipeline::city::ZoneIx;
    use pipeline::rules::Value;
    use wire::Milli;

    const PANE: Millis = 10 * SECOND;

    fn pane(start: Millis, mean: Option<i64>) -> ZoneValue {
        ZoneValue {
            zone: ZoneIx(0),
            value: Value::CrowdDensity,
            pane_start: start,
            pane_end: start + PANE,
            figures: mean.map(|mean| Figures {
                mean: Milli(mean),
                ..Figures::default()
            }),
            completeness: Completeness::default(),
            suspect: 0,
            waits_for: None,
        }
    }

    #[test]
    fn a_late_correction_changes_its_pane_and_a_withdrawal_takes_it_back() {
        let mut series = Series::default();
        for step in [0, 1, 3] {
            series.apply(&pane(step * PANE, Some(step)));
        }
        series.apply(&pane(2 * PANE, Some(20)));
        series.apply(&pane(3 * PANE, Some(30)));
        assert_eq!(series.standing(40_000).unwrap().figures.mean, Milli(30));
        series.apply(&pane(3 * PANE, None));
        assert_eq!(series.standing(40_000).unwrap().figures.mean, Milli(20));
        assert_eq!(series.points().len(), 3);
    }

    #[test]
    fn a_stale_figure_does_not_stand() {
        let mut series = Series::default();
        series.apply(&pane(0, Some(1)));
        let end = PANE;
        assert!(series.standing(end + STALE_AFTER_MIN).is_some());
        assert!(series.standing(end + STALE_AFTER_MIN + 1).is_none());
        let long = Point {
            start: 0,
            end: HOUR,
            figures: Figures::default(),
            completeness: Completeness::default(),
            suspect: 0,
        };
        assert!(!long.is_stale(4 * HOUR));
        assert!(long.is_stale(4 * HOUR + 1));
    }

    #[test]
    fn long_panes_are_all_kept() {
        for width in [10 * MINUTE, 15 * MINUTE] {
            let mut series = Series::default();
            for step in 0..26 * HOUR / width {
                let mut value = pane(step * width, Some(1));
                value.pane_end = value.pane_start + width;
                series.apply(&value);
            }
            assert_eq!(series.points().len() as i64, 26 * HOUR / width);
        }
    }

    #[test]
    fn a_day_of_ten_second_panes_stays_small() {
        let mut series = Series::default();
        let last = 30 * HOUR / PANE;
        for step in 0..last {
            series.apply(&pane(step * PANE, Some(step)));
        }
        let now = last * PANE;
        series.expire(now);
        let len = series.points().len();
        assert!((400..=480).contains(&len), "{len}");
        let first = series.points().next().unwrap().start;
        assert!((now - HISTORY - COARSEST..=now - HISTORY + COARSEST).contains(&first));
        let starts: Vec<Millis> = series.points().map(|p| p.start).collect();
        assert!(starts.is_sorted());
        for pair in starts.windows(2) {
            let apart = step(now - pair[0]).max(PANE);
            assert!(pair[1] - pair[0] <= apart, "{pair:?}");
        }
        // What stood then is never younger than the moment, and at most a step older.
        for hours in [0, 3, 5, 12, 25] {
            let at = now - hours * HOUR - 3 * MINUTE;
            let stood = series.stood(at).unwrap().end;
            assert!((at - COARSEST..=at).contains(&stood), "{hours} h ago");
        }
        assert!(series.stood(now - 27 * HOUR).is_none());
        // A correction of a pane that was thinned out changes nothing; of one that is kept, it does.
        let old = now - 4 * HOUR;
        series.apply(&pane(old + PANE, Some(-1)));
        series.apply(&pane(old, Some(-2)));
        let changed: Vec<Milli> = series
            .points()
            .map(|p| p.figures.mean)
            .filter(|mean| mean.0 < 0)
            .collect();
        assert_eq!(changed, [Milli(-2)]);
    }
}
