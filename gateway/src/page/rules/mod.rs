//! The rules: each in words, how it stands now, how often it fired, and what became of it; one of them alone in [`one`].

use std::collections::BTreeMap;

use maud::{Markup, html};
use pipeline::alert::{Revision, State};
use pipeline::calendar::{DAY, Millis};
use pipeline::quality::{Cause, QualityRule};
use wire::{KindId, RuleId};

use super::marks::{class, mark};
use super::{View, city_name, document, header, words};
use crate::board::RuleFace;
use crate::board::picture::Standing;
use crate::history::stored::Told;
use crate::language::Language;
use crate::rulebook::changes::{Change, Side, What};
use crate::rulebook::{Rulebook, words as sentence};

pub mod one;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;

/// Most changes that are listed.
const CHANGES_MAX: usize = 50;

/// Everything that the pages of rules show.
pub struct RulesScene {
    pub view: View,
    /// Alerts of the last day, published or in shadow: the last word on each.
    pub told: Vec<Told>,
    /// The latest first.
    pub changes: Vec<Change>,
    /// Why alerts or changes may be missing.
    pub untold: Option<String>,
}

/// What a rule said in the last day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// Open now.
    pub open: usize,
    /// Begun in the last day and, by what is known now, true.
    pub fired: usize,
    /// Begun in the last day and cancelled: they were never true.
    pub cancelled: usize,
}

impl RulesScene {
    pub(super) fn book(&self) -> &Rulebook {
        &self.view.picture.face.book
    }

    /// The rules that watch something that the reader may see, the worst of each kind first.
    pub(super) fn seen(&self) -> impl Iterator<Item = &RuleFace> {
        let rules = self.view.picture.face.rules.iter();
        rules.filter(|rule| !rule.zones.is_empty())
    }

    /// Alerts of a rule, as far as the reader may see them.
    pub(super) fn alerts_of(&self, rule: RuleId) -> Vec<&Revision> {
        let zones = &self.view.picture.face.zones;
        let told = self.told.iter().map(|told| &told.revision);
        let own = told.filter(|r| r.rule == rule && zones.iter().any(|zone| zone.id == r.zone));
        own.collect()
    }

    pub fn said(&self, rule: RuleId) -> Said {
        let since = self.view.picture.now - DAY;
        let mut said = Said::default();
        for alert in self.alerts_of(rule) {
            said.open += usize::from(alert.state.is_open());
            if alert.onset >= since {
                match alert.state {
                    State::Cancelled => said.cancelled += 1,
                    _ => said.fired += 1,
                }
            }
        }
        said
    }
}

/// All rules.
pub fn whole(scene: &RulesScene) -> Markup {
    let view = &scene.view;
    let l = view.language();
    let title = format!(
        "{} · {}",
        l.say("Rules", "规则"),
        city_name(&view.picture.face)
    );
    let body = html! {
        (header::draw(view))
        main.one.rules {
            (in_force(scene))
            (sensors(scene))
            (changed(scene, None))
            (defaults(scene))
        }
    };
    document(view, &title, "/rules", body)
}

fn in_force(scene: &RulesScene) -> Markup {
    let l = scene.view.language();
    let mut kinds: BTreeMap<KindId, Vec<&RuleFace>> = BTreeMap::new();
    for rule in scene.seen() {
        kinds.entry(rule.kind).or_default().push(rule);
    }
    for rules in kinds.values_mut() {
        rules.sort_by_key(|rule| (rule.shadow, std::cmp::Reverse(rule.severity), rule.id));
    }
    html! {
        section #rules data-live aria-labelledby="rules-title" {
            h2 #rules-title { (l.say("Rules", "规则")) small { (scene.seen().count()) } }
            p {
                @match scene.book().is_default {
                    true => (l.say(
                        "The city has no rules.toml: the default rules are in force, thresholds of standards, each with its source.",
                        "城市没有 rules.toml：使用默认规则，即各标准的阈值，均注明来源。",
                    )),
                    false => (l.say("The city's own, from its rules.toml.", "城市自定规则，来自 rules.toml。")),
                }
                " "
                a href="/api/v1/rules" { "JSON" }
            }
            @if let Some(why) = &scene.untold { p.trouble { (l.say("Not everything could be read: ", "部分内容无法读取：")) (why) } }
            @if kinds.is_empty() { p.calm { (l.say("There is no rule: nothing here raises an alert.", "没有规则：不会触发警报。")) } }
            @for (kind, rules) in &kinds {
                h3 { (kind) }
                ul.rule-list { @for rule in rules { (row(scene, rule)) } }
            }
        }
    }
}

fn row(scene: &RulesScene, rule: &RuleFace) -> Markup {
    let l = scene.view.language();
    html! {
        li #{ "r-" (rule.id) } class=(class(Standing::Alert(rule.severity))) {
            div.what {
                (mark(Standing::Alert(rule.severity)))
                a href={ "/rules/" (rule.id) } { b { (rule.id) } }
                span.severity { (words::severity(l, rule.severity)) }
                @if rule.shadow { span.shadow { (l.say("in shadow: tells nobody", "试运行：不通知任何人")) } }
            }
            @if let Some(known) = scene.book().rule(rule.ix) { p { (sentence::of_rule(l, known)) } }
            p.sure { (zones(l, rule.zones.len())) " · " (said(l, scene.said(rule.id))) }
        }
    }
}

fn zones(l: Language, count: usize) -> String {
    let plural = if count == 1 { "" } else { "s" };
    l.say(format!("{count} zone{plural}"), format!("{count}个区域"))
}

/// `2 open now · 5 in the last day · 1 cancelled`.
pub(super) fn said(l: Language, said: Said) -> Markup {
    let Said {
        open,
        fired,
        cancelled,
    } = said;
    let times = match fired {
        0 => "never".to_owned(),
        1 => "once".to_owned(),
        fired => format!("{fired} times"),
    };
    html! {
        @if open > 0 { b { (l.say(format!("{open} open now"), format!("当前未解除{open}条"))) } }
        @else { (l.say("none open now", "当前无未解除警报")) }
        " · " (l.say(format!("fired {times} in the last day"), format!("最近一天触发{fired}次")))
        @if cancelled > 0 { " · " (l.say(format!("{cancelled} cancelled"), format!("撤销{cancelled}条"))) }
    }
}

/// What sensors must not do, and whom that has cost their readings now.
fn sensors(scene: &RulesScene) -> Markup {
    let l = scene.view.language();
    let rules = &scene.book().quality;
    html! {
        section #quality-rules data-live aria-labelledby="quality-rules-title" {
            h2 #quality-rules-title { (l.say("Which sensors are not believed", "传感器质量规则")) small { (rules.len()) } }
            @if rules.is_empty() { p.calm { (l.say("There is no such rule: every sensor is believed.", "没有此类规则：所有传感器均被采信。")) } }
            ul.rule-list { @for rule in rules.iter() { (sensor(scene, rule)) } }
        }
    }
}

fn sensor(scene: &RulesScene, rule: &QualityRule) -> Markup {
    let (l, picture) = (scene.view.language(), &scene.view.picture);
    let by_it = |node: &&crate::board::picture::NodePicture| {
        node.quarantined()
            .any(|row| row.quantity == Some(rule.quantity) && matches!(row.cause, Cause::Flaw(_)))
    };
    let withdrawn: Vec<_> = picture.nodes.iter().filter(by_it).collect();
    html! {
        li {
            p { (sentence::of_quality(l, rule)) }
            p.sure {
                @if withdrawn.is_empty() { (l.say("nothing withdrawn now", "当前无撤回")) }
                @else {
                    span.partial { (l.say("withdrawn now: ", "当前已撤回：")) }
                    @for node in &withdrawn { a href={ "/node/" (picture.node_face(node).id) } { (picture.node_face(node).id) } " " }
                }
            }
        }
    }
}

/// What became of the rules, of one or of all.
pub(super) fn changed(scene: &RulesScene, of: Option<RuleId>) -> Markup {
    let l = scene.view.language();
    let own = |change: &&Change| of.is_none_or(|id| change.rule == id.as_str());
    let changes: Vec<&Change> = scene.changes.iter().filter(own).collect();
    html! {
        section #changes data-live aria-labelledby="changes-title" {
            h2 #changes-title { (l.say("What changed", "变更记录")) small { (changes.len()) } }
            p.note {
                (l.say(
                    "Every version is in the journal as the gateway read it from rules.toml; who wrote the file is not in it.",
                    "日志保存了网关从 rules.toml 读取的每个版本；文件由谁修改不在记录之中。",
                ))
            }
            @if changes.is_empty() { p.calm { (l.say("Nothing, as far as the journal reaches.", "在日志范围内没有变更。")) } }
            ol.changes { @for change in changes.iter().take(CHANGES_MAX) { (change_of(scene, change)) } }
            @if changes.len() > CHANGES_MAX {
                p.more { (l.say(format!("and {} earlier ones", changes.len() - CHANGES_MAX), format!("另有更早的{}条", changes.len() - CHANGES_MAX))) }
            }
        }
    }
}

fn change_of(scene: &RulesScene, change: &Change) -> Markup {
    let l = scene.view.language();
    let what = match change.what {
        What::Added => l.say("new", "新增"),
        What::Changed => l.say("changed", "修改"),
        What::Removed => l.say("gone", "删除"),
    };
    html! {
        li {
            p.what { time { (at(scene, change.at)) } " " b { (change.rule) } " " span.sure { (what) } }
            div.diff {
                @for (side, line) in &change.lines {
                    @match side {
                        Side::Was => del { span aria-hidden="true" { "− " } (line) },
                        Side::Is => ins { span aria-hidden="true" { "+ " } (line) },
                    }
                }
            }
        }
    }
}

pub(super) fn at(scene: &RulesScene, at: Millis) -> String {
    super::health::moment(scene.view.language(), &scene.view.picture.face, at)
}

/// The default rules, where the city has its own.
fn defaults(scene: &RulesScene) -> Markup {
    let l = scene.view.language();
    let defaults = &scene.book().defaults;
    if defaults.is_empty() {
        return html! {};
    }
    let title = l.say(
        format!("Default rules, not in force here ({})", defaults.len()),
        format!("默认规则（此处未启用，{}条）", defaults.len()),
    );
    html! {
        section #defaults aria-label=(title) {
            details #defaults-shown {
                summary { (title) }
                p.note {
                    (l.say("Thresholds of standards, as a file by the command ", "各标准的阈值，可输出为文件，命令为 ")) code { "citysense rules" }
                }
                ul.rule-list {
                    @for rule in defaults.iter() {
                        li class=(class(Standing::Alert(rule.condition.severity))) {
                            div.what { (mark(Standing::Alert(rule.condition.severity))) b { (rule.id) } span.kind { (rule.kind) } }
                            p { (sentence::of_rule(l, rule)) }
                            @if !rule.source.is_empty() { p.sure lang="en" { (rule.source) } }
                        }
                    }
                }
            }
        }
    }
}
