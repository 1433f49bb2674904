//! The selected zone: every figure it has, and the history of one of them.

use maud::{Markup, html};
use pipeline::calendar::HOUR;
use pipeline::city::ZoneIx;
use pipeline::rules::Value;
use pipeline::science::air::forecast::Ahead;
use pipeline::science::crowd::LevelOfService;

use super::marks::mark;
use super::{Scene, View, chart, words};
use crate::board::picture::{Air, Figure, ZonePicture};
use crate::language::terms;

pub(super) fn draw(scene: &Scene) -> Markup {
    let view = &scene.view;
    let l = view.language();
    let picture = &view.picture;
    let Some(selection) = scene.selection else {
        return html! {};
    };
    let (zone, face) = (
        &picture.zones[selection.place],
        &picture.face.zones[selection.place],
    );
    html! {
           section #zone data-live aria-labelledby="zone-title" {
               h2 #zone-title {
                   (mark(zone.standing)) (face.name)
                   small { (words::standing(l, zone.standing)) @if !face.kind.is_empty() { " · " (face.kind) } }
               }
               @match selection.value {
                   Some(value) => (history(scene, value)),
                   None => p.calm { "No fresh figures. This is not an all-clear." },
               }
               ul.figures {
                   @for figure in by_weight(&zone.figures) {
                       (card(
    view,
                           face.id.as_str(),
                           figure,
                           corrected(view, face.ix, figure.value),
                           selection.value == Some(figure.value),
                       ))
                   }
                   @for air in &zone.air {
                       (air_card(view, "Air index", "hour", air))
                       (forecasts(view, zone, air))
                   }
                   @for air in &zone.air_days { (air_card(view, "Air index of the day", "day", air)) }
               }
           }
       }
}

/// Forecasts stand with their index. People first, then what is dangerous, then the rest.
fn by_weight(figures: &[Figure]) -> Vec<&Figure> {
    let forecast = |figure: &&Figure| matches!(figure.value, Value::AirForecast(..));
    let mut figures: Vec<&Figure> = figures.iter().filter(|figure| !forecast(figure)).collect();
    figures.sort_by_key(|figure| match figure.value {
        Value::CrowdDensity => 0,
        Value::CrowdCount => 1,
        value if value.is_safety() => 2,
        _ => 3,
    });
    figures
}

fn history(scene: &Scene, value: Value) -> Markup {
    let view = &scene.view;
    let l = view.language();
    html! {
        figure.history {
            figcaption {
                (words::value_name(l, value)) " "
                span.unit { (words::unit(l, value)) }
                span.span { "last " (crate::board::series::HISTORY / HOUR) " h, mean and range" }
            }
            (chart::draw(scene, value))
        }
    }
}

fn card(view: &View, zone: &str, figure: &Figure, corrected: usize, selected: bool) -> Markup {
    let (l, value) = (view.language(), figure.value);
    let completeness = figure.completeness;
    html! {
        li class=[selected.then_some("selected")] {
            a #{ "f-" (value) } href={ "/?zone=" (zone) "&value=" (value) "#zone" } data-pick
                aria-current=[selected.then_some("true")] {
                span.label { (words::value_name(l, value)) }
                span.figure {
                    @if figure.saturated { "≥ " }
                    b { (words::number(figure.mean)) } " " span.unit { (words::unit(l, value)) }
                    @if let (Value::CrowdDensity, Some(mean)) = (value, figure.mean.exact()) {
                        @let level = LevelOfService::of(mean);
                        span.level { (level) ": " (level.description()) }
                    }
                }
                span.sure {
                    (words::age(l, figure.age)) " old · "
                    span class=[(completeness.heard < completeness.expected || figure.suspect > 0).then_some("partial")] {
                        (words::nodes(l, completeness, figure.suspect))
                    }
                    " · " (words::finality(l, figure.waits_for))
                    @if corrected > 0 { " · " (corrected) " corrected for humidity" }
                }
            }
        }
    }
}

/// How many nodes of the zone are corrected for what the value is made of.
fn corrected(view: &View, zone: ZoneIx, value: Value) -> usize {
    let picture = &view.picture;
    let nodes = picture.face.nodes.iter();
    let here = nodes.filter(|node| node.zone == Some(zone) && node.correction.is_some());
    match value {
        Value::Quantity(wire::Quantity::Pm2_5) => here.count(),
        _ => 0,
    }
}

fn air_card(view: &View, label: &str, spell: &str, air: &Air) -> Markup {
    let (l, picture) = (view.language(), &view.picture);
    let category = air.standard.category(air.index.category);
    html! {
        li.air {
            span.label { (label) }
            span.figure {
                b { (air.index.index) }
                span class={ "category air-" (category.number) } { (category.english) }
            }
            span.sure {
                (air.standard) " · "
                @for primary in air.index.primary.iter() { (terms::quantity(primary).to(l)) " · " }
                (spell) " to " (words::minute(&picture.face, air.until)) ", " (words::age(l, air.age)) " old"
            }
        }
    }
}

/// The index of hours to come, beside the one that stands.
fn forecasts(view: &View, zone: &ZonePicture, air: &Air) -> Markup {
    let (l, picture) = (view.language(), &view.picture);
    let values = Ahead::ALL.map(|ahead| Value::AirForecast(air.standard, ahead));
    let figures = values.into_iter().filter_map(|value| zone.figure(value));
    let id = picture.zone_face(zone).id;
    html! {
        @for figure in figures.filter(|figure| figure.is_provisional()) {
            li {
                a #{ "f-" (figure.value) } href={ "/?zone=" (id) "&value=" (figure.value) "#zone" } data-pick {
                    span.label { (words::value_name(l, figure.value)) }
                    span.figure { b { (words::number(figure.mean)) } }
                    span.sure {
                        (air.standard) " · " (words::number(figure.min)) " to " (words::number(figure.max))
                        @if let Some(until) = figure.until { " · hour to " (words::minute(&picture.face, until)) }
                        " · forecast, provisional"
                    }
                }
            }
        }
    }
}
