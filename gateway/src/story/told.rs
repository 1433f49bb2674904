//! The story through the pipeline itself, with nothing in between: every expected alert is raised when it
//! should be and ends when it should, and there is no other.

use std::collections::BTreeMap;

use pipeline::alert::{AlertId, Reason, Revision, State, Status};
use pipeline::calendar::{HOUR, MINUTE, Millis, SECOND, tick_at};
use pipeline::engine::{Engine, EngineConfig};
use pipeline::input::Input;
use wire::Quantity;

use super::{CYCLE, Diary, EXPECTED, Story, cycle_start};
use crate::harbour;

#[test]
fn the_pipeline_tells_exactly_the_expected_alerts() {
    let loaded = harbour::load().unwrap();
    let (sender, received) = std::sync::mpsc::channel();
    let config = EngineConfig {
        workers: 1,
        calendar: loaded.calendar.clone(),
        status: Status::Simulated,
    };
    let sink = Box::new(move |output: pipeline::output::TickOutput| {
        sender.send(output.revisions).unwrap();
    });
    let mut engine = Engine::start(config, None, sink);
    let start = cycle_start(1_795_309_200_000);
    let before = tick_at(start - 13 * HOUR);
    engine.input(before, Input::City(loaded.city.clone()));
    engine.input(before, Input::Rules(loaded.rules.clone()));
    engine.input(before, Input::Quality(loaded.quality.clone()));
    let diary = Diary::new(Story::new(1), loaded.city.clone());
    for at in (start - 13 * HOUR..start + CYCLE).step_by(30_000) {
        // Air needs its hours before, the rest only the story itself.
        let page = diary.page(at, |quantity| match quantity {
            Quantity::Pm2_5 if at < start => Some(5 * MINUTE),
            Quantity::Pm2_5 | Quantity::WaterLevel | Quantity::LaneOccupancy => Some(MINUTE),
            Quantity::PersonCount
            | Quantity::H2s
            | Quantity::Nh3
            | Quantity::Cl2
            | Quantity::Smoke
            | Quantity::Heat => (at >= start).then_some(30 * SECOND),
            _ => None,
        });
        if !page.is_empty() {
            engine.observe(tick_at(at), &page);
        }
    }
    engine.finish();

    let mut latest: BTreeMap<AlertId, Revision> = BTreeMap::new();
    let mut unconfirmed = Vec::new();
    for revision in received.iter().flatten().filter(|r| r.onset >= start) {
        if revision.state == State::Unconfirmed {
            unconfirmed.push(revision.rule.to_string() + " in " + revision.zone.as_str());
        }
        latest.insert(revision.id, revision);
    }
    let minute = |moment: Millis| (moment - start) / MINUTE;
    for expected in EXPECTED {
        let told: Vec<&Revision> = latest
            .values()
            .filter(|r| r.rule.as_str() == expected.rule && r.zone.as_str() == expected.zone)
            .collect();
        let [alert] = told[..] else {
            panic!("one alert is expected, not {}: {expected:?}", told.len());
        };
        assert_eq!(alert.state, State::Cleared, "{expected:?}");
        assert_eq!(alert.reason, Reason::BackToNormal, "{expected:?}");
        let (earliest, latest) = expected.onset;
        let (onset, end) = (minute(alert.onset), alert.end.map_or(0, minute));
        assert!(
            earliest <= onset && onset <= latest && onset < end && end <= expected.over_by,
            "{expected:?} was true from minute {onset} to {end}"
        );
    }
    assert_eq!(latest.len(), EXPECTED.len());
    // The gauge that sticks is withdrawn; until its neighbour is heard, its alert is not over.
    assert!(
        unconfirmed.contains(&"quay-high-water in kite-quay".to_owned()),
        "{unconfirmed:?}"
    );
}
