//! Dense numbers for names: given once, never given to another as long as the journal lives.

use std::collections::BTreeMap;

use pipeline::city::{City, NodeIx, ZoneIx};
use pipeline::rules::{Rule, RuleIx};
use serde::{Deserialize, Serialize};
use wire::{NodeId, RuleId, ZoneId};

/// Which name has which number; names that left the city keep theirs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Numbers {
    nodes: BTreeMap<NodeId, u32>,
    zones: BTreeMap<ZoneId, u32>,
    rules: BTreeMap<RuleId, u32>,
}

impl Numbers {
    /// Takes over the numbers of a version of the city, as a restart does from its journal.
    pub fn learn(&mut self, city: &City, rules: &[Rule]) {
        let nodes = city.nodes.iter().map(|node| (node.id, node.ix.0));
        self.nodes.extend(nodes);
        let zones = city.zones.iter().map(|zone| (zone.id, zone.ix.0));
        self.zones.extend(zones);
        self.rules
            .extend(rules.iter().map(|rule| (rule.id, rule.ix.0)));
    }

    pub(crate) fn node(&mut self, id: NodeId) -> NodeIx {
        NodeIx(number(&mut self.nodes, id))
    }

    pub(crate) fn zone(&mut self, id: ZoneId) -> ZoneIx {
        ZoneIx(number(&mut self.zones, id))
    }

    pub(crate) fn rule(&mut self, id: RuleId) -> RuleIx {
        RuleIx(number(&mut self.rules, id))
    }
}

/// The number that `id` has, or the next free one.
fn number<I: Ord>(known: &mut BTreeMap<I, u32>, id: I) -> u32 {
    // Numbers are dense (nothing is ever removed), so the count is the next free one, except when a
    // journal that was cut left a hole: then one past the highest is.
    let next = known.len() as u32;
    if let Some(&number) = known.get(&id) {
        return number;
    }
    let next = match known.values().any(|&taken| taken >= next) {
        true => known.values().max().map_or(0, |highest| highest + 1),
        false => next,
    };
    known.insert(id, next);
    next
}
