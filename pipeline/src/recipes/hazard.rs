//! Hazards: exposure, fire, water and ground.

use wire::{Milli, Quantity};

use super::Figure;
use crate::derived::Derived;
use crate::operators::derive::View;

pub(super) fn aegl(_derived: Derived, _view: &View) -> Option<Figure> {
    None
}

/// The greatest acceleration of the pane, whichever way it points.
pub(super) fn peak_acceleration(view: &View) -> Option<Figure> {
    let figures = view.now(Quantity::Acceleration)?;
    let peak = figures.max.0.max(figures.min.0.saturating_neg());
    Some(Figure::exact(Milli(peak)))
}

pub(super) fn co_alarm(_view: &View) -> Option<Figure> {
    None
}

pub(super) fn fire(_view: &View) -> Option<Figure> {
    None
}

pub(super) fn heat_rise(_view: &View) -> Option<Figure> {
    None
}

pub(super) fn water_rise(_view: &View) -> Option<Figure> {
    None
}

pub(super) fn tilt_rate(_view: &View) -> Option<Figure> {
    None
}
