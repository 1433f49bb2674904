//! Why an alert stands: its rule, the panes that it judged, and the readings without which nobody would have been told.

use maud::{Markup, html};
use pipeline::rules::{Danger, Value};

use super::{View, city_name, document, header, words};
use crate::board::AlertStory;
use crate::explain::{PaneWhy, ReadingWhy, RuleWhy, Why};
use crate::language::{Language, terms};
use crate::privacy::Shown;

/// The page of one explanation of the alert of `story`. It does not change by itself: it speaks of one revision.
pub fn whole(view: &View, why: &Why, story: &AlertStory) -> Markup {
    let (l, picture) = (view.language(), &view.picture);
    let face = &picture.face;
    let zone = face.zones.iter().find(|zone| zone.id == why.zone);
    let zone = zone.map_or(why.zone.to_string(), |zone| zone.name.clone());
    let title = l.say("Why", "原因");
    let title = format!("{title} · {zone} · {}", city_name(face));
    // Of what changes only the header and what is said of newer revisions are here.
    let source = format!("/alert/{}/live?explained={}", why.alert, why.revision);
    let body = html! {
        (header::draw(view))
        main.one {
            section #why aria-labelledby="why-title" {
                p.back { a href={ "/alert/" (why.alert) } { (l.say("← The alert", "← 返回警报")) } }
                h2 #why-title { (l.say("Why it was raised", "为何发出")) small { (zone) } }
                (since(view, story, Some(why.revision)))
                (body(view, why))
            }
        }
    };
    document(view, &title, &source, body)
}

/// Whether what is known has changed since the revision that a page explains, and how to hear of the newer one.
pub(super) fn since(view: &View, story: &AlertStory, explained: Option<u32>) -> Markup {
    let (l, now) = (view.language(), story.judged_last());
    let newer = explained.is_some_and(|revision| revision < now);
    html! {
        p #why-since .partial data-live role="status" hidden[!newer] { @if newer {
            (l.say(format!("More is known since, by revision {now}: "), format!("此后情况有变（第{now}版）：")))
            a href={ "/alert/" (story.latest().id) "/why?revision=" (now) } { (l.say("why that one was said", "说明该版本")) }
        } }
    }
}

/// The explanation itself, as part of a page.
pub(super) fn body(view: &View, why: &Why) -> Markup {
    let l = view.language();
    let unit = why
        .rule
        .as_ref()
        .map_or("", |rule| terms::unit(rule.unit, l));
    html! {
        p.lead {
            (l.say(format!("Revision {}: ", why.revision), format!("第{}版：", why.revision)))
            strong { (words::state(l, why.state)) } (l.say(": ", "：")) (words::reason(l, why.reason)) (l.say(".", "。"))
        }
        @if let Some(rule) = &why.rule {
            p { (sentence(l, rule, why.rule_version, unit)) }
            @if !rule.source.is_empty() { p { (l.say("Its threshold is from: ", "警戒值出处：")) (rule.source) (l.say(".", "。")) } }
        }
        @if let Some(incomplete) = why.incomplete {
            p.partial { (l.say("Not the whole story: ", "说明不完整：")) (doubt(l, incomplete)) (l.say(".", "。")) }
        }
        @if !why.panes.is_empty() { (panes(view, why, unit)) }
        @if !why.readings.is_empty() { (readings(view, why)) }
    }
}

fn sentence(l: Language, rule: &RuleWhy, version: u32, unit: &str) -> String {
    let value = Value::from_name(&rule.value);
    let value = value.map_or(rule.value.as_str(), |value| words::value_name(l, value));
    let (id, raise_at, seconds) = (&rule.id, rule.raise_at, rule.for_seconds);
    let side = match rule.direction {
        Danger::Above => l.say("at or above", "达到或超过"),
        Danger::Below => l.say("at or below", "达到或低于"),
    };
    let lasting = match seconds {
        0.0 => String::new(),
        seconds => l.say(format!(" for {seconds} s"), format!("，持续{seconds}秒")),
    };
    let line = format!("{raise_at} {unit}");
    let line = line.trim_end();
    l.say(
        format!("Rule {id}, version {version}: {value} {side} {line}{lasting}."),
        format!("规则{id}第{version}版：{value}{side}{line}{lasting}。"),
    )
}

/// Why it is not the whole story; these words come from `explain`.
fn doubt(l: Language, english: &'static str) -> &'static str {
    let chinese = match english {
        "the rule or the zone is gone from the city's files" => "城市文件中已没有该规则或区域",
        "the rule has changed since; this is how it judges now" => {
            "规则此后已变更，以下按现行规则判断"
        }
        "what it rests on is older than what the journal keeps" => "所依据的数据早于日志保留期",
        "a quality rule has withdrawn readings that raised it" => "质量规则已撤回触发警报的读数",
        "a node was not heard: there is no reading that it rests on" => {
            "节点无信号，没有可依据的读数"
        }
        "it rests on more than the zone's own readings of one quantity" => {
            "依据不止本区域单一物理量的读数"
        }
        other => other,
    };
    l.say(english, chinese)
}

fn panes(view: &View, why: &Why, unit: &str) -> Markup {
    let l = view.language();
    html! {
        h3 #panes-title { (l.say("What the rule saw until it raised the alert", "发出警报前规则所见的数据")) }
        div.scroll #panes tabindex="0" role="region" aria-labelledby="panes-title" { table.history {
            thead { tr {
                th scope="col" { (l.say("From", "起")) } th scope="col" { (l.say("To", "止")) } th scope="col" { (l.say("Zone", "区域值")) }
                th scope="col" { (l.say("Nodes", "节点")) } th scope="col" { (l.say("Past its line", "越过警戒值")) }
                th scope="col" { (l.say("A node's own alarm", "节点自身报警")) }
            } }
            tbody { @for pane in &why.panes { (pane_row(view, pane, unit)) } }
        } }
    }
}

fn pane_row(view: &View, pane: &PaneWhy, unit: &str) -> Markup {
    let (l, face) = (view.language(), &view.picture.face);
    html! {
        tr {
            td { time { (words::time(face, pane.start)) } }
            td { time { (words::time(face, pane.end)) } }
            td { (figure(pane.value)) " " (unit) }
            td { (pane.heard) }
            td { @if pane.past_threshold { (l.say("yes", "是")) } @else { (l.say("no", "否")) } }
            td { (figure(pane.node_alarm)) }
        }
    }
}

fn readings(view: &View, why: &Why) -> Markup {
    let l = view.language();
    html! {
        h3 #readings-title {
            (enough(l, why.readings.len())) " "
            small { @if why.minimal { (l.say("none of them can be spared", "缺一不可")) } @else { (l.say("perhaps fewer would do", "或可更少")) } }
        }
        div.scroll #readings tabindex="0" role="region" aria-labelledby="readings-title" { table.history {
            thead { tr {
                th scope="col" { (l.say("Node", "节点")) } th scope="col" { (l.say("Sampled at", "采样时间")) }
                th scope="col" { (l.say("Value", "数值")) } th scope="col" { (l.say("Mark", "标记")) }
            } }
            tbody { @for reading in &why.readings { (reading_row(view, reading)) } }
        } }
    }
}

fn reading_row(view: &View, reading: &ReadingWhy) -> Markup {
    let (l, face) = (view.language(), &view.picture.face);
    html! {
        tr {
            th scope="row" { a href={ "/node/" (reading.node) } { (reading.node) } }
            td { time { (words::time(face, reading.sampled_at)) } }
            td { (figure(reading.value)) " " (terms::unit(reading.unit, l)) }
            td {
                @if reading.node_alarm { (l.say("its own alarm", "自身报警")) }
                @if reading.saturated { " " (l.say("end of its range", "已达量程上限")) }
            }
        }
    }
}

fn enough(l: Language, readings: usize) -> String {
    match readings {
        1 => l
            .say("One reading is enough", "一个读数即已足够")
            .to_owned(),
        more => l.say(
            format!("{more} readings are enough"),
            format!("{more}个读数即已足够"),
        ),
    }
}

fn figure(shown: Option<Shown>) -> String {
    shown.map_or_else(|| "—".to_owned(), |shown| shown.to_string())
}
