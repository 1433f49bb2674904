//! Two clocks as a page: what was known at a moment, and what is known to have been true at a moment.

use maud::{Markup, html};
use pipeline::alert::Revision;
use pipeline::calendar::{DAY, HOUR, Millis, rfc3339};

use super::marks::mark;
use super::{View, city_name, document, header, words};
use crate::axes::written;
use crate::board::picture::{Standing, alert_value};
use crate::history::Question;
use crate::language::{Both, kinds, terms};

/// Moments that are often asked for.
const AGO: [(Millis, Both); 3] = [
    (HOUR, Both("an hour ago", "一小时前")),
    (6 * HOUR, Both("six hours ago", "六小时前")),
    (DAY, Both("a day ago", "一天前")),
];

/// The question as a form, and its answer once it was asked.
pub fn whole(
    view: &View,
    question: Question,
    told: Option<Vec<Revision>>,
    listed_max: usize,
) -> Markup {
    page(
        view,
        question,
        html! {
            @if let Some(told) = told { (answer(view, question, &told, listed_max)) }
        },
    )
}

/// The form, and why the question has no answer.
pub fn unanswered(view: &View, why: &str) -> Markup {
    let l = view.language();
    page(
        view,
        Question::default(),
        html! {
            section #answer aria-labelledby="answer-title" {
                h2 #answer-title { (l.say("No answer", "无法回答")) }
                p role="alert" { (why) }
            }
        },
    )
}

fn page(view: &View, question: Question, answer: Markup) -> Markup {
    let l = view.language();
    let title = l.say("History by two clocks", "双时钟历史查询");
    let body = html! {
        (header::draw(view))
        main.one {
            section #ask aria-labelledby="ask-title" {
                h2 #ask-title { (title) }
                p { (l.say(
                    "Known at: the list of alerts as it stood at that moment, mistakes included. True at: every alert that, by what is \
                     known now, was going on then, whether or not it had been raised. Both: what was known at one moment to have been true at another.",
                    "“当时所知”：当时的警报列表，包括后来更正的错误。“实际发生”：按现在所知，当时确在持续的警报，无论当时是否已发出。两者同填：在某一时刻所知的另一时刻的情况。",
                )) }
                form.act.ask action="/history" {
                    (moment(view, "known_at", l.say("Known at", "当时所知"), question.known_at))
                    (moment(view, "true_at", l.say("True at", "实际发生"), question.true_at))
                    span.buttons { button { (l.say("Ask", "查询")) } }
                }
                p.note {
                    (l.say("As known ", "当时所知："))
                    @for (ago, words) in AGO {
                        a href=(format!("/history?known_at={}", rfc3339(view.picture.now - ago))) { (words.to(l)) } " · "
                    }
                    a href="/compare" { (l.say("What would other rules have said?", "其他规则会怎么报？")) }
                }
            }
            (answer)
        }
    };
    document(
        view,
        &format!("{title} · {}", city_name(&view.picture.face)),
        "/history",
        body,
    )
}

/// A moment on the city's clocks.
pub(super) fn moment(view: &View, name: &str, label: &str, at: Option<Millis>) -> Markup {
    let face = &view.picture.face;
    let offset = words::offset(face, at.unwrap_or(view.picture.now));
    let value = at.map(|at| written(at, "%Y-%m-%dT%H:%M:%S", &face.time_zone));
    html! {
        span.field {
            label for=(name) { (label) " (" (offset) ")" }
            input #(name) name=(name) type="datetime-local" step="1" value=[value];
        }
    }
}

fn answer(view: &View, question: Question, told: &[Revision], listed_max: usize) -> Markup {
    let (l, face) = (view.language(), &view.picture.face);
    let time = |at| format!("{} {}", words::date(l, face, at), words::time(face, at));
    let count = told.len();
    let asked = match (question.known_at.map(time), question.true_at.map(time)) {
        (Some(known), Some(true_at)) => l.say(
            format!("Known at {known} to have been true at {true_at}"),
            format!("在{known}所知的{true_at}的情况"),
        ),
        (Some(known), None) => l.say(format!("Known at {known}"), format!("{known}当时所知")),
        (None, Some(true_at)) => l.say(
            format!("True at {true_at}, by what is known now"),
            format!("按现在所知，{true_at}实际发生"),
        ),
        (None, None) => String::new(),
    };
    html! {
        section #answer aria-labelledby="answer-title" {
            h2 #answer-title { (asked) small { (l.say(format!("{count} alerts"), format!("{count}条警报"))) } }
            @if told.is_empty() { p.calm { (l.say("No alert.", "没有警报。")) } }
            @else { (table(view, &told[..count.min(listed_max)])) }
            @if count > listed_max { p.more {
                (l.say(format!("The first {listed_max}; the API has all."), format!("仅列出前{listed_max}条，其余见API。")))
            } }
        }
    }
}

/// Alerts as they were said, one a row.
pub(super) fn table(view: &View, alerts: &[Revision]) -> Markup {
    let l = view.language();
    html! {
        div.scroll tabindex="0" role="region" aria-label=(l.say("Alerts", "警报")) { table.history {
            thead { tr {
                th scope="col" { (l.say("Alert", "警报")) } th scope="col" { (l.say("State", "状态")) }
                th scope="col" { (l.say("Peak", "峰值")) } th scope="col" { (l.say("Since", "开始")) }
                th scope="col" { (l.say("Ended", "结束")) } th scope="col" { (l.say("Rule", "规则")) }
            } }
            tbody { @for alert in alerts { (row(view, alert)) } }
        } }
    }
}

fn row(view: &View, alert: &Revision) -> Markup {
    let (l, face) = (view.language(), &view.picture.face);
    let time = |at| format!("{} {}", words::date(l, face, at), words::time(face, at));
    let revision = alert.revision;
    html! {
        tr {
            th scope="row" { a href={ "/alert/" (alert.id) } {
                (mark(Standing::Alert(alert.severity))) " " (words::severity(l, alert.severity)) " · "
                (kinds::alert(alert.kind.as_str(), l)) " · " (alert.zone_name)
            } }
            td {
                (words::state(l, alert.state)) ", "
                a href={ "/alert/" (alert.id) "/why?revision=" (revision) } {
                    (l.say(format!("revision {revision}"), format!("第{revision}版")))
                }
            }
            td { (words::number(alert_value(face, alert))) " " (terms::unit(alert.unit, l)) }
            td { time { (time(alert.onset)) } }
            td { @match alert.end { Some(end) => time { (time(end)) }, None => "—" } }
            td { (alert.rule) }
        }
    }
}
