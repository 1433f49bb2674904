//! Weather: what heat and sound mean for people.

use super::Figure;
use crate::operators::derive::View;

pub(super) fn heat_index(_view: &View) -> Option<Figure> {
    None
}

pub(super) fn wbgt(_view: &View) -> Option<Figure> {
    None
}

pub(super) fn noise_excess(_view: &View) -> Option<Figure> {
    None
}

pub(super) fn rain_excess(_view: &View) -> Option<Figure> {
    None
}
