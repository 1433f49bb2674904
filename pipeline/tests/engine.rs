//! The engine from its door: a square fills, is relieved, and the alert follows, for any number of workers.
#![allow(clippy::unwrap_used)]

use std::sync::{Arc, Mutex};

use pipeline::alert::{State, Status};
use pipeline::calendar::{Calendar, Millis, tick_at};
use pipeline::city::{City, Node, NodeIx, Zone, ZoneIx};
use pipeline::engine::{Engine, EngineConfig};
use pipeline::input::Input;
use pipeline::observation::Observation;
use pipeline::output::TickOutput;
use pipeline::rules::{Condition, Direction, Rule, RuleIx, Severity, Statistic, Value};
use wire::{CityId, KindId, Milli, NodeId, Quantity, RuleId, ZoneId};

fn city() -> City {
    let node = |ix: u32, name: &str| Node {
        ix: NodeIx(ix),
        id: NodeId::new(name).unwrap(),
        zone: Some(ZoneIx(0)),
        quantities: vec![Quantity::PersonCount],
        weight: Milli::ONE,
        silent_after: None,
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
        }],
        nodes: vec![node(0, "east"), node(1, "west")],
        gates: vec![],
        standards: vec![],
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
            direction: Direction::Above,
            raise_at: Milli::whole(4),
            clear_at: Milli(3500),
            raise_after: 30_000,
            clear_after: 0,
            gap_max: 30_000,
            severity: Severity::Severe,
        },
        zones: vec![ZoneIx(0)],
    }]
}

fn run(workers: usize, readings: &[(Millis, u32, i64)]) -> Vec<TickOutput> {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let sink = seen.clone();
    let config = EngineConfig {
        workers,
        calendar: Calendar::default(),
        status: Status::Test,
    };
    let mut engine = Engine::start(
        config,
        None,
        Box::new(move |output| sink.lock().unwrap().push(output)),
    );
    engine.input(0, Input::City(Arc::new(city())));
    engine.input(0, Input::Rules(Arc::new(rules())));
    for (at, node, people) in readings {
        let observation = Observation {
            node: NodeIx(*node),
            quantity: Quantity::PersonCount,
            saturated: false,
            index: 0,
            sampled_at: *at,
            value: Milli::whole(*people),
            sequence: 0,
        };
        engine.observe(tick_at(*at), &[observation]);
        engine.advance(tick_at(*at));
    }
    engine.finish();
    Arc::try_unwrap(seen).unwrap().into_inner().unwrap()
}

#[test]
fn a_square_fills_and_is_relieved() {
    let base = 1_700_000_000_000;
    let mut readings = Vec::new();
    for second in (0..200).step_by(5) {
        let people = if (50..120).contains(&second) {
            210
        } else {
            100
        };
        readings.push((base + second * 1000, 0, people));
        readings.push((base + second * 1000 + 1, 1, people));
    }
    let one = run(1, &readings);
    let revisions: Vec<_> = one.iter().flat_map(|output| &output.revisions).collect();
    let story: Vec<_> = revisions
        .iter()
        .map(|r| {
            (
                r.state,
                r.onset - base,
                r.end.map(|end| end - base),
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
        revisions[0].updated - base,
        82_000,
        "judged at the third pane's end and grace"
    );
    assert_eq!(revisions[0].completeness.heard, 2);
    assert_eq!(revisions[0].completeness.expected, 2);
    for workers in [2, 4] {
        assert_eq!(run(workers, &readings), one, "{workers} workers");
    }
}
