//! What each node of a zone is compared with: the median of the others, pane by pane, whether or not they count.

use std::collections::{BTreeMap, BTreeSet};

use wire::{Milli, Quantity};

use crate::calendar::{Millis, Tick};
use crate::city::{NodeIx, ZoneIx};
use crate::operators::fold::Fold;
use crate::science::quality::median_of_others;

/// What each node of a zone is compared with in one pane.
pub(super) struct Beside;

#[derive(Default)]
pub(super) struct Figures {
    means: BTreeSet<(Milli, NodeIx)>,
    said: BTreeMap<NodeIx, (Milli, Milli)>,
}

impl Fold for Beside {
    type Key = (ZoneIx, Quantity, Millis);
    type Item = (Milli, NodeIx);
    /// The start of the pane, and the median.
    type Out = ((NodeIx, Quantity), (Millis, (Milli, Milli)));
    type State = Figures;

    fn step(
        &mut self,
        _tick: Tick,
        (_, quantity, start): &Self::Key,
        state: &mut Figures,
        changes: &[((Milli, NodeIx), isize)],
        emit: &mut dyn FnMut(Self::Out, isize),
    ) -> Option<Tick> {
        for (figure, diff) in changes {
            match *diff > 0 {
                true => state.means.insert(*figure),
                false => state.means.remove(figure),
            };
        }
        let means: Vec<Milli> = state.means.iter().map(|(mean, _)| *mean).collect();
        let nodes = state.means.iter().enumerate();
        let now: BTreeMap<NodeIx, (Milli, Milli)> = nodes
            .filter_map(|(place, (_, node))| Some((*node, median_of_others(&means, place)?)))
            .collect();
        let row = |node: &NodeIx, median| ((*node, *quantity), (*start, median));
        for (node, median) in &state.said {
            if now.get(node) != Some(median) {
                emit(row(node, *median), -1);
            }
        }
        for (node, median) in &now {
            if state.said.get(node) != Some(median) {
                emit(row(node, *median), 1);
            }
        }
        state.said = now;
        None
    }

    fn is_idle(state: &Figures) -> bool {
        state.means.is_empty()
    }
}
