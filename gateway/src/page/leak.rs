//! Leaks on the map: footprints level by level, their sources, the places that they reach, and what to make of them.

use geo::{Coord, LineString};
use maud::{Markup, html};
use pipeline::exposure::{Exposure, closed};

use super::map::Sheet;
use super::{View, words};

/// Footprints from the largest to the smallest, so that the worst lies on top; then sources and places.
pub(super) fn draw(view: &View, sheet: &Sheet) -> Markup {
    let (l, picture) = (view.language(), &view.picture);
    let levels = picture.exposures.iter().flat_map(|exposure| {
        let footprints = exposure.footprints.iter().enumerate();
        footprints.map(move |(depth, footprint)| (exposure, depth, footprint))
    });
    html! {
        g.leaks {
            @for (exposure, depth, footprint) in levels {
                path class={ "footprint f" (depth) } d=(outline(sheet, &footprint.ring)) {
                    title { (words::footprint(l, &picture.face, exposure, footprint)) }
                }
            }
            @for exposure in &picture.exposures { (source(view, sheet, exposure)) }
        }
    }
}

/// Hospitals, schools and whatever else is named when a leak reaches it.
pub(super) fn places(view: &View, sheet: &Sheet) -> Markup {
    html! {
        @for place in &view.picture.face.places {
            @let at = sheet.place(Coord { x: place.lon, y: place.lat });
            path.landmark d=(format!("M{:.1} {:.1}h10m-5 -5v10", at.x - 5.0, at.y)) {
                title { (place.name) @if !place.kind.is_empty() { " (" (place.kind) ")" } }
            }
        }
    }
}

/// Where it leaks from.
pub(super) fn source(view: &View, sheet: &Sheet, exposure: &Exposure) -> Markup {
    let picture = &view.picture;
    let source = picture
        .face
        .sources
        .iter()
        .find(|source| source.id == exposure.source);
    html! {
        @if let Some(source) = source {
            @let degrees = |millionths: i32| f64::from(millionths) / 1e6;
            @let at = sheet.place(Coord { x: degrees(source.degrees.0), y: degrees(source.degrees.1) });
            circle.source cx=(format!("{:.1}", at.x)) cy=(format!("{:.1}", at.y)) r="5" { title { (source.name) } }
        }
    }
}

/// A ring as a path of the drawing.
pub(super) fn outline(sheet: &Sheet, ring: &[(i32, i32)]) -> String {
    let mut path = String::new();
    sheet.ring(&LineString::from_iter(closed(ring)), &mut path);
    path
}

/// Below the map, while anything leaks: whom it reaches, and how far that may be off.
pub(super) fn caption(view: &View) -> Markup {
    let (l, picture) = (view.language(), &view.picture);
    html! {
        @for exposure in &picture.exposures {
            @for footprint in exposure.footprints.iter().take(1) {
                p.leak { (words::footprint(l, &picture.face, exposure, footprint)) }
            }
        }
    }
}
