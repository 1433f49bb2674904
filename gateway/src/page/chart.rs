//! The history of one zone value as a drawing: mean, range, alert lines, and where nodes were missing.

use maud::{Markup, html};
use pipeline::calendar::{HOUR, MINUTE, Millis};
use pipeline::rules::Value;

use super::marks::class;
use super::{Scene, words};
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
    let Some(axes) = Axes::of(scene, sheet, points) else {
        return html! {};
    };
    let runs: Vec<&[Drawn]> = points
        .chunk_by(|a, b| b.start - a.end <= GAP.max(3 * (b.end - b.start)))
        .collect();
    let bottom = sheet.height - FOOT;
    let right = sheet.width - RIGHT;
    html! {
        svg class=(sheet.class) viewBox=(format!("0 0 {} {}", sheet.width, sheet.height)) role="img"
            aria-label={ (words::value_name(value)) ", last " (HISTORY / HOUR) " hours" } {
            @for (y, label) in axes.levels() {
                path.grid d=(format!("M{LEFT} {y:.1}H{right:.1}")) {}
                text.axis x=(LEFT - 8.0) y=(format!("{:.1}", y + 4.0)) text-anchor="end" { (label) }
            }
            @for (x, label) in axes.hours(scene) {
                path.grid d=(format!("M{x:.1} {TOP}V{bottom}")) {}
                text.axis x=(format!("{x:.1}")) y=(sheet.height - 8.0) text-anchor="middle" { (label) }
            }
            @for run in &runs {
                path.range d=(axes.range(run)) {}
                path.mean d=(axes.mean(run)) {}
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
    let face = &scene.picture.face;
    let Some(zone) = scene.selection.map(|s| &face.zones[s.place]) else {
        return Vec::new();
    };
    let from = scene.picture.now - HISTORY;
    let height = |figure| {
        face.floor
            .shown(value, figure, zone.area)
            .drawn_at()
            .to_f64()
    };
    scene
        .points
        .iter()
        .filter(|point| point.start >= from)
        .map(|point: &Point| Drawn {
            start: point.start,
            end: point.end,
            mean: height(point.figures.mean),
            min: height(point.figures.min),
            max: height(point.figures.max),
            partial: point.completeness.heard < point.completeness.expected,
        })
        .collect()
}

/// Thresholds of the rules that watch this value here.
fn lines(scene: &Scene, value: Value) -> Vec<(f64, Standing)> {
    let face = &scene.picture.face;
    let zone = scene.selection.map(|s| face.zones[s.place].ix);
    face.rules
        .iter()
        .filter(|rule| !rule.shadow && rule.value == value)
        .filter(|rule| rule.zones.iter().any(|ix| Some(*ix) == zone))
        .map(|rule| (rule.raise_at.to_f64(), Standing::Alert(rule.severity)))
        .collect()
}

/// Time to the right, the value upwards.
struct Axes {
    sheet: Sheet,
    from: Millis,
    to: Millis,
    low: f64,
    high: f64,
    step: f64,
}

impl Axes {
    fn of(scene: &Scene, sheet: Sheet, points: &[Drawn]) -> Option<Axes> {
        let low = points.iter().map(|p| p.min).reduce(f64::min)?;
        let high = points.iter().map(|p| p.max).reduce(f64::max)?;
        // From zero where the figures are near it, so that heights can be compared.
        let low = if low > 0.0 && low < high * 0.7 {
            0.0
        } else {
            low
        };
        let span = (high - low).max(high.abs() * 0.1).max(0.1);
        let step = round_step(span / 4.0);
        let low = (low / step).floor() * step;
        Some(Axes {
            sheet,
            from: scene.picture.now - HISTORY,
            to: scene.picture.now,
            low,
            high: (((low + span) / step).ceil() * step).max(high),
            step,
        })
    }

    fn x(&self, at: Millis) -> f64 {
        let share = (at - self.from) as f64 / (self.to - self.from).max(1) as f64;
        LEFT + share.clamp(0.0, 1.0) * (self.sheet.width - LEFT - RIGHT)
    }

    fn y(&self, value: f64) -> f64 {
        let share = (value - self.low) / (self.high - self.low).max(f64::MIN_POSITIVE);
        self.sheet.height - FOOT - share.clamp(0.0, 1.0) * (self.sheet.height - FOOT - TOP)
    }

    /// Height of a threshold, if it is in the picture.
    fn level(&self, value: f64) -> Option<f64> {
        (self.low..=self.high)
            .contains(&value)
            .then(|| self.y(value))
    }

    fn levels(&self) -> Vec<(f64, String)> {
        let count = ((self.high - self.low) / self.step).round() as i32;
        (0..=count.clamp(0, 12))
            .map(|n| {
                let value = self.low + f64::from(n) * self.step;
                let label = wire::Milli::from_f64(value).map_or_else(String::new, words::rounded);
                (self.y(value), label)
            })
            .collect()
    }

    /// Full hours of the city's clock.
    fn hours(&self, scene: &Scene) -> Vec<(f64, String)> {
        let face = &scene.picture.face;
        let shift = jiff::Timestamp::from_millisecond(self.to).map_or(0, |at| {
            i64::from(face.time_zone.to_offset(at).seconds()) * 1000
        });
        let step = self.sheet.hours * HOUR;
        let first = (self.from + shift).div_euclid(step) * step + step - shift;
        (0..HISTORY / HOUR)
            .map(|n| first + n * step)
            .filter(|at| *at <= self.to)
            .map(|at| (self.x(at), words::minute(face, at)))
            .collect()
    }

    fn mean(&self, run: &[Drawn]) -> String {
        let mut path = String::new();
        for point in run {
            let verb = if path.is_empty() { 'M' } else { 'L' };
            path.push_str(&format!(
                "{verb}{:.1} {:.1}",
                self.x(point.end),
                self.y(point.mean)
            ));
        }
        path
    }

    fn range(&self, run: &[Drawn]) -> String {
        let mut path = String::new();
        for point in run {
            let verb = if path.is_empty() { 'M' } else { 'L' };
            path.push_str(&format!(
                "{verb}{:.1} {:.1}",
                self.x(point.end),
                self.y(point.max)
            ));
        }
        for point in run.iter().rev() {
            path.push_str(&format!(
                "L{:.1} {:.1}",
                self.x(point.end),
                self.y(point.min)
            ));
        }
        path.push('Z');
        path
    }
}

/// 1, 2 or 5 times a power of ten, at least `least`.
fn round_step(least: f64) -> f64 {
    let power = 10f64.powf(least.log10().floor());
    let factor = [1.0, 2.0, 5.0].into_iter().find(|f| f * power >= least);
    factor.unwrap_or(10.0) * power
}
