//! The table of zones: crowd, air, and how old and complete they are.

use maud::{Markup, html};
use pipeline::rules::Value;
use pipeline::science::crowd::LevelOfService;

use super::marks::{class, mark};
use super::{Scene, words};
use crate::board::Picture;
use crate::board::picture::{Air, Figure, Standing, ZonePicture};
use crate::language::Language;

/// Most zones in the table; the worst come first then, and the API has all.
const SHOWN_MAX: usize = 60;

pub(super) fn draw(scene: &Scene) -> Markup {
    let view = &scene.view;
    let picture = &view.picture;
    let mut zones: Vec<&ZonePicture> = picture.zones.iter().collect();
    zones.sort_by_key(|zone| std::cmp::Reverse(urgency(zone.standing)));
    let hidden = zones.len().saturating_sub(SHOWN_MAX);
    let standard = picture.face.standards.first();
    html! {
        section #zones data-live aria-labelledby="zones-title" {
            h2 #zones-title {
                "Zones"
                @if let Some(standard) = standard { small { "air index: " (standard) } }
            }
            table.zones {
                thead { tr {
                    th scope="col" { "Zone" }
                    th scope="col" { "Crowd" }
                    th scope="col" { "Air" }
                    th scope="col" { "Nodes" }
                    th scope="col" { "Age" }
                } }
                tbody { @for zone in zones.iter().take(SHOWN_MAX) { (row(scene, zone)) } }
            }
            @if hidden > 0 { p.more { a href="/api/v1/zones" { "and " (hidden) " more" } } }
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
            td data-name="Crowd" { @match density {
                Some(density) => (crowd(density)),
                None => (absent()),
            } }
            td data-name="Air" { @match main_air(picture, zone) {
                Some(air) => (index(l, air)),
                None => (absent()),
            } }
            td data-name="Nodes" {
                @match zone.completeness() {
                    Some(completeness) => {
                        @let suspect = zone.suspect();
                        span class=(if completeness.heard < completeness.expected || suspect > 0 { "partial" } else { "full" }) {
                            (words::heard(l, completeness))
                            @if suspect > 0 { ", " (suspect) " suspect" }
                        }
                    }
                    None => (absent()),
                }
            }
            td data-name="Age" { @match zone.age() {
                Some(age) => (words::age(l, age)),
                None => (absent()),
            } }
        }
    }
}

/// The index by the city's first standard.
pub(super) fn main_air<'a>(picture: &Picture, zone: &'a ZonePicture) -> Option<&'a Air> {
    let standard = picture.face.standards.first()?;
    zone.air.iter().find(|air| air.standard == *standard)
}

fn crowd(density: &Figure) -> Markup {
    let level = density.mean.exact().map(LevelOfService::of);
    html! {
        b { (words::number(density.mean)) } span.unit { " /m²" }
        @if let Some(level) = level {
            " " span.level title=(level.description()) { (level) }
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

fn absent() -> Markup {
    html! { span.absent title="no fresh data" { "–" } }
}
