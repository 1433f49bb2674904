//! The city as entities: which there are, and which belong to which.
//!
//! A zone is a Thing, with its outline as Location and FeatureOfInterest. Its nodes together are its Sensor: a figure
//! is of all of them, and what one of them said is nobody's business but the city's. A zone's value is a Datastream,
//! its panes are the Observations. Nothing moves, so there are no HistoricalLocations.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use pipeline::calendar::Millis;
use pipeline::rules::Value;

use super::kind::Kind;
use super::wrong::{Purse, Wrong};
use crate::board::figures::Past;
use crate::board::picture::Figure;
use crate::board::{Face, ZoneFace};

/// Cost of fetching a stream's panes beside that of each of them.
const FETCH: usize = 50;

/// What is asked of; panes are fetched where they are needed.
pub struct Data<'a> {
    pub(super) now: Millis,
    pub(super) face: Arc<Face>,
    /// Ordered by zone, then value.
    streams: Vec<Stream>,
    /// Ordered; each once.
    values: Vec<Value>,
    fetch: Fetch<'a>,
    fetched: RefCell<BTreeMap<u32, Rc<Vec<Figure>>>>,
    pub(super) purse: Purse,
}

/// Panes of a zone value, as they may be shown.
pub type Fetch<'a> = &'a dyn Fn(&ZoneFace, Value) -> Vec<Figure>;

/// A zone's value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stream {
    /// Place in the face's zones.
    pub(super) zone: u32,
    pub(super) past: Past,
}

/// An entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entity {
    pub(super) kind: Kind,
    /// Place of its zone, stream or value.
    pub(super) place: u32,
    /// Place of an Observation in its stream.
    pub(super) pane: u32,
}

/// Entities one after the other, as far as the work is paid for.
pub(super) type Entities<'d> = Box<dyn Iterator<Item = Result<Entity, Wrong>> + 'd>;

impl<'a> Data<'a> {
    /// `pasts` are those of the face's zones, in their order.
    pub fn new(now: Millis, face: Arc<Face>, pasts: Vec<Vec<Past>>, fetch: Fetch<'a>) -> Data<'a> {
        let zones = (0..).zip(pasts);
        let streams: Vec<Stream> = zones
            .flat_map(|(zone, pasts)| pasts.into_iter().map(move |past| Stream { zone, past }))
            .collect();
        let mut values: Vec<Value> = streams.iter().map(|stream| stream.past.value).collect();
        values.sort_unstable();
        values.dedup();
        Data {
            now,
            face,
            streams,
            values,
            fetch,
            fetched: RefCell::default(),
            purse: Purse::new(),
        }
    }

    pub(super) fn zone(&self, place: u32) -> &ZoneFace {
        &self.face.zones[place as usize]
    }

    pub(super) fn stream(&self, place: u32) -> &Stream {
        &self.streams[place as usize]
    }

    pub(super) fn value(&self, place: u32) -> Value {
        self.values[place as usize]
    }

    /// The panes of a stream; fetched once.
    pub(super) fn panes(&self, stream: u32) -> Result<Rc<Vec<Figure>>, Wrong> {
        if let Some(panes) = self.fetched.borrow().get(&stream) {
            return Ok(panes.clone());
        }
        let Stream { zone, past } = *self.stream(stream);
        let panes = Rc::new((self.fetch)(self.zone(zone), past.value));
        self.purse.steps(FETCH + panes.len())?;
        let kept = panes.clone();
        self.fetched.borrow_mut().insert(stream, kept);
        Ok(panes)
    }

    /// The pane of an Observation.
    pub(super) fn pane(&self, of: Entity) -> Result<Figure, Wrong> {
        let panes = self.panes(of.place)?;
        let pane = panes.get(of.pane as usize).copied();
        // Observations are only ever made from panes that were fetched.
        pane.ok_or_else(|| Wrong::Absent("this Observation is gone".to_owned()))
    }

    /// All entities of a kind.
    pub(super) fn all(&self, kind: Kind) -> Entities<'_> {
        let count = match kind {
            Kind::Thing | Kind::Location | Kind::Sensor | Kind::FeatureOfInterest => {
                self.face.zones.len()
            }
            Kind::Datastream => self.streams.len(),
            Kind::ObservedProperty => self.values.len(),
            Kind::HistoricalLocation => 0,
            Kind::Observation => return self.observations(0..self.streams.len() as u32),
        };
        self.each((0..count as u32).map(move |place| entity(kind, place)))
    }

    /// What a relation of `of` leads to, in the order of [`Data::all`].
    pub(super) fn related(&self, of: Entity, to: Kind) -> Entities<'_> {
        match (of.kind, to) {
            (_, Kind::HistoricalLocation) => self.each(std::iter::empty()),
            (Kind::Thing | Kind::Sensor, Kind::Datastream) => {
                self.each(self.of_zone(of.place).map(move |place| entity(to, place)))
            }
            (Kind::ObservedProperty, Kind::Datastream) => {
                let value = self.value(of.place);
                let places = 0..self.streams.len() as u32;
                let such = places.filter(move |place| self.stream(*place).past.value == value);
                self.each(such.map(|place| entity(Kind::Datastream, place)))
            }
            (Kind::Datastream, Kind::Observation) => {
                self.observations(of.place..of.place.saturating_add(1))
            }
            (Kind::FeatureOfInterest, Kind::Observation) => {
                self.observations(self.of_zone(of.place))
            }
            (Kind::Datastream, Kind::ObservedProperty) => {
                let value = self.stream(of.place).past.value;
                let place = self.values.binary_search(&value);
                self.each(place.into_iter().map(move |at| entity(to, at as u32)))
            }
            (Kind::Observation, Kind::Datastream) => self.each([entity(to, of.place)].into_iter()),
            (Kind::Datastream | Kind::Observation, _) => {
                let zone = self.stream(of.place).zone;
                self.each([entity(to, zone)].into_iter())
            }
            // Zone to zone: Things and Locations have the same places.
            _ => self.each([entity(to, of.place)].into_iter()),
        }
    }

    /// The entity with this id.
    pub(super) fn find(&self, kind: Kind, id: &str) -> Result<Entity, Wrong> {
        let absent = || Wrong::Absent(format!("there is no {}('{id}')", kind.set()));
        let zone = |id: &str| {
            let mut zones = self.face.zones.iter();
            zones.position(|zone| zone.id.as_str() == id)
        };
        let stream = |id: &str| {
            let (zone_id, value) = id.split_once(':')?;
            let (zone, value) = (zone(zone_id)? as u32, Value::from_name(value)?);
            let same = |stream: &Stream| stream.zone == zone && stream.past.value == value;
            self.streams.iter().position(same)
        };
        match kind {
            Kind::Thing | Kind::Location | Kind::Sensor | Kind::FeatureOfInterest => zone(id),
            Kind::Datastream => stream(id),
            Kind::ObservedProperty => {
                Value::from_name(id).and_then(|value| self.values.binary_search(&value).ok())
            }
            Kind::HistoricalLocation => None,
            Kind::Observation => {
                let (stream_id, start) = id.rsplit_once(':').ok_or_else(absent)?;
                let place = stream(stream_id).ok_or_else(absent)? as u32;
                let panes = self.panes(place)?;
                let start: Millis = start.parse().map_err(|_| absent())?;
                let found = panes.binary_search_by_key(&start, |pane| pane.pane_start);
                let pane = found.map_err(|_| absent())? as u32;
                return Ok(Entity { kind, place, pane });
            }
        }
        .map(|place| entity(kind, place as u32))
        .ok_or_else(absent)
    }

    pub(super) fn id(&self, of: Entity) -> Result<String, Wrong> {
        let stream = |place| {
            let Stream { zone, past } = self.stream(place);
            format!("{}:{}", self.zone(*zone).id, past.value)
        };
        Ok(match of.kind {
            Kind::Datastream => stream(of.place),
            Kind::ObservedProperty => self.value(of.place).to_string(),
            Kind::Observation => format!("{}:{}", stream(of.place), self.pane(of)?.pane_start),
            _ => self.zone(of.place).id.to_string(),
        })
    }

    fn of_zone(&self, zone: u32) -> std::ops::Range<u32> {
        let before = |stream: &Stream| stream.zone < zone;
        let start = self.streams.partition_point(before);
        let end = self.streams.partition_point(|stream| stream.zone <= zone);
        start as u32..end as u32
    }

    fn observations(&self, streams: std::ops::Range<u32>) -> Entities<'_> {
        let of_stream = move |place: u32| -> Entities<'_> {
            match self.panes(place) {
                Ok(panes) => self.each((0..panes.len() as u32).map(move |pane| Entity {
                    kind: Kind::Observation,
                    place,
                    pane,
                })),
                Err(wrong) => Box::new(std::iter::once(Err(wrong))),
            }
        };
        Box::new(streams.flat_map(of_stream))
    }

    /// Each entity that is looked at is paid for.
    fn each<'d>(&'d self, entities: impl Iterator<Item = Entity> + 'd) -> Entities<'d> {
        Box::new(entities.map(|entity| self.purse.steps(1).map(|()| entity)))
    }
}

fn entity(kind: Kind, place: u32) -> Entity {
    Entity {
        kind,
        place,
        pane: 0,
    }
}
