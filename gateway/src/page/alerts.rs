//! The list of alerts: what, where, how bad, how sure, since when.

use std::collections::BTreeMap;

use maud::{Markup, html};
use pipeline::alert::{Reason, State};
use pipeline::rules::{Severity, Value};

use super::marks::{class, mark};
use super::{View, desk, words};
use crate::board::picture::{AlertPicture, Standing};
use crate::language::terms;

/// Most alerts that the page lists; the API has all.
const SHOWN_MAX: usize = 60;
/// Most ended ones.
const ENDED_MAX: usize = 12;

pub(super) fn draw(view: &View) -> Markup {
    let picture = &view.picture;
    let open: Vec<&AlertPicture> = picture.alerts_open().collect();
    let ended = picture
        .alerts
        .iter()
        .filter(|alert| !alert.latest.state.is_open());
    // A district that comes back would push everything else out of the list, node by node.
    let (silences, ended): (Vec<&AlertPicture>, Vec<_>) =
        ended.partition(|alert| alert.latest.node.is_some());
    let unknown = picture
        .zones
        .iter()
        .filter(|zone| zone.standing == Standing::Unknown)
        .count();
    html! {
        section #alerts data-live aria-labelledby="alerts-title" {
            h2 #alerts-title { "Alerts" small { (open.len()) " open" } }
            @if open.is_empty() {
                p.calm {
                    "No open alerts."
                    @if unknown > 0 { " " (unknown) " zones have no fresh data: this is not an all-clear." }
                }
            }
            ol.alerts {
                @for alert in open.iter().take(SHOWN_MAX) { (item(view, alert)) }
            }
            (more(open.len(), SHOWN_MAX))
            (super::silences::brief(view))
            @if !ended.is_empty() || !silences.is_empty() {
                h3 { "Ended lately" }
                ol.alerts.ended {
                    @for alert in ended.iter().take(ENDED_MAX) { (item(view, alert)) }
                    @for (zone, nodes) in by_zone(&silences) { (silence(view, zone, &nodes)) }
                }
                (more(ended.len(), ENDED_MAX))
            }
        }
    }
}

/// Ended silences of each zone, by the zone's name.
fn by_zone<'a>(silences: &[&'a AlertPicture]) -> BTreeMap<&'a str, Vec<&'a AlertPicture>> {
    let mut zones = BTreeMap::<&str, Vec<&AlertPicture>>::new();
    for &alert in silences {
        let zone = zones.entry(&alert.latest.zone_name).or_default();
        zone.push(alert);
    }
    zones
}

/// One line for all nodes of a zone that were silent and are heard again.
fn silence(view: &View, zone: &str, nodes: &[&AlertPicture]) -> Markup {
    let (l, picture) = (view.language(), &view.picture);
    let ends = nodes
        .iter()
        .map(|alert| alert.latest.end.unwrap_or(alert.latest.updated));
    let end = ends.max().unwrap_or(picture.now);
    let standing = Standing::Alert(Severity::Minor);
    html! {
        li class={ "alert " (class(standing)) } {
            p.what { (mark(standing)) span.kind { "silence" } span.zone { (zone) } }
            p.peak {
                b { (nodes.len()) } @if nodes.len() == 1 { " node was" } @else { " nodes were" } " not heard for a time"
            }
            p.sure {
                "ended " time { (words::minute(&picture.face, end)) } " (" (words::age(l, picture.now - end)) ")"
            }
        }
    }
}

fn more(count: usize, shown: usize) -> Markup {
    html! {
        @if count > shown {
            p.more { a href="/api/v1/alerts" { "and " (count - shown) " more" } }
        }
    }
}

fn item(view: &View, alert: &AlertPicture) -> Markup {
    let (l, picture) = (view.language(), &view.picture);
    let latest = &alert.latest;
    let standing = Standing::Alert(latest.severity);
    let (word, since) = match latest.end {
        Some(end) if !latest.state.is_open() => ("ended", end),
        _ if !latest.state.is_open() => ("ended", latest.updated),
        _ => ("since", latest.onset),
    };
    html! {
        li class={ "alert " (class(standing)) } {
            a #{ "a-" (latest.id) } href={ "/alert/" (latest.id) } {
                p.what {
                    (mark(standing))
                    strong.severity { (words::severity(l, latest.severity)) }
                    span.kind { (latest.kind) }
                    span.zone { (latest.zone_name) }
                }
                p.peak { (peak(view, alert)) }
                p.sure {
                    span class={ "state" @if latest.state == State::Unconfirmed { " partial" } } {
                        (words::state(l, latest.state))
                        // How it ended matters as much as that it did: no data is no all-clear. And so does whose word it is.
                        @if !matches!(latest.state, State::Raised | State::Updated) || latest.reason == Reason::NodeAlarm { ": " (words::reason(l, latest.reason)) }
                    }
                    " · " (word) " " time { (words::minute(&picture.face, since)) }
                    " (" (words::age(l, picture.now - since)) ")"
                    " · " (words::nodes(l, latest.completeness, latest.suspect))
                    @if latest.provisional { " · " span.provisional { "provisional" } }
                    @if let Some(by) = &latest.acknowledged { " · " span.acknowledged { "taken on by " (by) } }
                }
                (desk::line(view, alert))
            }
        }
    }
}

/// What was measured, and against which line.
pub(super) fn peak(view: &View, alert: &AlertPicture) -> Markup {
    let (l, face) = (view.language(), &view.picture.face);
    let latest = &alert.latest;
    let value = face.rule(latest.rule).map(|rule| rule.value);
    let name = value.map_or(l.say("Value", "数值"), |value| {
        words::value_name(l, value)
    });
    if value == Some(Value::Silence) {
        let silent_s = latest.value.0;
        return html! {
            @if let Some(node) = latest.node { b { (node) } " " }
            "not heard for " b { (words::age(l, silent_s)) }
        };
    }
    let unit = terms::unit(latest.unit, l);
    html! {
        (name) " peak " b { (words::number(alert.value)) @if !unit.is_empty() { " " (unit) } }
        span.threshold { ", line at " (words::rounded(latest.threshold)) }
        @if let Some(node) = latest.node { " · node " (node) }
    }
}
