//! Hourly and daily air indices: each hour's zone means straight from the readings, then the standard's own formula.
//!
//! The formulas are the pipeline's (they have tests of their own); what is checked here is that every hour
//! and day that should have an index has one, from the right readings.

use std::collections::{BTreeMap, BTreeSet};

use pipeline::calendar::{HOUR, Millis, QUARTER};
use pipeline::city::{NodeIx, ZoneIx};
use pipeline::output::AirIndex;
use pipeline::science::air::{Standard, daily_index, hourly_index};
use wire::milli::divide_rounded;
use wire::quantity::Group;
use wire::{Milli, Quantity};

use super::is_sealed;
use super::quality::Sensors;
use super::worlds::Worlds;
use crate::history::History;

/// By node: the sum of its readings and how many they are.
type Sums = BTreeMap<NodeIx, (i128, i128)>;

/// Zones' hourly means.
type Means = BTreeMap<(ZoneIx, Quantity, Millis), Milli>;

/// Indices of zones by the start of their hour or day.
pub type Indices = BTreeMap<(ZoneIx, Millis, Standard), AirIndex>;

/// Every hour's index of every zone; the registry must not change in the history.
pub fn hours(history: &History) -> Indices {
    let Some((standards, means)) = means(history) else {
        return Indices::new();
    };
    let moments: BTreeSet<(ZoneIx, Millis)> =
        means.keys().map(|(zone, _, hour)| (*zone, *hour)).collect();
    let mut indices = BTreeMap::new();
    for (zone, hour) in moments {
        for standard in &standards {
            let back = |quantity: Quantity, hours_back: usize| {
                let at = hour - hours_back as Millis * HOUR;
                means.get(&(zone, quantity, at)).copied()
            };
            if let Some(index) = hourly_index(*standard, &back) {
                indices.insert((zone, hour, *standard), index);
            }
        }
    }
    indices
}

/// Every day's index of every zone, of days that are over.
pub fn days(history: &History) -> Indices {
    let Some((standards, means)) = means(history) else {
        return Indices::new();
    };
    let local = &history.calendar.local;
    let days: BTreeSet<(ZoneIx, Millis)> = means
        .keys()
        .map(|(zone, _, hour)| (*zone, local.day_start(*hour)))
        .collect();
    let mut indices = BTreeMap::new();
    for (zone, day) in days {
        let end = local.day_end(day);
        if end >= history.until as Millis {
            continue;
        }
        for standard in &standards {
            let hours = |quantity: Quantity, k: usize| {
                let at = day + k as Millis * HOUR;
                means.get(&(zone, quantity, at)).copied()
            };
            let length = ((end - day) / HOUR) as usize;
            if let Some(index) = daily_index(*standard, length, &hours) {
                indices.insert((zone, day, *standard), index);
            }
        }
    }
    indices
}

fn means(history: &History) -> Option<(Vec<Standard>, Means)> {
    let worlds = Worlds::new(history);
    let world = worlds.last();
    let city = world.city.as_ref()?;
    let sensors = Sensors::new(history);
    let mut sums: BTreeMap<(ZoneIx, Quantity, Millis), Sums> = BTreeMap::new();
    for (tick, observation) in history.observations() {
        let quantity = observation.quantity;
        let span = history.calendar.span(quantity);
        let pane = observation.sampled_at.div_euclid(span.width) * span.width;
        let quarter = observation.sampled_at.div_euclid(QUARTER) * QUARTER;
        let sensor = (observation.node, quantity);
        let withdrawn = sensors.withdrawn(world, sensor, (quarter, quarter + QUARTER));
        let node = world.node(observation.node);
        let Some(zone) = node.and_then(|node| node.zone) else {
            continue;
        };
        let sealed = is_sealed(pane + span.width + span.horizon, tick);
        if quantity.entry().group != Group::Air || sealed || withdrawn {
            continue;
        }
        let shift = city.hour_shift;
        let hour = (observation.sampled_at + shift).div_euclid(HOUR) * HOUR - shift;
        let sum = sums
            .entry((zone, quantity, hour))
            .or_default()
            .entry(observation.node)
            .or_default();
        sum.0 += i128::from(observation.value.0);
        sum.1 += 1;
    }
    let mut means = Means::new();
    for (key, nodes) in &sums {
        let (mut weighted, mut weights) = (0, 0);
        for (ix, (total, readings)) in nodes {
            let weight = world.node(*ix).map_or(0, |node| i128::from(node.weight.0));
            weighted += weight * divide_rounded(*total, *readings);
            weights += weight;
        }
        means.insert(*key, Milli(divide_rounded(weighted, weights) as i64));
    }
    Some((city.standards.clone(), means))
}
