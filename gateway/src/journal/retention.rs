//! Forgetting what is older than it is to be kept: inputs that no restart needs, and revisions that nobody asks for.
//!
//! In small steps, each bounded in entries and bytes, so that a commit never waits long. Inputs leave only when a
//! snapshot covers them. Of those that hold on (versions of city and rules, the link, who is in quarantine) the last
//! before the bound stay, so that what is left of the journal still begins with a city.

use fjall::{Keyspace, PersistMode};
use pipeline::calendar::Tick;
use pipeline::input::{Action, Input};

use super::alerts::HISTORY_FROM;
use super::{CommitError, Journal, ReadError, Record, get, key, record};
use crate::history::stored::Place;

/// Most entries that one step looks at.
const STEP_LEN_MAX: usize = 1_024;
/// And most bytes.
const STEP_BYTES_MAX: usize = 4 * 1024 * 1024;
/// The history's beginning moves when it would forget this part of what is kept, so that it does not move always.
const STRIDE: Tick = 64;
/// Name among the small values: the tick before which inputs were forgotten.
const JOURNAL_FROM: &str = "journal_from";

/// Where forgetting inputs goes on.
#[derive(Default)]
pub(super) struct Forgetting {
    /// The next key to look at; empty: the first.
    next: Vec<u8>,
    /// The last version of city, rules and link below the next key.
    held: [Option<Vec<u8>>; 3],
    /// The rules have changed: there may be too many versions of them.
    pub(super) is_new_version: bool,
}

/// How long what is kept, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    pub inputs: Tick,
    pub revisions: Tick,
}

/// What one step forgot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forgotten {
    pub inputs: u64,
    pub revisions: u64,
}

impl Journal {
    /// One step of forgetting what is older at `now` than it is to be kept.
    pub fn forget(&mut self, now: Tick, kept: Kept) -> Result<Forgotten, CommitError> {
        let Kept { inputs, revisions } = kept;
        if std::mem::take(&mut self.forgetting.is_new_version) {
            self.forget_versions(now.saturating_sub(inputs))?;
        }
        Ok(Forgotten {
            inputs: self.forget_inputs(now.saturating_sub(inputs))?,
            revisions: self.forget_revisions(now.saturating_sub(revisions), revisions)?,
        })
    }

    /// Inputs before this tick have been forgotten; 0: none.
    pub fn reach(&self) -> Result<Tick, ReadError> {
        reach(&self.meta)
    }

    fn forget_inputs(&mut self, before: Tick) -> Result<u64, CommitError> {
        let Some(snapshot) = self.snapshots.last_key_value() else {
            return Ok(0);
        };
        let covered = snapshot
            .key()
            .map_err(|error| self.fail(error.to_string()))?;
        let covered = covered
            .first_chunk()
            .copied()
            .map_or(0, Tick::from_be_bytes);
        // The last entry stays in any case: it says how far the ticks have come.
        let reach = before.min(covered).min(self.floor());
        let bound = key(reach, 0, 0);
        let next = std::mem::take(&mut self.forgetting.next);
        if next[..] >= bound[..] {
            self.forgetting.next = next;
            return Ok(0);
        }
        let mut batch = self.database.batch().durability(Some(PersistMode::Buffer));
        let (mut bytes, mut forgotten, mut last) = (0, 0, None);
        for entry in self.inputs.range(next..bound.to_vec()).take(STEP_LEN_MAX) {
            let (key, value) = entry
                .into_inner()
                .map_err(|error| self.fail(error.to_string()))?;
            bytes += value.len();
            last = Some(key.to_vec());
            match worth(&value) {
                Worth::Nothing => batch.remove(&self.inputs, key),
                Worth::UntilNext(place) => {
                    let earlier = self.forgetting.held[place].replace(key.to_vec());
                    let Some(earlier) = earlier else { continue };
                    batch.remove(&self.inputs, earlier);
                }
                Worth::Keeping => continue,
            }
            forgotten += 1;
            if bytes >= STEP_BYTES_MAX {
                break;
            }
        }
        self.forgetting.next = match last {
            Some(mut key) => {
                key.push(0);
                key
            }
            None => bound.to_vec(),
        };
        if batch.is_empty() {
            return Ok(0);
        }
        let value = bincode::serde::encode_to_vec(reach, bincode::config::standard())
            .map_err(|error| self.fail(error.to_string()))?;
        batch.insert(&self.meta, JOURNAL_FROM, value);
        self.write(batch)?;
        Ok(forgotten)
    }

    fn forget_revisions(&mut self, before: Tick, kept: Tick) -> Result<u64, CommitError> {
        let behind = before.saturating_sub(self.alerts.from);
        if self.alerts.forgetting.is_none() && behind > kept / STRIDE {
            self.begin_at(before)?;
        }
        let Some((bound, next)) = self.alerts.forgetting.take() else {
            return Ok(0);
        };
        let noted = self
            .alerts()
            .noted(bound)
            .map_err(|error| self.fail(error.to_string()))?;
        let open = noted.map_or(Vec::new(), |(_, open)| open);
        let spaces = self.alerts.spaces.clone();
        let mut batch = self.database.batch().durability(Some(PersistMode::Buffer));
        let end = (bound + 1).to_be_bytes().to_vec();
        let (mut last, mut looked_at) = (None, 0);
        for entry in spaces.revisions.range(next..end).take(STEP_LEN_MAX) {
            let key = entry.key().map_err(|error| self.fail(error.to_string()))?;
            looked_at += 1;
            last = Some(key.to_vec());
            let Some(place) = Place::from_key(&key) else {
                continue;
            };
            // The last word on an alert that was open at the bound is what was known then.
            if open.binary_search(&place).is_err() {
                batch.remove(&spaces.revisions, key);
                batch.remove(&spaces.by_alert, place.alert_key());
            }
        }
        let forgotten = (batch.len() / 2) as u64;
        if !batch.is_empty() {
            self.write(batch)?;
        }
        if let Some(mut next) = last.filter(|_| looked_at == STEP_LEN_MAX) {
            next.push(0);
            self.alerts.forgetting = Some((bound, next));
        }
        Ok(forgotten)
    }

    /// From now on the history begins at `tick`; what is older is forgotten step by step.
    fn begin_at(&mut self, tick: Tick) -> Result<(), CommitError> {
        self.note_open(tick)?;
        let value = bincode::serde::encode_to_vec(tick, bincode::config::standard())
            .map_err(|error| self.fail(error.to_string()))?;
        let mut batch = self.batch();
        for note in self.alerts.spaces.open.range(..tick.to_be_bytes()) {
            let key = note.key().map_err(|error| self.fail(error.to_string()))?;
            batch.remove(&self.alerts.spaces.open, key);
        }
        batch.insert(&self.meta, HISTORY_FROM, value);
        self.write(batch)?;
        self.alerts.from = tick;
        self.alerts.forgetting = Some((tick, Vec::new()));
        Ok(())
    }
}

pub(super) fn reach(meta: &Keyspace) -> Result<Tick, ReadError> {
    Ok(get(meta, JOURNAL_FROM)?.unwrap_or_default())
}

/// What an entry is worth to whoever begins after it.
enum Worth {
    Nothing,
    /// It holds until the next of its sort.
    UntilNext(usize),
    Keeping,
}

fn worth(value: &[u8]) -> Worth {
    // The first byte says what the entry is: frames are not read to be forgotten.
    if !record::is_input(value) {
        return Worth::Nothing;
    }
    match record::decode(value) {
        Ok(Record::Input(Input::City(_))) => Worth::UntilNext(0),
        Ok(Record::Input(Input::Rules(_))) => Worth::UntilNext(1),
        Ok(Record::Input(Input::Link { .. })) => Worth::UntilNext(2),
        Ok(Record::Input(Input::Action(action))) => match action {
            Action::Quarantine { .. } | Action::Release { .. } | Action::Silence { .. } => {
                Worth::Keeping
            }
            _ => Worth::Nothing,
        },
        // What cannot be read is not ours to throw away.
        _ => Worth::Keeping,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
