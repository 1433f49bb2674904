//! Derived values against the oracle: seeds × arrival orders × workers × restarts.
//!
//! Whatever a formula says, the pipeline must say it of a zone's final figures: it asks again when a late reading, a node
//! that moves or one set aside changes anything that a value looks back on, over hours that are sealed off long ago, and
//! after a restart. The rules' thresholds are the medians of what is said, so that alerts come and go.

use std::collections::BTreeMap;
use std::sync::Arc;

use pipeline::calendar::{HOUR, MINUTE, Millis, SECOND, tick_at};
use pipeline::city::{City, Node, NodeIx, NoiseClass, Zone, ZoneIx, ZoneSettings};
use pipeline::derived::Derived;
use pipeline::input::Input;
use pipeline::observation::Observation;
use pipeline::rules::{Rule, RuleIx, Statistic, Value};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tests::city::{self, BEGIN, HORIZON, LENGTH, Plan, id};
use tests::faults::{self, Order};
use tests::history::{Event, History, last_revisions, last_zone_values, revision_lines};
use tests::oracle;
use tests::verdict::{AlertLine, Verdict, alerts_said};
use wire::{Milli, Quantity};

/// What the stations of every zone measure beside what the seed gives them.
const MEASURED: [Quantity; 12] = [
    Quantity::Temperature,
    Quantity::RelativeHumidity,
    Quantity::Noise,
    Quantity::H2s,
    Quantity::Co,
    Quantity::Heat,
    Quantity::Smoke,
    Quantity::WaterLevel,
    Quantity::Tilt,
    Quantity::VehicleCount,
    Quantity::LaneOccupancy,
    Quantity::DissolvedOxygen,
];

#[test]
fn every_arrival_order_derives_the_same_on_any_number_of_workers() {
    let mut said = 0;
    for seed in 0..2 {
        let plan = plan(seed);
        let readings = city::readings(seed, &plan);
        let mut ends: Vec<(Order, Vec<AlertLine>)> = Vec::new();
        for order in Order::INSIDE {
            let mut history = beginning(&plan);
            arrive(&mut history, faults::arrivals(seed, order, &readings));
            let (lines, derived) = check(&mut history, 2, &format!("seed {seed}, {order:?}"));
            said += derived;
            ends.push((order, lines));
        }
        for (order, end) in &ends[1..] {
            assert_eq!(&ends[0].1, end, "seed {seed}: in order against {order:?}");
        }
    }
    assert!(said > 5_000, "only {said} derived figures were compared");
}

#[test]
fn what_people_change_is_derived_anew() {
    let seed = 3;
    let plan = plan(seed);
    let readings = city::readings(seed, &plan);
    for order in [Order::Late, Order::TooLate] {
        let mut history = beginning(&plan);
        arrive(&mut history, faults::arrivals(seed, order, &readings));
        for (tick, input) in city::changes(seed, &plan) {
            // Its rules are another test's.
            if !matches!(input, Input::Rules(_)) {
                let place = history.events.partition_point(|(at, _)| *at < tick);
                history.events.insert(place, (tick, Event::Input(input)));
            }
        }
        check(&mut history, 4, &format!("{order:?}, with people"));
    }
}

/// A day of two stations: windows of eight hours reach far behind the horizon of ten minutes.
#[test]
fn hours_that_are_sealed_off_are_looked_back_on_and_survive_a_restart() {
    let mut plan = Plan {
        city: Arc::new(tunnel()),
        ..city::plan(0)
    };
    plan.rules = Arc::default();
    let mut rng = StdRng::seed_from_u64(11);
    let (mut arrivals, mut sequence) = (Vec::new(), 0);
    for minute in 0..20 * 60 {
        for node in [0, 1] {
            for (index, quantity) in plan.city.nodes[node].quantities.iter().enumerate() {
                let at = BEGIN + minute * MINUTE + rng.random_range(0..MINUTE);
                let late = if rng.random_range(0..20) == 0 {
                    8 * MINUTE
                } else {
                    0
                };
                sequence += 1;
                let wave = 1 + (minute / 90) % 4 * 20;
                let reading = Observation {
                    node: NodeIx(node as u32),
                    quantity: *quantity,
                    saturated: false,
                    alarm: false,
                    index: index as u16,
                    sampled_at: at,
                    value: Milli(rng.random_range(0..wave * 1000)),
                    sequence,
                };
                arrivals.push((tick_at(at + late), reading));
            }
        }
    }
    arrivals.sort_by_key(|(tick, reading)| (*tick, reading.sequence));
    let mut history = beginning(&plan);
    arrive(&mut history, arrivals);
    history.until = tick_at(BEGIN + 21 * HOUR);
    check(&mut history, 1, "a day");

    let whole = history.run(1);
    for hours in [3, 9, 17] {
        let cut = tick_at(BEGIN + hours * HOUR + 300);
        let restarted = match history.run_restarted(cut, [2, 1]) {
            Ok(outputs) => outputs,
            Err(error) => panic!("the snapshot does not come back: {error}"),
        };
        let what = format!("restarted after {hours} h");
        assert_eq!(revision_lines(&whole), revision_lines(&restarted), "{what}");
        let figures = |outputs| {
            let mut last = last_zone_values(outputs);
            last.values_mut().for_each(|row| row.waits_for = None);
            last
        };
        assert_eq!(figures(&whole), figures(&restarted), "{what}");
    }
}

fn plan(seed: u64) -> Plan {
    let plan = city::plan(seed);
    let mut city = City::clone(&plan.city);
    for node in &mut city.nodes {
        if !node.quantities.contains(&Quantity::PersonsIn) {
            let mut rng = StdRng::seed_from_u64(seed ^ u64::from(node.ix.0));
            let more = MEASURED.into_iter().filter(|_| rng.random_range(0..3) == 0);
            node.quantities.extend(more);
            node.quantities.sort_unstable();
            node.quantities.dedup();
        }
    }
    for zone in &mut city.zones {
        zone.settings = settings();
    }
    Plan {
        city: Arc::new(city),
        rules: Arc::default(),
        ..plan
    }
}

fn settings() -> ZoneSettings {
    ZoneSettings {
        lanes: 2,
        effective_length: Milli(6_500),
        noise_class: Some(NoiseClass::Class2),
        ..ZoneSettings::default()
    }
}

fn tunnel() -> City {
    let mut city = city::empty();
    city.zones.push(Zone {
        ix: ZoneIx(0),
        id: id("tunnel"),
        name: "Tunnel".to_owned(),
        kind: "road".to_owned(),
        area: Milli::whole(100),
        settings: settings(),
    });
    for number in 0..2 {
        city.nodes.push(Node {
            ix: NodeIx(number),
            id: id(&format!("node-{number}")),
            zone: Some(ZoneIx(0)),
            quantities: vec![Quantity::H2s, Quantity::Rain, Quantity::Co],
            weight: Milli::ONE,
            silent_after: None,
            correction: None,
        });
    }
    city
}

fn beginning(plan: &Plan) -> History {
    History {
        calendar: plan.calendar.clone(),
        events: vec![(tick_at(BEGIN), Event::Input(Input::City(plan.city.clone())))],
        until: tick_at(BEGIN + LENGTH + 3 * HORIZON),
    }
}

fn arrive(history: &mut History, arrivals: Vec<(u64, Observation)>) {
    let events = arrivals
        .into_iter()
        .map(|(tick, reading)| (tick, Event::Observe(reading)));
    history.events.extend(events);
}

/// Gives the history rules on all that is derived in it, compares one worker with several and with the oracle;
/// answers the alerts at the end, and how many derived figures there were.
fn check(history: &mut History, workers: usize, what: &str) -> (Vec<AlertLine>, usize) {
    let mut medians: BTreeMap<Derived, Vec<Milli>> = BTreeMap::new();
    for ((_, value, _), pane) in oracle::answer(history).zones {
        if let Value::Derived(derived) = value {
            medians.entry(derived).or_default().push(pane.figures.mean);
        }
    }
    let count = medians.values().map(Vec::len).sum();
    let rules: Vec<Rule> = medians
        .into_iter()
        .map(|(derived, mut figures)| {
            figures.sort_unstable();
            let median = figures[figures.len() / 2];
            let number = derived as u32;
            let mut rule = city::rule(&mut StdRng::seed_from_u64(u64::from(number)), number);
            rule.ix = RuleIx(number);
            rule.condition.value = Value::Derived(derived);
            rule.condition.statistic = Statistic::Mean;
            (rule.condition.raise_at, rule.condition.clear_at) = (median, median);
            (rule.condition.raise_after, rule.condition.clear_after) = (10 * SECOND, 0);
            rule.condition.hold = 0;
            rule
        })
        .collect();
    assert!(
        rules.len() >= 5,
        "{what}: only {} values are derived",
        rules.len()
    );
    let start: Millis = BEGIN;
    let rules = Event::Input(Input::Rules(Arc::new(rules)));
    history.events.insert(1, (tick_at(start), rules));

    let outputs = history.run(1);
    let lines = revision_lines(&outputs);
    assert_eq!(
        lines,
        revision_lines(&history.run(workers)),
        "{what}: {workers} workers"
    );
    assert!(lines.len() > 10, "{what}: only {} revisions", lines.len());
    let (zones, last) = (last_zone_values(&outputs), last_revisions(&outputs));
    let verdict = Verdict::of(history, &oracle::answer(history), &zones, &last);
    verdict.assert_clean(what);
    (alerts_said(&last), count)
}
