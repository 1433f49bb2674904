//! Incidents between two stations, judged anew from the readings of both.

use wire::{Milli, Quantity};

use super::Case;
use crate::observation::Observation;
use crate::operators::alerts::islands::Judged;
use crate::operators::traffic::Section;
use crate::operators::zones::ZonePane;

/// The panes from the alert's onset on; those before it are what the algorithm remembers.
pub(super) fn judged(case: &Case, readings: &[Observation]) -> Vec<Judged> {
    let Some(section) = case.settings.section else {
        return Vec::new();
    };
    let width = case.calendar.span(Quantity::LaneOccupancy).width;
    let occupancies = |members| {
        let panes = case.panes_of(members, Quantity::LaneOccupancy, readings);
        panes.map(|(start, pane, _)| (start, pane)).collect()
    };
    let (upstream, downstream) = (occupancies(case.members), occupancies(case.downstream));
    let states = Section::states(section.thresholds, upstream, downstream, width);
    let since = states.into_iter().filter(|(start, _)| *start >= case.onset);
    let judged = since.map(|(start, (state, ZonePane { figures, heard, .. }))| Judged {
        start,
        end: start + width,
        value: Some(Milli::whole(state.number())),
        heard,
        open: false,
        saturated: figures.saturated,
        alarm: None,
    });
    judged.collect()
}
