//! A leak and the people in its way, from the engine's door: the wind turns, people are exposed elsewhere under the same alert,
//! late wind corrects it; against a slow integration on a fine grid, for any order of arrival and any number of workers.
#![allow(clippy::unwrap_used)]

#[path = "leak/stage.rs"]
mod stage;

use std::collections::BTreeMap;

use pipeline::alert::{Reason, Revision, State};
use pipeline::calendar::{Calendar, HOUR, MINUTE, Millis, Tick, tick_at};
use pipeline::city::ZoneIx;
use pipeline::exposure::Exposure;
use pipeline::output::TickOutput;
use pipeline::rules::Value;
use stage::{BASE, EAST, NORTH, Reading, Stage, quarter, truth};
use wire::{Milli, Quantity};

/// Every minute that stands in the end.
fn standing(outputs: &[TickOutput]) -> BTreeMap<Millis, Exposure> {
    let mut minutes = BTreeMap::new();
    for (exposure, stands) in outputs.iter().flat_map(|output| &output.exposures) {
        match stands {
            true => drop(minutes.insert(exposure.start, exposure.clone())),
            false => drop(minutes.remove(&exposure.start)),
        }
    }
    minutes
}

/// People in a zone as last said, with their bounds.
fn counted(outputs: &[TickOutput], zone: u32) -> (f64, f64, f64) {
    let values = outputs.iter().flat_map(|output| &output.zone_values);
    let of_zone = values.filter(|v| v.zone == ZoneIx(zone) && v.value == Value::CrowdCount);
    let figures = of_zone
        .filter_map(|value| value.figures)
        .next_back()
        .unwrap();
    let [mean, min, max] = [figures.mean, figures.min, figures.max].map(Milli::to_f64);
    (mean, min, max)
}

fn revisions(outputs: &[TickOutput]) -> Vec<&Revision> {
    outputs
        .iter()
        .flat_map(|output| &output.revisions)
        .collect()
}

/// West wind for six minutes, then south wind; a leak from the first minute to the last of twelve.
fn turning(minute: Millis) -> f64 {
    if minute < 6 { 270.0 } else { 180.0 }
}

#[test]
fn the_wind_turns_and_others_are_exposed_under_the_same_alert() {
    let outputs = Stage::new(1).play(&truth(12, turning));
    let told = revisions(&outputs);
    assert_eq!(told[0].state, State::Raised);
    assert!(told.iter().all(|revision| revision.id == told[0].id));
    let exposed: Vec<_> = told
        .iter()
        .filter_map(|revision| revision.exposed.as_ref())
        .collect();
    let first = exposed.first().unwrap();
    let last = exposed.last().unwrap();
    // Of the four hundred in the east and the sixty in the north.
    assert!(first.people.people > 60, "{first:?}");
    assert!((5..=60).contains(&last.people.people), "{last:?}");
    assert_eq!(first.places, ["East School"]);
    assert_eq!(last.places, ["North Hospital"]);
    for exposed in exposed {
        let people = exposed.people;
        assert!(people.low <= people.people && people.people <= people.high);
        assert_eq!(exposed.level, "AEGL-1");
    }
    assert!(
        told.iter()
            .any(|revision| revision.reason == Reason::Exposure)
    );
    // Told by steps: twelve minutes of leak in pieces of ten seconds are not seventy revisions.
    assert!(told.len() <= 12, "{} revisions", told.len());
}

#[test]
fn late_wind_takes_people_out_and_puts_others_in() {
    let readings = truth(12, turning);
    let at = |reading: &Reading| reading.arrives;
    // From the sixth minute on the vane's frames are kept back until the end.
    let is_late = |reading: &Reading| {
        matches!(
            reading.quantity,
            Quantity::WindDirection | Quantity::WindSpeed
        ) && reading.sampled >= BASE + 6 * MINUTE
    };
    let mut late = readings.clone();
    for reading in late.iter_mut().filter(|reading| is_late(reading)) {
        reading.arrives = BASE + 13 * MINUTE;
    }
    late.sort_by_key(at);
    let mut stage = Stage::new(1);
    stage.feed(&late);
    stage.advance(BASE + 12 * MINUTE);
    let before = standing(&stage.seen());
    let from = |minute| before[&(BASE + minute * MINUTE)].plume.from;
    assert_eq!(from(5), Some(Milli::whole(270)));
    // Gas where the last known wind does not carry it: nobody knows where it goes.
    assert_eq!(from(8), None);
    assert!(before[&(BASE + 8 * MINUTE)].plume.factor >= Milli::whole(3));
    let outputs = stage.end();
    assert_eq!(standing(&outputs), standing(&Stage::new(1).play(&readings)));
    let told = revisions(&outputs);
    assert!(told.iter().all(|revision| revision.id == told[0].id));
    let last = told
        .iter()
        .filter_map(|revision| revision.exposed.as_ref())
        .next_back();
    assert_eq!(last.unwrap().places, ["North Hospital"]);
}

#[test]
fn arrival_order_and_workers_change_nothing_in_the_end() {
    let readings = truth(8, |minute| if minute < 4 { 270.0 } else { 225.0 });
    let plain = Stage::new(1).play(&readings);
    assert!(standing(&plain).len() >= 8);
    for workers in [2, 3] {
        let many = Stage::new(workers).play(&readings);
        assert_eq!(revisions(&many), revisions(&plain), "{workers} workers");
        assert_eq!(standing(&many), standing(&plain), "{workers} workers");
    }
    for seed in 1..6 {
        let outputs = Stage::new(1).play(&stage::shuffled(&readings, seed));
        assert_eq!(standing(&outputs), standing(&plain), "seed {seed}");
    }
}

#[test]
fn a_restart_in_the_middle_of_it_goes_on_as_if_nothing_had_been() {
    let readings = truth(12, turning);
    let plain = Stage::new(1).play(&readings);
    let half = readings.partition_point(|reading| reading.arrives < BASE + 7 * MINUTE);
    let mut first = Stage::new(1);
    first.feed(&readings[..half]);
    let mut second = first.restarted(2);
    second.feed(&readings[half..]);
    let outputs = second.end();
    assert_eq!(standing(&outputs), standing(&plain));
    let last = |outputs: &[TickOutput]| revisions(outputs).last().map(|r| (*r).clone());
    assert_eq!(last(&outputs), last(&plain));
}

/// A plume by the textbook and people counted on a grid of two metres.
#[test]
fn people_exposed_are_those_of_a_slow_integration() {
    let mut compared = 0;
    for from in [270.0, 225.0, 180.0, 260.0] {
        let outputs = Stage::new(1).play(&truth(3, |_| from));
        for exposure in standing(&outputs).values() {
            let strength = exposure.plume.strength.to_f64();
            let factor = exposure.plume.factor.to_f64();
            let wind = exposure.plume.wind.unwrap().to_f64();
            let toward = exposure.plume.from.unwrap().to_f64().to_radians();
            for footprint in &exposure.footprints {
                let level = footprint.from.to_f64();
                let slow = |strength: f64, of: fn((f64, f64, f64)) -> f64| {
                    let (mut people, step) = (0.0, 2.0);
                    for (zone, corner) in [(1, EAST), (2, NORTH)] {
                        let persons = of(counted(&outputs, zone));
                        let (mut inside, mut all) = (0u32, 0u32);
                        for (east, north) in quarter(corner, step) {
                            let x = -(east * toward.sin() + north * toward.cos());
                            let y = east * toward.cos() - north * toward.sin();
                            let sy = 0.16 * x / (1.0 + 0.0004 * x).sqrt();
                            let sz = 0.14 * x / (1.0 + 0.0003 * x).sqrt();
                            let reached = x > 0.0
                                && strength / (std::f64::consts::PI * wind * sy * sz)
                                    * (-y * y / (2.0 * sy * sy)).exp()
                                    >= level;
                            inside += u32::from(reached);
                            all += 1;
                        }
                        people += persons * f64::from(inside) / f64::from(all);
                    }
                    people
                };
                let people = footprint.people;
                for (told, slow) in [
                    (people.people, slow(strength, |(mean, ..)| mean)),
                    (people.low, slow(strength / factor, |(_, low, _)| low)),
                    (people.high, slow(strength * factor, |(_, _, high)| high)),
                ] {
                    let off = (told as f64 - slow).abs();
                    assert!(
                        off <= 2.0 + 0.05 * slow,
                        "from {from}: {told}, slow {slow:.1}"
                    );
                    compared += 1;
                }
            }
        }
    }
    assert!(compared >= 36, "only {compared} compared");
}

#[test]
fn without_gas_nobody_is_exposed_and_sealed_minutes_leave_quietly() {
    let mut calm = truth(3, turning);
    for reading in calm.iter_mut().filter(|r| r.quantity == Quantity::H2s) {
        reading.value = 300;
    }
    assert!(standing(&Stage::new(1).play(&calm)).is_empty());
    let mut stage = Stage::new(1);
    stage.feed(&truth(3, turning));
    stage.advance(BASE + 63 * MINUTE + 1);
    let told = stage.seen();
    assert!(
        standing(&told).is_empty(),
        "beyond the horizon nothing is kept"
    );
    // Whoever keeps what was can tell what left from what was taken back.
    let calendar = Calendar::default();
    let gone = told.iter().flat_map(|output| {
        let gone = output.exposures.iter().filter(|(_, stands)| !stands);
        gone.map(|(exposure, _)| (exposure, output.tick))
    });
    let (left, revised): (Vec<_>, Vec<_>) =
        gone.partition(|(exposure, tick)| exposure.is_sealed(&calendar, *tick));
    assert_eq!(left.len(), 3);
    let early = |(_, tick): &(&Exposure, Tick)| *tick < tick_at(BASE + HOUR);
    assert!(revised.iter().all(early), "{revised:?}");
    let told: Vec<Revision> = revisions(&told).into_iter().cloned().collect();
    let count = |revision: &Revision| revision.exposed.is_some();
    assert!(told.iter().rev().take(1).all(count), "what was told stands");
    assert!(told.iter().filter(|r| r.reason == Reason::Exposure).count() <= 3);
}

#[test]
fn a_gas_without_wind_is_a_circle_and_a_zone_that_nobody_counts_is_said() {
    let mut readings = truth(3, turning);
    readings.retain(|reading| reading.quantity != Quantity::WindSpeed);
    readings.retain(|reading| reading.quantity != Quantity::PersonCount || reading.node != 20);
    let outputs = Stage::new(1).play(&readings);
    let minutes = standing(&outputs);
    let exposure = minutes.values().next_back().unwrap();
    assert_eq!((exposure.plume.from, exposure.plume.wind), (None, None));
    let widest = &exposure.footprints[0];
    assert_eq!(widest.places, ["North Hospital", "East School"]);
    assert_eq!(widest.uncounted, 1, "the east has no camera now");
    // It may miss all sixty, reach all of them, and is to be expected over a tenth of the directions.
    let people = widest.people;
    let (_, _, all) = counted(&outputs, 2);
    assert_eq!((people.low, people.high), (0, all.round() as i64));
    assert!((2..=15).contains(&people.people), "{people:?}");
}
