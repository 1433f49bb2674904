//! The engine from its door: a square fills, is relieved, and the alert follows, for any number of workers.
#![allow(clippy::unwrap_used)]

use std::sync::{Arc, Mutex};

use pipeline::alert::{State, Status};
use pipeline::calendar::{Calendar, Millis, tick_at};
use pipeline::city::{City, Node, NodeIx, Zone, ZoneIx};
use pipeline::engine::{Engine, EngineConfig, Snapshot};
use pipeline::input::Input;
use pipeline::observation::Observation;
use pipeline::output::TickOutput;
use pipeline::rules::{Condition, Danger, Rule, RuleIx, Severity, Statistic, Value};
use wire::{CityId, KindId, Milli, NodeId, Quantity, RuleId, ZoneId};

fn city() -> City {
    let node = |ix: u32, name: &str| Node {
        ix: NodeIx(ix),
        id: NodeId::new(name).unwrap(),
        zone: Some(ZoneIx(0)),
        quantities: vec![Quantity::PersonCount],
        weight: Milli::ONE,
        silent_after: None,
        correction: None,
    };
    City {
        id: CityId::new("harbour").unwrap(),
        hour_shift: 0,
        zones: vec![Zone {
            ix: ZoneIx(0),
            id: ZoneId::new("square").unwrap(),
            name: "The square".into(),
            kind: "square".into(),
            area: Milli::whole(100),
            settings: Default::default(),
        }],
        nodes: vec![node(0, "east"), node(1, "west")],
        gates: vec![],
        neighbours: vec![],
        standards: vec![],
        leaks: Default::default(),
        silence_after: None,
    }
}

fn rules() -> Vec<Rule> {
    vec![Rule {
        ix: RuleIx(0),
        id: RuleId::new("crowd-danger").unwrap(),
        kind: KindId::new("crowd").unwrap(),
        condition: Condition {
            value: Value::CrowdDensity,
            statistic: Statistic::Mean,
            direction: Danger::Above,
            raise_at: Milli::whole(4),
            clear_at: Milli(3500),
            raise_after: 30_000,
            clear_after: 0,
            gap_max: 30_000,
            severity: Severity::Severe,
            peak_step: Milli::ZERO,
            hold: 0,
            shadow: false,
        },
        zones: vec![ZoneIx(0)],
        escalation: Vec::new(),
        source: String::new(),
    }]
}

type Seen = Arc<Mutex<Vec<TickOutput>>>;

fn start(workers: usize, from: Option<Snapshot>) -> (Engine, Seen) {
    let seen = Seen::default();
    let sink = seen.clone();
    let config = EngineConfig {
        workers,
        calendar: Calendar::default(),
        status: Status::Test,
    };
    let deliver = Box::new(move |output| sink.lock().unwrap().push(output));
    (Engine::start(config, from, deliver), seen)
}

fn feed(engine: &mut Engine, readings: &[(Millis, u32, i64)]) {
    for (at, node, people) in readings {
        let observation = Observation {
            node: NodeIx(*node),
            quantity: Quantity::PersonCount,
            saturated: false,
            alarm: false,
            index: 0,
            sampled_at: *at,
            value: Milli::whole(*people),
            sequence: 0,
        };
        engine.observe(tick_at(*at), &[observation]);
        engine.advance(tick_at(*at));
    }
}

fn run(workers: usize, readings: &[(Millis, u32, i64)]) -> Vec<TickOutput> {
    let (mut engine, seen) = start(workers, None);
    engine.input(0, Input::City(Arc::new(city())));
    engine.input(0, Input::Rules(Arc::new(rules())));
    feed(&mut engine, readings);
    engine.finish();
    Arc::try_unwrap(seen).unwrap().into_inner().unwrap()
}

/// The festival: 200 s on the square, past danger from 50 s to 120 s.
fn festival() -> Vec<(Millis, u32, i64)> {
    let mut readings = Vec::new();
    for second in (0..200).step_by(5) {
        let people = if (50..120).contains(&second) {
            210
        } else {
            100
        };
        readings.push((BASE + second * 1000, 0, people));
        readings.push((BASE + second * 1000 + 1, 1, people));
    }
    readings
}

const BASE: Millis = 1_700_000_000_000;

#[test]
fn a_square_fills_and_is_relieved() {
    let readings = festival();
    let one = run(1, &readings);
    let revisions: Vec<_> = one.iter().flat_map(|output| &output.revisions).collect();
    let story: Vec<_> = revisions
        .iter()
        .map(|r| {
            (
                r.state,
                r.onset - BASE,
                r.end.map(|end| end - BASE),
                r.value,
            )
        })
        .collect();
    assert_eq!(
        story,
        [
            (State::Raised, 50_000, None, Milli(4200)),
            (State::Cleared, 50_000, Some(120_000), Milli(4200)),
        ]
    );
    assert_eq!(
        revisions[0].updated - BASE,
        82_000,
        "judged at the third pane's end and grace"
    );
    assert_eq!(revisions[0].completeness.heard, 2);
    assert_eq!(revisions[0].completeness.expected, 2);
    for workers in [2, 4] {
        assert_eq!(run(workers, &readings), one, "{workers} workers");
    }
}

#[test]
fn a_restart_from_a_snapshot_says_the_same() {
    let readings = festival();
    let revisions = |outputs: &[TickOutput]| {
        outputs
            .iter()
            .flat_map(|output| output.revisions.clone())
            .collect::<Vec<_>>()
    };
    let whole = revisions(&run(2, &readings));
    assert_eq!(whole.len(), 2);
    for cut in (2..readings.len()).step_by(7) {
        let (mut engine, before) = start(2, None);
        engine.input(0, Input::City(Arc::new(city())));
        engine.input(0, Input::Rules(Arc::new(rules())));
        feed(&mut engine, &readings[..cut]);
        let snapshot = engine.snapshot();
        drop(engine);
        // Another number of workers takes over, from bytes.
        let bytes = serde_json::to_vec(&snapshot).unwrap();
        let (mut engine, after) = start(3, Some(serde_json::from_slice(&bytes).unwrap()));
        feed(&mut engine, &readings[cut..]);
        engine.finish();
        let mut said = revisions(&before.lock().unwrap());
        // What stood at the snapshot is said again, under its old number; the rest is new.
        for revision in revisions(&after.lock().unwrap()) {
            if !said.contains(&revision) {
                said.push(revision);
            }
        }
        assert_eq!(said, whole, "cut at reading {cut}");
    }
}
