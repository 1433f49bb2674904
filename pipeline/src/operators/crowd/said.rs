//! What is told of a zone's crowd at one pane, and in which figures.

use wire::Milli;

use super::Derived;
use crate::calendar::Millis;
use crate::city::ZoneIx;
use crate::derived::Derived as Name;
use crate::operators::zones::ZonePane;
use crate::output::Figures;
use crate::rules::Value;
use crate::science::crowd::{Estimate, density};

/// Everything told of one pane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    /// `None`: the gates are not known to begin from any number.
    pub(super) people: Option<Told>,
    /// Usable ground; 0: unknown, no density.
    pub(super) area: Milli,
    /// Over the zone's gates of known width: all, the emptiest and the fullest.
    pub(super) gate_flow: Option<Told>,
}

/// One figure with its bounds, and what it was made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) estimate: Estimate,
    pub(super) count: u64,
    pub(super) heard: u32,
    pub(super) saturated: bool,
    /// Of those heard, whose readings a quality test finds suspect.
    pub(super) suspect: u32,
}

impl Said {
    /// Tells it, or takes it back.
    pub(super) fn emit(
        &self,
        zone: ZoneIx,
        start: Millis,
        diff: isize,
        emit: &mut dyn FnMut(Derived, isize),
    ) {
        if let Some(people) = &self.people {
            let pane = people.pane(people.estimate);
            emit(((zone, Value::CrowdCount), (start, pane)), diff);
            if self.area > Milli::ZERO {
                let on_ground = people.estimate.map(|people| density(people, self.area));
                let pane = people.pane(on_ground);
                emit(((zone, Value::CrowdDensity), (start, pane)), diff);
            }
        }
        if let Some(flow) = &self.gate_flow {
            let (value, pane) = (Value::Derived(Name::GateFlow), flow.pane(flow.estimate));
            emit(((zone, value), (start, pane)), diff);
        }
    }
}

impl Told {
    /// The bounds stand as the least and greatest of the pane.
    fn pane(&self, estimate: Estimate) -> ZonePane {
        ZonePane {
            figures: Figures {
                mean: estimate.value,
                min: estimate.low,
                max: estimate.high,
                last: estimate.value,
                count: self.count,
                saturated: self.saturated,
            },
            heard: self.heard,
            suspect: self.suspect,
        }
    }
}
