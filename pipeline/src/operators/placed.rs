//! Where a node stands and what of it is withdrawn: one row a node, that its panes are joined with.

use std::collections::BTreeMap;

use differential_dataflow::VecCollection;
use serde::{Deserialize, Serialize};
use wire::Quantity;

use super::crowd::Sides;
use super::exposure::Near;
use super::fold::{Cells, Fold, fold};
use super::zones::Member;
use crate::calendar::{Millis, Tick};
use crate::city::NodeIx;
use crate::quality::Stretch;

/// What is known of a node beside its readings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Item {
    Member(Member),
    /// It counts people through a gate.
    Gate(Sides),
    /// It stands near a source that may leak.
    Near(Near),
    Withdrawn(Stretch),
}

/// Everything of it at once.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Placed {
    /// `None`: it stands in no zone.
    pub member: Option<Member>,
    pub gates: Vec<Sides>,
    pub near: Vec<Near>,
    withdrawn: Vec<Stretch>,
}

impl Placed {
    /// Whether a pane of the node does not count.
    pub fn withdraws(&self, quantity: Quantity, start: Millis, end: Millis) -> bool {
        let mut stretches = self.withdrawn.iter();
        stretches.any(|stretch| stretch.covers(quantity, start, end))
    }
}

/// One row a node. Registry and verdicts say all again after a restart, so nothing is kept in a snapshot.
pub fn placed<'scope>(
    items: VecCollection<'scope, Tick, (NodeIx, Item), isize>,
) -> VecCollection<'scope, Tick, (NodeIx, Placed), isize> {
    fold(items, "placed", Places, Cells::empty(), 0)
}

struct Places;

#[derive(Default)]
struct Place {
    /// How often: an operator and a verdict may withdraw the same.
    items: BTreeMap<Item, isize>,
    said: Option<Placed>,
}

impl Fold for Places {
    type Key = NodeIx;
    type Item = Item;
    type Out = (NodeIx, Placed);
    type State = Place;

    fn step(
        &mut self,
        _tick: Tick,
        node: &NodeIx,
        state: &mut Place,
        changes: &[(Item, isize)],
        emit: &mut dyn FnMut((NodeIx, Placed), isize),
    ) -> Option<Tick> {
        for (item, diff) in changes {
            *state.items.entry(*item).or_default() += diff;
        }
        state.items.retain(|_, count| *count != 0);
        let mut placed = Placed::default();
        for item in state.items.keys() {
            match item {
                Item::Member(member) => placed.member = Some(*member),
                Item::Gate(sides) => placed.gates.push(*sides),
                Item::Near(near) => placed.near.push(*near),
                Item::Withdrawn(stretch) => placed.withdrawn.push(*stretch),
            }
        }
        let stands = placed.member.is_some() || !placed.gates.is_empty() || !placed.near.is_empty();
        let now = stands.then_some(placed);
        if now != state.said {
            let before = std::mem::replace(&mut state.said, now.clone());
            before
                .into_iter()
                .for_each(|placed| emit((*node, placed), -1));
            now.into_iter().for_each(|placed| emit((*node, placed), 1));
        }
        None
    }

    fn is_idle(state: &Place) -> bool {
        state.items.is_empty()
    }
}
