//! The table of zones: crowd, air, and how old and complete they are.

use maud::{Markup, html};
use pipeline::rules::Value;
use pipeline::science::crowd::LevelOfService;

use super::marks::{class, mark};
use super::{Scene, words};
use crate::board::Picture;
use crate::board::picture::{Air, Figure, Standing, ZonePicture};
use crate::language::{Language, kinds};

/// Most zones in the table; the worst come first then, and the API has all.
const SHOWN_MAX: usize = 60;

pub(super) fn draw(scene: &Scene) -> Markup {
    let view = &scene.view;
    let (l, picture) = (view.language(), &view.picture);
    let mut zones: Vec<&ZonePicture> = picture.zones.iter().collect();
    zones.sort_by_key(|zone| std::cmp::Reverse(urgency(zone.standing)));
    let hidden = zones.len().saturating_sub(SHOWN_MAX);
    let standard = picture.face.standards.first();
    html! {
        section #zones data-live aria-labelledby="zones-title" {
            h2 #zones-title {
                (l.say("Zones", "区域"))
                @if let Some(standard) = standard {
                    @let standard = kinds::standard(*standard).to(l);
                    small { (l.say(format!("air index: {standard}"), format!("空气质量指数：{standard}"))) }
                }
            }
            table.zones {
                thead { tr {
                    th scope="col" { (l.say("Zone", "区域")) }
                    th scope="col" { (l.say("Crowd", "人群")) }
                    th scope="col" { (l.say("Air", "空气")) }
                    th scope="col" { (l.say("Nodes", "节点")) }
                    th scope="col" { (l.say("Age", "距今")) }
                } }
                tbody { @for zone in zones.iter().take(SHOWN_MAX) { (row(scene, zone)) } }
            }
            @if hidden > 0 { p.more { a href="/api/v1/zones" { (l.say(format!("and {hidden} more"), format!("另有{hidden}个"))) } } }
        }
    }
}

/// Alerts first, then zones of which nothing is known, then the calm ones.
fn urgency(standing: Standing) -> Standing {
    standing
}

fn row(scene: &Scene, zone: &ZonePicture) -> Markup {
    let view = &scene.view;
    let l = view.language();
    let picture = &view.picture;
    let face = picture.zone_face(zone);
    let selected = scene.selection.is_some_and(|s| s.place == zone.place);
    let density = zone.figure(Value::CrowdDensity);
    html! {
        tr class={ (class(zone.standing)) @if selected { " selected" } } {
            th scope="row" {
                a #{ "z-" (face.id) } href={ "/?zone=" (face.id) "#zone" } data-pick
                    aria-current=[selected.then_some("true")] {
                    (mark(zone.standing))
                    span.name { (face.name) }
                }
                span.standing { (words::standing(l, zone.standing)) }
            }
            td data-name=(l.say("Crowd", "人群")) { @match density {
                Some(density) => (crowd(l, density)),
                None => (absent(l)),
            } }
            td data-name=(l.say("Air", "空气")) { @match main_air(picture, zone) {
                Some(air) => (index(l, air)),
                None => (absent(l)),
            } }
            td data-name=(l.say("Nodes", "节点")) {
                @match zone.completeness() {
                    Some(completeness) => {
                        @let suspect = zone.suspect();
                        span class=(if completeness.heard < completeness.expected || suspect > 0 { "partial" } else { "full" }) {
                            (words::heard(l, completeness))
                            @if suspect > 0 { (l.say(format!(", {suspect} suspect"), format!("，{suspect}个可疑"))) }
                        }
                    }
                    None => (absent(l)),
                }
            }
            td data-name=(l.say("Age", "距今")) { @match zone.age() {
                Some(age) => (words::age(l, age)),
                None => (absent(l)),
            } }
        }
    }
}

/// The index by the city's first standard.
pub(super) fn main_air<'a>(picture: &Picture, zone: &'a ZonePicture) -> Option<&'a Air> {
    let standard = picture.face.standards.first()?;
    zone.air.iter().find(|air| air.standard == *standard)
}

fn crowd(l: Language, density: &Figure) -> Markup {
    let level = density.mean.exact().map(LevelOfService::of);
    html! {
        b { (words::number(density.mean)) } span.unit { (l.say(" /m²", "人/m²")) }
        @if let Some(level) = level {
            " " span.level title=(kinds::walking(level).to(l)) { (level) }
        }
    }
}

fn index(l: Language, air: &Air) -> Markup {
    let category = air.standard.category(air.index.category);
    html! {
        b { (air.index.index) }
        span class={ "category air-" (category.number) } { (words::category(l, category)) }
    }
}

fn absent(l: Language) -> Markup {
    html! { span.absent title=(l.say("no fresh data", "无新数据")) { "–" } }
}
