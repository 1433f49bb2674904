//! The table of zones: crowd and air with which way they go, and how old and complete they are.

use maud::{Markup, html};
use pipeline::rules::Value;
use pipeline::science::crowd::LevelOfService;
use serde::Deserialize;

use super::filter::encoded;
use super::marks::{class, mark};
use super::slice::Slice;
use super::{Scene, View, city_name, document, header, trend, words};
use crate::board::Picture;
use crate::board::picture::{Air, Figure, ZonePicture};
use crate::language::{Language, kinds};

/// Most zones in the table of the overview, and on a page of the whole list; the worst come first.
const SHOWN_MAX: usize = 40;
const PAGE_LEN: usize = 100;

/// The table of the overview.
pub(super) fn draw(scene: &Scene) -> Markup {
    let view = &scene.view;
    let l = view.language();
    let zones = by_urgency(&view.picture);
    let hidden = zones.len().saturating_sub(SHOWN_MAX);
    let shown = zones.into_iter().take(SHOWN_MAX);
    html! {
        section #zones data-live aria-labelledby="zones-title" {
            (heading(view))
            (table(view, shown.map(|zone| {
                let is_selected = scene.selection.is_some_and(|s| s.place == zone.place);
                let to = scene.choosing(view.picture.zone_face(zone).id.as_str());
                (zone, Way { to, is_pick: true, is_selected })
            })))
            @if hidden > 0 {
                p.more { a href="/zones" { (l.say(format!("and {hidden} more zones"), format!("另有{hidden}个区域"))) } }
            }
        }
    }
}

/// What a reader looks for among all zones.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Sought {
    pub words: String,
    pub page: String,
}

/// The page of all zones.
pub fn whole(view: &View, sought: &Sought) -> Markup {
    let (l, picture) = (view.language(), &view.picture);
    let words = sought.words.trim().to_lowercase();
    let matches = |zone: &&ZonePicture| {
        let face = picture.zone_face(zone);
        let standing = words::standing(l, zone.standing);
        let kind = kinds::place(&face.kind, l);
        let text = format!("{} {} {kind} {standing}", face.name, face.id).to_lowercase();
        words.split_whitespace().all(|word| text.contains(word))
    };
    let zones: Vec<&ZonePicture> = by_urgency(picture).into_iter().filter(matches).collect();
    let slice = Slice::of(zones.len(), PAGE_LEN, sought.page.parse().unwrap_or(1));
    let query = match sought.words.trim() {
        "" => String::new(),
        words => format!("words={}", encoded(words)),
    };
    let body = html! {
        (header::draw(view))
        main.one {
            section #zones data-live aria-labelledby="zones-title" {
                (heading(view))
                form.filter action="/zones" role="search" data-follow aria-label=(l.say("Find zones", "查找区域")) {
                    label { (l.say("Words", "关键词")) " "
                        input #zone-words type="search" name="words" value=(sought.words) maxlength="100" autocomplete="off";
                    }
                    button.second { (l.say("Find", "查找")) }
                }
                (table(view, zones[slice.range()].iter().map(|zone| {
                    let to = format!("/zone/{}", picture.zone_face(zone).id);
                    (*zone, Way { to, is_pick: false, is_selected: false })
                })))
                @if zones.is_empty() { p.calm { (l.say("No zone is like that.", "没有符合条件的区域。")) } }
                (slice.links(l, "/zones", &query))
            }
        }
    };
    let title = format!("{} · {}", l.say("Zones", "区域"), city_name(&picture.face));
    document(view, &title, "/zones", body)
}

/// Alerts first, then zones of which nothing is known, then the calm ones.
fn by_urgency(picture: &Picture) -> Vec<&ZonePicture> {
    let mut zones: Vec<&ZonePicture> = picture.zones.iter().collect();
    zones.sort_by_key(|zone| std::cmp::Reverse(zone.standing));
    zones
}

fn heading(view: &View) -> Markup {
    let l = view.language();
    let standard = view.picture.face.standards.first();
    html! {
        h2 #zones-title {
            (l.say("Zones", "区域"))
            @if let Some(standard) = standard {
                @let standard = kinds::standard(*standard).to(l);
                small { (l.say(format!("air index: {standard}"), format!("空气质量指数：{standard}"))) }
            }
        }
    }
}

/// Where a row leads.
struct Way {
    to: String,
    /// The overview shows it without being loaded anew.
    is_pick: bool,
    is_selected: bool,
}

fn table<'a>(view: &View, zones: impl Iterator<Item = (&'a ZonePicture, Way)>) -> Markup {
    let l = view.language();
    html! {
        table.zones {
            thead { tr {
                th scope="col" { (l.say("Zone", "区域")) }
                th scope="col" { (l.say("Crowd", "人群")) }
                th scope="col" { (l.say("Air", "空气")) }
                th scope="col" { (l.say("Nodes", "节点")) }
                th scope="col" { (l.say("Age", "距今")) }
            } }
            tbody { @for (zone, way) in zones { (row(view, zone, &way)) } }
        }
        p.note { (trend::rule(l)) }
    }
}

fn row(view: &View, zone: &ZonePicture, way: &Way) -> Markup {
    let (l, picture) = (view.language(), &view.picture);
    let face = picture.zone_face(zone);
    html! {
        tr class={ (class(zone.standing)) @if way.is_selected { " selected" } } {
            th scope="row" {
                a #{ "z-" (face.id) } href=(way.to) data-pick[way.is_pick]
                    aria-current=[way.is_selected.then_some("true")] {
                    (mark(zone.standing))
                    span.name { (face.name) }
                }
                span.standing { (words::standing(l, zone.standing)) }
            }
            td data-name=(l.say("Crowd", "人群")) { @match zone.figure(Value::CrowdDensity) {
                Some(density) => { (crowd(l, density)) (trend::arrow(l, zone.crowd_trend)) },
                None => (absent(l)),
            } }
            td data-name=(l.say("Air", "空气")) { @match main_air(picture, zone) {
                Some(air) => (index(l, air)),
                None => (absent(l)),
            } }
            td data-name=(l.say("Nodes", "节点")) { (heard(l, zone)) }
            td data-name=(l.say("Age", "距今")) { @match zone.age() {
                Some(age) => { (words::age(l, age)) (provisional(l, zone)) },
                None => (absent(l)),
            } }
        }
    }
}

fn heard(l: Language, zone: &ZonePicture) -> Markup {
    let Some(completeness) = zone.completeness() else {
        return absent(l);
    };
    let suspect = zone.suspect();
    let is_partial = completeness.heard < completeness.expected || suspect > 0;
    html! {
        span class=(if is_partial { "partial" } else { "full" }) {
            (words::heard(l, completeness))
            @if suspect > 0 { (l.say(format!(", {suspect} suspect"), format!("，{suspect}个可疑"))) }
        }
    }
}

/// Whether any figure of the zone may still change.
fn provisional(l: Language, zone: &ZonePicture) -> Markup {
    let is_provisional = zone.figures.iter().any(Figure::is_provisional);
    html! {
        @if is_provisional {
            " " abbr.provisional title=(l.say("some figures are provisional", "部分数值为初步值")) { (l.say("prov.", "初步")) }
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
        (trend::arrow(l, air.trend))
        span class={ "category air-" (category.number) } { (words::category(l, category)) }
    }
}

fn absent(l: Language) -> Markup {
    html! { span.absent title=(l.say("no fresh data", "无新数据")) { "–" } }
}
