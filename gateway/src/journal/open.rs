//! Opening a data directory, and reading what it holds.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use fjall::{Database, Keyspace, KeyspaceCreateOptions};
use pipeline::calendar::{Calendar, Tick};
use pipeline::input::Input;

use super::alerts::{AlertLog, AlertSpaces, Alerts, HISTORY_FROM};
use super::retention::Forgetting;
use super::{CALENDAR, DiskCheck, Journal, ReadError, Record, key, record};
use crate::city::Numbers;
use crate::events::Events;

/// Version of the layout of a data directory; a larger one is refused, never guessed at.
pub const FORMAT_VERSION: u32 = 6;

const VERSION_FILE: &str = "FORMAT";
const STORE_DIRECTORY: &str = "journal";

/// Why a data directory cannot be used.
#[derive(Debug)]
pub enum OpenError {
    Newer { dir: PathBuf, version: u32 },
    Older { dir: PathBuf, version: u32 },
    NoVersion(PathBuf),
    Locked(PathBuf),
    Missing(PathBuf),
    Io(PathBuf, io::Error),
    Store(PathBuf, String),
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OpenError::Newer { dir, version } => write!(
                f,
                "{} was written by a newer citysense (format {version}, this build reads {FORMAT_VERSION}); \
                 use that version, or another data directory",
                dir.display()
            ),
            OpenError::Older { dir, version } => write!(
                f,
                "{} was written by an older citysense (format {version}, this build reads {FORMAT_VERSION}); \
                 use that version, or another data directory",
                dir.display()
            ),
            OpenError::NoVersion(file) => write!(
                f,
                "{} does not say which format the directory has; is it a data directory of citysense?",
                file.display()
            ),
            OpenError::Locked(dir) => write!(
                f,
                "{} is in use by another citysense; stop it first",
                dir.display()
            ),
            OpenError::Missing(dir) => {
                write!(
                    f,
                    "{} holds no journal; a gateway keeps it in its data directory, by default `data` inside the city's",
                    dir.display()
                )
            }
            OpenError::Io(path, error) => write!(f, "{}: {error}", path.display()),
            OpenError::Store(dir, error) => write!(f, "{}: {error}", dir.display()),
        }
    }
}

impl std::error::Error for OpenError {}

impl Journal {
    /// Opens the journal in `dir`, or makes one there.
    pub fn open(
        dir: &Path,
        events: Events,
        check: Option<DiskCheck>,
    ) -> Result<Journal, OpenError> {
        std::fs::create_dir_all(dir).map_err(|error| OpenError::Io(dir.to_owned(), error))?;
        if !is_version_known(dir)? {
            write_version(dir)?;
        }
        let store = Store::open(dir)?;
        let last = store.last_key()?;
        let (last, ordinal) = last.map_or((0, 0), |(tick, ordinal)| (tick, ordinal + 1));
        let from = store.history_from(dir)?;
        let Store {
            database,
            inputs,
            published,
            snapshots,
            meta,
            versions,
            alerts,
        } = store;
        let wrong = |error: ReadError| OpenError::Store(dir.to_owned(), error.to_string());
        super::versions::fill(&inputs, &versions).map_err(wrong)?;
        let alerts = AlertLog::new(alerts, &database, from).map_err(wrong)?;
        Ok(Journal {
            dir: dir.to_owned(),
            database,
            inputs,
            published,
            snapshots,
            meta,
            versions,
            alerts,
            forgetting: Forgetting::default(),
            shard: 0,
            last,
            ordinal,
            failed: None,
            check,
            events,
        })
    }
}

/// Reads a journal that no gateway has open, from its first entry.
pub fn read(
    dir: &Path,
) -> Result<impl Iterator<Item = Result<(Tick, Record), ReadError>> + use<>, OpenError> {
    if !is_version_known(dir)? {
        return Err(OpenError::Missing(dir.to_owned()));
    }
    Ok(entries(&Store::open(dir)?.inputs, 0))
}

/// Entries of a journal, in the order in which they were committed.
type Entries = Box<dyn Iterator<Item = Result<(Tick, Record), ReadError>>>;

/// The same, with the ticks of its first and its last entry.
pub fn read_between(dir: &Path) -> Result<([Tick; 2], Entries), OpenError> {
    if !is_version_known(dir)? {
        return Err(OpenError::Missing(dir.to_owned()));
    }
    let store = Store::open(dir)?;
    let failed = |error: ReadError| OpenError::Store(dir.to_owned(), error.to_string());
    let first = entries(&store.inputs, 0).next().transpose();
    let first = first.map_err(failed)?.map_or(0, |(tick, _)| tick);
    let last = store.last_key()?.map_or(first, |(tick, _)| tick);
    Ok(([first, last], Box::new(entries(&store.inputs, 0))))
}

/// A journal that no gateway has open, with the calendar that it was judged by.
pub struct Recorded {
    store: Store,
    pub calendar: Calendar,
    /// What was known before this tick has been forgotten.
    history_from: Tick,
}

impl Recorded {
    /// Every revision that was ever said and is kept.
    pub fn alerts(&self) -> Alerts {
        let Store {
            alerts, database, ..
        } = &self.store;
        Alerts::new(alerts.clone(), database, self.history_from)
    }

    /// Inputs before this tick have been forgotten; 0: none.
    pub fn reach(&self) -> Result<Tick, ReadError> {
        super::retention::reach(&self.store.meta)
    }

    /// Everything up to this tick is known: the last entry, or deadlines that a snapshot says have fired since.
    pub fn known_to(&self) -> Result<Tick, OpenError> {
        let last = self.store.last_key()?.map_or(0, |(tick, _)| tick);
        let snapshot = self.store.snapshots.last_key_value();
        let snapshot = snapshot.and_then(|entry| entry.key().ok());
        let snapshot = snapshot.and_then(|key| key.first_chunk().copied());
        Ok(last.max(snapshot.map_or(0, Tick::from_be_bytes)))
    }

    /// The last version of city and rules.
    pub fn configuration(&self) -> Result<Vec<Input>, ReadError> {
        super::configuration(&self.store.meta)
    }

    /// Which name has which number.
    pub fn numbers(&self) -> Result<Option<Numbers>, ReadError> {
        super::get(&self.store.meta, super::NUMBERS)
    }

    /// Tick of its first entry; 0 where there is none.
    pub fn first(&self) -> Result<Tick, ReadError> {
        let first = self.entries().next().transpose()?;
        Ok(first.map_or(0, |(tick, _)| tick))
    }

    /// From its first entry.
    pub fn entries(&self) -> impl Iterator<Item = Result<(Tick, Record), ReadError>> + use<> {
        entries(&self.store.inputs, 0)
    }
}

/// Opens the journal in `dir` to be asked about.
pub fn recorded(dir: &Path) -> Result<Recorded, OpenError> {
    if !is_version_known(dir)? {
        return Err(OpenError::Missing(dir.to_owned()));
    }
    let store = Store::open(dir)?;
    let calendar = super::get(&store.meta, CALENDAR)
        .map_err(|error| OpenError::Store(dir.to_owned(), error.to_string()))?
        .ok_or_else(|| OpenError::Missing(dir.to_owned()))?;
    let history_from = store.history_from(dir)?;
    Ok(Recorded {
        store,
        calendar,
        history_from,
    })
}

/// A stop at the first entry that cannot be read: what follows it has no meaning without it.
pub(super) fn entries(
    inputs: &Keyspace,
    from: Tick,
) -> impl Iterator<Item = Result<(Tick, Record), ReadError>> + use<> {
    let mut broken = false;
    inputs.range(key(from, 0, 0)..).map_while(move |entry| {
        if broken {
            return None;
        }
        let read = entry
            .into_inner()
            .map_err(|error| ReadError(error.to_string()))
            .and_then(|(key, value)| {
                let (tick, _) = parse_key(&key).ok_or_else(|| {
                    ReadError(format!("a key of {} bytes where 14 belong", key.len()))
                })?;
                let record = record::decode(&value)
                    .map_err(|error| ReadError(format!("entry at tick {tick}: {error}")))?;
                Ok((tick, record))
            });
        broken = read.is_err();
        Some(read)
    })
}

struct Store {
    database: Database,
    inputs: Keyspace,
    published: Keyspace,
    snapshots: Keyspace,
    meta: Keyspace,
    versions: Keyspace,
    alerts: AlertSpaces,
}

impl Store {
    /// Where the history of alerts begins. A directory that has none yet loses its snapshot, so that the whole
    /// journal is taken up once more and makes it.
    fn history_from(&self, dir: &Path) -> Result<Tick, OpenError> {
        let wrong = |error: String| OpenError::Store(dir.to_owned(), error);
        let from =
            super::get(&self.meta, HISTORY_FROM).map_err(|error| wrong(error.to_string()))?;
        if let Some(from) = from {
            return Ok(from);
        }
        let from: Tick = 0;
        let value = bincode::serde::encode_to_vec(from, bincode::config::standard())
            .map_err(|error| wrong(error.to_string()))?;
        let mut batch = self.database.batch();
        for snapshot in self.snapshots.iter() {
            let key = snapshot.key().map_err(|error| wrong(error.to_string()))?;
            batch.remove(&self.snapshots, key);
        }
        batch.insert(&self.meta, HISTORY_FROM, value);
        batch.commit().map_err(|error| wrong(error.to_string()))?;
        Ok(from)
    }

    fn open(dir: &Path) -> Result<Store, OpenError> {
        let fail = |error: fjall::Error| match error {
            fjall::Error::Locked => OpenError::Locked(dir.to_owned()),
            fjall::Error::Io(error) => OpenError::Io(dir.to_owned(), error),
            other => OpenError::Store(dir.to_owned(), other.to_string()),
        };
        let database = Database::builder(dir.join(STORE_DIRECTORY))
            .open()
            .map_err(fail)?;
        let keyspace = |name| {
            database
                .keyspace(name, KeyspaceCreateOptions::default)
                .map_err(fail)
        };
        Ok(Store {
            inputs: keyspace("inputs")?,
            published: keyspace("published")?,
            snapshots: keyspace("snapshots")?,
            meta: keyspace("meta")?,
            versions: keyspace("versions")?,
            alerts: AlertSpaces {
                revisions: keyspace("alerts")?,
                by_alert: keyspace("alerts_by_id")?,
                open: keyspace("alerts_open")?,
            },
            database,
        })
    }

    fn last_key(&self) -> Result<Option<(Tick, u32)>, OpenError> {
        let Some(last) = self.inputs.last_key_value() else {
            return Ok(None);
        };
        let path = self.inputs.path().to_owned();
        let key = last
            .key()
            .map_err(|error| OpenError::Store(path, error.to_string()))?;
        Ok(parse_key(&key))
    }
}

pub(super) fn parse_key(key: &[u8]) -> Option<(Tick, u32)> {
    let key: &[u8; 14] = key.try_into().ok()?;
    let (tick, rest) = key.split_first_chunk()?;
    let ordinal = rest.last_chunk()?;
    Some((Tick::from_be_bytes(*tick), u32::from_be_bytes(*ordinal)))
}

/// Whether the directory has a format that this build reads; `false` for a new one.
fn is_version_known(dir: &Path) -> Result<bool, OpenError> {
    let file = dir.join(VERSION_FILE);
    let text = match std::fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            // A store without a version was not made by any released build.
            return match dir.join(STORE_DIRECTORY).exists() {
                true => Err(OpenError::NoVersion(file)),
                false => Ok(false),
            };
        }
        Err(error) => return Err(OpenError::Io(file, error)),
    };
    match text.trim().parse::<u32>() {
        Ok(version) if version > FORMAT_VERSION => Err(OpenError::Newer {
            dir: dir.to_owned(),
            version,
        }),
        Ok(version) if version < FORMAT_VERSION => Err(OpenError::Older {
            dir: dir.to_owned(),
            version,
        }),
        Ok(_) => Ok(true),
        Err(_) => Err(OpenError::NoVersion(file)),
    }
}

/// Written beside its place and moved there, so that a crash leaves no half of it.
fn write_version(dir: &Path) -> Result<(), OpenError> {
    let (file, beside) = (dir.join(VERSION_FILE), dir.join("FORMAT.new"));
    let write = || -> io::Result<()> {
        use std::io::Write;
        let mut new = std::fs::File::create(&beside)?;
        writeln!(new, "{FORMAT_VERSION}")?;
        new.sync_all()?;
        std::fs::rename(&beside, &file)?;
        std::fs::File::open(dir)?.sync_all()
    };
    write().map_err(|error| OpenError::Io(file.clone(), error))
}
