//! Why an alert stands, from the journal: what was known at one of its revisions, and the readings that it rests on.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use pipeline::alert::{AlertId, Reason, Revision, State};
use pipeline::calendar::{Calendar, HOUR, Millis, Tick, rfc3339, tick_at};
use pipeline::city::{City, Node, NodeIx, Zone, ZoneIx};
use pipeline::custody::Custody;
use pipeline::derived::Derived;
use pipeline::explain::{Case, Membership, explain, looks_back};
use pipeline::input::{Action, Input};
use pipeline::observation::Observation;
use pipeline::operators::alerts::islands::Judged;
use pipeline::quality::{Stretch, Withdrawal};
use pipeline::rules::{Danger, Rule, Severity, Statistic, Value};
use serde::Serialize;
use wire::{NodeId, RuleId, ZoneId};

use crate::admission::CLOCK_AHEAD_MAX;
use crate::journal::{Journal, ReadError, Record};
use crate::privacy::{Floor, Ground, Shown};

/// What was known at a revision, gathered from the journal's entries in their order.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Inputs before this tick have been forgotten.
    pub reach: Tick,
    city: Option<Arc<City>>,
    rules: Arc<Vec<Rule>>,
    custody: Custody,
    /// What quality rules had withdrawn, as far as the asker knows: readings before the onset are not read again.
    verdicts: Vec<Withdrawal>,
    readings: Vec<Observation>,
}

/// An alert is raised by what is read so long after its onset; later entries only make it go on.
const READ_MAX: Millis = 2 * HOUR;

/// Answers from the journal of a gateway that runs.
#[derive(Clone)]
pub struct Explainer {
    journal: Arc<Mutex<Journal>>,
}

impl Explainer {
    pub fn new(journal: Arc<Mutex<Journal>>) -> Explainer {
        Explainer { journal }
    }

    /// Why `revision` was said, when quality rules had `withdrawn` so much. Reads the journal from the alert's onset on: not for a thread that serves others.
    pub fn why(
        &self,
        revision: &Revision,
        calendar: &Calendar,
        floor: Floor,
        withdrawn: Vec<Withdrawal>,
    ) -> Result<Why, ReadError> {
        // A node's clock may be ahead of the gateway's.
        let to = revision.tick().min(tick_at(revision.onset + READ_MAX));
        let mut known = Known::with(withdrawn);
        let entries = {
            let journal = self.journal.lock().unwrap_or_else(PoisonError::into_inner);
            known.reach = journal.reach()?;
            journal
                .configuration()?
                .iter()
                .for_each(|input| known.input(input));
            journal.entries(tick_at(known.since(revision) - CLOCK_AHEAD_MAX))
        };
        for entry in entries {
            let (tick, record) = entry?;
            if tick > to {
                break;
            }
            known.record(&record, known.since(revision));
        }
        Ok(known.why(revision, calendar, floor))
    }
}

impl Known {
    /// Nothing yet but what quality rules withdrew.
    pub fn with(verdicts: Vec<Withdrawal>) -> Known {
        Known {
            verdicts,
            ..Known::default()
        }
    }

    pub fn input(&mut self, input: &Input) {
        match input {
            Input::City(city) => self.city = Some(city.clone()),
            Input::Rules(rules) => self.rules = rules.clone(),
            Input::Action(Action::Quarantine {
                node,
                quantity,
                from,
                by,
            }) => self.custody.withdraw(*node, *quantity, *from, by),
            Input::Action(Action::Release { node, quantity, .. }) => {
                // When it was decides about verdicts only, and those are not found here.
                self.custody.release(*node, *quantity, 0);
            }
            Input::Action(_) | Input::Link { .. } | Input::Quality(_) => {}
        }
    }

    /// Readings that matter to the alert are sampled from here on.
    pub fn since(&self, revision: &Revision) -> Millis {
        let rule = self.rules.iter().find(|rule| rule.id == revision.rule);
        revision.onset - rule.map_or(0, |rule| looks_back(rule.condition.value))
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
    pub fn why(&self, revision: &Revision, calendar: &Calendar, floor: Floor) -> Why {
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
        let members = self.members(zone.ix, &self.verdicts);
        let trusting = self.members(zone.ix, &[]);
        let section = zone
            .settings
            .section
            .filter(|_| rule.condition.value == Value::Derived(Derived::TrafficIncident));
        let downstream = section.map_or(BTreeMap::new(), |section| {
            self.members(section.downstream, &self.verdicts)
        });
        let case = Case {
            condition: rule.condition,
            calendar,
            area: zone.area,
            settings: zone.settings.with_danger_of(zone.ix, &self.rules),
            hour_shift: self.city.as_ref().map_or(0, |city| city.hour_shift),
            members: &members,
            downstream: &downstream,
            onset: revision.onset,
            readings: &self.readings,
        };
        if tick_at(revision.onset) < self.reach {
            why.incomplete = Some("what it rests on is older than what the journal keeps");
            return why;
        }
        let found = explain(&case).or_else(|| {
            let found = explain(&Case {
                members: &trusting,
                ..case
            })?;
            why.incomplete = Some("a quality rule has withdrawn readings that raised it");
            Some(found)
        });
        let Some(found) = found else {
            why.incomplete = Some(match revision.node {
                Some(_) => "a node was not heard: there is no reading that it rests on",
                None => "it rests on more than the zone's own readings of one quantity",
            });
            return why;
        };
        let threshold = rule.condition.threshold();
        let shown = |value, figure| floor.shown(value, figure, Ground::from(zone));
        let pane = |pane: &Judged| PaneWhy {
            start: pane.start,
            end: pane.end,
            value: pane.value.map(|value| shown(case.condition.value, value)),
            heard: pane.heard,
            past_threshold: pane.value.is_some_and(|value| threshold.raises(value)),
            node_alarm: pane.alarm.map(|value| shown(case.condition.value, value)),
        };
        why.panes = found.panes.iter().map(pane).collect();
        let nodes = found.nodes();
        why.nodes = nodes.iter().filter_map(|&node| self.node(node)).collect();
        why.readings = found
            .readings
            .iter()
            .filter_map(|reading| {
                let value = shown(Value::Quantity(reading.quantity), reading.value);
                Some(ReadingWhy::of(reading, self.node(reading.node)?, value))
            })
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

    fn withdrawn(&self, node: &Node, verdicts: &[Withdrawal]) -> Vec<Stretch> {
        let by_hand = self.custody.withdrawn(node.ix, &node.quantities);
        let verdicts = verdicts.iter().filter(|row| row.node == node.ix);
        by_hand
            .chain(verdicts.cloned())
            .map(|row| row.stretch())
            .collect()
    }

    fn members(&self, zone: ZoneIx, verdicts: &[Withdrawal]) -> BTreeMap<NodeIx, Membership> {
        let nodes = self.city.iter().flat_map(|city| &city.nodes);
        let own = nodes.filter(|node| node.zone == Some(zone));
        own.map(|node| {
            let member = Membership {
                weight: node.weight,
                withdrawn: self.withdrawn(node, verdicts),
                corrected: node.correction.is_some(),
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
    #[serde(serialize_with = "moment")]
    pub onset: Millis,
    /// Which version of the rule said it; 1 is the rule as the journal first knew it.
    pub rule_version: u32,
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
    /// Whose threshold it is, where the rule says so.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub source: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct PaneWhy {
    #[serde(serialize_with = "moment")]
    pub start: Millis,
    #[serde(serialize_with = "moment")]
    pub end: Millis,
    #[serde(serialize_with = "figure")]
    pub value: Option<Shown>,
    pub heard: u32,
    pub past_threshold: bool,
    /// The worst value with which a node raised its own alarm.
    #[serde(serialize_with = "figure")]
    pub node_alarm: Option<Shown>,
}

#[derive(Clone, Debug, Serialize)]
pub struct ReadingWhy {
    pub node: NodeId,
    pub quantity: &'static str,
    pub unit: &'static str,
    #[serde(serialize_with = "moment")]
    pub sampled_at: Millis,
    #[serde(serialize_with = "figure")]
    pub value: Option<Shown>,
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
            onset: revision.onset,
            rule_version: revision.rule_version,
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
            source: rule.source.clone(),
        }
    }
}

impl ReadingWhy {
    fn of(reading: &Observation, node: NodeId, value: Shown) -> ReadingWhy {
        ReadingWhy {
            node,
            quantity: reading.quantity.name(),
            unit: reading.quantity.unit(),
            sampled_at: reading.sampled_at,
            value: Some(value),
            saturated: reading.saturated,
            node_alarm: reading.alarm,
        }
    }
}

fn text<S: serde::Serializer>(id: &AlertId, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(id)
}

fn moment<S: serde::Serializer>(at: &Millis, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&rfc3339(*at))
}

/// A number; `<5` for one that is withheld; `null` for none.
fn figure<S: serde::Serializer>(shown: &Option<Shown>, serializer: S) -> Result<S::Ok, S::Error> {
    match shown {
        Some(Shown::Exact(figure)) => serializer.serialize_f64(figure.to_f64()),
        Some(withheld) => serializer.collect_str(withheld),
        None => serializer.serialize_none(),
    }
}
