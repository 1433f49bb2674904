//! The gateway behind the door: a journal, a feed, snapshots, and lives that end and begin again.

use gateway::feed::Feed;
use gateway::journal::Record;
use pipeline::alert::Status;
use pipeline::calendar::{Calendar, Tick};
use pipeline::engine::{EngineConfig, Snapshot};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::door::{Door, Sessions};
use super::trace::Trace;
use crate::history::Said;

/// Records between two promises of a life that catches up, as the gateway does it.
const PROMISE_EVERY_RECORDS: usize = 16;

pub(super) struct Life {
    calendar: Calendar,
    feed: Option<Feed>,
    said: Said,
    pub(super) trace: Trace,
    journal: Vec<(Tick, Vec<u8>)>,
    saved: Option<Saved>,
    pub(super) workers: usize,
}

/// A snapshot on disk.
struct Saved {
    tick: Tick,
    dataflow: Vec<u8>,
    sessions: Vec<u8>,
}

impl Life {
    pub(super) fn new(calendar: Calendar, workers: usize) -> Life {
        let said = Said::default();
        Life {
            feed: Some(Feed::start(config(&calendar, workers), None, said.sink())),
            calendar,
            said,
            trace: Trace::default(),
            journal: Vec::new(),
            saved: None,
            workers,
        }
    }

    /// Nothing more comes below this.
    pub(super) fn promised(&self) -> Tick {
        self.feed.as_ref().map_or(0, Feed::promised)
    }

    /// Journals a record at `now`, or at the first tick that is still open, and feeds it; answers its tick.
    pub(super) fn commit(&mut self, now: Tick, record: &Record) -> Result<Tick, String> {
        let last = self.journal.last().map_or(0, |(tick, _)| *tick);
        let tick = now.max(self.promised()).max(last);
        self.journal.push((tick, encode(record)?));
        if let Some(feed) = &mut self.feed {
            feed.record(tick, record);
        }
        Ok(tick)
    }

    pub(super) fn promise(&mut self, tick: Tick) {
        if let Some(feed) = &mut self.feed {
            feed.promise(tick);
        }
    }

    /// Everything below the promise is said, and was right to be said.
    pub(super) fn settle(&mut self) -> Result<(), String> {
        if let Some(feed) = &mut self.feed {
            feed.settle();
        }
        self.trace.take(self.said.take())?;
        self.trace.caught_up()
    }

    pub(super) fn save(&mut self, sessions: &Sessions) -> Result<(), String> {
        let Some(feed) = &mut self.feed else {
            return Ok(());
        };
        let snapshot = feed.snapshot();
        self.saved = Some(Saved {
            tick: snapshot.tick,
            dataflow: encode(&snapshot)?,
            sessions: encode(sessions)?,
        });
        Ok(())
    }

    /// The process dies with what it has not said yet, and another takes up snapshot and journal, or the journal
    /// alone. Answers the nodes' sessions as they come back.
    pub(super) fn restart(
        &mut self,
        workers: usize,
        from_snapshot: bool,
    ) -> Result<Sessions, String> {
        let promised = self.promised();
        drop(self.feed.take());
        self.trace.take(self.said.take())?;
        let saved = self.saved.as_ref().filter(|_| from_snapshot);
        let (mut sessions, mut snapshot) = (Sessions::new(), None);
        if let Some(saved) = saved {
            sessions = decode(&saved.sessions)?;
            snapshot = Some(decode::<Snapshot>(&saved.dataflow)?);
        }
        let from = saved.map(|saved| saved.tick);
        self.trace.restart(from);
        self.workers = workers;
        let config = config(&self.calendar, workers);
        let mut feed = Feed::start(config, snapshot, self.said.sink());
        let tail = self.journal.iter();
        let tail = tail.filter(|(tick, _)| from.is_none_or(|from| *tick > from));
        for (place, (tick, bytes)) in tail.enumerate() {
            if place % PROMISE_EVERY_RECORDS == 0 {
                feed.promise(*tick);
            }
            let record = decode(bytes)?;
            Door::replay(&mut sessions, &record);
            feed.record(*tick, &record);
        }
        feed.promise(promised);
        self.feed = Some(feed);
        Ok(sessions)
    }

    /// The whole journal on its own, on another number of workers: the revisions that it says, as lines.
    pub(super) fn replayed(&self, workers: usize) -> Result<Vec<String>, String> {
        let said = Said::default();
        let mut feed = Feed::start(config(&self.calendar, workers), None, said.sink());
        for (place, (tick, bytes)) in self.journal.iter().enumerate() {
            if place % (PROMISE_EVERY_RECORDS * workers) == 0 {
                feed.promise(*tick);
            }
            feed.record(*tick, &decode(bytes)?);
        }
        feed.promise(self.promised());
        feed.settle();
        Ok(crate::history::revision_lines(&said.take()))
    }

    pub(super) fn journaled(&self) -> usize {
        self.journal.len()
    }
}

fn config(calendar: &Calendar, workers: usize) -> EngineConfig {
    EngineConfig {
        workers,
        calendar: calendar.clone(),
        status: Status::Test,
    }
}

fn encode(value: &impl Serialize) -> Result<Vec<u8>, String> {
    bincode::serde::encode_to_vec(value, bincode::config::standard())
        .map_err(|error| format!("cannot be written: {error}"))
}

fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    bincode::serde::decode_from_slice(bytes, bincode::config::standard())
        .map(|(value, _)| value)
        .map_err(|error| format!("does not come back: {error}"))
}
