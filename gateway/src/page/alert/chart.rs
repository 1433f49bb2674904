//! The value around an alert's onset: what the zone measured, the rule's line, since when, and what it rests on now.

use maud::{Markup, html};
use pipeline::calendar::{MINUTE, Millis};
use pipeline::rules::Value;

use super::Sheet;
use crate::axes::{Axes, Frame, marks};
use crate::board::picture::Standing;
use crate::language::terms;
use crate::page::marks::class;
use crate::page::{View, words};

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 200.0;
const FRAME: Frame = Frame {
    left: 52.0,
    right: WIDTH - 24.0,
    top: 14.0,
    bottom: HEIGHT - 28.0,
};
/// So much before the onset, and after the end, belongs to the picture.
const AROUND: Millis = 30 * MINUTE;
/// A hole between two panes longer than this is drawn as one.
const GAP: Millis = 6 * MINUTE;

/// A pane as it may be drawn.
struct Drawn {
    start: Millis,
    end: Millis,
    mean: f64,
    low: f64,
    high: f64,
}

pub(super) fn draw(view: &View, sheet: &Sheet) -> Markup {
    let l = view.language();
    html! {
        section #chart data-live aria-labelledby="chart-title" {
            h2 #chart-title { (l.say("Around its onset", "发生前后")) }
            @match drawing(view, sheet) {
                Some(drawing) => (drawing),
                None => p.calm { (l.say(
                    "No figures of that time are kept here: charts look back six hours.",
                    "此处不再保留当时的数据：图表仅回看六小时。",
                )) },
            }
        }
    }
}

fn drawing(view: &View, sheet: &Sheet) -> Option<Markup> {
    let (l, picture) = (view.language(), &view.picture);
    let (face, latest) = (&picture.face, sheet.story.latest());
    let value = face.rule(latest.rule)?.value;
    let to = latest
        .end
        .map_or(picture.now, |end| (end + AROUND).min(picture.now));
    let points = shown(view, sheet, value, (latest.onset - AROUND, to));
    let threshold = latest.threshold.to_f64();
    let low = points.iter().map(|p| p.low).reduce(f64::min)?;
    let high = points.iter().map(|p| p.high).reduce(f64::max)?;
    let from = points.first()?.start;
    let axes = Axes::new(FRAME, (from, to), (low.min(threshold), high.max(threshold)));
    let onset = latest.onset.max(from);
    let unit = words::unit(l, value);
    let name = words::value_name(l, value);
    let spoken = l.say(
        format!(
            "{name} from {} to {}, line at {threshold} {unit}, between {low} and {high}",
            words::minute(face, from),
            words::minute(face, to)
        ),
        format!(
            "{}至{}的{name}，警戒值{threshold}{unit}，介于{low}与{high}之间",
            words::minute(face, from),
            words::minute(face, to)
        ),
    );
    let (left, right, bottom) = (FRAME.left, FRAME.right, FRAME.bottom);
    let standing = Standing::Alert(latest.severity);
    Some(html! {
        figure.around {
            figcaption { (name) @if !unit.is_empty() { ", " (unit) } }
            svg.chart viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img" aria-label=(spoken) {
                (band(&axes, "breach", onset, latest.end.unwrap_or(to)))
                (band(&axes, "window", latest.window.start, latest.window.end))
                @for (y, label) in axes.levels() {
                    path.grid d=(format!("M{left} {y:.1}H{right:.1}")) {}
                    text.axis x=(left - 8.0) y=(format!("{:.1}", y + 4.0)) text-anchor="end" { (label) }
                }
                @for mark in marks(from, to, 6, &face.time_zone) {
                    text.axis x=(format!("{:.1}", axes.x(mark.at))) y=(HEIGHT - 8.0) text-anchor="middle" { (mark.label) }
                }
                @for run in points.chunk_by(|a, b| b.start - a.end <= GAP.max(3 * (b.end - b.start))) {
                    path.range d=(range(&axes, run)) {}
                    path.mean d=(axes.line(run.iter().map(|point| (point.end, point.mean)))) {}
                }
                @if let Some(y) = axes.level(threshold) {
                    path class={ "limit " (class(standing)) } d=(format!("M{left} {y:.1}H{right:.1}")) {}
                }
                path.onset d=(format!("M{:.1} {}V{bottom}", axes.x(onset), FRAME.top)) {}
            }
            ul.key {
                li { svg.mark viewBox="0 0 16 16" aria-hidden="true" { path class={ "limit " (class(standing)) } d="M0 8H16" {} }
                    (l.say("the rule's line", "规则警戒值")) " " (words::rounded(latest.threshold)) " " (terms::unit(latest.unit, l)) }
                li { svg.mark viewBox="0 0 16 16" aria-hidden="true" { rect.breach width="16" height="16" {} }
                    (l.say("while it stands", "警报持续时段")) }
                li { svg.mark viewBox="0 0 16 16" aria-hidden="true" { rect.window width="16" height="16" {} }
                    (l.say("what it rests on now", "当前依据时段")) }
            }
        }
    })
}

fn shown(view: &View, sheet: &Sheet, value: Value, (from, to): (Millis, Millis)) -> Vec<Drawn> {
    let face = &view.picture.face;
    let zone = sheet.story.latest().zone;
    let Some(zone) = face.zones.iter().find(|face| face.id == zone) else {
        return Vec::new();
    };
    let points = sheet.points.iter();
    let points = points.filter(|point| point.end >= from && point.start <= to);
    points
        .map(|point| {
            let all = face.floor.shown_all(value, &point.figures, zone.ground);
            let [mean, low, high] = all.map(|shown| shown.drawn_at().to_f64());
            Drawn {
                start: point.start,
                end: point.end,
                mean,
                low,
                high,
            }
        })
        .collect()
}

fn band(axes: &Axes, class: &str, from: Millis, to: Millis) -> Markup {
    let (left, right) = (axes.x(from), axes.x(to));
    html! {
        rect class=(class) x=(format!("{left:.1}")) y=(FRAME.top) width=(format!("{:.1}", (right - left).max(1.0)))
            height=(FRAME.bottom - FRAME.top) {}
    }
}

fn range(axes: &Axes, run: &[Drawn]) -> String {
    let upper = run.iter().map(|point| (point.end, point.high));
    let lower = run.iter().rev().map(|point| (point.end, point.low));
    axes.line(upper.chain(lower)) + "Z"
}
