//! Which readings do not count: withdrawn by an operator, or because a quality rule of the world finds the sensor bad.
//!
//! From the raw readings, from scratch, in words of its own: every run of panes that proves a flaw is written down, and a
//! pane is withdrawn where one of them, with its time to recover, reaches.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use pipeline::calendar::{Calendar, HOUR, Millis};
use pipeline::city::NodeIx;
use pipeline::observation::Observation;
use pipeline::quality::QualityRule;
use wire::Quantity;
use wire::quantity::Group;

use super::flags;
use super::is_sealed;
use super::panes::{NodePane, summary};
use super::worlds::World;
use crate::history::History;

/// A pane of a node: start, end, figures.
pub(super) type Pane = (Millis, Millis, NodePane);
/// A run of bad panes: start, end, and how long after it readings stay withdrawn.
pub(super) type Bad = (Millis, Millis, Millis);

/// All sensors that any rule could look at.
pub(super) struct Sensors {
    pub(super) calendar: Calendar,
    pub(super) panes: BTreeMap<(NodeIx, Quantity), Vec<Pane>>,
    /// What was found bad in a world, so that it need not be asked for every pane.
    found: RefCell<BTreeMap<(usize, NodeIx, Quantity), Vec<Bad>>>,
    /// The panes that are flagged in a world, with their worst flags; for the same reason.
    pub(super) flagged: RefCell<BTreeMap<(usize, NodeIx, Quantity), Rc<flags::Flagged>>>,
}

impl Sensors {
    pub(super) fn new(history: &History) -> Sensors {
        let mut readings: BTreeMap<(NodeIx, Quantity, Millis), Vec<Observation>> = BTreeMap::new();
        for (tick, observation) in history.observations() {
            let span = history.calendar.span(observation.quantity);
            let start = observation.sampled_at.div_euclid(span.width) * span.width;
            if !is_sealed(start + span.width + span.horizon, tick) {
                let key = (observation.node, observation.quantity, start);
                readings.entry(key).or_default().push(*observation);
            }
        }
        let mut panes: BTreeMap<(NodeIx, Quantity), Vec<Pane>> = BTreeMap::new();
        for ((node, quantity, start), readings) in readings {
            let end = start + history.calendar.span(quantity).width;
            if let Some(pane) = summary(quantity, &readings) {
                let sensor = panes.entry((node, quantity)).or_default();
                sensor.push((start, end, pane));
            }
        }
        Sensors {
            calendar: history.calendar.clone(),
            panes,
            found: RefCell::default(),
            flagged: RefCell::default(),
        }
    }

    /// Whether in this world the stretch of event time does not count for the node.
    pub(super) fn withdrawn(
        &self,
        world: &World,
        (node, quantity): (NodeIx, Quantity),
        (start, end): (Millis, Millis),
    ) -> bool {
        let covers = |bad: Vec<Bad>| {
            let mut bad = bad.into_iter();
            bad.any(|(from, until, recover)| from < end && start < until + recover)
        };
        // A loop that fails in one thing is believed in nothing.
        let traffic = quantity.entry().group == Group::Traffic;
        world.set_aside(node, quantity, end)
            || covers(self.bad(world, node, quantity))
            || traffic && covers(self.failed(world, node))
    }

    fn failed(&self, world: &World, node: NodeIx) -> Vec<Bad> {
        let shown_in = [Quantity::VehicleCount, Quantity::LaneOccupancy];
        let failed = shown_in.into_iter().flat_map(|quantity| {
            let seen = self.seen(world, node, quantity);
            seen.map_or(Vec::new(), |(rule, panes)| failures(rule, &panes))
        });
        failed.collect()
    }

    fn bad(&self, world: &World, node: NodeIx, quantity: Quantity) -> Vec<Bad> {
        let key = (world.number, node, quantity);
        let known = self.found.borrow().get(&key).cloned();
        known.unwrap_or_else(|| {
            let found = self.judge(world, node, quantity);
            self.found.borrow_mut().insert(key, found.clone());
            found
        })
    }

    fn judge(&self, world: &World, node: NodeIx, quantity: Quantity) -> Vec<Bad> {
        let Some((rule, panes)) = self.seen(world, node, quantity) else {
            return Vec::new();
        };
        let mut bad = stuck(rule, &panes);
        bad.extend(spiking(rule, &panes));
        bad.extend(out_of_range(rule, &panes));
        bad.extend(self.disagreeing(rule, &panes, world, node));
        if let Some(flags) = &rule.flags {
            let trusted = world.trusted_until(node, quantity);
            let flagged = self.flagged(world, node, quantity);
            let failing = flagged
                .iter()
                .filter(|((start, ..), worst)| *start >= trusted && *worst == 4);
            let failing: Vec<Pane> = failing.map(|(pane, _)| *pane).collect();
            bad.extend(flags::failing(flags, rule.recover, &failing));
        }
        bad
    }

    /// The rule on a sensor, and all that it is judged by.
    fn seen<'a>(
        &self,
        world: &'a World,
        node: NodeIx,
        quantity: Quantity,
    ) -> Option<(&'a QualityRule, Vec<Pane>)> {
        let rule = world.quality.iter().find(|rule| rule.quantity == quantity);
        let says = |node: &pipeline::city::Node| {
            node.quantities.is_empty() || node.quantities.contains(&quantity)
        };
        let (Some(rule), Some(true)) = (rule, world.node(node).map(says)) else {
            return None;
        };
        let horizon = self.calendar.span(quantity).horizon;
        let trusted = world.trusted_until(node, quantity);
        // What was sealed off before the rule was made, or the sensor released, proves nothing.
        let since = world.judged_since(node, quantity);
        let panes: Vec<Pane> = self
            .panes
            .get(&(node, quantity))
            .into_iter()
            .flatten()
            .filter(|(start, end, _)| *start >= trusted && !is_sealed(*end + horizon, since))
            .copied()
            .collect();
        Some((rule, panes))
    }

    fn disagreeing(
        &self,
        rule: &QualityRule,
        panes: &[Pane],
        world: &World,
        node: NodeIx,
    ) -> Vec<Bad> {
        let Some(limit) = rule.neighbours else {
            return Vec::new();
        };
        let mut run: Option<(Millis, Millis)> = None;
        let mut bad = Vec::new();
        for (start, end, pane) in panes {
            let Some((low, high)) = self.others(world, node, rule.quantity, *start) else {
                continue;
            };
            let apart = (pane.figure.0 - high.0).max(low.0 - pane.figure.0);
            run = match (apart > limit.by.0, run) {
                (false, _) => None,
                (true, Some((from, last))) if start - last <= limit.lasting => Some((from, *end)),
                (true, _) => Some((*start, *end)),
            };
            if let Some((from, end)) = run
                && end - from >= limit.lasting
            {
                bad.push((from, end, rule.recover.unwrap_or(limit.lasting)));
            }
        }
        bad
    }
}

fn stuck(rule: &QualityRule, panes: &[Pane]) -> Vec<Bad> {
    let Some(lasting) = rule.stuck else {
        return Vec::new();
    };
    let mut bad = Vec::new();
    for (last, (_, end, pane)) in panes.iter().enumerate() {
        let same = |(.., other): &Pane| other.min == pane.max && other.max == pane.max;
        let mut first = last;
        if !same(&panes[last]) {
            continue;
        }
        while first > 0 && same(&panes[first - 1]) && panes[first].0 - panes[first - 1].1 <= lasting
        {
            first -= 1;
        }
        if last - first >= 2 && end - panes[first].0 >= lasting {
            bad.push((panes[first].0, *end, rule.recover.unwrap_or(lasting)));
        }
    }
    bad
}

fn spiking(rule: &QualityRule, panes: &[Pane]) -> Vec<Bad> {
    let Some(spike) = rule.spike else {
        return Vec::new();
    };
    let figure = |place: usize| panes[place].2.figure.0;
    let spikes = |place: &usize| {
        let pane = &panes[*place].2;
        let inside = *place > 0 && place + 1 < panes.len();
        let lonely = inside && {
            let (before, own, after) = (figure(place - 1), figure(*place), figure(place + 1));
            own - before >= spike.by.0 && own - after >= spike.by.0
                || before - own >= spike.by.0 && after - own >= spike.by.0
        };
        pane.max.0 - pane.min.0 >= spike.by.0 || lonely
    };
    let places: Vec<usize> = (0..panes.len()).filter(spikes).collect();
    places
        .windows(spike.count as usize)
        .map(|run| (panes[run[0]].0, panes[run[run.len() - 1]].1))
        .filter(|(from, end)| end - from <= spike.within)
        .map(|(from, end)| (from, end, rule.recover.unwrap_or(spike.within)))
        .collect()
}

fn out_of_range(rule: &QualityRule, panes: &[Pane]) -> Vec<Bad> {
    let Some((least, greatest)) = rule.range else {
        return Vec::new();
    };
    let beyond = |pane: &NodePane| pane.min < least || pane.max > greatest;
    panes
        .iter()
        .filter(|(.., pane)| beyond(pane))
        .map(|(start, end, _)| (*start, *end, rule.recover.unwrap_or(end - start)))
        .collect()
}

/// All that a loop detector's panes prove.
fn failures(rule: &QualityRule, panes: &[Pane]) -> Vec<Bad> {
    let Some(limits) = rule.detector else {
        return Vec::new();
    };
    let held = rule.recover.unwrap_or(24 * HOUR);
    let mut bad = Vec::new();
    let mut runs =
        |limit: Option<Millis>, recover: Millis, goes_on: &dyn Fn(&Pane, &Pane) -> bool| {
            let Some(lasting) = limit else { return };
            for (last, pane) in panes
                .iter()
                .enumerate()
                .filter(|(_, pane)| goes_on(pane, pane))
            {
                let mut first = last;
                while first > 0
                    && goes_on(&panes[first - 1], pane)
                    && panes[first].0 - panes[first - 1].1 <= lasting
                {
                    first -= 1;
                }
                if pane.1 - panes[first].0 >= lasting {
                    bad.push((panes[first].0, pane.1, recover));
                }
            }
        };
    runs(limits.no_hits, 0, &|(.., pane), _| pane.max.0 <= 0);
    runs(limits.locked_on, held, &|(.., pane), _| {
        pane.min.0 >= 100_000
    });
    runs(limits.no_change, 0, &|(.., pane), (.., other)| {
        (pane.min, pane.max) == (other.max, other.max)
    });
    if let Some(vehicles) = limits.chatter {
        let too_many = |(start, end, pane): &&Pane| {
            let half_minutes = (end - start) as f64 / 30_000.0;
            pane.figure.to_f64() / half_minutes >= vehicles.to_f64()
        };
        let many = panes.iter().filter(too_many);
        bad.extend(many.map(|(start, end, _)| (*start, *end, held)));
    }
    if let Some(limit) = limits.occupancy_spikes {
        let (mut timer, mut since) = (0, 0);
        for (place, (start, end, pane)) in panes.iter().enumerate() {
            let before = place.checked_sub(1).map(|place| &panes[place]);
            let Some((.., before)) = before.filter(|(_, end, _)| end == start) else {
                (timer, since) = (0, *start);
                continue;
            };
            if timer == 0 {
                since = *start;
            }
            let quarters = (pane.figure.0 - before.figure.0).abs() / 25_000;
            timer = (timer + 30_000 * quarters - 30_000).max(0);
            if timer > limit {
                bad.push((since, *end, held));
            }
        }
    }
    bad
}
