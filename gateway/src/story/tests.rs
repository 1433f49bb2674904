//! The story against the harbour city's own rules: exactly the expected breaches are in the truth, so that
//! whatever the demo shows beyond or below them came in on the way.

use std::collections::BTreeMap;

use super::*;
use crate::harbour;
use pipeline::city::Zone;
use pipeline::rules::{Rule, Statistic, Value};

/// Breaches (first raising minute, last holding minute) by rule and zone over one story.
type Breaches = BTreeMap<(String, String), (Millis, Millis)>;

#[test]
fn the_truth_holds_every_expected_breach_and_no_other() {
    for seed in [1, 77] {
        let breaches = breaches_in_truth(&Story::new(seed));
        // Indices and what is derived look back: those the pipeline tells, in `told.rs`.
        let looking_back = ["air-unhealthy", "fire", "h2s-dose"];
        let measured = EXPECTED.iter().filter(|e| !looking_back.contains(&e.rule));
        for expected in measured.clone() {
            let key = (expected.rule.to_owned(), expected.zone.to_owned());
            let (onset, end) = breaches[&key];
            let (earliest, latest) = expected.onset;
            assert!(
                earliest <= onset && onset <= latest && end < expected.over_by,
                "seed {seed}: {expected:?} is true from minute {onset} to {end}"
            );
        }
        let keys: Vec<_> = breaches.keys().collect();
        assert_eq!(breaches.len(), measured.count(), "seed {seed}: {keys:?}");
    }
}

fn breaches_in_truth(story: &Story) -> Breaches {
    let loaded = harbour::load().unwrap();
    let seats = seats(&loaded.city);
    let mut breaches = Breaches::new();
    // A rule in shadow tells nobody.
    for rule in loaded.rules.iter().filter(|rule| !rule.condition.shadow) {
        let quantity = match rule.condition.value {
            Value::Quantity(quantity) => quantity,
            Value::CrowdDensity => Quantity::PersonCount,
            Value::CrowdCount
            | Value::AirIndex(_)
            | Value::AirDay(_)
            | Value::AirForecast(..)
            | Value::Derived(_)
            | Value::Silence => continue,
        };
        let watched = |zone: &&Zone| rule.zones.contains(&zone.ix);
        for zone in loaded.city.zones.iter().filter(watched) {
            let measuring = |seat: &&Seat| {
                let mut nodes = loaded.city.nodes.iter();
                nodes.any(|n| {
                    n.id == seat.node && n.zone == Some(zone.ix) && n.quantities.contains(&quantity)
                })
            };
            let inside: Vec<&Seat> = seats.iter().filter(measuring).collect();
            if inside.is_empty() {
                continue;
            }
            // Breaches last for minutes: every half minute sees them all.
            for offset in (0..CYCLE).step_by(30_000) {
                let at = cycle_start(1_795_309_200_000) + offset;
                let sampling = Sampling { at, period: MINUTE };
                let values = inside
                    .iter()
                    .map(|seat| story.truth(seat, quantity, sampling));
                let value = zone_truth(rule, zone, &values.collect::<Vec<_>>());
                let key = (rule.id.to_string(), zone.id.to_string());
                let minute = offset / MINUTE;
                if rule.condition.threshold().raises(value) {
                    breaches.entry(key.clone()).or_insert((minute, minute));
                }
                if let (true, Some(breach)) = (
                    rule.condition.threshold().holds(value),
                    breaches.get_mut(&key),
                ) {
                    breach.1 = minute;
                }
            }
        }
    }
    breaches
}

fn zone_truth(rule: &Rule, zone: &Zone, values: &[Milli]) -> Milli {
    let sum: i64 = values.iter().map(|value| value.0).sum();
    match (rule.condition.value, rule.condition.statistic) {
        (Value::CrowdDensity, _) => Milli(sum * 1000 / zone.area.0),
        (_, Statistic::Max) => *values.iter().max().unwrap(),
        _ => Milli(sum / values.len() as i64),
    }
}

#[test]
fn the_same_seed_tells_the_same_story_and_another_seed_another() {
    let loaded = harbour::load().unwrap();
    let seats = seats(&loaded.city);
    let tell = |seed| -> Vec<Milli> {
        let story = Story::new(seed);
        let sampling = Sampling {
            at: 1_795_309_200_000,
            period: MINUTE,
        };
        loaded
            .city
            .nodes
            .iter()
            .zip(&seats)
            .flat_map(|(node, seat)| {
                node.quantities
                    .iter()
                    .map(move |q| story.truth(seat, *q, sampling))
            })
            .collect()
    };
    assert_eq!(tell(3), tell(3));
    assert_ne!(tell(3), tell(4));
}

#[test]
fn the_stuck_gauge_repeats_one_value_until_it_is_repaired() {
    let loaded = harbour::load().unwrap();
    let seats = seats(&loaded.city);
    let gauge = seats
        .iter()
        .find(|seat| seat.node.as_str() == STUCK.0)
        .unwrap();
    let read = |minute: Millis| {
        let at = cycle_start(1_795_309_200_000) + minute * MINUTE;
        Story::new(1).truth(gauge, Quantity::WaterLevel, Sampling { at, period: MINUTE })
    };
    assert_ne!(read(STUCK.1 - 8), read(STUCK.1));
    assert!((STUCK.1..STUCK.2).all(|minute| read(minute) == read(STUCK.1)));
    assert!(
        (read(STUCK.1).0 - 2_310).abs() < 5,
        "the headline says 2.31 m"
    );
    assert_ne!(read(STUCK.2), read(STUCK.1));
}
