//! The air of the zone: each index with its class, what it is due to, and how far it can be relied on.

use maud::{Markup, html};
use pipeline::rules::Value;

use super::ZoneScene;
use crate::board::picture::Air;
use crate::language::terms;
use crate::page::words;

pub(super) fn draw(scene: &ZoneScene) -> Markup {
    let (l, zone) = (scene.view.language(), scene.zone());
    html! {
        section #place-air data-live aria-labelledby="place-air-title" {
            h2 #place-air-title { (l.say("Air index", "空气质量指数")) }
            @if zone.air.is_empty() && zone.air_days.is_empty() {
                p.calm { (l.say("No index of the last hour. This is not an all-clear.", "最近一小时没有指数，并不表示空气良好。")) }
            }
            ul.air-list {
                @for air in &zone.air { (one(scene, Value::AirIndex(air.standard), l.say("hour", "小时"), air)) }
                @for air in &zone.air_days { (one(scene, Value::AirDay(air.standard), l.say("day", "日"), air)) }
            }
        }
    }
}

fn one(scene: &ZoneScene, value: Value, spell: &str, air: &Air) -> Markup {
    let (l, face) = (scene.view.language(), &scene.view.picture.face);
    let category = air.standard.category(air.index.category);
    let until = words::minute(face, air.until);
    let age = words::age(l, air.age);
    let primary: Vec<&str> = air
        .index
        .primary
        .iter()
        .map(|q| terms::quantity(q).to(l))
        .collect();
    html! {
        li {
            span.label { (words::value_name(l, value)) }
            span.figure {
                b { (air.index.index) }
                span class={ "category air-" (category.number) } { (words::category(l, category)) }
            }
            span.sure {
                (l.say(format!("{spell} to {until}, {age} old"), format!("截至{until}的{spell}，{age}前")))
                @if !primary.is_empty() { " · " (l.say("due to ", "首要污染物：")) (primary.join(l.say(", ", "、"))) }
                @if air.provisional { " · " span.provisional { (l.say("provisional", "初步")) } }
            }
        }
    }
}
