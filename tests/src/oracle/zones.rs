//! What its nodes' panes make of a zone.

use std::collections::BTreeMap;

use pipeline::calendar::Millis;
use pipeline::city::{NodeIx, ZoneIx};
use pipeline::observation::Observation;
use pipeline::output::Figures;
use wire::milli::divide_rounded;
use wire::quantity::Summing;
use wire::{Milli, Quantity};

use super::ZonePane;
use super::panes::{self, NodePane};
use super::quality::Sensors;
use super::worlds::World;

/// One interval of event time of one quantity.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pane {
    pub(super) quantity: Quantity,
    pub(super) start: Millis,
    pub(super) end: Millis,
}

/// Every zone that was heard in the pane.
pub(super) fn figures(
    pane: Pane,
    by_node: &BTreeMap<NodeIx, Vec<Observation>>,
    world: &World,
    sensors: &Sensors,
) -> BTreeMap<ZoneIx, ZonePane> {
    let mut by_zone: BTreeMap<ZoneIx, Vec<(Milli, NodePane)>> = BTreeMap::new();
    let mut alarms: BTreeMap<ZoneIx, Vec<Milli>> = BTreeMap::new();
    let mut suspects: BTreeMap<ZoneIx, u32> = BTreeMap::new();
    for (ix, readings) in by_node {
        // A node-pane leaves whole when any of it was sampled in quarantine.
        if sensors.withdrawn(world, (*ix, pane.quantity), (pane.start, pane.end)) {
            continue;
        }
        if let Some(node) = world.node(*ix)
            && let Some(zone) = node.zone
            && let Some(summary) = panes::summary(pane.quantity, readings)
        {
            by_zone
                .entry(zone)
                .or_default()
                .push((node.weight, summary));
            let is_suspect = sensors.suspect(world, (*ix, pane.quantity), pane.start);
            *suspects.entry(zone).or_default() += u32::from(is_suspect);
            let own = readings.iter().filter(|reading| reading.alarm);
            alarms
                .entry(zone)
                .or_default()
                .extend(own.map(|reading| reading.value));
        }
    }
    by_zone
        .into_iter()
        .map(|(zone, nodes)| {
            let row = ZonePane {
                start: pane.start,
                end: pane.end,
                figures: zone_figures(pane.quantity, &nodes),
                alarms: least_and_greatest(&alarms[&zone]),
                heard: nodes.len() as u32,
                suspect: suspects[&zone],
                declared: declared(world, zone, pane.quantity),
            };
            (zone, row)
        })
        .collect()
}

fn least_and_greatest(values: &[Milli]) -> Option<(Milli, Milli)> {
    let (least, greatest) = (values.iter().min(), values.iter().max());
    least.copied().zip(greatest.copied())
}

fn zone_figures(quantity: Quantity, nodes: &[(Milli, NodePane)]) -> Figures {
    let mut figures = Figures {
        mean: zone_mean(quantity, nodes),
        ..Figures::default()
    };
    let mut latest = None;
    for (place, (_, node)) in nodes.iter().enumerate() {
        figures.min = if place == 0 {
            node.min
        } else {
            figures.min.min(node.min)
        };
        figures.max = if place == 0 {
            node.max
        } else {
            figures.max.max(node.max)
        };
        figures.count += node.count;
        figures.saturated |= node.saturated;
        let last = node.last;
        latest = latest.max(Some((
            last.sampled_at,
            last.sequence,
            last.index,
            last.node,
            last.value,
        )));
    }
    if let Some((.., value)) = latest {
        figures.last = value;
    }
    figures
}

/// Counters see different people and vehicles, so they add; directions are averaged as vectors;
/// everything else is a weighted mean.
fn zone_mean(quantity: Quantity, nodes: &[(Milli, NodePane)]) -> Milli {
    let adds = matches!(
        quantity,
        Quantity::PersonCount | Quantity::PersonsIn | Quantity::PersonsOut | Quantity::VehicleCount
    );
    if quantity.entry().summing == Summing::Vector {
        let weighted: Vec<_> = nodes.iter().map(|(w, node)| (*w, node.figure)).collect();
        return panes::direction_of_mean(&weighted);
    }
    let (mut sum, mut weights, mut weighted) = (0_i128, 0_i128, 0_i128);
    for (weight, node) in nodes {
        sum += i128::from(node.figure.0);
        weights += i128::from(weight.0);
        weighted += i128::from(weight.0) * i128::from(node.figure.0);
    }
    Milli(if adds {
        sum
    } else {
        divide_rounded(weighted, weights)
    } as i64)
}

fn declared(world: &World, zone: ZoneIx, quantity: Quantity) -> u32 {
    let Some(city) = &world.city else { return 0 };
    city.nodes
        .iter()
        .filter(|node| node.zone == Some(zone) && node.quantities.contains(&quantity))
        .count() as u32
}
