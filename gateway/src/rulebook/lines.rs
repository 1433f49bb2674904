//! A rule as lines of `rules.toml`: what two versions of it are compared by.

use pipeline::calendar::Millis;
use pipeline::city::ZoneIx;
use pipeline::quality::QualityRule;
use pipeline::rules::{Danger, Rule, Statistic, Value};
use wire::{Milli, ZoneId};

use crate::config::show_duration;

/// The zones that the reader may know of, by their numbers.
pub type Zones<'a> = &'a dyn Fn(ZoneIx) -> Option<ZoneId>;

/// All lines of a rule but its id.
pub fn of_rule(rule: &Rule, zones: Zones<'_>) -> Vec<String> {
    let c = &rule.condition;
    let named: Vec<String> = rule
        .zones
        .iter()
        .filter_map(|ix| zones(*ix))
        .map(|id| format!("\"{id}\""))
        .collect();
    let mut lines = vec![
        text("kind", rule.kind.as_str()),
        text("value", &c.value.to_string()),
    ];
    if c.value != Value::Silence {
        lines.extend([
            text("statistic", statistic(c.statistic)),
            text("direction", direction(c.direction)),
            number("raise_at", c.raise_at),
            number("clear_at", c.clear_at),
            lasting("for", c.raise_after),
        ]);
    }
    lines.extend([
        lasting("clear_for", c.clear_after),
        lasting("max_gap", c.gap_max),
        lasting("hold", c.hold),
        text("severity", crate::http::api::severity_name(c.severity)),
        format!("zones = [{}]", named.join(", ")),
        format!("shadow = {}", c.shadow),
    ]);
    if c.peak_step > Milli::ZERO {
        lines.push(number("peak_step", c.peak_step));
    }
    lines.extend(rule.escalation.iter().map(|step| {
        let after = show_duration(step.after);
        format!("escalate after {after:?} to {}", step.to.join(", "))
    }));
    if !rule.source.is_empty() {
        lines.push(text("source", &rule.source));
    }
    lines
}

/// A quality rule, each test on a line of its own.
pub fn of_quality(rule: &QualityRule) -> Vec<String> {
    let all = crate::city::describe_quality(rule);
    let (_, tests) = all.split_once(": ").unwrap_or(("", &all));
    tests.split("; ").map(str::to_owned).collect()
}

pub fn statistic(statistic: Statistic) -> &'static str {
    match statistic {
        Statistic::Mean => "mean",
        Statistic::Min => "min",
        Statistic::Max => "max",
        Statistic::Last => "last",
        Statistic::Count => "count",
    }
}

pub fn direction(direction: Danger) -> &'static str {
    match direction {
        Danger::Above => "above",
        Danger::Below => "below",
    }
}

fn text(key: &str, value: &str) -> String {
    format!("{key} = {value:?}")
}

fn number(key: &str, value: Milli) -> String {
    format!("{key} = {value}")
}

fn lasting(key: &str, time: Millis) -> String {
    format!("{key} = {:?}", show_duration(time))
}
