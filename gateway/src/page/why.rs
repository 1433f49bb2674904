//! Why an alert stands: its rule, the panes that it judged, and the readings without which nobody would have been told.

use maud::{Markup, html};
use pipeline::rules::Danger;

use super::{View, city_name, document, header, words};
use crate::board::Face;
use crate::explain::{PaneWhy, ReadingWhy, RuleWhy, Why};
use crate::language::terms;
use crate::privacy::Shown;

/// The page of one explanation. It does not change by itself: it speaks of one revision.
pub fn whole(view: &View, why: &Why) -> Markup {
    let (l, picture) = (view.language(), &view.picture);
    let face = &picture.face;
    let title = format!("Why · {} · {}", why.zone, city_name(face));
    // Of what changes only the header is here, and asking for that is cheap.
    let source = format!("/alert/{}", why.alert);
    let unit = why
        .rule
        .as_ref()
        .map_or("", |rule| terms::unit(rule.unit, l));
    let body = html! {
        (header::draw(view))
        main.one {
            section #why aria-labelledby="why-title" {
                p { a href={ "/alert/" (why.alert) } { "← The alert" } }
                h2 #why-title { "Why it stands" small { (why.zone) ", revision " (why.revision) } }
                p.lead { strong { (words::state(l, why.state)) } ": " (words::reason(l, why.reason)) "." }
                @if let Some(rule) = &why.rule { p { (sentence(rule, why.rule_version, unit)) } }
                @if let Some(rule) = why.rule.as_ref().filter(|rule| !rule.source.is_empty()) {
                    p { "Its threshold is from: " (rule.source) "." }
                }
                @if let Some(incomplete) = why.incomplete { p.partial { "Not the whole story: " (incomplete) "." } }
            }
            @if !why.panes.is_empty() { (panes(face, why, unit)) }
            @if !why.readings.is_empty() { (readings(view, why)) }
        }
    };
    document(view, &title, &source, body)
}

fn sentence(rule: &RuleWhy, version: u32, unit: &str) -> String {
    let side = match rule.direction {
        Danger::Above => "at or above",
        Danger::Below => "at or below",
    };
    let lasting = match rule.for_seconds {
        0.0 => String::new(),
        seconds => format!(" for {seconds} s"),
    };
    format!(
        "Rule {}, version {version}: {} {} {} {}{}.",
        rule.id, rule.value, side, rule.raise_at, unit, lasting
    )
}

fn panes(face: &Face, why: &Why, unit: &str) -> Markup {
    html! {
        section #panes aria-labelledby="panes-title" {
            h2 #panes-title { "What the rule saw until it raised the alert" }
            div.scroll { table.history {
                thead { tr {
                    th scope="col" { "From" } th scope="col" { "To" } th scope="col" { "Zone" }
                    th scope="col" { "Nodes" } th scope="col" { "Past its line" } th scope="col" { "A node's own alarm" }
                } }
                tbody { @for pane in &why.panes { (pane_row(face, pane, unit)) } }
            } }
        }
    }
}

fn pane_row(face: &Face, pane: &PaneWhy, unit: &str) -> Markup {
    html! {
        tr {
            td { time { (words::time(face, pane.start)) } }
            td { time { (words::time(face, pane.end)) } }
            td { (figure(pane.value)) " " (unit) }
            td { (pane.heard) }
            td { @if pane.past_threshold { "yes" } @else { "no" } }
            td { (figure(pane.node_alarm)) }
        }
    }
}

fn readings(view: &View, why: &Why) -> Markup {
    let (l, face) = (view.language(), &view.picture.face);
    let row = |reading: &ReadingWhy| {
        html! {
            tr {
                th scope="row" { (reading.node) }
                td { time { (words::time(face, reading.sampled_at)) } }
                td { (figure(reading.value)) " " (terms::unit(reading.unit, l)) }
                td {
                    @if reading.node_alarm { "its own alarm" }
                    @if reading.saturated { " end of its range" }
                }
            }
        }
    };
    html! {
        section #readings aria-labelledby="readings-title" {
            h2 #readings-title {
                (enough(why.readings.len()))
                small { @if why.minimal { "none of them can be spared" } @else { "perhaps fewer would do" } }
            }
            div.scroll { table.history {
                thead { tr {
                    th scope="col" { "Node" } th scope="col" { "Sampled at" }
                    th scope="col" { "Value" } th scope="col" { "Mark" }
                } }
                tbody { @for reading in &why.readings { (row(reading)) } }
            } }
        }
    }
}

fn enough(readings: usize) -> String {
    match readings {
        1 => "One reading is enough".to_owned(),
        more => format!("{more} readings are enough"),
    }
}

fn figure(shown: Option<Shown>) -> String {
    shown.map_or_else(|| "—".to_owned(), |shown| shown.to_string())
}
