//! Incidents between two stations of a road: California #8, pane by pane, over the occupancies of both.
//!
//! The algorithm remembers, so a late or withdrawn occupancy may change every later state: they are walked anew from the
//! first pane that is another. A pane is judged when both stations have an occupancy in it and the lower one had one two
//! panes before; one that is not judged says nothing and leaves the state as it was, and after five of them in a row, as
//! long as a compression wave is remembered, detection begins anew. What is told belongs to the upstream zone.

use std::collections::BTreeMap;

use differential_dataflow::VecCollection;
use serde::{Deserialize, Serialize};
use wire::{Milli, Quantity};

use super::derive::Told;
use super::fold::{Fold, Kept, fold};
use super::zones::{Cut, ZoneKey, ZonePane};
use crate::calendar::{Calendar, Millis, Span, Tick};
use crate::city::{RoadSection, ZoneIx};
use crate::derived::Derived;
use crate::output::Figures;
use crate::science::traffic::incident::{Occupancies, State, Thresholds, WAVE_MINUTES};

/// What detection on a section is made of; its key is the upstream zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Item {
    Watched(Thresholds),
    Occupied {
        side: Side,
        start: Millis,
        pane: ZonePane,
    },
}

/// Which end of a section a station is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Side {
    Upstream,
    Downstream,
}

/// States of all sections.
pub fn incidents<'scope>(
    zone_values: VecCollection<'scope, Tick, (ZoneKey, ZonePane), isize>,
    sections: VecCollection<'scope, Tick, (ZoneIx, RoadSection), isize>,
    calendar: &Calendar,
    kept: Kept<Detection>,
    restored_at: Tick,
) -> VecCollection<'scope, Tick, Told, isize> {
    let occupied = zone_values.flat_map(|(key, pane)| {
        let is_occupancy = key.quantity == Quantity::LaneOccupancy && key.cut == Cut::Fine;
        is_occupancy.then_some((key.zone, (key.start, pane)))
    });
    let ends = sections.clone().flat_map(|(zone, section)| {
        [
            (zone, (zone, Side::Upstream)),
            (section.downstream, (zone, Side::Downstream)),
        ]
    });
    let panes = occupied.join_map(ends, |_, (start, pane), (section, side)| {
        let (side, start, pane) = (*side, *start, *pane);
        (*section, Item::Occupied { side, start, pane })
    });
    let watched = sections.map(|(zone, section)| (zone, Item::Watched(section.thresholds)));
    let span = calendar.span(Quantity::LaneOccupancy);
    fold(
        panes.concat(watched),
        "traffic incidents",
        Detection { span },
        kept,
        restored_at,
    )
}

pub struct Detection {
    span: Span,
}

/// What is sealed off, as it goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedSection {
    /// Start and state of the last pane that was judged.
    last: Option<(Millis, State)>,
    /// The last downstream occupancies.
    downstream: Vec<(Millis, Milli)>,
}

/// One section within the horizon.
#[derive(Default)]
pub struct Section {
    thresholds: Option<Thresholds>,
    upstream: BTreeMap<Millis, ZonePane>,
    downstream: BTreeMap<Millis, ZonePane>,
    carried: SealedSection,
    said: BTreeMap<Millis, (State, ZonePane)>,
}

impl Fold for Detection {
    type Key = ZoneIx;
    type Item = Item;
    type Out = Told;
    type State = Section;

    fn step(
        &mut self,
        tick: Tick,
        zone: &ZoneIx,
        state: &mut Section,
        changes: &[(Item, isize)],
        emit: &mut dyn FnMut(Told, isize),
    ) -> Option<Tick> {
        let width = self.span.width;
        let is_sealed = |start: Millis| self.span.sealed_at(start) <= tick;
        let mut sealed_to = None;
        // Start of the first pane whose state may be another now.
        let mut from = Millis::MAX;
        let mut rewatched = false;
        for (item, diff) in changes {
            match *item {
                Item::Occupied { start, .. } if is_sealed(start) => {
                    sealed_to = sealed_to.max(Some(start));
                }
                Item::Occupied { start, .. } => from = from.min(start),
                Item::Watched(_) => {
                    from = Millis::MIN;
                    rewatched |= *diff < 0;
                }
            }
        }
        if let Some(start) = sealed_to {
            state.seal(zone, start, width, emit);
        }
        for (item, diff) in changes {
            state.apply(item, *diff);
        }
        if rewatched && state.thresholds.is_none() {
            // Nobody watches: what would be remembered is of no use when somebody does again.
            state.carried = SealedSection::default();
        }
        let now = state.walk(from, width);
        let said = state.said.split_off(&from);
        for (start, old) in said
            .iter()
            .filter(|(start, old)| now.get(start) != Some(old))
        {
            emit(told(*zone, *start, old), -1);
        }
        for (start, new) in now
            .iter()
            .filter(|(start, new)| said.get(start) != Some(new))
        {
            emit(told(*zone, *start, new), 1);
        }
        state.said.extend(now);
        None
    }

    fn is_idle(state: &Section) -> bool {
        state.thresholds.is_none()
            && state.upstream.is_empty()
            && state.downstream.is_empty()
            && state.said.is_empty()
    }
}

/// The state as a figure of the upstream zone.
fn told(zone: ZoneIx, start: Millis, (state, pane): &(State, ZonePane)) -> Told {
    let value = Milli::whole(state.number());
    let figures = Figures {
        mean: value,
        min: value,
        max: value,
        last: value,
        ..pane.figures
    };
    let pane = ZonePane { figures, ..*pane };
    ((zone, Derived::TrafficIncident), (start, pane))
}

impl Section {
    /// A section of a snapshot: what is sealed off. The rest comes again from panes and the registry.
    pub fn restored(carried: SealedSection) -> Section {
        Section {
            carried,
            ..Section::default()
        }
    }

    pub fn carried(&self) -> SealedSection {
        self.carried.clone()
    }

    /// All states of a section, pane by pane, when nothing else is known.
    pub fn states(
        thresholds: Thresholds,
        upstream: BTreeMap<Millis, ZonePane>,
        downstream: BTreeMap<Millis, ZonePane>,
        width: Millis,
    ) -> BTreeMap<Millis, (State, ZonePane)> {
        let section = Section {
            thresholds: Some(thresholds),
            upstream,
            downstream,
            ..Section::default()
        };
        section.walk(Millis::MIN, width)
    }

    fn apply(&mut self, item: &Item, diff: isize) {
        match item {
            Item::Watched(thresholds) if diff > 0 => self.thresholds = Some(*thresholds),
            Item::Watched(thresholds) => {
                self.thresholds = self.thresholds.filter(|now| now != thresholds);
            }
            Item::Occupied { side, start, pane } => {
                let panes = match side {
                    Side::Upstream => &mut self.upstream,
                    Side::Downstream => &mut self.downstream,
                };
                if diff > 0 {
                    panes.insert(*start, *pane);
                } else if panes.get(start) == Some(pane) {
                    panes.remove(start);
                }
            }
        }
    }

    /// What can no longer change goes on as one state and the last occupancies.
    fn seal(
        &mut self,
        zone: &ZoneIx,
        to: Millis,
        width: Millis,
        emit: &mut dyn FnMut(Told, isize),
    ) {
        while let Some(first) = self.said.first_entry().filter(|entry| *entry.key() <= to) {
            let (start, said) = first.remove_entry();
            emit(told(*zone, start, &said), -1);
            self.carried.last = Some((start, said.0));
        }
        let sealed = self.downstream.range(..=to);
        let occupancies = sealed.map(|(start, pane)| (*start, pane.figures.mean));
        self.carried.downstream.extend(occupancies);
        // The pane after the sealed ones looks back on two.
        self.carried
            .downstream
            .retain(|(start, _)| start + 2 * width > to);
        self.upstream = self.upstream.split_off(&(to + 1));
        self.downstream = self.downstream.split_off(&(to + 1));
    }

    /// The plain walk over the horizon from the pane that starts at `from`.
    fn walk(&self, from: Millis, width: Millis) -> BTreeMap<Millis, (State, ZonePane)> {
        let mut now = BTreeMap::new();
        let Some(thresholds) = &self.thresholds else {
            return now;
        };
        let before = self.said.range(..from).next_back();
        let before = before.map(|(start, (state, _))| (*start, *state));
        let mut last = before.or(self.carried.last);
        for (start, upstream) in self.upstream.range(from..) {
            let Some(downstream) = self.downstream.get(start) else {
                continue;
            };
            let Some(downstream_before) = self.downstream_at(start - 2 * width) else {
                continue;
            };
            let seen = Occupancies {
                upstream: upstream.figures.mean,
                downstream: downstream.figures.mean,
                downstream_before,
            };
            let forgotten = Millis::from(WAVE_MINUTES) * width;
            let state = match last {
                Some((judged, state)) if start - judged - width <= forgotten => state,
                _ => State::default(),
            };
            let state = state.next_by_8(&seen, thresholds);
            last = Some((*start, state));
            now.insert(*start, (state, both(upstream, downstream)));
        }
        now
    }

    fn downstream_at(&self, start: Millis) -> Option<Milli> {
        let within = self.downstream.get(&start).map(|pane| pane.figures.mean);
        let mut sealed = self.carried.downstream.iter();
        within.or_else(|| Some(sealed.find(|(at, _)| *at == start)?.1))
    }
}

/// Heard is the upstream zone, which the figure belongs to; readings are those of both.
fn both(upstream: &ZonePane, downstream: &ZonePane) -> ZonePane {
    let figures = Figures {
        count: upstream.figures.count + downstream.figures.count,
        saturated: upstream.figures.saturated | downstream.figures.saturated,
        ..upstream.figures
    };
    ZonePane {
        figures,
        heard: upstream.heard,
        suspect: upstream.suspect,
    }
}
