//! The selected zone: every figure it has, and the history of one of them.

use maud::{Markup, html};
use pipeline::calendar::{HOUR, Millis};
use pipeline::city::ZoneIx;
use pipeline::rules::Value;
use pipeline::science::air::forecast::Ahead;
use pipeline::science::crowd::LevelOfService;

use crate::board::history::History;
use crate::board::picture::{Air, Figure, ZonePicture};
use crate::language::terms;
use crate::page::chart::{Chart, Line, legend, sheet};
use crate::page::marks::mark;
use crate::page::{Scene, View, words};

pub(in crate::page) fn draw(scene: &Scene) -> Markup {
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
                   small { (words::standing(l, zone.standing)) @if !face.kind.is_empty() { " · " (crate::language::kinds::place(&face.kind, l)) } }
               }
               @match selection.value {
                   Some(value) => (history(scene, value)),
                   None => p.calm { (l.say("No fresh figures. This is not an all-clear.", "无新数据，并不表示警报解除。")) },
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
                       (air_card(view, Value::AirIndex(air.standard), l.say("hour", "小时"), air))
                       (forecasts(view, zone, air))
                   }
                   @for air in &zone.air_days { (air_card(view, Value::AirDay(air.standard), l.say("day", "日"), air)) }
               }
           }
       }
}

/// The panel looks back so far.
const PANEL_SPAN: Millis = 6 * HOUR;

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
    let (l, picture) = (view.language(), &view.picture);
    let Some(zone) = scene.selection.map(|s| &picture.face.zones[s.place]) else {
        return html! {};
    };
    let history = History {
        value,
        points: scene.points.clone(),
        settled: scene.points.len(),
    };
    let chart = Chart {
        l,
        face: &picture.face,
        title: words::value_name(l, value),
        history: &history,
        ground: zone.ground,
        times: [picture.now - PANEL_SPAN, picture.now, picture.now],
        lines: Line::all(&picture.face.rules, zone, value),
        spells: Vec::new(),
        expected: Vec::new(),
    };
    let hours = PANEL_SPAN / HOUR;
    html! {
        figure.history {
            figcaption {
                (chart.title) " "
                span.unit { (words::unit(l, value)) }
                span.span { (l.say(format!("last {hours} h"), format!("最近{hours}小时"))) }
            }
            (legend::patterns())
            @for sheet in &sheet::PANEL { (chart.draw(sheet)) }
            (legend::draw(l, &chart.seen()))
            p.more { a href={ "/zone/" (zone.id) "?value=" (value) } { (l.say("All values of this zone", "查看该区域全部数值")) } }
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
                        span.level { (level) ": " (crate::language::kinds::walking(level).to(l)) }
                    }
                }
                span.sure {
                    (words::ago(l, figure.age)) " · "
                    span class=[(completeness.heard < completeness.expected || figure.suspect > 0).then_some("partial")] {
                        (words::nodes(l, completeness, figure.suspect))
                    }
                    " · " (words::finality(l, figure.waits_for))
                    @if corrected > 0 { " · " (l.say(format!("{corrected} corrected for humidity"), format!("{corrected}个经湿度校正"))) }
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

fn air_card(view: &View, value: Value, spell: &str, air: &Air) -> Markup {
    let (l, picture) = (view.language(), &view.picture);
    let category = air.standard.category(air.index.category);
    let (until, age) = (
        words::minute(&picture.face, air.until),
        words::age(l, air.age),
    );
    html! {
        li.air {
            span.label { (words::value_name(l, value)) }
            span.figure {
                b { (air.index.index) }
                span class={ "category air-" (category.number) } { (words::category(l, category)) }
            }
            span.sure {
                @for primary in air.index.primary.iter() { (terms::quantity(primary).to(l)) " · " }
                (l.say(format!("{spell} to {until}, {age} old"), format!("截至{until}的{spell}，{age}前")))
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
                        (words::number(figure.min)) "–" (words::number(figure.max))
                        @if let Some(until) = figure.until {
                            @let until = words::minute(&picture.face, until);
                            " · " (l.say(format!("hour to {until}"), format!("截至{until}的小时")))
                        }
                        " · " (l.say("forecast, provisional", "预报，初步"))
                    }
                }
            }
        }
    }
}
