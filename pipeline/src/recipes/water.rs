//! Water: its class.

use super::Figure;
use crate::operators::derive::View;

pub(super) fn class(_view: &View) -> Option<Figure> {
    None
}
