//! A sensor's panes flagged: at the thresholds, beside gaps, with poor input, and as streams are.

use wire::Milli;

use super::climatology::{Season, When};
use super::flat_line::{Flat, flat_lines};
use super::pane::{FlagRule, Flags, FlatFor, Test, flags};
use super::rate_of_change::Rates;
use super::{Flag, Point, Thresholds};
use crate::calendar::{HOUR, MINUTE, Millis, SECOND};
use crate::science::quality::Seen;

fn pane(minute: Millis, value: i64) -> Seen {
    Seen {
        start: minute * MINUTE,
        end: (minute + 1) * MINUTE,
        mean: Milli(value),
        min: Milli(value),
        max: Milli(value),
        saturated: false,
        others: None,
    }
}

fn flagged(rule: &FlagRule, panes: &[Seen]) -> Vec<Flags> {
    let flag = |place: usize| {
        let earlier = panes[..place].iter().rev();
        flags(rule, &panes[place], 0, earlier, panes.get(place + 1))
    };
    (0..panes.len()).map(flag).collect()
}

fn of(test: Test, rule: &FlagRule, panes: &[Seen]) -> Vec<u8> {
    let all = flagged(rule, panes);
    all.iter().map(|flags| flags.of(test).code()).collect()
}

fn both(suspect: i64, fail: i64) -> Thresholds {
    Thresholds {
        suspect: Some(Milli(suspect)),
        fail: Some(Milli(fail)),
    }
}

#[test]
fn every_test_is_strict_and_one_without_thresholds_is_not_evaluated() {
    let rule = FlagRule {
        suspect_range: Some((Milli(0), Milli(30))),
        fail_range: Some((Milli(-5), Milli(40))),
        spike: both(3, 6),
        rate: Some(Rates {
            by: both(20, 100),
            per: MINUTE,
        }),
        neighbour: both(5, 9),
        ..FlagRule::default()
    };
    let panes: Vec<Seen> = [0, 20, 41, 0, 0]
        .into_iter()
        .zip(0..)
        .map(|(value, minute)| pane(minute, value))
        .collect();
    assert_eq!(of(Test::GrossRange, &rule, &panes), [1, 1, 4, 1, 1]);
    assert_eq!(of(Test::Spike, &rule, &panes), [2, 1, 4, 4, 2]);
    assert_eq!(of(Test::RateOfChange, &rule, &panes), [1, 1, 3, 3, 1]);
    assert_eq!(of(Test::Neighbour, &rule, &panes), [2; 5]);
    let beside = Seen {
        others: Some((Milli(0), Milli(0))),
        ..pane(0, 9)
    };
    assert_eq!(of(Test::Neighbour, &rule, &[beside]), [3]);
    let all = flagged(&rule, &panes);
    let aggregates = all.iter().map(|flags| flags.aggregate().code());
    assert_eq!(aggregates.collect::<Vec<_>>(), [1, 1, 4, 4, 1]);
    for flags in flagged(&FlagRule::default(), &panes) {
        assert_eq!(flags.0, [Flag::NotEvaluated; 7]);
        assert!(!flags.is_news());
    }
}

#[test]
fn a_pane_is_judged_by_its_readings_and_its_month() {
    let wild = Seen {
        min: Milli(-9),
        max: Milli(31),
        ..pane(0, 10)
    };
    let january = Season {
        when: When::Months(1),
        suspect: Some((Milli(0), Milli(9))),
        fail: None,
    };
    let rule = FlagRule {
        suspect_range: Some((Milli(0), Milli(30))),
        fail_range: Some((Milli(-5), Milli(40))),
        climatology: vec![january],
        ..FlagRule::default()
    };
    let flag = |month, test| flags(&rule, &wild, month, [].iter(), None).of(test);
    assert_eq!(
        flag(0, Test::GrossRange),
        Flag::Fail,
        "one reading is enough"
    );
    assert_eq!(flag(0, Test::Climatology), Flag::Suspect);
    assert_eq!(flag(1, Test::Climatology), Flag::NotEvaluated);
}

#[test]
fn beyond_a_gap_nobody_is_a_neighbour_in_time() {
    let rule = FlagRule {
        spike: both(3, 6),
        rate: Some(Rates {
            by: both(1, 2),
            per: HOUR,
        }),
        gap: Some(2 * MINUTE),
        ..FlagRule::default()
    };
    let panes = [pane(0, 0), pane(2, 50), pane(5, 0), pane(6, 0)];
    assert_eq!(of(Test::Gap, &rule, &panes), [2, 1, 4, 1]);
    assert_eq!(of(Test::Spike, &rule, &panes), [2, 2, 2, 2]);
    assert_eq!(of(Test::RateOfChange, &rule, &panes), [1, 4, 1, 1]);
    let third = flagged(&rule, &panes)[2];
    assert_eq!(
        third.aggregate(),
        Flag::Good,
        "what came after a gap is no worse for it"
    );
    assert!(third.is_news());
}

/// A sensor at the end of its range is not flat, not fast and no spike: it is cut off.
#[test]
fn a_saturated_pane_is_suspect_and_no_value() {
    let rule = FlagRule {
        suspect_range: Some((Milli(0), Milli(500))),
        spike: both(1, 2),
        flat: Some(FlatFor {
            suspect: Some(2 * MINUTE),
            fail: None,
            tolerance: Milli(1),
        }),
        ..FlagRule::default()
    };
    let at_the_end = |minute| Seen {
        saturated: true,
        ..pane(minute, 500)
    };
    let panes = [0, 1, 2, 3].map(at_the_end);
    assert_eq!(of(Test::GrossRange, &rule, &panes), [3; 4]);
    assert_eq!(of(Test::FlatLine, &rule, &panes), [2; 4]);
    assert_eq!(of(Test::Spike, &rule, &panes), [2; 4]);
}

/// The vectors' streams of a minute have the same flags as panes.
#[test]
fn panes_of_a_regular_stream_are_flat_where_the_stream_is() {
    let (suspect, fail) = (Some(180 * SECOND), Some(300 * SECOND));
    for values in [
        &[1000, 2000, 2000, 2000, 2000, 2000, 2000, 2000, 2000, 3000][..],
        &[1000, 1010, 1020, 1010, 1000, 1010, 5000, 5000],
        &[1000, 1000],
    ] {
        for tolerance in [0, 1, 50].map(Milli) {
            let flat = Some(FlatFor {
                suspect,
                fail,
                tolerance,
            });
            let rule = FlagRule {
                flat,
                ..FlagRule::default()
            };
            let panes: Vec<Seen> = values
                .iter()
                .zip(0..)
                .map(|(value, minute)| pane(minute, *value))
                .collect();
            let stream: Vec<Point> = panes
                .iter()
                .map(|pane| Point {
                    at: pane.start,
                    value: Some(pane.mean),
                })
                .collect();
            let flat = Flat {
                suspect,
                fail,
                tolerance,
            };
            let expected: Vec<u8> = flat_lines(&stream, &flat)
                .iter()
                .map(|flag| flag.code())
                .collect();
            assert_eq!(
                of(Test::FlatLine, &rule, &panes),
                expected,
                "{values:?} within {tolerance}"
            );
        }
    }
    // Two equal values a day apart are no line; neither is a run that a longer silence cut.
    let rule = FlagRule {
        flat: Some(FlatFor {
            suspect,
            fail,
            tolerance: Milli(1),
        }),
        ..FlagRule::default()
    };
    let apart = [0, 1, 2, 1440, 1441].map(|minute| pane(minute, 7));
    assert_eq!(of(Test::FlatLine, &rule, &apart), [1; 5]);
}
