//! `rules.toml`: which zone value, past which threshold, for how long, is an alert.

use std::collections::HashMap;

use pipeline::calendar::{Calendar, DAY, HOUR, MINUTE, Millis};
use pipeline::city::ZoneIx;
use pipeline::derived::Derived;
use pipeline::quality::QualityRule;
use pipeline::rules::{Condition, Danger, Rule, Severity, Statistic, Value};
use pipeline::science::air::Standard;
use toml::de::DeValue;
use wire::quantity::Summing;
use wire::{KindId, Milli, Quantity, RuleId};

use super::escalation;
use super::numbers::Numbers;
use super::quality;
use super::zones::Zones;
use crate::config::value as read;
use crate::config::{Document, Problems, Section, nearest, show_duration};

const FILE: &str = "rules.toml";

/// The rules of a city that has no `rules.toml`: thresholds of standards, each with its source.
pub const DEFAULT_RULES: &str = include_str!("default_rules.toml");

/// Without `max_gap` so many panes may be missing before an alert ends for want of data.
const GAP_PANES: Millis = 3;

/// Without `hold` an alert that changes faster than people can read is told in steps of so long.
const HOLD_DEFAULT: Millis = MINUTE;

/// What rules are checked against.
pub(crate) struct Surroundings<'a> {
    pub(crate) zones: &'a Zones,
    pub(crate) calendar: &'a Calendar,
    pub(crate) standards: &'a [Standard],
    pub(crate) silence_after: Option<Millis>,
    /// The rules are the default ones, made for any city: those that look at zones or indices that this city has
    /// not are left out instead of being mistakes.
    pub(crate) is_default: bool,
}

impl Surroundings<'_> {
    /// Why no zone of this city can ever have the value.
    fn lacks(&self, value: Value) -> Option<String> {
        match value {
            Value::AirIndex(standard)
            | Value::AirDay(standard)
            | Value::AirForecast(standard, _)
                if !self.standards.contains(&standard) =>
            {
                Some(format!(
                    "`{standard}` is not among the standards of [air] in city.toml"
                ))
            }
            Value::Silence if self.silence_after.is_none() => {
                Some("`[silence] after` in city.toml is off, so nobody is ever silent".to_owned())
            }
            _ => None,
        }
    }
}

/// Reads `rules.toml`; what is wrong goes to `problems`.
pub(crate) fn resolve(
    text: &str,
    around: &Surroundings<'_>,
    numbers: &mut Numbers,
    problems: &Problems,
) -> (Vec<Rule>, Vec<QualityRule>) {
    let file = if around.is_default {
        "default rules"
    } else {
        FILE
    };
    let document = Document::parse(file, text, problems);
    let mut root = document.root();
    let mut seen = HashMap::new();
    let mut rules: Vec<Rule> = Vec::new();
    for (place, section) in root.sections("rule").into_iter().enumerate() {
        let Some(rule) = rule(section, place, &mut seen, around, numbers) else {
            continue;
        };
        rules.push(rule);
    }
    let sensors = quality::resolve(root.sections("quality"), around.calendar);
    root.finish();
    (rules, sensors)
}

fn rule(
    mut section: Section<'_>,
    place: usize,
    seen: &mut HashMap<RuleId, usize>,
    around: &Surroundings<'_>,
    numbers: &mut Numbers,
) -> Option<Rule> {
    let id: Option<RuleId> = section.need("id", read::parsed);
    if let Some(id) = id {
        section.call(format!("rule {id}"));
        if let Some(earlier) = seen.insert(id, place) {
            section.problem(format!(
                "this id is there twice; first as rule number {}",
                earlier + 1
            ));
        }
    }
    let kind: Option<KindId> = section.need("kind", read::parsed);
    let value = section.need("value", |value| self::value(value, around));
    let statistic = section.read("statistic", statistic);
    let zones = match section.has("zones") {
        true => section.read("zones", |value| selectors(value, around)),
        false => Some(around.zones.zones.iter().map(|zone| zone.ix).collect()),
    };
    let direction = section.read("direction", direction);
    let severity = section.need("severity", severity);
    let raise_after = section.read("for", read::duration);
    let clear_after = section.read("clear_for", read::duration);
    let gap_max = section.read("max_gap", read::duration);
    let peak_step = section.read("peak_step", peak_step);
    let hold = section.read("hold", read::duration);
    let shadow = section.read("shadow", read::boolean);
    let escalation = escalation::steps(&mut section);
    let source = section.read("source", read::text);
    let (raise_at, clear_at) = match value {
        Some(Value::Silence) => {
            for (key, set) in [
                ("statistic", statistic.is_some()),
                ("direction", direction.is_some()),
                ("for", raise_after.is_some()),
            ] {
                if set {
                    section.problem(format!("{key} means nothing for silence; `[silence] after` in city.toml says how long"));
                }
            }
            // Nothing to compare: what an alert shows as threshold is how long a node may say nothing.
            let allowed = Milli(around.silence_after.unwrap_or(0));
            (Some(allowed), Some(allowed))
        }
        _ => {
            let raise_at = section.need("raise_at", read::decimal);
            (
                raise_at,
                section.read("clear_at", read::decimal).or(raise_at),
            )
        }
    };

    let (direction, statistic) = (
        direction.unwrap_or(Danger::Above),
        statistic.unwrap_or(Statistic::Mean),
    );
    if let (Some(raise_at), Some(clear_at)) = (raise_at, clear_at) {
        let (wrong, side) = match direction {
            Danger::Above => (clear_at > raise_at, "at or below"),
            Danger::Below => (clear_at < raise_at, "at or above"),
        };
        if wrong {
            section.problem(format!("clear_at = {clear_at} must be {side} raise_at = {raise_at}, or the alert clears as it is raised"));
        }
        if let Some(Value::Quantity(quantity)) = value
            && !is_reachable(quantity, statistic, raise_at)
        {
            let (low, high) = quantity.entry().plausible;
            section.problem(format!(
                "raise_at = {raise_at} {unit} can never be reached: {quantity} is plausible from {low} to {high} {unit}",
                unit = quantity.unit()
            ));
        }
    }
    section.finish();
    let (value, id, zones) = (value?, id?, zones?);
    if around.is_default && (zones.is_empty() || around.lacks(value).is_some()) {
        return None;
    }
    Some(Rule {
        ix: numbers.rule(id),
        id,
        kind: kind?,
        zones,
        escalation,
        source: source.unwrap_or_default(),
        condition: Condition {
            value,
            statistic,
            direction,
            raise_at: raise_at?,
            clear_at: clear_at?,
            raise_after: raise_after.unwrap_or(0),
            clear_after: clear_after.unwrap_or(0),
            gap_max: gap_max.unwrap_or_else(|| GAP_PANES * pane_width(value, around.calendar)),
            severity: severity?,
            peak_step: peak_step.unwrap_or(Milli::ZERO),
            hold: hold.unwrap_or(HOLD_DEFAULT),
            shadow: shadow.unwrap_or(false),
        },
    })
}

/// Width of the panes that a value is judged on.
pub(crate) fn pane_width(value: Value, calendar: &Calendar) -> Millis {
    match (value.paced_by(), value) {
        (Some(quantity), _) => calendar.span(quantity).width,
        (None, Value::AirIndex(_) | Value::AirForecast(..)) => HOUR,
        (None, Value::AirDay(_)) => DAY,
        (None, _) => 0,
    }
}

/// The quantities whose panes a value is made of.
pub fn sources(value: Value) -> Vec<Quantity> {
    match value {
        Value::Quantity(quantity) => vec![quantity],
        Value::CrowdCount | Value::CrowdDensity => {
            vec![
                Quantity::PersonCount,
                Quantity::PersonsIn,
                Quantity::PersonsOut,
            ]
        }
        Value::Derived(derived) => derived.quantities().collect(),
        // Hours and days are built on quarter hours, whose horizon the calendar lengthens by itself.
        Value::AirIndex(_) | Value::AirDay(_) | Value::AirForecast(..) | Value::Silence => {
            Vec::new()
        }
    }
}

/// Figures that add readings or nodes up can pass what one reading can be.
fn is_reachable(quantity: Quantity, statistic: Statistic, raise_at: Milli) -> bool {
    let adds = quantity.entry().summing == Summing::Delta || quantity == Quantity::PersonCount;
    adds || statistic == Statistic::Count || quantity.is_plausible(raise_at)
}

fn value(value: &DeValue<'_>, around: &Surroundings<'_>) -> Result<Value, String> {
    let name = read::text(value)?;
    let derived = ["crowd_count", "crowd_density", "silence", "air_index:"];
    match Value::from_name(&name) {
        Some(value) => match around.lacks(value) {
            Some(complaint) if !around.is_default => Err(complaint),
            _ => Ok(value),
        },
        None => {
            let hint = nearest(
                &name,
                derived
                    .into_iter()
                    .chain(Derived::all().map(|derived| derived.entry().name))
                    .chain(Quantity::all().map(Quantity::name)),
            );
            Err(format!(
                "`{name}` is neither a quantity nor a derived value, crowd_count, crowd_density, air_index:<standard>, air_day:<standard> or silence{hint}"
            ))
        }
    }
}

fn statistic(value: &DeValue<'_>) -> Result<Statistic, String> {
    one_of(
        value,
        &[
            ("mean", Statistic::Mean),
            ("min", Statistic::Min),
            ("max", Statistic::Max),
            ("last", Statistic::Last),
            ("count", Statistic::Count),
        ],
    )
}

fn direction(value: &DeValue<'_>) -> Result<Danger, String> {
    one_of(value, &[("above", Danger::Above), ("below", Danger::Below)])
}

fn severity(value: &DeValue<'_>) -> Result<Severity, String> {
    one_of(
        value,
        &[
            ("minor", Severity::Minor),
            ("moderate", Severity::Moderate),
            ("severe", Severity::Severe),
            ("extreme", Severity::Extreme),
        ],
    )
}

fn peak_step(value: &DeValue<'_>) -> Result<Milli, String> {
    match read::decimal(value)? {
        step if step > Milli::ZERO => Ok(step),
        step => Err(format!("{step} is no step; more than 0 is expected")),
    }
}

fn one_of<T: Copy>(value: &DeValue<'_>, choices: &[(&str, T)]) -> Result<T, String> {
    let name = read::text(value)?;
    let found = choices.iter().find(|(choice, _)| *choice == name);
    found.map(|(_, chosen)| *chosen).ok_or_else(|| {
        let names: Vec<&str> = choices.iter().map(|(choice, _)| *choice).collect();
        format!("one of {} is expected, not `{name}`", names.join(", "))
    })
}

/// Zone ids, `*` for all, `kind:square` for all of a kind; in the order of the zones' numbers.
fn selectors(value: &DeValue<'_>, around: &Surroundings<'_>) -> Result<Vec<ZoneIx>, String> {
    let zones = around.zones;
    let items = value
        .as_array()
        .ok_or("a list of zones is expected, such as [\"*\"]")?;
    let mut chosen = Vec::new();
    for item in items {
        let selector = read::text(item.get_ref())?;
        let before = chosen.len();
        match selector.strip_prefix("kind:") {
            _ if selector == "*" => chosen.extend(zones.zones.iter().map(|zone| zone.ix)),
            Some(kind) => {
                chosen.extend(
                    zones
                        .zones
                        .iter()
                        .filter(|zone| zone.kind == kind)
                        .map(|zone| zone.ix),
                );
                if chosen.len() == before && !around.is_default {
                    let hint = nearest(kind, zones.zones.iter().map(|zone| zone.kind.as_str()));
                    return Err(format!("no zone is of kind `{kind}`{hint}"));
                }
            }
            None => match zones.by_id(&selector) {
                Some(zone) => chosen.push(zone.ix),
                None => {
                    let hint = nearest(&selector, zones.ids());
                    return Err(format!("zones.geojson has no zone `{selector}`{hint}"));
                }
            },
        }
    }
    if items.is_empty() {
        return Err("no zone is named; [\"*\"] means all".to_owned());
    }
    chosen.sort();
    chosen.dedup();
    Ok(chosen)
}

/// One line a rule for people: `crowd-danger: mean crowd_density above 4 {person}/m2 for 30s in 3 zones`.
pub fn describe(rule: &Rule) -> String {
    let condition = &rule.condition;
    let zones = match rule.zones.len() {
        1 => "1 zone".to_owned(),
        many => format!("{many} zones"),
    };
    if condition.value == Value::Silence {
        return format!("{}: silent nodes in {zones}", rule.id);
    }
    let word = |text: &dyn std::fmt::Debug| format!("{text:?}").to_lowercase();
    format!(
        "{}: {} {} {} {} {} for {} in {zones}, {}",
        rule.id,
        word(&condition.statistic),
        condition.value,
        word(&condition.direction),
        condition.raise_at,
        condition.value.unit(),
        show_duration(condition.raise_after),
        word(&condition.severity),
    )
}
