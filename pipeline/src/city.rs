//! The city as the dataflow knows it: dense numbers instead of names, no polygons, no text to parse.

use serde::{Deserialize, Serialize};
use wire::{CityId, Milli, NodeId, Quantity, ZoneId};

use crate::calendar::Millis;
use crate::leaks::Leaks;
use crate::science::air::Standard;
use crate::science::air::correction::Correction;
use crate::science::crowd::level::Scheme;
use crate::science::hazard::water::Classes;
use crate::science::traffic::incident::Thresholds;

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
    /// What is needed to tell who is exposed when something leaks.
    pub leaks: Leaks,
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
    /// What formulas must know of it.
    pub settings: ZoneSettings,
}

/// What the city says of a zone so that formulas can be applied to it; all of it may be unknown.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct ZoneSettings {
    /// Lanes of the road whose loops stand in the zone; 0 when unknown.
    pub lanes: u8,
    /// Length of vehicle and loop together in thousandths of a metre, for speed from a single loop; 0 when unknown.
    pub effective_length: Milli,
    /// Persons per square metre at which it is dangerous, in thousandths; 0 when unknown: no time to danger is told.
    pub danger_density: Milli,
    /// Fewest people about whom a crowd's pressure, speeds and time to danger are told, in thousandths.
    pub fewest_people: Milli,
    /// Width of the narrowest of its gates in thousandths of a metre; 0 when unknown.
    pub narrowest_gate: Milli,
    /// Whose levels of service its crowds have.
    pub crowd_levels: Scheme,
    /// Class of the acoustic environment; `None`: no limit applies.
    pub noise_class: Option<NoiseClass>,
    /// Limits by which its water is classed.
    pub water_classes: Classes,
    /// Where the road goes on to the next station, with incident detection between the two.
    pub section: Option<RoadSection>,
}

/// A stretch of road between two stations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RoadSection {
    pub downstream: ZoneIx,
    pub thresholds: Thresholds,
}

/// Classes of acoustic environment by GB 3096-2008, from sanatoriums (0) to railways (4b).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum NoiseClass {
    Class0,
    Class1,
    Class2,
    Class3,
    Class4a,
    Class4b,
}

impl NoiseClass {
    pub const ALL: [NoiseClass; 6] = [
        NoiseClass::Class0,
        NoiseClass::Class1,
        NoiseClass::Class2,
        NoiseClass::Class3,
        NoiseClass::Class4a,
        NoiseClass::Class4b,
    ];

    /// As written in `zones.geojson`: `0` to `3`, `4a`, `4b`.
    pub fn name(self) -> &'static str {
        match self {
            NoiseClass::Class0 => "0",
            NoiseClass::Class1 => "1",
            NoiseClass::Class2 => "2",
            NoiseClass::Class3 => "3",
            NoiseClass::Class4a => "4a",
            NoiseClass::Class4b => "4b",
        }
    }
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
    /// How its fine particles are corrected for humidity; `None`: they are taken as read.
    pub correction: Option<Correction>,
}

/// An in/out counter: `persons_in` of the node go from `from` to `to`, `persons_out` the other way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gate {
    pub node: NodeIx,
    /// `None`: from outside the observed city.
    pub from: Option<ZoneIx>,
    pub to: Option<ZoneIx>,
    /// Clear width in thousandths of a metre; 0 when unknown: no flow per metre is told.
    pub width: Milli,
}
