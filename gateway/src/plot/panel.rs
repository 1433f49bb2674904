//! A panel of the sheet: one value's line with the thresholds that it is held to, and the lanes of their alerts.

use maud::{Markup, html};
use pipeline::calendar::{DAY, Millis};
use pipeline::rules::{Danger, Rule, Severity, Value};
use wire::RuleId;

use super::outcome::{Outcome, Point, Span};
use crate::axes::{Axes, Frame, Mark};
use crate::city::LoadedCity;
use crate::language::{Language, terms};
use crate::page::words;

/// Where the drawings of all panels begin and end.
pub(super) const LEFT: f64 = 84.0;
pub(super) const RIGHT: f64 = 764.0;
/// A panel's own heading, its drawing, a lane, and the room below all lanes.
const HEADING: f64 = 22.0;
const PANEL: f64 = 130.0;
const LANE: f64 = 17.0;
const BELOW: f64 = 14.0;
/// Points nearer than this are drawn as one, with the range of all.
const COLUMN: f64 = 2.0;
/// Height of a label, and the width of a letter in one.
const LABEL: f64 = 14.0;
const LETTER: f64 = 7.2;
/// So many usual steps without a figure are a hole.
const STEPS_MISSED: Millis = 3;

/// One value with the rules that watch it.
pub(super) struct Panel<'o> {
    value: Value,
    points: &'o [Point],
    top: f64,
    pub(super) axes: Axes,
    /// By severity.
    rules: Vec<&'o Rule>,
    /// Rules that told something, with when.
    lanes: Vec<(&'o Rule, Vec<Span>)>,
}

impl<'o> Panel<'o> {
    pub(super) fn new(
        city: &'o LoadedCity,
        outcome: &'o Outcome,
        (value, points): (Value, &'o [Point]),
        top: f64,
        times: (Millis, Millis),
    ) -> Panel<'o> {
        let here = city.city.zones.iter().find(|zone| zone.id == outcome.zone);
        let mut rules: Vec<&Rule> = city
            .rules
            .iter()
            .filter(|rule| rule.condition.value == value && !rule.condition.shadow)
            .filter(|rule| here.is_some_and(|zone| rule.zones.contains(&zone.ix)))
            .collect();
        rules.sort_by_key(|rule| (rule.condition.severity, rule.id));
        let spans = |rule: RuleId| {
            let of_rule = outcome.alerts.iter().filter(|span| span.rule == rule);
            of_rule.copied().collect::<Vec<Span>>()
        };
        let lanes = rules
            .iter()
            .map(|rule| (*rule, spans(rule.id)))
            .filter(|(_, spans)| !spans.is_empty())
            .collect();
        let low = points
            .iter()
            .map(|point| point.min)
            .fold(f64::INFINITY, f64::min);
        let high = points
            .iter()
            .map(|point| point.max)
            .fold(f64::NEG_INFINITY, f64::max);
        // A threshold that is not far off belongs into the picture.
        let near = (high - low).max(high.abs() * 0.1) * 0.5;
        let (mut least, mut most) = (low, high);
        for rule in &rules {
            let level = rule.condition.raise_at.to_f64();
            if (low - near..=high + near).contains(&level) {
                (least, most) = (least.min(level), most.max(level));
            }
        }
        let frame = Frame {
            left: LEFT,
            right: RIGHT,
            top: top + HEADING,
            bottom: top + HEADING + PANEL,
        };
        Panel {
            value,
            points,
            top,
            axes: Axes::new(frame, times, (least, most)),
            rules,
            lanes,
        }
    }

    pub(super) fn end(&self) -> f64 {
        self.top + HEADING + PANEL + 6.0 + LANE * self.lanes.len() as f64 + BELOW
    }

    pub(super) fn draw(&self, marks: &[Mark]) -> Markup {
        let Frame {
            left,
            right,
            top,
            bottom,
        } = self.axes.frame;
        let unit = terms::unit(self.value.unit(), Language::English);
        html! {
            text x=(LEFT) y=(self.top + 14.0) {
                tspan.h { (terms::value(self.value).0) }
                @if !unit.is_empty() { tspan.q { " " (unit) } }
            }
            @for (y, label) in self.axes.levels() {
                path.g d=(format!("M{left} {y:.1}H{right}")) {}
                text.q x=(LEFT - 8.0) y=(short(y + 4.0)) text-anchor="end" { (label) }
            }
            path.g d=(marks.iter().map(|mark| format!("M{:.1} {top}V{bottom}", self.axes.x(mark.at))).collect::<String>()) {}
            @for run in runs(self.points) { (self.run(run)) }
            (self.thresholds())
            @for (place, (rule, spans)) in self.lanes.iter().enumerate() {
                (self.lane(rule, spans, bottom + 6.0 + LANE * place as f64))
            }
        }
    }

    /// A stretch without holes: its range, and its mean over that.
    fn run(&self, run: &[Point]) -> Markup {
        let columns: Vec<Point> = run
            .chunk_by(|a, b| {
                (self.axes.x(a.at) / COLUMN).floor() == (self.axes.x(b.at) / COLUMN).floor()
            })
            .map(merged)
            .collect();
        let upper = columns.iter().map(|point| (point.at, point.max));
        let lower = columns.iter().rev().map(|point| (point.at, point.min));
        let has_range = columns.iter().any(|point| point.min < point.max);
        let mean = self
            .axes
            .line(columns.iter().map(|point| (point.at, point.mean)));
        html! {
            @if has_range { path.r d=(self.axes.line(upper.chain(lower)) + "Z") {} }
            // A figure all alone is a dot.
            path.m d=(if columns.len() == 1 { mean + "h.1" } else { mean }) {}
        }
    }

    /// Lines at the thresholds; a label that would lie on another goes to its left.
    fn thresholds(&self) -> Markup {
        let mut labels: Vec<(&Rule, f64, f64, String)> = Vec::new();
        for rule in &self.rules {
            let condition = &rule.condition;
            let Some(y) = self.axes.level(condition.raise_at.to_f64()) else {
                continue;
            };
            let sign = match condition.direction {
                Danger::Above => "≥",
                Danger::Below => "≤",
            };
            let text = format!("{} {sign} {}", rule.id, words::rounded(condition.raise_at));
            let near = labels
                .iter()
                .filter(|(_, other, ..)| (other - y).abs() < LABEL);
            let left = near.map(|(_, _, x, text)| x - LETTER * text.chars().count() as f64);
            let x = left.fold(RIGHT - 4.0, f64::min);
            labels.push((rule, y, x, text));
        }
        html! {
            @for (rule, y, x, text) in &labels {
                g class=(class(rule.condition.severity)) {
                    path.l d=(format!("M{LEFT} {y:.1}H{RIGHT}")) stroke="currentColor" {}
                    text.k x=(short(*x)) y=(short(y - 4.0)) text-anchor="end" { (text) }
                }
            }
        }
    }

    /// When a rule's alerts stood. One path, because there can be hundreds.
    fn lane(&self, rule: &Rule, spans: &[Span], top: f64) -> Markup {
        let severity = rule.condition.severity;
        let height = match severity {
            Severity::Minor => 4.0,
            Severity::Moderate => 7.0,
            Severity::Severe => 10.0,
            Severity::Extreme => 13.0,
        };
        let middle = top + LANE / 2.0;
        let bar = |span: &Span| {
            let (from, to) = (
                self.axes.x(span.from),
                self.axes.x(span.to.unwrap_or(Millis::MAX)),
            );
            let width = (to - from).max(1.5);
            format!(
                "M{from:.1} {:.1}h{width:.1}v{height}h-{width:.1}z",
                middle - height / 2.0
            )
        };
        html! {
            g class=(class(severity)) {
                text x=(LEFT - 8.0) y=(short(middle + 4.0)) text-anchor="end" { (class(severity)) }
                path.b d=(format!("M{LEFT} {:.1}H{RIGHT}v2H{LEFT}z", middle - 1.0)) {}
                path d=(spans.iter().map(bar).collect::<String>()) fill="currentColor" {
                    title { (rule.id) ": " (spans.len()) " alerts" }
                }
            }
        }
    }
}

/// Stretches without holes.
fn runs(points: &[Point]) -> impl Iterator<Item = &[Point]> {
    let mut steps: Vec<Millis> = points
        .windows(2)
        .map(|pair| pair[1].at - pair[0].at)
        .collect();
    steps.sort_unstable();
    let usual = steps.get(steps.len() / 2).copied().unwrap_or(DAY);
    points.chunk_by(move |a, b| b.at - a.at <= usual * STEPS_MISSED)
}

/// Points in one column as one: the mean of their means, the range of all.
fn merged(points: &[Point]) -> Point {
    let mut whole = points[0];
    for point in &points[1..] {
        whole.min = whole.min.min(point.min);
        whole.max = whole.max.max(point.max);
    }
    let sum: f64 = points.iter().map(|point| point.mean).sum();
    Point {
        mean: sum / points.len() as f64,
        at: points[points.len() / 2].at,
        ..whole
    }
}

fn class(severity: Severity) -> &'static str {
    match severity {
        Severity::Minor => "minor",
        Severity::Moderate => "moderate",
        Severity::Severe => "severe",
        Severity::Extreme => "extreme",
    }
}

pub(super) fn short(place: f64) -> String {
    format!("{place:.1}")
}
