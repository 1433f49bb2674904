//! Hazards: exposure, fire, water and ground.

use wire::{Milli, Quantity};

use super::Figure;
use crate::calendar::{HOUR, MINUTE, Millis, pane_start};
use crate::derived::Derived;
use crate::operators::derive::{Cell, View};
use crate::output::Figures;
use crate::science::hazard::carbon_monoxide::EN_50291;
use crate::science::hazard::dose::{BRIDGED_MAX, Sample};
use crate::science::hazard::fire::{self, Criteria};
use crate::science::hazard::gas::{self, TIMES};
use crate::science::hazard::ground::TILT_REACH;
use crate::science::hazard::motion;
use crate::science::hazard::trend::{Point, Reach};
use crate::science::hazard::water::RISE_REACH;

/// Level of exposure: by the zone's mean; at least where missing time was clean air; at most where everybody stood at the
/// worst detector.
pub(super) fn aegl(derived: Derived, view: &View) -> Option<Figure> {
    let quantity = derived.entry().paced_by;
    view.now(quantity)?;
    let doses = |samples: &[Sample]| gas::doses(samples, view.end);
    let means = doses(&samples(view, quantity, TIMES[4], mean));
    let worst = doses(&samples(view, quantity, TIMES[4], |cell| {
        cell.pane.figures.max
    }));
    Some(Figure {
        value: gas::level(quantity, &means.likely)?,
        low: gas::level(quantity, &means.least)?,
        high: gas::level(quantity, &worst.likely)?,
    })
}

/// Share of an alarm of a domestic detector; bounds as for [`aegl`].
pub(super) fn co_alarm(view: &View) -> Option<Figure> {
    view.now(Quantity::Co)?;
    let share = |samples: &[Sample]| EN_50291.share(samples, view.end);
    let memory = EN_50291.memory;
    let (value, low) = share(&samples(view, Quantity::Co, memory, mean));
    let (high, _) = share(&samples(view, Quantity::Co, memory, |cell| {
        cell.pane.figures.max
    }));
    Some(Figure { value, low, high })
}

fn mean(cell: &Cell) -> Milli {
    Milli(cell.sum / i64::from(cell.panes.max(1)))
}

/// What was measured over the last `span`, as a dose counts it.
fn samples(
    view: &View,
    quantity: Quantity,
    span: Millis,
    value: impl Fn(&Cell) -> Milli,
) -> Vec<Sample> {
    let width = view.width(quantity.into());
    let sample = |cell: &Cell| Sample {
        start: cell.start,
        lasting: width * Millis::from(cell.panes),
        value: value(cell),
    };
    // What is beyond the span still is one side of a gap that reaches into it.
    let cells = cells(view, quantity, span + BRIDGED_MAX);
    cells.iter().map(sample).collect()
}

/// Panes of the last `span`, those older than an hour minute by minute: so the answer does not hang on whether they have
/// been sealed off and made one before.
fn cells(view: &View, quantity: Quantity, span: Millis) -> Vec<Cell> {
    let from = pane_start(view.end - span, MINUTE);
    let fine_from = pane_start(view.start - HOUR, MINUTE);
    let mut cells: Vec<Cell> = Vec::new();
    for cell in view.series(quantity, view.end - from) {
        let minute = pane_start(cell.start, MINUTE);
        match cells.last_mut() {
            _ if cell.start >= fine_from => cells.push(*cell),
            Some(last) if last.start == minute => *last = last.and(cell),
            _ => cells.push(Cell {
                start: minute,
                ..*cell
            }),
        }
    }
    cells
}

/// A detector that was heard within this speaks of now.
const FRESH: Millis = MINUTE;

/// What a detector said last counts for so long after it fell silent, as «at least».
const CARRIED: Millis = HOUR;

const FIRE_DETECTORS: [Quantity; 4] = [
    Quantity::Smoke,
    Quantity::Heat,
    Quantity::Co,
    Quantity::Flame,
];

/// By the worst detector of each kind; at least by their means.
pub(super) fn fire(view: &View) -> Option<Figure> {
    let said = |quantity, figure: fn(&Figures) -> Milli| view.latest(quantity, CARRIED).map(figure);
    let criteria = |figure: fn(&Figures) -> Milli| Criteria {
        smoke: said(Quantity::Smoke, figure),
        heat: said(Quantity::Heat, figure),
        rise: rise_of_heat(view),
        // An analyser is noisier than a detector: its mean counts.
        carbon_monoxide: said(Quantity::Co, |figures| figures.mean),
        flame: said(Quantity::Flame, figure),
    };
    let value = fire::score(&criteria(|figures| figures.max));
    Some(Figure {
        value,
        low: fire::score(&criteria(|figures| figures.mean)).min(value),
        high: value,
    })
}

/// Whether the value is only known to be so great or greater, so that no danger is over by it.
pub(super) fn is_at_least(derived: Derived, view: &View) -> bool {
    let saturated = |quantity: Quantity, span| {
        let mut cells = cells(view, quantity, span).into_iter();
        cells.any(|cell| cell.pane.figures.saturated)
    };
    match derived {
        // A detector that was at the end of its range hides how much was breathed.
        Derived::AeglH2s
        | Derived::AeglNh3
        | Derived::AeglCl2
        | Derived::AeglCo
        | Derived::AeglSo2
        | Derived::AeglNo2 => saturated(derived.entry().paced_by, TIMES[4]),
        Derived::CoAlarm => saturated(Quantity::Co, EN_50291.memory),
        // A kind of detector that fell silent may have more to say.
        Derived::Fire => FIRE_DETECTORS.into_iter().any(|quantity| {
            view.latest(quantity, CARRIED).is_some() && view.latest(quantity, FRESH).is_none()
        }),
        _ => false,
    }
}

pub(super) fn heat_rise(view: &View) -> Option<Figure> {
    view.now(Quantity::Heat)?;
    rise_of_heat(view).map(Figure::exact)
}

fn rise_of_heat(view: &View) -> Option<Milli> {
    let points = points(view, Quantity::Heat, fire::RISE_REACH, |figures| {
        figures.max
    });
    fire::RISE_REACH.slope(&points, MINUTE)
}

pub(super) fn water_rise(view: &View) -> Option<Figure> {
    view.now(Quantity::WaterLevel)?;
    let points = points(view, Quantity::WaterLevel, RISE_REACH, |figures| {
        figures.mean
    });
    RISE_REACH.slope(&points, HOUR).map(Figure::exact)
}

/// Whichever way it tilts.
pub(super) fn tilt_rate(view: &View) -> Option<Figure> {
    view.now(Quantity::Tilt)?;
    let points = points(view, Quantity::Tilt, TILT_REACH, |figures| figures.mean);
    let slope = TILT_REACH.slope(&points, HOUR)?;
    Some(Figure::exact(Milli(slope.0.saturating_abs())))
}

/// Figures over a reach. Panes that heard another number of nodes than the last are left out: a figure that jumps because
/// a node fell silent is no rise.
fn points(
    view: &View,
    quantity: Quantity,
    reach: Reach,
    figure: fn(&Figures) -> Milli,
) -> Vec<Point> {
    let cells = cells(view, quantity, reach.most + view.width(quantity.into()));
    let heard = cells.last().map_or(0, |cell| cell.pane.heard);
    let alike = cells.iter().filter(|cell| cell.pane.heard == heard);
    alike
        .map(|cell| (cell.start, figure(&cell.pane.figures)))
        .collect()
}

/// The zero line of an accelerometer is its mean over so long: instruments stand askew, and some feel gravity.
const ZERO_LINE: Millis = 10 * MINUTE;

/// The greatest acceleration of the pane, whichever way it points.
pub(super) fn peak_acceleration(view: &View) -> Option<Figure> {
    let figures = view.now(Quantity::Acceleration)?;
    let zero = view.over(Quantity::Acceleration, ZERO_LINE).mean()?;
    Some(Figure::exact(motion::peak(figures.min, figures.max, zero)))
}
