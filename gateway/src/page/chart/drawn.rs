//! The panes of a zone value as a chart may draw them: privacy applied, thinned to what the drawing can show.

use pipeline::calendar::{HOUR, MINUTE, Millis};
use pipeline::rules::Value;

use crate::board::history::History;
use crate::board::series::Point;
use crate::privacy::{Floor, Ground, Shown};

/// History is kept in steps of two minutes; a longer hole is drawn as one.
const GAP: Millis = 6 * MINUTE;
/// Of older hours fewer panes are kept.
const GAP_OLD: Millis = 45 * MINUTE;
const OLD: Millis = 6 * HOUR;

/// What stands at a place in time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Level {
    Exact {
        mean: f64,
        min: f64,
        max: f64,
    },
    /// More than nothing and less than this; more is not said.
    Under(f64),
}

/// A pane, or several beside each other, as drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Drawn {
    pub(crate) start: Millis,
    pub(crate) end: Millis,
    pub(crate) level: Level,
    /// Nodes were missing.
    pub(crate) partial: bool,
    /// It may still change.
    pub(crate) provisional: bool,
    /// The true value is at least this.
    pub(crate) saturated: bool,
    pub(crate) suspect: bool,
}

impl Drawn {
    fn of(
        value: Value,
        point: &Point,
        provisional: bool,
        (floor, ground): (Floor, Ground),
    ) -> Drawn {
        let [mean, min, max] = floor.shown_all(value, &point.figures, ground);
        let level = match mean {
            Shown::Under(limit) => Level::Under(limit.to_f64()),
            Shown::Exact(mean) => Level::Exact {
                mean: mean.to_f64(),
                min: min.drawn_at().to_f64(),
                max: max.drawn_at().to_f64(),
            },
        };
        Drawn {
            start: point.start,
            end: point.end,
            level,
            partial: point.completeness.heard < point.completeness.expected,
            provisional,
            saturated: point.figures.saturated,
            suspect: point.suspect > 0,
        }
    }

    /// The ends of what is drawn of it.
    pub(crate) fn bounds(&self) -> (f64, f64) {
        match self.level {
            Level::Exact { min, max, .. } => (min, max),
            Level::Under(limit) => (0.0, limit),
        }
    }
}

/// All panes of the history after `from`, at most `most` of them: panes beside each other are drawn as one.
pub(crate) fn drawn(
    history: &History,
    from: Millis,
    to: Millis,
    most: usize,
    shown: (Floor, Ground),
) -> Vec<Drawn> {
    let points = history.points.iter().enumerate();
    let all: Vec<Drawn> = points
        .filter(|(_, point)| point.end > from)
        .map(|(place, point)| {
            let provisional = place >= history.settled;
            Drawn::of(history.value, point, provisional, shown)
        })
        .collect();
    if all.len() <= most {
        return all;
    }
    let column = ((to - from) / most.max(1) as Millis).max(1);
    let of = |drawn: &Drawn| (drawn.end - from) / column;
    let columns = all.chunk_by(|a, b| of(a) == of(b));
    columns.map(together).collect()
}

/// Panes beside each other as one; where some are withheld and some are not, those that are not speak.
fn together(panes: &[Drawn]) -> Drawn {
    // Chunks are never empty.
    let (first, last) = (panes[0], panes[panes.len() - 1]);
    let exact = |drawn: &Drawn| match drawn.level {
        Level::Exact { mean, min, max } => Some((mean, min, max)),
        Level::Under(_) => None,
    };
    let figures: Vec<(f64, f64, f64)> = panes.iter().filter_map(exact).collect();
    let level = match figures.len() {
        0 => first.level,
        count => Level::Exact {
            mean: figures.iter().map(|f| f.0).sum::<f64>() / count as f64,
            min: figures.iter().map(|f| f.1).fold(f64::INFINITY, f64::min),
            max: figures
                .iter()
                .map(|f| f.2)
                .fold(f64::NEG_INFINITY, f64::max),
        },
    };
    Drawn {
        start: first.start,
        end: last.end,
        level,
        partial: panes.iter().any(|drawn| drawn.partial),
        provisional: panes.iter().any(|drawn| drawn.provisional),
        saturated: panes.iter().any(|drawn| drawn.saturated),
        suspect: panes.iter().any(|drawn| drawn.suspect),
    }
}

/// Runs without a hole between them.
pub(crate) fn runs(panes: &[Drawn], now: Millis) -> Vec<&[Drawn]> {
    let unbroken = |a: &Drawn, b: &Drawn| {
        let least = if now - a.end > OLD { GAP_OLD } else { GAP };
        b.start - a.end <= least.max(3 * (b.end - b.start))
    };
    panes.chunk_by(unbroken).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use pipeline::alert::Completeness;
    use pipeline::output::Figures;
    use wire::Milli;

    fn history(means: &[(i64, i64)]) -> History {
        let point = |&(minute, mean): &(i64, i64)| Point {
            start: minute * MINUTE,
            end: (minute + 1) * MINUTE,
            figures: Figures {
                mean: Milli(mean),
                min: Milli(mean / 2),
                max: Milli(mean * 2),
                ..Figures::default()
            },
            completeness: Completeness::default(),
            suspect: 0,
        };
        History {
            value: Value::CrowdCount,
            points: means.iter().map(point).collect(),
            settled: means.len(),
        }
    }

    #[test]
    fn thinning_keeps_the_extremes_and_the_holes() {
        let mut means: Vec<(i64, i64)> = (0..120).map(|minute| (minute, 50_000)).collect();
        means[37].1 = 90_000;
        means.drain(60..80);
        let shown = (Floor(5), Ground::default());
        let all = drawn(&history(&means), 0, 120 * MINUTE, 24, shown);
        assert!(all.len() <= 25, "{}", all.len());
        let highest = all.iter().map(|d| d.bounds().1).fold(0.0, f64::max);
        assert_eq!(highest, 180.0);
        assert_eq!(runs(&all, 120 * MINUTE).len(), 2);
        // With room for all, all are there.
        assert_eq!(
            drawn(&history(&means), 0, 120 * MINUTE, 200, shown).len(),
            100
        );
    }

    #[test]
    fn few_people_have_a_range_and_no_mean() {
        let shown = (Floor(5), Ground::default());
        let all = drawn(
            &history(&[(0, 3_000), (1, 0), (2, 9_000)]),
            0,
            3 * MINUTE,
            9,
            shown,
        );
        let levels: Vec<Level> = all.iter().map(|d| d.level).collect();
        assert_eq!(levels[0], Level::Under(5.0));
        assert_eq!(
            levels[1],
            Level::Exact {
                mean: 0.0,
                min: 0.0,
                max: 0.0
            }
        );
        // The least of nine is fewer than five: it stands at the upper end of its range.
        assert_eq!(
            levels[2],
            Level::Exact {
                mean: 9.0,
                min: 5.0,
                max: 18.0
            }
        );
    }
}
