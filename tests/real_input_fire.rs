//! Real house fires through the pipeline, against the times at which real alarms in the same rooms went off.
//!
//! Goal: every fire raises an alert, and how long after the recorded alarms is known.
//! Method: smoke meters, ceiling thermocouples and gas meters speak every two seconds as nodes of their room;
//! rules hold what standards ask of alarms. Single delays are printed, not judged: they depend on where the experimenters
//! hung what. Judged is the score of all criteria together: in every room with alarms it raises one, half of them
//! no later than a quarter of a minute after the room's median alarm, and none long before anything burns there.

use std::collections::BTreeMap;

use tests::real::fires::{self, ROOMS, RULES, TESTS};
use tests::real::replayed::{moment, replay};

#[test]
fn every_fire_raises_an_alert() {
    let rows: Vec<_> = (0..TESTS.len()).flat_map(fires::rows).collect();
    let outcome = replay(&fires::town(), &rows, 2);

    // (zone, rule) → when it was first raised.
    let mut raised: BTreeMap<(String, String), String> = BTreeMap::new();
    for revision in &outcome.revisions {
        let text = |field: &str| revision[field].as_str().unwrap_or_default().to_owned();
        assert_ne!(text("state"), "cancelled", "{revision}");
        raised
            .entry((text("zone"), text("rule")))
            .or_insert(text("updated"));
    }
    let alerted = |test: usize, room: char, rule: &str| {
        let at = raised.get(&(fires::zone(test, room), rule.to_owned()))?;
        Some(seconds_after_ignition(test, at))
    };

    let mut delays = Vec::new();
    println!("seconds after ignition; first and median alarm of the room as recorded");
    print!("{:<8} {:>7} {:>7}", "room", "first", "median");
    RULES.iter().for_each(|rule| print!(" {rule:>12}"));
    println!("   fire against first, median");
    for (test, name) in TESTS.iter().enumerate() {
        let alarms = fires::alarms(test);
        for room in ROOMS {
            let recorded = alarms.get(&room).map(Vec::as_slice).unwrap_or_default();
            let (first, median) = (recorded.first(), recorded.get(recorded.len() / 2));
            let early = alerted(test, room, "fire");
            if let (Some(first), Some(median)) = (first, median) {
                let fire = early.unwrap_or_else(|| panic!("{name}, room {room}: no fire"));
                assert!(
                    fire > *first as f64 - 30.0,
                    "{name}, room {room}: too early"
                );
                delays.push(fire - *median as f64);
            }
            print!("{:<8}", fires::zone(test, room));
            print!(" {:>7} {:>7}", whole(first), whole(median));
            for rule in RULES {
                let at = alerted(test, room, rule);
                print!(
                    " {:>12}",
                    at.map_or("-".to_owned(), |at| format!("{at:.1}"))
                );
            }
            println!("   {:>8} {:>8}", delay(early, first), delay(early, median));
        }
        let soonest = |rule| {
            let rooms = ROOMS.iter().filter_map(|room| alerted(test, *room, rule));
            rooms.min_by(f64::total_cmp)
        };
        let (early, certain) = (soonest("fire"), soonest("smoke"));
        let first = alarms.values().flatten().min();
        println!(
            "{name} as a whole: first recorded alarm {} s, fire {} s, smoke {} s after it",
            whole(first),
            delay(early, first),
            delay(certain, first),
        );
        assert!(certain.is_some(), "{name} raised no alert");
    }
    delays.sort_by(f64::total_cmp);
    let (rooms, median) = (delays.len(), delays[delays.len() / 2]);
    println!(
        "{rooms} rooms with alarms: median delay of the score against the median alarm {median:+.1} s"
    );
    assert!(rooms >= 14 && median <= 15.0);
}

fn whole(seconds: Option<&i64>) -> String {
    seconds.map_or("-".to_owned(), i64::to_string)
}

fn delay(alerted: Option<f64>, recorded: Option<&i64>) -> String {
    match (alerted, recorded) {
        (Some(alerted), Some(recorded)) => format!("{:+.1}", alerted - *recorded as f64),
        _ => "-".to_owned(),
    }
}

fn seconds_after_ignition(test: usize, updated: &str) -> f64 {
    (moment(updated) - fires::ignition(test)) as f64 / 1000.0
}
