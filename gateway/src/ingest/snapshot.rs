//! Snapshots of the gateway: what a restart would otherwise compute again from the whole journal.

use std::time::Instant;

use pipeline::calendar::{Calendar, Tick};
use pipeline::city::NodeIx;
use pipeline::engine::Snapshot;
use serde::{Deserialize, Serialize};

use super::{Accounts, Ingest};
use crate::admission::Session;
use crate::journal::{ACCOUNTS, CommitError, Journal};
use crate::limits;

/// Everything up to a tick; the journal's later entries are the tail.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Saved {
    pub(crate) engine: Snapshot,
    pub(crate) sessions: Vec<(NodeIx, Session)>,
}

impl Saved {
    /// The journal's latest snapshot, unless panes were cut differently then: it is of no use any more.
    pub(crate) fn latest(journal: &Journal, calendar: &Calendar) -> Option<Saved> {
        let saved: Saved = journal.snapshot()?;
        saved.engine.fits(calendar).then_some(saved)
    }

    pub(crate) fn tick(&self) -> Tick {
        self.engine.tick
    }
}

impl Accounts {
    /// As they were last written; of an older layout they begin anew, because nothing depends on them.
    pub(crate) fn kept(journal: &Journal) -> Accounts {
        journal.meta(ACCOUNTS).ok().flatten().unwrap_or_default()
    }
}

/// When the last snapshot was taken, and what was journaled since.
pub(crate) struct Since {
    at: Instant,
    frames: u64,
}

impl Default for Since {
    fn default() -> Since {
        Since {
            at: Instant::now(),
            frames: 0,
        }
    }
}

impl Since {
    pub(crate) fn journaled(&mut self, frames: usize) {
        self.frames += frames as u64;
    }

    fn is_due(&self) -> bool {
        self.frames >= limits::SNAPSHOT_FRAMES
            || (self.frames > 0 && self.at.elapsed() >= limits::SNAPSHOT_EVERY)
    }
}

impl Ingest {
    pub(crate) fn save_if_due(&mut self) -> Result<(), CommitError> {
        match self.since.is_due() {
            true => self.save(),
            false => Ok(()),
        }
    }

    /// Waits until the dataflow has taken in everything, and writes its state beside the sessions.
    pub(crate) fn save(&mut self) -> Result<(), CommitError> {
        let saved = Saved {
            engine: self.feed.snapshot(),
            sessions: self.nodes.sessions(),
        };
        self.since = Since::default();
        let accounts = self.nodes.accounts(saved.tick());
        self.locked(|journal| {
            // First, because they say themselves how far they go.
            journal.set_meta(ACCOUNTS, &accounts)?;
            journal.set_snapshot(saved.tick(), &saved)
        })
    }
}
