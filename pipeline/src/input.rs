//! Everything that can change what the dataflow says, beside observations.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use wire::{KindId, Milli, Quantity};

use crate::alert::AlertId;
use crate::calendar::Millis;
use crate::city::{City, NodeIx, ZoneIx};
use crate::quality::QualityRule;
use crate::rules::{Rule, RuleIx};

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
    /// A version of the quality rules; replaces the one before.
    Quality(Arc<Vec<QualityRule>>),
}

/// What a person did; when is the tick at which it was journaled.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Action {
    Acknowledge {
        alert: AlertId,
        by: String,
    },
    Comment {
        alert: AlertId,
        by: String,
        text: String,
    },
    /// From now on the alert is the work of `to` (`None`: nobody's) and does not end by itself: it proposes.
    Assign {
        alert: AlertId,
        by: String,
        to: Option<String>,
    },
    /// A named person's word on an alert that is unconfirmed or proposes its end.
    Settle {
        alert: AlertId,
        by: String,
        verdict: Verdict,
    },
    /// Alerts that fit are not told to anybody new until the moment; they stand all the same.
    Silence {
        scope: Scope,
        until: Millis,
        by: String,
        text: String,
    },
    /// A head count that in/out counters go on from: at `at` the zone held `count` people.
    Anchor {
        zone: ZoneIx,
        at: Millis,
        count: Milli,
    },
    /// The node's readings (of one quantity, or all) sampled from `from` on are withdrawn until it is released.
    Quarantine {
        node: NodeIx,
        quantity: Option<Quantity>,
        from: Millis,
        by: String,
    },
    /// Ends every quarantine of the node (for one quantity, or all), whoever set it. Panes that start before the
    /// release are no evidence for a quality rule any more.
    Release {
        node: NodeIx,
        quantity: Option<Quantity>,
        by: String,
    },
}

impl Action {
    /// The dataflow's book hears of it; everything else changes rows of the registry.
    pub fn is_about_alerts(&self) -> bool {
        match self {
            Action::Acknowledge { .. }
            | Action::Comment { .. }
            | Action::Assign { .. }
            | Action::Settle { .. }
            | Action::Silence { .. } => true,
            Action::Anchor { .. } | Action::Quarantine { .. } | Action::Release { .. } => false,
        }
    }
}

/// What a named person found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is so: the alert stands, confirmed.
    Stands,
    /// It is over, or never was: the proposed end holds.
    Ended,
}

/// Which alerts a silence is about; `None` fits all.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Scope {
    pub zone: Option<ZoneIx>,
    pub kind: Option<KindId>,
    pub rule: Option<RuleIx>,
}
