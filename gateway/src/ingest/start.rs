//! From an open journal to a running dataflow: replays what was, then goes over to today's files.

use std::fmt;

use pipeline::calendar::Tick;
use pipeline::input::Input;
use pipeline::observation::Observation;

use super::Ingest;
use crate::journal::{CommitError, ReadError, Record};
use crate::outlet::Outgoing;

/// History that a new gateway begins with, ascending by tick.
pub type History = Box<dyn Iterator<Item = (Tick, Vec<Observation>)> + Send>;

/// Why the gateway could not take up its journal.
#[derive(Debug)]
pub enum StartError {
    Read(ReadError),
    Commit(CommitError),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StartError::Read(error) => error.fmt(f),
            StartError::Commit(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for StartError {}

impl From<ReadError> for StartError {
    fn from(error: ReadError) -> StartError {
        StartError::Read(error)
    }
}

impl From<CommitError> for StartError {
    fn from(error: CommitError) -> StartError {
        StartError::Commit(error)
    }
}

/// Observations of history in one commit.
const HISTORY_COMMIT_LEN: usize = 10_000;
/// Records that are replayed between two promises to the dataflow.
const PROMISE_EVERY_RECORDS: u32 = 16;

impl Ingest {
    /// Brings dataflow, sessions and board to where the journal ends; answers how many frames were replayed.
    pub(crate) fn take_up(
        &mut self,
        today: Vec<Input>,
        history: Option<History>,
    ) -> Result<u64, StartError> {
        let from = self.restored_to.map_or(0, |tick| tick + 1);
        let entries = self.locked(|journal| journal.entries(from));
        let mut is_new = self.restored_to.is_none();
        let (mut replayed, mut since_promise) = (0, 0);
        for entry in entries {
            let (tick, record) = entry?;
            is_new = false;
            if let Record::Frames(frames) = &record {
                replayed += frames.len() as u64;
                let (nodes, registry) = (&mut self.nodes, &self.registry);
                for frame in frames {
                    nodes.replay(registry, tick, frame);
                }
            }
            // The dataflow works while the journal is read, and what it has not taken yet stays small.
            if since_promise >= PROMISE_EVERY_RECORDS {
                self.feed.promise(tick);
                since_promise = 0;
            }
            since_promise += 1;
            self.feed.record(tick, &record);
        }
        let history = history.filter(|_| is_new).into_iter().flatten();
        let mut history = history.peekable();
        // Numbers and rules hold from the first reading on, so the city stands before its history.
        let first = history.peek().map(|(tick, _)| *tick);
        let begin = first.unwrap_or_else(|| self.now());
        // At the last tick, so that no time passes in which silence could be blamed on a node.
        let down_at = if is_new { begin } else { 0 };
        self.go_over_to(today, down_at, begin)?;
        let mut waiting = Vec::new();
        let mut count = 0;
        while let Some((tick, observations)) = history.next() {
            count += observations.len();
            waiting.push((tick, Record::History(observations)));
            if count >= HISTORY_COMMIT_LEN || history.peek().is_none() {
                let entries = waiting.iter().map(|(tick, record)| (*tick, record));
                self.locked(|journal| journal.commit_all(entries))?;
                for (tick, record) in waiting.drain(..) {
                    self.feed.promise(tick);
                    self.feed.record(tick, &record);
                }
                count = 0;
            }
        }
        let floor = self.locked(|journal| journal.floor());
        self.feed.promise(floor);
        self.feed.settle();
        self.show_all();
        // The outlet is gone only when everything ends.
        let _ = self.outlet.send(Outgoing::Live);
        Ok(replayed)
    }

    /// Nobody was listening until now; and the files may have changed since.
    fn go_over_to(
        &mut self,
        today: Vec<Input>,
        down_at: Tick,
        now: Tick,
    ) -> Result<(), StartError> {
        let down = Record::Input(Input::Link { up: false });
        // A snapshot may reach beyond the last entry, by deadlines that fired after it.
        let (down_at, now) = (
            down_at.max(self.feed.promised()),
            now.max(self.feed.promised()),
        );
        let tick = self.locked(|journal| journal.commit(down_at, std::slice::from_ref(&down)))?;
        self.feed.record(tick, &down);
        let known = self.locked(|journal| journal.configuration())?;
        for input in today {
            // A city that never had quality rules is not told that it has none.
            let is_nothing = matches!(&input, Input::Quality(rules) if rules.is_empty())
                && !known.iter().any(|known| matches!(known, Input::Quality(_)));
            if known.contains(&input) || is_nothing {
                continue;
            }
            let record = Record::Input(input);
            let tick = self.locked(|journal| journal.commit(now, std::slice::from_ref(&record)))?;
            self.feed.record(tick, &record);
        }
        Ok(())
    }
}
