//! Everything that can change what the dataflow says, beside observations.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use wire::Milli;

use crate::alert::AlertId;
use crate::calendar::Millis;
use crate::city::{City, NodeIx, ZoneIx};
use crate::rules::Rule;

/// One input of the dataflow; journaled with its tick, handed to every worker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Input {
    /// A version of the registry; replaces the one before.
    City(Arc<City>),
    /// A version of the rules; replaces the one before.
    Rules(Arc<Vec<Rule>>),
    Action(Action),
    /// The gateway's link to its broker. While it is down no node counts as silent.
    Link {
        up: bool,
    },
}

/// What a person did.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Action {
    Acknowledge {
        alert: AlertId,
        by: String,
    },
    /// A head count that in/out counters go on from: at `at` the zone held `count` people.
    Anchor {
        zone: ZoneIx,
        at: Millis,
        count: Milli,
    },
    /// The node's readings sampled from `from` on are withdrawn until it is released.
    Quarantine {
        node: NodeIx,
        from: Millis,
    },
    Release {
        node: NodeIx,
    },
}
