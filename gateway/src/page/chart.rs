//! The history of one zone value as a drawing: mean, range, alert lines, and where nodes were missing.

use maud::{Markup, html};
use pipeline::calendar::{HOUR, MINUTE, Millis};
use pipeline::rules::Value;

use super::marks::class;
use super::{Scene, words};
use crate::axes::{Axes, Frame, every};
use crate::board::picture::Standing;
use crate::board::series::{HISTORY, Point};

/// Size of the drawing in its own units.
#[derive(Clone, Copy)]
struct Sheet {
    class: &'static str,
    width: f64,
    height: f64,
    /// Every so many full hours have a label.
    hours: i64,
}

/// Drawn twice, because letters and lines would shrink with the drawing; the style shows one of them.
const WIDE: Sheet = Sheet {
    class: "chart wide",
    width: 720.0,
    height: 190.0,
    hours: 1,
};
const NARROW: Sheet = Sheet {
    class: "chart narrow",
    width: 360.0,
    height: 190.0,
    hours: 2,
};
/// Room for the numbers on the left and the hours below.
const LEFT: f64 = 52.0;
const RIGHT: f64 = 22.0;
const TOP: f64 = 12.0;
const FOOT: f64 = 30.0;
/// History is kept in steps of two minutes; a longer hole is drawn as one.
const GAP: Millis = 6 * MINUTE;

pub(super) fn draw(scene: &Scene, value: Value) -> Markup {
    let points = shown(scene, value);
    if points.is_empty() {
        return html! { p.calm { "No history yet." } };
    }
    let lines = lines(scene, value);
    html! {
        (drawing(scene, value, WIDE, &points, &lines))
        (drawing(scene, value, NARROW, &points, &lines))
        @if points.iter().any(|point| point.partial) {
            p.note { span.swatch {} "nodes were missing" }
        }
    }
}

fn drawing(
    scene: &Scene,
    value: Value,
    sheet: Sheet,
    points: &[Drawn],
    lines: &[(f64, Standing)],
) -> Markup {
    let view = &scene.view;
    let l = view.language();
    let Some(axes) = axes(scene, sheet, points) else {
        return html! {};
    };
    let runs: Vec<&[Drawn]> = points
        .chunk_by(|a, b| b.start - a.end <= GAP.max(3 * (b.end - b.start)))
        .collect();
    let bottom = sheet.height - FOOT;
    let right = sheet.width - RIGHT;
    html! {
        svg class=(sheet.class) viewBox=(format!("0 0 {} {}", sheet.width, sheet.height)) role="img"
            aria-label={ (words::value_name(l, value)) ", last " (HISTORY / HOUR) " hours" } {
            @for (y, label) in axes.levels() {
                path.grid d=(format!("M{LEFT} {y:.1}H{right:.1}")) {}
                text.axis x=(LEFT - 8.0) y=(format!("{:.1}", y + 4.0)) text-anchor="end" { (label) }
            }
            @for (x, label) in hours(scene, sheet, &axes) {
                path.grid d=(format!("M{x:.1} {TOP}V{bottom}")) {}
                text.axis x=(format!("{x:.1}")) y=(sheet.height - 8.0) text-anchor="middle" { (label) }
            }
            @for run in &runs {
                path.range d=(range(&axes, run)) {}
                path.mean d=(mean(&axes, run)) {}
            }
            @for (level, standing) in lines {
                @if let Some(y) = axes.level(*level) {
                    path class={ "line " (class(*standing)) } d=(format!("M{LEFT} {y:.1}H{right:.1}")) {}
                }
            }
            @for part in points.chunk_by(|a, b| a.partial == b.partial).filter(|part| part[0].partial) {
                @let (from, to) = (axes.x(part[0].start), axes.x(part[part.len() - 1].end));
                path.missing d=(format!("M{from:.1} {:.1}H{to:.1}", bottom + 3.0)) {}
            }
            @if let Some(last) = points.last() {
                circle.now cx=(format!("{:.1}", axes.x(last.end))) cy=(format!("{:.1}", axes.y(last.mean))) r="3.5" {}
            }
        }
    }
}

/// A pane as it may be drawn.
struct Drawn {
    start: Millis,
    end: Millis,
    mean: f64,
    min: f64,
    max: f64,
    partial: bool,
}

fn shown(scene: &Scene, value: Value) -> Vec<Drawn> {
    let face = &scene.view.picture.face;
    let Some(zone) = scene.selection.map(|s| &face.zones[s.place]) else {
        return Vec::new();
    };
    let from = scene.view.picture.now - HISTORY;
    scene
        .points
        .iter()
        .filter(|point| point.start >= from)
        .map(|point: &Point| {
            let all = face.floor.shown_all(value, &point.figures, zone.ground);
            let [mean, min, max] = all.map(|shown| shown.drawn_at().to_f64());
            Drawn {
                start: point.start,
                end: point.end,
                mean,
                min,
                max,
                partial: point.completeness.heard < point.completeness.expected,
            }
        })
        .collect()
}

/// Thresholds of the rules that watch this value here.
fn lines(scene: &Scene, value: Value) -> Vec<(f64, Standing)> {
    let face = &scene.view.picture.face;
    let zone = scene.selection.map(|s| face.zones[s.place].ix);
    face.rules
        .iter()
        .filter(|rule| !rule.shadow && rule.value == value)
        .filter(|rule| rule.zones.iter().any(|ix| Some(*ix) == zone))
        .map(|rule| (rule.raise_at.to_f64(), Standing::Alert(rule.severity)))
        .collect()
}

/// Axes over the history, as high as the figures.
fn axes(scene: &Scene, sheet: Sheet, points: &[Drawn]) -> Option<Axes> {
    let low = points.iter().map(|p| p.min).reduce(f64::min)?;
    let high = points.iter().map(|p| p.max).reduce(f64::max)?;
    let frame = Frame {
        left: LEFT,
        right: sheet.width - RIGHT,
        top: TOP,
        bottom: sheet.height - FOOT,
    };
    let now = scene.view.picture.now;
    Some(Axes::new(frame, (now - HISTORY, now), (low, high)))
}

/// Full hours of the city's clock.
fn hours(scene: &Scene, sheet: Sheet, axes: &Axes) -> Vec<(f64, String)> {
    let face = &scene.view.picture.face;
    every(sheet.hours * HOUR, axes.from, axes.to, &face.time_zone)
        .into_iter()
        .map(|at| (axes.x(at), words::minute(face, at)))
        .collect()
}

fn mean(axes: &Axes, run: &[Drawn]) -> String {
    axes.line(run.iter().map(|point| (point.end, point.mean)))
}

fn range(axes: &Axes, run: &[Drawn]) -> String {
    let upper = run.iter().map(|point| (point.end, point.max));
    let lower = run.iter().rev().map(|point| (point.end, point.min));
    axes.line(upper.chain(lower)) + "Z"
}
