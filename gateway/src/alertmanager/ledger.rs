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
