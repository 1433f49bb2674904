//! The history over a real store against plain loops over everything that was ever said.

use super::*;
use crate::board::sample::{NOON, face, revision};
use crate::events::Events;
use crate::journal::{Journal, Unwritten};
use crate::metrics::Metrics;
use pipeline::calendar::MINUTE;
use pipeline::output::TickOutput;
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use std::path::Path;

fn open(dir: &Path) -> Journal {
    let events = Events::new(Arc::new(Metrics::new().unwrap()));
    Journal::open(dir, events, None).unwrap()
}

/// Some of what a city's rules say in the course of time: alerts that open, go on, end, are found never to have been
/// true, come back; of each tick what people were told and what a rule in shadow said.
fn life(seed: u64, ticks: i64) -> Vec<TickOutput> {
    let mut random = SmallRng::seed_from_u64(seed);
    let mut standing: Vec<(Revision, bool)> = Vec::new();
    let mut outputs = Vec::new();
    for number in 0..ticks {
        let now = NOON + number * MINUTE;
        let mut output = TickOutput {
            tick: tick_at(now),
            ..TickOutput::default()
        };
        for _ in 0..random.random_range(0..3) {
            let place = random.random_range(0..12 + standing.len() / 8);
            let (next, shadow) = match standing.get_mut(place) {
                Some((last, shadow)) => {
                    last.revision += 1;
                    last.updated = now;
                    last.state = match random.random_range(0..8) {
                        0 => State::Cancelled,
                        1 | 2 => State::Cleared,
                        3 => State::Unconfirmed,
                        _ => State::Updated,
                    };
                    last.end = (last.state == State::Cleared)
                        .then(|| now - random.random_range(-1..20) * MINUTE);
                    if random.random_range(0..4) == 0 {
                        last.onset -= random.random_range(-5..30) * MINUTE;
                    }
                    (last.clone(), *shadow)
                }
                None => {
                    let shadow = random.random_range(0..4) == 0;
                    let first = revision(random.random(), 1, State::Raised, now);
                    standing.push((first.clone(), shadow));
                    (first, shadow)
                }
            };
            // One revision of an alert a tick, as the book has it.
            let all = output.revisions.iter().chain(&output.shadow);
            let said = all.filter(|r| r.id == next.id).count();
            match (said, shadow) {
                (0, true) => output.shadow.push(next),
                (0, false) => output.revisions.push(next),
                _ => standing.retain(|(last, _)| last.id != next.id),
            }
        }
        output.revisions.sort_by_key(Revision::order);
        outputs.push(output);
    }
    outputs
}

fn write(journal: &mut Journal, unwritten: &Unwritten, outputs: &[TickOutput]) {
    for output in outputs {
        unwritten.push(output);
        journal.write_alerts().unwrap();
    }
}

/// What a plain loop over everything that was said answers.
fn by_hand(outputs: &[TickOutput], question: Question) -> Vec<AlertId> {
    let face = face();
    let known = question.known_at.unwrap_or(Millis::MAX);
    let mut last = std::collections::BTreeMap::new();
    for output in outputs.iter().filter(|o| o.tick as Millis <= known) {
        last.extend(output.revisions.iter().map(|r| (r.id, r)));
    }
    let holds = |revision: &Revision| match question.true_at {
        Some(at) => {
            let ended = revision.end.is_some_and(|end| end <= at);
            revision.state != State::Cancelled && revision.onset <= at && !ended
        }
        None => {
            revision.state.is_open() || revision.updated + face.retention(revision.rule) > known
        }
    };
    let held = last.into_values().filter(|revision| holds(revision));
    held.map(|revision| revision.id).collect()
}

fn ids(answer: &Answer) -> Vec<AlertId> {
    let mut ids: Vec<AlertId> = answer.alerts.iter().map(|r| r.id).collect();
    ids.sort_unstable();
    ids
}

/// Every question at many moments from `from` on.
fn check(history: &Alerts, outputs: &[TickOutput], from: Millis) {
    let end = outputs.last().unwrap().tick as Millis;
    let ask = |question| {
        let answer = answer(history, &face(), question, tick_at(end + 1), LIMIT_MAX).unwrap();
        let expected = by_hand(outputs, question);
        assert_eq!(ids(&answer), expected, "{question:?}");
        expected.len()
    };
    let mut answered = 0;
    for step in 0..=40 {
        let at = from + (end - from) * step / 40;
        let other = from + (end - from) * (step * 17 % 41) / 40;
        for (known_at, true_at) in [(Some(at), None), (None, Some(at)), (Some(other), Some(at))] {
            answered += ask(Question { known_at, true_at });
        }
    }
    assert!(answered > 100, "{answered}");
}

#[test]
fn both_clocks_say_what_a_plain_loop_over_everything_says() {
    for seed in 0..3 {
        let dir = tempfile::tempdir().unwrap();
        let outputs = life(seed, 3_000);
        let (first, second) = outputs.split_at(1_700);
        let mut journal = open(dir.path());
        let unwritten = journal.unwritten();
        write(&mut journal, &unwritten, first);
        assert_eq!(
            journal.floor(),
            first
                .iter()
                .rev()
                .find(|o| !o.revisions.is_empty() || !o.shadow.is_empty())
                .unwrap()
                .tick
        );
        drop(journal);
        // After a restart the last part is made again, and the rest follows.
        let mut journal = open(dir.path());
        let unwritten = journal.unwritten();
        write(&mut journal, &unwritten, &first[1_500..]);
        write(&mut journal, &unwritten, second);
        check(&journal.alerts(), &outputs, NOON);
        let told: Vec<_> = journal.alerts().all().map(Result::unwrap).collect();
        let said: usize = outputs
            .iter()
            .map(|o| o.revisions.len() + o.shadow.len())
            .sum();
        assert_eq!(told.len(), said, "each once");
        assert!(told.iter().any(|told| told.shadow));
    }
}

#[test]
fn what_was_told_stays_when_it_is_said_again_in_other_words() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = open(dir.path());
    let unwritten = journal.unwritten();
    let mut output = TickOutput {
        tick: tick_at(NOON),
        revisions: vec![revision(1, 1, State::Raised, NOON)],
        ..TickOutput::default()
    };
    write(&mut journal, &unwritten, std::slice::from_ref(&output));
    output.revisions[0].provisional = false;
    write(&mut journal, &unwritten, &[output]);
    let story = story(&journal.alerts(), AlertId(1)).unwrap().unwrap();
    assert_eq!(story.revisions, [revision(1, 1, State::Raised, NOON)]);
}

#[test]
fn what_is_forgotten_is_refused_and_what_is_kept_stays_right() {
    let dir = tempfile::tempdir().unwrap();
    // Longer than an ended alert stays on any list, and as much again.
    let outputs = life(7, 3_000);
    let end = outputs.last().unwrap().tick;
    let mut journal = open(dir.path());
    let unwritten = journal.unwritten();
    write(&mut journal, &unwritten, &outputs);
    let all = journal.alerts().all().count();
    let revisions = tick_at(40 * HOUR / 10 + face().retention_max());
    let kept = Kept {
        inputs: tick_at(HOUR),
        revisions,
    };
    let mut forgotten = 0;
    for round in 0.. {
        let step = journal.forget(end, kept).unwrap().revisions;
        forgotten += step;
        if round > 0 && step == 0 {
            break;
        }
    }
    let history = journal.alerts();
    assert_eq!(history.from(), end - revisions);
    assert_eq!(history.all().count() as u64 + forgotten, all as u64);
    assert!(forgotten > all as u64 / 4, "{forgotten} of {all}");
    let begins = begins(&history, &face()) as Millis;
    check(&history, &outputs, begins);
    let question = Question {
        known_at: Some(begins - 1),
        true_at: None,
    };
    let error = answer(&history, &face(), question, end + 1, LIMIT_MAX).unwrap_err();
    assert!(error.to_string().contains("before what is kept"), "{error}");
    drop((journal, history));
    // The same after a restart, whose replay cannot bring back what was forgotten.
    let mut journal = open(dir.path());
    let unwritten = journal.unwritten();
    write(&mut journal, &unwritten, &outputs[..1_000]);
    let history = journal.alerts();
    assert_eq!(history.from(), end - revisions);
    assert_eq!(history.all().count() as u64 + forgotten, all as u64);
    check(&history, &outputs, begins);
}

#[test]
fn a_moment_that_is_not_over_is_refused_and_a_long_answer_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = open(dir.path());
    let unwritten = journal.unwritten();
    let revisions = (0..20).map(|id| revision(id, 1, State::Raised, NOON));
    let output = TickOutput {
        tick: tick_at(NOON),
        revisions: revisions.collect(),
        ..TickOutput::default()
    };
    write(&mut journal, &unwritten, &[output]);
    let history = journal.alerts();
    let question = Question {
        known_at: Some(NOON),
        true_at: None,
    };
    let error = answer(&history, &face(), question, tick_at(NOON), 5).unwrap_err();
    assert!(error.to_string().contains("not over yet"), "{error}");
    let cut = answer(&history, &face(), question, tick_at(NOON) + 1, 5).unwrap();
    assert_eq!((cut.alerts.len(), cut.total), (5, 20));
}

#[test]
fn a_moment_is_read_as_people_write_it() {
    for text in [
        "2026-11-22T01:00:00Z",
        "2026-11-22T09:00:00+08:00",
        "2026-11-22T09:00:00 08:00",
        "1795309200000",
    ] {
        assert_eq!(moment(text), Ok(NOON), "{text}");
    }
    for text in [
        "",
        "yesterday",
        "2026-11-22T01:00:00",
        "2026-13-22T01:00:00Z",
        "99999999999999999999",
    ] {
        assert!(moment(text).unwrap_err().contains("time"), "{text}");
    }
}
