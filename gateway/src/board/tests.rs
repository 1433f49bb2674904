//! The board's promises: fresh or absent, never stale; ranges for few people; alerts until their horizon.

use super::picture::Standing;
use super::sample::{NOON, expected, face, revision, zone_value};
use super::*;
use pipeline::alert::State;
use pipeline::calendar::HOUR;
use pipeline::hearing::Heard;
use pipeline::quality::{Cause, Flaw};
use pipeline::rules::Severity;
use pipeline::science::air::Standard;
use wire::Quantity;

fn output(at: Millis) -> TickOutput {
    TickOutput {
        tick: at as Tick,
        ..TickOutput::default()
    }
}

fn standing(board: &Board, zone: &str, now: Millis) -> Standing {
    let picture = board.picture(now);
    let of = |z: &&picture::ZonePicture| picture.zone_face(z).id.as_str() == zone;
    picture.zones.iter().find(of).unwrap().standing
}

#[test]
fn a_zone_goes_from_unknown_to_normal_to_alert_and_back_to_unknown() {
    let mut board = Board::new(face());
    assert_eq!(standing(&board, "quay", NOON), Standing::Unknown);
    let density = zone_value(0, Value::CrowdDensity, NOON, 4200);
    board.apply(&TickOutput {
        zone_values: vec![density],
        ..output(NOON)
    });
    assert_eq!(standing(&board, "quay", NOON), Standing::Normal);
    assert_eq!(standing(&board, "mole", NOON), Standing::Unknown);
    board.apply(&TickOutput {
        revisions: vec![revision(1, 1, State::Raised, NOON)],
        ..output(NOON)
    });
    assert_eq!(
        standing(&board, "quay", NOON),
        Standing::Alert(Severity::Severe)
    );
    // The alert outlives its figures: no data is no all-clear.
    let later = NOON + 10 * MINUTE;
    assert_eq!(
        standing(&board, "quay", later),
        Standing::Alert(Severity::Severe)
    );
    board.apply(&TickOutput {
        revisions: vec![revision(1, 2, State::Cleared, later)],
        ..output(later)
    });
    assert_eq!(standing(&board, "quay", later), Standing::Unknown);
    assert_eq!(board.picture(later).alerts.len(), 1);
    assert_eq!(board.picture(later + HOUR).alerts.len(), 0);
    assert!(board.alert(AlertId(1), later + HOUR).is_none());
}

#[test]
fn few_people_are_shown_as_a_range_everywhere_on_the_board() {
    let mut board = Board::new(face());
    let people = Value::Quantity(Quantity::PersonCount);
    board.apply(&TickOutput {
        zone_values: vec![
            zone_value(0, people, NOON, 3000),
            zone_value(0, Value::CrowdDensity, NOON, 30),
            zone_value(1, people, NOON, 0),
        ],
        ..output(NOON)
    });
    let picture = board.picture(NOON);
    let shown: Vec<String> = picture
        .zones
        .iter()
        .flat_map(|zone| &zone.figures)
        .map(|figure| format!("{} {}", figure.mean, figure.max))
        .collect();
    assert_eq!(shown, ["0 0", "<5 <5", "<0.05 <0.05"]);
}

#[test]
fn a_removed_zone_takes_its_figures_with_it() {
    let mut board = Board::new(face());
    board.apply(&TickOutput {
        zone_values: vec![zone_value(0, Value::CrowdDensity, NOON, 4200)],
        ..output(NOON)
    });
    board.node_heard(NodeIx(0), NOON, 3);
    let mut smaller = face();
    smaller.zones.retain(|zone| zone.ix != ZoneIx(0));
    smaller.nodes.retain(|node| node.ix != NodeIx(0));
    board.city_changed(smaller);
    assert!(board.series(ZoneIx(0), Value::CrowdDensity).is_none());
    board.city_changed(face());
    let picture = board.picture(NOON);
    assert!(picture.nodes.iter().all(|node| node.age.is_none()));
}

#[test]
fn the_stream_hears_every_revision_once() {
    let mut board = Board::new(face());
    let mut stream = board.subscribe();
    let tick = TickOutput {
        revisions: vec![revision(1, 1, State::Raised, NOON)],
        ..output(NOON)
    };
    board.apply(&tick);
    board.apply(&tick);
    assert_eq!(stream.try_recv().unwrap().revision, 1);
    assert!(stream.try_recv().is_err());
}

#[test]
fn open_alerts_come_first_and_the_worst_of_them_first() {
    let mut board = Board::new(face());
    let mut mild = revision(1, 1, State::Raised, NOON + 5);
    mild.severity = Severity::Minor;
    let ended = revision(2, 1, State::Cleared, NOON + 9);
    let worst = revision(3, 1, State::Unconfirmed, NOON);
    board.apply(&TickOutput {
        revisions: vec![mild, ended, worst],
        ..output(NOON)
    });
    let order: Vec<u128> = board
        .picture(NOON)
        .alerts
        .iter()
        .map(|alert| alert.latest.id.0)
        .collect();
    assert_eq!(order, [3, 1, 2]);
}

#[test]
fn a_silent_node_is_counted_in_its_zone() {
    let mut board = Board::new(face());
    board.apply(&TickOutput {
        silence: vec![(NodeIx(0), Some(NOON - HOUR))],
        air: vec![pipeline::output::AirRow {
            zone: ZoneIx(0),
            hour: NOON - HOUR,
            standard: Standard::UsEpa2024,
            index: None,
        }],
        ..output(NOON)
    });
    let picture = board.picture(NOON);
    let silent: Vec<u32> = picture.zones.iter().map(|z| z.nodes_silent).collect();
    assert_eq!(silent, [0, 1]);
    assert_eq!(picture.zones[1].standing, Standing::Unknown);
}

#[test]
fn a_figure_is_provisional_until_its_node_is_heard_past_it_or_its_horizon_has_passed() {
    let mut board = Board::new(face());
    board.apply(&TickOutput {
        expected: expected(),
        zone_values: vec![zone_value(0, Value::CrowdDensity, NOON, 4200)],
        revisions: vec![revision(1, 1, State::Raised, NOON)],
        ..output(NOON)
    });
    let waits = |board: &Board, now| {
        let picture = board.picture(now);
        let zone = picture.zones.iter().find(|zone| zone.place == 1).unwrap();
        let figure = zone.figure(Value::CrowdDensity).unwrap().waits_for;
        let alert = &picture.alerts[0].latest;
        assert_eq!(
            (alert.oldest_unheard, alert.provisional),
            (figure, figure.is_some())
        );
        figure.map(|node| node.to_string())
    };
    assert_eq!(waits(&board, NOON), Some("quay-1".to_owned()));
    let heard = |at| TickOutput {
        heard: vec![Heard {
            node: NodeIx(0),
            at,
            step: 0,
        }],
        ..TickOutput::default()
    };
    board.apply(&heard(NOON - 1));
    assert_eq!(waits(&board, NOON), Some("quay-1".to_owned()));
    board.apply(&heard(NOON));
    assert_eq!(waits(&board, NOON), None);
}

#[test]
fn a_withdrawn_node_says_what_of_it_does_not_count_until_that_stands_no_more() {
    let row = |until, cause| Withdrawal {
        node: NodeIx(0),
        quantity: Some(Quantity::Ch4),
        from: NOON,
        until,
        cause,
    };
    let stuck = || Cause::Flaw(Flaw::Stuck);
    let mut board = Board::new(face());
    let mut told = |withdrawals| {
        board.apply(&TickOutput {
            withdrawals,
            ..output(NOON)
        });
        let picture = board.picture(NOON);
        let of = |node: &&picture::NodePicture| picture.node_face(node).ix == NodeIx(0);
        let node = picture.nodes.iter().find(of).unwrap();
        (node.quarantine.len(), node.quarantined().count())
    };
    assert_eq!(told(vec![(row(None, stuck()), true)]), (1, 1));
    let ada = Cause::Operator("ada".to_owned());
    assert_eq!(told(vec![(row(None, ada), true)]), (2, 2));
    let ended = row(Some(NOON + HOUR), stuck());
    let ends = vec![(row(None, stuck()), false), (ended.clone(), true)];
    assert_eq!(told(ends), (2, 1), "an ended one is still known");
    assert_eq!(told(vec![(ended, false)]), (1, 1));
    assert_eq!(board.verdicts(), []);
}
