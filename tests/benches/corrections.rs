//! How long people wait for a correction, beyond the tick: `cargo bench --workspace --bench corrections`.
//!
//! One late reading and one moved zone boundary in a city whose state holds a million nodes, and one changed rule over
//! a hundred thousand node-panes: each from the moment in which the engine has it to the revisions in the sink.
//! `NODES` and `WORKERS` in the environment change the city's size and the threads.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use pipeline::alert::{Revision, Status};
use pipeline::calendar::{Calendar, MINUTE, Millis, SECOND, Tick, tick_at};
use pipeline::city::{City, Node, NodeIx, Zone, ZoneIx};
use pipeline::engine::{Engine, EngineConfig};
use pipeline::input::Input;
use pipeline::observation::Observation;
use pipeline::rules::{Condition, Danger, Rule, RuleIx, Severity, Statistic, Value};
use tests::city::{BEGIN, id};
use wire::{Milli, Quantity};

const ZONES: u32 = 200;
const SPEED: Quantity = Quantity::VehicleSpeed;
/// Late readings: so many in every zone, each worse than the one before by more than a step.
const ROUNDS: u32 = 5;
const MOVES: u32 = 5;
const RULE_CHANGES: i64 = 9;
/// Node-panes under the rule that changes.
const PANES: u32 = 10;
const NODES_OF_PANES: u32 = 10_000;

fn main() {
    let number = |name: &str, default: u32| {
        std::env::var(name).map_or(default, |text| text.parse().unwrap())
    };
    let (nodes, workers) = (number("NODES", 1_000_000), number("WORKERS", 1) as usize);
    let start = Instant::now();
    let mut city = Running::start(nodes, workers);
    city.report(0..nodes, 0, 50);
    city.settle();
    println!(
        "a city           {nodes} nodes in {ZONES} zones, a rule each, {workers} workers: loaded in {:.1} s, {} MB",
        start.elapsed().as_secs_f64(),
        resident_mb()
    );

    let mut late = Vec::new();
    for round in 0..ROUNDS {
        for zone in 0..ZONES {
            // A node that nothing else was heard of since.
            let node = zone + ZONES * (round * 7 + 1);
            let value = 120 + 25 * i64::from(round);
            late.push(city.timed(1, |city| city.report(node..node + 1, 0, value)));
        }
    }
    print_quantiles("late reading", late, "50 ms p99");

    let mut moved = Vec::new();
    for turn in 0..MOVES {
        // The worst of a zone goes elsewhere: its zone's alert has another peak, or none.
        let node = turn + ZONES * ((ROUNDS - 1) * 7 + 1);
        let mut version = City::clone(&city.city);
        version.nodes[node as usize].zone = Some(ZoneIx(ZONES - 1 - turn));
        let version = Arc::new(version);
        moved.push(city.timed(1, |city| city.renew(version)));
    }
    print_quantiles("moved boundary", moved, "");
    drop(city);

    let mut city = Running::start(NODES_OF_PANES, workers);
    for pane in 0..PANES {
        city.report(0..NODES_OF_PANES, pane, 50);
    }
    city.settle();
    let mut changed = Vec::new();
    for turn in 0..RULE_CHANGES {
        // Below what all zones have, and above it again: each raises or cancels an alert in every zone.
        let raise_at = if turn % 2 == 0 { 40 } else { 100 };
        changed.push(city.timed(ZONES as usize, |city| city.rule(raise_at)));
    }
    print_quantiles("changed rule", changed, "1 s");
}

fn print_quantiles(what: &str, mut times: Vec<Duration>, aim: &str) {
    times.sort_unstable();
    let at =
        |part: usize| times[(times.len() * part / 100).min(times.len() - 1)].as_secs_f64() * 1e3;
    let aim = if aim.is_empty() {
        String::new()
    } else {
        format!("   aim {aim}")
    };
    println!(
        "{what:<16} p50 {:>8.2} ms, p99 {:>8.2} ms over {}{aim}",
        at(50),
        at(99),
        times.len()
    );
}

fn resident_mb() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = statm
        .split(' ')
        .nth(1)
        .and_then(|pages| pages.parse::<u64>().ok());
    pages.unwrap_or(0) * 4096 / 1_000_000
}

/// An engine with a city in it, and all that it says.
struct Running {
    engine: Engine,
    city: Arc<City>,
    said: Receiver<Vec<Revision>>,
    tick: Tick,
    sequence: u64,
}

impl Running {
    fn start(nodes: u32, workers: usize) -> Running {
        let (say, said) = channel();
        let config = EngineConfig {
            workers,
            calendar: Calendar::default(),
            status: Status::Test,
        };
        let sink = Box::new(move |output: pipeline::output::TickOutput| {
            if !output.revisions.is_empty() {
                // Nobody listens at the end.
                let _ = say.send(output.revisions);
            }
        });
        let mut running = Running {
            engine: Engine::start(config, None, sink),
            city: Arc::new(city(nodes)),
            said,
            // All panes below are closed, and none sealed off.
            tick: tick_at(BEGIN + 20 * MINUTE),
            sequence: 0,
        };
        running.renew(running.city.clone());
        running.rule(100);
        running
    }

    /// One reading of each node in a pane.
    fn report(&mut self, nodes: std::ops::Range<u32>, pane: u32, value: i64) {
        self.sequence += 1;
        let observations: Vec<Observation> = nodes
            .map(|node| Observation {
                node: NodeIx(node),
                quantity: SPEED,
                saturated: false,
                index: 0,
                sampled_at: BEGIN + Millis::from(pane) * MINUTE + SECOND,
                value: Milli::whole(value),
                alarm: false,
                sequence: self.sequence,
            })
            .collect();
        self.engine.observe(self.tick, &observations);
    }

    fn renew(&mut self, city: Arc<City>) {
        self.engine.input(self.tick, Input::City(city.clone()));
        self.city = city;
    }

    fn rule(&mut self, raise_at: i64) {
        let rules = (0..ZONES).map(|zone| rule(zone, raise_at)).collect();
        self.engine.input(self.tick, Input::Rules(Arc::new(rules)));
    }

    fn settle(&mut self) {
        self.tick += 100;
        self.engine.advance(self.tick);
        self.engine.settle();
        while self.said.try_recv().is_ok() {}
    }

    /// From what is done to the engine until so many revisions are out.
    fn timed(&mut self, revisions: usize, act: impl FnOnce(&mut Running)) -> Duration {
        let start = Instant::now();
        act(self);
        self.tick += 100;
        self.engine.advance(self.tick);
        let mut heard = 0;
        while heard < revisions {
            heard += self
                .said
                .recv_timeout(Duration::from_secs(60))
                .unwrap()
                .len();
        }
        let taken = start.elapsed();
        self.settle();
        taken
    }
}

fn city(nodes: u32) -> City {
    let zone = |number| Zone {
        ix: ZoneIx(number),
        id: id(&format!("zone-{number}")),
        name: String::new(),
        kind: String::new(),
        area: Milli::ZERO,
        settings: Default::default(),
    };
    let node = |number| Node {
        ix: NodeIx(number),
        id: id(&format!("node-{number}")),
        zone: Some(ZoneIx(number % ZONES)),
        quantities: vec![SPEED],
        weight: Milli::ONE,
        silent_after: None,
        correction: None,
    };
    City {
        zones: (0..ZONES).map(zone).collect(),
        nodes: (0..nodes).map(node).collect(),
        ..tests::city::empty()
    }
}

fn rule(zone: u32, raise_at: i64) -> Rule {
    Rule {
        ix: RuleIx(zone),
        id: id(&format!("rule-{zone}")),
        kind: id("speed"),
        condition: Condition {
            value: Value::Quantity(SPEED),
            statistic: Statistic::Max,
            direction: Danger::Above,
            raise_at: Milli::whole(raise_at),
            clear_at: Milli::whole(raise_at),
            raise_after: 0,
            clear_after: 0,
            gap_max: 60 * MINUTE,
            severity: Severity::Severe,
            peak_step: Milli::ZERO,
            hold: 0,
            shadow: false,
        },
        zones: vec![ZoneIx(zone)],
        escalation: Vec::new(),
        source: String::new(),
    }
}
