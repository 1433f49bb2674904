//! Air indices of the next hours per zone, said when an hour is complete and corrected when any hour that they rest on is.
//!
//! A forecast's pane is the hour that has just ended, in which it is said, and not the one that it speaks of: nothing is
//! ever judged ahead of its time.

use std::collections::{BTreeMap, BTreeSet};

use differential_dataflow::VecCollection;
use serde::{Deserialize, Serialize};
use wire::quantity::{Group, TABLE};
use wire::{Milli, Quantity};

use super::fold::{Fold, Kept, fold};
use super::judge::Valued;
use super::zones::{Cut, ZoneKey, ZonePane};
use crate::calendar::{AIR_WINDOW, Calendar, HOUR, Millis, QUARTER, Tick, tick_at};
use crate::city::ZoneIx;
use crate::output::Figures;
use crate::rules::Value;
use crate::science::air::Standard;
use crate::science::air::forecast::{Ahead, Forecast, Outlook};

/// What a zone's forecasts are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Item {
    Standard(Standard),
    Hour {
        quantity: Quantity,
        start: Millis,
        mean: Milli,
        heard: u32,
        saturated: bool,
        suspect: u32,
    },
}

/// Hourly zone means, of pollutants and of weather, as items of their zone.
pub fn hours<'scope>(
    zone_values: VecCollection<'scope, Tick, (ZoneKey, ZonePane), isize>,
) -> VecCollection<'scope, Tick, (ZoneIx, Item), isize> {
    zone_values.flat_map(|(key, pane)| {
        let item = Item::Hour {
            quantity: key.quantity,
            start: key.start,
            mean: pane.figures.mean,
            heard: pane.heard,
            saturated: pane.figures.saturated,
            suspect: pane.suspect,
        };
        (key.cut == Cut::Hour).then_some((key.zone, item))
    })
}

pub fn forecasts<'scope>(
    items: VecCollection<'scope, Tick, (ZoneIx, Item), isize>,
    calendar: &Calendar,
    kept: Kept<Forecasts>,
    restored_at: Tick,
) -> VecCollection<'scope, Tick, Valued, isize> {
    let calendar = calendar.clone();
    let forecasts = Forecasts { calendar };
    fold(items, "air forecast", forecasts, kept, restored_at)
}

pub struct Forecasts {
    calendar: Calendar,
}

type Means = BTreeMap<Millis, (Milli, Heard)>;

/// How well an hour was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Heard {
    nodes: u32,
    suspect: u32,
    saturated: bool,
}

/// What was said in one hour: (standard, how far ahead, hour, figure).
pub type SaidForecast = (Standard, Ahead, Millis, ZonePane);

/// One zone's hours within the longest window and the horizon, and what was said.
pub struct Station {
    standards: BTreeSet<Standard>,
    /// By [`Quantity::place`].
    hours: [Means; TABLE.len()],
    /// Hours that are not complete yet.
    going_on: BTreeSet<Millis>,
    said: BTreeMap<Millis, BTreeMap<(Standard, Ahead), ZonePane>>,
}

impl Default for Station {
    fn default() -> Station {
        Station {
            standards: BTreeSet::new(),
            hours: std::array::from_fn(|_| Means::new()),
            going_on: BTreeSet::new(),
            said: BTreeMap::new(),
        }
    }
}

impl Fold for Forecasts {
    type Key = ZoneIx;
    type Item = Item;
    type Out = Valued;
    type State = Station;

    fn step(
        &mut self,
        tick: Tick,
        zone: &ZoneIx,
        state: &mut Station,
        changes: &[(Item, isize)],
        emit: &mut dyn FnMut(Valued, isize),
    ) -> Option<Tick> {
        let mut touched = BTreeSet::new();
        for (item, diff) in changes {
            match *item {
                Item::Standard(standard) => {
                    match *diff > 0 {
                        true => state.standards.insert(standard),
                        false => state.standards.remove(&standard),
                    };
                    touched.extend(state.hours.iter().flat_map(Means::keys).copied());
                }
                Item::Hour {
                    quantity,
                    start,
                    mean,
                    heard,
                    saturated,
                    suspect,
                } => {
                    let heard = Heard {
                        nodes: heard,
                        suspect,
                        saturated,
                    };
                    let means = &mut state.hours[quantity.place()];
                    let horizon = self.calendar.quarter_span(quantity).horizon;
                    // When the first quarter of an hour is sealed off, the hour is: what rests on it stands.
                    if tick_at(start + QUARTER + horizon) <= tick {
                        *means = means.split_off(&(start + 1));
                        continue;
                    }
                    if *diff > 0 {
                        means.insert(start, (mean, heard));
                    } else if means.get(&start) == Some(&(mean, heard)) {
                        means.remove(&start);
                    }
                    touched.extend((0..AIR_WINDOW / HOUR).map(|later| start + later * HOUR));
                }
            }
        }
        state.seal(*zone, tick, &self.calendar, emit);
        // An hour that goes on waits for its end.
        let grace = self.calendar.index_span().grace;
        let complete_at = |hour: Millis| tick_at(hour + HOUR + grace);
        let is_heard =
            |hour: &Millis, hours: &[Means]| hours.iter().any(|means| means.contains_key(hour));
        let hours = &state.hours;
        state.going_on.extend(
            touched
                .iter()
                .filter(|hour| complete_at(**hour) > tick && is_heard(hour, hours)),
        );
        while let Some(ended) = state
            .going_on
            .first()
            .filter(|hour| complete_at(**hour) <= tick)
        {
            touched.insert(*ended);
            state.going_on.pop_first();
        }
        // An hour whose lateness has passed is final: what it looked back on may be gone.
        let lateness = self.calendar.span(Quantity::Pm2_5).horizon;
        for hour in touched {
            if complete_at(hour) <= tick && tick < tick_at(hour + HOUR + lateness) {
                state.judge(*zone, hour, emit);
            }
        }
        let ends = state.going_on.first().map(|hour| complete_at(*hour));
        let leaves = state.said.first_key_value();
        let leaves = leaves.map(|(hour, _)| leaves_at(*hour, &self.calendar));
        ends.into_iter().chain(leaves).min()
    }

    fn revive(&mut self, zone: &ZoneIx, state: &Station, emit: &mut dyn FnMut(Valued, isize)) {
        for (standard, ahead, hour, pane) in state.said() {
            emit(valued(*zone, (standard, ahead), hour, pane), 1);
        }
    }

    fn is_idle(state: &Station) -> bool {
        state.standards.is_empty()
            && state.said.is_empty()
            && state.hours.iter().all(Means::is_empty)
    }
}

fn leaves_at(hour: Millis, calendar: &Calendar) -> Tick {
    tick_at(hour + HOUR + calendar.index_span().horizon)
}

fn valued(
    zone: ZoneIx,
    (standard, ahead): (Standard, Ahead),
    hour: Millis,
    pane: ZonePane,
) -> Valued {
    let value = Value::AirForecast(standard, ahead);
    ((zone, value), (hour, hour + HOUR, false, pane))
}

impl Station {
    /// A station of a snapshot: what was said of it. Its hours come again from panes.
    pub fn restored(said: Vec<SaidForecast>) -> Station {
        let mut station = Station::default();
        for (standard, ahead, hour, pane) in said {
            let of_hour = station.said.entry(hour).or_default();
            of_hour.insert((standard, ahead), pane);
        }
        station
    }

    pub fn said(&self) -> Vec<SaidForecast> {
        let of_hours = self.said.iter().flat_map(|(hour, said)| {
            let said = said.iter();
            said.map(|(&(standard, ahead), &pane)| (standard, ahead, *hour, pane))
        });
        of_hours.collect()
    }

    /// Says anew what follows from the hour and those before it, where it changed.
    fn judge(&mut self, zone: ZoneIx, hour: Millis, emit: &mut dyn FnMut(Valued, isize)) {
        let new = self.forecast(hour);
        let old = self.said.remove(&hour).unwrap_or_default();
        for (what, pane) in &old {
            if new.get(what) != Some(pane) {
                emit(valued(zone, *what, hour, *pane), -1);
            }
        }
        for (what, pane) in &new {
            if old.get(what) != Some(pane) {
                emit(valued(zone, *what, hour, *pane), 1);
            }
        }
        if !new.is_empty() {
            self.said.insert(hour, new);
        }
    }

    fn forecast(&self, hour: Millis) -> BTreeMap<(Standard, Ahead), ZonePane> {
        let mut forecasts = BTreeMap::new();
        let back = |quantity: Quantity, hours_back: usize| {
            let at = hour - hours_back as Millis * HOUR;
            let mean = self.hours[quantity.place()].get(&at)?;
            Some(mean.0)
        };
        let air = TABLE.iter().filter(|entry| entry.group == Group::Air);
        let heard = air.filter_map(|entry| self.hours[entry.quantity.place()].get(&hour));
        let heard = heard.map(|(_, heard)| *heard);
        let Some(heard) = heard.reduce(|a, b| Heard {
            nodes: a.nodes.max(b.nodes),
            suspect: a.suspect.max(b.suspect),
            saturated: a.saturated || b.saturated,
        }) else {
            return forecasts;
        };
        let Some(outlook) = (!self.standards.is_empty())
            .then(|| Outlook::after(&back))
            .flatten()
        else {
            return forecasts;
        };
        for standard in &self.standards {
            for ahead in Ahead::ALL {
                if let Some(forecast) = outlook.index(*standard, ahead, &back) {
                    let pane = ZonePane {
                        figures: figures(&forecast, heard.saturated),
                        heard: heard.nodes,
                        suspect: heard.suspect,
                    };
                    forecasts.insert((*standard, ahead), pane);
                }
            }
        }
        forecasts
    }

    /// What can no longer be corrected leaves; it stands for good.
    fn seal(
        &mut self,
        zone: ZoneIx,
        tick: Tick,
        calendar: &Calendar,
        emit: &mut dyn FnMut(Valued, isize),
    ) {
        let is_over = |hour: &Millis| leaves_at(*hour, calendar) <= tick;
        while let Some(first) = self.said.first_entry().filter(|first| is_over(first.key())) {
            let (hour, said) = first.remove_entry();
            for (what, pane) in said {
                emit(valued(zone, what, hour, pane), -1);
            }
        }
    }
}

/// The index, and its bounds as least and greatest.
fn figures(forecast: &Forecast, saturated: bool) -> Figures {
    let index = |index: u32| Milli::whole(i64::from(index));
    let mean = index(forecast.index.index);
    Figures {
        mean,
        min: index(forecast.low),
        max: index(forecast.high),
        last: mean,
        count: 1,
        saturated,
    }
}
