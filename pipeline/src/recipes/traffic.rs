//! Traffic: what loops say about a road.

use super::Figure;
use crate::operators::derive::View;

pub(super) fn flow(_view: &View) -> Option<Figure> {
    None
}

pub(super) fn density(_view: &View) -> Option<Figure> {
    None
}

pub(super) fn speed(_view: &View) -> Option<Figure> {
    None
}

pub(super) fn level(_view: &View) -> Option<Figure> {
    None
}
