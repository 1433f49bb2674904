//! The dataflow against the oracle: seeds × arrival orders × workers.
//!
//! Every history is run through the engine on 1, 2 and 4 workers. The revisions must be byte-identical, the
//! last word on every zone pane and alert must be the oracle's, and histories that differ only by arrival
//! order inside the horizon must end with the same alerts. A failure names its seed and order.

use std::collections::BTreeMap;

use pipeline::calendar::{Millis, SECOND, tick_at};
use pipeline::input::Input;
use pipeline::output::{TickOutput, ZoneValue};
use pipeline::rules::Value;
use tests::city::{self, BEGIN, HORIZON, LENGTH, Plan};
use tests::faults::{self, Order};
use tests::history::{
    Event, History, Standing, last_revisions, last_zone_values, revision_lines, standing,
};
use tests::oracle::{self, Answer, End};
use wire::Milli;
use wire::quantity::Summing;

const SEEDS: std::ops::Range<u64> = 0..4;
/// Workers, and how often the engine is promised time: neither may change a byte.
const RUNS: [(usize, Millis); 3] = [(1, HORIZON), (2, 70 * SECOND), (4, 2 * HORIZON)];

#[test]
fn every_arrival_order_agrees_with_the_oracle_on_any_number_of_workers() {
    for seed in SEEDS {
        let mut ends: Vec<(Order, Vec<AlertLine>)> = Vec::new();
        for order in Order::INSIDE {
            let history = history(seed, order, LENGTH + HORIZON);
            ends.push((order, check(seed, order, &history)));
        }
        for pair in ends.windows(2) {
            let ((a, one), (b, other)) = (&pair[0], &pair[1]);
            assert_same(one, other, &format!("seed {seed}: {a:?} against {b:?}"));
        }
    }
}

#[test]
fn what_comes_too_late_changes_no_live_alert() {
    for seed in SEEDS {
        let history = history(seed, Order::TooLate, LENGTH + 3 * HORIZON);
        check(seed, Order::TooLate, &history);
    }
}

#[test]
fn an_end_in_the_middle_of_things_settles_open_panes_and_fires_no_deadline() {
    for seed in SEEDS {
        for order in [Order::InOrder, Order::Late] {
            let mut history = history(seed, order, LENGTH);
            let until = tick_at(BEGIN + 21 * 60 * SECOND);
            history.events.retain(|(tick, _)| *tick < until);
            history.until = until;
            check(seed, order, &history);
        }
    }
}

#[test]
fn what_people_change_revises_what_is_not_sealed_off() {
    for seed in SEEDS {
        for order in [Order::InOrder, Order::TooLate] {
            let mut history = history(seed, order, LENGTH + 3 * HORIZON);
            change(&mut history, seed);
            check(seed, order, &history);
        }
    }
}

#[test]
fn a_restart_from_a_snapshot_changes_no_byte() {
    for seed in SEEDS {
        let order = [Order::Late, Order::TooLate][seed as usize % 2];
        let mut history = history(seed, order, LENGTH + 3 * HORIZON);
        change(&mut history, seed);
        let whole = revision_lines(&history.run(1));
        for minute in [7, 13, 19, 26, 31, 47] {
            let cut = tick_at(BEGIN + (minute + seed as Millis) * 60 * SECOND + 300);
            let restarted = match history.run_restarted(cut, [2, 1]) {
                Ok(outputs) => revision_lines(&outputs),
                Err(error) => panic!("seed {seed}: the snapshot does not come back: {error}"),
            };
            let what =
                format!("seed {seed}, {order:?}: a life whole and restarted at minute {minute}");
            assert_same(&whole, &restarted, &what);
        }
    }
}

/// A seed's city and readings, arriving in an order; the last promise comes `length` after the beginning.
fn history(seed: u64, order: Order, length: Millis) -> History {
    let plan = city::plan(seed);
    let readings = city::readings(seed, &plan);
    let mut events = beginning(&plan);
    for (tick, reading) in faults::arrivals(seed, order, &readings) {
        events.push((tick, Event::Observe(reading)));
    }
    History {
        calendar: plan.calendar,
        events,
        until: tick_at(BEGIN + length),
    }
}

/// Lets people and files change things meanwhile.
fn change(history: &mut History, seed: u64) {
    for (tick, input) in city::changes(seed, &city::plan(seed)) {
        let place = history.events.partition_point(|(at, _)| *at < tick);
        history.events.insert(place, (tick, Event::Input(input)));
    }
}

fn beginning(plan: &Plan) -> Vec<(u64, Event)> {
    let start = tick_at(BEGIN);
    vec![
        (start, Event::Input(Input::City(plan.city.clone()))),
        (start, Event::Input(Input::Rules(plan.rules.clone()))),
    ]
}

/// Runs on all numbers of workers, compares with the oracle, and hands back the final alerts.
fn check(seed: u64, order: Order, history: &History) -> Vec<AlertLine> {
    let answer = oracle::answer(history);
    let (workers, pace) = RUNS[0];
    let outputs = history.run_paced(workers, pace);
    let lines = revision_lines(&outputs);
    // Each order of a seed takes one of the others, in turn.
    let turn = 1 + (seed as usize + order as usize) % (RUNS.len() - 1);
    for (workers, pace) in RUNS.into_iter().skip(turn).take(1) {
        let others = revision_lines(&history.run_paced(workers, pace));
        let what = format!("seed {seed}, {order:?}: revisions of 1 and {workers} workers");
        assert_same(&lines, &others, &what);
    }
    agree_on_zones(&answer, &outputs, &format!("seed {seed}, {order:?}: zones"));
    let said = alerts_said(&outputs);
    let what = format!("seed {seed}, {order:?}: alerts (oracle against engine)");
    assert_same(&alerts_expected(history, &answer), &said, &what);
    agree_on_peaks(history, &answer, &outputs, &what);
    assert!(
        lines.len() > 20,
        "seed {seed}, {order:?}: only {} revisions, the story is too quiet to test anything",
        lines.len()
    );
    said
}

/// What both sides say of an alert that was not cancelled: rule, zone, onset, end, standing.
type AlertLine = (String, String, Millis, Option<Millis>, Standing);

fn alerts_said(outputs: &[TickOutput]) -> Vec<AlertLine> {
    let mut lines: Vec<AlertLine> = last_revisions(outputs)
        .into_values()
        .filter_map(|r| {
            let standing = standing(r.state)?;
            Some((
                r.rule.to_string(),
                r.zone.to_string(),
                r.onset,
                r.end,
                standing,
            ))
        })
        .collect();
    lines.sort();
    lines
}

fn alerts_expected(history: &History, answer: &Answer) -> Vec<AlertLine> {
    let (mut rules, mut zones) = (BTreeMap::new(), BTreeMap::new());
    for (_, input) in history.inputs() {
        match input {
            Input::Rules(version) => rules.extend(version.iter().map(|r| (r.ix, r.id))),
            Input::City(version) => zones.extend(version.zones.iter().map(|z| (z.ix, z.id))),
            _ => {}
        }
    }
    let mut lines = Vec::new();
    for ((rule, zone), islands) in &answer.alerts {
        for island in islands {
            let (end, standing) = match island.end {
                End::Open => (None, Standing::Open),
                End::Unconfirmed => (None, Standing::Unconfirmed),
                End::BackToNormal(at) | End::NoData(at) => (Some(at), Standing::Cleared),
            };
            let (rule, zone) = (rules[rule].to_string(), zones[zone].to_string());
            lines.push((rule, zone, island.onset, end, standing));
        }
    }
    lines.sort();
    lines
}

/// A peak is said again when it moves by a tenth of the threshold, so it is known that well.
fn agree_on_peaks(history: &History, answer: &Answer, outputs: &[TickOutput], what: &str) {
    let mut rules = BTreeMap::new();
    for (_, input) in history.inputs() {
        if let Input::Rules(version) = input {
            rules.extend(version.iter().map(|rule| (rule.ix, rule)));
        }
    }
    let last = last_revisions(outputs);
    for ((ix, zone), islands) in &answer.alerts {
        let (rule, zone) = (rules[ix], format!("zone-{}", zone.0));
        let step = (rule.condition.raise_at.0 / 10).max(1);
        for island in islands {
            let said = last.values().any(|r| {
                let same = r.rule == rule.id && r.zone.as_str() == zone && r.onset == island.onset;
                // An alert from before its rule changed was said in steps of the threshold of then.
                let was_other = r.threshold != rule.condition.raise_at;
                same && (was_other || (r.value.0 - island.peak.0).abs() < step)
            });
            let (id, onset, peak) = (rule.id, island.onset, island.peak);
            assert!(
                said,
                "{what}: {id} in {zone} from {onset}: nobody said the peak of {peak}"
            );
        }
    }
}

fn agree_on_zones(answer: &Answer, outputs: &[TickOutput], what: &str) {
    let said = last_zone_values(outputs);
    let expected = answer.zones.iter().map(|(key, pane)| {
        let figures = (
            pane.figures.min,
            pane.figures.max,
            pane.figures.last,
            pane.figures.count,
        );
        let counted = matches!(key.1, Value::Quantity(_));
        (
            *key,
            (
                pane.end,
                pane.figures.mean,
                counted.then_some((figures, pane.heard)),
            ),
        )
    });
    let engine = said.iter().map(|(key, row)| (*key, of_engine(row)));
    let (expected, engine): (BTreeMap<_, _>, BTreeMap<_, _>) =
        (expected.collect(), engine.collect());
    for (key, right) in &expected {
        let Some(answered) = engine.get(key) else {
            panic!("{what}: the engine says nothing of {key:?}, the oracle {right:?}");
        };
        let near = (right.1.0 - answered.1.0).abs() <= tolerance(key.1);
        assert!(
            near && (right.0, &right.2) == (answered.0, &answered.2),
            "{what}: {key:?}\n oracle {right:?}\n engine {answered:?}"
        );
    }
    if let Some((key, row)) = engine.iter().find(|(key, _)| !expected.contains_key(key)) {
        panic!("{what}: the engine invents {key:?} {row:?}");
    }
}

type Counted = ((Milli, Milli, Milli, u64), u32);

fn of_engine(row: &ZoneValue) -> (Millis, Milli, Option<Counted>) {
    let figures = row.figures.unwrap_or_default();
    let counted = matches!(row.value, Value::Quantity(_)).then_some((
        (figures.min, figures.max, figures.last, figures.count),
        row.completeness.heard,
    ));
    (row.pane_end, figures.mean, counted)
}

/// Directions and energies go through floats, whose last digit depends on the order of adding.
fn tolerance(value: Value) -> i64 {
    match value {
        Value::Quantity(quantity) => match quantity.entry().summing {
            Summing::Vector | Summing::Energy => 1,
            Summing::Mean | Summing::Delta | Summing::Level => 0,
        },
        _ => 0,
    }
}

/// Equality that shows only what differs.
#[track_caller]
fn assert_same<T: Clone + PartialEq + std::fmt::Debug>(left: &[T], right: &[T], what: &str) {
    if left == right {
        return;
    }
    let (mut missing, mut extra) = (Vec::new(), right.to_vec());
    for item in left {
        match extra.iter().position(|other| other == item) {
            Some(place) => drop(extra.remove(place)),
            None => missing.push(item),
        }
    }
    panic!("{what} differ\n only left: {missing:#?}\n only right: {extra:#?}");
}
