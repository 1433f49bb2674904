//! Figures of a zone in words: what a value is called, how it stands, how sure it is.

use maud::{Markup, html};
use pipeline::rules::Value;
use pipeline::science::crowd::LevelOfService;

use super::ZoneScene;
use crate::board::history::History;
use crate::board::picture::Figure;
use crate::language::Language;
use crate::page::words;
use crate::privacy::Shown;

/// The figure that stands, with unit, age, completeness and doubt; or that there is none, which is no all-clear.
pub(super) fn latest(scene: &ZoneScene, history: &History) -> Markup {
    let (l, now) = (scene.view.language(), scene.view.picture.now);
    match scene.zone().figure(history.value) {
        Some(figure) => html! { (number(l, figure)) (sure(l, figure)) },
        None => html! {
            span.figure.absent { (l.say("No fresh figure", "无新数据")) }
            @if let Some(last) = history.points.last() {
                @let ago = words::ago(l, now - last.end);
                span.sure { (l.say(format!("the last was of {ago}: not an all-clear"), format!("最近一次为{ago}，并不表示警报解除"))) }
            }
        },
    }
}

fn number(l: Language, figure: &Figure) -> Markup {
    let value = figure.value;
    let withheld = matches!(figure.mean, Shown::Under(_));
    html! {
        span.figure {
            @if figure.saturated { abbr title=(l.say("at least", "至少")) { "≥" } " " }
            b { (words::number(figure.mean)) } " " span.unit { (words::unit(l, value)) }
            @if let (Value::CrowdDensity, Some(mean)) = (value, figure.mean.exact()) {
                @let level = LevelOfService::of(mean);
                span.level { (l.say("level ", "等级")) (level) }
            }
            @if !withheld && (figure.min, figure.max) != (figure.mean, figure.mean) {
                small { " " (words::number(figure.min)) " – " (words::number(figure.max)) }
            }
        }
    }
}

fn sure(l: Language, figure: &Figure) -> Markup {
    let completeness = figure.completeness;
    let age = words::age(l, figure.age);
    let partial = completeness.heard < completeness.expected || figure.suspect > 0;
    html! {
        span.sure {
            (l.say(format!("{age} old"), format!("{age}前"))) " · "
            span class=[partial.then_some("partial")] { (words::nodes(l, completeness, figure.suspect)) }
            " · "
            span class=[figure.is_provisional().then_some("provisional")] { (words::finality(l, figure.waits_for)) }
            @if figure.saturated { " · " (l.say("at least: a sensor is at its limit", "至少：传感器已达量程上限")) }
        }
    }
}
