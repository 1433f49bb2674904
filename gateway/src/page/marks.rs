//! Marks: each state has a shape of its own beside its colour, for those who cannot tell the colours.

use maud::{Markup, html};
use pipeline::rules::Severity;

use crate::board::picture::Standing;

/// Shapes are drawn on a grid that is so wide.
const GRID: f64 = 16.0;

/// Class that gives the colour of a state.
pub(super) fn class(standing: Standing) -> &'static str {
    match standing {
        Standing::Normal => "s-normal",
        Standing::Unknown => "s-unknown",
        Standing::Alert(Severity::Minor) => "s-minor",
        Standing::Alert(Severity::Moderate) => "s-moderate",
        Standing::Alert(Severity::Severe) => "s-severe",
        Standing::Alert(Severity::Extreme) => "s-extreme",
    }
}

/// The mark in running text; the state's word stands beside it.
pub(super) fn mark(standing: Standing) -> Markup {
    html! {
        svg class={ "mark " (class(standing)) } viewBox="0 0 16 16" aria-hidden="true" { (shape(standing)) }
    }
}

/// The mark as part of a drawing, `size` wide, centred on a point.
pub(super) fn mark_at(standing: Standing, x: f64, y: f64, size: f64) -> Markup {
    let (left, top, scale) = (x - size / 2.0, y - size / 2.0, size / GRID);
    html! {
        g class={ "mark-at " (class(standing)) } transform=(format!("translate({left:.1} {top:.1}) scale({scale:.3})")) {
            (shape(standing))
        }
    }
}

fn shape(standing: Standing) -> Markup {
    let path = match standing {
        Standing::Normal => "M8 3.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 1 0 0-9z",
        Standing::Unknown => "",
        Standing::Alert(Severity::Minor) => "M8 1.5L14.5 8L8 14.5L1.5 8z",
        Standing::Alert(Severity::Moderate) => "M8 1.5L15.5 14.5H.5z",
        Standing::Alert(Severity::Severe) => "M2 2h12v12H2z",
        Standing::Alert(Severity::Extreme) => "M5.2.8h5.6L15.2 5.2v5.6L10.8 15.2H5.2L.8 10.8V5.2z",
    };
    html! {
        @match standing {
            Standing::Unknown => {
                circle class="hollow" cx="8" cy="8" r="5.6" {}
                text class="sign hollow-sign" x="8" y="11.2" text-anchor="middle" { "?" }
            }
            Standing::Alert(severity) => {
                path d=(path) {}
                @if severity >= Severity::Severe {
                    path class="sign" d="M7.1 3.9h1.8v5H7.1zM7.1 10.4h1.8v1.9H7.1z" {}
                }
            }
            Standing::Normal => path d=(path) {},
        }
    }
}
