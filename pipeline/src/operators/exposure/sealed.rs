//! What of a source's surroundings panes do not say again after a restart.

use serde::{Deserialize, Serialize};
use wire::Quantity;

use super::{Count, Measured, Surroundings};
use crate::calendar::{Calendar, Millis, Tick};
use crate::city::{NodeIx, ZoneIx};

/// What a snapshot keeps of one source: what is sealed off and still looked back on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedSurroundings {
    sealed_to: Vec<(Quantity, Millis)>,
    weather: Vec<(Quantity, NodeIx, Millis, Measured)>,
    crowd: Vec<(ZoneIx, Millis, Count)>,
}

impl Surroundings {
    /// A source of a snapshot; the rest comes again from panes and the registry.
    pub fn restored(sealed: SealedSurroundings) -> Surroundings {
        let mut state = Surroundings {
            sealed_to: sealed.sealed_to.into_iter().collect(),
            ..Surroundings::default()
        };
        for (quantity, node, start, measured) in sealed.weather {
            let panes = state.weather.entry((quantity, node)).or_default();
            panes.insert(start, measured);
        }
        for (zone, start, count) in sealed.crowd {
            state.crowd.entry(zone).or_default().insert(start, count);
        }
        state
    }

    /// What panes will not say again after a restart at this tick.
    pub fn sealed(&self, calendar: &Calendar, tick: Tick) -> SealedSurroundings {
        let is_sealed = |quantity, start: Millis| calendar.span(quantity).sealed_at(start) <= tick;
        let weather = self.weather.iter().flat_map(|((quantity, node), panes)| {
            let panes = panes
                .iter()
                .filter(|(start, _)| is_sealed(*quantity, **start));
            panes.map(|(start, measured)| (*quantity, *node, *start, *measured))
        });
        let crowd = self.crowd.iter().flat_map(|(zone, panes)| {
            let counted = |start: &Millis| is_sealed(Quantity::PersonCount, *start);
            let panes = panes.iter().filter(move |(start, _)| counted(start));
            panes.map(|(start, count)| (*zone, *start, *count))
        });
        SealedSurroundings {
            sealed_to: self.sealed_to.iter().map(|(q, to)| (*q, *to)).collect(),
            weather: weather.collect(),
            crowd: crowd.collect(),
        }
    }
}
