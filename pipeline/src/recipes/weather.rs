//! Weather: what heat, sound and rain mean for people.

use wire::{Milli, Quantity};

use super::Figure;
use crate::calendar::{HOUR, MINUTE, Millis, pane_start};
use crate::operators::derive::View;
use crate::output::Figures;
use crate::science::hazard::ground::{ANTECEDENT, RECENT, rain_excess as excess};
use crate::science::hazard::{heat, noise};

/// Temperature and humidity that are not further apart belong together.
const TOGETHER: Millis = 10 * MINUTE;

pub(super) fn heat_index(view: &View) -> Option<Figure> {
    of_air(view, heat::heat_index)
}

pub(super) fn wbgt(view: &View) -> Option<Figure> {
    of_air(view, heat::wbgt)
}

/// Both rise with temperature and humidity: the least of both is the low bound.
fn of_air(view: &View, formula: fn(Milli, Milli) -> Option<Milli>) -> Option<Figure> {
    let temperature = view.latest(Quantity::Temperature, TOGETHER)?;
    let humidity = view.latest(Quantity::RelativeHumidity, TOGETHER)?;
    let with = |figure: fn(&Figures) -> Milli| formula(figure(temperature), figure(humidity));
    let value = with(|figures| figures.mean)?;
    Some(Figure {
        value,
        low: with(|figures| figures.min)?.min(value),
        high: with(|figures| figures.max)?.max(value),
    })
}

/// Beyond the limit of the zone's class; nothing where nobody says its class.
pub(super) fn noise_excess(view: &View) -> Option<Figure> {
    let class = view.settings.noise_class?;
    view.now(Quantity::Noise)?;
    let is_night = |moment| noise::is_night(view.local().hour(moment));
    let night = is_night(view.start);
    // Backwards from now, no further than the day or night began.
    let cells = view.series(Quantity::Noise, noise::LOOK_BACK).iter().rev();
    let own = cells.take_while(|cell| is_night(cell.start) == night);
    let level = noise::equivalent(own.map(|cell| cell.pane.figures.mean))?;
    let limit = noise::limit(class, night);
    Some(Figure::exact(Milli(level.0.saturating_sub(limit.0))))
}

/// Rain that was not reported counts as none: at least so much fell.
pub(super) fn rain_excess(view: &View) -> Option<Figure> {
    view.now(Quantity::Rain)?;
    // Whole hours, as rain of days ago is kept: those that began within the last three days.
    let before = pane_start(view.end - 1 - RECENT, HOUR) + HOUR;
    let recent = view.between(Quantity::Rain, before, view.end);
    let antecedent = view.between(Quantity::Rain, before - ANTECEDENT, before);
    Some(Figure::exact(excess(recent.sum(), antecedent.sum())))
}
