//! What is drawn over and under the figures: lines of rules, spells of alerts, classes of air, what is expected.

use maud::{Markup, html};
use pipeline::alert::{AlertId, Revision, State};
use pipeline::calendar::Millis;
use pipeline::rules::{Danger, Severity, Value};
use wire::{Milli, RuleId};

use super::{Chart, Drawn, Level, Sheet, sheet};
use crate::axes::Axes;
use crate::board::picture::Standing;
use crate::board::{RuleFace, ZoneFace};
use crate::page::marks::class;
use crate::page::words;

/// Spells that overlap stand above each other; further ones share the last lane.
const LANES_MAX: usize = 3;
/// Height of a label.
const LABEL: f64 = 13.0;

/// The line at which a rule raises its alert.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Line {
    pub(crate) rule: RuleId,
    pub(crate) at: Milli,
    pub(crate) level: f64,
    pub(crate) severity: Severity,
    pub(crate) direction: Danger,
}

impl From<&RuleFace> for Line {
    fn from(rule: &RuleFace) -> Line {
        Line {
            rule: rule.id,
            at: rule.raise_at,
            level: rule.raise_at.to_f64(),
            severity: rule.severity,
            direction: rule.direction,
        }
    }
}

impl Line {
    /// Of the rules in force that watch a value in a zone, mildest first.
    pub(crate) fn all(rules: &[RuleFace], zone: &ZoneFace, value: Value) -> Vec<Line> {
        let watching = rules
            .iter()
            .filter(|rule| !rule.shadow && rule.value == value && rule.zones.contains(&zone.ix));
        let mut lines: Vec<Line> = watching.map(Line::from).collect();
        lines.sort_by_key(|line| (line.severity, line.at, line.rule));
        lines
    }

    /// `≥ 4` or `≤ 4`.
    pub(crate) fn text(&self) -> String {
        let sign = match self.direction {
            Danger::Above => "≥",
            Danger::Below => "≤",
        };
        format!("{sign} {}", words::rounded(self.at))
    }
}

/// From when to when an alert was going on.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Spell {
    pub(crate) id: AlertId,
    pub(crate) rule: RuleId,
    pub(crate) severity: Severity,
    pub(crate) state: State,
    pub(crate) from: Millis,
    /// `None`: it is not over.
    pub(crate) end: Option<Millis>,
}

impl From<&Revision> for Spell {
    fn from(revision: &Revision) -> Spell {
        let is_open = revision.state.is_open();
        Spell {
            id: revision.id,
            rule: revision.rule,
            severity: revision.severity,
            state: revision.state,
            from: revision.onset,
            end: (!is_open).then(|| revision.end.unwrap_or(revision.updated)),
        }
    }
}

/// What is said of a moment that has not come, with its bounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Expected {
    pub(crate) at: Millis,
    pub(crate) mean: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

/// Spells by the lane in which they have room.
pub(super) fn lanes(spells: &[Spell]) -> Vec<Vec<&Spell>> {
    let mut sorted: Vec<&Spell> = spells.iter().collect();
    sorted.sort_by_key(|spell| (spell.from, spell.id));
    let mut lanes: Vec<Vec<&Spell>> = Vec::new();
    for spell in sorted {
        let is_free = |lane: &Vec<&Spell>| {
            let last = lane.last().and_then(|last| last.end);
            last.is_some_and(|end| end <= spell.from)
        };
        match lanes.iter().position(is_free) {
            Some(lane) => lanes[lane].push(spell),
            None if lanes.len() < LANES_MAX => lanes.push(vec![spell]),
            None => lanes[LANES_MAX - 1].push(spell),
        }
    }
    lanes
}

pub(super) fn spells(chart: &Chart, axes: &Axes, sheet: &Sheet) -> Markup {
    let l = chart.l;
    html! {
        @for (lane, spells) in lanes(&chart.spells).iter().enumerate() {
            @let y = sheet::TOP / 2.0 + lane as f64 * sheet::LANE;
            @for spell in spells {
                @let (from, end) = (axes.x(spell.from), axes.x(spell.end.unwrap_or(chart.times[1])));
                @let text = spoken(chart, spell);
                @let bar = html! {
                    rect class={ "spell " (class(Standing::Alert(spell.severity))) @if spell.state == State::Cancelled { " cancelled" } }
                        x=(format!("{from:.1}")) y=(format!("{y:.1}")) width=(format!("{:.1}", (end - from).max(3.0)))
                        height=(sheet::LANE - 4.0) fill=[pattern(spell)] {}
                };
                @match sheet.is_large {
                    true => a href={ "/alert/" (spell.id) } aria-label=(text) { title { (text) } (bar) },
                    false => g aria-hidden="true" { title { (text) } (bar) },
                }
            }
        }
        @if chart.spells.iter().any(|spell| spell.end.is_none()) && !sheet.is_large {
            title { (l.say("An alert is open", "有未解除的警报")) }
        }
    }
}

/// The severity by its pattern; the worst is filled, one that was never true is hollow.
fn pattern(spell: &Spell) -> Option<&'static str> {
    match (spell.state, spell.severity) {
        (State::Cancelled, _) => Some("none"),
        (_, Severity::Minor) => Some("url(#p-minor)"),
        (_, Severity::Moderate) => Some("url(#p-moderate)"),
        (_, Severity::Severe) => Some("url(#p-severe)"),
        (_, Severity::Extreme) => None,
    }
}

fn spoken(chart: &Chart, spell: &Spell) -> String {
    let (l, face) = (chart.l, chart.face);
    let (severity, state) = (
        words::severity(l, spell.severity),
        words::state(l, spell.state),
    );
    let from = words::minute(face, spell.from);
    let times = match spell.end {
        Some(end) => {
            let end = words::minute(face, end);
            l.say(format!("{from} to {end}"), format!("{from}至{end}"))
        }
        None => l.say(format!("since {from}"), format!("自{from}起")),
    };
    let rule = spell.rule;
    l.say(
        format!("Alert {rule}: {severity}, {state}, {times}"),
        format!("警报 {rule}：{severity}，{state}，{times}"),
    )
}

pub(super) fn lines(chart: &Chart, axes: &Axes, sheet: &Sheet) -> Markup {
    let right = axes.frame.right;
    // Labels that would stand on each other: the worse line keeps its own, all are named below the drawing.
    let mut taken: Vec<f64> = Vec::new();
    let mut labels: Vec<(f64, &Line)> = Vec::new();
    for line in chart.lines.iter().rev() {
        let Some(y) = axes.level(line.level) else {
            continue;
        };
        if taken.iter().all(|other| (other - y).abs() >= LABEL) {
            taken.push(y);
            labels.push((y, line));
        }
    }
    html! {
        @for line in &chart.lines {
            @if let Some(y) = axes.level(line.level) {
                path class={ "line " (class(Standing::Alert(line.severity))) } d=(format!("M{} {y:.1}H{right:.1}", sheet::LEFT)) {
                    title { (line.rule) " " (line.text()) }
                }
            }
        }
        @if sheet.is_large {
            @for (y, line) in labels {
                text class={ "named " (class(Standing::Alert(line.severity))) } x=(format!("{:.1}", right - 4.0))
                    y=(format!("{:.1}", y - 4.0)) text-anchor="end" aria-hidden="true" {
                    (words::severity(chart.l, line.severity)) " " (line.text())
                }
            }
        }
    }
}

/// The classes of an air index as bands beside the axis.
pub(super) fn bands(chart: &Chart, axes: &Axes) -> Markup {
    let (Value::AirIndex(standard) | Value::AirDay(standard)) = chart.history.value else {
        return html! {};
    };
    let (top, bottom) = (
        axes.value_at(axes.frame.top),
        axes.value_at(axes.frame.bottom),
    );
    let left = axes.frame.left;
    html! {
        @for (number, (low, high)) in standard.bands().into_iter().enumerate() {
            @let (low, high) = (f64::from(low).max(bottom), high.map_or(top, f64::from).min(top));
            @if high > low {
                @let (y, until) = (axes.y(high), axes.y(low));
                rect class={ "band air-" (number + 1) } x=(left) y=(format!("{y:.1}")) width=(format!("{:.1}", axes.frame.right - left))
                    height=(format!("{:.1}", until - y)) {
                    title { (words::category(chart.l, standard.category(number as u8 + 1))) }
                }
                @if until - y >= LABEL {
                    text.class aria-hidden="true" x=(left + 5.0) y=(format!("{:.1}", until - 4.0)) {
                        (words::category(chart.l, standard.category(number as u8 + 1)))
                    }
                }
            }
        }
    }
}

/// From the last figure on to what is expected, dashed, within its bounds.
pub(super) fn expected(chart: &Chart, axes: &Axes, panes: &[Drawn]) -> Markup {
    if chart.expected.is_empty() {
        return html! {};
    }
    let last = panes.last().and_then(|last| match last.level {
        Level::Exact { mean, .. } => Some((last.end, mean)),
        Level::Under(_) => None,
    });
    let all = &chart.expected;
    let mean = last.into_iter().chain(all.iter().map(|e| (e.at, e.mean)));
    let upper = last.into_iter().chain(all.iter().map(|e| (e.at, e.high)));
    let lower = all.iter().rev().map(|e| (e.at, e.low));
    html! {
        path.bounds d=(axes.line(upper.chain(lower)) + "Z") {}
        path.ahead d=(axes.line(mean)) {}
        @for e in all {
            circle.ahead cx=(format!("{:.1}", axes.x(e.at))) cy=(format!("{:.1}", axes.y(e.mean))) r="3" {}
        }
    }
}
