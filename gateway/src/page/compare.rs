//! What rules in shadow would have said, beside those in force, as a page.

use maud::{Markup, html};
use pipeline::alert::Revision;
use pipeline::calendar::Millis;

use super::history::{moment, table};
use super::{View, city_name, document, header, words};
use crate::board::RuleFace;
use crate::compare::Differences;

/// A stretch of event time, and what each rule in shadow would have changed in it.
pub type Found = ((Millis, Millis), Vec<(RuleFace, Differences)>);

/// The rules in shadow, the form, and its answer once it was asked.
pub fn whole(view: &View, found: Option<Found>, listed_max: usize) -> Markup {
    let stretch = found.as_ref().map(|(stretch, _)| *stretch);
    page(
        view,
        stretch,
        html! {
            @if let Some((_, found)) = found {
                @for (place, (rule, found)) in found.into_iter().enumerate() { (answer(view, place, &rule, found, listed_max)) }
            }
        },
    )
}

/// The form, and why the question has no answer.
pub fn unanswered(view: &View, why: &str) -> Markup {
    let l = view.language();
    page(
        view,
        None,
        html! {
            section #answer aria-labelledby="answer-title" {
                h2 #answer-title { (l.say("No answer", "无法回答")) }
                p role="alert" { (why) }
            }
        },
    )
}

fn page(view: &View, stretch: Option<(Millis, Millis)>, answer: Markup) -> Markup {
    let (l, face) = (view.language(), &view.picture.face);
    let title = l.say("Rules before they are in force", "试运行规则对比");
    let shadow: Vec<&RuleFace> = face.rules.iter().filter(|rule| rule.shadow).collect();
    let (from, to) = (stretch.map(|s| s.0), stretch.map(|s| s.1));
    let body = html! {
        (header::draw(view))
        main.one {
            section #ask aria-labelledby="ask-title" {
                h2 #ask-title { (title) }
                p { (l.say(
                    "A rule in shadow runs on live state and tells nobody. Here its alerts stand beside those of the rules that it would take the place of.",
                    "试运行规则依据实时数据运行，但不通知任何人。此处将其警报与拟替代规则的警报对比。",
                )) }
                @if shadow.is_empty() {
                    p.calm { (l.say(
                        "No rule runs in shadow. Write shadow = true into a rule of rules.toml to try it.",
                        "目前没有试运行规则。在rules.toml的规则中写入shadow = true即可试运行。",
                    )) }
                } @else {
                    ul { @for rule in &shadow { li { (rule.id) ": " (words::value_name(l, rule.value)) " " (words::rounded(rule.raise_at)) " " (words::unit(l, rule.value)) } } }
                    form.act.ask action="/compare" {
                        (moment(view, "from", l.say("From", "从"), from))
                        (moment(view, "to", l.say("To", "到"), to))
                        span.buttons { button { (l.say("Compare", "对比")) } }
                    }
                }
            }
            (answer)
        }
    };
    document(
        view,
        &format!("{title} · {}", city_name(face)),
        "/compare",
        body,
    )
}

fn answer(view: &View, place: usize, rule: &RuleFace, found: Differences, most: usize) -> Markup {
    let l = view.language();
    let areas = &view.reader.asker.areas;
    let seen = |alerts: Vec<Revision>| -> Vec<Revision> {
        let own = alerts.into_iter().filter(|r| areas.contains(r.zone));
        own.collect()
    };
    let pairs = |pairs: Vec<(Revision, Revision)>| -> Vec<(Revision, Revision)> {
        let own = pairs.into_iter().filter(|(r, _)| areas.contains(r.zone));
        own.collect()
    };
    let (added, removed) = (seen(found.added), seen(found.removed));
    let (moved, same) = (pairs(found.moved), pairs(found.same).len());
    let counts = [added.len(), removed.len(), moved.len(), same];
    let [more, fewer, other, alike] = counts;
    let title = format!("compared-{place}");
    html! {
        section aria-labelledby=(title) {
            h2 #(title) { (rule.id) small { (l.say(
                format!("{more} added, {fewer} removed, {other} moved, {alike} alike"),
                format!("新增{more}，减少{fewer}，变动{other}，相同{alike}"),
            )) } }
            @if !added.is_empty() { h3 { (l.say("It alone would say", "仅试运行规则会发出")) } (table(view, &added[..more.min(most)])) }
            @if !removed.is_empty() { h3 { (l.say("It would not say", "试运行规则不会发出")) } (table(view, &removed[..fewer.min(most)])) }
            @if !moved.is_empty() {
                h3 { (l.say("As it was, and as it would have been", "原警报与试运行结果")) }
                div.moved { @for (was, would) in moved.into_iter().take(most) { (table(view, &[was, would])) } }
            }
        }
    }
}
