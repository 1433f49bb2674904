//! A week of event time at a steady load leaves the process as big as it was: state is bounded by the horizon.
//!
//! Sixteen nodes in four zones say air (with its 26 and 24 hours of horizon), head counts and gas every few minutes, some
//! of it late; alerts come and go all the time, are acknowledged, end and are forgotten. The engine and the board that
//! it fills live in this process, and every hour of the city resident memory is read once all is settled.
//!
//! Medians are compared, not peaks: what leaks raises the median, while a peak is where a merge of differential's
//! batches happened to be met half-way.

#![allow(clippy::unwrap_used)]

use std::fmt::Write;

use gateway::board::{Board, Face};
use gateway::city::{LoadedCity, Sources};
use pipeline::alert::{State, Status};
use pipeline::calendar::{DAY, MINUTE, Millis, SECOND, tick_at};
use pipeline::city::NodeIx;
use pipeline::engine::{Engine, EngineConfig, Snapshot};
use pipeline::input::{Action, Input};
use pipeline::observation::Observation;
use tests::city::BEGIN;
use tests::history::Said;
use tests::process::resident;
use wire::{Milli, Quantity};

const ZONES: u32 = 4;
/// Between two readings of a node.
const PERIOD: Millis = 3;
const LENGTH: Millis = 7 * DAY;
const WORKERS: usize = 2;
/// What one third may be bigger than the one before it.
const GROWTH_MAX_PERCENT: u64 = 105;

const RULES: &str = r#"
[[rule]]
id = "crowd"
kind = "crowd"
value = "crowd_count"
zones = ["*"]
raise_at = 60
clear_at = 50
for = "3m"
max_gap = "15m"
severity = "severe"
[[rule]]
id = "gas"
kind = "gas"
value = "ch4"
statistic = "max"
zones = ["*"]
raise_at = 20
clear_at = 10
max_gap = "15m"
severity = "extreme"
[[rule]]
id = "smog"
kind = "air"
value = "pm2_5"
zones = ["*"]
raise_at = 150
clear_at = 100
for = "10m"
max_gap = "30m"
severity = "moderate"
"#;

#[test]
fn a_week_at_a_steady_load_leaves_the_process_as_big_as_it_was() {
    let mut sizes = Vec::new();
    let raised = week(|_, _, _| sizes.push(resident()));
    let third = sizes.len() / 3;
    let middle = of(&sizes[third..2 * third]);
    let last = of(&sizes[2 * third..]);
    let daily: Vec<u64> = sizes.chunks(24).map(|day| of(day).0).collect();
    println!(
        "{raised} alerts; medians by day {daily:?} kB; median and peak of the second third {} and {} kB, of the last {} and {} kB",
        middle.0, middle.1, last.0, last.1
    );
    assert!(
        raised > 300,
        "only {raised} alerts: too quiet to test anything"
    );
    assert!(
        last.0 * 100 <= middle.0 * GROWTH_MAX_PERCENT,
        "from {} to {} kB; by day {daily:?}",
        middle.0,
        last.0
    );
}

/// Resident memory is too coarse to show a few forgotten rows: what is kept is counted, too.
#[test]
fn a_week_at_a_steady_load_keeps_as_many_alerts_and_incidents_as_before() {
    const THIRD: Millis = LENGTH / 3;
    let mut kept = Vec::new();
    week(|engine, board, now| {
        if (now - BEGIN) % THIRD < 60 * MINUTE {
            let stories = board.stories(now).count() as u64;
            kept.push(Kept::of(&engine.snapshot(), stories));
        }
    });
    let [_, middle, last] = kept[..] else {
        panic!("one count a third: {kept:?}")
    };
    assert!(middle.alerts > 20 && middle.incidents > 5, "{middle:?}");
    let grown = |before: u64, after: u64| after * 100 > before * GROWTH_MAX_PERCENT;
    assert!(
        !grown(middle.bytes, last.bytes)
            && !grown(middle.alerts, last.alerts)
            && !grown(middle.stories, last.stories)
            && !grown(middle.incidents, last.incidents),
        "at the end of each third: {kept:?}"
    );
}

/// A week of the city; `hourly` looks at the engine and the board when all is settled, in event time. Answers how
/// many alerts were raised.
fn week(mut hourly: impl FnMut(&mut Engine, &Board, Millis)) -> usize {
    let loaded = LoadedCity::from_sources(&sources(), None).unwrap();
    let said = Said::default();
    let config = EngineConfig {
        workers: WORKERS,
        calendar: loaded.calendar.clone(),
        status: Status::Test,
    };
    let mut engine = Engine::start(config, None, said.sink());
    let mut board = Board::new(Face::from(&loaded));
    for input in [
        Input::City(loaded.city.clone()),
        Input::Rules(loaded.rules.clone()),
    ] {
        engine.input(tick_at(BEGIN), input);
    }
    let (mut raised, mut acknowledge) = (0_usize, Vec::new());
    let mut late: Vec<Observation> = Vec::new();
    for minute in (0..LENGTH / MINUTE).step_by(PERIOD as usize) {
        let at = BEGIN + minute * MINUTE;
        let tick = tick_at(at);
        let mut now = readings(minute);
        // One in twenty waits for the next hour.
        let waits =
            |o: &Observation| (o.sequence / PERIOD as u64 + u64::from(o.node.0)).is_multiple_of(20);
        late.extend(now.extract_if(.., |o| waits(o)));
        if minute % 60 == 57 {
            now.append(&mut late);
        }
        engine.observe(tick, &now);
        for alert in acknowledge.drain(..) {
            let by = "operator".to_owned();
            engine.input(tick, Input::Action(Action::Acknowledge { alert, by }));
        }
        if minute % 30 == 27 {
            engine.advance(tick);
        }
        if minute % 60 == 57 {
            engine.settle();
            for output in said.take() {
                board.apply(&output);
                let new = output.revisions.iter().filter(|r| r.state == State::Raised);
                acknowledge.extend(new.map(|revision| revision.id));
            }
            raised += acknowledge.len();
            hourly(&mut engine, &board, at + 3 * MINUTE);
        }
    }
    raised
}

/// What a snapshot holds at the end of a third: every bit of state that is not rebuilt from it, without the
/// allocator's part, so that a leak of ended alerts shows where resident memory is too coarse for it.
#[derive(Clone, Copy, Debug)]
struct Kept {
    bytes: u64,
    /// In the dataflow's book, and on the gateway's board.
    alerts: u64,
    stories: u64,
    incidents: u64,
}

impl Kept {
    fn of(snapshot: &Snapshot, stories: u64) -> Kept {
        let bytes = serde_json::to_vec(snapshot).unwrap();
        let json: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        let incidents = json["incidents"].as_array().unwrap();
        let of_kind = |kind: &serde_json::Value| kind[1].as_array().unwrap().len() as u64;
        Kept {
            bytes: bytes.len() as u64,
            alerts: json["book"]["alerts"].as_object().unwrap().len() as u64,
            stories,
            incidents: incidents.iter().map(of_kind).sum(),
        }
    }
}

/// What all nodes measure in a minute: waves that pass the thresholds, in every zone at another time.
fn readings(minute: Millis) -> Vec<Observation> {
    let mut all = Vec::new();
    for zone in 0..ZONES {
        let wave = |period: Millis, low: i64, high: i64| {
            let phase = (minute + Millis::from(zone) * period / 5) % period;
            let up = (phase * 2 - period).abs();
            Milli(low * 1000 + (high - low) * 1000 * up / period)
        };
        let node = zone * 4;
        let said = [
            (node, Quantity::Pm2_5, wave(600, 20, 200)),
            (node, Quantity::O3, wave(1440, 10, 120)),
            (node + 1, Quantity::Pm2_5, wave(600, 30, 210)),
            (node + 2, Quantity::PersonCount, wave(240, 5, 90)),
            (node + 3, Quantity::Ch4, wave(300, 0, 30)),
        ];
        all.extend(said.into_iter().map(|(node, quantity, value)| Observation {
            node: NodeIx(node),
            quantity,
            saturated: false,
            index: 0,
            sampled_at: BEGIN + minute * MINUTE - SECOND * (1 + Millis::from(node % 4)),
            value,
            alarm: false,
            sequence: minute as u64,
        }));
    }
    all
}

fn sources() -> Sources {
    let (mut zones, mut nodes) = (Vec::new(), String::from("node,zone,quantities\n"));
    for zone in 0..ZONES {
        let (west, east) = (f64::from(zone) * 0.01, f64::from(zone + 1) * 0.01);
        zones.push(format!(
            r#"{{"type":"Feature","properties":{{"id":"zone-{zone}","name":"Zone {zone}","kind":"square","area_m2":1000}},
"geometry":{{"type":"Polygon","coordinates":[[[{west},0],[{east},0],[{east},0.01],[{west},0.01],[{west},0]]]}}}}"#
        ));
        for (place, quantities) in ["pm2_5 o3", "pm2_5", "person_count", "ch4"]
            .iter()
            .enumerate()
        {
            let number = zone as usize * 4 + place;
            let _ = writeln!(nodes, "n{number},zone-{zone},{quantities}");
        }
    }
    let zones = zones.join(",");
    Sources {
        city_toml: "[city]\nid = \"steady\"\n".to_owned(),
        zones_geojson: format!(r#"{{"type":"FeatureCollection","features":[{zones}]}}"#),
        nodes_csv: nodes,
        rules_toml: Some(RULES.to_owned()),
        ..Sources::default()
    }
}

/// Median and greatest.
fn of(sizes: &[u64]) -> (u64, u64) {
    let mut sorted = sizes.to_vec();
    sorted.sort_unstable();
    (sorted[sorted.len() / 2], sorted[sorted.len() - 1])
}
