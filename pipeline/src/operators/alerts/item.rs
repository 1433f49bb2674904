//! What an alert is about, and what its fold is fed.

use serde::{Deserialize, Serialize};
use wire::{KindId, Milli, NodeId, RuleId, ZoneId};

use super::doubt::Doubt;
use super::islands::{Alarmed, Judged};
use crate::calendar::{Millis, Tick};
use crate::city::{NodeIx, ZoneIx};
use crate::rules::{Condition, RuleIx};

/// What an alert is about: a rule in a zone, or a silent node of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Subject {
    pub rule: RuleIx,
    pub zone: ZoneIx,
    pub node: Option<NodeIx>,
}

/// A rule in one zone, with what its alerts need beside panes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Watch {
    pub rule: RuleId,
    pub zone: ZoneId,
    /// Part of the alert's topic: another kind is another rule to people.
    pub kind: KindId,
    pub condition: Condition,
    /// Of the value's panes.
    pub grace: Millis,
    pub horizon: Millis,
}

/// What a subject's fold is fed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Item {
    Watch(Watch),
    Pane(Judged),
    /// Sorts after its pane, which is sealed off at the same tick and takes its mark along.
    Alarm(Alarmed),
    Silent {
        node: NodeId,
        since: Millis,
    },
    Doubt(Doubt),
    /// Nodes of the zone turned out to stand in others at this tick.
    MovedOut(Tick),
    /// What came of what was forecast in the pane that starts then.
    Came {
        start: Millis,
        value: Milli,
    },
}

impl Item {
    /// The end of the evidence that it is; `None` for what is none.
    pub fn end(&self) -> Option<Millis> {
        match self {
            Item::Pane(pane) => Some(pane.end),
            Item::Alarm(alarmed) => Some(alarmed.alone().end),
            _ => None,
        }
    }
}
