//! Water: its class.

use wire::Milli;

use super::Figure;
use crate::calendar::{MINUTE, Millis};
use crate::operators::derive::View;

/// Probes of one water that speak no further apart belong together.
const TOGETHER: Millis = 15 * MINUTE;

pub(super) fn class(view: &View) -> Option<Figure> {
    let class = view
        .settings
        .water_classes
        .worst(|quantity| view.latest(quantity, TOGETHER).map(|figures| figures.mean))?;
    Some(Figure::exact(Milli::whole(class)))
}
