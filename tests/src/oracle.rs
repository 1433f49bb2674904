//! The slow, obvious answer: what must stand at the end, recomputed from the whole history in plain loops.
//!
//! It shares the pipeline's plain types (city, rules, calendar, observation) and none of its operators,
//! and keeps no state from one question to the next. In reading order: [`worlds`] says which registry and
//! rules judged a pane, [`panes`] what each node said, [`quality`] what of it does not count, [`flags`] what is suspect, [`zones`] what that makes of a zone, [`crowd`] how
//! many people, [`derived`] what follows from these, [`islands`] which alerts, [`air`] how each hour's air was,
//! [`california`] whether traffic is blocked.

pub mod air;
pub mod california;
mod crowd;
mod derived;
mod flags;
mod islands;
mod panes;
mod quality;
mod worlds;
mod zones;

use std::collections::{BTreeMap, BTreeSet};

use pipeline::calendar::{Millis, Tick};
use pipeline::city::{NodeIx, ZoneIx};
use pipeline::observation::Observation;
use pipeline::output::Figures;
use pipeline::rules::{RuleIx, Value};
use wire::{Milli, Quantity};

pub use islands::{End, Island};

use crate::history::History;
use quality::Sensors;
use worlds::Worlds;

/// What must stand at the end of a history.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    pub zones: BTreeMap<(ZoneIx, Value, Millis), ZonePane>,
    /// Raised islands by rule and zone, in event time.
    pub alerts: BTreeMap<(RuleIx, ZoneIx), Vec<Island>>,
    /// Observations that came after their pane was sealed off.
    pub too_late: u64,
}

/// A zone's figure for one pane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ZonePane {
    pub start: Millis,
    pub end: Millis,
    pub figures: Figures,
    /// Least and greatest reading with which a node raised its own alarm.
    pub alarms: Option<(Milli, Milli)>,
    /// Nodes whose readings are in it.
    pub heard: u32,
    /// Those of them whose readings a quality test finds suspect.
    pub suspect: u32,
    /// Nodes of the zone that declare the quantity; those that declare nothing are not counted here.
    pub declared: u32,
}

/// Everything at once.
pub fn answer(history: &History) -> Answer {
    let worlds = Worlds::new(history);
    let sensors = Sensors::new(history);
    let mut answer = Answer::default();
    for quantity in Quantity::all() {
        let span = history.calendar.span(quantity);
        let mut by_pane: BTreeMap<Millis, BTreeMap<NodeIx, Vec<Observation>>> = BTreeMap::new();
        for (tick, observation) in history.observations() {
            if observation.quantity != quantity {
                continue;
            }
            let start = observation.sampled_at.div_euclid(span.width) * span.width;
            if is_sealed(start + span.width + span.horizon, tick) {
                answer.too_late += 1;
                continue;
            }
            by_pane
                .entry(start)
                .or_default()
                .entry(observation.node)
                .or_default()
                .push(*observation);
        }
        for (start, by_node) in by_pane {
            let end = start + span.width;
            let world = worlds.at_sealing(end + span.horizon);
            let pane = zones::Pane {
                quantity,
                start,
                end,
            };
            for (zone, figures) in zones::figures(pane, &by_node, world, &sensors) {
                answer
                    .zones
                    .insert((zone, Value::Quantity(quantity), start), figures);
            }
        }
    }
    let crowd = crowd::counts(history, &worlds, &sensors, &answer.zones);
    answer.zones.extend(crowd);
    let derived = derived::figures(history, &worlds, &answer.zones);
    answer.zones.extend(derived);
    answer.alerts = alerts(history, &worlds, &answer.zones);
    answer
}

/// A pane is sealed off before anything that arrives at the tick of its deadline.
fn is_sealed(deadline: Millis, tick: Tick) -> bool {
    i128::from(tick) >= i128::from(deadline)
}

/// Every rule, over every zone that any version of it watched.
fn alerts(
    history: &History,
    worlds: &Worlds,
    zones: &BTreeMap<(ZoneIx, Value, Millis), ZonePane>,
) -> BTreeMap<(RuleIx, ZoneIx), Vec<Island>> {
    let mut watched: BTreeSet<(RuleIx, ZoneIx, Value)> = BTreeSet::new();
    for world in worlds.all() {
        for rule in world.rules.iter() {
            let value = rule.condition.value;
            watched.extend(rule.zones.iter().map(|&zone| (rule.ix, zone, value)));
        }
    }
    let mut alerts: BTreeMap<(RuleIx, ZoneIx), Vec<Island>> = BTreeMap::new();
    for (rule, zone, value) in watched {
        let Some(span) = value_span(history, value) else {
            continue;
        };
        let panes = (zone, value, Millis::MIN)..=(zone, value, Millis::MAX);
        for (from, until) in worlds.watches(rule, zone) {
            let mut judged = Vec::new();
            for (_, pane) in zones.range(panes.clone()) {
                let deadline = pane.end + span.horizon;
                let world = worlds.at_sealing(deadline);
                // What was sealed off before the rule came it never sees.
                if !is_sealed(deadline, from)
                    && until.is_none_or(|until| is_sealed(deadline, until))
                    && let Some(condition) = world.condition(rule, zone)
                    && condition.value == value
                {
                    judged.push(islands::Judged::new(pane, condition));
                }
            }
            let Some(condition) = worlds
                .last()
                .condition(rule, zone)
                .filter(|_| until.is_none())
            else {
                // A rule that is gone, or no longer watches the zone, takes its alerts along, but for those that
                // were over for good.
                let over = islands::find(&judged, value.is_safety(), |_| false);
                let over = over.into_iter().filter(|island| island.end.is_over());
                alerts.entry((rule, zone)).or_default().extend(over);
                continue;
            };
            let quiet_after = condition.gap_max + span.grace;
            let found = islands::find(&judged, value.is_safety(), |last_end| {
                // The deadline fires at the tick after, if time was promised beyond that.
                last_end + quiet_after + 1 < history.until as Millis
            });
            alerts.entry((rule, zone)).or_default().extend(found);
        }
    }
    alerts.retain(|_, islands| !islands.is_empty());
    alerts
}

/// How long panes of a value live; `None` for values that this oracle does not judge.
fn value_span(history: &History, value: Value) -> Option<pipeline::calendar::Span> {
    Some(history.calendar.span(value.paced_by()?))
}
