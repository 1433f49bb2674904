//! The head of a zone's page: which zone, how it stands, how much of it is heard, and how far to look back.

use maud::{Markup, html};

use super::{Range, ZoneScene};
use crate::page::marks::{class, mark};
use crate::page::words;

pub(super) fn draw(scene: &ZoneScene) -> Markup {
    let (l, zone, face) = (scene.view.language(), scene.zone(), scene.face());
    let provisional = zone.figures.iter().filter(|figure| figure.is_provisional());
    let (provisional, figures) = (provisional.count(), zone.figures.len());
    html! {
        section #place-head data-live class=(class(zone.standing)) aria-labelledby="place-title" {
            h2 #place-title {
                (mark(zone.standing)) (face.name)
                small { (words::standing(l, zone.standing)) @if !face.kind.is_empty() { " · " (face.kind) } }
            }
            ul.how {
                @match zone.age() {
                    Some(age) => li { (l.say("Freshest figure ", "最新数据：")) b { (words::ago(l, age)) } },
                    None => li.partial { (l.say("No fresh figures. This is not an all-clear.", "无新数据，并不表示警报解除。")) },
                }
                @if let Some(completeness) = zone.completeness() {
                    li class=[(completeness.heard < completeness.expected).then_some("partial")] {
                        (l.say("Least complete: ", "最不完整：")) b { (words::nodes(l, completeness, zone.suspect())) }
                    }
                }
                @if figures > 0 {
                    li {
                        (l.say("Provisional: ", "初步："))
                        b { (l.say(format!("{provisional} of {figures} figures"), format!("{provisional}/{figures}项"))) }
                    }
                }
                li class=[(zone.nodes_silent > 0).then_some("partial")] {
                    (l.say("Nodes: ", "节点：")) b { (zone.nodes) }
                    @if zone.nodes_silent > 0 {
                        ", " (l.say(format!("{} silent", zone.nodes_silent), format!("{}个失去信号", zone.nodes_silent)))
                    }
                }
            }
            nav.ranges aria-label=(l.say("How far to look back", "查看时段")) {
                @for range in Range::all() {
                    a #{ "range-" (range.name()) } href=(scene.address(scene.value, range))
                        aria-current=[(range == scene.range).then_some("true")] { (range.text(l)) }
                }
            }
            p.more { a href={ "/?zone=" (face.id) "#zone" } { (l.say("← On the map", "← 在地图上查看")) } }
        }
    }
}
