//! The four flaws of a sensor, each at its edge.

use wire::{Milli, Quantity};

use super::quality::{Judge, Seen, Spell, median_of_others};
use crate::calendar::{MINUTE, Millis};
use crate::quality::{Neighbours, QualityRule, Spike};

const NOTHING: QualityRule = QualityRule {
    quantity: Quantity::Pm2_5,
    stuck: None,
    spike: None,
    range: None,
    neighbours: None,
    detector: None,
    recover: None,
    flags: None,
};

/// One pane a minute: the value, and how far its readings are spread around it.
fn panes(values: &[(i64, i64)]) -> Vec<Seen> {
    let seen = |(at, (value, spread)): (usize, &(i64, i64))| Seen {
        start: at as Millis * MINUTE,
        end: (at as Millis + 1) * MINUTE,
        mean: Milli(*value),
        min: Milli(value - spread),
        max: Milli(value + spread),
        saturated: false,
        others: None,
    };
    values.iter().enumerate().map(seen).collect()
}

/// Spells as (from, until, decided) in minutes.
fn spells(rule: &QualityRule, panes: &[Seen]) -> Vec<(Millis, Option<Millis>, Millis)> {
    let mut judge = Judge::default();
    let mut found = Vec::new();
    for pane in panes {
        judge.step(rule, pane, &mut |spell| found.push(spell));
    }
    found.extend(judge.lasting());
    let minutes = |s: Spell| {
        (
            s.from / MINUTE,
            s.until.map(|at| at / MINUTE),
            s.decided / MINUTE,
        )
    };
    found.into_iter().map(minutes).collect()
}

#[test]
fn the_same_value_for_so_long_is_stuck_and_another_ends_it() {
    let rule = QualityRule {
        stuck: Some(4 * MINUTE),
        recover: Some(2 * MINUTE),
        ..NOTHING
    };
    let mut said = vec![(1, 0), (7, 0), (7, 0), (7, 0)];
    assert_eq!(
        spells(&rule, &panes(&said)),
        [],
        "three minutes are not four"
    );
    said.push((7, 0));
    assert_eq!(spells(&rule, &panes(&said)), [(1, None, 5)]);
    said.extend([(7, 0), (8, 0), (9, 0)]);
    assert_eq!(
        spells(&rule, &panes(&said)),
        [(1, None, 5)],
        "still recovering"
    );
    said.push((8, 0));
    assert_eq!(spells(&rule, &panes(&said)), [(1, Some(8), 5)]);
    let trembling = [(7, 1); 9];
    assert_eq!(
        spells(&rule, &panes(&trembling)),
        [],
        "it says different values"
    );
}

#[test]
fn a_silence_longer_than_the_rule_looks_begins_anew() {
    let rule = QualityRule {
        stuck: Some(4 * MINUTE),
        ..NOTHING
    };
    let mut said = panes(&[(7, 0); 12]);
    said.retain(|pane| pane.start < 2 * MINUTE || pane.start > 8 * MINUTE);
    assert_eq!(spells(&rule, &said), []);
    said.retain(|pane| pane.start != MINUTE);
    said.extend(panes(&[(7, 0); 4]).iter().skip(3).copied());
    said.sort();
    assert_eq!(said.len(), 5);
    assert_eq!(spells(&rule, &said), [], "neither does the one between");
}

#[test]
fn spikes_are_spreads_and_jumps_and_one_of_them_is_none() {
    let rule = QualityRule {
        spike: Some(Spike {
            by: Milli(50),
            count: 3,
            within: 8 * MINUTE,
        }),
        recover: Some(MINUTE),
        ..NOTHING
    };
    let calm = (10, 1);
    let jumping = [
        calm,
        (70, 1),
        calm,
        (-50, 1),
        calm,
        (10, 25),
        calm,
        calm,
        calm,
    ];
    assert_eq!(spells(&rule, &panes(&jumping)), [(1, Some(7), 6)]);
    assert_eq!(spells(&rule, &panes(&jumping[..5])), [], "two are no flaw");
    let step = [calm, calm, (70, 1), (70, 1), (10, 1), (70, 1), (70, 1)];
    assert_eq!(spells(&rule, &panes(&step)), [], "one jump down, and steps");
    // The third jump is known when its successor is.
    let late = [calm, (70, 1), calm, calm, (70, 1), calm, calm, (70, 1)];
    assert_eq!(spells(&rule, &panes(&late)), []);
    let known = [&late[..], &[calm]].concat();
    assert_eq!(spells(&rule, &panes(&known)), [(1, None, 9)]);
}

#[test]
fn what_the_sensor_cannot_say_is_out_of_range_at_once() {
    let rule = QualityRule {
        range: Some((Milli(0), Milli(500))),
        ..NOTHING
    };
    let said = panes(&[(0, 0), (500, 0), (500, 1), (3, 0), (3, 0)]);
    assert_eq!(spells(&rule, &said), [(2, Some(4), 3)]);
}

#[test]
fn the_median_of_two_is_either_of_them() {
    let four = [3, 5, 400, 900].map(Milli);
    assert_eq!(
        median_of_others(&four[..2], 1),
        None,
        "one other is nobody's judge"
    );
    assert_eq!(
        median_of_others(&four[..3], 0),
        Some((Milli(5), Milli(400)))
    );
    assert_eq!(median_of_others(&four, 0), Some((Milli(400), Milli(400))));
    assert_eq!(median_of_others(&four, 3), Some((Milli(5), Milli(5))));
    let rule = QualityRule {
        neighbours: Some(Neighbours {
            by: Milli(100),
            lasting: 2 * MINUTE,
        }),
        ..NOTHING
    };
    let beside = |others| {
        let mut said = panes(&[(20, 0); 4]);
        said.iter_mut().for_each(|pane| pane.others = others);
        spells(&rule, &said)
    };
    assert_eq!(beside(Some((Milli(20), Milli(400)))), []);
    assert_eq!(beside(Some((Milli(120), Milli(400)))), []);
    assert_eq!(beside(Some((Milli(121), Milli(400)))), [(0, None, 2)]);
    assert_eq!(beside(Some((Milli(-90), Milli(-81)))), [(0, None, 2)]);
    assert_eq!(beside(None), []);
}
