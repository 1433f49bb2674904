//! Head counts that are known by the clock reach the journal of a running gateway, those of its absence too.

#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::sync::Arc;

use gateway::city::LoadedCity;
use gateway::clock::ScaledClock;
use gateway::journal::{self, Record};
use pipeline::calendar::{DAY, HOUR, Millis, SECOND, rfc3339, tick_at};
use pipeline::input::{Action, Input};
use tests::gateway::{EMBEDDED, Gateway, files, until};

/// 2026-03-01T00:00:00Z.
const MIDNIGHT: Millis = 1_772_323_200_000;

fn city() -> LoadedCity {
    let mut files = files(1, EMBEDDED);
    let anchor = "\n[[crowd.anchor]]\nzone = \"quay\"\nat = \"04:00\"\ncount = 12\n";
    files.city_toml.push_str(anchor);
    LoadedCity::from_sources(&files, None).unwrap()
}

/// A gateway that lives past the clock's `end`, in a hurry.
async fn live(data: &Path, start: Millis, end: Millis) {
    let clock = ScaledClock::starting_at(start, 60);
    let gateway = Gateway::start_at(data, city(), Arc::new(clock)).await;
    until("the dataflow has come so far", || {
        gateway
            .ready
            .board
            .read()
            .unwrap()
            .picture(end)
            .health
            .frontier
            > tick_at(end)
    })
    .await;
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_square_that_is_empty_at_four_is_counted_every_morning() {
    let dir = tempfile::tempdir().unwrap();
    let four = MIDNIGHT + 4 * HOUR;
    // A start takes city time, too, at this pace.
    live(dir.path(), four - 90 * SECOND, four + 20 * SECOND).await;
    // Nobody was there for two mornings.
    let later = four + 2 * DAY + HOUR;
    live(dir.path(), later, later + 20 * SECOND).await;

    let counted: Vec<String> = journal::read(dir.path())
        .unwrap()
        .filter_map(|entry| match entry.unwrap().1 {
            Record::Input(Input::Action(Action::Anchor { at, count, .. })) => {
                Some(format!("{} {count}", rfc3339(at)))
            }
            _ => None,
        })
        .collect();
    assert_eq!(
        counted,
        [
            "2026-03-01T04:00:00.000Z 12",
            "2026-03-02T04:00:00.000Z 12",
            "2026-03-03T04:00:00.000Z 12",
        ]
    );
}
