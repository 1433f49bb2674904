//! Who is exposed to a leak: what leaves the dataflow of a source's footprint and the people in it.
//!
//! All of it is an estimate by a plume model that is right within a factor of two to three; low and high say how far the truth
//! may lie by that and by what is known of the crowd.

use std::sync::Arc;

use serde::{Deserialize, Serialize, Serializer};
use wire::{Milli, Quantity, SourceId};

use crate::calendar::{Calendar, MINUTE, Millis, Tick};
use crate::city::ZoneIx;
use crate::science::plume::stability::Stability;

/// Exposure is known minute by minute.
pub const WIDTH: Millis = MINUTE;

/// Corners of an outline in millionths of a degree, longitude first; not closed.
pub type Ring = Arc<Vec<(i32, i32)>>;

/// One minute of one gas from one source.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Exposure {
    pub source: SourceId,
    pub quantity: Quantity,
    /// Start of the minute.
    pub start: Millis,
    /// Zones whose alerts it belongs to: the one of the source, and those of stations that read the lowest level.
    pub zones: Vec<ZoneIx>,
    pub plume: PlumeFacts,
    /// Levels that are reached anywhere, from the lowest (and largest) up; at least one.
    pub footprints: Vec<Footprint>,
}

/// What the plume was computed from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PlumeFacts {
    pub stability: Stability,
    /// At the stations, thousandths of m/s; `None`: nobody measured it.
    pub wind: Option<Milli>,
    /// Thousandths of degrees that the wind comes from; `None`: it may go anywhere, the footprint is a circle.
    pub from: Option<Milli>,
    /// Unit of the readings (of smoke, its extinction a metre) times m³/s: of ppm, millilitres of gas a second.
    pub strength: Milli,
    /// What low and high differ from the middle by, in thousandths: 2.000 to 3.000, more when stations disagree.
    pub factor: Milli,
}

/// Where one level is reached.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Footprint {
    pub level: String,
    /// In the quantity's unit.
    pub from: Milli,
    pub ring: Ring,
    /// How far it reaches, in metres.
    pub reach: u32,
    pub people: People,
    /// Zones in it that nobody counts people in: these are in no number.
    pub uncounted: u32,
    /// Names of the places in it.
    pub places: Vec<String>,
}

/// Persons, whole ones.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct People {
    pub people: i64,
    pub low: i64,
    pub high: i64,
}

/// The people exposed as an alert tells of them: within the outline of the lowest level.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Exposed {
    pub people: People,
    pub uncounted: u32,
    pub source: SourceId,
    pub level: String,
    /// End of the minute that it is about.
    pub at: Millis,
    /// Thousandths of degrees that the wind comes from.
    pub from: Option<Milli>,
    pub places: Vec<String>,
    pub ring: Ring,
}

impl Exposure {
    /// Whether gas panes of its minute are sealed off at `tick`: then it leaves the dataflow, and was what it said last.
    pub fn is_sealed(&self, calendar: &Calendar, tick: Tick) -> bool {
        calendar.span(self.quantity).sealed_at(self.start) <= tick
    }

    /// As an alert tells of it.
    pub fn exposed(&self) -> Option<Exposed> {
        let widest = self.footprints.first()?;
        Some(Exposed {
            people: widest.people,
            uncounted: widest.uncounted,
            source: self.source,
            level: widest.level.clone(),
            at: self.start + WIDTH,
            from: self.plume.from,
            places: widest.places.clone(),
            ring: widest.ring.clone(),
        })
    }
}

/// Fewer people more or less are no news,
const STEP_LEAST: i64 = 10;
/// nor is a smaller part of what was told,
const STEP_PART: i64 = 5;
/// nor a wind that turns by less, in thousandths of degrees.
const TURN: i64 = 30_000;

impl Exposed {
    /// Whether people should hear of it who were told `told`: the number moved by a fifth and by ten at least, a place came
    /// in or is out, the wind turned by thirty degrees, or it is about another level or source.
    pub fn is_news(&self, told: &Exposed) -> bool {
        let step = STEP_LEAST.max(told.people.people / STEP_PART);
        let moved = self.people.people.abs_diff(told.people.people) >= step.unsigned_abs();
        let turned = match (self.from, told.from) {
            (Some(now), Some(before)) => {
                let apart = (now.0 - before.0).rem_euclid(360_000);
                apart.min(360_000 - apart) >= TURN
            }
            (now, before) => now.is_some() != before.is_some(),
        };
        let is_other = self.source != told.source || self.level != told.level;
        moved || turned || is_other || self.places != told.places
    }
}

/// The public format: people are counted in whole persons, the polygon is GeoJSON's ring, closed.
impl Serialize for ExposedJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Exposed {
            people,
            uncounted,
            source,
            level,
            at,
            from: _,
            places,
            ring,
        } = self.0;
        #[derive(Serialize)]
        struct Json<'a> {
            people: i64,
            low: i64,
            high: i64,
            #[serde(skip_serializing_if = "is_zero")]
            uncounted_zones: u32,
            source: SourceId,
            level: &'a str,
            at: String,
            #[serde(skip_serializing_if = "<[String]>::is_empty")]
            places: &'a [String],
            polygon: Vec<[f64; 2]>,
        }
        Json {
            people: people.people,
            low: people.low,
            high: people.high,
            uncounted_zones: *uncounted,
            source: *source,
            level,
            at: crate::calendar::rfc3339(*at),
            places,
            polygon: closed(ring).map(|(lon, lat)| [lon, lat]).collect(),
        }
        .serialize(serializer)
    }
}

/// An [`Exposed`] as JSON says it.
pub struct ExposedJson<'a>(pub &'a Exposed);

/// Longitude and latitude in degrees of every corner, the first once more at the end.
pub fn closed(ring: &[(i32, i32)]) -> impl Iterator<Item = (f64, f64)> {
    let degrees = |millionths: i32| f64::from(millionths) / 1e6;
    let corners = ring.iter().chain(ring.first());
    corners.map(move |(lon, lat)| (degrees(*lon), degrees(*lat)))
}

fn is_zero(count: &u32) -> bool {
    *count == 0
}
