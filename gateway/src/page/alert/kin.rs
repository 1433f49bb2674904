//! Other alerts that belong to this one: what it became part of, what it came from, and the incident that they are.

use maud::{Markup, html};
use pipeline::alert::{AlertId, Revision};

use super::kind;
use crate::board::picture::{AlertPicture, Standing};
use crate::page::marks::mark;
use crate::page::{View, words};

pub(super) fn draw(view: &View, latest: &Revision) -> Markup {
    let (l, picture) = (view.language(), &view.picture);
    let alerts = || picture.alerts.iter();
    let parts = alerts().filter(|other| other.latest.merged_into == Some(latest.id));
    let pieces = alerts().filter(|other| other.latest.split_from == Some(latest.id));
    let (parts, pieces): (Vec<_>, Vec<_>) = (parts.collect(), pieces.collect());
    let incident = picture.desk.incident_of(latest.id);
    let incident = incident.filter(|incident| incident.alerts.len() > 1);
    let alone = latest.merged_into.is_none() && latest.split_from.is_none();
    let alone = alone && parts.is_empty() && pieces.is_empty() && incident.is_none();
    html! {
        section #kin data-live aria-labelledby="kin-title" {
            h2 #kin-title { (l.say("What belongs to it", "关联警报")) }
            @if alone { p.calm { (l.say("No other alert.", "无关联警报。")) } }
            @if let Some(id) = latest.merged_into { p { (l.say("It turned out to be part of ", "已并入")) (link(view, id)) } }
            @if let Some(id) = latest.split_from { p { (l.say("It was split from ", "分自")) (link(view, id)) } }
            @if !parts.is_empty() { p { (l.say("Merged into it:", "已并入本警报：")) } ul.kin { @for part in parts { (item(view, part)) } } }
            @if !pieces.is_empty() { p { (l.say("Split from it:", "自本警报分出：")) } ul.kin { @for piece in pieces { (item(view, piece)) } } }
            @if let Some(incident) = incident {
                p { (l.say(
                    format!("One of {} open alerts of an ", incident.alerts.len()),
                    format!("{}个未结束警报同属", incident.alerts.len()),
                )) a href={ "/incidents#i-" (incident.id) } { (l.say("incident", "同一事件")) } (l.say(":", "：")) }
                ul.kin { @for other in incident.alerts.iter().filter(|id| **id != latest.id) { li { (link(view, *other)) } } }
            }
        }
    }
}

fn item(view: &View, alert: &AlertPicture) -> Markup {
    html! { li { (link(view, alert.latest.id)) } }
}

/// An alert by its mark, kind and zone where it is on the list, else by its id.
pub(in crate::page) fn link(view: &View, id: AlertId) -> Markup {
    let (l, picture) = (view.language(), &view.picture);
    let known = picture.alerts.iter().find(|alert| alert.latest.id == id);
    html! {
        a href={ "/alert/" (id) } {
            @match known.map(|alert| &alert.latest) {
                Some(known) => {
                    (mark(Standing::Alert(known.severity))) " " (words::severity(l, known.severity)) " · "
                    (kind(view, known.kind)) " · " (known.zone_name) " · " (words::state(l, known.state))
                },
                None => code { (id) },
            }
        }
    }
}
