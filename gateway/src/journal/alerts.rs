//! The history of alerts beside the inputs: every revision under its time, found by its alert as well.
//!
//! Keyspaces: `alerts` by (tick, alert, shadow, revision), `alerts_by_id` by (alert, shadow, revision), and `alerts_open`, where at
//! some ticks stands which alerts were open: whoever asks what was known then starts there, not at the beginning.
//!
//! What stands is never rewritten: a restart makes the same revisions again, and what people were told stays.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use fjall::{Database, Keyspace, PersistMode};
use pipeline::alert::{AlertId, Revision};
use pipeline::calendar::Tick;
use pipeline::output::TickOutput;

use super::{CommitError, Journal, ReadError, Record};
use crate::history::stored::{self, Place, Told};

/// Revisions between two notes of what was open.
const NOTE_EVERY: u32 = 1_024;
/// Name among the small values: what was known before this tick is not kept any more.
pub(super) const HISTORY_FROM: &str = "history_from";

/// Revisions on their way from the dataflow to the disk: pushed before the tick is handed on, written before
/// anybody is told. It holds no more ticks than the queue that they are handed on through.
#[derive(Clone, Default)]
pub struct Unwritten(Arc<Mutex<Vec<TickTold>>>);

/// All that was said at one tick.
type TickTold = (Tick, Vec<Told>);

impl Unwritten {
    pub fn push(&self, output: &TickOutput) {
        let told = |shadow| {
            move |revision: &Revision| Told {
                shadow,
                revision: revision.clone(),
            }
        };
        let published = output.revisions.iter().map(told(false));
        let all: Vec<Told> = published
            .chain(output.shadow.iter().map(told(true)))
            .collect();
        if !all.is_empty() {
            let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.push((output.tick, all));
        }
    }

    fn take(&self) -> Vec<TickTold> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The keyspaces of the history.
#[derive(Clone)]
pub(super) struct AlertSpaces {
    pub(super) revisions: Keyspace,
    pub(super) by_alert: Keyspace,
    pub(super) open: Keyspace,
}

/// The writing end.
pub(super) struct AlertLog {
    pub(super) spaces: AlertSpaces,
    pub(super) unwritten: Unwritten,
    /// Revisions since the last note of what was open.
    since_note: u32,
    pub(super) from: Tick,
    /// Where forgetting goes on: the bound, and the last key that was looked at.
    pub(super) forgetting: Option<(Tick, Vec<u8>)>,
}

impl AlertLog {
    pub(super) fn new(
        spaces: AlertSpaces,
        database: &Database,
        from: Tick,
    ) -> Result<AlertLog, ReadError> {
        let reader = Alerts::new(spaces.clone(), database, from);
        let noted = reader.noted(Tick::MAX)?.map_or(0, |(tick, _)| tick + 1);
        let since_note = spaces
            .revisions
            .range(noted.to_be_bytes()..)
            .take(NOTE_EVERY as usize)
            .count() as u32;
        Ok(AlertLog {
            spaces,
            unwritten: Unwritten::default(),
            since_note,
            from,
            forgetting: None,
        })
    }
}

impl Journal {
    /// Where the dataflow's revisions are put, to be written by the next [`Journal::write_alerts`].
    pub fn unwritten(&self) -> Unwritten {
        self.alerts.unwritten.clone()
    }

    /// Puts every revision that has left the dataflow into the history. Before, the journal comes to cover their
    /// ticks, so that nothing admitted later gets in front of them. Not waited for beyond that: if it is lost, the
    /// journal makes the same revisions again.
    pub fn write_alerts(&mut self) -> Result<(), CommitError> {
        let ticks = self.alerts.unwritten.take();
        let Some(&(last, _)) = ticks.last() else {
            return Ok(());
        };
        if self.floor() < last {
            self.commit(last, &[Record::Deadline])?;
        }
        let spaces = self.alerts.spaces.clone();
        let mut batch = self.database.batch().durability(Some(PersistMode::Buffer));
        for Told { shadow, revision } in ticks.iter().flat_map(|(_, told)| told) {
            let place = Place::of(*shadow, revision);
            // The last word on what still stands is said again after a restart, under its old place.
            let stands = || spaces.revisions.contains_key(place.key());
            if place.updated < self.alerts.from
                || stands().map_err(|error| self.fail(error.to_string()))?
            {
                continue;
            }
            let value =
                stored::encode(*shadow, revision).map_err(|error| self.fail(error.to_string()))?;
            batch.insert(&spaces.revisions, place.key(), value);
            batch.insert(
                &spaces.by_alert,
                place.alert_key(),
                place.updated.to_be_bytes(),
            );
        }
        if batch.is_empty() {
            return Ok(());
        }
        self.alerts.since_note += (batch.len() / 2) as u32;
        self.write(batch)?;
        if self.alerts.since_note >= NOTE_EVERY {
            self.note_open(last)?;
            self.alerts.since_note = 0;
        }
        Ok(())
    }

    /// Writes down which alerts were open at the end of `tick`.
    pub(super) fn note_open(&mut self, tick: Tick) -> Result<(), CommitError> {
        let open = self
            .alerts()
            .open_at(tick)
            .map_err(|error| self.fail(error.to_string()))?;
        let value = bincode::serde::encode_to_vec(&open, bincode::config::standard())
            .map_err(|error| self.fail(error.to_string()))?;
        let mut batch = self.database.batch().durability(Some(PersistMode::Buffer));
        batch.insert(&self.alerts.spaces.open, tick.to_be_bytes(), value);
        self.write(batch)
    }

    /// The history as it stands on disk now; it does not change under whoever reads it.
    pub fn alerts(&self) -> Alerts {
        Alerts::new(self.alerts.spaces.clone(), &self.database, self.alerts.from)
    }
}

/// The history at one moment, to be read without holding the journal.
#[derive(Clone)]
pub struct Alerts {
    spaces: AlertSpaces,
    view: Arc<fjall::Snapshot>,
    from: Tick,
}

impl Alerts {
    pub(super) fn new(spaces: AlertSpaces, database: &Database, from: Tick) -> Alerts {
        Alerts {
            spaces,
            view: Arc::new(database.snapshot()),
            from,
        }
    }

    /// What was known before this tick has been forgotten.
    pub fn from(&self) -> Tick {
        self.from
    }

    /// The last revision by `known` of every alert that was open at some tick up to `since`, or of which anything was
    /// said between; those of rules in shadow are `shadow`.
    pub fn latest(
        &self,
        since: Tick,
        known: Tick,
        shadow: impl Fn(bool) -> bool,
    ) -> Result<Vec<Told>, ReadError> {
        let places = self.last_places(since.min(known), known)?;
        let mut latest = Vec::new();
        for place in places.into_values() {
            let value = self.value(place)?;
            if shadow(stored::is_shadow(&value)) {
                latest.push(stored::decode(place, &value).map_err(broken)?);
            }
        }
        Ok(latest)
    }

    /// Every revision of one alert, from the first that is kept; empty when there is none.
    pub fn of(&self, alert: AlertId) -> Result<Vec<Told>, ReadError> {
        use fjall::Readable;
        let mut all = Vec::new();
        let keys = self
            .view
            .prefix(&self.spaces.by_alert, alert.0.to_be_bytes());
        for entry in keys {
            let (key, updated) = entry.into_inner().map_err(unreadable)?;
            let updated = updated.first_chunk().copied().map(Tick::from_be_bytes);
            let place = updated.and_then(|updated| Place::from_alert_key(&key, updated));
            let Some(place) = place else {
                return Err(ReadError::new("a key of the history has a wrong length"));
            };
            all.push(stored::decode(place, &self.value(place)?).map_err(broken)?);
        }
        Ok(all)
    }

    /// Everything that is kept, in order of time.
    pub fn all(&self) -> impl Iterator<Item = Result<Told, ReadError>> + use<> {
        use fjall::Readable;
        self.view.iter(&self.spaces.revisions).map(|entry| {
            let (key, value) = entry.into_inner().map_err(unreadable)?;
            let place = place(&key)?;
            stored::decode(place, &value).map_err(broken)
        })
    }

    /// Revisions up to `tick`, the last of each alert that was open then.
    pub(super) fn open_at(&self, tick: Tick) -> Result<Vec<Place>, ReadError> {
        let mut open = Vec::new();
        for place in self.last_places(tick, tick)?.into_values() {
            let told = stored::decode(place, &self.value(place)?).map_err(broken)?;
            if told.revision.state.is_open() {
                open.push(place);
            }
        }
        // Looked up by place.
        open.sort_unstable();
        Ok(open)
    }

    /// The last note of what was open, at `tick` or before.
    pub(super) fn noted(&self, tick: Tick) -> Result<Option<(Tick, Vec<Place>)>, ReadError> {
        use fjall::Readable;
        let mut notes = self
            .view
            .range(&self.spaces.open, ..=tick.to_be_bytes())
            .map(|entry| entry.into_inner().map_err(unreadable));
        let Some((key, value)) = notes.next_back().transpose()? else {
            return Ok(None);
        };
        let at = key.first_chunk().copied().map(Tick::from_be_bytes);
        let at =
            at.ok_or_else(|| ReadError::new("a note of the history has a key of a wrong length"))?;
        let (open, _) = bincode::serde::decode_from_slice(&value, bincode::config::standard())
            .map_err(|error| ReadError::new(format!("what was open at tick {at}: {error}")))?;
        Ok(Some((at, open)))
    }

    /// By alert: where its last revision up to `known` stands, of those open at the last note up to `since` and all
    /// that were revised after it.
    fn last_places(
        &self,
        since: Tick,
        known: Tick,
    ) -> Result<BTreeMap<(AlertId, bool), Place>, ReadError> {
        use fjall::Readable;
        let (from, open) = match self.noted(since)? {
            Some((at, open)) => (at.saturating_add(1), open),
            None => (0, Vec::new()),
        };
        let key = |place: &Place| (place.alert, place.shadow);
        let mut last: BTreeMap<_, _> = open.into_iter().map(|place| (key(&place), place)).collect();
        if from > known {
            return Ok(last);
        }
        let end = Place {
            updated: known,
            alert: AlertId(u128::MAX),
            shadow: true,
            revision: u32::MAX,
        };
        let keys = from.to_be_bytes().to_vec()..=end.key().to_vec();
        for entry in self.view.range(&self.spaces.revisions, keys) {
            let place = place(&entry.key().map_err(unreadable)?)?;
            last.insert(key(&place), place);
        }
        Ok(last)
    }

    fn value(&self, place: Place) -> Result<fjall::Slice, ReadError> {
        use fjall::Readable;
        let value = self.view.get(&self.spaces.revisions, place.key());
        value.map_err(unreadable)?.ok_or_else(|| {
            ReadError::new(format!(
                "revision {} of alert {} is not in its place",
                place.revision, place.alert
            ))
        })
    }
}

fn place(key: &[u8]) -> Result<Place, ReadError> {
    Place::from_key(key).ok_or_else(|| {
        let len = key.len();
        ReadError::new(format!(
            "a key of {len} bytes in the history, where 29 belong"
        ))
    })
}

fn unreadable(error: fjall::Error) -> ReadError {
    ReadError::new(error.to_string())
}

fn broken(error: stored::StoredError) -> ReadError {
    ReadError::new(error.to_string())
}
