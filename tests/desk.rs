//! What people do about alerts, over restarts: a life whole and restarted in its middle say the same, byte for byte.
//!
//! Alert ids are given by the figures alone, so a first run without people tells which alerts there will be. Then
//! people acknowledge, comment, assign, settle and silence at random, rules escalate, and the same life is run on
//! other numbers of workers, promised time more or less often, and cut anywhere. A failure names its seed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use pipeline::alert::{AlertId, Desk, Reason, Revision};
use pipeline::calendar::{MINUTE, Millis, SECOND, Tick, tick_at};
use pipeline::city::{City, ZoneIx};
use pipeline::incident::{Incident, IncidentState};
use pipeline::input::{Action, Input, Scope, Verdict};
use pipeline::output::TickOutput;
use pipeline::rules::{Rule, Step};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tests::city::{self, BEGIN, HORIZON, LENGTH};
use tests::faults::{self, Order};
use tests::history::{Event, History, revision_lines};

const SEEDS: std::ops::Range<u64> = 0..4;

#[test]
fn a_restart_in_the_middle_of_peoples_work_changes_no_byte() {
    let (mut reasons, mut shadows) = (BTreeSet::new(), 0);
    for seed in SEEDS {
        let history = peopled(seed);
        let whole = history.run(1);
        let lines = revision_lines(&whole);
        incidents_hold_what_stands_open(seed, &whole);
        for revision in whole.iter().flat_map(|output| &output.shadow) {
            assert_eq!(
                revision.desk,
                Desk::default(),
                "seed {seed}: in shadow nobody is told"
            );
            shadows += 1;
        }
        reasons.extend(revisions(&whole).map(|revision| revision.reason));
        for (workers, pace) in [(2, 70 * SECOND), (1, 2 * HORIZON)] {
            let others = history.run_paced(workers, pace);
            same(&lines, &revision_lines(&others), seed, "workers and pace");
            assert_eq!(silences(&whole), silences(&others), "seed {seed}: silences");
            assert_eq!(
                incidents(&whole),
                incidents(&others),
                "seed {seed}: incidents"
            );
        }
        for minute in [7, 13, 19, 26, 31, 47] {
            let cut = tick_at(BEGIN + (minute + seed as Millis) * MINUTE + 300);
            let restarted = match history.run_restarted(cut, [2, 1]) {
                Ok(outputs) => outputs,
                Err(error) => panic!("seed {seed}: the snapshot does not come back: {error}"),
            };
            let what = format!("whole and restarted at minute {minute}");
            same(&lines, &revision_lines(&restarted), seed, &what);
            // The first tick after a restart says the silences in force once more.
            let mut again = silences(&restarted);
            again.dedup_by(|later, earlier| later.1 == earlier.1);
            assert_eq!(silences(&whole), again, "seed {seed}: silences, {what}");
            assert_eq!(
                incidents(&whole),
                incidents(&restarted),
                "seed {seed}: incidents, {what}"
            );
        }
    }
    assert!(shadows > 0, "no rule in shadow ever said anything");
    for reason in [
        Reason::Acknowledged,
        Reason::Commented,
        Reason::Assigned,
        Reason::Proposed,
        Reason::Settled,
        Reason::Silenced,
        Reason::Escalated,
    ] {
        assert!(
            reasons.contains(&reason),
            "nothing was ever {reason:?}: the lives are too quiet"
        );
    }
}

/// What people hold open is in an incident like what the figures hold open, and nothing else is.
fn incidents_hold_what_stands_open(seed: u64, outputs: &[TickOutput]) {
    let (mut alerts, mut known) = (BTreeSet::new(), BTreeMap::new());
    for output in outputs {
        for revision in &output.revisions {
            match revision.state.is_open() {
                true => alerts.insert(revision.id),
                false => alerts.remove(&revision.id),
            };
        }
        for incident in &output.incidents {
            known.insert(incident.id, incident);
        }
        let open = known.values().filter(|i| i.state == IncidentState::Open);
        let held: BTreeSet<AlertId> = open.flat_map(|i| i.alerts.iter().copied()).collect();
        assert_eq!(alerts, held, "seed {seed}, tick {}", output.tick);
    }
}

/// Every revision of an incident, once.
fn incidents(outputs: &[TickOutput]) -> Vec<&Incident> {
    let mut known = BTreeSet::new();
    let all = outputs.iter().flat_map(|output| &output.incidents);
    all.filter(|i| known.insert((i.id, i.revision))).collect()
}

/// A seed's city with escalations, and people who deal with its alerts.
fn peopled(seed: u64) -> History {
    let plan = city::plan(seed);
    let mut city = City::clone(&plan.city);
    city.neighbours = vec![(ZoneIx(0), ZoneIx(1))];
    let start = tick_at(BEGIN);
    let mut rules: Vec<Rule> = Vec::clone(&plan.rules);
    for rule in &mut rules {
        let step = |after, to: &str| Step {
            after,
            to: vec![to.to_owned()],
        };
        rule.escalation = vec![step(3 * MINUTE, "duty"), step(9 * MINUTE, "mayor")];
    }
    rules[seed as usize].condition.shadow = true;
    let mut events = vec![
        (start, Event::Input(Input::City(Arc::new(city)))),
        (start, Event::Input(Input::Rules(Arc::new(rules.clone())))),
    ];
    let readings = city::readings(seed, &plan);
    for (tick, reading) in faults::arrivals(seed, Order::Late, &readings) {
        events.push((tick, Event::Observe(reading)));
    }
    let mut history = History {
        calendar: plan.calendar,
        events,
        until: tick_at(BEGIN + LENGTH + 3 * HORIZON),
    };
    let alone = history.run(1);
    let mut rng = StdRng::seed_from_u64(seed ^ 0xde5c);
    let mut deeds: Vec<(Tick, Action)> = Vec::new();
    for revision in revisions(&alone) {
        for _ in 0..rng.random_range(0..3) {
            let after = SECOND * rng.random_range(1..240);
            deeds.push((
                tick_at(revision.updated + after),
                deed(&mut rng, revision, &rules),
            ));
        }
    }
    for (tick, action) in deeds {
        put(&mut history, tick, Input::Action(action));
    }
    // A step that was due long ago under new rules is told at the tick of the rules, whatever else happens then.
    for rule in &mut rules {
        let to = vec!["press".to_owned()];
        rule.escalation.push(Step {
            after: 10 * MINUTE,
            to,
        });
    }
    put(
        &mut history,
        tick_at(BEGIN + 23 * MINUTE + 7),
        Input::Rules(Arc::new(rules)),
    );
    history.events.retain(|(tick, _)| *tick < history.until);
    history
}

fn deed(rng: &mut StdRng, revision: &Revision, rules: &[Rule]) -> Action {
    let alert = revision.id;
    let by = ["ada", "bo", "cy"][rng.random_range(0..3)].to_owned();
    match rng.random_range(0..12) {
        0 => Action::Acknowledge { alert, by },
        1 | 2 => {
            let text = format!("look {}", rng.random_range(0..3));
            Action::Comment { alert, by, text }
        }
        3..=5 => {
            let to = Some(by.clone());
            Action::Assign { alert, by, to }
        }
        6 => Action::Assign {
            alert,
            by,
            to: None,
        },
        7 | 8 => {
            let verdict = Verdict::Ended;
            Action::Settle { alert, by, verdict }
        }
        9 | 10 => {
            let verdict = Verdict::Stands;
            Action::Settle { alert, by, verdict }
        }
        _ => {
            let rule = rules.iter().find(|rule| rule.id == revision.rule);
            let scope = Scope {
                rule: rule.map(|rule| rule.ix).filter(|_| rng.random_bool(0.7)),
                ..Scope::default()
            };
            let until = revision.updated + MINUTE * rng.random_range(0..20);
            let text = "drill".to_owned();
            Action::Silence {
                scope,
                until,
                by,
                text,
            }
        }
    }
}

fn put(history: &mut History, tick: Tick, input: Input) {
    let place = history.events.partition_point(|(at, _)| *at < tick);
    history.events.insert(place, (tick, Event::Input(input)));
}

fn revisions(outputs: &[TickOutput]) -> impl Iterator<Item = &Revision> {
    outputs.iter().flat_map(|output| &output.revisions)
}

type InForce = (Tick, Vec<pipeline::output::Silence>);

fn silences(outputs: &[TickOutput]) -> Vec<InForce> {
    let said = |output: &TickOutput| Some((output.tick, output.silences.clone()?));
    let mut said: Vec<InForce> = outputs.iter().filter_map(said).collect();
    said.dedup_by(|later, earlier| later.1 == earlier.1);
    // Before the first there is none.
    said.retain({
        let mut begun = false;
        move |(_, silences)| {
            begun |= !silences.is_empty();
            begun
        }
    });
    said
}

/// Shows the first line that differs.
#[track_caller]
fn same(left: &[String], right: &[String], seed: u64, what: &str) {
    let differ = left.iter().zip(right).find(|(a, b)| a != b);
    if let Some((a, b)) = differ {
        panic!("seed {seed}, {what} differ:\n {a}\n {b}");
    }
    assert_eq!(left.len(), right.len(), "seed {seed}, {what}: revisions");
}
