//! One rule: in words and as it is written, where it watches, what it said, and what it would have said in shadow.

use maud::{Markup, html};
use pipeline::alert::Revision;
use pipeline::calendar::DAY;

use super::{RulesScene, at, changed, said};
use crate::board::RuleFace;
use crate::board::picture::{Standing, alert_value, list_order};
use crate::compare;
use crate::page::marks::{class, mark};
use crate::page::{city_name, document, header, words};
use crate::rulebook::{lines, words as sentence};

/// Most alerts that are listed.
const SHOWN_MAX: usize = 50;

/// The page of one rule.
pub fn whole(scene: &RulesScene, rule: &RuleFace) -> Markup {
    let view = &scene.view;
    let title = format!("{} · {}", rule.id, city_name(&view.picture.face));
    let body = html! {
        (header::draw(view))
        main.one.rules {
            (head(scene, rule))
            @if rule.shadow { (in_shadow(scene, rule)) }
            (alerts(scene, rule))
            (changed(scene, Some(rule.id)))
        }
    };
    document(view, &title, &format!("/rules/{}", rule.id), body)
}

fn head(scene: &RulesScene, rule: &RuleFace) -> Markup {
    let (l, face) = (scene.view.language(), &scene.view.picture.face);
    let known = scene.book().rule(rule.ix);
    let named = |ix| face.zone(ix).map(|zone| zone.id);
    html! {
        section #rule data-live class=(class(Standing::Alert(rule.severity))) aria-labelledby="rule-title" {
            p { a href="/rules" { (l.say("← All rules", "← 全部规则")) } }
            h2 #rule-title {
                (mark(Standing::Alert(rule.severity))) (rule.id)
                small { (words::severity(l, rule.severity)) " · " (rule.kind) }
                @if rule.shadow { small.shadow { (l.say("in shadow: tells nobody", "试运行：不通知任何人")) } }
            }
            @if let Some(known) = known {
                p.lead { (sentence::of_rule(l, known)) }
                p { (said(l, scene.said(rule.id))) }
                dl.facts {
                    div { dt { (l.say("Source of the threshold", "阈值来源")) } dd {
                        @match known.source.as_str() {
                            "" => (l.say("nobody says", "未注明")),
                            source => (source),
                        }
                    } }
                    @for step in &known.escalation {
                        @let after = sentence::lasting(l, step.after);
                        div {
                            dt { (l.say(format!("Not acknowledged after {after}"), format!("{after}内未确认"))) }
                            dd { (l.say("told to ", "通知 ")) (step.to.join(", ")) }
                        }
                    }
                }
                details #rule-lines {
                    summary { (l.say("As it is written", "规则原文")) }
                    pre { @for line in lines::of_rule(known, &named) { (line) "\n" } }
                }
            }
            h3 { (l.say("Zones that it watches", "适用区域")) " (" (rule.zones.len()) ")" }
            ul.watched {
                @for zone in rule.zones.iter().filter_map(|ix| face.zone(*ix)) {
                    li { a href={ "/zone/" (zone.id) "?value=" (rule.value) } { (zone.name) } }
                }
            }
        }
    }
}

/// What people would have been told of, against what they were told.
fn in_shadow(scene: &RulesScene, rule: &RuleFace) -> Markup {
    let (l, picture) = (scene.view.language(), &scene.view.picture);
    let times = (picture.now - DAY, picture.now);
    let found = compare::in_shadow(&scene.told, &picture.face, rule, times);
    let others = compare::stands_in_for(rule, &picture.face.rules);
    html! {
        section #shadow data-live aria-labelledby="shadow-title" {
            h2 #shadow-title { (l.say("What it would have said", "若启用会如何")) small { (l.say("last day", "最近一天")) } }
            p {
                @match others.is_empty() {
                    true => (l.say("It stands in for no rule in force.", "它不替代任何现行规则。")),
                    false => {
                        (l.say("In the place of ", "替代 "))
                        @for (place, other) in others.iter().enumerate() {
                            @if place > 0 { (l.say(", ", "、")) }
                            a href={ "/rules/" (other) } { (other) }
                        }
                        (l.say(":", "："))
                    }
                }
            }
            dl.counts {
                @for (count, name) in [
                    (found.added.len(), l.say("more alerts", "新增警报")),
                    (found.removed.len(), l.say("fewer alerts", "减少警报")),
                    (found.moved.len(), l.say("at other times", "时间或级别不同")),
                    (found.same.len(), l.say("the same", "相同")),
                ] { div { dt { (name) } dd { (count) } } }
            }
        }
    }
}

fn alerts(scene: &RulesScene, rule: &RuleFace) -> Markup {
    let l = scene.view.language();
    let mut alerts = scene.alerts_of(rule.id);
    alerts.sort_by_key(|alert| list_order(alert));
    html! {
        section #said data-live aria-labelledby="said-title" {
            h2 #said-title { (l.say("Its alerts", "其警报")) small { (l.say("open ones, and those of the last day", "未解除的及最近一天的")) } }
            @if alerts.is_empty() { p.calm { (l.say("None.", "无。")) } }
            ul.spells { @for alert in alerts.iter().take(SHOWN_MAX) { (one(scene, rule, alert)) } }
            @if alerts.len() > SHOWN_MAX {
                p.more { (l.say(format!("and {} more", alerts.len() - SHOWN_MAX), format!("另有{}条", alerts.len() - SHOWN_MAX))) }
            }
        }
    }
}

fn one(scene: &RulesScene, rule: &RuleFace, alert: &Revision) -> Markup {
    let (l, face) = (scene.view.language(), &scene.view.picture.face);
    let end = alert.end.unwrap_or(alert.updated);
    let (peak, unit) = (
        words::number(alert_value(face, alert)),
        crate::language::terms::unit(alert.unit, l),
    );
    html! {
        li class=(class(Standing::Alert(alert.severity))) {
            // What was said in shadow is nowhere else.
            @match rule.shadow {
                true => b { (alert.zone_name) },
                false => a href={ "/alert/" (alert.id) } { b { (alert.zone_name) } },
            }
            @if let Some(node) = alert.node { " · " (node) }
            span.sure {
                (words::state(l, alert.state)) " · " (at(scene, alert.onset))
                @if !alert.state.is_open() { " – " (words::time(face, end)) }
                " · " (l.say("peak ", "峰值")) (peak) " " (unit)
            }
        }
    }
}
