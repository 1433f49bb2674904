//! Traffic: what loops say about a road, minute by minute.
//!
//! A zone is a station of the road. Its counters' vehicles are added up; occupancy and speed are means over its loops.
//! Where the zone's `lanes` are known, they are those that all its counters count together; else each counts one.

use wire::{Milli, Quantity};

use super::Figure;
use crate::operators::derive::View;
use crate::rules::Value;
use crate::science::traffic::level::{LevelOfService, PER_KILOMETRE};
use crate::science::traffic::loops::{self, EffectiveLength};

/// Vehicles per hour over all lanes.
pub(super) fn flow(view: &View) -> Option<Figure> {
    all_lanes(view).map(Figure::exact)
}

/// Vehicles per kilometre and lane: from flow and measured speed where there is one, as IRIS does, else from occupancy.
pub(super) fn density(view: &View) -> Option<Figure> {
    vehicles_per_kilometre(view).map(Figure::exact)
}

/// As it was measured, else from a single loop's flow and occupancy.
pub(super) fn speed(view: &View) -> Option<Figure> {
    let from_loop = || {
        let occupancy = view.now(Quantity::LaneOccupancy)?.mean;
        loops::speed(one_lane(view)?, occupancy, length(view))
    };
    measured(view).or_else(from_loop).map(Figure::exact)
}

/// Level of service of a freeway: 1 is A, 6 is F.
pub(super) fn level(view: &View) -> Option<Figure> {
    let level = LevelOfService::of(vehicles_per_kilometre(view)?, &PER_KILOMETRE);
    Some(Figure::exact(Milli::whole(level.number())))
}

fn vehicles_per_kilometre(view: &View) -> Option<Milli> {
    let by_speed = || loops::density_of_flow(one_lane(view)?, measured(view)?);
    let by_occupancy = || {
        let occupancy = view.now(Quantity::LaneOccupancy)?.mean;
        Some(loops::density(occupancy, length(view)))
    };
    by_speed().or_else(by_occupancy)
}

/// A mean speed of nobody is no speed: detectors report 0 in a minute without a vehicle, and beside a count of 0 any
/// speed is left over from before.
fn measured(view: &View) -> Option<Milli> {
    let speed = view.now(Quantity::VehicleSpeed)?.mean;
    let nobody = all_lanes(view).is_some_and(|flow| flow <= Milli::ZERO);
    (speed > Milli::ZERO && !nobody).then_some(speed)
}

fn all_lanes(view: &View) -> Option<Milli> {
    let count = view.now(Quantity::VehicleCount)?.mean;
    let width = view.width(Value::Quantity(Quantity::VehicleCount));
    Some(loops::flow(count, width))
}

fn one_lane(view: &View) -> Option<Milli> {
    let counters = view.pane(Value::Quantity(Quantity::VehicleCount))?.heard;
    let lanes = match view.settings.lanes {
        0 => i64::from(counters),
        lanes => i64::from(lanes),
    };
    Some(Milli(all_lanes(view)?.0 / lanes.max(1)))
}

fn length(view: &View) -> EffectiveLength {
    EffectiveLength::of_metres(view.settings.effective_length).unwrap_or(EffectiveLength::DEFAULT)
}
