//! Exposure: who stands where a leak reaches, minute by minute, kept true while gas, wind and crowd change.
//!
//! The fold of one source holds what the stations near it read and how many people each zone holds, and computes a minute anew
//! whenever something that it rests on changes, as long as a station reads the lowest level in it. Stated treatments: wind,
//! light and crowd of the last [`STALE`] stand for what was not heard yet; a zone that nobody counts is in no number and is
//! said to be uncounted; a minute leaves, and is not computed again, when the first gas pane of it is sealed off.

mod inputs;
mod minute;
mod sealed;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use differential_dataflow::VecCollection;
use serde::{Deserialize, Serialize};
use wire::{Milli, Quantity, SourceId};

pub use self::inputs::{people, stations};
pub use self::sealed::SealedSurroundings;
use super::fold::{Fold, Kept, fold};
use crate::calendar::{Calendar, MINUTE, Millis, Tick, pane_start};
use crate::city::{NodeIx, ZoneIx};
use crate::exposure::{Exposure, WIDTH};
use crate::leaks::{Place, Point, Source};

/// Wind, light and crowd that were last heard longer ago are unknown.
pub const STALE: Millis = 15 * MINUTE;

/// A source near which a node stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Near {
    pub source: SourceId,
    /// Where the node stands.
    pub at: Point,
    /// So near that the gas that it reads may come from the source; else only its weather counts.
    pub reads_gas: bool,
}

/// What exposure to a source is made of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Item {
    Source(Arc<Source>),
    Ground(ZoneIx, Arc<Vec<Point>>),
    Place(Arc<Place>),
    Gas {
        quantity: Quantity,
        start: Millis,
        node: NodeIx,
        station: Station,
    },
    Weather {
        quantity: Quantity,
        start: Millis,
        node: NodeIx,
        measured: Measured,
    },
    Crowd {
        zone: ZoneIx,
        start: Millis,
        count: Count,
    },
}

/// What a gas station read in one pane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Station {
    pub at: Point,
    pub zone: Option<ZoneIx>,
    pub reading: Milli,
    pub saturated: bool,
}

/// Wind or light in one pane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Measured {
    pub at: Point,
    pub value: Milli,
}

/// People in a zone in one pane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Count {
    pub people: Milli,
    pub low: Milli,
    pub high: Milli,
}

/// Every minute in which a registered source leaks.
pub fn exposure<'scope>(
    items: VecCollection<'scope, Tick, (SourceId, Item), isize>,
    calendar: &Calendar,
    kept: Kept<Exposures>,
    restored_at: Tick,
) -> VecCollection<'scope, Tick, Exposure, isize> {
    let calendar = calendar.clone();
    fold(items, "exposure", Exposures { calendar }, kept, restored_at)
}

pub struct Exposures {
    calendar: Calendar,
}

/// Readings of one gas in one minute, by node and pane.
type Readings = BTreeMap<(NodeIx, Millis), Station>;

/// Everything about one source.
#[derive(Default)]
pub struct Surroundings {
    source: Option<Arc<Source>>,
    grounds: BTreeMap<ZoneIx, Arc<Vec<Point>>>,
    places: BTreeSet<Arc<Place>>,
    /// By gas and start of the minute.
    gas: BTreeMap<(Quantity, Millis), Readings>,
    weather: BTreeMap<(Quantity, NodeIx), BTreeMap<Millis, Measured>>,
    crowd: BTreeMap<ZoneIx, BTreeMap<Millis, Count>>,
    /// Minutes of a gas before this are sealed off.
    sealed_to: BTreeMap<Quantity, Millis>,
    said: BTreeMap<(Quantity, Millis), Exposure>,
}

impl Fold for Exposures {
    type Key = SourceId;
    type Item = Item;
    type Out = Exposure;
    type State = Surroundings;

    fn step(
        &mut self,
        tick: Tick,
        source: &SourceId,
        state: &mut Surroundings,
        changes: &[(Item, isize)],
        emit: &mut dyn FnMut(Exposure, isize),
    ) -> Option<Tick> {
        let mut stale = Stale::default();
        // Retractions first, so that a replaced row leaves before its successor comes.
        let gone = changes.iter().filter(|(_, diff)| *diff < 0);
        for (item, _) in gone {
            self.retract(tick, item, state, &mut stale, emit);
        }
        for (item, _) in changes.iter().filter(|(_, diff)| *diff > 0) {
            state.insert(item, &mut stale);
        }
        for key in stale.minutes(state) {
            let now = state.minute(*source, key);
            if state.said.get(&key) == now.as_ref() {
                continue;
            }
            if let Some(before) = state.said.remove(&key) {
                emit(before, -1);
            }
            if let Some(now) = now {
                emit(now.clone(), 1);
                state.said.insert(key, now);
            }
        }
        self.forget(tick, state);
        None
    }

    fn is_idle(state: &Surroundings) -> bool {
        state.source.is_none()
            && state.grounds.is_empty()
            && state.places.is_empty()
            && state.gas.is_empty()
            && state.weather.is_empty()
            && state.crowd.is_empty()
            && state.said.is_empty()
    }
}

/// What has to be computed again.
#[derive(Default)]
struct Stale {
    all: bool,
    minutes: BTreeSet<(Quantity, Millis)>,
    /// Starts of weather and crowd panes that changed.
    around: BTreeSet<Millis>,
}

impl Stale {
    /// Minutes that hold readings, or are to be taken back.
    fn minutes(self, state: &Surroundings) -> BTreeSet<(Quantity, Millis)> {
        let Stale {
            all,
            mut minutes,
            around,
        } = self;
        if all || !around.is_empty() {
            // A pane is looked back on from its own minute until it is stale.
            let touched = |start: Millis| {
                let mut seen = around.range(start - STALE..start + WIDTH);
                all || seen.next().is_some()
            };
            let known = state.gas.keys().chain(state.said.keys());
            minutes.extend(known.filter(|(_, start)| touched(*start)));
        }
        minutes
    }
}

impl Exposures {
    /// When a pane of the quantity that starts then is sealed off.
    fn sealed_at(&self, quantity: Quantity, start: Millis) -> Tick {
        self.calendar.span(quantity).sealed_at(start)
    }

    fn retract(
        &self,
        tick: Tick,
        item: &Item,
        state: &mut Surroundings,
        stale: &mut Stale,
        emit: &mut dyn FnMut(Exposure, isize),
    ) {
        match item {
            Item::Source(source) => {
                if state.source.as_ref() == Some(source) {
                    state.source = None;
                }
                stale.all = true;
            }
            Item::Ground(zone, ground) => {
                if state.grounds.get(zone) == Some(ground) {
                    state.grounds.remove(zone);
                }
                stale.all = true;
            }
            Item::Place(place) => {
                state.places.remove(place);
                stale.all = true;
            }
            Item::Gas {
                quantity,
                start,
                node,
                station,
            } => {
                let key = (*quantity, pane_start(*start, WIDTH));
                if self.sealed_at(*quantity, *start) <= tick {
                    state.gas.remove(&key);
                    let to = state.sealed_to.entry(*quantity).or_insert(Millis::MIN);
                    *to = (*to).max(key.1 + WIDTH);
                    if let Some(said) = state.said.remove(&key) {
                        emit(said, -1);
                    }
                } else if let Some(readings) = state.gas.get_mut(&key) {
                    if readings.get(&(*node, *start)) == Some(station) {
                        readings.remove(&(*node, *start));
                    }
                    if readings.is_empty() {
                        state.gas.remove(&key);
                    }
                    stale.minutes.insert(key);
                }
            }
            // What is sealed off is still looked back on; it is forgotten when nothing can.
            Item::Weather {
                quantity, start, ..
            } if self.sealed_at(*quantity, *start) <= tick => {}
            Item::Crowd { start, .. } if self.sealed_at(Quantity::PersonCount, *start) <= tick => {}
            Item::Weather {
                quantity,
                start,
                node,
                measured,
            } => {
                if let Some(panes) = state.weather.get_mut(&(*quantity, *node))
                    && panes.get(start) == Some(measured)
                {
                    panes.remove(start);
                    stale.around.insert(*start);
                }
            }
            Item::Crowd { zone, start, count } => {
                if let Some(panes) = state.crowd.get_mut(zone)
                    && panes.get(start) == Some(count)
                {
                    panes.remove(start);
                    stale.around.insert(*start);
                }
            }
        }
    }

    /// Lets go of weather and crowd that no minute can look back on any more.
    fn forget(&self, tick: Tick, state: &mut Surroundings) {
        let Some(source) = &state.source else { return };
        let horizons = source.gases.iter().map(|(gas, _)| self.calendar.span(*gas));
        let longest = horizons
            .map(|span| span.width.max(WIDTH) + span.horizon)
            .max();
        let until = tick as Millis - longest.unwrap_or(0) - WIDTH - STALE;
        state.weather.retain(|_, panes| outlives(panes, until));
        state.crowd.retain(|_, panes| outlives(panes, until));
    }
}

/// Drops what began before `until`; whether anything is left.
fn outlives<V>(panes: &mut BTreeMap<Millis, V>, until: Millis) -> bool {
    while panes
        .first_key_value()
        .is_some_and(|(start, _)| *start < until)
    {
        panes.pop_first();
    }
    !panes.is_empty()
}

impl Surroundings {
    fn insert(&mut self, item: &Item, stale: &mut Stale) {
        match item {
            Item::Source(source) => {
                self.source = Some(source.clone());
                stale.all = true;
            }
            Item::Ground(zone, ground) => {
                self.grounds.insert(*zone, ground.clone());
                stale.all = true;
            }
            Item::Place(place) => {
                self.places.insert(place.clone());
                stale.all = true;
            }
            Item::Gas {
                quantity,
                start,
                node,
                station,
            } => {
                let key = (*quantity, pane_start(*start, WIDTH));
                if self.sealed_to.get(quantity).is_some_and(|to| key.1 < *to) {
                    return;
                }
                let readings = self.gas.entry(key).or_default();
                readings.insert((*node, *start), *station);
                stale.minutes.insert(key);
            }
            Item::Weather {
                quantity,
                start,
                node,
                measured,
            } => {
                let panes = self.weather.entry((*quantity, *node)).or_default();
                panes.insert(*start, *measured);
                stale.around.insert(*start);
            }
            Item::Crowd { zone, start, count } => {
                self.crowd.entry(*zone).or_default().insert(*start, *count);
                stale.around.insert(*start);
            }
        }
    }
}
