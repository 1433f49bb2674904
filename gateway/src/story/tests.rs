//! The story against the harbour city's own rules: exactly the expected breaches are in the truth, so that
//! whatever the demo shows beyond or below them came in on the way.

use std::collections::BTreeMap;

use super::*;
use crate::harbour;
use pipeline::calendar::SECOND;
use pipeline::rules::{Rule, Statistic, Value};

/// Breaches (first raising minute, last holding minute) by rule and zone over one story.
type Breaches = BTreeMap<(String, String), (Millis, Millis)>;

#[test]
fn the_truth_holds_every_expected_breach_and_no_other() {
    for seed in [1, 2, 77] {
        let breaches = breaches_in_truth(&Story::new(seed));
        let measured = EXPECTED.iter().filter(|e| e.rule != "air-unhealthy");
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
    for rule in loaded.rules.iter() {
        let step = match rule.condition.value {
            Value::Quantity(quantity) => Millis::from(quantity.entry().pane_width_s) * SECOND,
            Value::CrowdDensity => 10 * SECOND,
            Value::CrowdCount | Value::AirIndex(_) | Value::Silence => continue,
        };
        for offset in (0..CYCLE).step_by(step as usize) {
            for zone in loaded
                .city
                .zones
                .iter()
                .filter(|z| rule.zones.contains(&z.ix))
            {
                let inside: Vec<&Seat> = seats
                    .iter()
                    .filter(|seat| seat.zone == Some(zone.id))
                    .collect();
                let Some(value) = zone_truth(story, rule, &loaded.city, &inside, offset, step)
                else {
                    continue;
                };
                let key = (rule.id.to_string(), zone.id.to_string());
                let minute = offset / MINUTE;
                if rule.condition.raises(value) {
                    breaches.entry(key.clone()).or_insert((minute, minute));
                }
                if let (true, Some(breach)) = (rule.condition.holds(value), breaches.get_mut(&key))
                {
                    breach.1 = minute;
                }
            }
        }
    }
    breaches
}

fn zone_truth(
    story: &Story,
    rule: &Rule,
    city: &City,
    inside: &[&Seat],
    offset: Millis,
    period: Millis,
) -> Option<Milli> {
    let at = cycle_start(1_795_309_200_000) + offset;
    let quantity = match rule.condition.value {
        Value::Quantity(quantity) => quantity,
        _ => Quantity::PersonCount,
    };
    let measuring = inside.iter().filter(|seat| {
        let node = city.nodes.iter().find(|node| node.id == seat.node);
        node.is_some_and(|node| node.quantities.contains(&quantity))
    });
    let values: Vec<i64> = measuring
        .map(|seat| story.truth(seat, quantity, Sampling { at, period }).0)
        .collect();
    let sum: i64 = values.iter().sum();
    let zone = inside.first()?.zone?;
    match (rule.condition.value, rule.condition.statistic) {
        _ if values.is_empty() => None,
        (Value::CrowdDensity, _) => {
            let area = city.zones.iter().find(|z| z.id == zone)?.area.0;
            Some(Milli(sum * 1000 / area))
        }
        (_, Statistic::Max) => values.into_iter().max().map(Milli),
        _ => Some(Milli(sum / values.len() as i64)),
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
