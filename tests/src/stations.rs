//! Three stations of two loops each, with an incident between the first two, loops that fail, and minutes that are
//! missing: what the pipeline is held to a slow computation on.

use std::sync::Arc;

use pipeline::calendar::{MINUTE, Millis, SECOND, tick_at};
use pipeline::city::{City, Node, NodeIx, RoadSection, Zone, ZoneIx};
use pipeline::derived::Derived;
use pipeline::input::Input;
use pipeline::observation::Observation;
use pipeline::quality::{DetectorLimits, QualityRule};
use pipeline::rules::{Condition, Danger, Rule, RuleIx, Severity, Statistic, Value};
use pipeline::science::traffic::incident::Thresholds;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use wire::{Milli, Quantity};

use crate::city::{self, BEGIN, HORIZON};
use crate::faults::{self, Order};
use crate::history::{Event, History};
use crate::road::{self, Incident, accident, rush_hour};

/// Lateness, and what the rules on detectors look back on.
pub const CORRECTED: Millis = HORIZON + 20 * MINUTE;
const MINUTES: usize = 32;

/// With rules for detectors where the horizon is [`CORRECTED`].
pub fn history(seed: u64, order: Order, horizon: Millis) -> History {
    let calendar = city::calendar(horizon);
    let begin = tick_at(BEGIN);
    let mut events = vec![
        (begin, Event::Input(Input::City(Arc::new(stations())))),
        (begin, Event::Input(Input::Rules(Arc::new(vec![blocked()])))),
    ];
    if horizon == CORRECTED {
        let quality = Arc::new(detector_rules());
        events.push((begin, Event::Input(Input::Quality(quality))));
    }
    for (tick, reading) in faults::arrivals(seed, order, &readings(seed)) {
        events.push((tick, Event::Observe(reading)));
    }
    History {
        calendar,
        events,
        until: tick_at(BEGIN + MINUTES as Millis * MINUTE + horizon + 5 * MINUTE),
    }
}

fn stations() -> City {
    let zone = |ix: u32| Zone {
        ix: ZoneIx(ix),
        id: city::id(&format!("station-{ix}")),
        name: String::new(),
        kind: String::new(),
        area: Milli::ZERO,
        settings: pipeline::city::ZoneSettings {
            section: (ix < 2).then(|| RoadSection {
                downstream: ZoneIx(ix + 1),
                thresholds: Thresholds::default(),
            }),
            ..Default::default()
        },
    };
    let node = |ix: u32| Node {
        ix: NodeIx(ix),
        id: city::id(&format!("loop-{ix}")),
        zone: Some(ZoneIx(ix / 2)),
        quantities: vec![Quantity::LaneOccupancy, Quantity::VehicleCount],
        weight: Milli(1_000 + i64::from(ix % 2) * 500),
        silent_after: None,
        correction: None,
    };
    City {
        zones: (0..3).map(zone).collect(),
        nodes: (0..6).map(node).collect(),
        ..city::empty()
    }
}

/// Confirmed, as the default rule has it.
fn blocked() -> Rule {
    Rule {
        ix: RuleIx(0),
        id: city::id("blocked"),
        kind: city::id("traffic"),
        condition: Condition {
            value: Value::Derived(Derived::TrafficIncident),
            statistic: Statistic::Last,
            direction: Danger::Above,
            raise_at: Milli::whole(2),
            clear_at: Milli::whole(2),
            raise_after: 0,
            clear_after: 0,
            gap_max: 2 * MINUTE,
            severity: Severity::Severe,
            peak_step: Milli::ZERO,
            hold: 0,
            shadow: false,
        },
        zones: vec![ZoneIx(0), ZoneIx(1)],
        escalation: Vec::new(),
        source: String::new(),
    }
}

fn detector_rules() -> Vec<QualityRule> {
    let rule = |quantity, limits| QualityRule {
        quantity,
        stuck: None,
        spike: None,
        range: None,
        neighbours: None,
        detector: Some(limits),
        recover: Some(2 * MINUTE),
        flags: None,
    };
    let limits = |quantity| DetectorLimits::main_road(quantity).unwrap_or_default();
    let counts = DetectorLimits {
        no_hits: Some(4 * MINUTE),
        ..limits(Quantity::VehicleCount)
    };
    let occupancy = DetectorLimits {
        no_change: Some(5 * MINUTE),
        ..limits(Quantity::LaneOccupancy)
    };
    vec![
        rule(Quantity::VehicleCount, counts),
        rule(Quantity::LaneOccupancy, occupancy),
    ]
}

/// Every half minute, but for one in twelve, and for six to eight minutes of one station.
fn readings(seed: u64) -> Vec<Observation> {
    let mut rng = StdRng::seed_from_u64(seed ^ 0x70ad);
    let mut plan = accident(seed, 3, 2);
    let from = rng.random_range(6..10);
    plan.incident = plan.incident.map(|i| Incident {
        from,
        until: from + 9,
        ..i
    });
    let road = road::drive(&plan);
    let further = road::drive(&rush_hour(seed, 8));
    let silent = (
        rng.random_range(0..3),
        rng.random_range(20..23),
        rng.random_range(6..9),
    );
    let mut readings = Vec::new();
    for minute in 0..MINUTES {
        let stations = [road[minute].0, road[minute].1, further[minute + 55].1];
        for node in 0..6_u32 {
            let station = node as usize / 2;
            if station == silent.0 && (silent.1..silent.1 + silent.2).contains(&minute) {
                continue;
            }
            for half in 0..2 {
                if rng.random_range(0..12) == 0 {
                    continue;
                }
                let noise = rng.random_range(-900..900);
                let mut occupancy = (stations[station].0 + noise).clamp(0, 100_000);
                let mut count = rng.random_range(3..20);
                // Each loop but one fails in its own way.
                match (node, minute) {
                    (1, 11..14) => occupancy = 100_000,
                    (2, 15..22) => occupancy = 7_000,
                    (3, 4..10) => count = 0,
                    (4, 18..20) => count = 45,
                    (5, 24..29) => occupancy = [2_000, 97_000][minute % 2],
                    _ => {}
                }
                let sampled_at = BEGIN
                    + minute as Millis * MINUTE
                    + half * 30 * SECOND
                    + Millis::from(node) * SECOND;
                let reading = |index, quantity, value| Observation {
                    node: NodeIx(node),
                    quantity,
                    saturated: false,
                    alarm: false,
                    index,
                    sampled_at,
                    value: Milli(value),
                    sequence: (minute as u64) * 2 + half as u64 + 1,
                };
                readings.push(reading(0, Quantity::LaneOccupancy, occupancy));
                readings.push(reading(1, Quantity::VehicleCount, count * 1_000));
            }
        }
    }
    readings
}
