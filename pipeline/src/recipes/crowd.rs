//! Crowds: how it is to be in them, and where it leads.

use wire::Milli;

use super::Figure;
use crate::operators::derive::View;
use crate::rules::Value;
use crate::science::crowd::LevelOfService;

/// Level of service of a walkway after Fruin: 1 is A, 6 is F.
pub(super) fn level(view: &View) -> Option<Figure> {
    let density = view.now(Value::CrowdDensity)?;
    let level = |density| Milli::whole(LevelOfService::of(density) as i64 + 1);
    Some(Figure {
        value: level(density.mean),
        low: level(density.min),
        high: level(density.max),
    })
}

pub(super) fn pressure(_view: &View) -> Option<Figure> {
    None
}

pub(super) fn walking_speed_expected(_view: &View) -> Option<Figure> {
    None
}

pub(super) fn gate_flow(_view: &View) -> Option<Figure> {
    None
}

pub(super) fn time_to_danger(_view: &View) -> Option<Figure> {
    None
}
