//! People walking through a bottleneck, counted by a camera, against the published densities.
//!
//! Goal: crowd density of a pane is the classic density that the experiment's own analysis printed, averaged
//! over the same pane, within one percent.
//! Method: paths become the counts of an area counter, 16 a second; the zone has the measurement area's ground.

use pipeline::calendar::{Millis, SECOND};
use tests::real::bottleneck;
use tests::real::replayed::replay;

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
