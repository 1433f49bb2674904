//! The dataflow against the oracle: seeds × arrival orders × workers.
//!
//! Every history is run through the engine on 1, 2 and 4 workers. The revisions must be byte-identical, the
//! last word on every zone pane and alert must be the oracle's, and histories that differ only by arrival
//! order inside the horizon must end with the same alerts. A failure names its seed and order.

use pipeline::calendar::{Millis, SECOND, tick_at};
use pipeline::input::Input;
use tests::city::{self, BEGIN, HORIZON, LENGTH, Plan};
use tests::faults::{self, Order};
use tests::history::{Event, History, last_revisions, last_zone_values, revision_lines};
use tests::oracle;
use tests::verdict::{AlertLine, Verdict, alerts_said};

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
    let (zones, last) = (last_zone_values(&outputs), last_revisions(&outputs));
    let verdict = Verdict::of(history, &answer, &zones, &last);
    verdict.assert_clean(&format!("seed {seed}, {order:?}"));
    assert!(
        lines.len() > 20,
        "seed {seed}, {order:?}: only {} revisions, the story is too quiet to test anything",
        lines.len()
    );
    alerts_said(&last)
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
