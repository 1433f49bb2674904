//! The map: zones drawn from their polygons, each with colour, mark, name and headline figure.

use geo::{BoundingRect, Centroid, Coord, LineString, Rect};
use maud::{Markup, html};

use super::marks::{class, mark_at};
use super::room::{Room, Spot, width};
use super::{Scene, View, leak, overlay, words, zones};
use crate::board::ZoneFace;
use crate::board::picture::{Standing, ZonePicture};
use pipeline::rules::Value;

/// Width of the drawing in its own units; the height follows the city, within limits.
const WIDTH: f64 = 1000.0;
const HEIGHT_MIN: f64 = 420.0;
const HEIGHT_MAX: f64 = 900.0;
const MARGIN: f64 = 24.0;
/// Metres of a degree of latitude, near enough for a scale bar.
const DEGREE_M: f64 = 111_320.0;
/// Size of a zone's name in map units.
const NAME_SIZE: f64 = 20.0;

pub(super) fn draw(scene: &Scene) -> Markup {
    let view = &scene.view;
    let (l, picture) = (view.language(), &view.picture);
    html! {
        section #map data-live aria-labelledby="map-title" {
            h2 #map-title { (l.say("Map", "地图")) (legend(view)) }
            @match Sheet::of(&picture.face.zones) {
                Some(sheet) => { (overlay::switches(view)) (drawing(scene, &sheet)) (leak::caption(view)) },
                None => p.calm { (l.say("No zone has an outline.", "没有区域绘有边界。")) },
            }
        }
    }
}

/// The states that can be seen, in words.
fn legend(view: &View) -> Markup {
    let (l, picture) = (view.language(), &view.picture);
    let mut seen: Vec<Standing> = picture.zones.iter().map(|zone| zone.standing).collect();
    seen.sort_by(|a, b| b.cmp(a));
    seen.dedup();
    html! {
        ul.legend {
            @for standing in seen {
                li { (super::marks::mark(standing)) (words::standing(l, standing)) }
            }
        }
    }
}

fn drawing(scene: &Scene, sheet: &Sheet) -> Markup {
    let view = &scene.view;
    let (l, picture) = (view.language(), &view.picture);
    // The selected zone is drawn last, so that its outline is whole.
    let selected = |zone: &ZonePicture| scene.selection.is_some_and(|s| s.place == zone.place);
    let mut zones: Vec<&ZonePicture> = picture.zones.iter().collect();
    zones.sort_by_key(|zone| selected(zone));
    let (length, distance) = sheet.scale_bar();
    let foot = sheet.height - 8.0;
    let mut room = Room::new(WIDTH, sheet.height);
    room.occupy(Spot::around(
        MARGIN + length / 2.0 + 30.0,
        foot,
        length / 2.0 + 60.0,
        14.0,
    ));
    for zone in &zones {
        reserve(&mut room, sheet, picture.zone_face(zone));
    }
    // Names of other things take what room the zones leave.
    let above = overlay::above(view, sheet, &mut room);
    html! {
        svg.map viewBox={ "0 0 " (WIDTH) " " (sheet.height.round()) } role="group" aria-label=(l.say("Map of the zones", "区域地图")) {
            defs {
                pattern #hatch width="10" height="10" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
                    rect class="hatch" width="3" height="10" {}
                }
            }
            (overlay::below(view, sheet))
            @for zone in &zones { (ground(scene, sheet, zone, selected(zone))) }
            (leak::draw(view, sheet))
            // Above all grounds, so that no neighbour covers a name.
            g.labels aria-hidden="true" { @for zone in &zones { (label(view, sheet, zone)) } }
            (above)
            g.scale aria-hidden="true" {
                path d=(format!("M{MARGIN} {:.1}v6h{length:.1}v-6", foot - 6.0)) {}
                text x=(format!("{:.1}", MARGIN + length + 8.0)) y=(format!("{foot:.1}")) { (distance) }
            }
        }
    }
}

fn ground(scene: &Scene, sheet: &Sheet, zone: &ZonePicture, selected: bool) -> Markup {
    let view = &scene.view;
    let (l, picture) = (view.language(), &view.picture);
    let face = picture.zone_face(zone);
    let headline = headline(view, zone);
    let spoken = format!(
        "{}: {}{}",
        face.name,
        words::standing(l, zone.standing),
        match headline.as_str() {
            "" => String::new(),
            headline => format!(", {headline}"),
        }
    );
    html! {
        a #{ "m-" (face.id) } href=(scene.choosing(face.id.as_str())) data-pick aria-label=(spoken)
            class={ "ground " (class(zone.standing)) @if selected { " selected" } } {
            title { (spoken) }
            path d=(sheet.outline(face)) fill-rule="evenodd"
                fill=[(zone.standing == Standing::Unknown).then_some("url(#hatch)")] {}
        }
    }
}

/// Mark, name and headline of a zone, as far as they fit into it.
fn label(view: &View, sheet: &Sheet, zone: &ZonePicture) -> Markup {
    let picture = &view.picture;
    let face = picture.zone_face(zone);
    let Some(label) = sheet.label(face) else {
        return html! {};
    };
    let Label { x, y, .. } = label;
    let headline = headline(view, zone);
    let name_fits = label.holds(&face.name);
    let lift = if name_fits { 22.0 } else { 0.0 };
    html! {
        (mark_at(zone.standing, x, y - lift, 24.0))
        @if name_fits {
            text.name x=(format!("{x:.1}")) y=(format!("{:.1}", y + 11.0)) text-anchor="middle" { (face.name) }
            @if !headline.is_empty() {
                text.figure x=(format!("{x:.1}")) y=(format!("{:.1}", y + 32.0)) text-anchor="middle" { (headline) }
            }
        }
    }
}

/// Keeps the room of a zone's label free of other names.
fn reserve(room: &mut Room, sheet: &Sheet, zone: &ZoneFace) {
    let Some(label) = sheet.label(zone) else {
        return;
    };
    match label.holds(&zone.name) {
        true => {
            let across = width(&zone.name, NAME_SIZE) / 2.0;
            room.occupy(Spot::around(label.x, label.y, across, 36.0));
        }
        false => room.occupy(Spot::around(label.x, label.y, 13.0, 13.0)),
    }
}

/// Where a zone's label stands and how wide it may be, in map units.
struct Label {
    x: f64,
    y: f64,
    room: f64,
}

impl Label {
    /// A name that does not fit its zone is left to the tooltip.
    fn holds(&self, name: &str) -> bool {
        width(name, NAME_SIZE) < self.room
    }
}

/// The figure that the zone is known by: its crowd, else its air.
fn headline(view: &View, zone: &ZonePicture) -> String {
    let (l, picture) = (view.language(), &view.picture);
    if let Some(density) = zone.figure(Value::CrowdDensity) {
        let density = words::number(density.mean);
        return l.say(format!("{density} /m²"), format!("{density}人/m²"));
    }
    match zones::main_air(picture, zone) {
        Some(air) => l.say(
            format!("air {}", air.index.index),
            format!("空气 {}", air.index.index),
        ),
        None => String::new(),
    }
}

/// Equirectangular projection of the city onto the drawing.
pub(super) struct Sheet {
    bounds: Rect<f64>,
    /// Map units per degree of longitude and of latitude.
    scale: Coord<f64>,
    left: f64,
    top: f64,
    height: f64,
}

impl Sheet {
    pub(super) fn of(zones: &[ZoneFace]) -> Option<Sheet> {
        let boxes = zones.iter().filter_map(|zone| zone.outline.bounding_rect());
        let bounds = boxes.reduce(|a, b| {
            let least = |a: Coord<f64>, b: Coord<f64>| Coord {
                x: a.x.min(b.x),
                y: a.y.min(b.y),
            };
            let most = |a: Coord<f64>, b: Coord<f64>| Coord {
                x: a.x.max(b.x),
                y: a.y.max(b.y),
            };
            Rect::new(least(a.min(), b.min()), most(a.max(), b.max()))
        })?;
        // A degree of longitude is shorter than one of latitude by the cosine of the latitude.
        let narrowing = bounds.center().y.to_radians().cos().max(0.01);
        let degrees = Coord {
            x: (bounds.width() * narrowing).max(1e-9),
            y: bounds.height().max(1e-9),
        };
        let inner = WIDTH - 2.0 * MARGIN;
        let ideal = inner * degrees.y / degrees.x + 2.0 * MARGIN;
        let height = ideal.clamp(HEIGHT_MIN, HEIGHT_MAX);
        let unit = (inner / degrees.x).min((height - 2.0 * MARGIN) / degrees.y);
        Some(Sheet {
            bounds,
            scale: Coord {
                x: unit * narrowing,
                y: unit,
            },
            left: (WIDTH - degrees.x * unit) / 2.0,
            top: (height - degrees.y * unit) / 2.0,
            height,
        })
    }

    pub(super) fn place(&self, at: Coord<f64>) -> Coord<f64> {
        Coord {
            x: self.left + (at.x - self.bounds.min().x) * self.scale.x,
            y: self.top + (self.bounds.max().y - at.y) * self.scale.y,
        }
    }

    /// SVG path of a zone, holes included.
    pub(super) fn outline(&self, zone: &ZoneFace) -> String {
        let mut path = String::new();
        for polygon in &zone.outline {
            self.ring(polygon.exterior(), &mut path);
            for hole in polygon.interiors() {
                self.ring(hole, &mut path);
            }
        }
        path
    }

    /// A line that stays open.
    pub(super) fn line(&self, line: &LineString<f64>, path: &mut String) {
        self.ring(line, path);
        path.pop();
    }

    pub(super) fn ring(&self, ring: &LineString<f64>, path: &mut String) {
        for (place, &at) in ring.0.iter().enumerate() {
            let at = self.place(at);
            let verb = if place == 0 { 'M' } else { 'L' };
            path.push_str(&format!("{verb}{:.1} {:.1}", at.x, at.y));
        }
        path.push('Z');
    }

    /// In the middle of the widest stretch that the zone has at the height of its centroid.
    fn label(&self, zone: &ZoneFace) -> Option<Label> {
        let height = zone.outline.centroid()?.y();
        let mut crossings: Vec<f64> = zone
            .outline
            .iter()
            .flat_map(|polygon| std::iter::once(polygon.exterior()).chain(polygon.interiors()))
            .flat_map(|ring| ring.lines())
            .filter(|line| (line.start.y > height) != (line.end.y > height))
            .map(|line| {
                let share = (height - line.start.y) / (line.end.y - line.start.y);
                line.start.x + share * (line.end.x - line.start.x)
            })
            .collect();
        crossings.sort_by(f64::total_cmp);
        // Between an odd and an even crossing the line is inside.
        let widest = crossings
            .chunks_exact(2)
            .max_by(|a, b| (a[1] - a[0]).total_cmp(&(b[1] - b[0])))?;
        let middle = Coord {
            x: (widest[0] + widest[1]) / 2.0,
            y: height,
        };
        let at = self.place(middle);
        Some(Label {
            x: at.x,
            y: at.y,
            room: (widest[1] - widest[0]) * self.scale.x,
        })
    }

    /// Length of a round number of metres in map units, and its label.
    fn scale_bar(&self) -> (f64, String) {
        let unit_m = DEGREE_M / self.scale.y;
        let round = [
            10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4,
        ];
        let fits = |metres: &&f64| **metres / unit_m <= WIDTH / 5.0;
        let metres = round.iter().rev().find(fits).unwrap_or(&round[0]);
        let label = if *metres < 1e3 {
            format!("{metres} m")
        } else {
            format!("{} km", metres / 1e3)
        };
        (metres / unit_m, label)
    }
}
