//! The list of alerts: what, where, how bad, how sure, since when.

use maud::{Markup, html};
use pipeline::alert::State;
use pipeline::rules::Value;

use super::marks::{class, mark};
use super::words;
use crate::board::picture::{AlertPicture, Standing};
use crate::board::{Face, Picture};

/// Most alerts that the page lists; the API has all.
const SHOWN_MAX: usize = 60;
/// Most ended ones.
const ENDED_MAX: usize = 12;

pub(super) fn draw(picture: &Picture) -> Markup {
    let open: Vec<&AlertPicture> = picture.alerts_open().collect();
    let ended = picture
        .alerts
        .iter()
        .filter(|alert| !alert.latest.state.is_open());
    let ended: Vec<&AlertPicture> = ended.collect();
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
                @for alert in open.iter().take(SHOWN_MAX) { (item(picture, alert)) }
            }
            (more(open.len(), SHOWN_MAX))
            @if !ended.is_empty() {
                h3 { "Ended lately" }
                ol.alerts.ended {
                    @for alert in ended.iter().take(ENDED_MAX) { (item(picture, alert)) }
                }
                (more(ended.len(), ENDED_MAX))
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

fn item(picture: &Picture, alert: &AlertPicture) -> Markup {
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
                    strong.severity { (words::severity(latest.severity)) }
                    span.kind { (latest.kind) }
                    span.zone { (latest.zone_name) }
                }
                p.peak { (peak(&picture.face, alert)) }
                p.sure {
                    span class={ "state" @if latest.state == State::Unconfirmed { " partial" } } {
                        (words::state(latest.state))
                        // How it ended matters as much as that it did: no data is no all-clear.
                        @if !matches!(latest.state, State::Raised | State::Updated) { ": " (words::reason(latest.reason)) }
                    }
                    " · " (word) " " time { (words::minute(&picture.face, since)) }
                    " (" (words::age(picture.now - since)) ")"
                    " · " (words::heard(latest.completeness)) " nodes"
                    @if latest.provisional { " · " span.provisional { "provisional" } }
                    @if let Some(by) = &latest.acknowledged { " · " span.acknowledged { "taken on by " (by) } }
                }
            }
        }
    }
}

/// What was measured, and against which line.
pub(super) fn peak(face: &Face, alert: &AlertPicture) -> Markup {
    let latest = &alert.latest;
    let value = face.rule(latest.rule).map(|rule| rule.value);
    let name = value.map_or("Value", words::value_name);
    if value == Some(Value::Silence) {
        let silent_s = latest.value.0;
        return html! {
            @if let Some(node) = latest.node { b { (node) } " " }
            "not heard for " b { (words::age(silent_s)) }
        };
    }
    let unit = words::unit_of_code(latest.unit);
    html! {
        (name) " peak " b { (words::number(alert.value)) @if !unit.is_empty() { " " (unit) } }
        span.threshold { ", line at " (words::rounded(latest.threshold)) }
        @if let Some(node) = latest.node { " · node " (node) }
    }
}
