//! Hourly and daily air indices per zone, corrected when any hour that they look back on changes.

mod station;

use std::collections::BTreeSet;

use differential_dataflow::VecCollection;
use serde::{Deserialize, Serialize};
use wire::quantity::Group;
use wire::{Milli, Quantity};

use super::fold::{Fold, Kept, fold};
use super::zones::{Cut, ZoneKey, ZonePane};
use crate::calendar::{AIR_WINDOW, Calendar, HOUR, LocalTime, Millis, QUARTER, Tick, tick_at};
use crate::city::ZoneIx;
use crate::output::AirIndex;
use crate::science::air::Standard;

pub use station::{SaidIndex, Station};

/// What a zone's air index is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Item {
    Standard(Standard),
    Hour {
        quantity: Quantity,
        start: Millis,
        mean: Milli,
        heard: u32,
    },
}

/// What an index is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Spell {
    Hour,
    /// A day by the city's clock.
    Day,
}

impl Spell {
    /// End of the spell that begins at `start`.
    pub fn end(self, start: Millis, local: &LocalTime) -> Millis {
        match self {
            Spell::Hour => start + HOUR,
            Spell::Day => local.day_end(start),
        }
    }
}

/// An index of a zone and how many nodes it rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Indexed {
    pub zone: ZoneIx,
    pub spell: Spell,
    pub standard: Standard,
    pub start: Millis,
    pub index: AirIndex,
    pub heard: u32,
}

/// Hourly zone means as items of their zone.
pub fn hours<'scope>(
    zone_values: VecCollection<'scope, Tick, (ZoneKey, ZonePane), isize>,
) -> VecCollection<'scope, Tick, (ZoneIx, Item), isize> {
    zone_values.flat_map(|(key, pane)| {
        let (quantity, start) = (key.quantity, key.start);
        let (mean, heard) = (pane.figures.mean, pane.heard);
        let is_air = quantity.entry().group == Group::Air;
        (key.cut == Cut::Hour && is_air).then_some((
            key.zone,
            Item::Hour {
                quantity,
                start,
                mean,
                heard,
            },
        ))
    })
}

pub fn air<'scope>(
    items: VecCollection<'scope, Tick, (ZoneIx, Item), isize>,
    calendar: &Calendar,
    kept: Kept<Air>,
    restored_at: Tick,
) -> VecCollection<'scope, Tick, Indexed, isize> {
    let calendar = calendar.clone();
    fold(items, "air", Air { calendar }, kept, restored_at)
}

pub struct Air {
    calendar: Calendar,
}

impl Fold for Air {
    type Key = ZoneIx;
    type Item = Item;
    type Out = Indexed;
    type State = Station;

    fn step(
        &mut self,
        tick: Tick,
        zone: &ZoneIx,
        state: &mut Station,
        changes: &[(Item, isize)],
        emit: &mut dyn FnMut(Indexed, isize),
    ) -> Option<Tick> {
        let mut touched = BTreeSet::new();
        let mut sealed = None;
        for (item, diff) in changes {
            match *item {
                Item::Standard(standard) => {
                    if state.set(standard, *diff > 0) {
                        let starts: Vec<Millis> = state.starts().collect();
                        let local = &self.calendar.local;
                        starts
                            .iter()
                            .for_each(|at| state.stir(local.day_start(*at)));
                        touched.extend(starts);
                    }
                }
                Item::Hour {
                    quantity,
                    start,
                    mean,
                    heard,
                } => {
                    let horizon = self.calendar.quarter_span(quantity).horizon;
                    // When the first quarter of an hour is sealed off, the hour is: it stands.
                    if tick_at(start + QUARTER + horizon) <= tick {
                        sealed = sealed.max(Some(start));
                        continue;
                    }
                    state.hour(quantity, start, (mean, heard), *diff > 0);
                    touched.extend((0..AIR_WINDOW / HOUR).map(|later| start + later * HOUR));
                    state.stir(self.calendar.local.day_start(start));
                }
            }
        }
        if let Some(to) = sealed {
            state.seal(*zone, to, emit);
        }
        // An hour whose lateness has passed is final: what it looked back on may be gone.
        let lateness = self.calendar.span(Quantity::Pm2_5).horizon;
        for hour in touched
            .into_iter()
            .filter(|hour| tick < tick_at(hour + HOUR + lateness))
        {
            state.judge_hour(*zone, hour, emit);
        }
        // A day is judged when it is over, and again while it may still be corrected.
        while let Some(day) = state.stirred() {
            let end = self.calendar.local.day_end(day);
            if tick < tick_at(end) {
                return Some(tick_at(end));
            }
            state.calm(day);
            if tick < tick_at(end + lateness) {
                let hours = ((end - day) / HOUR) as usize;
                state.judge_day(*zone, (day, hours), emit);
            }
        }
        None
    }

    fn revive(&mut self, zone: &ZoneIx, state: &Station, emit: &mut dyn FnMut(Indexed, isize)) {
        state.repeat(*zone, emit);
    }

    fn is_idle(state: &Station) -> bool {
        state.is_idle()
    }
}
