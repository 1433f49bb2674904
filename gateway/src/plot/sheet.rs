//! The sheet: a panel for each value with thresholds, under it a lane for each rule with the times of its alerts.
//!
//! Dark on a white ground of its own, so that it reads on any page. A severity is told by word, colour and the
//! height of its bars; a figure's range over a pane's nodes is shaded; where data is missing the line is broken.

use maud::{Markup, html};
use pipeline::calendar::Millis;
use pipeline::rules::Value;
use wire::RuleId;

use super::Plot;
use super::outcome::{Outcome, Span};
use super::panel::{LEFT, Panel, RIGHT, short};
use crate::axes::{Mark, marks, written};
use crate::city::LoadedCity;
use crate::language::terms;

const WIDTH: f64 = 800.0;
/// Title and the line below it.
const HEAD: f64 = 52.0;
/// Times, days, and where it all comes from.
const FOOT: f64 = 46.0;
/// A line of small print, and how many letters fit on one.
const PRINT: f64 = 16.0;
const LETTERS: usize = 118;
/// Marks on the axis of time, at most.
const MARKS: i64 = 9;

const STYLE: &str = "text{font:12px system-ui,'Segoe UI','Liberation Sans',sans-serif;fill:#17212a}\
.t{font-size:17px;font-weight:600}.h{font-weight:600}.q{fill:#50606d}\
.g{stroke:#d3dbe1;fill:none}.r{fill:#0b6b7e;fill-opacity:.22}\
.m{fill:none;stroke:#0b6b7e;stroke-width:1.6;stroke-linejoin:round;stroke-linecap:round}\
.l{fill:none;stroke-width:1.4;stroke-dasharray:7 5}.k{paint-order:stroke;stroke:#fff;stroke-width:4px}\
.b{fill:#eef2f4}.minor{color:#1d64b3}.moderate{color:#8a6100}.severe{color:#b34a00}.extreme{color:#c21f2b}\
.minor text,.moderate text,.severe text,.extreme text{fill:currentColor}";

pub(super) fn draw(city: &LoadedCity, outcome: &Outcome, plot: &Plot) -> String {
    let zone = &city.settings.time_zone;
    let (from, to) = bounds(outcome, plot);
    let panels: Vec<Panel> = outcome
        .series
        .iter()
        .scan(HEAD, |top, (value, points)| {
            let panel = Panel::new(city, outcome, (*value, points), *top, (from, to));
            *top = panel.end();
            Some(panel)
        })
        .collect();
    let end = panels.last().map_or(HEAD, Panel::end);
    let source = plot
        .source
        .as_deref()
        .map(|source| wrapped(&format!("Data: {source}")));
    let source = source.unwrap_or_default();
    let height = end + FOOT + PRINT * source.len() as f64;
    let marks = marks(from, to, MARKS, zone);
    let title = plot.title.clone().unwrap_or_else(|| title(city, outcome));
    let svg = html! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox=(format!("0 0 {WIDTH} {height}"))
            width=(WIDTH) height=(height) role="img" aria-label=(title) {
            style { (STYLE) }
            rect width=(WIDTH) height=(height) rx="6" fill="#fff" {}
            text.t x="16" y="26" { (title) }
            text.q x="16" y="44" { (subtitle(city, outcome, (from, to))) }
            @for panel in &panels { (panel.draw(&marks)) }
            (foot(&marks, &panels, end, to, zone))
            @for (place, line) in source.iter().enumerate() {
                text.q x="16" y=(end + FOOT + 6.0 + PRINT * place as f64) { (line) }
            }
        }
    };
    svg.into_string() + "\n"
}

/// From the first figure to the last, alerts included where they are asked for.
fn bounds(outcome: &Outcome, plot: &Plot) -> (Millis, Millis) {
    let points = || outcome.series.iter().flat_map(|(_, points)| points);
    let first = points().map(|point| point.at).min().unwrap_or(0);
    let last = points().map(|point| point.at).max().unwrap_or(0);
    let onsets = outcome
        .alerts
        .iter()
        .map(|span| span.from.max(plot.span.start));
    let from = onsets.fold(first, Millis::min);
    (from, last.max(from + 1))
}

fn title(city: &LoadedCity, outcome: &Outcome) -> String {
    let names: Vec<_> = outcome
        .series
        .iter()
        .map(|(value, _)| terms::value(*value).0)
        .collect();
    format!("{}: {}", zone_name(city, outcome), names.join(", "))
}

fn zone_name(city: &LoadedCity, outcome: &Outcome) -> String {
    let zone = city.city.zones.iter().find(|zone| zone.id == outcome.zone);
    zone.map(|zone| zone.name.clone())
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| outcome.zone.to_string())
}

/// Where, when, and how many alerts.
fn subtitle(city: &LoadedCity, outcome: &Outcome, (from, to): (Millis, Millis)) -> String {
    let day = |at| written(at, "%-d %b %Y", &city.settings.time_zone);
    let days = match (day(from), day(to)) {
        (from, to) if from == to => from,
        (from, to) => format!("{from} to {to}"),
    };
    let count = |number: usize, word: &str| match number {
        1 => format!("1 {word}"),
        _ => format!("{number} {word}s"),
    };
    let watched = |span: &&Span| {
        outcome
            .series
            .iter()
            .any(|(value, _)| watches(city, span.rule, *value))
    };
    let alerts = count(outcome.alerts.iter().filter(watched).count(), "alert");
    let cancelled = match outcome.cancelled {
        0 => String::new(),
        number => format!("; {number} more cancelled"),
    };
    format!("{}, {days}. {alerts}{cancelled}", zone_name(city, outcome))
}

fn watches(city: &LoadedCity, rule: RuleId, value: Value) -> bool {
    city.rules
        .iter()
        .any(|known| known.id == rule && known.condition.value == value)
}

fn foot(
    marks: &[Mark],
    panels: &[Panel],
    end: f64,
    to: Millis,
    zone: &jiff::tz::TimeZone,
) -> Markup {
    let x = |at| panels.first().map_or(LEFT, |panel| panel.axes.x(at));
    html! {
        @for mark in marks {
            text.q x=(short(x(mark.at))) y=(end + 4.0) text-anchor="middle" { (mark.label) }
            @if !mark.day.is_empty() {
                text.q x=(short(x(mark.at))) y=(end + 19.0) text-anchor="middle" { (mark.day) }
            }
        }
        text.q x=(RIGHT) y=(end + 34.0) text-anchor="end" { "local time, UTC" (written(to, "%:z", zone)) }
    }
}

/// Words on lines that are not too long.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.len() - 1;
        let line = &mut lines[last];
        if !line.is_empty() && line.len() + 1 + word.len() > LETTERS {
            lines.push(word.to_owned());
            continue;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines
}
