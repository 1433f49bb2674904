use super::*;
use crate::board::sample::{NOON, face, revision};
use pipeline::calendar::MINUTE;
use proptest::prelude::*;

/// An alert of a rule at the quay, in minutes after noon; without an end it is open.
fn alert(id: u128, rule: &str, onset: i64, end: Option<i64>) -> Revision {
    let state = end.map_or(State::Raised, |_| State::Cleared);
    Revision {
        rule: RuleId::new(rule).unwrap(),
        onset: NOON + onset * MINUTE,
        end: end.map(|end| NOON + end * MINUTE),
        ..revision(id, 1, state, NOON + 999 * MINUTE)
    }
}

fn ids(alerts: &[Revision]) -> Vec<u128> {
    alerts.iter().map(|alert| alert.id.0).collect()
}

fn pairs(alerts: &[(Revision, Revision)]) -> Vec<(u128, u128)> {
    let pairs = alerts.iter();
    pairs.map(|(old, new)| (old.id.0, new.id.0)).collect()
}

#[test]
fn alerts_are_alike_moved_added_or_removed() {
    let old = [
        alert(1, "a", 0, Some(10)),
        alert(2, "a", 20, Some(30)),
        alert(3, "a", 40, Some(50)),
        alert(4, "a", 60, None),
    ];
    let new = [
        alert(11, "a", 0, Some(10)),
        alert(12, "a", 22, Some(30)),
        alert(13, "a", 52, Some(55)),
        alert(14, "a", 60, Some(70)),
    ];
    let found = differences(old, new);
    assert_eq!(pairs(&found.same), [(1, 11)]);
    assert_eq!(pairs(&found.moved), [(2, 12), (4, 14)]);
    assert_eq!(ids(&found.removed), [3]);
    assert_eq!(ids(&found.added), [13]);
    let (was, would_be) = (face(), face());
    let report = Report::of(&found, [&was, &would_be], (NOON, NOON + 90 * MINUTE), 100);
    assert_eq!(report.verdict, "1 added, 1 removed, 2 moved, 1 alike");
    let all = &report.rules[&RuleId::new("a").unwrap()];
    assert_eq!(
        *all,
        Counts {
            was: 4,
            would_be: 4
        }
    );
}

#[test]
fn an_alert_keeps_to_its_own_rule_and_place() {
    // Two levels of one kind, both true at once; the candidates know the upper one alone.
    let lower = alert(1, "lower", 0, Some(30));
    let upper = alert(2, "upper", 10, Some(20));
    let found = differences([lower, upper], [alert(12, "upper", 11, Some(20))]);
    assert_eq!(pairs(&found.moved), [(2, 12)]);
    assert_eq!(ids(&found.removed), [1]);
    let mut elsewhere = alert(12, "a", 0, Some(10));
    elsewhere.zone = ZoneId::new("mole").unwrap();
    let found = differences([alert(1, "a", 0, Some(10))], [elsewhere]);
    assert_eq!(
        (ids(&found.removed), ids(&found.added)),
        (vec![1], vec![12])
    );
}

#[test]
fn a_cancelled_alert_was_never_said_and_another_severity_is_a_difference() {
    let mut cancelled = alert(1, "a", 0, Some(10));
    cancelled.state = State::Cancelled;
    assert_eq!(differences([cancelled], []), Differences::default());
    let mut worse = alert(11, "a", 0, Some(10));
    worse.severity = Severity::Extreme;
    let found = differences([alert(1, "a", 0, Some(10))], [worse]);
    assert_eq!(pairs(&found.moved), [(1, 11)]);
}

#[test]
fn a_rule_in_shadow_stands_in_for_those_that_do_its_work() {
    let rule = |id: &str, severity, shadow| RuleFace {
        id: RuleId::new(id).unwrap(),
        severity,
        shadow,
        ..face().rules[0].clone()
    };
    let (severe, minor) = (Severity::Severe, Severity::Minor);
    let tried = rule("tried", severe, true);
    let danger = rule("danger", severe, false);
    let warning = rule("warning", minor, false);
    let other = rule("other", severe, true);
    let mut elsewhere = rule("elsewhere", severe, false);
    elsewhere.zones.clear();
    let names = |rules: &[RuleFace]| -> Vec<String> {
        let ids = stands_in_for(&tried, rules);
        ids.iter().map(RuleId::to_string).collect()
    };
    let all = [&tried, &danger, &warning, &other, &elsewhere].map(Clone::clone);
    assert_eq!(names(&all), ["danger"]);
    assert_eq!(names(&[tried.clone(), warning]), ["warning"]);
    assert_eq!(names(&[tried.clone(), other]), Vec::<String>::new());
}

/// The obvious answer: again and again the best pair of all that are left.
fn by_hand(mut olds: Vec<Revision>, mut news: Vec<Revision>) -> Differences {
    let mut found = Differences::default();
    let order = |r: &Revision| (r.onset, r.id);
    olds.sort_by_key(order);
    news.sort_by_key(order);
    loop {
        let mut best: Option<((bool, bool, Millis), usize, usize)> = None;
        for (o, old) in olds.iter().enumerate() {
            for (n, new) in news.iter().enumerate() {
                let end = |r: &Revision| r.end.unwrap_or(Millis::MAX).max(r.onset + 1);
                let shared = end(old).min(end(new)) - old.onset.max(new.onset);
                if shared <= 0 || old.zone != new.zone {
                    continue;
                }
                let alike = (old.onset, old.end) == (new.onset, new.end);
                let rank = (old.rule == new.rule, alike, shared);
                if best.is_none_or(|(known, ..)| rank > known) {
                    best = Some((rank, o, n));
                }
            }
        }
        let Some((rank, o, n)) = best else { break };
        let pair = (olds.remove(o), news.remove(n));
        match rank.1 {
            true => found.same.push(pair),
            false => found.moved.push(pair),
        }
    }
    found.same.sort_by_key(|(old, _)| order(old));
    found.moved.sort_by_key(|(old, _)| order(old));
    (found.removed, found.added) = (olds, news);
    found
}

fn alerts(first_id: u128) -> impl Strategy<Value = Vec<Revision>> {
    let one = (
        0..40_i64,
        proptest::option::of(0..12_i64),
        0..2_usize,
        any::<bool>(),
    );
    proptest::collection::vec(one, 0..12).prop_map(move |all| {
        let numbered = (first_id..).zip(all);
        let made = numbered.map(|(id, (onset, lasting, rule, far))| {
            let end = lasting.map(|lasting| onset + lasting);
            let mut made = alert(id, ["a", "b"][rule], onset, end);
            if far {
                made.zone = ZoneId::new("mole").unwrap();
            }
            made
        });
        made.collect()
    })
}

proptest! {
    #[test]
    fn the_best_pairs_are_found_as_by_hand(old in alerts(0), new in alerts(100)) {
        let found = differences(old.clone(), new.clone());
        // Where zones differ nothing is shared, so each may be done by itself.
        let mut expected = by_hand(old.clone(), new.clone());
        let order = |r: &Revision| (r.onset, r.id);
        expected.removed.sort_by_key(order);
        expected.added.sort_by_key(order);
        prop_assert_eq!(&found, &expected);
        // And nobody is lost.
        prop_assert_eq!(found.removed.len() + found.moved.len() + found.same.len(), old.len());
        prop_assert_eq!(found.added.len() + found.moved.len() + found.same.len(), new.len());
    }
}
