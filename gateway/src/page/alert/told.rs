//! What was told to whom: the CAP messages as they were sent, the topics, the Alertmanagers, and whom an escalation reached.

use maud::{Markup, html};

use super::Sheet;
use crate::board::alerts::Pushed;
use crate::cap::{Told, facts};
use crate::page::{View, desk};

/// So many messages are listed; each names all before it anyway.
const LISTED: usize = 6;

pub(super) fn draw(view: &View, sheet: &Sheet) -> Markup {
    let l = view.language();
    let latest = sheet.story.latest();
    let standing = sheet.story.trail.standing();
    let messages: Vec<&Told> = standing
        .iter()
        .flat_map(|(last, before)| before.iter().chain([*last]))
        .collect();
    let listed = messages.iter().enumerate().rev().take(LISTED);
    let to = desk::listed(l, latest.desk.escalated_to.iter().map(String::as_str));
    html! {
        section #told data-live aria-labelledby="told-title" {
            h2 #told-title { (l.say("Who was told", "已通知")) }
            @if let Some(silenced) = latest.desk.silenced.as_ref().filter(|_| latest.state.is_open()) {
                @let until = desk::moment(view, silenced.until);
                p.partial { (l.say(
                    format!("Silenced until {until} by {}: no other system that had not heard of it is told.", silenced.by),
                    format!("{}已设静默至{until}：此前未获知的系统不会收到通知。", silenced.by),
                )) }
            }
            @if !to.is_empty() { p { (l.say(format!("Its escalation reached {to}."), format!("已逐级上报：{to}。"))) } }
            @if !sheet.story.pushes.is_empty() {
                ul #pushes { @for (address, pushed) in &sheet.story.pushes { li { (taken(view, address, *pushed, latest.revision)) } } }
            }
            @if messages.is_empty() {
                p.calm { @if sheet.archived {
                    (l.say("Its messages are not kept once it has left the list.", "移出列表后不再保留其消息。"))
                } @else {
                    (l.say("No CAP message has left the gateway yet.", "尚未发出CAP消息。"))
                } }
            } @else {
                p { (l.say("CAP messages on the alert's topic and in the feed, the latest first:", "已发布到主题和订阅源的CAP消息（最新在前）："))
                    " " a href={ "/api/v1/alerts/" (latest.id) "/cap" } { (l.say("the one that stands", "当前有效消息")) }
                }
                ol.messages { @for (place, told) in listed { li { (message(view, sheet, told, place)) } } }
            }
        }
    }
}

/// What an Alertmanager has of an alert that is at revision `now`.
fn taken(view: &View, address: &str, pushed: Option<Pushed>, now: u32) -> Markup {
    let l = view.language();
    html! {
        "Alertmanager " code { (address) } (l.say(": ", "："))
        @if let Some(Pushed { revision, at }) = pushed {
            @let at = desk::moment(view, at);
            (l.say(format!("revision {revision}, last said at {at}"), format!("第{revision}版，最近于{at}告知")))
            @if revision < now { span.partial {
                (l.say(format!("; revision {now} not yet"), format!("；第{now}版尚未告知")))
            } }
        } @else {
            span.partial { (l.say("it could not be told yet", "尚未能告知")) }
        }
    }
}

fn message(view: &View, sheet: &Sheet, told: &Told, before: usize) -> Markup {
    let l = view.language();
    let mut revisions = sheet.story.revisions().iter();
    let of = revisions.find(|r| r.revision == told.revision);
    let kind = match of.map(|of| facts::message_type(of.state, before == 0)) {
        Some("Alert") => l.say("Alert", "首发"),
        Some("Cancel") => l.say("Cancel", "撤销"),
        _ => l.say("Update", "更新"),
    };
    let (sent, expires) = (
        desk::moment(view, told.sent.at),
        desk::moment(view, told.expires.at),
    );
    let revision = told.revision;
    html! {
        time { (sent) } " · " strong { (kind) } " · "
        (l.say(format!("revision {revision}"), format!("第{revision}版")))
        @if told.is_renewal { (l.say(", said again", "，重发")) }
        " · " (l.say(format!("good until {expires}"), format!("有效至{expires}")))
        @if before > 0 { " · " (l.say(format!("names {before} before it"), format!("引用此前{before}条"))) }
        br;
        code { (told.identifier(sheet.story.latest().id)) }
    }
}
