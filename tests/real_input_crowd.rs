//! People walking through a bottleneck, counted by a camera, against the published densities; a door counted both ways.
//!
//! Goal: crowd density of a pane is the classic density that the experiment's own analysis printed, averaged
//! over the same pane, within one percent.
//! Method: paths become the counts of an area counter, 16 a second; the zone has the measurement area's ground.

use pipeline::calendar::{DAY, HOUR, Millis, SECOND};
use tests::real::replayed::replay;
use tests::real::town::{Town, TownGate};
use tests::real::{bottleneck, door};
use wire::Quantity;

/// Default pane width of a person count.
const PANE: Millis = 10 * SECOND;

#[test]
fn density_at_the_bottleneck_is_what_was_published() {
    let outcome = replay(&bottleneck::town(), &bottleneck::rows(), 1);
    let published = bottleneck::published_density_by_frame();
    let frames = |start: Millis| {
        published
            .iter()
            .filter(move |(frame, _)| {
                (start..start + PANE).contains(&bottleneck::frame_at(**frame))
            })
            .map(|(_, density)| *density)
    };
    println!("pane start s, frames, density /m2, published /m2, difference %");
    let mut panes = 0;
    for start in (bottleneck::START..bottleneck::START + 60 * SECOND).step_by(PANE as usize) {
        let count = frames(start).count();
        let expected = frames(start).sum::<f64>() / count as f64;
        let key = |value: &str| (bottleneck::ZONE.to_owned(), value.to_owned(), start);
        let got = outcome.panes[&key("crowd_density")].mean as f64 / 1000.0;
        let off = (got / expected - 1.0) * 100.0;
        println!(
            "{:>12} {count:>7} {got:>11.3} {expected:>14.3} {off:>13.3}",
            (start - bottleneck::START) / SECOND
        );
        assert!(off.abs() < 1.0, "{got} against {expected} at {start}");
        assert_eq!(outcome.panes[&key("person_count")].count, count as u64);
        panes += 1;
    }
    assert_eq!(panes, 6);

    // Three panes in a row were past 3 persons a square metre: one alert, raised once and ended.
    let states: Vec<_> = outcome
        .revisions
        .iter()
        .map(|revision| revision["state"].as_str().unwrap_or_default())
        .collect();
    assert_eq!(states.first(), Some(&"raised"), "{states:?}");
    assert_eq!(states.last(), Some(&"cleared"), "{states:?}");
    let peak = outcome.revisions.last().map(|revision| &revision["value"]);
    assert_eq!(peak.and_then(serde_json::Value::as_f64), Some(3.693));
}

/// The door of a university building, counted both ways for fifteen weeks (CalIt2, 2005): on average 8 people more go in
/// than out each day, so that without a head count the building would hold 819 people in the end. Counted as empty at
/// four every night it never does, and nobody is ever missing.
#[test]
fn a_door_that_drifts_is_put_right_every_night() {
    let mut town = Town {
        city_toml: "[city]\nid = \"campus\"\n[silence]\nafter = \"off\"\n\
                    [privacy]\nfloor = 0\n[panes]\nperson_count = \"30m\"\n\
                    persons_in = \"30m\"\npersons_out = \"30m\"\n\
                    [[crowd.anchor]]\nzone = \"building\"\nat = \"04:00\"\ncount = 0\n"
            .to_owned(),
        ..Town::default()
    };
    town.somewhere("building", "building", "", Some(4_000.0));
    let both = [Quantity::PersonsIn, Quantity::PersonsOut];
    town.node("door", "building", None, &both);
    town.gates.push(TownGate {
        node: "door".to_owned(),
        from_zone: String::new(),
        to_zone: "building".to_owned(),
    });
    let (rows, net) = door::rows();
    assert_eq!((rows.len(), net), (2 * 5_039, 819));
    let outcome = replay(&town, &rows, 1);
    let people = outcome
        .panes
        .iter()
        .filter(|((_, value, _), _)| value == "crowd_count");
    let (mut panes, mut most, mut nights, mut empty) = (0, 0, 0, 0);
    for ((.., start), pane) in people {
        assert!(0 <= pane.min && pane.min <= pane.mean && pane.mean <= pane.max);
        panes += 1;
        most = most.max(pane.mean);
        // The half hour before the head count, when the truth is about nobody.
        if start.rem_euclid(DAY) == 7 * HOUR / 2 {
            nights += 1;
            empty += i64::from(pane.min <= 2_000);
        }
    }
    println!(
        "{panes} half hours, at most {} people; {empty} of {nights} nights held nobody (two at most) within the bounds",
        most / 1000
    );
    // All but those before the first head count.
    assert_eq!(panes, 5_039 - 7);
    // Without head counts it would be over 800 in the end.
    assert!(most < 300_000, "{most}");
    assert!(2 * empty >= nights, "{empty} of {nights}");
}
