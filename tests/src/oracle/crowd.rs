//! How many people a zone holds: its area counters where they speak, else an anchor and its gates.

use std::collections::{BTreeMap, BTreeSet};

use pipeline::calendar::Millis;
use pipeline::city::ZoneIx;
use pipeline::input::{Action, Input};
use pipeline::output::Figures;
use pipeline::rules::Value;
use wire::milli::divide_rounded;
use wire::{Milli, Quantity};

use super::quality::Sensors;
use super::worlds::{World, Worlds};
use super::{ZonePane, is_sealed};
use crate::history::History;

type Panes = BTreeMap<(ZoneIx, Value, Millis), ZonePane>;

/// Count and density of every zone at every person-count pane where they can be said.
pub(super) fn counts(
    history: &History,
    worlds: &Worlds,
    sensors: &Sensors,
    zones: &Panes,
) -> Panes {
    let span = history.calendar.span(Quantity::PersonCount);
    let flows = flows(history, worlds, sensors);
    let mut known = Panes::new();
    for zone in zone_numbers(worlds) {
        let mut moments: BTreeSet<Millis> = BTreeSet::new();
        for (pane_zone, value, start) in zones.keys() {
            if (*pane_zone, *value) == (zone, Value::Quantity(Quantity::PersonCount)) {
                moments.insert(*start);
            }
        }
        for (flow_zone, start) in flows.keys() {
            if *flow_zone == zone {
                moments.insert(*start);
            }
        }
        for start in moments {
            let end = start + span.width;
            let area_figure = zones.get(&(zone, Value::Quantity(Quantity::PersonCount), start));
            let (count, row) = match area_figure {
                Some(row) => (row.figures.mean, *row),
                None => match from_gates(history, zones, &flows, zone, start) {
                    Some(count) => (
                        count,
                        ZonePane {
                            start,
                            end,
                            ..EMPTY
                        },
                    ),
                    None => continue,
                },
            };
            let world = worlds.at_sealing(end + span.horizon);
            known.insert((zone, Value::CrowdCount, start), only(count, row));
            let area = area(world, zone);
            if area.0 > 0 {
                let density = divide_rounded(i128::from(count.0) * 1000, i128::from(area.0));
                let density = only(Milli(density as i64), row);
                known.insert((zone, Value::CrowdDensity, start), density);
            }
        }
    }
    known
}

const EMPTY: ZonePane = ZonePane {
    alarms: None,
    start: 0,
    end: 0,
    figures: Figures {
        mean: Milli::ZERO,
        min: Milli::ZERO,
        max: Milli::ZERO,
        last: Milli::ZERO,
        count: 0,
        saturated: false,
    },
    heard: 0,
    declared: 0,
};

/// A derived value has one figure, whatever statistic is asked for, and no node alarms by it.
fn only(value: Milli, row: ZonePane) -> ZonePane {
    let figures = Figures {
        mean: value,
        min: value,
        max: value,
        last: value,
        ..row.figures
    };
    let alarms = None;
    ZonePane {
        figures,
        alarms,
        ..row
    }
}

/// Net persons into a zone by its gates, by pane.
fn flows(
    history: &History,
    worlds: &Worlds,
    sensors: &Sensors,
) -> BTreeMap<(ZoneIx, Millis), i128> {
    let mut flows = BTreeMap::new();
    for (tick, observation) in history.observations() {
        let sign = match observation.quantity {
            Quantity::PersonsIn => 1,
            Quantity::PersonsOut => -1,
            _ => continue,
        };
        let span = history.calendar.span(observation.quantity);
        let start = observation.sampled_at.div_euclid(span.width) * span.width;
        let deadline = start + span.width + span.horizon;
        let world = worlds.at_sealing(deadline);
        let sensor = (observation.node, observation.quantity);
        let withdrawn = sensors.withdrawn(world, sensor, (start, start + span.width));
        if is_sealed(deadline, tick) || withdrawn {
            continue;
        }
        let Some(city) = &world.city else { continue };
        if world.node(observation.node).is_none() {
            continue;
        }
        for gate in city.gates.iter().filter(|g| g.node == observation.node) {
            let people = sign * i128::from(observation.value.0);
            if let Some(to) = gate.to {
                *flows.entry((to, start)).or_default() += people;
            }
            if let Some(from) = gate.from {
                *flows.entry((from, start)).or_default() -= people;
            }
        }
    }
    flows
}

/// The last anchor at or before the pane, and everybody who came and went after it.
fn from_gates(
    history: &History,
    zones: &Panes,
    flows: &BTreeMap<(ZoneIx, Millis), i128>,
    zone: ZoneIx,
    start: Millis,
) -> Option<Milli> {
    // (first pane after the anchor, people)
    let mut anchor: Option<(Millis, Milli)> = None;
    let mut consider = |from: Millis, count: Milli| {
        if from <= start && anchor.is_none_or(|(best, _)| from >= best) {
            anchor = Some((from, count));
        }
    };
    for ((pane_zone, value, _), row) in zones {
        if (*pane_zone, *value) == (zone, Value::Quantity(Quantity::PersonCount)) {
            consider(row.end, row.figures.mean);
        }
    }
    for (_, input) in history.inputs() {
        if let Input::Action(Action::Anchor {
            zone: at_zone,
            at,
            count,
        }) = input
            && *at_zone == zone
        {
            consider(*at, *count);
        }
    }
    let (from, count) = anchor?;
    let mut people = i128::from(count.0);
    for ((flow_zone, pane), net) in flows {
        if *flow_zone == zone && from <= *pane && *pane <= start {
            // Nobody can leave an empty zone: a miscount ends there.
            people = (people + net).max(0);
        }
    }
    Some(Milli(people as i64))
}

fn area(world: &World, zone: ZoneIx) -> Milli {
    let zones = world.city.iter().flat_map(|city| &city.zones);
    zones
        .filter(|candidate| candidate.ix == zone)
        .map(|candidate| candidate.area)
        .next()
        .unwrap_or(Milli::ZERO)
}

fn zone_numbers(worlds: &Worlds) -> BTreeSet<ZoneIx> {
    worlds
        .all()
        .flat_map(|world| &world.city)
        .flat_map(|city| &city.zones)
        .map(|zone| zone.ix)
        .collect()
}
