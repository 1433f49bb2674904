//! Opening a data directory, and reading what it holds.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use fjall::{Database, Keyspace, KeyspaceCreateOptions};
use pipeline::calendar::{Calendar, Tick};

use super::{CALENDAR, DiskCheck, Journal, ReadError, Record, key, record};
use crate::events::Events;

/// Version of the layout of a data directory; a larger one is refused, never guessed at.
pub const FORMAT_VERSION: u32 = 4;

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
                write!(f, "{} holds no journal", dir.display())
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
        let Store {
            database,
            inputs,
            published,
            snapshots,
            meta,
        } = store;
        Ok(Journal {
            database,
            inputs,
            published,
            snapshots,
            meta,
            shard: 0,
            last,
            ordinal,
            failed: false,
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

/// A journal that no gateway has open, with the calendar that it was judged by.
pub struct Recorded {
    store: Store,
    pub calendar: Calendar,
}

impl Recorded {
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
    Ok(Recorded { store, calendar })
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
}

impl Store {
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

fn parse_key(key: &[u8]) -> Option<(Tick, u32)> {
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
