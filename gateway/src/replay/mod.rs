//! `citysense replay`: recorded readings, or a journal, through the same pipeline, as fast as it can.
//!
//! - this file: one thread reads, the workers compute, this one hands over; [`journal`]: a journal instead;
//! - [`figures`]: final zone values and air indices; [`spool`]: what is final leaves the memory;
//! - [`outputs`]: the files of the output directory; [`zones`]: one table of a journal instead of them.

mod figures;
mod journal;
mod metrics;
mod outputs;
mod spool;
mod zones;

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use pipeline::engine::{Engine, EngineConfig};
use pipeline::input::Input;
use serde::Serialize;

use crate::anchors::Anchors;
use crate::city::LoadedCity;
use crate::journal::OpenError;
use crate::readings::{self, Batch, Batches, Ledger, Place, SourceError};
pub use journal::JournalBooks;
use journal::Sink;
use outputs::Outputs;
pub use outputs::Written;
pub use zones::export;

/// Batches between the reader and the engine: enough that neither waits for the other's hiccups.
const BATCHES_QUEUED_MAX: usize = 4;

/// What to replay, and where to.
#[derive(Clone, Debug)]
pub struct Replay {
    pub recording: Recording,
    pub out: PathBuf,
    pub workers: usize,
    /// Figures about few persons are shown as a range.
    pub privacy_floor: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recording {
    /// CSV files.
    Readings(Vec<Place>),
    /// A data directory that no gateway has open.
    Journal(PathBuf),
}

/// How it went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    pub books: Books,
    pub written: Written,
}

/// What became of everything that was recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Books {
    Rows(Ledger),
    Journal(JournalBooks),
}

/// Why a replay stopped.
#[derive(Debug)]
pub enum ReplayError {
    Source(SourceError),
    /// The journal cannot be opened; the error names its place.
    Open(OpenError),
    /// A data directory, and what is wrong with its journal.
    Journal(PathBuf, String),
    /// An output file, by its name.
    Output(PathBuf, io::Error),
    /// The reader ended without a word; it should not be able to.
    Reader,
}

impl fmt::Display for ReplayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReplayError::Source(error) => error.fmt(f),
            ReplayError::Open(error) => error.fmt(f),
            ReplayError::Journal(dir, error) => write!(f, "{}: {error}", dir.display()),
            ReplayError::Output(path, error) => write!(f, "{}: {error}", path.display()),
            ReplayError::Reader => f.write_str("the reader of the files ended unexpectedly"),
        }
    }
}

impl std::error::Error for ReplayError {}

impl From<SourceError> for ReplayError {
    fn from(error: SourceError) -> ReplayError {
        ReplayError::Source(error)
    }
}

/// Runs a replay to its end; `watch` sees how many bytes have been read, now and then.
pub fn run(
    replay: &Replay,
    city: &LoadedCity,
    watch: impl FnMut(u64),
) -> Result<Summary, ReplayError> {
    let create = || Outputs::create(&replay.out, city, replay.privacy_floor);
    let config = EngineConfig {
        workers: replay.workers,
        calendar: city.calendar.clone(),
        status: city.settings.status,
    };
    // The recording is opened before anything is written: a wrong one leaves the output directory alone.
    let (books, outputs) = match &replay.recording {
        Recording::Readings(places) => {
            let progress = Arc::new(AtomicU64::new(0));
            let batches = readings::open(places, city, &progress)?;
            let outputs = Arc::new(Mutex::new(create()?));
            let ledger = feed_readings(batches, config, city, &outputs, &progress, watch)?;
            (Books::Rows(ledger), outputs)
        }
        Recording::Journal(dir) => {
            let (span, records) = crate::journal::read_between(dir).map_err(ReplayError::Open)?;
            let outputs = Arc::new(Mutex::new(create()?));
            let books = journal::feed(dir, config, &outputs, (span, records))?;
            (Books::Journal(books), outputs)
        }
    };
    let written = lock(&outputs).finish(&books)?;
    Ok(Summary { books, written })
}

/// One thread reads, the engine's threads compute, this one hands over.
fn feed_readings(
    mut batches: Batches,
    config: EngineConfig,
    city: &LoadedCity,
    outputs: &Arc<Mutex<Outputs>>,
    progress: &AtomicU64,
    mut watch: impl FnMut(u64),
) -> Result<Ledger, ReplayError> {
    let sink = outputs.clone();
    let sink = Box::new(move |output| lock(&sink).take(output));
    let mut engine = Engine::start(config, None, sink);
    engine.input(0, Input::City(city.city.clone()));
    engine.input(0, Input::Rules(city.rules.clone()));
    engine.input(0, Input::Quality(city.quality.clone()));

    let (sender, receiver) = sync_channel::<Batch>(BATCHES_QUEUED_MAX);
    let reader = thread::spawn(move || -> Result<Ledger, SourceError> {
        while let Some(batch) = batches.next_batch()? {
            if sender.send(batch).is_err() {
                break;
            }
        }
        Ok(batches.ledger)
    });
    let mut anchors = Anchors::new(city);
    for batch in receiver {
        for (tick, observations) in batch.ticks() {
            for (at, action) in anchors.due(tick) {
                engine.input(at, Input::Action(action));
            }
            engine.observe(tick, observations);
        }
        if let Some(tick) = batch.last_tick() {
            engine.advance(tick);
        }
        watch(progress.load(Ordering::Relaxed));
    }
    let ledger = reader.join().map_err(|_| ReplayError::Reader)??;
    engine.finish();
    Ok(ledger)
}

/// A worker that panicked while it held the lock leaves sound data: every change is one assignment.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
