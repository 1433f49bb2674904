//! What the registry says, row by row.

use serde::{Deserialize, Serialize};
use wire::{KindId, Milli, NodeId, Quantity, SourceId};

use crate::calendar::{Millis, Tick};
use crate::city::{NodeIx, ZoneIx, ZoneSettings};
use crate::operators::alerts::{Subject, Watch};
use crate::operators::crowd::Sides;
use crate::operators::exposure::{self, Near};
use crate::operators::quality::Check;
use crate::operators::quality::flags::Flagging;
use crate::operators::zones::Member;
use crate::quality::Withdrawal;
use crate::rules::RuleIx;
use crate::science::air::Standard;

/// One row of what the registry says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Row {
    Member(NodeIx, Member),
    /// The node says that it measures the quantity.
    Declared(NodeIx, Quantity),
    Gate(NodeIx, Sides),
    /// Usable ground, and what formulas must know of the zone.
    Ground(ZoneIx, Milli, ZoneSettings),
    /// Nodes of the zone that declare that they count the people of their part of it.
    Counters(ZoneIx, u32),
    Standard(ZoneIx, Standard),
    Watch(Subject, Watch),
    /// Who is named when the node is silent.
    Listener(NodeIx, NodeId, Subject),
    Anchor(ZoneIx, Millis, Milli),
    /// What alerts of the rule are about, for incidents.
    Kind(RuleIx, KindId),
    Neighbours(ZoneIx, ZoneIx),
    /// The rule that the node's sensor of one quantity is held to.
    Check(NodeIx, Check),
    /// The tests that it is put to.
    Flag(NodeIx, Flagging),
    /// An operator withdrew readings of a node of this zone.
    Withdrawn(Option<ZoneIx>, Withdrawal),
    /// At this tick nodes of the zone turned out to stand in others, and none was taken out of the city.
    MovedOut(ZoneIx, Tick),
    /// The source itself, and ground and places around it.
    Leak(SourceId, exposure::Item),
    /// The node stands near a source.
    Near(NodeIx, Near),
}
