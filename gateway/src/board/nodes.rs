//! Node health: when each node was last heard, how much it said, and whether it is silent now.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use pipeline::calendar::Millis;
use pipeline::city::NodeIx;
use pipeline::output::Flagged;
use pipeline::quality::{Cause, Withdrawal};
use pipeline::science::qartod::Flag;
use pipeline::science::qartod::pane::Test;
use wire::Quantity;

use crate::admission::Account;

/// What is known of one node beside what it measures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NodeBook {
    pub account: Account,
    /// Of the keys that it goes by.
    pub generation: u8,
    /// When its newest start began, where its clock is known.
    pub started: Option<Millis>,
    /// Frames known to be missing: holes in its sequences.
    pub missing: u64,
    pub settings: Followed,
}

/// Whether a node goes by the settings that the city's files ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Followed {
    /// It has not said what it goes by.
    #[default]
    Unknown,
    /// None are asked for.
    Nothing,
    All,
    /// It goes by others, and is told.
    Sent,
    Refused,
}

/// What one node did, as long as it is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NodeRecord {
    /// Gateway time of its last accepted frame.
    pub heard_at: Option<Millis>,
    pub frames: u64,
    pub readings: u64,
    /// Frames and readings that were not admitted.
    pub refused: u64,
    /// `Some` while it is silent: when it was last heard, by the pipeline.
    pub silent_since: Option<Millis>,
}

/// Records of all nodes of the registry.
#[derive(Clone, Debug, Default)]
pub struct NodeLedger {
    books: BTreeMap<NodeIx, Arc<NodeBook>>,
    /// What came in no node's name.
    nobody: Account,
    /// When silent nodes were last heard, by the pipeline.
    silent: BTreeMap<NodeIx, Millis>,
    /// What of a node's readings does not count.
    withdrawn: BTreeMap<NodeIx, BTreeSet<Withdrawal>>,
    /// How many panes of a node that may still be corrected a quality test finds suspect or failing.
    flags: BTreeMap<NodeIx, BTreeMap<Finding, u32>>,
}

/// What a quality test finds of a node's quantity.
pub type Finding = (Quantity, Test, Flag);

impl NodeLedger {
    /// What is known of a node from now on.
    pub fn told(&mut self, node: NodeIx, book: NodeBook) {
        // In its place where nobody looks at it.
        *Arc::make_mut(self.books.entry(node).or_default()) = book;
    }

    /// What came in no node's name up to now.
    pub fn nobody_told(&mut self, nobody: &Account) {
        self.nobody.clone_from(nobody);
    }

    pub fn nobody(&self) -> &Account {
        &self.nobody
    }

    pub fn silence(&mut self, node: NodeIx, since: Option<Millis>) {
        match since {
            Some(since) => self.silent.insert(node, since),
            None => self.silent.remove(&node),
        };
    }

    pub fn book(&self, node: NodeIx) -> Arc<NodeBook> {
        self.books.get(&node).cloned().unwrap_or_default()
    }

    /// The same in short.
    pub fn record(&self, node: NodeIx) -> NodeRecord {
        let silent_since = self.silent.get(&node).copied();
        let Some(book) = self.books.get(&node) else {
            return NodeRecord {
                silent_since,
                ..NodeRecord::default()
            };
        };
        let account = &book.account;
        NodeRecord {
            heard_at: account.heard_at,
            frames: account.accepted,
            readings: account.readings.admitted,
            refused: account.refusals(),
            silent_since,
        }
    }

    /// A withdrawal stands from now on, or stands no more.
    pub fn withdrawn(&mut self, withdrawal: &Withdrawal, stands: bool) {
        let own = self.withdrawn.entry(withdrawal.node).or_default();
        match stands {
            true => own.insert(withdrawal.clone()),
            false => own.remove(withdrawal),
        };
        if own.is_empty() {
            self.withdrawn.remove(&withdrawal.node);
        }
    }

    /// What of the node's readings does not count, those that last first.
    pub fn quarantine(&self, node: NodeIx) -> Vec<Withdrawal> {
        let own = self.withdrawn.get(&node).into_iter().flatten();
        let mut own: Vec<Withdrawal> = own.cloned().collect();
        own.sort_by_key(|withdrawal| withdrawal.until.is_some());
        own
    }

    /// A pane's flags stand from now on, or stand no more.
    pub fn flagged(&mut self, flagged: &Flagged, stand: bool) {
        let own = self.flags.entry(flagged.node).or_default();
        for test in Test::ALL {
            let flag = flagged.flags.of(test);
            if flag < Flag::Suspect {
                continue;
            }
            let count = own.entry((flagged.quantity, test, flag)).or_default();
            *count = match stand {
                true => *count + 1,
                false => count.saturating_sub(1),
            };
        }
        own.retain(|_, count| *count > 0);
        if own.is_empty() {
            self.flags.remove(&flagged.node);
        }
    }

    /// What quality tests find of the node, with the number of panes.
    pub fn findings(&self, node: NodeIx) -> Vec<(Finding, u32)> {
        let own = self.flags.get(&node).into_iter().flatten();
        own.map(|(finding, count)| (*finding, *count)).collect()
    }

    pub fn verdicts(&self) -> impl Iterator<Item = &Withdrawal> {
        let rows = self.withdrawn.values().flatten();
        rows.filter(|row| matches!(row.cause, Cause::Flaw(_)))
    }

    /// Forgets nodes that are not in the registry any more.
    pub fn keep_only(&mut self, known: impl Fn(NodeIx) -> bool) {
        self.books.retain(|node, _| known(*node));
        self.silent.retain(|node, _| known(*node));
        self.withdrawn.retain(|node, _| known(*node));
        self.flags.retain(|node, _| known(*node));
    }
}
