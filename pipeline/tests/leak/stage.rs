//! The stage: a works with eight gas detectors around a valve, a quarter in the east and one in the north, a vane.

use std::sync::{Arc, Mutex};

use pipeline::alert::Status;
use pipeline::calendar::{Calendar, MINUTE, Millis, SECOND, tick_at};
use pipeline::city::{City, Node, NodeIx, Zone, ZoneIx};
use pipeline::engine::{Engine, EngineConfig, Snapshot};
use pipeline::input::Input;
use pipeline::leaks::{Leaks, Level, Place, Point, Source};
use pipeline::observation::Observation;
use pipeline::output::TickOutput;
use pipeline::rules::{Condition, Danger, Rule, RuleIx, Severity, Statistic, Value};
use pipeline::science::plume::Terrain;
use pipeline::science::plume::stability::Stability;
use wire::{CityId, KindId, Milli, NodeId, Quantity, RuleId, SourceId, ZoneId};

pub(crate) const BASE: Millis = 1_700_000_040_000;
/// South-west corner of a square of 200 m, metres from the valve.
pub(crate) const EAST: (f64, f64) = (100.0, -100.0);
pub(crate) const NORTH: (f64, f64) = (-100.0, 100.0);
const SIDE: f64 = 200.0;
/// The detectors stand so far from the valve.
const RING_M: f64 = 60.0;
/// Millilitres of hydrogen sulphide a second.
const STRENGTH: f64 = 40_000.0;
const WIND: f64 = 4.0;

#[derive(Clone, Debug)]
pub(crate) struct Reading {
    pub(crate) arrives: Millis,
    pub(crate) sampled: Millis,
    pub(crate) node: u32,
    pub(crate) quantity: Quantity,
    /// Thousandths.
    pub(crate) value: i64,
}

/// Middles of squares of `step` metres of a quarter, metres from the valve.
pub(crate) fn quarter((east, north): (f64, f64), step: f64) -> impl Iterator<Item = (f64, f64)> {
    let steps = (SIDE / step) as u32;
    let middle = move |n: u32| (f64::from(n) + 0.5) * step;
    (0..steps).flat_map(move |i| (0..steps).map(move |k| (east + middle(i), north + middle(k))))
}

fn detector(number: u32) -> (f64, f64) {
    let angle = f64::from(number) * 45f64.to_radians();
    (RING_M * angle.sin(), RING_M * angle.cos())
}

/// What all nodes read in so many minutes under a wind from `direction` by minute; urban ground, class D. For three minutes
/// before nothing leaks.
pub(crate) fn truth(minutes: Millis, direction: impl Fn(Millis) -> f64) -> Vec<Reading> {
    let mut readings = Vec::new();
    for second in (-180..minutes * 60).step_by(10) {
        let sampled = BASE + second * SECOND;
        let from = direction(second.max(0) / 60);
        let mut say = |node, quantity, value: f64| {
            readings.push(Reading {
                arrives: sampled,
                sampled,
                node,
                quantity,
                value: (value * 1000.0).round() as i64,
            });
        };
        for number in 0..8 {
            let (east, north) = detector(number);
            let toward = from.to_radians();
            let x = -(east * toward.sin() + north * toward.cos());
            let y = east * toward.cos() - north * toward.sin();
            let (sy, sz) = (
                0.16 * x / (1.0 + 0.0004 * x).sqrt(),
                0.14 * x / (1.0 + 0.0003 * x).sqrt(),
            );
            let reads = match x > 1.0 && second >= 0 {
                true => {
                    STRENGTH / (std::f64::consts::PI * WIND * sy * sz)
                        * (-y * y / (2.0 * sy * sy)).exp()
                }
                false => 0.0,
            };
            say(number, Quantity::H2s, reads);
        }
        say(10, Quantity::WindSpeed, WIND);
        say(10, Quantity::WindDirection, from);
        say(20, Quantity::PersonCount, 400.0);
        say(21, Quantity::PersonCount, 60.0);
    }
    readings
}

/// The same readings, all of them late and in another order.
pub(crate) fn shuffled(readings: &[Reading], seed: u64) -> Vec<Reading> {
    let mut state = seed;
    let mut dice = || {
        state = state
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        state >> 33
    };
    let end = readings
        .iter()
        .map(|reading| reading.sampled)
        .max()
        .unwrap();
    let mut keyed: Vec<(u64, Reading)> = readings.iter().cloned().map(|r| (dice(), r)).collect();
    keyed.sort_by_key(|(key, _)| *key);
    let arriving = |(place, (_, reading)): (usize, (u64, Reading))| Reading {
        arrives: end + place as Millis * 100,
        ..reading
    };
    keyed.into_iter().enumerate().map(arriving).collect()
}

fn point((east, north): (f64, f64)) -> Point {
    Point {
        east: (east * 10.0).round() as i32,
        north: (north * 10.0).round() as i32,
    }
}

fn city() -> City {
    let zone = |ix: u32, id: &str| Zone {
        ix: ZoneIx(ix),
        id: ZoneId::new(id).unwrap(),
        name: id.to_owned(),
        kind: String::new(),
        area: Milli::whole(40_000),
        settings: Default::default(),
    };
    let node = |ix: u32, zone: u32, quantities: &[Quantity]| Node {
        ix: NodeIx(ix),
        id: NodeId::new(&format!("node-{ix}")).unwrap(),
        zone: Some(ZoneIx(zone)),
        quantities: quantities.to_vec(),
        weight: Milli::ONE,
        silent_after: None,
        correction: None,
    };
    let vane = [Quantity::WindSpeed, Quantity::WindDirection];
    let mut nodes: Vec<Node> = (0..8).map(|ix| node(ix, 0, &[Quantity::H2s])).collect();
    nodes.push(node(10, 0, &vane));
    nodes.push(node(20, 1, &[Quantity::PersonCount]));
    nodes.push(node(21, 2, &[Quantity::PersonCount]));
    City {
        id: CityId::new("stage").unwrap(),
        hour_shift: 0,
        zones: vec![zone(0, "works"), zone(1, "east"), zone(2, "north")],
        nodes,
        gates: vec![],
        neighbours: vec![],
        standards: vec![],
        leaks: leaks(),
        silence_after: None,
    }
}

fn leaks() -> Leaks {
    let levels = [("AEGL-1", 510), ("AEGL-2", 27_000), ("AEGL-3", 50_000)];
    let level = |(name, from): (&str, i64)| Level {
        name: name.to_owned(),
        from: Milli(from),
    };
    let source = Source {
        id: SourceId::new("valve").unwrap(),
        name: "The valve".to_owned(),
        at: Point::default(),
        degrees: (121_940_000, 29_220_000),
        metre: (10_304_000_000, 8_993_000_000),
        zone: Some(ZoneIx(0)),
        height: Milli::ZERO,
        terrain: Terrain::Urban,
        stability: Some(Stability::D),
        gases: vec![(Quantity::H2s, levels.map(level).to_vec())],
    };
    let place = |id: &str, name: &str, at| {
        Arc::new(Place {
            at: point(at),
            id: id.to_owned(),
            name: name.to_owned(),
            kind: String::new(),
        })
    };
    let ground = |corner| Arc::new(quarter(corner, 8.0).map(point).collect());
    let detectors = (0..8).map(|number| (NodeIx(number), point(detector(number))));
    Leaks {
        sources: vec![Arc::new(source)],
        grounds: vec![(ZoneIx(1), ground(EAST)), (ZoneIx(2), ground(NORTH))],
        stations: detectors
            .chain([(NodeIx(10), point((50.0, -80.0)))])
            .collect(),
        places: vec![
            place("school", "East School", (200.0, 0.0)),
            place("hospital", "North Hospital", (0.0, 200.0)),
        ],
    }
}

fn rules() -> Vec<Rule> {
    vec![Rule {
        ix: RuleIx(0),
        id: RuleId::new("h2s-ceiling").unwrap(),
        kind: KindId::new("gas").unwrap(),
        condition: Condition {
            value: Value::Quantity(Quantity::H2s),
            statistic: Statistic::Max,
            direction: Danger::Above,
            raise_at: Milli::whole(10),
            clear_at: Milli::whole(5),
            raise_after: 0,
            clear_after: 0,
            gap_max: 5 * MINUTE,
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

/// An engine with the city in it, and what it has said.
pub(crate) struct Stage {
    engine: Engine,
    seen: Arc<Mutex<Vec<TickOutput>>>,
    tick: u64,
}

impl Stage {
    pub(crate) fn new(workers: usize) -> Stage {
        let mut stage = Stage::start(workers, None);
        let begin = tick_at(BASE - 5 * MINUTE);
        stage.engine.input(begin, Input::City(Arc::new(city())));
        stage.engine.input(begin, Input::Rules(Arc::new(rules())));
        stage
    }

    fn start(workers: usize, from: Option<Snapshot>) -> Stage {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let sink = seen.clone();
        let config = EngineConfig {
            workers,
            calendar: Calendar::default(),
            status: Status::Test,
        };
        let deliver = Box::new(move |output| sink.lock().unwrap().push(output));
        Stage {
            engine: Engine::start(config, from, deliver),
            seen,
            tick: 0,
        }
    }

    pub(crate) fn feed(&mut self, readings: &[Reading]) {
        for reading in readings {
            let observation = Observation {
                node: NodeIx(reading.node),
                quantity: reading.quantity,
                saturated: false,
                alarm: false,
                index: 0,
                sampled_at: reading.sampled,
                value: Milli(reading.value),
                sequence: 0,
            };
            self.tick = self.tick.max(tick_at(reading.arrives));
            self.engine.observe(self.tick, &[observation]);
        }
        self.engine.advance(self.tick);
    }

    /// Lets time go on to `at`, and waits for everything up to then.
    pub(crate) fn advance(&mut self, at: Millis) {
        self.tick = self.tick.max(tick_at(at));
        self.engine.advance(self.tick);
        self.engine.settle();
    }

    pub(crate) fn seen(&self) -> Vec<TickOutput> {
        self.seen.lock().unwrap().clone()
    }

    /// The same state in a new engine.
    pub(crate) fn restarted(mut self, workers: usize) -> Stage {
        let snapshot = self.engine.snapshot();
        let mut stage = Stage::start(workers, Some(snapshot));
        stage.tick = self.tick + 1;
        stage
    }

    pub(crate) fn end(self) -> Vec<TickOutput> {
        self.engine.finish();
        let seen = self.seen.lock().unwrap();
        seen.clone()
    }

    pub(crate) fn play(mut self, readings: &[Reading]) -> Vec<TickOutput> {
        self.feed(readings);
        self.end()
    }
}
