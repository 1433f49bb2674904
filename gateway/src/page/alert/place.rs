//! Where it is: the zone among its neighbours, and how far a leak reaches, level by level.

use geo::{BoundingRect, Coord, LineString, Rect};
use maud::{Markup, html};
use pipeline::alert::Revision;
use pipeline::exposure::{Exposure, closed};

use crate::board::ZoneFace;
use crate::board::picture::Standing;
use crate::page::map::Sheet;
use crate::page::marks::class;
use crate::page::{View, leak, words};

/// Room around what is shown, as a part of it.
const MARGIN: f64 = 0.35;
/// Height of the drawing by its width; what is shown is widened to it.
const SHAPE: f64 = 0.5;

pub(super) fn draw(view: &View, latest: &Revision) -> Markup {
    let (l, picture) = (view.language(), &view.picture);
    let face = &picture.face;
    let zone = face.zones.iter().find(|zone| zone.id == latest.zone);
    let exposures = reaching(view, latest);
    html! {
        section #place data-live aria-labelledby="place-title" {
            h2 #place-title { (l.say("Where", "位置")) small { (latest.zone_name) } }
            @if let Some((zone, sheet)) = zone.zip(Sheet::of(&face.zones)) {
                (drawing(view, latest, zone, &sheet, &exposures))
            } @else { p.calm { (l.say("The city has no outline of the zone.", "城市数据中没有该区域的轮廓。")) } }
            @for exposure in &exposures {
                ul.levels { @for (depth, footprint) in exposure.footprints.iter().enumerate() {
                    li {
                        svg.mark viewBox="0 0 16 16" aria-hidden="true" { rect class={ "footprint f" (depth) } x="1" y="1" width="14" height="14" {} }
                        " " (words::footprint(l, face, exposure, footprint))
                    }
                } }
            }
            @if let Some(exposed) = latest.exposed.as_ref().filter(|_| exposures.is_empty()) {
                p { (l.say("When it was last known: ", "最近一次已知情况：")) (words::exposed(l, face, exposed)) }
            }
        }
    }
}

/// The leaks that it is about and that still reach somebody.
fn reaching<'v>(view: &'v View, latest: &Revision) -> Vec<&'v Exposure> {
    let picture = &view.picture;
    let Some(exposed) = latest.exposed.as_ref().filter(|_| latest.state.is_open()) else {
        return Vec::new();
    };
    let live = picture.exposures.iter();
    live.filter(|exposure| exposure.source == exposed.source)
        .collect()
}

fn drawing(
    view: &View,
    latest: &Revision,
    zone: &ZoneFace,
    sheet: &Sheet,
    exposures: &[&Exposure],
) -> Markup {
    let l = view.language();
    let face = &view.picture.face;
    let last = latest.exposed.as_ref().map(|exposed| &exposed.ring);
    let rings = exposures
        .iter()
        .flat_map(|exposure| exposure.footprints.iter().map(|footprint| &footprint.ring));
    let all: Vec<_> = rings.chain(last).collect();
    let Some(window) = window(zone, sheet, all.iter().map(|ring| ring.as_slice())) else {
        return html! {};
    };
    let view_box = format!(
        "{:.1} {:.1} {:.1} {:.1}",
        window.min().x,
        window.min().y,
        window.width(),
        window.height()
    );
    let spoken = l.say(
        format!("Map: {} among its neighbours", zone.name),
        format!("地图：{}及周边", zone.name),
    );
    html! {
        svg.map.near viewBox=(view_box) role="img" aria-label=(spoken) {
            @for other in face.zones.iter().filter(|other| other.id != zone.id) {
                path.neighbour d=(sheet.outline(other)) fill-rule="evenodd" { title { (other.name) } }
            }
            g class={ "ground " (class(Standing::Alert(latest.severity))) } {
                path d=(sheet.outline(zone)) fill-rule="evenodd" { title { (zone.name) } }
            }
            @if exposures.is_empty() { @if let Some(ring) = last { path.footprint.past d=(leak::outline(sheet, ring)) {} } }
            @for exposure in exposures { @for (depth, footprint) in exposure.footprints.iter().enumerate() {
                path class={ "footprint f" (depth) } d=(leak::outline(sheet, &footprint.ring)) {
                    title { (words::footprint(l, face, exposure, footprint)) }
                }
            } }
            @if !all.is_empty() { (leak::places(view, sheet)) }
            @for exposure in exposures { (leak::source(view, sheet, exposure)) }
        }
    }
}

/// What of the sheet is shown: zone and footprints with some room, at least as high as its shape.
fn window<'r>(
    zone: &ZoneFace,
    sheet: &Sheet,
    rings: impl Iterator<Item = &'r [(i32, i32)]>,
) -> Option<Rect<f64>> {
    let own = zone.outline.bounding_rect();
    let rings = rings.filter_map(|ring| LineString::from_iter(closed(ring)).bounding_rect());
    let corners: Vec<Coord<f64>> = own
        .into_iter()
        .chain(rings)
        .flat_map(|bounds| [bounds.min(), bounds.max()])
        .map(|corner| sheet.place(corner))
        .collect();
    let bounds = LineString::from(corners).bounding_rect()?;
    let width = bounds.width() * (1.0 + 2.0 * MARGIN);
    let height = bounds.height() * (1.0 + 2.0 * MARGIN);
    let width = width.max(height / SHAPE).max(1.0);
    let height = width * SHAPE;
    let middle = bounds.center();
    let (x, y) = (middle.x - width / 2.0, middle.y - height / 2.0);
    Some(Rect::new((x, y), (x + width, y + height)))
}
