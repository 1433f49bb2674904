//! From text to a city and a list of deeds. A wrong story panics with its line: it is a test's own text.

use std::collections::BTreeMap;
use std::sync::Arc;

use pipeline::calendar::{Calendar, MINUTE, Millis};
use pipeline::city::{City, Gate, Node, NodeIx, ZoneIx};
use pipeline::input::{Action, Input, Scope};
use pipeline::observation::Observation;
use pipeline::quality::QualityRule;
use pipeline::rules::{Condition, Danger, Rule, RuleIx, Severity, Step, Value};
use pipeline::science::air::Standard;
use wire::{Milli, Quantity};

use super::act::Act;
use super::quality;
use super::words::{duration, moment, option, statistic_of};
use crate::city::{BEGIN, calendar, id};

/// A story, ready to be played.
#[derive(Debug)]
pub struct Plot {
    pub calendar: Calendar,
    /// The first versions.
    pub city: Arc<City>,
    pub rules: Arc<Vec<Rule>>,
    pub quality: Arc<Vec<QualityRule>>,
    /// Withdrawals are printed too.
    pub shows_withdrawals: bool,
    /// Values whose zone figures are printed.
    pub shown: Vec<Value>,
    /// Whether incidents are printed.
    pub shows_incidents: bool,
    /// By arrival.
    pub deeds: Vec<(Millis, Deed)>,
    pub until: Millis,
}

/// One thing that happens.
#[derive(Clone, Debug)]
pub enum Deed {
    Observe(Observation),
    Input(Input),
    Act(Act),
}

/// Reads a story.
pub fn parse(text: &str) -> Plot {
    let mut script = Script::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default();
        let words: Vec<&str> = line.split_whitespace().collect();
        if words.is_empty() {
            continue;
        }
        if script.statement(&words).is_none() {
            panic!("line {}: cannot read «{}»", number + 1, line.trim());
        }
    }
    script.deeds.sort_by_key(|(at, _)| *at);
    Plot {
        calendar: script.calendar,
        city: Arc::new(script.first_city),
        rules: Arc::new(script.first_rules),
        quality: Arc::new(script.first_quality),
        shows_withdrawals: script.shows_withdrawals,
        shown: script.shown,
        shows_incidents: script.shows_incidents,
        deeds: script.deeds,
        until: script.until,
    }
}

struct Script {
    calendar: Calendar,
    city: City,
    rules: Vec<Rule>,
    first_city: City,
    first_rules: Vec<Rule>,
    quality: Vec<QualityRule>,
    first_quality: Vec<QualityRule>,
    shows_withdrawals: bool,
    shown: Vec<Value>,
    shows_incidents: bool,
    deeds: Vec<(Millis, Deed)>,
    until: Millis,
    sequences: BTreeMap<NodeIx, u64>,
    rules_seen: Vec<String>,
}

/// `None` where a word is missing or wrong.
impl Script {
    fn new() -> Script {
        let city = City {
            id: id("story"),
            hour_shift: 0,
            zones: Vec::new(),
            nodes: Vec::new(),
            gates: Vec::new(),
            neighbours: Vec::new(),
            standards: Vec::new(),
            leaks: Default::default(),
            silence_after: None,
        };
        Script {
            calendar: calendar(10 * MINUTE),
            first_city: city.clone(),
            city,
            rules: Vec::new(),
            first_rules: Vec::new(),
            quality: Vec::new(),
            first_quality: Vec::new(),
            shows_withdrawals: false,
            shown: Vec::new(),
            shows_incidents: false,
            deeds: Vec::new(),
            until: BEGIN,
            sequences: BTreeMap::new(),
            rules_seen: Vec::new(),
        }
    }

    fn statement(&mut self, words: &[&str]) -> Option<()> {
        match *words {
            ["horizon", length] => self.calendar = calendar(duration(length)?),
            ["silence", length] => self.city.silence_after = Some(duration(length)?),
            ["zone", name, ref rest @ ..] => self.zone(name, rest)?,
            ["node", name, zone, ref quantities @ ..] => self.node(name, zone, quantities)?,
            ["gate", node, to, ref rest @ ..] => {
                let from = option(rest, "from").and_then(|zone| self.zone_ix(zone));
                let (node, to) = (self.node_ix(node)?, Some(self.zone_ix(to)?));
                let width = match option(rest, "width") {
                    Some(metres) => metres.parse().ok()?,
                    None => Milli::ZERO,
                };
                self.city.gates.push(Gate {
                    node,
                    from,
                    to,
                    width,
                });
            }
            ["air", ref standards @ ..] => {
                let standards = standards.iter().map(|name| Standard::from_name(name));
                self.city.standards = standards.collect::<Option<_>>()?;
            }
            ["section", up, down] => super::ground::section(&mut self.city.zones, up, down)?,
            ["neighbours", a, b] => {
                let (a, b) = (self.zone_ix(a)?, self.zone_ix(b)?);
                self.city.neighbours.push((a.min(b), a.max(b)));
            }
            ["rule", ref rest @ ..] => self.rule(rest)?,
            ["quality", ref rest @ ..] => quality::rule(&mut self.quality, rest)?,
            ["show", "withdrawals"] => self.shows_withdrawals = true,
            ["show", "incidents"] => self.shows_incidents = true,
            ["show", value] => self.shown.push(Value::from_name(value)?),
            [from, "to", to, "every", step, ref rest @ ..] => {
                let (from, to, step) = (moment(from)?, moment(to)?, duration(step)?);
                let mut at = from;
                while at < to {
                    self.deed(at, rest)?;
                    at += step;
                }
            }
            [at, ref rest @ ..] => self.deed(moment(at)?, rest)?,
            [] => {}
        }
        if self.deeds.is_empty() {
            (self.first_city, self.first_rules) = (self.city.clone(), self.rules.clone());
            self.first_quality = self.quality.clone();
        }
        Some(())
    }

    fn deed(&mut self, at: Millis, words: &[&str]) -> Option<()> {
        let deed = match *words {
            ["end"] => {
                self.until = at;
                return Some(());
            }
            ["quarantine", node, ref rest @ ..] => {
                let from = moment(option(rest, "from")?)?;
                action(Action::Quarantine {
                    node: self.node_ix(node)?,
                    quantity: rest.first().and_then(|word| word.parse().ok()),
                    from,
                    by: option(rest, "by").unwrap_or("operator").to_owned(),
                })
            }
            ["release", node, ref rest @ ..] => action(Action::Release {
                node: self.node_ix(node)?,
                quantity: rest.first().and_then(|word| word.parse().ok()),
                by: option(rest, "by").unwrap_or("operator").to_owned(),
            }),
            ["anchor", zone, count] => {
                let (zone, count) = (self.zone_ix(zone)?, count.parse().ok()?);
                action(Action::Anchor { zone, at, count })
            }
            ["link", state] => Deed::Input(Input::Link { up: state == "up" }),
            ["acknowledge" | "comment" | "assign" | "settle", ..] => Deed::Act(Act::parse(words)?),
            ["silence", length, ref rest @ ..] => action(Action::Silence {
                scope: self.scope(rest)?,
                until: at + duration(length)?,
                by: option(rest, "by")?.to_owned(),
                text: String::new(),
            }),
            ["move", node, zone] => {
                let (node, zone) = (self.node_ix(node)?, self.zone_ix(zone)?);
                let row = self.city.nodes.iter_mut().find(|row| row.ix == node)?;
                row.zone = Some(zone);
                Deed::Input(Input::City(Arc::new(self.city.clone())))
            }
            ["leave", node] => {
                let node = self.node_ix(node)?;
                self.city.nodes.retain(|row| row.ix != node);
                Deed::Input(Input::City(Arc::new(self.city.clone())))
            }
            ["rule", ref rest @ ..] => {
                self.rule(rest)?;
                Deed::Input(Input::Rules(Arc::new(self.rules.clone())))
            }
            ["quality", ref rest @ ..] => {
                quality::rule(&mut self.quality, rest)?;
                Deed::Input(Input::Quality(Arc::new(self.quality.clone())))
            }
            ["drop", name] => {
                self.rules.retain(|rule| rule.id.as_str() != name);
                Deed::Input(Input::Rules(Arc::new(self.rules.clone())))
            }
            [node, quantity, value, ref rest @ ..] => {
                Deed::Observe(self.observation(at, [node, quantity, value], rest)?)
            }
            _ => return None,
        };
        self.deeds.push((at, deed));
        Some(())
    }

    fn observation(
        &mut self,
        at: Millis,
        [node, quantity, value]: [&str; 3],
        rest: &[&str],
    ) -> Option<Observation> {
        let node = self.node_ix(node)?;
        let sequence = self.sequences.entry(node).or_default();
        *sequence += 1;
        Some(Observation {
            node,
            quantity: quantity.parse().ok()?,
            saturated: rest.contains(&"saturated"),
            alarm: rest.contains(&"alarm"),
            index: 0,
            sampled_at: match option(rest, "sampled") {
                Some(text) => moment(text)?,
                None => at,
            },
            value: value.parse().ok()?,
            sequence: *sequence,
        })
    }

    fn zone(&mut self, name: &str, rest: &[&str]) -> Option<()> {
        let ix = ZoneIx(self.city.zones.len() as u32);
        self.city.zones.push(super::ground::zone(ix, name, rest)?);
        Some(())
    }

    fn node(&mut self, name: &str, zone: &str, quantities: &[&str]) -> Option<()> {
        let parsed: Option<Vec<Quantity>> = quantities.iter().map(|q| q.parse().ok()).collect();
        self.city.nodes.push(Node {
            ix: NodeIx(self.city.nodes.len() as u32),
            id: name.parse().ok()?,
            zone: Some(self.zone_ix(zone)?),
            quantities: parsed?,
            weight: Milli::ONE,
            silent_after: None,
            correction: None,
        });
        Some(())
    }

    /// A new rule, or a new version of one with the same name and number.
    fn rule(&mut self, words: &[&str]) -> Option<()> {
        let [name, value, statistic, direction, raise_at, rest @ ..] = words else {
            return None;
        };
        let place = self.rules_seen.iter().position(|seen| seen == name);
        let number = place.unwrap_or(self.rules_seen.len());
        if place.is_none() {
            self.rules_seen.push((*name).to_owned());
        }
        let lasting = |key: &str, default: Millis| match option(rest, key) {
            Some(text) => duration(text),
            None => Some(default),
        };
        let raise_at = raise_at.parse().ok()?;
        let zones = match option(rest, "zones") {
            Some(names) => names.split(',').map(|zone| self.zone_ix(zone)).collect(),
            None => Some(self.city.zones.iter().map(|zone| zone.ix).collect()),
        };
        let rule = Rule {
            ix: RuleIx(number as u32),
            id: name.parse().ok()?,
            kind: option(rest, "kind").unwrap_or("story").parse().ok()?,
            condition: Condition {
                value: Value::from_name(value)?,
                statistic: statistic_of(statistic)?,
                direction: if *direction == "below" {
                    Danger::Below
                } else {
                    Danger::Above
                },
                raise_at,
                clear_at: match option(rest, "clear") {
                    Some(text) => text.parse().ok()?,
                    None => raise_at,
                },
                raise_after: lasting("for", 0)?,
                clear_after: lasting("clear_for", 0)?,
                gap_max: lasting("gap", 5 * MINUTE)?,
                severity: match option(rest, "severity") {
                    Some("extreme") => Severity::Extreme,
                    Some("minor") => Severity::Minor,
                    Some(_) => return None,
                    None => Severity::Severe,
                },
                peak_step: match option(rest, "step") {
                    Some(text) => text.parse().ok()?,
                    None => Milli::ZERO,
                },
                hold: lasting("hold", 0)?,
                shadow: rest.contains(&"shadow"),
            },
            zones: zones?,
            escalation: match option(rest, "escalate") {
                Some(steps) => steps.split(',').map(step).collect::<Option<_>>()?,
                None => Vec::new(),
            },
            source: String::new(),
        };
        self.rules.retain(|old| old.ix != rule.ix);
        self.rules.push(rule);
        Some(())
    }

    /// `zone=`, `kind=`, `rule=`: what is left out fits all.
    fn scope(&self, words: &[&str]) -> Option<Scope> {
        let zone = option(words, "zone").map(|name| self.zone_ix(name));
        let kind = option(words, "kind").map(|name| name.parse().ok());
        let place = |name: &str| self.rules_seen.iter().position(|seen| seen == name);
        let rule = option(words, "rule").map(|name| Some(RuleIx(place(name)? as u32)));
        Some(Scope {
            zone: match zone {
                Some(zone) => Some(zone?),
                None => None,
            },
            kind: match kind {
                Some(kind) => Some(kind?),
                None => None,
            },
            rule: match rule {
                Some(rule) => Some(rule?),
                None => None,
            },
        })
    }

    fn zone_ix(&self, name: &str) -> Option<ZoneIx> {
        let zone = self
            .city
            .zones
            .iter()
            .find(|zone| zone.id.as_str() == name)?;
        Some(zone.ix)
    }

    fn node_ix(&self, name: &str) -> Option<NodeIx> {
        let node = self
            .city
            .nodes
            .iter()
            .find(|node| node.id.as_str() == name)?;
        Some(node.ix)
    }
}

/// `5m:duty` or `5m:duty+mayor`.
fn step(text: &str) -> Option<Step> {
    let (after, to) = text.split_once(':')?;
    Some(Step {
        after: duration(after)?,
        to: to.split('+').map(str::to_owned).collect(),
    })
}

fn action(action: Action) -> Deed {
    Deed::Input(Input::Action(action))
}
