//! The head of the page: which city, what time it is there, whether it is real, and how the gateway is.

use maud::{Markup, html};
use pipeline::alert::Status;

use super::{View, account, announce, city_name, status_word, words};
use crate::language::Language;

pub(super) fn draw(view: &View) -> Markup {
    html! {
        header { (now(view)) (account::chip(view)) }
        (summary(view))
    }
}

/// What of it is the same for all who may see as much: who reads is not in it.
pub(super) fn shared(view: &View) -> Markup {
    html! { (now(view)) (summary(view)) }
}

fn now(view: &View) -> Markup {
    let (l, picture) = (view.language(), &view.picture);
    let (face, is_live) = (&picture.face, view.trouble.is_none());
    let up = picture.health.link_up;
    html! {
        div #head data-live {
            div.city {
                h1 { a href="/" { (city_name(face)) } }
                @if face.status != Status::Actual {
                    p.status { (status_word(l, face.status)) }
                }
            }
            ul.health aria-label=(l.say("Gateway", "网关")) {
                (chip(l, l.say("Link", "连接"), up, if up { l.say("up", "正常") } else { l.say("down", "中断") }))
                @match &picture.health.journal_error {
                    None => (chip(l, l.say("Journal", "日志"), true, l.say("writing", "写入正常"))),
                    Some(error) => (chip(l, l.say("Journal", "日志"), false, error)),
                }
                (chip(l, l.say("Figures", "数值"), is_live, &frontier(view)))
            }
            p.clock {
                time datetime=(words::instant(face, picture.now)) { (words::time(face, picture.now)) }
                span { "UTC" (words::offset(face, picture.now)) " · " (words::date(l, face, picture.now)) }
            }
        }
    }
}

fn summary(view: &View) -> Markup {
    let l = view.language();
    html! {
        (announce::draw(view))
        section #summary data-live data-title=(super::title(view)) aria-label=(l.say("Summary", "概要")) {
            @if let Some(trouble) = &view.trouble {
                p.trouble role="status" {
                    strong { (l.say("Not live: ", "并非实时：")) } (trouble.words(l)) (l.say(".", "。"))
                }
            }
            (super::summary::draw(view))
        }
        // Where the link past the navigation leads.
        div #content tabindex="-1" {}
    }
}

/// One part of the gateway; a word beside the sign says to all whether it is well.
fn chip(l: Language, name: &str, good: bool, text: &str) -> Markup {
    html! {
        li class=(if good { "good" } else { "bad" }) {
            span { (name) } " " strong { (text) }
            @if !good { span.hidden { (l.say(" (trouble)", "（异常）")) } }
        }
    }
}

/// How far the figures reach.
fn frontier(view: &View) -> String {
    let (l, picture) = (view.language(), &view.picture);
    match picture.health.frontier {
        0 => l.say("none yet", "暂无").to_owned(),
        frontier => {
            let to = words::time(&picture.face, frontier as i64);
            let lag = words::age(l, picture.lag());
            l.say(
                format!("to {to} ({lag} behind)"),
                format!("截至{to}（滞后{lag}）"),
            )
        }
    }
}
