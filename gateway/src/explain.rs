//! Why an alert stands, from the journal: what was known at one of its revisions, and the readings that it rests on.

use std::collections::BTreeMap;
use std::sync::Arc;

use pipeline::alert::{AlertId, Reason, Revision, State};
use pipeline::calendar::{Calendar, Millis, Tick, rfc3339, tick_at};
use pipeline::city::{City, NodeIx, Zone};
use pipeline::explain::{Case, Membership, explain};
use pipeline::input::{Action, Input};
use pipeline::observation::Observation;
use pipeline::operators::alerts::islands::Judged;
use pipeline::rules::{Danger, Rule, Severity, Statistic};
use serde::Serialize;
use wire::{NodeId, RuleId, ZoneId};

use crate::admission::CLOCK_AHEAD_MAX;
use crate::journal::Record;

/// What was known at a revision, gathered from the journal's entries in their order.
#[derive(Clone, Debug, Default)]
pub struct Known {
    city: Option<Arc<City>>,
    rules: Arc<Vec<Rule>>,
    quarantine: BTreeMap<NodeIx, Millis>,
    readings: Vec<Observation>,
}

/// Entries that an explanation of `revision` needs, if what was configured is known already.
pub fn entries_of(revision: &Revision) -> (Tick, Tick) {
    // A node's clock may be ahead of the gateway's.
    (tick_at(revision.onset - CLOCK_AHEAD_MAX), revision.tick())
}

impl Known {
    pub fn input(&mut self, input: &Input) {
        match input {
            Input::City(city) => self.city = Some(city.clone()),
            Input::Rules(rules) => self.rules = rules.clone(),
            Input::Action(Action::Quarantine { node, from }) => {
                self.quarantine.insert(*node, *from);
            }
            Input::Action(Action::Release { node }) => {
                self.quarantine.remove(node);
            }
            Input::Action(_) | Input::Link { .. } => {}
        }
    }

    /// Takes an entry in; of its readings only those of the alert's time.
    pub fn record(&mut self, record: &Record, since: Millis) {
        let mut heard = Vec::new();
        match record {
            Record::Frames(frames) => {
                for frame in frames {
                    frame.observations(&mut heard);
                }
            }
            Record::History(observations) => heard.extend(observations),
            Record::Input(input) => self.input(input),
            Record::Deadline => {}
        }
        heard.retain(|reading| reading.sampled_at >= since);
        self.readings.append(&mut heard);
    }

    /// Why `revision` was said; its alert was raised with these readings, or it says why they are not all.
    pub fn why(&self, revision: &Revision, calendar: &Calendar) -> Why {
        let mut why = Why::of(revision);
        let zone = self.zone(revision.zone);
        let rule = self.rules.iter().find(|rule| rule.id == revision.rule);
        let (Some(zone), Some(rule)) = (zone, rule) else {
            why.incomplete = Some("the rule or the zone is gone from the city's files");
            return why;
        };
        why.rule = Some(RuleWhy::of(rule));
        if rule.condition.raise_at != revision.threshold {
            why.incomplete = Some("the rule has changed since; this is how it judges now");
        }
        let members = self.members(zone);
        let case = Case {
            condition: rule.condition,
            calendar,
            area: zone.area,
            members: &members,
            onset: revision.onset,
            readings: &self.readings,
        };
        let Some(found) = explain(&case) else {
            why.incomplete = Some(match revision.node {
                Some(_) => "a node was not heard: there is no reading that it rests on",
                None => "it rests on more than the zone's own readings of one quantity",
            });
            return why;
        };
        let threshold = rule.condition.threshold();
        let pane = |pane: &Judged| PaneWhy {
            start: rfc3339(pane.start),
            end: rfc3339(pane.end),
            value: pane.value.map(|value| value.to_f64()),
            heard: pane.heard,
            past_threshold: pane.value.is_some_and(|value| threshold.raises(value)),
            node_alarm: pane.alarm.map(|value| value.to_f64()),
        };
        why.panes = found.panes.iter().map(pane).collect();
        let nodes = found.nodes();
        why.nodes = nodes.iter().filter_map(|&node| self.node(node)).collect();
        why.readings = found
            .readings
            .iter()
            .filter_map(|reading| Some(ReadingWhy::of(reading, self.node(reading.node)?)))
            .collect();
        why.minimal = found.minimal;
        why
    }

    fn zone(&self, id: ZoneId) -> Option<&Zone> {
        let zones = self.city.as_ref()?.zones.iter();
        zones.into_iter().find(|zone| zone.id == id)
    }

    fn node(&self, ix: NodeIx) -> Option<NodeId> {
        let mut nodes = self.city.as_ref()?.nodes.iter();
        nodes.find(|node| node.ix == ix).map(|node| node.id)
    }

    fn members(&self, zone: &Zone) -> BTreeMap<NodeIx, Membership> {
        let nodes = self.city.iter().flat_map(|city| &city.nodes);
        let own = nodes.filter(|node| node.zone == Some(zone.ix));
        own.map(|node| {
            let member = Membership {
                weight: node.weight,
                quarantined_from: self.quarantine.get(&node.ix).copied(),
            };
            (node.ix, member)
        })
        .collect()
    }
}

/// The answer, for people and programs.
#[derive(Clone, Debug, Serialize)]
pub struct Why {
    #[serde(serialize_with = "text")]
    pub alert: AlertId,
    pub revision: u32,
    pub state: State,
    pub reason: Reason,
    pub zone: ZoneId,
    pub onset: String,
    /// As it is now.
    pub rule: Option<RuleWhy>,
    /// What the rule saw from the onset until it raised the alert.
    pub panes: Vec<PaneWhy>,
    /// Who said the readings.
    pub nodes: Vec<NodeId>,
    /// With these alone the rule raises the alert.
    pub readings: Vec<ReadingWhy>,
    /// Without any one of them it does not.
    pub minimal: bool,
    /// Why this is not the whole truth, if it is not.
    pub incomplete: Option<&'static str>,
}

#[derive(Clone, Debug, Serialize)]
pub struct RuleWhy {
    pub id: RuleId,
    pub value: String,
    pub unit: &'static str,
    pub statistic: Statistic,
    pub direction: Danger,
    pub raise_at: f64,
    pub clear_at: f64,
    pub for_seconds: f64,
    pub severity: Severity,
}

#[derive(Clone, Debug, Serialize)]
pub struct PaneWhy {
    pub start: String,
    pub end: String,
    pub value: Option<f64>,
    pub heard: u32,
    pub past_threshold: bool,
    /// The worst value with which a node raised its own alarm.
    pub node_alarm: Option<f64>,
}

#[derive(Clone, Debug, Serialize)]
pub struct ReadingWhy {
    pub node: NodeId,
    pub quantity: &'static str,
    pub unit: &'static str,
    pub sampled_at: String,
    pub value: f64,
    pub saturated: bool,
    pub node_alarm: bool,
}

impl Why {
    fn of(revision: &Revision) -> Why {
        Why {
            alert: revision.id,
            revision: revision.revision,
            state: revision.state,
            reason: revision.reason,
            zone: revision.zone,
            onset: rfc3339(revision.onset),
            rule: None,
            panes: Vec::new(),
            nodes: Vec::new(),
            readings: Vec::new(),
            minimal: false,
            incomplete: None,
        }
    }
}

impl RuleWhy {
    fn of(rule: &Rule) -> RuleWhy {
        let condition = &rule.condition;
        RuleWhy {
            id: rule.id,
            value: condition.value.to_string(),
            unit: condition.value.unit(),
            statistic: condition.statistic,
            direction: condition.direction,
            raise_at: condition.raise_at.to_f64(),
            clear_at: condition.clear_at.to_f64(),
            for_seconds: condition.raise_after as f64 / 1_000.0,
            severity: condition.severity,
        }
    }
}

impl ReadingWhy {
    fn of(reading: &Observation, node: NodeId) -> ReadingWhy {
        ReadingWhy {
            node,
            quantity: reading.quantity.name(),
            unit: reading.quantity.unit(),
            sampled_at: rfc3339(reading.sampled_at),
            value: reading.value.to_f64(),
            saturated: reading.saturated,
            node_alarm: reading.alarm,
        }
    }
}

fn text<S: serde::Serializer>(id: &AlertId, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(id)
}
