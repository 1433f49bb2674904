//! Names of what the dataflow knows by number, and the one rule that needs none written down.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use wire::{KindId, Milli, NodeId, RuleId};

use crate::city::{City, NodeIx, ZoneIx};
use crate::input::Input;
use crate::rules::{Condition, Danger, Rule, RuleIx, Severity, Statistic, Value};

/// The rule that names silent nodes where `rules.toml` has none of its own.
pub const SILENCE_RULE: RuleIx = RuleIx(u32::MAX);

/// Silent nodes are alerts of their own even where no rule says so.
pub fn silence_rule(city: &City) -> Option<Rule> {
    let condition = Condition {
        value: Value::Silence,
        statistic: Statistic::Last,
        direction: Danger::Above,
        raise_at: Milli::ZERO,
        clear_at: Milli::ZERO,
        raise_after: 0,
        clear_after: 0,
        gap_max: 0,
        severity: Severity::Minor,
        peak_step: Milli::ZERO,
        hold: 0,
        shadow: false,
    };
    Some(Rule {
        ix: SILENCE_RULE,
        id: RuleId::new("silence").ok()?,
        kind: KindId::new("silence").ok()?,
        condition,
        zones: city.zones.iter().map(|zone| zone.ix).collect(),
        escalation: Vec::new(),
        source: String::new(),
    })
}

/// Names by number, of the present and all earlier versions: an alert of a removed rule still says its name.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Names {
    zones: BTreeMap<ZoneIx, (wire::ZoneId, String)>,
    nodes: BTreeMap<NodeIx, NodeId>,
    rules: BTreeMap<RuleIx, Known>,
}

/// The latest version of a rule that the journal knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    pub rule: Rule,
    /// 1 for the first; one more with every change.
    pub version: u32,
}

impl Names {
    pub fn learn(&mut self, input: &Input) {
        match input {
            Input::City(city) => {
                let zones = city
                    .zones
                    .iter()
                    .map(|zone| (zone.ix, (zone.id, zone.name.clone())));
                self.zones.extend(zones);
                self.nodes
                    .extend(city.nodes.iter().map(|node| (node.ix, node.id)));
                // The rule that needs none written down is always the same.
                if let Some(rule) = silence_rule(city) {
                    self.rules.insert(rule.ix, Known { rule, version: 1 });
                }
            }
            Input::Rules(rules) => rules.iter().for_each(|rule| self.learn_rule(rule)),
            Input::Action(_) | Input::Link { .. } | Input::Quality(_) => {}
        }
    }

    pub fn zone(&self, ix: ZoneIx) -> Option<&(wire::ZoneId, String)> {
        self.zones.get(&ix)
    }

    pub fn node(&self, ix: NodeIx) -> Option<NodeId> {
        self.nodes.get(&ix).copied()
    }

    pub fn rule(&self, ix: RuleIx) -> Option<&Known> {
        self.rules.get(&ix)
    }

    fn learn_rule(&mut self, rule: &Rule) {
        match self.rules.get_mut(&rule.ix) {
            Some(known) if known.rule == *rule => {}
            Some(known) => {
                known.rule = rule.clone();
                known.version += 1;
            }
            None => {
                let rule = rule.clone();
                self.rules.insert(rule.ix, Known { rule, version: 1 });
            }
        }
    }
}
