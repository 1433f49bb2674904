//! One zone's hours and what was said of them.

use std::collections::{BTreeMap, BTreeSet};

use wire::quantity::TABLE;
use wire::{Milli, Quantity};

use super::{Indexed, Spell};
use crate::calendar::{HOUR, Millis};
use crate::city::ZoneIx;
use crate::output::AirIndex;
use crate::science::air::{Standard, daily_index, hourly_index};

/// Of one quantity, by start of the hour: mean and nodes heard.
type Means = BTreeMap<Millis, (Milli, u32)>;

/// An index and the nodes that it rests on.
type Rated = (AirIndex, u32);

/// What was said: (spell, standard, start, index, nodes heard).
pub type SaidIndex = (Spell, Standard, Millis, AirIndex, u32);

/// One zone's hours within the longest window and the horizon.
pub struct Station {
    standards: BTreeSet<Standard>,
    /// By [`Quantity::place`].
    hours: [Means; TABLE.len()],
    said: BTreeMap<(Spell, Standard, Millis), Rated>,
    /// Days of which an hour changed since they were judged, by their start.
    stirred: BTreeSet<Millis>,
}

impl Default for Station {
    fn default() -> Station {
        Station {
            standards: BTreeSet::new(),
            hours: std::array::from_fn(|_| Means::new()),
            said: BTreeMap::new(),
            stirred: BTreeSet::new(),
        }
    }
}

impl Station {
    /// A station of a snapshot: what was said of it. Its hours come again from panes.
    pub fn restored(said: Vec<SaidIndex>) -> Station {
        let said = said
            .into_iter()
            .map(|(spell, s, start, index, heard)| ((spell, s, start), (index, heard)));
        Station {
            said: said.collect(),
            ..Station::default()
        }
    }

    pub fn said(&self) -> Vec<SaidIndex> {
        let said = self.said.iter();
        said.map(|(&(spell, s, start), &(index, heard))| (spell, s, start, index, heard))
            .collect()
    }

    /// Takes a standard in or out; answers whether that changed anything.
    pub(super) fn set(&mut self, standard: Standard, holds: bool) -> bool {
        match holds {
            true => self.standards.insert(standard),
            false => self.standards.remove(&standard),
        }
    }

    /// Takes an hour in, or out if it is still the one that stands.
    pub(super) fn hour(
        &mut self,
        quantity: Quantity,
        start: Millis,
        mean: (Milli, u32),
        holds: bool,
    ) {
        let means = &mut self.hours[quantity.place()];
        if holds {
            means.insert(start, mean);
        } else if means.get(&start) == Some(&mean) {
            means.remove(&start);
        }
    }

    /// Starts of all hours, some of them more than once.
    pub(super) fn starts(&self) -> impl Iterator<Item = Millis> {
        self.hours.iter().flat_map(Means::keys).copied()
    }

    pub(super) fn stir(&mut self, day: Millis) {
        self.stirred.insert(day);
    }

    pub(super) fn calm(&mut self, day: Millis) {
        self.stirred.remove(&day);
    }

    /// The earliest day that has to be judged.
    pub(super) fn stirred(&self) -> Option<Millis> {
        self.stirred.first().copied()
    }

    /// Says the hour's indices anew where they changed.
    pub(super) fn judge_hour(
        &mut self,
        zone: ZoneIx,
        hour: Millis,
        emit: &mut dyn FnMut(Indexed, isize),
    ) {
        // An index belongs to an hour in which something was measured.
        let heard = self.heard(hour, 1);
        for standard in Standard::ALL {
            let back = |quantity: Quantity, hours_back: usize| {
                self.mean(quantity, hour - hours_back as Millis * HOUR)
            };
            let new = heard
                .filter(|_| self.standards.contains(&standard))
                .and_then(|heard| Some((hourly_index(standard, &back)?, heard)));
            self.say(zone, (Spell::Hour, standard, hour), new, emit);
        }
    }

    /// Says the indices of a day of so many hours anew where they changed.
    pub(super) fn judge_day(
        &mut self,
        zone: ZoneIx,
        (day, length): (Millis, usize),
        emit: &mut dyn FnMut(Indexed, isize),
    ) {
        let heard = self.heard(day, length);
        for standard in Standard::ALL {
            let hours =
                |quantity: Quantity, k: usize| self.mean(quantity, day + k as Millis * HOUR);
            let new = heard
                .filter(|_| self.standards.contains(&standard))
                .and_then(|heard| Some((daily_index(standard, length, &hours)?, heard)));
            self.say(zone, (Spell::Day, standard, day), new, emit);
        }
    }

    fn mean(&self, quantity: Quantity, hour: Millis) -> Option<Milli> {
        let (mean, _) = self.hours[quantity.place()].get(&hour)?;
        Some(*mean)
    }

    /// The most nodes heard of any quantity in any hour from `start` on.
    fn heard(&self, start: Millis, hours: usize) -> Option<u32> {
        let end = start + hours as Millis * HOUR;
        let means = self.hours.iter().flat_map(|means| means.range(start..end));
        means.map(|(_, (_, heard))| *heard).max()
    }

    fn say(
        &mut self,
        zone: ZoneIx,
        key: (Spell, Standard, Millis),
        new: Option<Rated>,
        emit: &mut dyn FnMut(Indexed, isize),
    ) {
        let old = match new {
            Some(new) => self.said.insert(key, new),
            None => self.said.remove(&key),
        };
        if old != new {
            old.into_iter()
                .for_each(|old| emit(row(zone, key, old), -1));
            new.into_iter().for_each(|new| emit(row(zone, key, new), 1));
        }
    }

    /// Says all again.
    pub(super) fn repeat(&self, zone: ZoneIx, emit: &mut dyn FnMut(Indexed, isize)) {
        for (key, rated) in &self.said {
            emit(row(zone, *key, *rated), 1);
        }
    }

    /// Lets go of all that began up to `to`. A day that began there is over, and its lateness has passed.
    pub(super) fn seal(&mut self, zone: ZoneIx, to: Millis, emit: &mut dyn FnMut(Indexed, isize)) {
        for means in &mut self.hours {
            *means = means.split_off(&(to + 1));
        }
        self.said.retain(|key, rated| {
            let keep = key.2 > to;
            if !keep {
                emit(row(zone, *key, *rated), -1);
            }
            keep
        });
    }

    pub(super) fn is_idle(&self) -> bool {
        self.standards.is_empty() && self.said.is_empty() && self.hours.iter().all(Means::is_empty)
    }
}

fn row(
    zone: ZoneIx,
    (spell, standard, start): (Spell, Standard, Millis),
    (index, heard): Rated,
) -> Indexed {
    Indexed {
        zone,
        spell,
        standard,
        start,
        index,
        heard,
    }
}
