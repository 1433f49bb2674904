//! Versions of city and rules, and what people did, as rows that the dataflow joins with.
//!
//! A new version is compared with the rows of the one before: only what differs goes in, as
//! differences at its tick. Nothing downstream knows that there are versions.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use row::Row;
use serde::{Deserialize, Serialize};
use wire::quantity::TABLE;
use wire::{Milli, Quantity};

use crate::calendar::{Calendar, Millis, Tick};
use crate::city::{City, Node, NodeIx, ZoneIx};
use crate::custody::Custody;
use crate::input::{Action, Input};
use crate::names::silence_rule;
use crate::operators::alerts::{Subject, Watch};
use crate::operators::crowd::Sides;
use crate::operators::panes::Notice;
use crate::operators::quality::Check;
use crate::operators::quality::flags::Flagging;
use crate::operators::zones::Member;
use crate::quality::QualityRule;
use crate::rules::{Danger, Rule, Statistic, Value};

mod leaks;
mod row;

/// What an input changes.
#[derive(Debug, Default)]
pub struct Delta {
    pub rows: Vec<(Row, isize)>,
    /// For `panes` on every worker.
    pub notices: Vec<Notice>,
}

/// The present versions.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Registry {
    pub calendar: Calendar,
    pub city: Option<Arc<City>>,
    pub rules: Arc<Vec<Rule>>,
    quality: Arc<Vec<QualityRule>>,
    custody: Custody,
    anchors: BTreeMap<ZoneIx, BTreeMap<Millis, Milli>>,
    /// What the present version of the city moved, at its tick.
    #[serde(skip)]
    moved_out: BTreeSet<(ZoneIx, Tick)>,
    #[serde(skip)]
    rows: BTreeSet<Row>,
}

impl Registry {
    pub fn new(calendar: Calendar) -> Registry {
        Registry {
            calendar,
            city: None,
            rules: Arc::new(Vec::new()),
            quality: Arc::new(Vec::new()),
            custody: Custody::default(),
            anchors: BTreeMap::new(),
            moved_out: BTreeSet::new(),
            rows: BTreeSet::new(),
        }
    }

    /// Takes an input in and answers what differs.
    pub fn apply(&mut self, tick: Tick, input: &Input) -> Delta {
        let notices = match input {
            Input::City(city) => {
                let moved = self.city.as_ref().map(|before| moved_out(before, city));
                let zones = moved.into_iter().flatten();
                self.moved_out = zones.map(|zone| (zone, tick)).collect();
                self.city = Some(city.clone());
                vec![self.silent_after(city)]
            }
            Input::Rules(rules) => {
                self.rules = rules.clone();
                vec![self.early()]
            }
            Input::Quality(rules) => {
                self.quality = rules.clone();
                vec![]
            }
            Input::Action(Action::Quarantine {
                node,
                quantity,
                from,
                by,
            }) => {
                self.custody.withdraw(*node, *quantity, *from, by);
                vec![]
            }
            Input::Action(Action::Release { node, quantity, .. }) => {
                self.custody.release(*node, *quantity, tick as Millis);
                vec![]
            }
            Input::Action(Action::Anchor { zone, at, count }) => {
                return self.anchor(tick, *zone, *at, *count);
            }
            // Nothing in the rows follows from these.
            Input::Action(
                Action::Acknowledge { .. }
                | Action::Comment { .. }
                | Action::Assign { .. }
                | Action::Settle { .. }
                | Action::Silence { .. },
            ) => return Delta::default(),
            Input::Link { up } => {
                return Delta {
                    notices: vec![Notice::Link { up: *up }],
                    ..Delta::default()
                };
            }
        };
        Delta {
            rows: self.renew(),
            notices,
        }
    }

    /// Takes a head count in, in place of one of the same moment. Of those that are sealed off only a zone's last still
    /// matters: people may come and go long after it, and are counted from it.
    fn anchor(&mut self, tick: Tick, zone: ZoneIx, at: Millis, count: Milli) -> Delta {
        let span = self.calendar.span(Quantity::PersonCount);
        let sealed = |at: Millis| span.sealed_at(at) <= tick;
        let counts = self.anchors.entry(zone).or_default();
        let mut gone: Vec<(Millis, Milli)> = Vec::new();
        gone.extend(counts.insert(at, count).map(|count| (at, count)));
        while counts.keys().nth(1).is_some_and(|second| sealed(*second)) {
            gone.extend(counts.pop_first());
        }
        let mut rows: Vec<(Row, isize)> = gone
            .into_iter()
            .map(|(at, count)| Row::Anchor(zone, at, count))
            .filter(|row| self.rows.remove(row))
            .map(|row| (row, -1))
            .collect();
        let row = Row::Anchor(zone, at, count);
        if counts.contains_key(&at) && self.rows.insert(row.clone()) {
            rows.push((row, 1));
        }
        Delta {
            rows,
            notices: vec![],
        }
    }

    /// Everything again, for a dataflow that starts from a snapshot.
    pub fn restore(&mut self) -> Delta {
        self.rows.clear();
        let mut notices = vec![self.early()];
        notices.extend(self.city.as_ref().map(|city| self.silent_after(city)));
        Delta {
            rows: self.renew(),
            notices,
        }
    }

    fn renew(&mut self) -> Vec<(Row, isize)> {
        let now = self.all();
        let gone = self.rows.difference(&now).map(|row| (row.clone(), -1));
        let new = now.difference(&self.rows).map(|row| (row.clone(), 1));
        let delta = gone.chain(new).collect();
        self.rows = now;
        delta
    }

    fn silent_after(&self, city: &City) -> Notice {
        let after = |node: &crate::city::Node| node.silent_after.or(city.silence_after);
        Notice::SilentAfter(
            city.nodes
                .iter()
                .map(|node| (node.ix, after(node)))
                .collect(),
        )
    }

    /// `max` rules may raise on an open pane: the least threshold of each quantity.
    fn early(&self) -> Notice {
        let mut least: BTreeMap<Quantity, Milli> = BTreeMap::new();
        for condition in self.rules.iter().map(|rule| &rule.condition) {
            if let (Value::Quantity(quantity), Statistic::Max, Danger::Above) =
                (condition.value, condition.statistic, condition.direction)
            {
                let at = least.entry(quantity).or_insert(condition.raise_at);
                *at = (*at).min(condition.raise_at);
            }
        }
        Notice::Early(least.into_iter().collect())
    }

    fn all(&self) -> BTreeSet<Row> {
        let mut rows = BTreeSet::new();
        let Some(city) = &self.city else { return rows };
        let corrected = city.nodes.iter().filter(|node| node.correction.is_some());
        let moist: BTreeSet<ZoneIx> = corrected.filter_map(|node| node.zone).collect();
        for node in &city.nodes {
            self.hold(node, &mut rows);
            let Some(zone) = node.zone else { continue };
            let member = Member {
                zone,
                weight: node.weight,
                hour_shift: city.hour_shift,
                correction: node.correction,
                moist: moist.contains(&zone),
            };
            rows.insert(Row::Member(node.ix, member));
            rows.extend(node.quantities.iter().map(|q| Row::Declared(node.ix, *q)));
        }
        // A node that is gone takes along what it counted, as it does with all that it measured.
        let known: BTreeSet<NodeIx> = city.nodes.iter().map(|node| node.ix).collect();
        for gate in city.gates.iter().filter(|gate| known.contains(&gate.node)) {
            rows.insert(Row::Gate(
                gate.node,
                Sides {
                    from: gate.from,
                    to: gate.to,
                    width: gate.width,
                },
            ));
        }
        for zone in &city.zones {
            let settings = zone.settings.with_danger_of(zone.ix, &self.rules);
            rows.insert(Row::Ground(zone.ix, zone.area, settings));
            let counts = |node: &&Node| {
                node.zone == Some(zone.ix) && node.quantities.contains(&Quantity::PersonCount)
            };
            let counters = city.nodes.iter().filter(counts).count();
            rows.insert(Row::Counters(zone.ix, counters as u32));
            rows.extend(
                city.standards
                    .iter()
                    .map(|standard| Row::Standard(zone.ix, *standard)),
            );
        }
        for (zone, counts) in &self.anchors {
            rows.extend(
                counts
                    .iter()
                    .map(|(at, count)| Row::Anchor(*zone, *at, *count)),
            );
        }
        let moved = self.moved_out.iter();
        rows.extend(moved.map(|(zone, tick)| Row::MovedOut(*zone, *tick)));
        let pairs = city.neighbours.iter();
        rows.extend(pairs.map(|(one, other)| Row::Neighbours(*one, *other)));
        leaks::rows(&city.leaks, &city.nodes, &mut rows);
        for rule in self.rules.iter() {
            rows.insert(Row::Kind(rule.ix, rule.kind));
            self.watch(city, rule, &mut rows);
        }
        if !self
            .rules
            .iter()
            .any(|rule| rule.condition.value == Value::Silence && !rule.condition.shadow)
            && let Some(rule) = silence_rule(city)
        {
            self.watch(city, &rule, &mut rows);
        }
        rows
    }

    /// What the node's sensors are held to, and what an operator withdrew.
    fn hold(&self, node: &Node, rows: &mut BTreeSet<Row>) {
        let says = |quantity| node.quantities.is_empty() || node.quantities.contains(&quantity);
        for rule in self.quality.iter().filter(|rule| says(rule.quantity)) {
            let trusted_until = self.custody.trusted_until(node.ix, rule.quantity);
            if let Some(flags) = &rule.flags {
                let flagging = Flagging {
                    zone: node.zone,
                    quantity: rule.quantity,
                    rule: flags.clone(),
                    recover: rule.recover,
                    trusted_until,
                };
                rows.insert(Row::Flag(node.ix, flagging));
            }
            if rule.judges() {
                let rule = QualityRule {
                    flags: None,
                    ..rule.clone()
                };
                let check = Check {
                    zone: node.zone,
                    rule,
                    trusted_until,
                };
                rows.insert(Row::Check(node.ix, check));
            }
        }
        let withdrawn = self.custody.withdrawn(node.ix, &node.quantities);
        rows.extend(withdrawn.map(|withdrawal| Row::Withdrawn(node.zone, withdrawal)));
    }

    /// The rows of one rule in its zones.
    fn watch(&self, city: &City, rule: &Rule, rows: &mut BTreeSet<Row>) {
        let value = rule.condition.value;
        for zone in city
            .zones
            .iter()
            .filter(|zone| rule.zones.contains(&zone.ix))
        {
            let (grace, horizon) = self.lifetime(value);
            let watch = Watch {
                rule: rule.id,
                zone: zone.id,
                kind: rule.kind,
                condition: rule.condition,
                grace,
                horizon,
            };
            let subject = Subject {
                rule: rule.ix,
                zone: zone.ix,
                node: None,
            };
            if value != Value::Silence {
                rows.insert(Row::Watch(subject, watch));
                continue;
            }
            for node in city.nodes.iter().filter(|node| node.zone == Some(zone.ix)) {
                let subject = Subject {
                    node: Some(node.ix),
                    ..subject
                };
                rows.insert(Row::Watch(subject, watch));
                rows.insert(Row::Listener(node.ix, node.id, subject));
            }
        }
    }

    /// Grace and horizon of a value's panes.
    pub fn lifetime(&self, value: Value) -> (Millis, Millis) {
        let span = match (value.paced_by(), value) {
            (Some(quantity), _) => self.calendar.span(quantity),
            (None, Value::AirIndex(_) | Value::AirForecast(..)) => self.calendar.index_span(),
            (None, Value::AirDay(_)) => self.calendar.day_span(),
            (None, _) => self.calendar.span(TABLE[0].quantity),
        };
        (span.grace, span.horizon)
    }
}

/// Zones that nodes left for other zones, and none for nowhere.
fn moved_out(before: &City, after: &City) -> BTreeSet<ZoneIx> {
    let after: BTreeMap<NodeIx, Option<ZoneIx>> =
        after.nodes.iter().map(|n| (n.ix, n.zone)).collect();
    let (mut moved, mut lost) = (BTreeSet::new(), BTreeSet::new());
    for node in &before.nodes {
        let Some(zone) = node.zone else { continue };
        match after.get(&node.ix).copied().flatten() {
            Some(now) if now == zone => {}
            Some(_) => drop(moved.insert(zone)),
            None => drop(lost.insert(zone)),
        }
    }
    &moved - &lost
}

#[cfg(test)]
mod tests;
