//! Crowds: how it is to be in them, and where it leads.

use wire::{Milli, Quantity};

use super::Figure;
use crate::operators::derive::{Cell, View};
use crate::output::Figures;
use crate::rules::Value;
use crate::science::crowd::danger::{self, time_to_danger as minutes, trend};
use crate::science::crowd::people_at;
use crate::science::crowd::pressure::pressure as pressure_of;
use crate::science::crowd::walking::{expected_speed, speed_ratio};

/// Level of service by the zone's table, Fruin's walkway if it names none: 1 is A, 6 is F.
pub(super) fn level(view: &View) -> Option<Figure> {
    let levels = view.settings.crowd_levels;
    let level = |density| Milli::whole(i64::from(levels.level(density).number()));
    Some(rising(view.now(Value::CrowdDensity)?, level))
}

/// Density times variance of velocities, where a camera reports one. Cameras that see different parts of the zone are
/// averaged; that their means differ too is not in it.
pub(super) fn pressure(view: &View) -> Option<Figure> {
    let variance = view.now(Quantity::VelocityVariance)?.mean;
    is_crowd(view)?;
    let pressure = |density| pressure_of(density, variance);
    Some(rising(view.now(Value::CrowdDensity)?, pressure))
}

/// Weidmann's speed at this density, where there is a measured one to stand beside it.
pub(super) fn walking_speed_expected(view: &View) -> Option<Figure> {
    view.now(Quantity::WalkingSpeed)?;
    is_crowd(view)?;
    Some(expected(view.now(Value::CrowdDensity)?))
}

/// How far the measured speed is from Weidmann's; nothing where nobody can be expected to move.
pub(super) fn walking_speed_ratio(view: &View) -> Option<Figure> {
    let speed = view.now(Quantity::WalkingSpeed)?.mean;
    is_crowd(view)?;
    let expected = expected(view.now(Value::CrowdDensity)?);
    let value = speed_ratio(speed, expected.value)?;
    Some(Figure {
        value,
        low: speed_ratio(speed, expected.high)?,
        // At the upper bound of density nobody may be expected to move: there is no upper bound then.
        high: speed_ratio(speed, expected.low).unwrap_or(value),
    })
}

/// Gates are counted where they lead: `operators::crowd`.
pub(super) fn gate_flow(_view: &View) -> Option<Figure> {
    None
}

/// Minutes until the zone holds as many people as its dangerous density allows, by the trend of the last minutes.
pub(super) fn time_to_danger(view: &View) -> Option<Figure> {
    let limit = view.settings.danger_density;
    if limit <= Milli::ZERO || view.area <= Milli::ZERO {
        return None;
    }
    let people = view.now(Value::CrowdCount)?.mean;
    is_many(view, people)?;
    let panes = since_put_right(view.series(Value::CrowdCount, danger::TREND_MS));
    let counted: Vec<(i64, Milli)> = panes
        .iter()
        .map(|cell| (cell.start, cell.pane.figures.mean))
        .collect();
    let trend = trend(&counted, view.width(Value::CrowdCount))?;
    let time = minutes(people, people_at(limit, view.area), trend);
    Some(Figure {
        value: time.value,
        low: time.low,
        high: time.high,
    })
}

/// So few are persons and no crowd: what would be said of them says how many they are. A city's privacy floor may ask
/// for more ([`crate::city::ZoneSettings::fewest_people`]).
const FEWEST: Milli = Milli::whole(10);

fn is_crowd(view: &View) -> Option<()> {
    let density = view.now(Value::CrowdDensity)?.mean;
    is_many(view, people_at(density, view.area))
}

fn is_many(view: &View, people: Milli) -> Option<()> {
    (people >= FEWEST.max(view.settings.fewest_people)).then_some(())
}

/// The panes since the number of people was last put right: by a head count, or by a counter that spoke again. A step
/// of that kind is no inflow. It shows where the doubt falls by more than half from one pane to the next.
fn since_put_right(panes: &[Cell]) -> &[Cell] {
    let doubt = |cell: &Cell| cell.pane.figures.max.0 - cell.pane.figures.mean.0;
    let step = panes
        .windows(2)
        .rposition(|pair| doubt(&pair[1]) < doubt(&pair[0]) / 2);
    &panes[step.map_or(0, |before| before + 1)..]
}

fn expected(density: &Figures) -> Figure {
    Figure {
        value: expected_speed(density.mean),
        low: expected_speed(density.max),
        high: expected_speed(density.min),
    }
}

/// A figure that grows with density, at the bounds of it.
fn rising(density: &Figures, figure: impl Fn(Milli) -> Milli) -> Figure {
    Figure {
        value: figure(density.mean),
        low: figure(density.min),
        high: figure(density.max),
    }
}
