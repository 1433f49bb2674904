//! How many people a zone holds: an anchor and its gates, its area counters, and both where there are both.

use std::collections::{BTreeMap, BTreeSet};

use pipeline::calendar::{MINUTE, Millis};
use pipeline::city::{NodeIx, ZoneIx};
use pipeline::derived::Derived;
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

/// Count and density of every zone at every person-count pane where they can be said, and the flow at its gates.
pub(super) fn counts(
    history: &History,
    worlds: &Worlds,
    sensors: &Sensors,
    zones: &Panes,
) -> Panes {
    let passed = passed(history, worlds, sensors);
    let mut told = Panes::new();
    for zone in zone_numbers(worlds) {
        let of_zone: Vec<&Passed> = passed.iter().filter(|p| p.zone == zone).collect();
        people(history, worlds, zones, zone, &of_zone, &mut told);
        gate_flows(history, &of_zone, &mut told);
    }
    told
}

/// People as they are known: a number, and how far off it may be.
#[derive(Clone, Copy, Debug)]
struct Known {
    people: i128,
    low: i128,
    high: i128,
}

/// From the first pane to the last: what was known before, a head count in between, those who came and went, and
/// what the area counters see.
fn people(
    history: &History,
    worlds: &Worlds,
    zones: &Panes,
    zone: ZoneIx,
    passed: &[&Passed],
    told: &mut Panes,
) {
    let span = history.calendar.span(Quantity::PersonCount);
    let area_pane = |start| zones.get(&(zone, Value::Quantity(Quantity::PersonCount), start));
    let counted = zones
        .keys()
        .filter(|(of, value, _)| (*of, *value) == (zone, Value::Quantity(Quantity::PersonCount)));
    let mut moments: BTreeSet<Millis> = counted.map(|(.., start)| *start).collect();
    moments.extend(passed.iter().map(|p| p.start));
    let mut known: Option<Known> = None;
    let mut heeded = Millis::MIN;
    for start in moments {
        let end = start + span.width;
        for (at, count) in anchors(history, zone) {
            if heeded <= at && at < end {
                let people = i128::from(count.0);
                known = Some(Known {
                    people,
                    low: people,
                    high: people,
                });
            }
        }
        heeded = end;
        // Each gate and direction is one number, of which only the sum can be nothing.
        let mut net: BTreeMap<(NodeIx, bool), i128> = BTreeMap::new();
        for p in passed.iter().filter(|p| p.start == start) {
            *net.entry((p.node, p.inwards)).or_default() += p.people;
        }
        if let Some(before) = &mut known {
            let through: i128 = net.values().map(|people| people.abs()).sum();
            let doubt = before.high - before.people + divide_rounded(through * 5, 100);
            // Nobody can leave an empty zone: a miscount ends there.
            before.people = (before.people + net.values().sum::<i128>()).max(0);
            if !net.is_empty() {
                before.low = (before.people - doubt).max(0);
                before.high = before.people + doubt;
            }
        }
        let world = worlds.at_sealing(end + span.horizon);
        let mut row = ZonePane {
            start,
            end,
            ..EMPTY
        };
        if let Some(area) = area_pane(start) {
            row = *area;
            let gates = passed.iter().filter(|p| p.start <= start);
            let last = gates.map(|p| p.start).max();
            let is_fresh = last.is_some_and(|last| start - last < 5 * MINUTE);
            known = Some(match known.filter(|_| is_fresh) {
                Some(balance) => both(balance, area),
                None => alone(area),
            });
        }
        let Some(Known { people, low, high }) = known else {
            continue;
        };
        let all = (people, low, high);
        told.insert((zone, Value::CrowdCount, start), figure(all, &row));
        let area = i128::from(area(world, zone).0);
        if area > 0 {
            let on_ground = |people: i128| divide_rounded(people * 1000, area);
            let all = (on_ground(people), on_ground(low), on_ground(high));
            told.insert((zone, Value::CrowdDensity, start), figure(all, &row));
        }
    }
}

/// As counted, a tenth less at least; at most a tenth more than if the parts that were not seen were as full.
fn alone(area: &ZonePane) -> Known {
    let people = i128::from(area.figures.mean.0.max(0));
    let whole = whole(area);
    Known {
        people,
        low: people - divide_rounded(people, 10),
        high: whole + divide_rounded(whole, 10),
    }
}

/// All of the zone, if the parts that were not seen are as full as those that were.
fn whole(area: &ZonePane) -> i128 {
    let people = i128::from(area.figures.mean.0.max(0));
    let expected = area.declared.max(area.heard);
    divide_rounded(people * i128::from(expected), i128::from(area.heard))
}

/// The mean of both by inverse squares of their doubts.
fn both(balance: Known, area: &ZonePane) -> Known {
    let whole = whole(area);
    let expected = i128::from(area.declared.max(area.heard));
    let most = whole.max(balance.people);
    let unseen = expected - i128::from(area.heard);
    let of_count = divide_rounded(most, 10) + divide_rounded(most * unseen, expected);
    let of_balance = balance.high - balance.people;
    let (a, b) = (of_balance * of_balance, of_count * of_count);
    let mut people = match a + b {
        0 => balance.people,
        weights => balance.people + divide_rounded((whole - balance.people) * a, weights),
    };
    if area.figures.saturated {
        people = people.max(i128::from(area.figures.mean.0));
    }
    people = people.max(0);
    let doubt = of_count.min(of_balance);
    let (mut low, mut high) = ((people - doubt).max(0), people + doubt);
    if (whole - balance.people).abs() > of_count + of_balance {
        low = low.min(whole.min(balance.people));
        high = high.max(whole.max(balance.people));
    }
    Known { people, low, high }
}

/// Everybody through the gates of known width in the minute up to the end of a pane, per metre: of all gates
/// together, of the emptiest and of the fullest.
fn gate_flows(history: &History, passed: &[&Passed], told: &mut Panes) {
    let width = history.calendar.span(Quantity::PersonCount).width;
    let moments: BTreeSet<(ZoneIx, Millis)> = passed.iter().map(|p| (p.zone, p.start)).collect();
    for (zone, start) in moments {
        let end = start + width;
        let mut by_pane: BTreeMap<(NodeIx, bool, Millis), i128> = BTreeMap::new();
        let mut metres: BTreeMap<NodeIx, i128> = BTreeMap::new();
        for p in passed.iter().filter(|p| p.gate_width > 0) {
            if end - MINUTE <= p.start && p.start < end {
                *by_pane.entry((p.node, p.inwards, p.start)).or_default() += p.people;
                metres.insert(p.node, p.gate_width);
            }
        }
        let through = |node: Option<NodeIx>| -> i128 {
            let of_it = by_pane
                .iter()
                .filter(|((of, ..), _)| node.is_none_or(|node| node == *of));
            of_it.map(|(_, people)| people.abs()).sum()
        };
        let each = metres
            .iter()
            .map(|(node, metres)| divide_rounded(through(Some(*node)) * 1000, *metres));
        let (Some(low), Some(high)) = (each.clone().min(), each.max()) else {
            continue;
        };
        let all = divide_rounded(through(None) * 1000, metres.values().sum());
        let row = ZonePane {
            start,
            end,
            ..EMPTY
        };
        let key = (zone, Value::Derived(Derived::GateFlow), start);
        told.insert(key, figure((all, low, high), &row));
    }
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
    suspect: 0,
    declared: 0,
};

/// A figure with its bounds, and no node alarms by it.
fn figure((value, low, high): (i128, i128, i128), row: &ZonePane) -> ZonePane {
    let milli = |value: i128| Milli(value as i64);
    ZonePane {
        figures: Figures {
            mean: milli(value),
            min: milli(low),
            max: milli(high),
            last: milli(value),
            ..row.figures
        },
        alarms: None,
        ..*row
    }
}

/// One reading of a gate, as one of its zones sees it.
struct Passed {
    zone: ZoneIx,
    start: Millis,
    node: NodeIx,
    inwards: bool,
    /// Into the zone; out of it is less than nothing.
    people: i128,
    gate_width: i128,
}

fn passed(history: &History, worlds: &Worlds, sensors: &Sensors) -> Vec<Passed> {
    let mut passed = Vec::new();
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
            let sides = [(gate.to, people), (gate.from, -people)];
            for (zone, people) in sides {
                passed.extend(zone.map(|zone| Passed {
                    zone,
                    start,
                    node: observation.node,
                    inwards: sign > 0,
                    people,
                    gate_width: i128::from(gate.width.0),
                }));
            }
        }
    }
    passed
}

/// Head counts by people and by the clock, in order of time.
fn anchors(history: &History, zone: ZoneIx) -> BTreeMap<Millis, Milli> {
    let of_zone = history.inputs().filter_map(|(_, input)| match input {
        Input::Action(Action::Anchor {
            zone: of,
            at,
            count,
        }) if *of == zone => Some((*at, *count)),
        _ => None,
    });
    of_zone.collect()
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
