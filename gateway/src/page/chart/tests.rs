//! What a drawing has and has not, read from its SVG.

#![allow(clippy::unwrap_used)]

use pipeline::alert::{AlertId, Completeness, State};
use pipeline::calendar::{HOUR, MINUTE};
use pipeline::output::Figures;
use pipeline::rules::{Danger, Severity, Value};
use pipeline::science::air::Standard;
use wire::Milli;

use super::sheet::{LARGE, SMALL};
use super::*;
use crate::board::sample::{NOON, face};
use crate::board::series::Point;

fn history(value: Value, means: &[i64]) -> History {
    let count = means.len() as i64;
    let points = means.iter().zip(0..).map(|(&mean, k)| Point {
        start: NOON - (count - k) * MINUTE,
        end: NOON - (count - k - 1) * MINUTE,
        figures: Figures {
            mean: Milli(mean),
            min: Milli(mean * 9 / 10),
            max: Milli(mean * 11 / 10),
            ..Figures::default()
        },
        completeness: Completeness {
            heard: 2,
            expected: 2,
        },
        suspect: 0,
    });
    History {
        value,
        points: points.collect(),
        settled: means.len(),
    }
}

fn drawing(history: &History, sheet: &Sheet, change: impl FnOnce(&mut Chart)) -> String {
    let face = face();
    let mut chart = Chart {
        l: Language::English,
        face: &face,
        title: "Value",
        history,
        ground: Ground::default(),
        times: [NOON - HOUR, NOON, NOON],
        lines: Vec::new(),
        spells: Vec::new(),
        expected: Vec::new(),
    };
    change(&mut chart);
    let seen = chart.seen();
    chart.draw(sheet).into_string() + &legend::draw(chart.l, &seen).into_string()
}

#[test]
fn what_is_sure_what_may_change_and_who_was_missing_look_different() {
    let temperature = Value::Quantity(wire::Quantity::Temperature);
    let mut told = history(temperature, &[20_000; 30]);
    let svg = drawing(&told, &LARGE[0], |_| {});
    assert!(
        !svg.contains("provisional") && !svg.contains("p-missing"),
        "{svg}"
    );
    told.settled = 20;
    told.points[5].completeness.heard = 1;
    told.points[12].figures.saturated = true;
    told.points.drain(14..19);
    told.settled -= 5;
    let svg = drawing(&told, &LARGE[0], |_| {});
    for part in [
        "class=\"mean provisional\"",
        "fill=\"url(#p-missing)\"",
        "class=\"least\"",
        "nodes were missing",
        "at least: a sensor was at its limit",
        "provisional: may still change",
    ] {
        assert!(svg.contains(part), "no «{part}» in {svg}");
    }
    assert_eq!(
        svg.matches("class=\"mean\"").count(),
        2,
        "a line and its legend"
    );
    told.points.drain(8..14);
    told.settled -= 6;
    let svg = drawing(&told, &LARGE[0], |_| {});
    assert_eq!(
        svg.matches("class=\"mean\"").count(),
        3,
        "a hole breaks the line: {svg}"
    );
}

#[test]
fn few_people_are_drawn_as_their_range_and_told_as_no_number() {
    let people = history(Value::CrowdCount, &[3_210, 2_220, 1_230]);
    let svg = drawing(&people, &LARGE[0], |_| {});
    assert!(svg.contains("fill=\"url(#p-withheld)\""), "{svg}");
    assert!(
        svg.contains("few people are a range (&lt; 5 people)"),
        "{svg}"
    );
    for secret in ["3.21", "2.22", "1.23", "class=\"now\""] {
        assert!(!svg.contains(secret), "«{secret}» in {svg}");
    }
    // The same drawing whatever the few are.
    let others = history(Value::CrowdCount, &[1_000, 4_999, 3_000]);
    assert_eq!(svg, drawing(&others, &LARGE[0], |_| {}));
}

#[test]
fn lines_and_alerts_are_named_and_lead_on_where_there_is_room() {
    let density = history(Value::CrowdDensity, &[4_600; 40]);
    let over = |chart: &mut Chart| {
        chart.lines = vec![Line {
            rule: "crowd-danger".parse().unwrap(),
            at: Milli(4_000),
            level: 4.0,
            severity: Severity::Severe,
            direction: Danger::Above,
        }];
        let spell = |id, from, end, state| Spell {
            id: AlertId(id),
            rule: "crowd-danger".parse().unwrap(),
            severity: Severity::Severe,
            state,
            from,
            end,
        };
        chart.spells = vec![
            spell(1, NOON - 20 * MINUTE, None, State::Raised),
            spell(
                2,
                NOON - 50 * MINUTE,
                Some(NOON - 30 * MINUTE),
                State::Cancelled,
            ),
        ];
    };
    let svg = drawing(&density, &LARGE[0], over);
    for part in [
        "class=\"line s-severe\"",
        "Severe ≥ 4",
        "href=\"/alert/00000000000000000000000000000001\"",
        "aria-label=\"Alert crowd-danger: Severe, Raised, since 08:40\"",
        "fill=\"url(#p-severe)\"",
        "class=\"spell s-severe cancelled\"",
        "alert that was cancelled",
    ] {
        assert!(svg.contains(part), "no «{part}» in {svg}");
    }
    // A card is a link itself; nothing in it is another.
    assert!(!drawing(&density, &SMALL, over).contains("<a "));
}

#[test]
fn what_is_expected_stands_behind_now_within_its_bounds() {
    let air = history(Value::AirIndex(Standard::UsEpa2024), &[80_000; 20]);
    let svg = drawing(&air, &LARGE[0], |chart| {
        chart.times[2] = NOON + 3 * HOUR;
        chart.expected = vec![Expected {
            at: NOON + HOUR,
            mean: 110.0,
            low: 90.0,
            high: 140.0,
        }];
    });
    for part in [
        "class=\"present\"",
        "class=\"bounds\"",
        "class=\"band air-2\"",
        "class=\"ahead\"",
        ">Moderate<",
    ] {
        assert!(svg.contains(part), "no «{part}» in {svg}");
    }
}

#[test]
fn nothing_to_draw_is_said() {
    let nothing = history(Value::CrowdDensity, &[]);
    assert!(drawing(&nothing, &SMALL, |_| {}).contains("No figures in this time."));
}
