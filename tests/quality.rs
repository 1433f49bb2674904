//! Withdrawn sensors against the oracle: seeds × arrival orders × workers.
//!
//! Stations of every zone measure the same, some of them stick, spike, leave their range or stray from their neighbours,
//! and people set sensors aside and release them. Zone values and the alerts that are no safety matter must be what the
//! oracle makes of all readings at once; in whatever order these came inside the horizon. Safety alerts go by what was
//! said before, which is told in stories.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use pipeline::calendar::{MINUTE, Millis, SECOND, tick_at};
use pipeline::city::{City, NodeIx};
use pipeline::input::{Action, Input};
use pipeline::observation::Observation;
use pipeline::output::TickOutput;
use pipeline::quality::{Cause, Flaw, Withdrawal};
use pipeline::rules::{Danger, Value};
use pipeline::science::qartod::Flag;
use pipeline::science::qartod::pane::Test;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tests::city::{self, BEGIN, HORIZON, LENGTH, Plan};
use tests::faults::{self, Order};
use tests::history::{
    Event, History, Standing, last_revisions, last_zone_values, revision_lines, standing,
};
use tests::oracle::{self, End};
use tests::quality_rules::quality;
use wire::{Milli, Quantity};

const SEEDS: std::ops::Range<u64> = 0..2;
/// Lateness and the longest look back: three times the longest window.
const CORRECTED: Millis = HORIZON + 14 * MINUTE;

#[test]
fn every_arrival_order_withdraws_the_same_on_any_number_of_workers() {
    let mut found = BTreeSet::new();
    let mut flags: BTreeMap<(Test, Flag), usize> = BTreeMap::new();
    for seed in SEEDS {
        let mut ends: Vec<(Order, Vec<AlertLine>)> = Vec::new();
        for order in Order::INSIDE {
            let history = history(seed, order);
            let what = format!("seed {seed}, {order:?}");
            let outputs = check(&history, [1, 2 << (seed % 2)], &what);
            ends.push((order, alerts_said(&outputs)));
            let flagged = outputs.iter().flat_map(|output| &output.flags);
            for (flagged, _) in flagged.filter(|(_, stand)| *stand) {
                for test in Test::ALL {
                    *flags.entry((test, flagged.flags.of(test))).or_default() += 1;
                }
            }
            let rows = outputs.iter().flat_map(|output| &output.withdrawals);
            found.extend(rows.filter_map(|(row, _)| match row.cause {
                Cause::Flaw(flaw) => Some(flaw),
                Cause::Operator(_) => None,
            }));
        }
        for (order, end) in &ends[1..] {
            assert_eq!(&ends[0].1, end, "seed {seed}: in order against {order:?}");
        }
    }
    for test in Test::ALL {
        let panes = flags.range((test, Flag::Suspect)..=(test, Flag::Fail));
        let panes: usize = panes.map(|(_, panes)| *panes).sum();
        assert!(panes > 20, "{test:?} found only {panes} panes");
    }
    let looked_for = Flaw::ALL.into_iter().filter(|flaw| !flaw.is_of_detector());
    assert_eq!(found, looked_for.collect(), "flaws that were found");
}

#[test]
fn people_overrule_and_rules_change() {
    for seed in SEEDS {
        for order in [Order::InOrder, Order::Late] {
            let mut history = history(seed, order);
            act(&mut history, seed);
            check(
                &history,
                [1, 4],
                &format!("seed {seed}, {order:?}, with people"),
            );
        }
    }
}

#[test]
fn a_restart_in_the_middle_of_a_verdict_changes_no_byte() {
    for seed in SEEDS {
        let mut history = history(seed, Order::Late);
        act(&mut history, seed);
        let whole = history.run(1);
        let mut in_the_middle = 0;
        for minute in [6, 14, 24, 37] {
            let cut = tick_at(BEGIN + minute * MINUTE + 300);
            let before = whole.iter().filter(|output| output.tick < cut);
            in_the_middle += standing_withdrawals(before).len();
            let restarted = match history.run_restarted(cut, [2, 1]) {
                Ok(outputs) => outputs,
                Err(error) => panic!("seed {seed}: the snapshot does not come back: {error}"),
            };
            let what = format!("seed {seed}, restarted at minute {minute}");
            assert_eq!(revision_lines(&whole), revision_lines(&restarted), "{what}");
            let (left, right) = (
                standing_withdrawals(&whole),
                standing_withdrawals(&restarted),
            );
            assert_eq!(left, right, "{what}: withdrawals");
            // A figure that is said again says for whom it waits then.
            let figures = |outputs| {
                let mut last = last_zone_values(outputs);
                last.values_mut().for_each(|row| row.waits_for = None);
                last
            };
            assert_eq!(figures(&whole), figures(&restarted), "{what}");
        }
        assert!(
            in_the_middle > 6,
            "seed {seed}: hardly a verdict to cut through"
        );
    }
}

/// The seed's city with stations that measure dust and warmth everywhere, sensors that go wrong, and rules for them.
fn history(seed: u64, order: Order) -> History {
    let mut plan = city::plan(seed);
    let mut stations = City::clone(&plan.city);
    for node in &mut stations.nodes {
        if !node.quantities.contains(&Quantity::PersonsIn) {
            for quantity in [Quantity::Pm2_5, Quantity::Temperature] {
                if !node.quantities.contains(&quantity) {
                    node.quantities.push(quantity);
                }
            }
        }
    }
    plan.city = Arc::new(stations);
    plan.calendar = city::calendar(CORRECTED);
    let mut rng = StdRng::seed_from_u64(seed ^ 0xbad);
    let mut rules = Vec::clone(&plan.rules);
    for (rule, quantity) in rules
        .iter_mut()
        .zip([Quantity::Pm2_5, Quantity::Temperature])
    {
        rule.condition.value = Value::Quantity(quantity);
        rule.condition.direction = Danger::Above;
        rule.condition.raise_at = Milli(55_000);
        rule.condition.clear_at = Milli(45_000);
    }
    plan.rules = Arc::new(rules);
    let mut readings = city::readings(seed, &plan);
    go_wrong(&mut readings, &plan, &mut rng);
    let start = tick_at(BEGIN);
    let mut events = vec![
        (start, Event::Input(Input::City(plan.city.clone()))),
        (start, Event::Input(Input::Rules(plan.rules.clone()))),
        (start, Event::Input(Input::Quality(Arc::new(quality(3))))),
    ];
    for (tick, reading) in faults::arrivals(seed, order, &readings) {
        events.push((tick, Event::Observe(reading)));
    }
    History {
        calendar: plan.calendar,
        events,
        until: tick_at(BEGIN + LENGTH + CORRECTED + 5 * MINUTE),
    }
}

/// One dust sensor in two sticks, one thermometer in two has a loose contact for a while.
fn go_wrong(readings: &mut [Observation], plan: &Plan, rng: &mut StdRng) {
    for node in &plan.city.nodes {
        let mut minutes = || {
            let from = BEGIN + rng.random_range(2..20) * MINUTE + rng.random_range(0..MINUTE);
            (from, from + rng.random_range(4..9) * MINUTE)
        };
        let (sticks, loose) = (minutes(), minutes());
        if node.ix.0.is_multiple_of(2) {
            continue;
        }
        let own = readings
            .iter_mut()
            .filter(|reading| reading.node == node.ix);
        for (place, reading) in own.enumerate() {
            let at = reading.sampled_at;
            match reading.quantity {
                Quantity::Pm2_5 if sticks.0 <= at && at < sticks.1 => reading.value = Milli(61_803),
                Quantity::Temperature if loose.0 <= at && at < loose.1 => match place % 7 {
                    0 => reading.value = Milli(2_000),
                    3 => reading.value = Milli(94_000),
                    5 if node.ix.0.is_multiple_of(3) => reading.value = Milli(97_000),
                    _ => {}
                },
                _ => {}
            }
        }
    }
}

/// Sensors set aside and released, one quantity or all; the rule on dust becomes stricter, then milder.
fn act(history: &mut History, seed: u64) {
    let mut rng = StdRng::seed_from_u64(seed ^ 0xac7);
    let by = || "ada".to_owned();
    let mut inputs = Vec::new();
    for (minute, quantity) in [
        (5, Some(Quantity::Pm2_5)),
        (8, None),
        (11, Some(Quantity::PersonsIn)),
        (14, Some(Quantity::Temperature)),
    ] {
        let node = NodeIx(rng.random_range(0..8));
        let at = |minute: Millis| BEGIN + minute * MINUTE + 700;
        let from = at(minute) - rng.random_range(0..5 * MINUTE);
        let aside = Action::Quarantine {
            node,
            quantity,
            from,
            by: by(),
        };
        inputs.push((at(minute), Input::Action(aside)));
        let quantity = quantity.or(Some(Quantity::Temperature));
        let again = Action::Release {
            node,
            quantity,
            by: by(),
        };
        inputs.push((at(minute + 4), Input::Action(again)));
        // Nobody had set it aside: she overrules what the rules find.
        let trusted = Action::Release {
            node: NodeIx(rng.random_range(0..8)),
            quantity: None,
            by: by(),
        };
        inputs.push((at(minute + 5), Input::Action(trusted)));
    }
    for (minute, stuck) in [(9, 5), (21, 2)] {
        let rules = Input::Quality(Arc::new(quality(stuck)));
        inputs.push((BEGIN + minute * MINUTE + 30 * SECOND, rules));
    }
    inputs.sort_by_key(|(at, _)| *at);
    for (at, input) in inputs {
        let tick = tick_at(at);
        let place = history.events.partition_point(|(before, _)| *before < tick);
        history.events.insert(place, (tick, Event::Input(input)));
    }
}

/// Runs on two numbers of workers and compares with the oracle.
fn check(history: &History, workers: [usize; 2], what: &str) -> Vec<TickOutput> {
    let outputs = history.run_paced(workers[0], HORIZON);
    let others = history.run_paced(workers[1], 70 * SECOND);
    assert_eq!(
        revision_lines(&outputs),
        revision_lines(&others),
        "{what}: {workers:?}"
    );
    let ledger = |outputs: &[TickOutput]| -> Vec<(Withdrawal, bool)> {
        let rows = outputs.iter().flat_map(|output| output.withdrawals.clone());
        rows.collect()
    };
    assert_eq!(
        ledger(&outputs),
        ledger(&others),
        "{what}: withdrawals, {workers:?}"
    );
    let answer = oracle::answer(history);
    let said = last_zone_values(&outputs);
    for (key, right) in &answer.zones {
        let Some(row) = said.get(key) else {
            panic!("{what}: the engine says nothing of {key:?}, the oracle {right:?}");
        };
        // Directions and energies go through floats.
        let near = row
            .figures
            .map(|figures| (figures.mean.0 - right.figures.mean.0).abs() <= 1);
        let counted = matches!(key.1, Value::Quantity(_));
        let heard = (row.completeness.heard, row.suspect) == (right.heard, right.suspect);
        let heard = !counted || heard;
        assert!(
            near == Some(true) && heard,
            "{what}: {key:?}\n oracle {right:?}\n engine {row:?}"
        );
    }
    for key in said.keys() {
        assert!(
            answer.zones.contains_key(key),
            "{what}: the engine invents {key:?}"
        );
    }
    let mut expected = Vec::new();
    let rules = rules(history);
    for ((rule, zone), islands) in &answer.alerts {
        for island in islands.iter().filter(|_| !rules[&rule.0].1) {
            let (end, standing) = match island.end {
                End::Open => (None, Standing::Open),
                End::Unconfirmed => (None, Standing::Unconfirmed),
                End::BackToNormal(at) | End::NoData(at) => (Some(at), Standing::Cleared),
            };
            let zone = format!("zone-{}", zone.0);
            expected.push((rules[&rule.0].0.clone(), zone, island.onset, end, standing));
        }
    }
    expected.sort();
    let harmless: BTreeSet<String> = rules
        .into_values()
        .filter(|(_, safety)| !safety)
        .map(|(id, _)| id)
        .collect();
    let mut said = alerts_said(&outputs);
    said.retain(|(rule, ..)| harmless.contains(rule));
    assert_eq!(expected, said, "{what}: alerts (oracle, engine)");
    outputs
}

/// Rule, zone, onset, end, standing.
type AlertLine = (String, String, Millis, Option<Millis>, Standing);

fn alerts_said(outputs: &[TickOutput]) -> Vec<AlertLine> {
    let last = last_revisions(outputs).into_values();
    let mut lines: Vec<AlertLine> = last
        .filter(|r| r.unit == "ug/m3" || r.unit == "Cel" || standing(r.state).is_some())
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

/// By number: name, and whether it is a safety matter.
fn rules(history: &History) -> BTreeMap<u32, (String, bool)> {
    let versions = history.inputs().filter_map(|(_, input)| match input {
        Input::Rules(rules) => Some(rules.clone()),
        _ => None,
    });
    let row = |rule: &pipeline::rules::Rule| {
        (
            rule.ix.0,
            (rule.id.to_string(), rule.condition.value.is_safety()),
        )
    };
    versions
        .flat_map(|rules| rules.iter().map(row).collect::<Vec<_>>())
        .collect()
}

/// What stands after some ticks.
fn standing_withdrawals<'a>(
    outputs: impl IntoIterator<Item = &'a TickOutput>,
) -> BTreeSet<Withdrawal> {
    let mut standing = BTreeSet::new();
    for (row, stands) in outputs.into_iter().flat_map(|output| &output.withdrawals) {
        match stands {
            true => standing.insert(row.clone()),
            false => standing.remove(row),
        };
    }
    standing
}
