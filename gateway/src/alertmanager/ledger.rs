//! What Alertmanager was told of, and what it is to be told next: pure, and kept on disk.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use pipeline::alert::AlertId;
use pipeline::calendar::{MINUTE, Millis};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::{LIVES, message};
use crate::board::{AlertStory, Face};
use crate::clock::{Clock, SystemClock};
use crate::config::ALERTMANAGER_EVERY_MAX;

/// The end of an alert is said at least once, and again for so long after it, as Prometheus does: Alertmanager forgets
/// with its process what it has not passed on yet. Real time.
pub(super) const ENDED_SAID_FOR: Millis = 15 * MINUTE;

/// An alert that was told of and is not on the board is given so long in real time to come back with the journal's
/// last tick; then it counts as ended. Nobody is sent home because a gateway was just starting.
const GONE_AFTER: Duration = Duration::from_secs(30);

/// Whoever was not told of an end for so long has seen it by itself: nothing was said to fire for longer. Real time.
const ENDED_BY_ITSELF: Millis = LIVES * ALERTMANAGER_EVERY_MAX;

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

/// Every alert that the Alertmanagers are told of and that did not end long ago, and how far each has been told. Bounded
/// as the board is: nothing is queued for one that is away, it is told how things are when it comes back.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Ledger {
    told: BTreeMap<AlertId, Told>,
    /// How many Alertmanagers there are.
    #[serde(skip)]
    addresses: usize,
    /// When this process first looked at its board.
    #[serde(skip)]
    since: Option<Instant>,
}

/// One alert there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Told {
    /// As first told: they are the alert's identity.
    pub(super) labels: BTreeMap<String, String>,
    /// Real times.
    pub(super) starts_at: Millis,
    pub(super) ended_at: Option<Millis>,
    /// As the board has it; nothing for one that it does not have.
    #[serde(skip)]
    revision: Option<u32>,
    /// The revision that was last said, and when, by the address's number; nothing for those that heard nothing yet.
    #[serde(skip)]
    said: BTreeMap<usize, (Option<u32>, Instant)>,
}

impl Ledger {
    /// The same for so many Alertmanagers, of which none has heard anything yet.
    pub(super) fn for_addresses(self, addresses: usize) -> Ledger {
        Ledger { addresses, ..self }
    }

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
                    said: BTreeMap::new(),
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
        let since = *self.since.get_or_insert(now.at);
        let is_whole = now.at.saturating_duration_since(since) >= GONE_AFTER;
        // The board has forgotten them: they ended a horizon ago, while nobody was there.
        for id in gone {
            if let Some(told) = self.told.get_mut(&id)
                && told.ended_at.is_none()
                && is_whole
            {
                told.ended_at = Some(now.real.max(told.starts_at));
                told.revision = None;
                is_changed = true;
            }
        }
        let before = self.told.len();
        self.told.retain(|_, told| {
            let over = |end: Millis| {
                let everybody = (0..self.addresses).all(|address| told.is_said_to(address));
                let wait = if everybody { 0 } else { ENDED_BY_ITSELF };
                end.saturating_add(wait + ENDED_SAID_FOR) < now.real
            };
            !told.ended_at.is_some_and(over)
        });
        is_changed || self.told.len() < before
    }

    pub(super) fn told(&self, id: AlertId) -> Option<&Told> {
        self.told.get(&id)
    }

    /// What changed since it was said to an address, or was said `every` ago.
    pub(super) fn due(&self, address: usize, every: Duration, now: Now<'_>) -> Vec<AlertId> {
        let told = self.told.iter();
        let due = told.filter(|(_, told)| self.due_in(told, address, every, now).is_zero());
        due.map(|(id, _)| *id).collect()
    }

    /// How long until something is.
    pub(super) fn next_due(&self, address: usize, every: Duration, now: Now<'_>) -> Duration {
        let told = self.told.values();
        let waits = told.map(|told| self.due_in(told, address, every, now));
        waits.min().unwrap_or(every)
    }

    fn due_in(&self, told: &Told, address: usize, every: Duration, now: Now<'_>) -> Duration {
        let passed = |since: Instant| now.at.saturating_duration_since(since);
        match told.said.get(&address) {
            // Of what the board does not have nobody knows how it is, until it counts as ended.
            _ if told.revision.is_none() && told.ended_at.is_none() => {
                GONE_AFTER.saturating_sub(self.since.map(passed).unwrap_or_default())
            }
            Some((_, at)) if told.is_said_to(address) => every.saturating_sub(passed(*at)),
            _ => Duration::ZERO,
        }
    }

    /// Of one alert so much has been said to an address.
    pub(super) fn said(&mut self, address: usize, said: &[(AlertId, Option<u32>)], now: Now<'_>) {
        for (id, revision) in said {
            if let Some(told) = self.told.get_mut(id) {
                told.said.insert(address, (*revision, now.at));
            }
        }
    }
}

impl Told {
    /// As the board has it.
    pub(super) fn revision(&self) -> Option<u32> {
        self.revision
    }

    fn is_said_to(&self, address: usize) -> bool {
        let said = self.said.get(&address);
        said.is_some_and(|(revision, _)| *revision == self.revision)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
