//! Figures as they may be shown: those that stand, and those of a zone value's past.

use pipeline::calendar::Millis;
use pipeline::rules::Value;

use super::past::When;
use super::picture::Figure;
use super::series::Point;
use super::{Board, Face, ZoneFace};
use crate::privacy::Shown;

/// A zone value with a past: where its first pane starts and its last one ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Past {
    pub value: Value,
    pub start: Millis,
    pub end: Millis,
}

impl Board {
    /// What is known of `zone` in the last hours, ordered by value.
    pub fn pasts(&self, zone: &ZoneFace) -> Vec<Past> {
        let series = self.series_of(zone);
        let spans = series.filter_map(|(value, series)| {
            let (first, last) = (series.points().next()?, series.points().next_back()?);
            Some(Past {
                value,
                start: first.start,
                end: last.end,
            })
        });
        spans.collect()
    }

    /// The panes of a zone value in the last hours, ordered by time, as `face` lets them be shown.
    pub fn past(&self, face: &Face, zone: &ZoneFace, value: Value, now: Millis) -> Vec<Figure> {
        let Some(series) = self.series(zone.ix, value) else {
            return Vec::new();
        };
        let points = series.points();
        points
            .map(|point| shown(self, (face, zone), value, point, now))
            .collect()
    }

    /// The pane of a zone value that starts then.
    pub fn pane(
        &self,
        face: &Face,
        zone: &ZoneFace,
        (value, start): (Value, Millis),
        now: Millis,
    ) -> Option<Figure> {
        let mut points = self.series(zone.ix, value)?.points().rev();
        let point = points.find(|point| point.start == start)?;
        Some(shown(self, (face, zone), value, point, now))
    }

    fn series_of(&self, zone: &ZoneFace) -> impl Iterator<Item = (Value, &super::series::Series)> {
        let (ix, first) = (zone.ix, Value::Quantity(wire::quantity::TABLE[0].quantity));
        self.series
            .range((ix, first)..)
            .take_while(move |((of, _), _)| *of == ix)
            .map(|((_, value), series)| (*value, series))
    }
}

/// Figures of `zone` that stand, ordered by value.
pub(super) fn figures(board: &Board, zone: &ZoneFace, when: When) -> Vec<Figure> {
    let now = when.moment();
    board
        .series_of(zone)
        // Yesterday's air says nothing about now.
        .filter(|(value, _)| !matches!(value, Value::AirDay(_)))
        .filter_map(|(value, series)| {
            let point = when.point(series)?;
            Some(shown(board, (&board.face, zone), value, point, now))
        })
        .collect()
}

/// The one way from a pane to what is shown of it.
fn shown(
    board: &Board,
    (face, zone): (&Face, &ZoneFace),
    value: Value,
    point: &Point,
    now: Millis,
) -> Figure {
    let floor = face.floor;
    let [mean, min, max] = floor.shown_all(value, &point.figures, zone.ground);
    let last = match mean {
        Shown::Under(_) => mean,
        Shown::Exact(_) => floor.shown(value, point.figures.last, zone.ground),
    };
    Figure {
        value,
        mean,
        min,
        max,
        last,
        count: point.figures.count,
        saturated: point.figures.saturated,
        pane_start: point.start,
        pane_end: point.end,
        age: (now - point.end).max(0),
        completeness: point.completeness,
        suspect: point.suspect,
        waits_for: board
            .waits_for(zone.ix, value, point.end, now)
            .map(|node| node.id),
        until: (value.ahead() > 0)
            .then(|| point.end + value.ahead())
            .filter(|until| *until > now),
    }
}
