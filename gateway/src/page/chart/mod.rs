//! The history of one zone value as a drawing: mean and range, the lines of its rules, spells of its alerts, what is
//! expected, and everything that makes a figure less sure, each with a shape of its own.
//!
//! In reading order: [`drawn`] the panes · [`sheet`] the sizes · [`overlays`] lines, spells and forecasts · [`legend`].

use maud::{Markup, html};
use pipeline::calendar::{HOUR, Millis};

use super::words;
use crate::axes::{Axes, Frame, marks};
use crate::board::Face;
use crate::board::history::History;
use crate::language::Language;
use crate::privacy::{Ground, Shown};
use drawn::{Drawn, Level, drawn, runs};
pub(super) use overlays::{Expected, Line, Spell};
use overlays::{bands, expected, lines, spells};
pub(super) use sheet::Sheet;

mod drawn;
pub(super) mod legend;
mod overlays;
pub(super) mod sheet;

/// Everything that a drawing shows.
pub(super) struct Chart<'a> {
    pub(super) l: Language,
    pub(super) face: &'a Face,
    /// What the value is called.
    pub(super) title: &'static str,
    pub(super) history: &'a History,
    pub(super) ground: Ground,
    /// From when, until now, and how far ahead.
    pub(super) times: [Millis; 3],
    pub(super) lines: Vec<Line>,
    pub(super) spells: Vec<Spell>,
    pub(super) expected: Vec<Expected>,
}

impl Chart<'_> {
    /// The drawing; nothing where there is nothing to draw.
    pub(super) fn draw(&self, sheet: &Sheet) -> Markup {
        let panes = self.panes(sheet.columns);
        let Some(axes) = self.axes(sheet, &panes) else {
            return html! { p.calm { (self.l.say("No figures in this time.", "这段时间没有数据。")) } };
        };
        let [_, now, to] = self.times;
        let (bottom, right) = (axes.frame.bottom, axes.frame.right);
        let times = marks(axes.from, axes.to, sheet.marks, &self.face.time_zone);
        html! {
            svg class={ "chart " (sheet.class) } viewBox=(format!("0 0 {} {}", sheet.width, sheet.height))
                role=(if sheet.is_large { "group" } else { "img" }) aria-label=(self.spoken(&panes)) {
                (bands(self, &axes))
                @for (y, label) in axes.levels() {
                    path.grid d=(format!("M{} {y:.1}H{right}", sheet::LEFT)) {}
                    text.axis aria-hidden="true" x=(sheet::LEFT - 6.0) y=(format!("{:.1}", y + 4.0)) text-anchor="end" { (label) }
                }
                @for mark in &times {
                    @let x = axes.x(mark.at);
                    path.grid d=(format!("M{x:.1} {}V{bottom}", axes.frame.top)) {}
                    text.axis aria-hidden="true" x=(format!("{x:.1}")) y=(sheet.height - 6.0) text-anchor="middle" { (mark.label) }
                }
                @if to > now { path.present d=(format!("M{:.1} {}V{bottom}", axes.x(now), axes.frame.top)) {} }
                @for run in runs(&panes, now) { (run_of(&axes, run)) }
                (expected(self, &axes, &panes))
                (lines(self, &axes, sheet))
                @for pane in panes.iter().filter(|pane| pane.saturated) {
                    @if let Level::Exact { mean, .. } = pane.level {
                        @let (x, y) = (axes.x(pane.end), axes.y(mean));
                        path.least d=(format!("M{:.1} {y:.1}h8l-4-7z", x - 4.0)) {}
                    }
                }
                @for part in panes.chunk_by(|a, b| a.partial == b.partial).filter(|part| part[0].partial) {
                    @let (from, until) = (axes.x(part[0].start), axes.x(part[part.len() - 1].end));
                    rect x=(format!("{from:.1}")) y=(bottom) width=(format!("{:.1}", (until - from).max(1.5))) height="5"
                        fill="url(#p-missing)" {}
                }
                @if let Some((x, y)) = panes.last().and_then(|last| standing(&axes, last)) {
                    circle.now cx=(format!("{x:.1}")) cy=(format!("{y:.1}")) r="3.5" {}
                }
                (spells(self, &axes, sheet))
            }
        }
    }

    fn panes(&self, most: usize) -> Vec<Drawn> {
        let [from, now, _] = self.times;
        drawn(
            self.history,
            from,
            now,
            most,
            (self.face.floor, self.ground),
        )
    }

    /// What the drawing needs a legend for.
    pub(super) fn seen(&self) -> legend::Seen {
        legend::Seen::of(&self.panes(usize::MAX), &self.spells, &self.expected)
    }

    /// Axes as high as the figures, what is expected, and the next line that they have not reached.
    fn axes(&self, sheet: &Sheet, panes: &[Drawn]) -> Option<Axes> {
        let bounds = panes.iter().map(Drawn::bounds);
        let ahead = self.expected.iter().map(|e| (e.low, e.high));
        let (mut low, mut high) = bounds
            .chain(ahead)
            .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))?;
        let near = (high - low).max(high.abs() * 0.6);
        let levels = || self.lines.iter().map(|line| line.level);
        let above = levels().filter(|at| *at > high && *at <= high + near);
        let below = levels().filter(|at| *at < low && *at >= low - near);
        (low, high) = (
            below.fold(low, f64::min),
            above.reduce(f64::min).unwrap_or(high).max(high),
        );
        let lanes = overlays::lanes(&self.spells).len() as f64;
        let frame = Frame {
            left: sheet::LEFT,
            right: sheet.width - sheet::RIGHT,
            top: sheet::TOP + lanes * sheet::LANE,
            bottom: sheet.height - sheet::FOOT,
        };
        let [from, _, to] = self.times;
        Some(Axes::new(frame, (from, to), (low, high)))
    }

    /// The drawing in a sentence.
    fn spoken(&self, panes: &[Drawn]) -> String {
        let (l, [from, now, _]) = (self.l, self.times);
        let unit = words::unit(l, self.history.value);
        let exact = panes
            .iter()
            .filter(|p| matches!(p.level, Level::Exact { .. }));
        let (low, high) = exact
            .map(Drawn::bounds)
            .fold((f64::INFINITY, f64::NEG_INFINITY), |a, b| {
                (a.0.min(b.0), a.1.max(b.1))
            });
        let number =
            |value: f64| wire::Milli::from_f64(value).map_or(String::new(), words::rounded);
        let hours = (now - from) / HOUR;
        let mut text = l.say(
            format!("{}, last {hours} h", self.title),
            format!("{}，最近{hours}小时", self.title),
        );
        if low <= high {
            text += &l.say(
                format!(": from {} to {} {unit}", number(low), number(high)),
                format!("：{}至{} {unit}", number(low), number(high)),
            );
        }
        if let Some(Level::Under(limit)) = panes
            .iter()
            .map(|p| p.level)
            .find(|level| matches!(level, Level::Under(_)))
        {
            let under = words::number(Shown::Under(
                wire::Milli::from_f64(limit).unwrap_or_default(),
            ));
            text += &l.say(
                format!("; few people are a range ({under} {unit})"),
                format!("；人数较少时只给出范围（{under} {unit}）"),
            );
        }
        let count = self.spells.len();
        if count > 0 {
            text += &l.say(format!("; alerts: {count}"), format!("；警报{count}条"));
        }
        text
    }
}

/// One run of figures: as it is sure, as it may change, and as it is withheld.
fn run_of(axes: &Axes, run: &[Drawn]) -> Markup {
    html! {
        @for Part { own, joined } in parts(run) {
            @match own[0].level {
                Level::Under(_) => (withheld(axes, own)),
                Level::Exact { .. } => {
                    @let provisional = own[0].provisional;
                    path class={ "range" @if provisional { " provisional" } } d=(range(axes, joined))
                        fill=[provisional.then_some("url(#p-provisional)")] {}
                    path class={ "mean" @if provisional { " provisional" } } d=(mean(axes, joined)) {}
                }
            }
        }
    }
}

/// Figures of a run that are alike, and these with the one before, where a line goes on from it.
struct Part<'a> {
    own: &'a [Drawn],
    joined: &'a [Drawn],
}

fn parts(run: &[Drawn]) -> Vec<Part<'_>> {
    let is_under = |drawn: &Drawn| matches!(drawn.level, Level::Under(_));
    let sort = |drawn: &Drawn| (drawn.provisional, is_under(drawn));
    let mut parts = Vec::new();
    let mut from = 0;
    for own in run.chunk_by(|a, b| sort(a) == sort(b)) {
        let end = from + own.len();
        let before = from.saturating_sub(1);
        let joined = if is_under(&run[before]) { from } else { before };
        parts.push(Part {
            own,
            joined: &run[joined..end],
        });
        from = end;
    }
    parts
}

/// More than nothing and less than the limit: the whole of that.
fn withheld(axes: &Axes, part: &[Drawn]) -> Markup {
    let (first, last) = (&part[0], &part[part.len() - 1]);
    let (_, limit) = first.bounds();
    let (left, right) = (axes.x(first.start), axes.x(last.end));
    let (top, bottom) = (axes.y(limit), axes.y(0.0));
    html! {
        rect.withheld x=(format!("{left:.1}")) y=(format!("{top:.1}")) width=(format!("{:.1}", (right - left).max(1.5)))
            height=(format!("{:.1}", (bottom - top).max(3.0))) fill="url(#p-withheld)" {}
    }
}

fn exact(run: &[Drawn]) -> impl DoubleEndedIterator<Item = (Millis, [f64; 3])> {
    run.iter().filter_map(|drawn| match drawn.level {
        Level::Exact { mean, min, max } => Some((drawn.end, [mean, min, max])),
        Level::Under(_) => None,
    })
}

fn mean(axes: &Axes, run: &[Drawn]) -> String {
    axes.line(exact(run).map(|(at, [mean, ..])| (at, mean)))
}

fn range(axes: &Axes, run: &[Drawn]) -> String {
    let upper = exact(run).map(|(at, [.., max])| (at, max));
    let lower = exact(run).rev().map(|(at, [_, min, _])| (at, min));
    axes.line(upper.chain(lower)) + "Z"
}

/// Where the latest figure stands; one that is withheld stands nowhere.
fn standing(axes: &Axes, last: &Drawn) -> Option<(f64, f64)> {
    match last.level {
        Level::Exact { mean, .. } => Some((axes.x(last.end), axes.y(mean))),
        Level::Under(_) => None,
    }
}

#[cfg(test)]
mod tests;
