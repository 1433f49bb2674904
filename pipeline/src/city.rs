//! The city as the dataflow knows it: dense numbers instead of names, no polygons, no text to parse.

use serde::{Deserialize, Serialize};
use wire::{CityId, Milli, NodeId, Quantity, ZoneId};

use crate::calendar::Millis;
use crate::science::air::Standard;

/// A node's number: given once, never given to another node as long as the journal lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NodeIx(pub u32);

/// A zone's number, as lasting as a node's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ZoneIx(pub u32);

/// One version of the registry. A later version replaces it whole; numbers keep their meaning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct City {
    pub id: CityId,
    /// How far local hours are shifted against UTC hours (0, 30 or 45 minutes), from the time zone.
    pub hour_shift: Millis,
    pub zones: Vec<Zone>,
    pub nodes: Vec<Node>,
    pub gates: Vec<Gate>,
    /// Zones that lie so near each other that alerts of one kind in them are one incident: each pair
    /// once, the smaller number first.
    pub neighbours: Vec<(ZoneIx, ZoneIx)>,
    /// Air index standards that are computed for every zone.
    pub standards: Vec<Standard>,
    /// Nodes without a period of their own count as silent after this; `None`: never.
    pub silence_after: Option<Millis>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zone {
    pub ix: ZoneIx,
    pub id: ZoneId,
    /// Free text for people.
    pub name: String,
    /// Free text for selectors, such as `square`.
    pub kind: String,
    /// Usable ground in thousandths of a square metre; 0 when unknown: no density is computed.
    pub area: Milli,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    pub ix: NodeIx,
    pub id: NodeId,
    pub zone: Option<ZoneIx>,
    /// Declared quantities; empty: anything, and completeness counts those heard.
    pub quantities: Vec<Quantity>,
    /// Weight in the zone's mean, in thousandths; positive.
    pub weight: Milli,
    /// How long after its last frame the node counts as silent; `None`: the city's default.
    pub silent_after: Option<Millis>,
}

/// An in/out counter: `persons_in` of the node go from `from` to `to`, `persons_out` the other way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gate {
    pub node: NodeIx,
    /// `None`: from outside the observed city.
    pub from: Option<ZoneIx>,
    pub to: Option<ZoneIx>,
}
