//! What people do about an alert, at the engine's door: kept in the bytes that the gateway writes, and due on time.
#![allow(clippy::unwrap_used)]

use std::sync::{Arc, Mutex};

use bincode::config::standard;
use bincode::serde::{decode_from_slice, encode_to_vec};
use pipeline::alert::{Reason, State, Status};
use pipeline::calendar::{Calendar, MINUTE, Tick, tick_at};
use pipeline::city::{City, Node, NodeIx, Zone, ZoneIx};
use pipeline::engine::{Engine, EngineConfig, Snapshot};
use pipeline::input::{Action, Input, Scope};
use pipeline::observation::Observation;
use pipeline::output::TickOutput;
use pipeline::rules::{Condition, Danger, Rule, RuleIx, Severity, Statistic, Step, Value};
use wire::{CityId, KindId, Milli, NodeId, Quantity, RuleId, ZoneId};

/// Raised when the pane of its first minute is judged: grace is 2 s.
const RAISED: Tick = 62_000;

fn city() -> City {
    let (zone, node) = (
        ZoneId::new("tank").unwrap(),
        NodeId::new("sniffer").unwrap(),
    );
    City {
        id: CityId::new("harbour").unwrap(),
        hour_shift: 0,
        zones: vec![Zone {
            ix: ZoneIx(0),
            id: zone,
            name: "The tank".into(),
            kind: String::new(),
            area: Milli::ZERO,
            settings: Default::default(),
        }],
        nodes: vec![Node {
            ix: NodeIx(0),
            id: node,
            zone: Some(ZoneIx(0)),
            quantities: vec![Quantity::Temperature],
            weight: Milli::ONE,
            silent_after: None,
            correction: None,
        }],
        gates: vec![],
        neighbours: vec![],
        standards: vec![],
        leaks: Default::default(),
        silence_after: None,
    }
}

fn rule() -> Rule {
    let step = |minutes, to: &str| Step {
        after: minutes * MINUTE,
        to: vec![to.to_owned()],
    };
    Rule {
        ix: RuleIx(0),
        id: RuleId::new("hot").unwrap(),
        kind: KindId::new("heat").unwrap(),
        condition: Condition {
            value: Value::Quantity(Quantity::Temperature),
            statistic: Statistic::Mean,
            direction: Danger::Above,
            raise_at: Milli::whole(40),
            clear_at: Milli::whole(40),
            raise_after: 0,
            clear_after: 0,
            gap_max: 60 * MINUTE,
            severity: Severity::Severe,
            peak_step: Milli::ZERO,
            hold: 0,
            shadow: false,
        },
        zones: vec![ZoneIx(0)],
        escalation: vec![step(5, "duty"), step(9, "mayor")],
        source: String::new(),
    }
}

type Seen = Arc<Mutex<Vec<TickOutput>>>;

fn start(from: Option<Snapshot>) -> (Engine, Seen) {
    let seen = Seen::default();
    let sink = seen.clone();
    let config = EngineConfig {
        workers: 1,
        calendar: Calendar::default(),
        status: Status::Test,
    };
    let deliver = Box::new(move |output| sink.lock().unwrap().push(output));
    (Engine::start(config, from, deliver), seen)
}

/// An engine whose one alert is raised.
fn hot() -> (Engine, Seen) {
    let (mut engine, seen) = start(None);
    engine.input(1_000, Input::City(Arc::new(city())));
    engine.input(1_000, Input::Rules(Arc::new(vec![rule()])));
    measure(&mut engine, 10_000, 50);
    engine.advance(RAISED + 1);
    engine.settle();
    (engine, seen)
}

fn measure(engine: &mut Engine, tick: Tick, value: i64) {
    let observation = Observation {
        node: NodeIx(0),
        quantity: Quantity::Temperature,
        saturated: false,
        alarm: false,
        index: 0,
        sampled_at: tick as i64,
        value: Milli::whole(value),
        sequence: tick,
    };
    engine.observe(tick, &[observation]);
}

/// What was said: tick, state, reason, and whom escalation has reached.
fn said(seen: &Seen) -> Vec<(Tick, State, Reason, Vec<String>)> {
    let outputs = seen.lock().unwrap();
    let revisions = outputs.iter().flat_map(|output| &output.revisions);
    revisions
        .map(|r| (r.tick(), r.state, r.reason, r.desk.escalated_to.clone()))
        .collect()
}

#[test]
fn work_of_people_survives_a_restart_from_the_bytes_on_disk() {
    let (mut engine, seen) = hot();
    let alert = seen
        .lock()
        .unwrap()
        .iter()
        .find_map(|o| Some(o.revisions.first()?.id));
    let alert = alert.unwrap();
    let by = || "ada".to_owned();
    let actions = [
        Action::Assign {
            alert,
            by: by(),
            to: Some("bo".to_owned()),
        },
        Action::Comment {
            alert,
            by: by(),
            text: "«on my way»".to_owned(),
        },
        Action::Silence {
            scope: Scope {
                kind: KindId::new("heat").ok(),
                ..Scope::default()
            },
            until: 20 * MINUTE,
            by: by(),
            text: "drill".to_owned(),
        },
    ];
    for action in actions {
        engine.input(70_000, Input::Action(action));
    }
    measure(&mut engine, 70_000, 20);
    engine.advance(tick_at(3 * MINUTE));
    let bytes = encode_to_vec(engine.snapshot(), standard()).unwrap();
    drop(engine);
    let before = seen
        .lock()
        .unwrap()
        .iter()
        .flat_map(|o| o.revisions.clone())
        .last()
        .unwrap();
    assert_eq!(before.reason, Reason::Proposed);
    assert_eq!(before.desk.proposed, Some(State::Cleared));

    let (snapshot, read): (Snapshot, usize) = decode_from_slice(&bytes, standard()).unwrap();
    assert_eq!(read, bytes.len());
    let (mut engine, seen) = start(Some(snapshot));
    engine.settle();
    let again = seen.lock().unwrap().clone();
    let revisions: Vec<_> = again.iter().flat_map(|o| o.revisions.clone()).collect();
    assert_eq!(revisions, [before], "the last word is said again as it was");
    let silences: Vec<_> = again.iter().filter_map(|o| o.silences.clone()).collect();
    assert_eq!(silences.len(), 1);
    assert_eq!((silences[0].len(), silences[0][0].until), (1, 20 * MINUTE));
    let incidents: Vec<_> = again.iter().flat_map(|o| o.incidents.clone()).collect();
    assert_eq!(incidents.len(), 1);
    assert_eq!(
        incidents[0].alerts,
        [alert],
        "what somebody works on is still going on"
    );

    let back = Action::Assign {
        alert,
        by: by(),
        to: None,
    };
    engine.input(tick_at(4 * MINUTE), Input::Action(back));
    engine.advance(tick_at(4 * MINUTE) + 1);
    engine.settle();
    let (tick, state, reason, _) = said(&seen).pop().unwrap();
    assert_eq!(
        (tick, state, reason),
        (tick_at(4 * MINUTE), State::Cleared, Reason::Assigned)
    );
}

#[test]
fn steps_fall_due_at_their_ticks_however_time_is_promised() {
    let told = |names: &[&str]| {
        names
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<Vec<_>>()
    };
    let expected = vec![
        (RAISED, State::Raised, Reason::Threshold, told(&[])),
        (
            RAISED + 300_000,
            State::Updated,
            Reason::Escalated,
            told(&["duty"]),
        ),
        (
            RAISED + 540_000,
            State::Updated,
            Reason::Escalated,
            told(&["duty", "mayor"]),
        ),
    ];
    for pace in [1_000, 77_777, 3_600_000] {
        let (mut engine, seen) = hot();
        for tick in (RAISED + 2..tick_at(30 * MINUTE)).step_by(pace) {
            engine.advance(tick);
        }
        engine.advance(tick_at(30 * MINUTE));
        engine.settle();
        assert_eq!(said(&seen), expected, "promised every {pace} ms");
    }
}

#[test]
fn when_input_ends_or_breaks_off_nothing_falls_due_any_more() {
    let (engine, seen) = hot();
    drop(engine);
    assert_eq!(said(&seen).len(), 1, "broken off");
    let (mut engine, seen) = hot();
    engine.advance(RAISED + 300_001);
    engine.finish();
    assert_eq!(
        said(&seen).len(),
        2,
        "the first step was promised, the second was not"
    );
}
