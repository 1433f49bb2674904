//! Small cities by seed: zones, nodes of several kinds, rules of every shape, and what the nodes measured.
//!
//! Signals switch between a calm and a loud level around the thresholds, so that breaches begin, falter
//! and end; nodes skip whole minutes, so that there are gaps.

use std::sync::Arc;

use pipeline::calendar::{Calendar, MINUTE, Millis, SECOND, Span, Tick, tick_at};
use pipeline::city::{City, Gate, Node, NodeIx, Zone, ZoneIx};
use pipeline::input::{Action, Input};
use pipeline::observation::Observation;
use pipeline::rules::{Condition, Danger, Rule, RuleIx, Severity, Statistic, Value};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use wire::{Milli, Quantity};

/// Event time at which every test history begins.
pub const BEGIN: Millis = 1_795_309_200_000;
/// How long the nodes measure: three horizons, so that much is sealed off on the way.
pub const LENGTH: Millis = 32 * MINUTE;
pub const HORIZON: Millis = 10 * MINUTE;

/// A city with its rules and calendar.
#[derive(Clone, Debug)]
pub struct Plan {
    pub city: Arc<City>,
    pub rules: Arc<Vec<Rule>>,
    pub calendar: Calendar,
}

/// A mean, an added count, a sum of deltas, a level, a direction, an energy; safety and not.
pub const MEASURED: [Quantity; 10] = [
    Quantity::Pm2_5,
    Quantity::Temperature,
    Quantity::Rain,
    Quantity::Noise,
    Quantity::WindDirection,
    Quantity::WaterLevel,
    Quantity::Ch4,
    Quantity::VehicleCount,
    Quantity::PersonCount,
    Quantity::Smoke,
];

/// The city of a seed: three zones with two or three nodes, a wind vane and a gate each.
pub fn plan(seed: u64) -> Plan {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut city = empty();
    for number in 0..3 {
        let zone = ZoneIx(number);
        city.zones.push(Zone {
            ix: zone,
            id: id(&format!("zone-{number}")),
            name: format!("Zone {number}"),
            kind: "square".to_owned(),
            area: Milli::whole(rng.random_range(20..60)),
            settings: Default::default(),
        });
        for _ in 0..rng.random_range(2..=3) {
            let count = rng.random_range(1..=4);
            let quantities = MEASURED.choose_multiple(&mut rng, count).copied().collect();
            add_node(&mut city, &mut rng, zone, quantities);
        }
        add_node(&mut city, &mut rng, zone, vec![Quantity::WindDirection]);
        let counter = vec![Quantity::PersonsIn, Quantity::PersonsOut];
        let gate = add_node(&mut city, &mut rng, zone, counter);
        let from = (number > 0).then(|| ZoneIx(number - 1));
        city.gates.push(Gate {
            node: gate,
            from,
            to: Some(zone),
            width: Milli(1_500),
        });
    }
    let rules = (0..8).map(|number| rule(&mut rng, number)).collect();
    Plan {
        city: Arc::new(city),
        rules: Arc::new(rules),
        calendar: calendar(HORIZON),
    }
}

/// A city without anything in it.
pub fn empty() -> City {
    City {
        id: id("seeded"),
        hour_shift: 0,
        zones: Vec::new(),
        nodes: Vec::new(),
        gates: Vec::new(),
        neighbours: Vec::new(),
        standards: Vec::new(),
        leaks: Default::default(),
        silence_after: None,
    }
}

/// The default widths with one horizon for all.
pub fn calendar(horizon: Millis) -> Calendar {
    let mut calendar = Calendar::default();
    for quantity in Quantity::all() {
        let span = calendar.span(quantity);
        calendar.set(quantity, Span { horizon, ..span });
    }
    calendar
}

fn add_node(city: &mut City, rng: &mut StdRng, zone: ZoneIx, quantities: Vec<Quantity>) -> NodeIx {
    let number = city.nodes.len() as u32;
    city.nodes.push(Node {
        ix: NodeIx(number),
        id: id(&format!("node-{number}")),
        zone: Some(zone),
        quantities,
        weight: Milli(rng.random_range(500..3_000)),
        silent_after: None,
        correction: None,
    });
    NodeIx(number)
}

/// A rule of any shape over the signals' range of 0 to 100.
pub fn rule(rng: &mut StdRng, number: u32) -> Rule {
    let value = match rng.random_range(0..12) {
        0 => Value::CrowdCount,
        1 => Value::CrowdDensity,
        2 => Value::Quantity(Quantity::WindDirection),
        place => Value::Quantity(MEASURED[place % MEASURED.len()]),
    };
    let statistics = match value {
        Value::Quantity(_) => &[
            Statistic::Mean,
            Statistic::Mean,
            Statistic::Min,
            Statistic::Max,
            Statistic::Last,
        ][..],
        _ => &[Statistic::Mean][..],
    };
    let direction = *pick(rng, &[Danger::Above, Danger::Above, Danger::Below]);
    let (centre, scale) = match value {
        Value::CrowdDensity => (1_500, 20),
        // Counts of a pane are added up over readings and nodes.
        Value::Quantity(Quantity::Rain | Quantity::VehicleCount) => (150_000, 2_000),
        _ => (50_000, 1_000),
    };
    let raise_at = centre + scale * rng.random_range(-10..=10);
    let slack = scale * rng.random_range(0..=12);
    let clear_at = match direction {
        Danger::Above => raise_at - slack,
        Danger::Below => raise_at + slack,
    };
    Rule {
        ix: RuleIx(number),
        id: id(&format!("rule-{number}")),
        kind: id("test"),
        condition: Condition {
            value,
            statistic: *pick(rng, statistics),
            direction,
            raise_at: Milli(raise_at),
            clear_at: Milli(clear_at),
            raise_after: SECOND * pick(rng, &[0, 0, 10, 30, 60, 120, 150]),
            clear_after: SECOND * pick(rng, &[0, 0, 30, 60, 120]),
            gap_max: SECOND * pick(rng, &[45, 60, 120, 300, 900]),
            severity: *pick(rng, &[Severity::Minor, Severity::Severe]),
            peak_step: Milli::ZERO,
            hold: SECOND * pick(rng, &[0, 0, 30, 120]),
            shadow: false,
        },
        zones: (0..3).map(ZoneIx).collect(),
        escalation: Vec::new(),
        source: String::new(),
    }
}

/// What the nodes measure, in order of event time; frames of one node carry all its quantities.
pub fn readings(seed: u64, plan: &Plan) -> Vec<Observation> {
    let mut readings = Vec::new();
    for node in &plan.city.nodes {
        let mut rng = StdRng::seed_from_u64(seed ^ (u64::from(node.ix.0) << 32) ^ 0x5eed);
        let mut signals: Vec<Signal> = node
            .quantities
            .iter()
            .map(|&quantity| Signal::new(quantity))
            .collect();
        let period = SECOND * pick(&mut rng, &[10, 15, 20, 30]);
        let mut at = BEGIN + rng.random_range(0..period);
        let mut sequence = 0;
        while at < BEGIN + LENGTH {
            for (index, signal) in signals.iter_mut().enumerate() {
                readings.push(Observation {
                    node: node.ix,
                    quantity: signal.quantity,
                    saturated: rng.random_range(0..25) == 0,
                    alarm: rng.random_range(0..12) == 0,
                    index: index as u16,
                    sampled_at: at,
                    value: signal.next(&mut rng),
                    sequence,
                });
            }
            sequence += 1;
            at += match rng.random_range(0..60) {
                // Two frames of one moment: the later sequence is the later state.
                0 => 0,
                1 | 2 => rng.random_range(MINUTE..6 * MINUTE),
                _ => period + rng.random_range(-500..=500),
            };
        }
    }
    readings.sort_by_key(|r| (r.sampled_at, r.node, r.sequence, r.index));
    readings
}

/// What people and files say meanwhile: a node moves, another is heavier, thresholds rise, a node is set
/// aside and comes back, a zone is counted by hand. Nodes of safety quantities stay where they are: a safety
/// alert whose evidence is withdrawn is nobody's to take back, which is a scenario's matter.
pub fn changes(seed: u64, plan: &Plan) -> Vec<(Tick, Input)> {
    let mut rng = StdRng::seed_from_u64(seed ^ 0xc4a);
    let mut changes = Vec::new();
    let mut at = |from: Millis, to: Millis| BEGIN + SECOND * rng.random_range(from..to) + 700;
    let (quarantined_at, released_at) = (at(600, 900), at(900, 1_300));
    let (moved_at, ruled_at, counted_at) = (at(300, 1_800), at(300, 1_800), at(300, 1_500));

    let mut city = City::clone(&plan.city);
    let nodes = city.nodes.len();
    let harmless: Vec<NodeIx> = city
        .nodes
        .iter()
        .filter(|node| node.quantities.iter().all(|q| !q.entry().safety))
        .map(|node| node.ix)
        .collect();
    let moved = pick(&mut rng, &harmless).0 as usize;
    city.nodes[moved].zone = Some(ZoneIx(rng.random_range(0..3)));
    city.nodes[rng.random_range(0..nodes)].weight = Milli(rng.random_range(500..3_000));
    changes.push((moved_at, Input::City(Arc::new(city))));

    let mut rules = Vec::clone(&plan.rules);
    for rule in rules.iter_mut().take(3) {
        let by = rule.condition.raise_at.0 / 10;
        rule.condition.raise_at.0 += by;
        rule.condition.clear_at.0 += by;
    }
    changes.push((ruled_at, Input::Rules(Arc::new(rules))));

    let node = *pick(&mut rng, &harmless);
    let from = (quarantined_at - 5 * MINUTE).div_euclid(MINUTE) * MINUTE;
    changes.push((
        quarantined_at,
        Input::Action(Action::Quarantine {
            node,
            quantity: None,
            from,
            by: "operator".to_owned(),
        }),
    ));
    changes.push((
        released_at,
        Input::Action(Action::Release {
            node,
            quantity: None,
            by: "operator".to_owned(),
        }),
    ));

    let zone = ZoneIx(rng.random_range(0..3));
    let anchor = Action::Anchor {
        zone,
        at: counted_at.div_euclid(MINUTE) * MINUTE,
        count: Milli::whole(40),
    };
    changes.push((counted_at, Input::Action(anchor)));
    changes.sort_by_key(|(at, _)| *at);
    changes
        .into_iter()
        .map(|(at, input)| (tick_at(at), input))
        .collect()
}

/// One sensor's world: calm or loud for some minutes each.
#[derive(Clone, Debug)]
pub struct Signal {
    pub quantity: Quantity,
    level: i64,
    left: u32,
}

impl Signal {
    pub fn new(quantity: Quantity) -> Signal {
        Signal {
            quantity,
            level: 0,
            left: 0,
        }
    }

    /// A value well inside the plausible range.
    pub fn next(&mut self, rng: &mut StdRng) -> Milli {
        if self.left == 0 {
            self.level = *pick(rng, &[15, 35, 48, 60, 80]);
            self.left = rng.random_range(3..20);
        }
        self.left -= 1;
        let (low, high) = match self.quantity {
            // Not many more people come than go.
            Quantity::PersonsIn | Quantity::PersonsOut => {
                return Milli::whole(rng.random_range(0..6));
            }
            Quantity::WindDirection => (-60_000, 60_000),
            _ => (-12_000, 12_000),
        };
        let value = self.level * 1_000 + rng.random_range(low..=high);
        Milli(match self.quantity {
            Quantity::WindDirection => value.rem_euclid(360_000),
            _ => value.max(0),
        })
    }
}

fn pick<'a, T>(rng: &mut StdRng, choices: &'a [T]) -> &'a T {
    // Every caller passes a literal list.
    &choices[rng.random_range(0..choices.len())]
}

/// Any of the checked ids, from a text that the tests wrote themselves.
#[allow(clippy::expect_used)]
pub fn id<T: std::str::FromStr>(text: &str) -> T
where
    T::Err: std::fmt::Debug,
{
    text.parse().expect("the tests write valid ids")
}
