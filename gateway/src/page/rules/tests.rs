//! What the pages of rules say, read from their HTML.

use std::sync::Arc;

use pipeline::alert::State;
use pipeline::calendar::{HOUR, MINUTE, SECOND};
use pipeline::rules::{Condition, Danger, Rule, RuleIx, Severity, Statistic, Step, Value};
use wire::Milli;

use super::*;
use crate::access::{Asker, Role};
use crate::board::Board;
use crate::board::sample::{NOON, face, revision};
use crate::page::{Reader, Theme};

fn rule(id: &str, ix: u32, shadow: bool) -> Rule {
    Rule {
        ix: RuleIx(ix),
        id: id.parse().unwrap(),
        kind: "crowd".parse().unwrap(),
        condition: Condition {
            value: Value::CrowdDensity,
            statistic: Statistic::Mean,
            direction: Danger::Above,
            raise_at: Milli(4_000),
            clear_at: Milli(3_500),
            raise_after: 30 * SECOND,
            clear_after: MINUTE,
            gap_max: MINUTE,
            severity: Severity::Severe,
            peak_step: Milli::ZERO,
            hold: MINUTE,
            shadow,
        },
        zones: vec![pipeline::city::ZoneIx(0)],
        escalation: vec![Step {
            after: 5 * MINUTE,
            to: vec!["duty <officer>".to_owned()],
        }],
        source: "Still: 4 p/m2".to_owned(),
    }
}

/// A rule in force that fired twice and once for nothing; beside it one in shadow, which would have fired once.
fn scene(language: Language) -> RulesScene {
    let rules = vec![rule("crowd-danger", 0, false), rule("crowd-try", 1, true)];
    let mut face = face();
    face.rules = rules.iter().map(RuleFace::from).collect();
    face.book.rules = Arc::new(rules);
    let told = |id, state, shadow: bool, ago: Millis| {
        let mut revision = revision(id, 1, state, NOON - ago);
        revision.end = (!state.is_open()).then_some(NOON - ago);
        if shadow {
            revision.rule = "crowd-try".parse().unwrap();
        }
        Told { shadow, revision }
    };
    RulesScene {
        view: View {
            picture: Board::new(face).picture(NOON),
            reader: Reader {
                language,
                theme: Theme::Auto,
                asker: Asker::anyone(Role::Viewer),
            },
            trouble: None,
            said: None,
        },
        told: vec![
            told(1, State::Raised, false, 0),
            told(2, State::Cleared, false, 3 * HOUR),
            told(3, State::Cancelled, false, 5 * HOUR),
            told(4, State::Cleared, true, 3 * HOUR),
        ],
        changes: vec![Change {
            at: NOON - HOUR,
            rule: "crowd-danger".to_owned(),
            what: What::Changed,
            lines: vec![
                (Side::Was, "raise_at = 5".to_owned()),
                (Side::Is, "raise_at = 4".to_owned()),
            ],
        }],
        untold: None,
    }
}

#[test]
fn a_rule_is_a_sentence_with_what_it_said() {
    let page = whole(&scene(Language::English)).into_string();
    for said in [
        "Crowd density (mean) at 4 people/m² or more for 30 s raises a severe alert; it ends below 3.5 people/m² for 1 min.",
        "1 open now",
        "fired 2 times in the last day",
        "1 cancelled",
        "in shadow: tells nobody",
        "href=\"/rules/crowd-danger\"",
        "− </span>raise_at = 5</del>",
        "+ </span>raise_at = 4</ins>",
    ] {
        assert!(page.contains(said), "no «{said}» in {page}");
    }
    let page = whole(&scene(Language::Chinese)).into_string();
    let said = "人群密度（均值）达到或超过4 人/m²并持续30秒时，发出“严重”警报；低于3.5 人/m²并持续1分钟后解除。";
    assert!(page.contains(said), "no «{said}» in {page}");
}

#[test]
fn one_rule_says_its_source_its_people_and_its_lines() {
    let scene = scene(Language::English);
    let id = "crowd-danger".parse().unwrap();
    let page = one::whole(&scene, scene.view.picture.face.rule(id).unwrap()).into_string();
    for said in [
        "Still: 4 p/m2",
        "Not acknowledged after 5 min",
        "told to duty &lt;officer&gt;",
        "clear_for = &quot;1m&quot;",
        "zones = [&quot;quay&quot;]",
        "href=\"/zone/quay?value=crowd_density\"",
        "href=\"/alert/00000000000000000000000000000001\"",
    ] {
        assert!(page.contains(said), "no «{said}» in {page}");
    }
    assert!(!page.contains("What it would have said"));
}

#[test]
fn a_rule_in_shadow_is_set_beside_those_it_stands_in_for() {
    let scene = scene(Language::English);
    let id = "crowd-try".parse().unwrap();
    let page = one::whole(&scene, scene.view.picture.face.rule(id).unwrap()).into_string();
    let count = |name: &str, count: usize| format!("<dt>{name}</dt><dd>{count}</dd>");
    // The one open now it has not; the one three hours ago both have.
    for said in [
        count("more alerts", 0),
        count("fewer alerts", 1),
        count("the same", 1),
        "In the place of <a href=\"/rules/crowd-danger\">".to_owned(),
    ] {
        assert!(page.contains(&said), "no «{said}» in {page}");
    }
    assert!(
        !page.contains("href=\"/alert/"),
        "nothing of it is anywhere else: {page}"
    );
}

#[test]
fn rules_that_watch_nothing_of_the_readers_are_none_of_the_readers() {
    let mut scene = scene(Language::English);
    let mut face = (*scene.view.picture.face).clone();
    face.rules[1].zones.clear();
    scene.view.picture.face = Arc::new(face);
    assert!(!whole(&scene).into_string().contains("crowd-try"));
}
