//! Incident detection: how much of what happens on a simulated road it finds, how soon, how often it is wrong; and that
//! the pipeline says what a slow computation says, whatever is late, missing, withdrawn or restarted in between.
//!
//! Incidents on the simulated road ([`tests::road`]) are found by California #8 with its published thresholds where they
//! drain the lower station in the minutes in which the upper one fills: near it, or when most lanes are blocked. Without
//! the temporal test (a calibration) nearly all are found, a little later. Waves of a rush hour pass stations that stand
//! close together at once and fool nobody; at 1.2 km they look like incidents for minutes.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};

use pipeline::calendar::{MINUTE, Millis, tick_at};
use pipeline::city::ZoneIx;
use pipeline::derived::Derived;
use pipeline::output::TickOutput;
use pipeline::quality::{Cause, Flaw};
use pipeline::rules::Value;
use pipeline::science::traffic::incident::{Occupancies, State, Thresholds};
use tests::city::{BEGIN, HORIZON};
use tests::faults::Order;
use tests::history::{History, last_zone_values, revision_lines};
use tests::oracle;
use tests::oracle::california::{self, PUBLISHED, states_by_8, watched};
use tests::road::{self, Loops, Score, accident, rush_hour};
use tests::stations::{CORRECTED, history};
use wire::{Milli, Quantity};

/// Runs of each kind.
const RUNS: u64 = 40;
/// Metres between the stations, in cells of 150 m.
const SPACINGS: [usize; 3] = [3, 5, 8];
type Step = fn(State, &Occupancies, &Thresholds) -> State;

/// States of all minutes; the first two are free.
fn states(loops: &Loops, t: &Thresholds, step: Step) -> Vec<State> {
    let mut states = vec![State::Free; 2];
    for window in loops.windows(3) {
        let now = Occupancies {
            upstream: window[2].0,
            downstream: window[2].1,
            downstream_before: window[0].1,
        };
        states.push(step(states[states.len() - 1], &now, t));
    }
    states
}

/// By spacing: one lane blocked, two lanes blocked, rush hours.
fn scores(t: &Thresholds, step: Step) -> Vec<[Score; 3]> {
    let score = |spacing: usize| {
        let mut score: [Score; 3] = Default::default();
        for seed in 0..RUNS {
            let plans = [
                accident(seed, spacing, 1),
                accident(seed, spacing, 2),
                rush_hour(seed, spacing),
            ];
            for (plan, score) in plans.iter().zip(&mut score) {
                score.count(&states(&road::drive(plan), t, step), plan.incident);
            }
        }
        score
    };
    let scores: Vec<[Score; 3]> = SPACINGS.into_iter().map(score).collect();
    for (spacing, kinds) in SPACINGS.iter().zip(&scores) {
        for (kind, score) in ["one lane", "two lanes", "rush hour"].iter().zip(kinds) {
            println!(
                "{:5} m, {kind:9}: {:5.1} % found, after {:.1} min, {:.3} % false ({} in {:.0} h)",
                spacing * 150,
                100.0 * score.detection_rate(),
                score.mean_delay_min(),
                100.0 * score.false_alarm_rate(),
                score.false_alarms,
                score.quiet_min as f64 / 60.0,
            );
        }
    }
    scores
}

#[test]
fn the_published_thresholds_find_what_blocks_most_of_the_road() {
    let scores = scores(&Thresholds::default(), State::next_by_8);
    for (spacing, [one, two, _]) in SPACINGS.iter().zip(&scores) {
        assert!(two.detection_rate() >= 0.7, "{spacing}: {two:?}");
        assert!(two.mean_delay_min() <= 4.0, "{spacing}: {two:?}");
        assert!(one.detection_rate() <= two.detection_rate(), "{one:?}");
        // Free traffic is never taken for an incident.
        assert_eq!((one.false_alarms, two.false_alarms), (0, 0));
    }
    // The further apart, the less happens to both stations at once.
    assert!(scores[0][0].detection_rate() > scores[2][0].detection_rate());
    let near = &scores[0][2];
    assert_eq!(near.false_alarms, 0, "{near:?}");
    assert!(scores[1][2].false_alarm_rate() < 0.001);
    assert!(scores[2][2].false_alarm_rate() < 0.01);
}

/// DOCCTD only tells how fast the road below drained: without it nothing is missed.
#[test]
fn calibrated_thresholds_find_nearly_all() {
    let calibrated = Thresholds {
        occdf: Milli::whole(15),
        occrdf: Milli(600),
        docctd: Milli::whole(-100),
        ..Thresholds::default()
    };
    let scores = scores(&calibrated, State::next_by_8);
    for (spacing, [one, two, rush]) in SPACINGS.iter().zip(&scores) {
        assert!(one.detection_rate() >= 0.95, "{spacing}: {one:?}");
        assert!(two.detection_rate() >= 0.95, "{spacing}: {two:?}");
        assert!(one.mean_delay_min() <= 8.0, "{spacing}: {one:?}");
        assert_eq!((one.false_alarms, two.false_alarms), (0, 0));
        assert!(rush.false_alarm_rate() < 0.002, "{spacing}: {rush:?}");
    }
}

/// What #8 was made for: fewer of the waves of a rush hour are taken for incidents, and no incident less is found.
#[test]
fn compression_waves_fool_7_more_often_than_8() {
    let t = Thresholds::default();
    let (by_7, by_8) = (scores(&t, State::next_by_7), scores(&t, State::next_by_8));
    let waves = |scores: &[[Score; 3]]| -> usize {
        scores.iter().map(|[.., rush]| rush.false_alarms).sum()
    };
    assert!(
        waves(&by_8) < waves(&by_7),
        "{} and {}",
        waves(&by_8),
        waves(&by_7)
    );
    for (by_7, by_8) in by_7.iter().flatten().zip(by_8.iter().flatten()) {
        assert_eq!(by_7.found, by_8.found);
    }
}

/// The flow charts, as drawn, against the science: every minute of every run.
#[test]
fn the_flow_charts_agree_with_the_science() {
    let t = Thresholds::default();
    let mut seen = [0; 9];
    for seed in 0..RUNS {
        for spacing in SPACINGS {
            for plan in [accident(seed, spacing, 2), rush_hour(seed, spacing)] {
                let loops = road::drive(&plan);
                let (mut by_7, mut by_8) = (0, 0);
                let science_7 = states(&loops, &t, State::next_by_7);
                let science_8 = states(&loops, &t, State::next_by_8);
                for (minute, window) in loops.windows(3).enumerate() {
                    let now = (window[2].0.to_f64(), window[2].1.to_f64());
                    let before = window[0].1.to_f64();
                    by_7 = california::next_by_7(by_7, now, before, &PUBLISHED);
                    by_8 = california::next_by_8(by_8, now, before, &PUBLISHED);
                    assert_eq!(number(science_7[minute + 2]), by_7, "{plan:?}");
                    assert_eq!(number(science_8[minute + 2]), by_8, "{plan:?}");
                    seen[usize::from(by_8)] += 1;
                }
            }
        }
    }
    assert!(seen.iter().all(|count| *count > 0), "states seen: {seen:?}");
}

fn number(state: State) -> u8 {
    match state {
        State::Free => 0,
        State::CompressionWave(minutes) => minutes,
        State::Tentative => 6,
        State::Confirmed => 7,
        State::Continuing => 8,
    }
}

const SEEDS: std::ops::Range<u64> = 0..3;

#[test]
fn every_arrival_order_says_what_the_slow_walk_says_on_any_number_of_workers() {
    let (mut confirmed, mut flaws) = (0, BTreeSet::new());
    for seed in SEEDS {
        for order in Order::INSIDE.into_iter().chain([Order::TooLate]) {
            let history = history(seed, order, CORRECTED);
            let outputs = history.run(1);
            let expected = slow(&history);
            assert_eq!(told(&outputs), expected, "seed {seed}, {order:?}");
            let others = history.run(1 + seed as usize);
            assert_eq!(revision_lines(&outputs), revision_lines(&others));
            confirmed += expected.values().filter(|state| **state == 2).count();
            let withdrawn = outputs.iter().flat_map(|output| &output.withdrawals);
            flaws.extend(withdrawn.filter_map(|(row, _)| match row.cause {
                Cause::Flaw(flaw) => Some(flaw),
                Cause::Operator(_) => None,
            }));
        }
    }
    assert!(confirmed > 10, "{confirmed} incidents confirmed");
    let looked_for = Flaw::ALL.into_iter().filter(|flaw| flaw.is_of_detector());
    assert_eq!(flaws, looked_for.collect(), "flaws that were found");
}

#[test]
fn a_restart_in_the_middle_of_an_incident_changes_nothing() {
    for seed in SEEDS {
        let horizon = [HORIZON, CORRECTED][seed as usize % 2];
        let history = history(seed, Order::Late, horizon);
        let whole = history.run(1);
        for minute in [9, 12, 17, 26, 34] {
            let cut = tick_at(BEGIN + minute * MINUTE + 300);
            let restarted = history.run_restarted(cut, [2, 1]).unwrap();
            let what = format!("seed {seed}, restarted at minute {minute}");
            assert_eq!(revision_lines(&whole), revision_lines(&restarted), "{what}");
            assert_eq!(told(&whole), told(&restarted), "{what}");
        }
    }
}

/// States as the rule watches them, by upstream zone and start.
type States = BTreeMap<(ZoneIx, Millis), i64>;

fn told(outputs: &[TickOutput]) -> States {
    let last = last_zone_values(outputs);
    let states = last
        .iter()
        .filter(|((_, value, _), _)| *value == Value::Derived(Derived::TrafficIncident));
    states
        .map(|((zone, _, start), row)| ((*zone, *start), row.figures.unwrap().mean.0 / 1000))
        .collect()
}

/// The slow walk over the oracle's occupancies.
fn slow(history: &History) -> States {
    let answer = oracle::answer(history);
    let occupancies = |zone: u32| -> BTreeMap<Millis, f64> {
        let of_zone = answer.zones.iter().filter(|((of, value, _), _)| {
            *of == ZoneIx(zone) && *value == Value::Quantity(Quantity::LaneOccupancy)
        });
        of_zone
            .map(|((.., start), pane)| (*start, pane.figures.mean.to_f64()))
            .collect()
    };
    let mut states = States::new();
    for zone in [0, 1] {
        let (above, below) = (occupancies(zone), occupancies(zone + 1));
        let both = above
            .iter()
            .filter_map(|(start, above)| Some((*start, (*above, *below.get(start)?))));
        let numbers = states_by_8(&both.collect(), &below, MINUTE, &PUBLISHED);
        let numbers = numbers.into_iter();
        states.extend(numbers.map(|(start, number)| ((ZoneIx(zone), start), watched(number))));
    }
    states
}
