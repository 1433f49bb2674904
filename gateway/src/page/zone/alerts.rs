//! Alerts of the zone: the open ones, and those that were going on in the stretch that the charts show.

use maud::{Markup, html};
use pipeline::alert::Revision;

use super::ZoneScene;
use crate::board::picture::{Standing, alert_value, list_order};
use crate::page::marks::{class, mark};
use crate::page::words;

/// Most alerts that are listed; the history has all.
const SHOWN_MAX: usize = 30;

pub(super) fn draw(scene: &ZoneScene) -> Markup {
    let (l, now) = (scene.view.language(), scene.view.picture.now);
    let from = now - scene.range.span();
    let ended = |r: &Revision| r.end.unwrap_or(r.updated);
    let seen = |r: &&Revision| r.state.is_open() || ended(r) > from;
    let mut alerts: Vec<&Revision> = scene.told.iter().filter(seen).collect();
    alerts.sort_by_key(|r| list_order(r));
    html! {
        section #place-alerts data-live aria-labelledby="place-alerts-title" {
            h2 #place-alerts-title { (l.say("Alerts", "警报")) small { (alerts.iter().filter(|r| r.state.is_open()).count()) " " (l.say("open", "条未解除")) } }
            @if let Some(why) = &scene.untold { p.trouble { (l.say("Older alerts may be missing: ", "较早的警报可能缺失：")) (why) } }
            @if alerts.is_empty() { p.calm { (l.say("None in this time.", "这段时间没有警报。")) } }
            ul.spells { @for alert in alerts.iter().take(SHOWN_MAX) { (one(scene, alert)) } }
            @if alerts.len() > SHOWN_MAX {
                p.more { (l.say(format!("and {} more", alerts.len() - SHOWN_MAX), format!("另有{}条", alerts.len() - SHOWN_MAX))) }
            }
        }
    }
}

fn one(scene: &ZoneScene, alert: &Revision) -> Markup {
    let (l, face) = (scene.view.language(), &scene.view.picture.face);
    let standing = Standing::Alert(alert.severity);
    let name = match face.rule(alert.rule) {
        Some(rule) => words::value_name(l, rule.value).to_owned(),
        None => alert.kind.to_string(),
    };
    let from = words::minute(face, alert.onset);
    let times = match alert.state.is_open() {
        true => l.say(format!("since {from}"), format!("自{from}起")),
        false => {
            let end = words::minute(face, alert.end.unwrap_or(alert.updated));
            l.say(format!("{from} to {end}"), format!("{from}至{end}"))
        }
    };
    let unit = crate::language::terms::unit(alert.unit, l);
    html! {
        li class=(class(standing)) {
            a href={ "/alert/" (alert.id) } {
                (mark(standing)) " " span.severity { (words::severity(l, alert.severity)) } " · " b { (name) }
                @if let Some(node) = alert.node { " · " (node) }
            }
            span.sure {
                (words::state(l, alert.state)) " · " (times) " · " (l.say("peak ", "峰值"))
                (words::number(alert_value(face, alert))) " " (unit)
                @if alert.provisional { " · " span.provisional { (l.say("provisional", "初步")) } }
            }
        }
    }
}
