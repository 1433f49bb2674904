//! Node health: when each node was last heard, how much it said, and whether it is silent now.

use std::collections::{BTreeMap, BTreeSet};

use pipeline::calendar::Millis;
use pipeline::city::NodeIx;
use pipeline::output::Flagged;
use pipeline::quality::{Cause, Withdrawal};
use pipeline::science::qartod::Flag;
use pipeline::science::qartod::pane::Test;
use wire::Quantity;

/// What one node did since the gateway started.
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
    records: BTreeMap<NodeIx, NodeRecord>,
    /// What of a node's readings does not count.
    withdrawn: BTreeMap<NodeIx, BTreeSet<Withdrawal>>,
    /// How many panes of a node that may still be corrected a quality test finds suspect or failing.
    flags: BTreeMap<NodeIx, BTreeMap<Finding, u32>>,
}

/// What a quality test finds of a node's quantity.
pub type Finding = (Quantity, Test, Flag);

impl NodeLedger {
    pub fn heard(&mut self, node: NodeIx, at: Millis, readings: u32) {
        let record = self.records.entry(node).or_default();
        record.heard_at = record.heard_at.max(Some(at));
        record.frames += 1;
        record.readings += u64::from(readings);
    }

    pub fn refused(&mut self, node: NodeIx, count: u32) {
        self.records.entry(node).or_default().refused += u64::from(count);
    }

    pub fn silence(&mut self, node: NodeIx, since: Option<Millis>) {
        self.records.entry(node).or_default().silent_since = since;
    }

    pub fn record(&self, node: NodeIx) -> NodeRecord {
        self.records.get(&node).copied().unwrap_or_default()
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
        self.records.retain(|node, _| known(*node));
        self.withdrawn.retain(|node, _| known(*node));
        self.flags.retain(|node, _| known(*node));
    }
}
