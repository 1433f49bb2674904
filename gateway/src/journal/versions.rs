//! Every version of the rules beside the inputs, so that what changed when is read without the frames between them.
//!
//! Keyspace `versions`, by the key of the input. A directory that has none yet gets it from its inputs, once.

use fjall::Keyspace;
use pipeline::calendar::Tick;
use pipeline::input::Input;

use super::open::parse_key;
use super::{CommitError, Journal, ReadError, Record, record};

/// More versions than this leave, the oldest first: somebody writes the file again and again.
const VERSIONS_MAX: usize = 1_000;

/// Whether the entry is a version of the rules or of the quality rules.
pub(super) fn is_version(record: &Record) -> bool {
    matches!(record, Record::Input(Input::Rules(_) | Input::Quality(_)))
}

/// Fills an empty `versions` from the inputs.
pub(super) fn fill(inputs: &Keyspace, versions: &Keyspace) -> Result<(), ReadError> {
    let wrong = |error: fjall::Error| ReadError::new(error.to_string());
    if versions.first_key_value().is_some() {
        return Ok(());
    }
    for entry in inputs.iter() {
        let (key, value) = entry.into_inner().map_err(wrong)?;
        let is_one =
            record::is_input(&value) && record::decode(&value).is_ok_and(|r| is_version(&r));
        if is_one {
            versions.insert(key, value).map_err(wrong)?;
        }
    }
    Ok(())
}

impl Journal {
    /// Versions of rules and quality rules with their ticks, in order of time.
    pub fn versions(&self) -> Result<Vec<(Tick, Input)>, ReadError> {
        let mut all = Vec::new();
        for entry in self.versions.iter() {
            let (key, value) = entry
                .into_inner()
                .map_err(|error| ReadError::new(error.to_string()))?;
            let read = parse_key(&key).zip(record::decode(&value).ok());
            match read {
                Some(((tick, _), Record::Input(input))) => all.push((tick, input)),
                _ => return Err(ReadError::new("a version of the rules cannot be read")),
            }
        }
        Ok(all)
    }

    /// Forgets versions before `before` but the last of each sort, and those beyond the most that are kept.
    pub(super) fn forget_versions(&mut self, before: Tick) -> Result<(), CommitError> {
        let mut keys: Vec<(Tick, bool, Vec<u8>)> = Vec::new();
        for entry in self.versions.iter() {
            let (key, value) = entry
                .into_inner()
                .map_err(|error| self.fail(error.to_string()))?;
            let is_quality = matches!(record::decode(&value), Ok(Record::Input(Input::Quality(_))));
            let tick = parse_key(&key).map_or(0, |(tick, _)| tick);
            keys.push((tick, is_quality, key.to_vec()));
        }
        let surplus = keys.len().saturating_sub(VERSIONS_MAX);
        let mut batch = self.batch();
        for (place, (tick, sort, key)) in keys.iter().enumerate() {
            let follows = keys[place + 1..]
                .iter()
                .any(|(next, of, _)| of == sort && *next < before);
            if place < surplus || (*tick < before && follows) {
                batch.remove(&self.versions, key.clone());
            }
        }
        match batch.is_empty() {
            true => Ok(()),
            false => self.write(batch),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::sync::Arc;

    use crate::events::Events;
    use crate::metrics::Metrics;

    fn open(dir: &std::path::Path) -> Journal {
        let events = Events::new(Arc::new(Metrics::new().unwrap()));
        Journal::open(dir, events, None).unwrap()
    }

    fn rules() -> Record {
        Record::Input(Input::Rules(Arc::new(Vec::new())))
    }

    fn ticks(journal: &Journal) -> Vec<Tick> {
        let versions = journal.versions().unwrap();
        versions.into_iter().map(|(tick, _)| tick).collect()
    }

    #[test]
    fn versions_are_found_again_also_in_a_directory_that_had_no_place_for_them() {
        let dir = tempfile::tempdir().unwrap();
        let mut journal = open(dir.path());
        let quality = Record::Input(Input::Quality(Arc::new(Vec::new())));
        for (tick, record) in [
            (10, rules()),
            (20, Record::Deadline),
            (30, quality),
            (40, rules()),
        ] {
            journal.commit(tick, &[record]).unwrap();
        }
        assert_eq!(ticks(&journal), [10, 30, 40]);
        for entry in journal.versions.iter() {
            let key = entry.key().unwrap();
            journal.versions.remove(key).unwrap();
        }
        assert!(ticks(&journal).is_empty());
        drop(journal);
        assert_eq!(ticks(&open(dir.path())), [10, 30, 40]);
    }

    #[test]
    fn of_versions_that_are_too_old_the_last_stays() {
        let dir = tempfile::tempdir().unwrap();
        let mut journal = open(dir.path());
        for tick in [10, 20, 30, 40] {
            journal.commit(tick, &[rules()]).unwrap();
        }
        journal.forget_versions(35).unwrap();
        assert_eq!(ticks(&journal), [30, 40]);
        journal.forget_versions(100).unwrap();
        assert_eq!(ticks(&journal), [40]);
    }
}
