//! Fine particles of low-cost sensors on their way into their zone, against plain loops.
//!
//! Goal: a node that is to be corrected counts with what the formula says at the humidity of the same time, by
//! its own sensor or else its zone's, however late either comes; and as it reads where no humidity is known.
//! Method: random readings of a small city, a fifth of them late, every node corrected in another way or not
//! at all; the final figures of every pane and the hourly index are computed from all readings at once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use pipeline::calendar::{Calendar, HOUR, MINUTE, Millis, QUARTER, tick_at};
use pipeline::city::{City, Node, NodeIx, ZoneIx};
use pipeline::input::Input;
use pipeline::observation::Observation;
use pipeline::output::TickOutput;
use pipeline::rules::Value;
use pipeline::science::air::correction::Correction;
use pipeline::science::air::{Standard, hourly_index};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tests::city::{self, BEGIN};
use tests::history::{Event, History, last_zone_values};
use wire::milli::divide_rounded;
use wire::{Milli, Quantity};

const LENGTH: Millis = 2 * HOUR;

#[test]
fn a_corrected_node_counts_with_the_humidity_of_its_time() {
    for seed in 0..3 {
        let (city, history) = history(seed);
        let by_hand = ByHand::of(&city, &history);
        let whole = history.run(2);
        check(seed, &by_hand, &whole);
        let restarted = history.run_restarted(tick_at(BEGIN + LENGTH * 2 / 3), [1, 2]);
        check(seed, &by_hand, &restarted.expect("a snapshot"));
    }
}

fn check(seed: u64, by_hand: &ByHand<'_>, outputs: &[TickOutput]) {
    let last = last_zone_values(outputs);
    let said: BTreeMap<_, _> = last
        .iter()
        .filter(|((_, value, _), _)| *value == Value::Quantity(Quantity::Pm2_5))
        .filter_map(|((zone, _, start), row)| Some(((*zone, *start), row.figures?.mean)))
        .collect();
    let expected = by_hand.panes();
    assert!(expected.len() > 60, "seed {seed}: {}", expected.len());
    for (key, mean) in &expected {
        assert_eq!(said.get(key), Some(mean), "seed {seed}: {key:?}");
    }
    assert_eq!(said.len(), expected.len(), "seed {seed}");
    let mut said = BTreeMap::new();
    for row in outputs.iter().flat_map(|output| &output.air) {
        said.insert((row.zone, row.hour), row.index.map(|index| index.index));
    }
    let expected = by_hand.indices();
    assert!(!expected.is_empty());
    assert_eq!(said, expected, "seed {seed}");
}

/// A city in which humidity is measured by every other node, and in one zone by none.
fn history(seed: u64) -> (Arc<City>, History) {
    let mut plan = city::plan(seed);
    let mut city = City::clone(&plan.city);
    city.standards = vec![Standard::Eaqi2025];
    let mut rng = StdRng::seed_from_u64(seed);
    for node in &mut city.nodes {
        node.quantities.clear();
        node.correction = match rng.random_range(0..3) {
            0 => None,
            1 => Some(Correction::EpaBarkjohn2021),
            _ => Some(Correction::EpaExtended),
        };
    }
    let dry = city.nodes.last().and_then(|node| node.zone);
    if let Some(node) = city.nodes.last_mut() {
        node.correction = Some(Correction::EpaExtended);
    }
    plan.city = Arc::new(city);
    let mut arrivals = Vec::new();
    for (place, node) in plan.city.nodes.iter().enumerate() {
        let moist = place % 2 == 0 && node.zone != dry;
        for (quantity, every, top) in [
            (Quantity::Pm2_5, 4 * MINUTE, 350_000),
            (Quantity::RelativeHumidity, 7 * MINUTE, 100_000),
        ] {
            if quantity == Quantity::RelativeHumidity && !moist {
                continue;
            }
            let mut at = BEGIN + rng.random_range(0..MINUTE);
            while at < BEGIN + LENGTH {
                let delay = match rng.random_range(0..5) {
                    0 => rng.random_range(0..40 * MINUTE),
                    _ => 0,
                };
                let reading = Observation {
                    node: node.ix,
                    quantity,
                    saturated: false,
                    alarm: false,
                    index: 0,
                    sampled_at: at,
                    value: Milli(rng.random_range(0..top)),
                    sequence: at as u64,
                };
                arrivals.push((tick_at(at + delay), Event::Observe(reading)));
                // Now and then a sensor says nothing for a while.
                at += match rng.random_range(0..12) {
                    0 => rng.random_range(QUARTER..3 * QUARTER),
                    _ => every,
                };
            }
        }
    }
    arrivals.sort_by_key(|(tick, _)| *tick);
    let mut events = vec![(tick_at(BEGIN), Event::Input(Input::City(plan.city.clone())))];
    events.extend(arrivals);
    let mut calendar = Calendar::default();
    calendar.keep_humidity();
    let history = History {
        calendar,
        events,
        until: tick_at(BEGIN + LENGTH + HOUR),
    };
    (plan.city, history)
}

/// All readings at once.
struct ByHand<'a> {
    city: &'a City,
    readings: BTreeMap<(NodeIx, Quantity), Vec<(Millis, i64)>>,
}

impl ByHand<'_> {
    fn of<'a>(city: &'a City, history: &History) -> ByHand<'a> {
        let mut readings: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (_, reading) in history.observations() {
            let series = readings.entry((reading.node, reading.quantity));
            let sample = (reading.sampled_at, reading.value.0);
            series.or_default().push(sample);
        }
        ByHand { city, readings }
    }

    /// Sum and number of a node's readings within a span.
    fn sum(&self, node: NodeIx, quantity: Quantity, (from, to): (Millis, Millis)) -> (i128, i128) {
        let series = self.readings.get(&(node, quantity)).into_iter().flatten();
        let inside = series.filter(|(at, _)| (from..to).contains(at));
        inside.fold((0, 0), |(sum, count), (_, value)| {
            (sum + i128::from(*value), count + 1)
        })
    }

    /// The humidity that corrects a node's pane of width `width` at `start`.
    fn humidity(&self, node: &Node, start: Millis, width: Millis) -> Option<Milli> {
        let quarter = start.div_euclid(QUARTER) * QUARTER;
        let spans = [(start, start + width), (quarter, quarter + QUARTER)];
        let of = |node: &Node, span| {
            let (sum, count) = self.sum(node.ix, Quantity::RelativeHumidity, span);
            (count > 0).then(|| divide_rounded(sum, count))
        };
        let own = spans.iter().find_map(|span| of(node, *span));
        let zone = || {
            spans.iter().find_map(|span| {
                let nodes = self.city.nodes.iter().filter(|one| one.zone == node.zone);
                let means =
                    nodes.filter_map(|one| Some((i128::from(one.weight.0), of(one, *span)?)));
                let (sum, weights) = means.fold((0, 0), |(sum, weights), (weight, mean)| {
                    (sum + weight * mean, weights + weight)
                });
                (weights > 0).then(|| divide_rounded(sum, weights))
            })
        };
        own.or_else(zone).map(|milli| Milli(milli as i64))
    }

    /// A node's pane: its corrected mean and the readings in it.
    fn pane(&self, node: &Node, start: Millis, width: Millis) -> Option<(i128, i128)> {
        let (sum, count) = self.sum(node.ix, Quantity::Pm2_5, (start, start + width));
        if count == 0 {
            return None;
        }
        let mean = divide_rounded(sum, count);
        let humidity = self.humidity(node, start, width);
        let corrected = node.correction.zip(humidity).map(|(correction, humidity)| {
            i128::from(correction.of(Milli(mean as i64), humidity).0)
        });
        Some((corrected.unwrap_or(mean), count))
    }

    /// Zones and the starts, in steps of `width`, at which their nodes measured particles.
    fn starts(&self, width: Millis) -> BTreeSet<(ZoneIx, Millis)> {
        let mut starts = BTreeSet::new();
        for node in &self.city.nodes {
            let series = self.readings.get(&(node.ix, Quantity::Pm2_5));
            for (at, _) in series.into_iter().flatten() {
                starts.extend(node.zone.map(|zone| (zone, at.div_euclid(width) * width)));
            }
        }
        starts
    }

    /// The weighted mean of a zone's nodes of what `of` says of each.
    fn zone_mean(&self, zone: ZoneIx, of: impl Fn(&Node) -> Option<i128>) -> Milli {
        let nodes = self
            .city
            .nodes
            .iter()
            .filter(|node| node.zone == Some(zone));
        let (mut sum, mut weights) = (0, 0);
        for node in nodes {
            if let Some(figure) = of(node) {
                sum += i128::from(node.weight.0) * figure;
                weights += i128::from(node.weight.0);
            }
        }
        Milli(divide_rounded(sum, weights) as i64)
    }

    fn panes(&self) -> BTreeMap<(ZoneIx, Millis), Milli> {
        let starts = self.starts(MINUTE).into_iter();
        let pane = |(zone, start)| {
            let of = |node: &Node| Some(self.pane(node, start, MINUTE)?.0);
            ((zone, start), self.zone_mean(zone, of))
        };
        starts.map(pane).collect()
    }

    /// European bands by hour: quarter hours are corrected, and added up by their readings.
    fn indices(&self) -> BTreeMap<(ZoneIx, Millis), Option<u32>> {
        let starts = self.starts(HOUR).into_iter();
        let index = |(zone, hour)| {
            let of = |node: &Node| {
                let quarters = (0..4).filter_map(|k| self.pane(node, hour + k * QUARTER, QUARTER));
                let (sum, count) = quarters.fold((0, 0), |(sum, count), (mean, readings)| {
                    (sum + mean * readings, count + readings)
                });
                (count > 0).then(|| divide_rounded(sum, count))
            };
            let mean = self.zone_mean(zone, of);
            let hours = |quantity, back| (quantity == Quantity::Pm2_5 && back == 0).then_some(mean);
            let air = hourly_index(Standard::Eaqi2025, &hours);
            ((zone, hour), air.map(|air| air.index))
        };
        starts.map(index).collect()
    }
}
