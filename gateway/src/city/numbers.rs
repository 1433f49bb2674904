//! Dense numbers for names: given once, never given to another as long as the journal lives.

use std::collections::BTreeMap;

use pipeline::city::{City, NodeIx, ZoneIx};
use pipeline::rules::{Rule, RuleIx};
use serde::{Deserialize, Serialize};
use wire::{NodeId, RuleId, ZoneId};

/// Which name has which number; names that left the city keep theirs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Numbers {
    nodes: Table<NodeId>,
    zones: Table<ZoneId>,
    rules: Table<RuleId>,
}

impl Numbers {
    /// Takes over the numbers of a version of the city, as a restart does from its journal.
    pub fn learn(&mut self, city: &City, rules: &[Rule]) {
        for node in &city.nodes {
            self.nodes.learn(node.id, node.ix.0);
        }
        for zone in &city.zones {
            self.zones.learn(zone.id, zone.ix.0);
        }
        for rule in rules {
            self.rules.learn(rule.id, rule.ix.0);
        }
    }

    pub(crate) fn node(&mut self, id: NodeId) -> NodeIx {
        NodeIx(self.nodes.number(id))
    }

    pub(crate) fn zone(&mut self, id: ZoneId) -> ZoneIx {
        ZoneIx(self.zones.number(id))
    }

    pub(crate) fn rule(&mut self, id: RuleId) -> RuleIx {
        RuleIx(self.rules.number(id))
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Table<I: Ord> {
    known: BTreeMap<I, u32>,
    /// One past the highest number that was ever given.
    next: u32,
}

impl<I: Ord> Default for Table<I> {
    fn default() -> Table<I> {
        let known = BTreeMap::new();
        Table { known, next: 0 }
    }
}

impl<I: Ord> Table<I> {
    fn learn(&mut self, id: I, number: u32) {
        self.known.insert(id, number);
        self.next = self.next.max(number.saturating_add(1));
    }

    /// The number that `id` has, or the next free one.
    fn number(&mut self, id: I) -> u32 {
        let next = &mut self.next;
        *self.known.entry(id).or_insert_with(|| {
            *next += 1;
            *next - 1
        })
    }
}
