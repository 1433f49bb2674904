//! A repeated (node, quantity, time) is a duplicate: the first reading stands.
//!
//! Nearly every reading is newer than the one before it of its node and quantity, so the time of the
//! newest decides; only when rows arrive out of order are the times inside the horizon kept.

use std::collections::VecDeque;

use pipeline::calendar::{Calendar, Millis, Tick, pane_start, tick_at};
use pipeline::city::City;
use rustc_hash::FxHashMap;
use wire::Quantity;

use super::row::Reading;

/// What a reading is to its pane when it arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    OnTime,
    /// Its pane has been judged and is corrected now.
    Late,
    /// Its pane is sealed off.
    TooLate,
    Duplicate,
}

/// Remembers which readings have been there.
pub struct Arrivals {
    calendar: Calendar,
    /// Newest time by node and quantity.
    newest: Vec<Millis>,
    /// Times inside the horizon, ascending, by the same places; `None` when rows come in order of time.
    within: Option<FxHashMap<usize, VecDeque<Millis>>>,
}

/// Whether rows come in order of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    BySampling,
    ByArrival,
}

impl Arrivals {
    pub fn new(city: &City, calendar: &Calendar, order: Order) -> Arrivals {
        let nodes = city
            .nodes
            .iter()
            .map(|node| node.ix.0 as usize + 1)
            .max()
            .unwrap_or(0);
        Arrivals {
            calendar: calendar.clone(),
            newest: vec![Millis::MIN; nodes * wire::quantity::TABLE.len()],
            within: (order == Order::ByArrival).then(FxHashMap::default),
        }
    }

    /// Classifies a reading that arrives at `tick`; ticks must not go back.
    pub fn classify(&mut self, reading: &Reading, tick: Tick) -> Arrival {
        let place =
            reading.node.0 as usize * wire::quantity::TABLE.len() + reading.quantity.place();
        let newest = &mut self.newest[place];
        let is_newer = reading.sampled_at > *newest;
        if is_newer {
            *newest = reading.sampled_at;
        }
        let arrival = lateness(&self.calendar, reading.quantity, reading.sampled_at, tick);
        match &mut self.within {
            None if is_newer => arrival,
            // In order of time a reading that is not newer is as old as the newest.
            None => Arrival::Duplicate,
            // Sealed-off readings change nothing any more, once or twice.
            Some(_) if arrival == Arrival::TooLate => arrival,
            Some(within) => {
                let times = within.entry(place).or_default();
                let is_sealed_off = |time: &Millis| {
                    lateness(&self.calendar, reading.quantity, *time, tick) == Arrival::TooLate
                };
                while times.front().is_some_and(is_sealed_off) {
                    times.pop_front();
                }
                match times.binary_search(&reading.sampled_at) {
                    Ok(_) => Arrival::Duplicate,
                    Err(at) => {
                        times.insert(at, reading.sampled_at);
                        arrival
                    }
                }
            }
        }
    }
}

fn lateness(calendar: &Calendar, quantity: Quantity, sampled_at: Millis, tick: Tick) -> Arrival {
    let span = calendar.span(quantity);
    // Nothing is late before its pane can have ended: most readings need no division.
    if tick_at(sampled_at) + (span.grace as Tick) > tick {
        return Arrival::OnTime;
    }
    let pane_end = pane_start(sampled_at, span.width) + span.width;
    if tick_at(pane_end + span.horizon) <= tick {
        Arrival::TooLate
    } else if tick_at(pane_end + span.grace) < tick {
        Arrival::Late
    } else {
        Arrival::OnTime
    }
}
