//! Why an alert was raised: the panes that a rule judged, and readings without which nobody would have been told.
//!
//! It judges anew, in plain loops, with the dataflow's own arithmetic. The readings that it names are sufficient: with
//! them alone the rule raises the alert with the same onset. They are as few as a search with a bound finds, and *minimal*
//! when it could finish: without any one of them, no such alert.

mod air;
mod derived;
mod traffic;

use std::collections::{BTreeMap, BTreeSet};

use wire::quantity::{Group, Summing};
use wire::{Milli, Quantity};

use crate::calendar::{AIR_WINDOW, Calendar, HOUR, Millis, QUARTER, has_hours, pane_start};
use crate::city::{NodeIx, ZoneSettings};
use crate::derived::Derived;
use crate::observation::Observation;
use crate::operators::alerts::islands::{Alarmed, Island, Judged, Machine};
use crate::operators::judge::statistic_of;
use crate::operators::panes::summary::Summary;
use crate::operators::zones::{Part, ZonePane, summed};
use crate::output::Figures;
use crate::quality::Stretch;
use crate::rules::{Condition, Statistic, Value};
use crate::science::crowd::density;

/// Times that a reading is summed anew in one search; bounds it to some hundred milliseconds.
const WORK_MAX: usize = 20_000_000;

/// An alert, and all that its rule could have seen of its zone.
#[derive(Clone, Debug)]
pub struct Case<'a> {
    pub condition: Condition,
    pub calendar: &'a Calendar,
    /// Usable ground of the zone; 0 when unknown.
    pub area: Milli,
    pub settings: ZoneSettings,
    /// How far the city's local hours are shifted against UTC hours.
    pub hour_shift: Millis,
    pub members: &'a BTreeMap<NodeIx, Membership>,
    /// Those of the station that the zone's road goes on to, for an incident between the two; else empty.
    pub downstream: &'a BTreeMap<NodeIx, Membership>,
    /// Onset of the alert, event time.
    pub onset: Millis,
    /// Readings of the zone's nodes, in any order; those that the rule does not look at do no harm.
    pub readings: &'a [Observation],
}

/// How a node counts in its zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    pub weight: Milli,
    /// What of its readings does not count.
    pub withdrawn: Vec<Stretch>,
    /// Its fine particles are corrected for humidity.
    pub corrected: bool,
}

/// Why an alert was raised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// What the rule saw from the alert's onset until it was raised.
    pub panes: Vec<Judged>,
    /// Sufficient, in order of time.
    pub readings: Vec<Observation>,
    /// Without any one of them it would not have been raised.
    pub minimal: bool,
}

impl Explanation {
    /// Nodes that said them.
    pub fn nodes(&self) -> BTreeSet<NodeIx> {
        self.readings.iter().map(|reading| reading.node).collect()
    }
}

/// How long before an alert's onset readings can matter to it.
pub fn looks_back(value: Value) -> Millis {
    match value {
        Value::AirIndex(_) | Value::AirForecast(..) => AIR_WINDOW,
        Value::Derived(derived) => derived.entry().looks_back,
        _ => 0,
    }
}

/// `None` where these readings do not raise it: it rests on others (a gate's, a node's silence, the humidity by which
/// particles are corrected), or on what is sealed off.
pub fn explain(case: &Case) -> Option<Explanation> {
    if case.rests_on_humidity() {
        return None;
    }
    let mut readings: Vec<Observation> = case.relevant().copied().collect();
    readings.sort_unstable_by_key(|reading| (reading.sampled_at, reading.node, *reading));
    let width = case.width()?;
    let panes = case.judged(&readings);
    let raised_by = case.raised_by(&panes)?;
    readings.retain(|reading| reading.sampled_at < raised_by.end);
    let mut search = Search {
        case,
        kept: readings,
        work: 0,
    };
    // Quantities and panes are tried as wholes first, then nodes, then ever smaller runs of readings.
    search.drop_groups(|reading| reading.quantity.place() as Millis);
    search.drop_groups(|reading| pane_start(reading.sampled_at, width));
    search.drop_groups(|reading| Millis::from(reading.node.0));
    let minimal = search.drop_runs();
    Some(Explanation {
        panes: panes
            .into_iter()
            .filter(|pane| pane.start >= case.onset && pane.end <= raised_by.end)
            .collect(),
        readings: search.kept,
        minimal,
    })
}

impl Case<'_> {
    fn relevant(&self) -> impl Iterator<Item = &Observation> {
        let value = self.condition.value;
        let since = self.onset - looks_back(value);
        self.readings.iter().filter(move |reading| {
            let counts = match value {
                Value::AirIndex(_) | Value::AirDay(_) => {
                    reading.quantity.entry().group == Group::Air
                }
                Value::AirForecast(..) => has_hours(reading.quantity),
                Value::Derived(_) => value.rests_on(reading.quantity),
                value => value.paced_by() == Some(reading.quantity),
            };
            let width = match value {
                Value::AirIndex(_) | Value::AirDay(_) | Value::AirForecast(..) => QUARTER,
                _ => self.calendar.span(reading.quantity).width,
            };
            let end = pane_start(reading.sampled_at, width) + width;
            let own = self.members.get(&reading.node);
            let member = own.or_else(|| self.downstream.get(&reading.node));
            let covers = |stretch: &Stretch| stretch.covers(reading.quantity, end - width, end);
            let withdrawn = |member: &Membership| member.withdrawn.iter().any(covers);
            counts && reading.sampled_at >= since && member.is_some_and(|member| !withdrawn(member))
        })
    }

    /// Whether it looks at particles that are corrected, which their readings alone do not say.
    fn rests_on_humidity(&self) -> bool {
        let value = self.condition.value;
        let looks = match value {
            Value::AirIndex(_) | Value::AirDay(_) => true,
            value => value.rests_on(Quantity::Pm2_5),
        };
        looks && self.members.values().any(|member| member.corrected)
    }

    /// Of the panes that its rule looks at.
    fn width(&self) -> Option<Millis> {
        match self.condition.value {
            Value::AirIndex(_) | Value::AirDay(_) | Value::AirForecast(..) => Some(HOUR),
            value => Some(self.calendar.span(value.paced_by()?).width),
        }
    }

    /// The zone's panes as the rule sees them.
    fn judged(&self, readings: &[Observation]) -> Vec<Judged> {
        match self.condition.value {
            Value::AirIndex(_) | Value::AirForecast(..) => air::judged(self, readings),
            Value::AirDay(standard) => air::judged_days(self, standard, readings),
            Value::Derived(Derived::TrafficIncident) => traffic::judged(self, readings),
            Value::Derived(derived) => derived::judged(self, derived, readings),
            value => match value.paced_by() {
                Some(quantity) => self.judged_panes(quantity, readings),
                None => Vec::new(),
            },
        }
    }

    fn judged_panes(&self, quantity: Quantity, readings: &[Observation]) -> Vec<Judged> {
        let width = self.calendar.span(quantity).width;
        let judged = self.zone_panes(quantity, readings);
        let judged = judged.filter_map(|(start, zone, alarm)| {
            let statistic = self.condition.statistic;
            let alarm = alarm.filter(|_| statistic != Statistic::Count);
            Some(Judged {
                start,
                end: start + width,
                value: Some(self.value(&zone.figures)?),
                heard: zone.heard,
                open: false,
                saturated: zone.figures.saturated,
                alarm: alarm.map(|alarm| alarm.worst(self.condition.direction)),
            })
        });
        judged.collect()
    }

    /// The zone's figures of a quantity, pane by pane, and what nodes alarmed by themselves in it.
    fn zone_panes(
        &self,
        quantity: Quantity,
        readings: &[Observation],
    ) -> impl Iterator<Item = (Millis, ZonePane, Option<Alarmed>)> {
        self.panes_of(self.members, quantity, readings)
    }

    fn panes_of<'m>(
        &self,
        members: &'m BTreeMap<NodeIx, Membership>,
        quantity: Quantity,
        readings: &[Observation],
    ) -> impl Iterator<Item = (Millis, ZonePane, Option<Alarmed>)> + use<'m> {
        let width = self.calendar.span(quantity).width;
        let summing = quantity.entry().summing;
        let mut panes: BTreeMap<Millis, Pane> = BTreeMap::new();
        let theirs = |reading: &&Observation| {
            reading.quantity == quantity && members.contains_key(&reading.node)
        };
        for reading in readings.iter().filter(theirs) {
            let start = pane_start(reading.sampled_at, width);
            panes.entry(start).or_default().add(start, reading, summing);
        }
        panes.into_iter().map(move |(start, pane)| {
            let parts = pane.nodes.iter().filter_map(|(&node, summary)| {
                Some(Part {
                    node,
                    start,
                    weight: members.get(&node)?.weight,
                    pane: summary.node_pane(quantity),
                })
            });
            let zone = summed(quantity, &parts.collect::<Vec<_>>());
            (start, zone, pane.alarm)
        })
    }

    fn value(&self, figures: &Figures) -> Option<Milli> {
        match self.condition.value {
            // A head count has one figure a pane, whatever the statistic, but for how many were taken.
            Value::CrowdCount | Value::CrowdDensity
                if self.condition.statistic == Statistic::Count =>
            {
                Some(statistic_of(figures, Statistic::Count))
            }
            Value::CrowdCount => Some(figures.mean),
            Value::CrowdDensity => {
                (self.area > Milli::ZERO).then(|| density(figures.mean, self.area))
            }
            _ => Some(statistic_of(figures, self.condition.statistic)),
        }
    }

    /// The pane with which the alert is raised.
    fn raised_by(&self, panes: &[Judged]) -> Option<Judged> {
        let mut machine = Machine::default();
        let is_it = |island: Island| island.onset == self.onset;
        for pane in panes {
            let ended = machine.step(&self.condition, pane);
            if ended.is_some_and(is_it) || machine.lasting().is_some_and(is_it) {
                return Some(*pane);
            }
        }
        None
    }
}

/// One pane of a zone, summed.
#[derive(Default)]
struct Pane {
    nodes: BTreeMap<NodeIx, Summary>,
    alarm: Option<Alarmed>,
}

impl Pane {
    fn add(&mut self, start: Millis, reading: &Observation, summing: Summing) {
        let node = self.nodes.entry(reading.node);
        node.or_insert_with(|| Summary::new(start))
            .add(reading, summing);
        if reading.alarm {
            let first = Alarmed {
                start,
                end: start,
                least: reading.value,
                greatest: reading.value,
                heard: 1,
            };
            let alarm = self.alarm.get_or_insert(first);
            alarm.least = alarm.least.min(reading.value);
            alarm.greatest = alarm.greatest.max(reading.value);
        }
    }
}

/// The readings that are left while others are taken away.
struct Search<'a> {
    case: &'a Case<'a>,
    kept: Vec<Observation>,
    work: usize,
}

impl Search<'_> {
    /// Whether `readings` alone raise the alert; `None` when the search has taken too long.
    fn raises(&mut self, readings: &[Observation]) -> Option<bool> {
        self.work += readings.len() + 1;
        if self.work > WORK_MAX {
            return None;
        }
        let panes = self.case.judged(readings);
        Some(self.case.raised_by(&panes).is_some())
    }

    /// Keeps `fewer` if they raise it too.
    fn try_with(&mut self, fewer: Vec<Observation>) -> Option<bool> {
        let raises = self.raises(&fewer)?;
        if raises {
            self.kept = fewer;
        }
        Some(raises)
    }

    /// Tries to do without all readings that share a group, one group after the other.
    fn drop_groups(&mut self, group: impl Fn(&Observation) -> Millis) {
        let groups: BTreeSet<Millis> = self.kept.iter().map(&group).collect();
        for gone in groups {
            let others = self.kept.iter().filter(|reading| group(reading) != gone);
            let fewer = others.copied().collect();
            if self.try_with(fewer).is_none() {
                return;
            }
        }
    }

    /// Tries to do without runs of readings, down to single ones; answers whether none is left that could go.
    fn drop_runs(&mut self) -> bool {
        let mut len = self.kept.len().div_ceil(2).max(1);
        loop {
            let (mut at, mut dropped) = (0, false);
            while at < self.kept.len() {
                let end = (at + len).min(self.kept.len());
                let fewer = [&self.kept[..at], &self.kept[end..]].concat();
                match self.try_with(fewer) {
                    Some(true) => dropped = true,
                    Some(false) => at = end,
                    None => return false,
                }
            }
            match (len, dropped) {
                (1, false) => return true,
                (1, true) => {}
                _ => len = len.div_ceil(2),
            }
        }
    }
}
