//! What is told when, by a board and a clock that go by hand.

use super::*;
use crate::board::Board;
use crate::board::sample::{NOON, face, revision};
use crate::clock::ScaledClock;
use pipeline::alert::{Revision, Silenced, State};
use pipeline::calendar::HOUR;
use pipeline::output::TickOutput;

const EVERY: Duration = Duration::from_secs(60);

/// A board, what was told of it, and real seconds that pass by hand.
struct Desk {
    board: Board,
    ledger: Ledger,
    clock: ScaledClock,
    start: Instant,
    seconds: u64,
}

impl Desk {
    fn new() -> Desk {
        Desk {
            board: Board::new(face()),
            ledger: Ledger::default().for_addresses(1),
            clock: ScaledClock::starting_at(NOON, 60),
            start: Instant::now(),
            seconds: 0,
        }
    }

    fn now(&self) -> Now<'_> {
        Now {
            real: 1_000_000 + self.seconds as Millis * 1_000,
            city: NOON + self.seconds as Millis * 60_000,
            at: self.start + Duration::from_secs(self.seconds),
            clock: &self.clock,
        }
    }

    fn on_board(&mut self, revision: Revision) {
        self.board.apply(&TickOutput {
            tick: NOON as u64,
            revisions: vec![revision],
            ..TickOutput::default()
        });
    }

    /// Takes the board; whether the disk has to know, and who is due.
    fn take(&mut self) -> (bool, Vec<u128>) {
        let mut ledger = std::mem::take(&mut self.ledger);
        let now = self.now();
        let is_changed = ledger.take(self.board.stories(now.city), self.board.face(), now);
        let due = ledger.due(0, EVERY, now);
        let said: Vec<_> = due
            .iter()
            .map(|id| (*id, ledger.told[id].revision))
            .collect();
        ledger.said(0, &said, now);
        self.ledger = ledger;
        (is_changed, due.into_iter().map(|id| id.0).collect())
    }
}

fn silenced(mut revision: Revision) -> Revision {
    revision.desk.silenced = Some(Silenced {
        until: NOON + HOUR,
        by: "Ada".to_owned(),
    });
    revision
}

#[test]
fn an_alert_is_told_when_it_changes_and_again_in_between() {
    let mut desk = Desk::new();
    desk.on_board(revision(7, 1, State::Raised, NOON));
    assert_eq!(desk.take(), (true, vec![7]));
    // It began a minute ago in the city, which is a second for whoever waits.
    let told = desk.ledger.told(AlertId(7)).unwrap();
    assert_eq!(told.starts_at, 999_000);
    assert_eq!(desk.take(), (false, vec![]));
    desk.seconds = 59;
    assert_eq!(desk.take(), (false, vec![]));
    assert_eq!(
        desk.ledger.next_due(0, EVERY, desk.now()),
        Duration::from_secs(1)
    );
    desk.seconds = 60;
    assert_eq!(desk.take(), (false, vec![7]));
    desk.on_board(revision(7, 2, State::Updated, NOON + HOUR));
    assert_eq!(desk.take(), (false, vec![7]));
    desk.on_board(revision(7, 3, State::Cleared, NOON + HOUR));
    assert_eq!(desk.take(), (true, vec![7]));
    // A late reading may bring it back, as the one that it was.
    desk.on_board(revision(7, 4, State::Updated, NOON + HOUR));
    assert_eq!(desk.take(), (true, vec![7]));
    let told = desk.ledger.told(AlertId(7)).unwrap();
    assert_eq!((told.starts_at, told.ended_at), (999_000, None));
}

#[test]
fn its_labels_stay_when_its_severity_changes() {
    let mut desk = Desk::new();
    desk.on_board(revision(7, 1, State::Raised, NOON));
    desk.take();
    let before = desk.ledger.told(AlertId(7)).unwrap().labels.clone();
    let mut worse = revision(7, 2, State::Updated, NOON);
    worse.severity = pipeline::rules::Severity::Extreme;
    desk.on_board(worse);
    assert_eq!(desk.take(), (false, vec![7]));
    let told = desk.ledger.told(AlertId(7)).unwrap();
    assert_eq!(told.labels, before);
    let latest = desk.board.alert(AlertId(7), NOON).unwrap().latest();
    let shown = Some((latest, desk.board.face().as_ref()));
    let said = message::of(AlertId(7), told, shown, 2_000_000, "http://wall");
    assert_eq!(said["labels"]["severity"], "severe");
    assert_eq!(said["annotations"]["severity"], "extreme");
    assert_eq!(
        said["annotations"]["link"],
        format!("http://wall/alert/{}", AlertId(7))
    );
    assert_eq!(said["endsAt"], "1970-01-01T00:33:20.000Z");
}

#[test]
fn a_figure_about_few_people_is_a_range_there_too() {
    let mut desk = Desk::new();
    let mut few = revision(7, 1, State::Raised, NOON);
    few.value = wire::Milli(40);
    desk.on_board(few);
    desk.take();
    let told = desk.ledger.told(AlertId(7)).unwrap();
    let latest = desk.board.alert(AlertId(7), NOON).unwrap().latest();
    let shown = Some((latest, desk.board.face().as_ref()));
    let said = message::of(AlertId(7), told, shown, 2_000_000, "http://wall");
    assert_eq!(said["annotations"]["value"], "< 0.05 people/m²");
    assert!(!said.to_string().contains("0.04"), "{said}");
}

#[test]
fn a_silenced_alert_waits_unless_it_was_told_before() {
    let mut desk = Desk::new();
    desk.on_board(silenced(revision(7, 1, State::Raised, NOON)));
    desk.on_board(revision(8, 1, State::Raised, NOON));
    assert_eq!(desk.take(), (true, vec![8]));
    desk.on_board(silenced(revision(8, 2, State::Updated, NOON)));
    assert_eq!(desk.take(), (false, vec![8]));
    // The silence ends, and what stands is told.
    desk.on_board(revision(7, 2, State::Updated, NOON));
    assert_eq!(desk.take(), (true, vec![7]));
    // Of one that ended under its silence nobody hears.
    desk.on_board(silenced(revision(9, 1, State::Raised, NOON)));
    desk.on_board(revision(9, 2, State::Cleared, NOON));
    assert_eq!(desk.take(), (false, vec![]));
}

#[test]
fn an_end_is_told_over_a_restart_and_forgotten_after_a_while() {
    let mut desk = Desk::new();
    desk.on_board(revision(7, 1, State::Raised, NOON));
    desk.on_board(revision(8, 1, State::Raised, NOON));
    desk.take();
    let config = bincode::config::standard();
    let bytes = bincode::serde::encode_to_vec(&desk.ledger, config).unwrap();
    (desk.ledger, _) = bincode::serde::decode_from_slice(&bytes, config).unwrap();
    desk.ledger = desk.ledger.for_addresses(1);
    // While nobody was there one of them ended so long ago that the board knows nothing of it.
    desk.board = Board::new(face());
    desk.on_board(revision(8, 1, State::Raised, NOON));
    // It may still come with the journal's last tick: nothing is said of it until then.
    assert_eq!(desk.take(), (false, vec![8]));
    let wait = desk.ledger.next_due(0, EVERY, desk.now());
    assert_eq!(wait, GONE_AFTER);
    desk.seconds = 30;
    assert_eq!(desk.take(), (true, vec![7]));
    let ended = desk.ledger.told(AlertId(7)).unwrap().ended_at;
    assert_eq!(ended, Some(1_030_000));
    desk.seconds = 30 + 15 * 60;
    assert_eq!(desk.take(), (false, vec![7, 8]));
    desk.seconds += 1;
    assert!(desk.take().0);
    assert_eq!(desk.ledger.told(AlertId(7)), None);
    assert!(desk.ledger.told(AlertId(8)).is_some());
}

#[test]
fn each_address_hears_everything_and_waits_for_no_other() {
    let mut desk = Desk::new();
    desk.ledger = Ledger::default().for_addresses(2);
    let ids = |due: Vec<AlertId>| due.into_iter().map(|id| id.0).collect::<Vec<_>>();
    desk.on_board(revision(7, 1, State::Raised, NOON));
    assert_eq!(desk.take(), (true, vec![7]));
    let now = desk.now();
    assert_eq!(ids(desk.ledger.due(0, EVERY, now)), []);
    assert_eq!(ids(desk.ledger.due(1, EVERY, now)), [7]);
    // The second one is not there when it ends: it is told when it comes back within the day.
    desk.on_board(revision(7, 2, State::Cleared, NOON));
    assert_eq!(desk.take(), (true, vec![7]));
    desk.seconds = 60 * 60;
    desk.take();
    let now = desk.now();
    assert_eq!(ids(desk.ledger.due(1, EVERY, now)), [7]);
    // After that it has ended there by itself, and nobody waits any longer.
    desk.seconds = 24 * 60 * 60 + 15 * 60 + 1;
    assert_eq!(desk.take(), (true, vec![]));
    assert_eq!(desk.ledger.told(AlertId(7)), None);
}
