//! What Alertmanager was told of, and what it is to be told next: pure, and kept on disk.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use pipeline::alert::AlertId;
use pipeline::calendar::{MINUTE, Millis};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::message;
use crate::board::{AlertStory, Face};
use crate::clock::{Clock, SystemClock};

/// The end of an alert is said at least once, and again for so long after it, as Prometheus does: Alertmanager forgets
/// with its process what it has not passed on yet. Real time.
pub(super) const ENDED_SAID_FOR: Millis = 15 * MINUTE;

/// A moment on all clocks.
#[derive(Clone, Copy)]
pub(super) struct Now<'c> {
    pub(super) real: Millis,
    pub(super) city: Millis,
    pub(super) at: Instant,
    pub(super) clock: &'c dyn Clock,
}

impl<'c> Now<'c> {
    /// Alertmanager lives in real time, whatever time it is in the city.
    pub(super) fn read(clock: &'c dyn Clock) -> Now<'c> {
        Now {
            real: SystemClock.now(),
            city: clock.now(),
            at: Instant::now(),
            clock,
        }
    }

    /// When it was in real time what was then in the city; never later than now.
    fn real_of(self, then: Millis) -> Millis {
        let since = self.clock.real_duration(self.city.saturating_sub(then));
        let since = Millis::try_from(since.as_millis()).unwrap_or(Millis::MAX);
        self.real.saturating_sub(since)
    }
}

/// Every alert that Alertmanager was told of and that did not end long ago. Bounded as the board is.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Ledger {
    told: BTreeMap<AlertId, Told>,
}

/// One alert there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Told {
    /// As first told: they are the alert's identity.
    pub(super) labels: BTreeMap<String, String>,
    /// Real times.
    pub(super) starts_at: Millis,
    pub(super) ended_at: Option<Millis>,
    /// As the board has it.
    #[serde(skip)]
    revision: Option<u32>,
    /// The revision that was last said, and when.
    #[serde(skip)]
    said: Option<(Option<u32>, Instant)>,
}

impl Ledger {
    /// Takes what is on the board. Says whether anything began, ended or is over, which the disk has to know.
    pub(super) fn take<'b>(
        &mut self,
        stories: impl Iterator<Item = &'b AlertStory>,
        face: &Face,
        now: Now<'_>,
    ) -> bool {
        let mut is_changed = false;
        let mut gone: BTreeSet<AlertId> = self.told.keys().copied().collect();
        for latest in stories.map(AlertStory::latest) {
            gone.remove(&latest.id);
            let is_open = latest.state.is_open();
            let is_news = is_open && latest.desk.silenced.is_none();
            if is_news && !self.told.contains_key(&latest.id) {
                let told = Told {
                    labels: message::labels(latest, face),
                    starts_at: now.real_of(latest.onset),
                    ended_at: None,
                    revision: None,
                    said: None,
                };
                self.told.insert(latest.id, told);
                is_changed = true;
            }
            // Whoever has not heard of it needs no word of its end.
            let Some(told) = self.told.get_mut(&latest.id) else {
                continue;
            };
            told.revision = Some(latest.revision);
            if is_open == told.ended_at.is_some() {
                let end = now.real_of(latest.end.unwrap_or(now.city));
                told.ended_at = (!is_open).then_some(end.max(told.starts_at));
                is_changed = true;
            }
        }
        // The board has forgotten them: they ended a horizon ago, while nobody was there.
        for id in gone {
            if let Some(told) = self.told.get_mut(&id)
                && told.ended_at.is_none()
            {
                told.ended_at = Some(now.real.max(told.starts_at));
                told.revision = None;
                is_changed = true;
            }
        }
        let before = self.told.len();
        self.told.retain(|_, told| {
            let over = |end: Millis| end.saturating_add(ENDED_SAID_FOR) < now.real;
            !(told.ended_at.is_some_and(over) && told.is_said())
        });
        is_changed || self.told.len() < before
    }

    pub(super) fn told(&self, id: AlertId) -> Option<&Told> {
        self.told.get(&id)
    }

    /// What changed since it was said, or was said `every` ago.
    pub(super) fn due(&self, every: Duration, now: Now<'_>) -> Vec<AlertId> {
        let due = self
            .told
            .iter()
            .filter(|(_, told)| told.due_in(every, now).is_zero());
        due.map(|(id, _)| *id).collect()
    }

    /// How long until something is.
    pub(super) fn next_due(&self, every: Duration, now: Now<'_>) -> Duration {
        let waits = self.told.values().map(|told| told.due_in(every, now));
        waits.min().unwrap_or(every)
    }

    /// These have been said as they are.
    pub(super) fn said(&mut self, ids: &[AlertId], now: Now<'_>) {
        for id in ids {
            if let Some(told) = self.told.get_mut(id) {
                told.said = Some((told.revision, now.at));
            }
        }
    }
}

impl Told {
    fn is_said(&self) -> bool {
        self.said
            .is_some_and(|(revision, _)| revision == self.revision)
    }

    fn due_in(&self, every: Duration, now: Now<'_>) -> Duration {
        match self.said {
            Some((_, at)) if self.is_said() => {
                every.saturating_sub(now.at.saturating_duration_since(at))
            }
            _ => Duration::ZERO,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
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
                ledger: Ledger::default(),
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
            let due = ledger.due(EVERY, now);
            ledger.said(&due, now);
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
            desk.ledger.next_due(EVERY, desk.now()),
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
        // While nobody was there one of them ended so long ago that the board knows nothing of it.
        desk.board = Board::new(face());
        desk.on_board(revision(8, 1, State::Raised, NOON));
        assert_eq!(desk.take(), (true, vec![7, 8]));
        let ended = desk.ledger.told(AlertId(7)).unwrap().ended_at;
        assert_eq!(ended, Some(1_000_000));
        desk.seconds = 15 * 60;
        assert_eq!(desk.take(), (false, vec![7, 8]));
        desk.seconds += 1;
        assert!(desk.take().0);
        assert_eq!(desk.ledger.told(AlertId(7)), None);
        assert!(desk.ledger.told(AlertId(8)).is_some());
    }
}
