//! What the dataflow knows of the ground when something leaks: sources, people's ground, stations and places, all in one
//! plane of decimetres.
//!
//! The plane touches the earth in the middle of the city: x goes east, y north. Whoever reads the city's files lays it out,
//! so that no polygon is needed here.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use wire::{Milli, Quantity, SourceId};

use crate::city::{NodeIx, ZoneIx};
use crate::science::plume::Terrain;
use crate::science::plume::stability::Stability;

/// A point of the plane, decimetres east and north.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Point {
    pub east: i32,
    pub north: i32,
}

impl Point {
    /// Metres east and north of `from`.
    pub fn metres_from(self, from: Point) -> (f64, f64) {
        let metres = |to: i32, from: i32| (f64::from(to) - f64::from(from)) / 10.0;
        (metres(self.east, from.east), metres(self.north, from.north))
    }
}

/// Everything about leaks in a version of the city; empty without sources.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leaks {
    pub sources: Vec<Arc<Source>>,
    /// Where people may stand: middles of equal parts of each zone.
    pub grounds: Vec<(ZoneIx, Arc<Vec<Point>>)>,
    /// Nodes whose position is known.
    pub stations: Vec<(NodeIx, Point)>,
    /// Places that are named when a footprint reaches them.
    pub places: Vec<Arc<Place>>,
}

/// A place from which gas or smoke may leak.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Source {
    pub id: SourceId,
    /// Free text for people.
    pub name: String,
    pub at: Point,
    /// The same point in millionths of a degree: longitude and latitude, WGS 84.
    pub degrees: (i32, i32),
    /// Billionths of a millionth of a degree that a metre is there, east and north: how an outline finds back to degrees.
    pub metre: (i64, i64),
    /// The zone that it stands in.
    pub zone: Option<ZoneIx>,
    /// Thousandths of a metre above the ground.
    pub height: Milli,
    pub terrain: Terrain,
    /// Stated instead of following from wind and light.
    pub stability: Option<Stability>,
    /// What may leak, each with its thresholds from the lowest up.
    pub gases: Vec<(Quantity, Vec<Level>)>,
}

/// A concentration from which on people are told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Level {
    /// Such as `AEGL-2`.
    pub name: String,
    /// In the quantity's unit.
    pub from: Milli,
}

/// A hospital, a school: named when it lies in a footprint.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    pub at: Point,
    pub id: String,
    pub name: String,
    pub kind: String,
}

impl Source {
    /// A point so many metres east and north of the source, in millionths of a degree.
    pub fn degrees_at(&self, (east, north): (f64, f64)) -> (i32, i32) {
        let place = |from: i32, metres: f64, metre: i64| {
            // Quantised here: what leaves a formula is whole millionths.
            (f64::from(from) + metres * (metre as f64 / 1e9)).round() as i32
        };
        (
            place(self.degrees.0, east, self.metre.0),
            place(self.degrees.1, north, self.metre.1),
        )
    }
}
