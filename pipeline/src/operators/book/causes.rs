//! What people changed at a tick, so that a revision can say why: the figures alone cannot tell a late reading from
//! a corrected registry.

use std::collections::BTreeSet;

use crate::alert::Reason;
use crate::city::NodeIx;
use crate::input::{Action, Input};
use crate::operators::alerts::memory::Content;

/// The inputs of one tick, as far as they change what stood.
#[derive(Debug, Default)]
pub struct Causes {
    /// Names or rules are not what they were.
    pub is_news: bool,
    city: bool,
    withdrawn: BTreeSet<NodeIx>,
    returned: BTreeSet<NodeIx>,
}

impl Causes {
    pub fn note(&mut self, input: &Input) {
        match input {
            Input::City(_) => self.city = true,
            Input::Action(Action::Quarantine { node, .. } | Action::Release { node, .. }) => {
                self.withdraw(*node);
            }
            Input::Action(_) | Input::Rules(_) | Input::Quality(_) | Input::Link { .. } => {}
        }
    }

    /// Readings of the node were withdrawn, or a person let them come back.
    pub fn withdraw(&mut self, node: NodeIx) {
        self.withdrawn.insert(node);
    }

    /// A quality rule says no more of the node what it said: readings come back with what speaks for them.
    pub fn give_back(&mut self, node: NodeIx) {
        self.returned.insert(node);
    }

    /// Why an alert was revised whose zone has these nodes. An end for want of data stays one, whatever led to it: it
    /// is no all-clear.
    pub fn reason(&self, said: &Content, mut of_zone: impl FnMut(NodeIx) -> bool) -> Reason {
        let ended = !said.state.is_open();
        match said.reason {
            Reason::NoData if ended => Reason::NoData,
            Reason::Correction | Reason::BackToNormal | Reason::Threshold | Reason::NoData => {
                let fresh = said.reason == Reason::BackToNormal;
                if self.withdrawn.iter().any(|node| of_zone(*node))
                    || !fresh && self.returned.iter().any(|node| of_zone(*node))
                {
                    Reason::Quarantine
                } else if self.city {
                    Reason::Registry
                } else {
                    said.reason
                }
            }
            other => other,
        }
    }
}
