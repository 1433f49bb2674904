//! Hazards: exposure, fire, water and ground.

use wire::{Milli, Quantity};

use super::Figure;
use crate::calendar::{HOUR, MINUTE, Millis, pane_start};
use crate::derived::Derived;
use crate::operators::derive::View;
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
    let Breathed { means, worst } = breathed(view, quantity, TIMES[4]);
    let means = gas::doses(&means, view.end);
    let value = gas::level(quantity, &means.likely)?;
    Some(Figure {
        value,
        low: gas::level(quantity, &means.least)?,
        high: match worst {
            Some(worst) => gas::level(quantity, &gas::doses(&worst, view.end).likely)?,
            None => value,
        },
    })
}

/// Share of an alarm of a domestic detector; bounds as for [`aegl`].
pub(super) fn co_alarm(view: &View) -> Option<Figure> {
    view.now(Quantity::Co)?;
    let Breathed { means, worst } = breathed(view, Quantity::Co, EN_50291.memory);
    let (value, low) = EN_50291.share(&means, view.end);
    let high = worst.map_or(value, |worst| EN_50291.share(&worst, view.end).0);
    Some(Figure { value, low, high })
}

/// What was measured over some time, as a dose counts it.
struct Breathed {
    means: Vec<Sample>,
    /// The worst detector's, where that is another.
    worst: Option<Vec<Sample>>,
}

fn breathed(view: &View, quantity: Quantity, span: Millis) -> Breathed {
    let width = view.width(quantity.into());
    let mut greatest = Vec::new();
    let mut means = Vec::new();
    // What is beyond the span still is one side of a gap that reaches into it.
    for minute in minutes(view, quantity, span + BRIDGED_MAX) {
        let mean = Milli(minute.sum / i64::from(minute.panes.max(1)));
        means.push(Sample {
            start: minute.start,
            lasting: width * Millis::from(minute.panes),
            value: mean,
        });
        greatest.push(minute.greatest);
    }
    let differs = means
        .iter()
        .zip(&greatest)
        .any(|(mean, greatest)| mean.value != *greatest);
    let worst = differs.then(|| {
        let both = means.iter().zip(&greatest);
        both.map(|(sample, &value)| Sample { value, ..*sample })
            .collect()
    });
    Breathed { means, worst }
}

/// One pane, or a minute of panes.
#[derive(Clone, Copy)]
struct Minute {
    start: Millis,
    panes: u32,
    sum: i64,
    greatest: Milli,
    /// Mean of its last pane.
    last: Milli,
    heard: u32,
}

/// Panes of the last `span`, those older than an hour minute by minute: so the answer does not hang on whether they have
/// been sealed off and made one before.
fn minutes(view: &View, quantity: Quantity, span: Millis) -> Vec<Minute> {
    let from = pane_start(view.end - span, MINUTE);
    let fine_from = pane_start(view.start - HOUR, MINUTE);
    let cells = view.series(quantity, view.end - from);
    let mut minutes: Vec<Minute> = Vec::with_capacity(cells.len());
    for cell in cells {
        let figures = &cell.pane.figures;
        let is_fine = cell.start >= fine_from;
        let one = Minute {
            start: if is_fine {
                cell.start
            } else {
                pane_start(cell.start, MINUTE)
            },
            panes: cell.panes,
            sum: cell.sum,
            greatest: figures.max,
            last: figures.mean,
            heard: cell.pane.heard,
        };
        match minutes.last_mut() {
            Some(last) if last.start == one.start => {
                *last = Minute {
                    panes: last.panes + one.panes,
                    sum: last.sum + one.sum,
                    greatest: last.greatest.max(one.greatest),
                    heard: last.heard.max(one.heard),
                    ..one
                };
            }
            _ => minutes.push(one),
        }
    }
    minutes
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
        // From a whole minute on, as panes of long ago are kept.
        let span = view.end - pane_start(view.end - span, MINUTE);
        let mut cells = view.series(quantity, span).iter();
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
    let points = points(view, Quantity::Heat, fire::RISE_REACH, |pane| pane.greatest);
    fire::RISE_REACH.slope(&points, MINUTE)
}

pub(super) fn water_rise(view: &View) -> Option<Figure> {
    view.now(Quantity::WaterLevel)?;
    let points = points(view, Quantity::WaterLevel, RISE_REACH, |pane| pane.last);
    RISE_REACH.slope(&points, HOUR).map(Figure::exact)
}

/// Whichever way it tilts.
pub(super) fn tilt_rate(view: &View) -> Option<Figure> {
    view.now(Quantity::Tilt)?;
    let points = points(view, Quantity::Tilt, TILT_REACH, |pane| pane.last);
    let slope = TILT_REACH.slope(&points, HOUR)?;
    Some(Figure::exact(Milli(slope.0.saturating_abs())))
}

/// Figures over a reach. Panes that heard another number of nodes than the last are left out: a figure that jumps because
/// a node fell silent is no rise.
fn points(
    view: &View,
    quantity: Quantity,
    reach: Reach,
    figure: fn(&Minute) -> Milli,
) -> Vec<Point> {
    let minutes = minutes(view, quantity, reach.most + view.width(quantity.into()));
    let heard = minutes.last().map_or(0, |pane| pane.heard);
    let alike = minutes.iter().filter(|pane| pane.heard == heard);
    alike.map(|pane| (pane.start, figure(pane))).collect()
}

/// The zero line of an accelerometer is its mean over so long: instruments stand askew, and some feel gravity.
const ZERO_LINE: Millis = 10 * MINUTE;

/// The greatest acceleration of the pane, whichever way it points.
pub(super) fn peak_acceleration(view: &View) -> Option<Figure> {
    let figures = view.now(Quantity::Acceleration)?;
    let zero = view.over(Quantity::Acceleration, ZERO_LINE).mean()?;
    Some(Figure::exact(motion::peak(figures.min, figures.max, zero)))
}
