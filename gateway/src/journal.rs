//! The journal: every input of the dataflow with its tick, on disk before anybody relies on it.
//!
//! A commit is one atomic write and one `fdatasync` for many frames. The tick is given here, and never falls
//! below an earlier one, whatever the clock does. A node's session is what its journaled frames say, so it is
//! committed with them by construction. A snapshot only spares a restart the way through all of them.
//!
//! The first write that fails is the last: a disk that lied once is not asked again (what an `fsync` error has
//! lost it will not say a second time). The gateway then acknowledges nothing, and the nodes keep their readings.
//!
//! Keys are big-endian (tick u64, shard u16, ordinal u32); keyspaces: `inputs`, `published`, `snapshots`, `meta`,
//! `versions` of the rules, and those of the history of alerts ([`alerts`]). What is older than it is to be kept leaves by [`retention`].

mod alerts;
mod open;
mod record;
mod retention;
mod versions;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use fjall::{Database, Keyspace, PersistMode};
use pipeline::calendar::Tick;
use pipeline::input::Input;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::events::{Event, Events};
use alerts::AlertLog;
pub use alerts::{Alerts, Unwritten};
pub use open::{FORMAT_VERSION, OpenError, Recorded, read, read_between, recorded};
pub use record::{FrameRecord, HeldReading, Reading, Record};
use retention::Forgetting;
pub use retention::{Forgotten, Kept};

/// Asked before every write in place of the disk; a test lets it fail as a full disk would.
pub type DiskCheck = Arc<dyn Fn() -> std::io::Result<()> + Send + Sync>;

/// The open journal: one writer.
pub struct Journal {
    dir: PathBuf,
    database: Database,
    inputs: Keyspace,
    published: Keyspace,
    snapshots: Keyspace,
    meta: Keyspace,
    versions: Keyspace,
    alerts: AlertLog,
    forgetting: Forgetting,
    /// Part of the key, for several gateways of one city.
    shard: u16,
    last: Tick,
    ordinal: u32,
    /// Why the first write that failed did; none is tried after it.
    failed: Option<String>,
    check: Option<DiskCheck>,
    events: Events,
}

/// The journal takes nothing any more.
#[derive(Debug)]
pub struct CommitError {
    pub cause: String,
}

impl fmt::Display for CommitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the journal cannot be written: {}", self.cause)
    }
}

impl std::error::Error for CommitError {}

/// The journal cannot be read at one entry.
#[derive(Debug)]
pub struct ReadError(String);

impl ReadError {
    pub(crate) fn new(cause: impl Into<String>) -> ReadError {
        ReadError(cause.into())
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the journal cannot be read: {}", self.0)
    }
}

impl std::error::Error for ReadError {}

impl Journal {
    /// Writes `records` at `now` or, when an earlier entry is later, at that one's tick, and waits for the disk.
    /// What this answers is safe.
    pub fn commit(&mut self, now: Tick, records: &[Record]) -> Result<Tick, CommitError> {
        let tick = now.max(self.last);
        self.commit_all(records.iter().map(|record| (tick, record)))?;
        Ok(tick)
    }

    /// Writes entries with ticks of their own, ascending, as one commit; what is below an earlier entry moves up
    /// to it.
    pub fn commit_all<'a>(
        &mut self,
        entries: impl IntoIterator<Item = (Tick, &'a Record)>,
    ) -> Result<(), CommitError> {
        let started = Instant::now();
        let (mut last, mut ordinal) = (self.last, self.ordinal);
        let mut batch = self.batch();
        let mut is_new_version = false;
        for (tick, record) in entries {
            if tick > last {
                (last, ordinal) = (tick, 0);
            }
            let value = record::encode(record).map_err(|error| self.fail(error.to_string()))?;
            if let Record::Input(Input::City(_) | Input::Rules(_) | Input::Quality(_)) = record {
                batch.insert(&self.meta, meta_key(record), value.clone());
            }
            if versions::is_version(record) {
                is_new_version = true;
                batch.insert(
                    &self.versions,
                    key(last, self.shard, ordinal),
                    value.clone(),
                );
            }
            batch.insert(&self.inputs, key(last, self.shard, ordinal), value);
            ordinal += 1;
        }
        if batch.is_empty() {
            return Ok(());
        }
        self.write(batch)?;
        (self.last, self.ordinal) = (last, ordinal);
        self.forgetting.is_new_version |= is_new_version;
        let metrics = &self.events.metrics;
        metrics
            .journal_commit
            .observe(started.elapsed().as_secs_f64());
        Ok(())
    }

    /// No entry will get a tick below this.
    pub fn floor(&self) -> Tick {
        self.last
    }

    /// Entries from `from` on, in the order in which they were committed.
    pub fn entries(
        &self,
        from: Tick,
    ) -> impl Iterator<Item = Result<(Tick, Record), ReadError>> + use<> {
        open::entries(&self.inputs, from)
    }

    /// The last journaled versions of city, rules and quality rules.
    pub fn configuration(&self) -> Result<Vec<Input>, ReadError> {
        configuration(&self.meta)
    }

    /// A small value that must outlive the process, such as the epoch; durable when this returns.
    pub fn set_meta(&mut self, name: &str, value: &impl Serialize) -> Result<(), CommitError> {
        let value = bincode::serde::encode_to_vec(value, bincode::config::standard())
            .map_err(|error| self.fail(error.to_string()))?;
        let mut batch = self.batch();
        batch.insert(&self.meta, name, value);
        self.write(batch)
    }

    pub fn meta<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, ReadError> {
        get(&self.meta, name)
    }

    /// What stands on the broker. Not waited for: if it is lost, a message is sent once more.
    pub fn set_published(&mut self, value: &impl Serialize) -> Result<(), CommitError> {
        let value = bincode::serde::encode_to_vec(value, bincode::config::standard())
            .map_err(|error| self.fail(error.to_string()))?;
        let mut batch = self.database.batch().durability(Some(PersistMode::Buffer));
        batch.insert(&self.published, PUBLISHED, value);
        self.write(batch)
    }

    pub fn published<T: DeserializeOwned>(&self) -> Result<Option<T>, ReadError> {
        get(&self.published, PUBLISHED)
    }

    /// Puts a snapshot of everything up to `tick` in the place of the one before, in one atomic write. The history
    /// of alerts reaches so far before.
    pub fn set_snapshot(
        &mut self,
        tick: Tick,
        snapshot: &impl Serialize,
    ) -> Result<(), CommitError> {
        // A restart from it does not make these revisions again.
        self.write_alerts()?;
        let value = bincode::serde::encode_to_vec(snapshot, bincode::config::standard())
            .map_err(|error| self.fail(error.to_string()))?;
        let mut batch = self.batch();
        for older in self.snapshots.range(..tick.to_be_bytes()) {
            let key = older.key().map_err(|error| self.fail(error.to_string()))?;
            batch.remove(&self.snapshots, key);
        }
        batch.insert(&self.snapshots, tick.to_be_bytes(), value);
        self.write(batch)
    }

    /// The latest snapshot, if this build can read it; without one a restart takes the whole journal.
    pub fn snapshot<T: DeserializeOwned>(&self) -> Option<T> {
        let bytes = self.snapshots.last_key_value()?.value().ok()?;
        match bincode::serde::decode_from_slice(&bytes, bincode::config::standard()) {
            Ok((snapshot, _)) => Some(snapshot),
            Err(error) => {
                tracing::warn!(%error, "the snapshot cannot be read; the whole journal is taken up");
                None
            }
        }
    }

    /// Bytes on disk.
    pub fn bytes(&self) -> u64 {
        self.database.disk_space().unwrap_or_default()
    }

    /// Bytes that are free on its disk for whom the gateway runs as.
    pub fn free_bytes(&self) -> Option<u64> {
        let disk = rustix::fs::statvfs(&self.dir).ok()?;
        Some(disk.f_bavail.saturating_mul(disk.f_frsize))
    }

    pub fn has_failed(&self) -> bool {
        self.failed.is_some()
    }

    fn batch(&self) -> fjall::OwnedWriteBatch {
        self.database
            .batch()
            .durability(Some(PersistMode::SyncData))
    }

    fn write(&mut self, batch: fjall::OwnedWriteBatch) -> Result<(), CommitError> {
        if let Some(first) = &self.failed {
            let cause = format!("an earlier write failed: {first}");
            return Err(CommitError { cause });
        }
        if let Some(check) = &self.check
            && let Err(error) = check()
        {
            return Err(self.fail(error.to_string()));
        }
        batch.commit().map_err(|error| self.fail(error.to_string()))
    }

    fn fail(&mut self, cause: String) -> CommitError {
        self.failed = Some(cause.clone());
        self.events.emit(Event::JournalFailed { cause: &cause });
        CommitError { cause }
    }
}

/// Name of the calendar among the small values: with it the journal can be judged without the city's files.
pub const CALENDAR: &str = "calendar";
/// Name of the numbering of nodes, zones and rules among the small values.
pub const NUMBERS: &str = "numbers";
/// Name of the nodes' accounts among the small values.
pub const ACCOUNTS: &str = "accounts";
const PUBLISHED: &str = "published";
const META_CONFIGURATION: [&str; 3] = ["city", "rules", "quality"];

fn configuration(meta: &Keyspace) -> Result<Vec<Input>, ReadError> {
    let mut inputs = Vec::new();
    for key in META_CONFIGURATION {
        let read = |error: fjall::Error| ReadError(error.to_string());
        if let Some(bytes) = meta.get(key).map_err(read)? {
            match record::decode(&bytes) {
                Ok(Record::Input(input)) => inputs.push(input),
                _ => return Err(ReadError(format!("no {key} in its place"))),
            }
        }
    }
    Ok(inputs)
}

fn meta_key(record: &Record) -> &'static str {
    match record {
        Record::Input(Input::City(_)) => META_CONFIGURATION[0],
        Record::Input(Input::Quality(_)) => META_CONFIGURATION[2],
        _ => META_CONFIGURATION[1],
    }
}

fn get<T: DeserializeOwned>(keyspace: &Keyspace, name: &str) -> Result<Option<T>, ReadError> {
    let bytes = keyspace
        .get(name)
        .map_err(|error| ReadError(error.to_string()))?;
    let Some(bytes) = bytes else {
        return Ok(None);
    };
    bincode::serde::decode_from_slice(&bytes, bincode::config::standard())
        .map(|(value, _)| Some(value))
        .map_err(|error| ReadError(format!("{name}: {error}")))
}

/// Big-endian, so that the order of keys is the order of entries.
fn key(tick: Tick, shard: u16, ordinal: u32) -> [u8; 14] {
    let mut key = [0; 14];
    key[..8].copy_from_slice(&tick.to_be_bytes());
    key[8..10].copy_from_slice(&shard.to_be_bytes());
    key[10..].copy_from_slice(&ordinal.to_be_bytes());
    key
}

#[cfg(test)]
mod tests;
