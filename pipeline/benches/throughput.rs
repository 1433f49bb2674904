//! How much of the limit the pipeline keeps: readings/s when frames are only decoded, and when the
//! same frames go through the whole dataflow at one and two workers; bytes of memory per node.
//!
//! All in one run on one machine, because only the ratios travel. A load of 20,000 nodes in 200
//! zones, one frame of 16 readings (4 quantities at 4 times) every 10 s, 20 rules on every zone.
//! A node that reports every 10 s needs a grace of as much, or each of its frames is a correction;
//! the load is run with that grace, as its city would be.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::time::Instant;

use pipeline::alert::Status;
use pipeline::calendar::{Calendar, Span, tick_at};
use pipeline::city::{City, Node, NodeIx, Zone, ZoneIx};
use pipeline::engine::{Engine, EngineConfig};
use pipeline::input::Input;
use pipeline::observation::Observation;
use pipeline::rules::{Condition, Danger, Rule, RuleIx, Severity, Statistic, Value};
use pipeline::science::air::Standard;
use serde::{Deserialize, Serialize};
use wire::{CityId, KindId, Milli, NodeId, Quantity, RuleId, ZoneId};

const NODES: u32 = 20_000;
const ZONES: u32 = 200;
const FRAMES_PER_NODE: u32 = 30;
const QUANTITIES: [Quantity; 4] = [
    Quantity::Pm2_5,
    Quantity::Temperature,
    Quantity::VehicleCount,
    Quantity::PersonCount,
];
const START: i64 = 1_700_000_000_000;
const RUNS: usize = 3;

/// A frame as a journal would hold it: opened, compact, 16 readings.
#[derive(Serialize, Deserialize)]
struct Frame {
    node: u32,
    sequence: u32,
    at: i64,
    samples: [(u16, Quantity, i32); 16],
}

fn frames() -> Vec<Vec<u8>> {
    let mut seed = 7_u32;
    let mut random = move || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        seed >> 16
    };
    let mut frames = Vec::with_capacity((NODES * FRAMES_PER_NODE) as usize);
    for round in 0..FRAMES_PER_NODE {
        for node in 0..NODES {
            let at =
                START + i64::from(round) * 10_000 + i64::from(node) * 10_000 / i64::from(NODES);
            let samples = std::array::from_fn(|i| {
                let offset = (3 - i as u16 / 4) * 2_500;
                (offset, QUANTITIES[i % 4], (random() % 60_000) as i32)
            });
            let frame = Frame {
                node,
                sequence: round,
                at,
                samples,
            };
            frames.push(bincode::serde::encode_to_vec(frame, bincode::config::standard()).unwrap());
        }
    }
    frames
}

fn decode(bytes: &[u8], observations: &mut Vec<Observation>) -> i64 {
    let (frame, _): (Frame, usize) =
        bincode::serde::decode_from_slice(bytes, bincode::config::standard()).unwrap();
    for (index, (offset, quantity, value)) in frame.samples.into_iter().enumerate() {
        observations.push(Observation {
            node: NodeIx(frame.node),
            quantity,
            saturated: false,
            alarm: false,
            index: index as u16,
            sampled_at: frame.at - i64::from(offset),
            value: Milli(i64::from(value)),
            sequence: u64::from(frame.sequence),
        });
    }
    frame.at
}

/// The default widths, and time for a frame to come.
fn calendar() -> Calendar {
    let mut calendar = Calendar::default();
    for quantity in QUANTITIES {
        let span = calendar.span(quantity);
        calendar.set(
            quantity,
            Span {
                grace: 10_000,
                ..span
            },
        );
    }
    calendar
}

fn city() -> City {
    let zone = |ix| Zone {
        ix: ZoneIx(ix),
        id: ZoneId::new(&format!("zone-{ix}")).unwrap(),
        name: format!("Zone {ix}"),
        kind: "square".into(),
        area: Milli::whole(2_000),
        settings: Default::default(),
    };
    let node = |ix| Node {
        ix: NodeIx(ix),
        id: NodeId::new(&format!("node-{ix}")).unwrap(),
        zone: Some(ZoneIx(ix % ZONES)),
        quantities: QUANTITIES.to_vec(),
        weight: Milli::ONE,
        silent_after: Some(60_000),
        correction: None,
    };
    City {
        id: CityId::new("bench").unwrap(),
        hour_shift: 0,
        zones: (0..ZONES).map(zone).collect(),
        nodes: (0..NODES).map(node).collect(),
        gates: vec![],
        neighbours: vec![],
        standards: Standard::DEFAULT.to_vec(),
        leaks: Default::default(),
        silence_after: None,
    }
}

fn rules() -> Vec<Rule> {
    let values = QUANTITIES
        .map(Value::Quantity)
        .into_iter()
        .chain([Value::CrowdDensity]);
    let rule = |(ix, (value, step)): (u32, (Value, i64))| Rule {
        ix: RuleIx(ix),
        id: RuleId::new(&format!("rule-{ix}")).unwrap(),
        kind: KindId::new("bench").unwrap(),
        condition: Condition {
            value,
            statistic: Statistic::Mean,
            direction: Danger::Above,
            raise_at: Milli::whole(25 + step * 3),
            clear_at: Milli::whole(24 + step * 3),
            raise_after: 20_000,
            clear_after: 0,
            gap_max: 180_000,
            severity: Severity::Moderate,
            peak_step: Milli::ZERO,
            hold: 0,
            shadow: false,
        },
        zones: (0..ZONES).map(ZoneIx).collect(),
        escalation: Vec::new(),
        source: String::new(),
    };
    let pairs = values.flat_map(|value| (0..4).map(move |step| (value, step)));
    (0..).zip(pairs).map(rule).collect()
}

/// Readings per second of decoding alone.
fn decode_only(frames: &[Vec<u8>]) -> f64 {
    let started = Instant::now();
    let mut observations = Vec::with_capacity(16);
    let mut sum = 0;
    for frame in frames {
        observations.clear();
        sum += decode(frame, &mut observations) + observations.len() as i64;
        std::hint::black_box(&observations);
    }
    std::hint::black_box(sum);
    frames.len() as f64 * 16.0 / started.elapsed().as_secs_f64()
}

/// Readings per second through the whole dataflow, and memory held per node at the end.
fn through(frames: &[Vec<u8>], workers: usize) -> (f64, f64) {
    let config = EngineConfig {
        workers,
        calendar: calendar(),
        status: Status::Test,
    };
    let before = resident();
    let mut engine = Engine::start(
        config,
        None,
        Box::new(|output| drop(std::hint::black_box(output))),
    );
    engine.input(tick_at(START - 10_000), Input::City(Arc::new(city())));
    engine.input(tick_at(START - 10_000), Input::Rules(Arc::new(rules())));
    engine.advance(tick_at(START - 9_999));
    engine.settle();
    let started = Instant::now();
    let mut observations = Vec::with_capacity(16 * 256);
    let mut open = 0;
    for (n, frame) in frames.iter().enumerate() {
        let before = observations.len();
        let at = tick_at(decode(frame, &mut observations)) / 100 * 100;
        if at != open {
            engine.observe(open.max(tick_at(START - 9_999)), &observations[..before]);
            observations.drain(..before);
            open = at;
            if n % 4_000 < 200 {
                engine.advance(open);
            }
        }
    }
    engine.observe(open, &observations);
    engine.advance(open + 1);
    engine.settle();
    let rate = frames.len() as f64 * 16.0 / started.elapsed().as_secs_f64();
    let memory = (resident() - before) / f64::from(NODES);
    engine.finish();
    (rate, memory)
}

fn resident() -> f64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: f64 = statm
        .split_whitespace()
        .nth(1)
        .and_then(|p| p.parse().ok())
        .unwrap_or(0.0);
    pages * 4096.0
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() {
    let frames = frames();
    let mut rates = [vec![], vec![], vec![]];
    let mut memory = Vec::new();
    // In turn, so that a change in the machine's speed meets all three.
    for _ in 0..RUNS {
        rates[0].push(decode_only(&frames));
        for workers in [1, 2] {
            let (rate, bytes) = through(&frames, workers);
            rates[workers].push(rate);
            memory.push(bytes);
        }
    }
    let [decode, one, two] = rates.map(median);
    println!("decode only      {:>7.2} M readings/s", decode / 1e6);
    println!(
        "1 worker         {:>7.2} M readings/s   {:.3} of decode only",
        one / 1e6,
        one / decode
    );
    println!(
        "2 workers        {:>7.2} M readings/s   {:.3} of 1 worker",
        two / 1e6,
        two / one
    );
    println!(
        "memory per node  {:>7.0} bytes (first run, {FRAMES_PER_NODE} frames of 16 readings each)",
        memory[0]
    );
}
