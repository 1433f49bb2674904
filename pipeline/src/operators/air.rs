//! Hourly air indices per zone, corrected when any hour that they look back on changes.

use std::collections::{BTreeMap, BTreeSet};

use differential_dataflow::VecCollection;
use serde::{Deserialize, Serialize};
use wire::quantity::TABLE;
use wire::{Milli, Quantity};

use super::fold::{Fold, Kept, fold};
use super::zones::{Cut, ZoneKey, ZonePane};
use crate::calendar::{AIR_WINDOW, Calendar, HOUR, Millis, QUARTER, Tick, tick_at};
use crate::city::ZoneIx;
use crate::output::AirIndex;
use crate::science::air::{Standard, hourly_index};

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

/// An hour's index of a zone and how many nodes it rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Hour {
    pub zone: ZoneIx,
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
        (key.cut == Cut::Hour).then_some((
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
) -> VecCollection<'scope, Tick, Hour, isize> {
    let calendar = calendar.clone();
    fold(items, "air", Air { calendar }, kept, restored_at)
}

pub struct Air {
    calendar: Calendar,
}

type Means = BTreeMap<Millis, (Milli, u32)>;

/// One zone's hours within the longest window and the horizon.
pub struct Station {
    standards: BTreeSet<Standard>,
    /// By [`Quantity::place`].
    hours: [Means; TABLE.len()],
    said: BTreeMap<(Standard, Millis), (AirIndex, u32)>,
}

impl Default for Station {
    fn default() -> Station {
        Station {
            standards: BTreeSet::new(),
            hours: std::array::from_fn(|_| Means::new()),
            said: BTreeMap::new(),
        }
    }
}

impl Fold for Air {
    type Key = ZoneIx;
    type Item = Item;
    type Out = Hour;
    type State = Station;

    fn step(
        &mut self,
        tick: Tick,
        zone: &ZoneIx,
        state: &mut Station,
        changes: &[(Item, isize)],
        emit: &mut dyn FnMut(Hour, isize),
    ) -> Option<Tick> {
        let mut touched = BTreeSet::new();
        let mut sealed = None;
        for (item, diff) in changes {
            match *item {
                Item::Standard(standard) => {
                    let changed = if *diff > 0 {
                        state.standards.insert(standard)
                    } else {
                        state.standards.remove(&standard)
                    };
                    if changed {
                        touched.extend(state.hours.iter().flat_map(Means::keys).copied());
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
                    let means = &mut state.hours[quantity.place()];
                    if *diff > 0 {
                        means.insert(start, (mean, heard));
                    } else if means.get(&start) == Some(&(mean, heard)) {
                        means.remove(&start);
                    }
                    touched.extend((0..AIR_WINDOW / HOUR).map(|later| start + later * HOUR));
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
            state.judge(*zone, hour, emit);
        }
        None
    }

    fn revive(&mut self, zone: &ZoneIx, state: &Station, emit: &mut dyn FnMut(Hour, isize)) {
        for (&(standard, start), &(index, heard)) in &state.said {
            emit(
                Hour {
                    zone: *zone,
                    standard,
                    start,
                    index,
                    heard,
                },
                1,
            );
        }
    }

    fn is_idle(state: &Station) -> bool {
        state.standards.is_empty()
            && state.said.is_empty()
            && state.hours.iter().all(Means::is_empty)
    }
}

/// What was said of one hour: (standard, hour, index, nodes heard).
pub type SaidHour = (Standard, Millis, AirIndex, u32);

impl Station {
    /// A station of a snapshot: what was said of it. Its hours come again from panes.
    pub fn restored(said: Vec<SaidHour>) -> Station {
        let said = said
            .into_iter()
            .map(|(s, start, index, heard)| ((s, start), (index, heard)));
        Station {
            said: said.collect(),
            ..Station::default()
        }
    }

    pub fn said(&self) -> Vec<SaidHour> {
        let row = |(&(s, start), &(index, heard)): (&(Standard, Millis), &(AirIndex, u32))| {
            (s, start, index, heard)
        };
        self.said.iter().map(row).collect()
    }

    /// Says the hour's indices anew where they changed.
    fn judge(&mut self, zone: ZoneIx, hour: Millis, emit: &mut dyn FnMut(Hour, isize)) {
        // An index belongs to an hour in which something was measured.
        let heard = self
            .hours
            .iter()
            .filter_map(|means| Some(means.get(&hour)?.1))
            .max();
        for standard in Standard::ALL {
            let means = &self.hours;
            let back = |quantity: Quantity, hours_back: usize| {
                let at = hour - hours_back as Millis * HOUR;
                means[quantity.place()].get(&at).map(|(mean, _)| *mean)
            };
            let new = heard
                .filter(|_| self.standards.contains(&standard))
                .and_then(|heard| hourly_index(standard, &back).map(|index| (index, heard)));
            let old = match new {
                Some(new) => self.said.insert((standard, hour), new),
                None => self.said.remove(&(standard, hour)),
            };
            if old != new {
                let row = |(index, heard)| Hour {
                    zone,
                    standard,
                    start: hour,
                    index,
                    heard,
                };
                old.into_iter().for_each(|old| emit(row(old), -1));
                new.into_iter().for_each(|new| emit(row(new), 1));
            }
        }
    }

    fn seal(&mut self, zone: ZoneIx, to: Millis, emit: &mut dyn FnMut(Hour, isize)) {
        for means in &mut self.hours {
            *means = means.split_off(&(to + 1));
        }
        self.said.retain(|&(standard, start), &mut (index, heard)| {
            let keep = start > to;
            if !keep {
                emit(
                    Hour {
                        zone,
                        standard,
                        start,
                        index,
                        heard,
                    },
                    -1,
                );
            }
            keep
        });
    }
}
