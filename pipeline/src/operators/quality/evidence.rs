//! What a sensor is judged by: its rule, its panes within the horizon, and what its zone's other nodes say beside each.
//!
//! Verdicts and flags look at the same rows, each by rules of its own.

use std::collections::{BTreeMap, BTreeSet};

use differential_dataflow::{ExchangeData, VecCollection};
use serde::{Deserialize, Serialize};
use wire::{Milli, Quantity};

use super::beside::Beside;
use crate::calendar::{Calendar, Millis, Tick};
use crate::city::{NodeIx, ZoneIx};
use crate::operators::fold::{Cells, fold};
use crate::operators::panes::{Grain, NodePane, NodePanes};
use crate::science::quality::Seen;

/// What a sensor of one quantity is held to.
pub(super) trait Rule: ExchangeData {
    fn quantity(&self) -> Quantity;

    /// The zone with whose other nodes the sensor is compared, if it is.
    fn beside(&self) -> Option<ZoneIx>;
}

/// A row about one (node, quantity).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Item<R> {
    Rule(R),
    /// Still without the others.
    Pane(Seen),
    /// The median of the zone's other nodes in the pane that starts then.
    Others(Millis, (Milli, Milli)),
}

/// The rows of every sensor that has a rule. Panes of other quantities are met by nothing here.
pub(super) fn rows<'scope, R: Rule>(
    node_panes: NodePanes<'scope>,
    rules: VecCollection<'scope, Tick, (NodeIx, R), isize>,
    calendar: &Calendar,
    name: &str,
) -> VecCollection<'scope, Tick, ((NodeIx, Quantity), Item<R>), isize> {
    let calendar = calendar.clone();
    let looked = node_panes.join_core(
        rules.clone().arrange_by_key_named(name),
        move |node, (key, pane), rule| {
            let is_looked_at = key.grain == Grain::Fine && key.quantity == rule.quantity();
            is_looked_at.then(|| {
                let width = calendar.span(key.quantity).width;
                let seen = Seen::of(key.start, width, pane);
                ((*node, key.quantity), (rule.beside(), seen))
            })
        },
    );
    let beside = looked.clone().flat_map(|((node, quantity), (zone, seen))| {
        Some(((zone?, quantity, seen.start), (seen.mean, node)))
    });
    let own = looked.map(|(key, (_, seen))| (key, Item::Pane(seen)));
    let rules = rules.map(|(node, rule)| ((node, rule.quantity()), Item::Rule(rule)));
    // After a restart the panes say all again, so what lies beside them needs no snapshot.
    let others = fold(beside, "beside", Beside, Cells::empty(), 0);
    let others = others.map(|(key, (start, median))| (key, Item::Others(start, median)));
    own.concat(others).concat(rules)
}

/// The rows of one sensor as they are now.
pub(super) struct Evidence<R> {
    pub(super) rule: Option<R>,
    pub(super) panes: BTreeMap<Millis, Seen>,
    others: BTreeMap<Millis, (Milli, Milli)>,
}

impl<R> Default for Evidence<R> {
    fn default() -> Evidence<R> {
        Evidence {
            rule: None,
            panes: BTreeMap::new(),
            others: BTreeMap::new(),
        }
    }
}

impl<R: Rule> Evidence<R> {
    /// A pane with what lies beside it.
    pub(super) fn seen(&self, pane: &Seen) -> Seen {
        Seen {
            others: self.others.get(&pane.start).copied(),
            ..*pane
        }
    }

    /// Takes the changes in. Answers the panes that left because they are sealed off, and the start of the first other
    /// one that is not what it was.
    pub(super) fn apply(
        &mut self,
        changes: &[(Item<R>, isize)],
        is_sealed: impl Fn(&Seen) -> bool,
    ) -> (Vec<Seen>, Option<Millis>) {
        let sealed: Vec<Seen> = changes
            .iter()
            .filter_map(|(item, diff)| match item {
                Item::Pane(pane) if *diff < 0 && is_sealed(pane) => Some(self.seen(pane)),
                _ => None,
            })
            .collect();
        let gone: BTreeSet<Millis> = sealed.iter().map(|pane| pane.start).collect();
        let mut from: Option<Millis> = None;
        // Retractions first, so that a replaced row leaves before its successor comes.
        let (out, come): (Vec<&(Item<R>, isize)>, Vec<_>) =
            changes.iter().partition(|(_, diff)| *diff < 0);
        for (item, _) in out {
            match item {
                Item::Rule(rule) => drop(self.rule.take_if(|now| now == rule)),
                Item::Pane(pane) => drop(self.panes.remove(&pane.start)),
                Item::Others(start, _) => drop(self.others.remove(start)),
            }
            from = earlier(from, item.start().filter(|start| !gone.contains(start)));
        }
        for (item, _) in come {
            match item {
                Item::Rule(rule) => self.rule = Some(rule.clone()),
                Item::Pane(pane) => drop(self.panes.insert(pane.start, *pane)),
                Item::Others(start, median) => drop(self.others.insert(*start, *median)),
            }
            from = earlier(from, item.start());
        }
        (sealed, from)
    }
}

impl<R> Item<R> {
    fn start(&self) -> Option<Millis> {
        match self {
            Item::Rule(_) => None,
            Item::Pane(pane) => Some(pane.start),
            Item::Others(start, _) => Some(*start),
        }
    }
}

impl Seen {
    /// A pane of `width` without what lies beside it.
    fn of(start: Millis, width: Millis, pane: &NodePane) -> Seen {
        Seen {
            start,
            end: start + width,
            mean: pane.figure(),
            min: pane.min,
            max: pane.max,
            saturated: pane.saturated,
            others: None,
        }
    }
}

fn earlier(one: Option<Millis>, other: Option<Millis>) -> Option<Millis> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
