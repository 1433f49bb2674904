//! What the map shows beside zones: streets, water and green below them, entrances, hospitals and names above; each
//! layer can be switched off by a box that needs no script.

use geo::{Coord, Geometry, LineString, Polygon};
use maud::{Markup, html};

use super::View;
use super::map::Sheet;
use super::room::{Room, Spot};
use crate::city::{Drawn, Landmark};
use crate::language::{Language, kinds};

/// What is switched on and off together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Layer {
    Water,
    Green,
    Ways,
    Places,
    Other,
}

/// Size of names in map units.
const NAME_SIZE: f64 = 14.0;

impl Layer {
    const ALL: [Layer; 5] = [
        Layer::Water,
        Layer::Green,
        Layer::Ways,
        Layer::Places,
        Layer::Other,
    ];

    fn of(kind: &str) -> Layer {
        match kind {
            "water" | "river" | "lake" | "sea" => Layer::Water,
            "park" | "green" | "forest" => Layer::Green,
            "street" | "road" | "route" | "rail" | "bridge" | "path" => Layer::Ways,
            "entrance" | "exit" | "hospital" | "school" | "station" | "shelter" => Layer::Places,
            _ => Layer::Other,
        }
    }

    fn id(self) -> &'static str {
        match self {
            Layer::Water => "water",
            Layer::Green => "green",
            Layer::Ways => "ways",
            Layer::Places => "places",
            Layer::Other => "other",
        }
    }

    fn name(self, l: Language) -> &'static str {
        match self {
            Layer::Water => l.say("Water", "水域"),
            Layer::Green => l.say("Parks", "绿地"),
            Layer::Ways => l.say("Streets and routes", "道路与路线"),
            Layer::Places => l.say("Entrances, hospitals, schools", "出入口、医院、学校"),
            Layer::Other => l.say("Other", "其他"),
        }
    }
}

/// Boxes for the layers that there are.
pub(super) fn switches(view: &View) -> Markup {
    let (l, face) = (view.language(), &view.picture.face);
    let drawn = face.overlay.iter().map(|drawn| drawn.kind.as_str());
    let places = face.places.iter().map(|place| place.kind.as_str());
    let used: Vec<Layer> = drawn.chain(places).map(Layer::of).collect();
    let layers = Layer::ALL.into_iter().filter(|layer| used.contains(layer));
    html! {
        @if !used.is_empty() {
            fieldset.layers {
                legend.hidden { (l.say("What the map shows beside zones", "地图附加内容")) }
                @for layer in layers {
                    label { input #{ "layer-" (layer.id()) } type="checkbox" checked autocomplete="off"; " " (layer.name(l)) }
                }
            }
        }
    }
}

/// Areas and lines, below the zones.
pub(super) fn below(view: &View, sheet: &Sheet) -> Markup {
    let l = view.language();
    let mut drawn: Vec<&Drawn> = view.picture.face.overlay.iter().collect();
    drawn.sort_by_key(|drawn| Layer::of(&drawn.kind));
    html! {
        g.below { @for drawn in drawn {
            @let path = path(sheet, &drawn.geometry);
            @if !path.is_empty() {
                path class={ "o-" (Layer::of(&drawn.kind).id()) " " (shape(drawn)) } d=(path) { title { (spoken(l, &drawn.name, &drawn.kind)) } }
            }
        } }
    }
}

/// Points, and all names that find room beside what is already there.
pub(super) fn above(view: &View, sheet: &Sheet, room: &mut Room) -> Markup {
    let (l, face) = (view.language(), &view.picture.face);
    let marks: Vec<(Coord<f64>, &str, &str)> = points(sheet, &face.overlay, &face.places);
    // All marks before any name: a name gives way to the mark of another.
    for (at, ..) in &marks {
        room.occupy(Spot::around(at.x, at.y, 10.0, 10.0));
    }
    let names = face.overlay.iter().filter_map(|drawn| {
        let at = middle(sheet, &drawn.geometry)?;
        (!drawn.name.is_empty()).then_some((at, drawn.name.as_str(), drawn.kind.as_str()))
    });
    let names: Vec<_> = names
        .filter(|(at, name, _)| room.take_text(at.x, at.y, name, NAME_SIZE))
        .collect();
    let beside: Vec<_> = marks
        .iter()
        .filter(|(at, name, _)| {
            !name.is_empty() && room.take_text(at.x, at.y + 17.0, name, NAME_SIZE)
        })
        .collect();
    html! {
        g.above {
            @for (at, name, kind) in &marks {
                path class={ "o-" (Layer::of(kind).id()) " point" } d=(sign(kind, *at)) { title { (spoken(l, name, kind)) } }
            }
            @for (at, name, kind) in names {
                text class={ "o-" (Layer::of(kind).id()) " place" } x=(short(at.x)) y=(short(at.y + 5.0)) text-anchor="middle" aria-hidden="true" { (name) }
            }
            @for (at, name, kind) in beside {
                text class={ "o-" (Layer::of(kind).id()) " place" } x=(short(at.x)) y=(short(at.y + 22.0)) text-anchor="middle" aria-hidden="true" { (name) }
            }
        }
    }
}

/// Every point with name and kind.
fn points<'a>(
    sheet: &Sheet,
    overlay: &'a [Drawn],
    places: &'a [Landmark],
) -> Vec<(Coord<f64>, &'a str, &'a str)> {
    let drawn = overlay.iter().flat_map(|drawn| {
        let points: Vec<Coord<f64>> = match &drawn.geometry {
            Geometry::Point(point) => vec![point.0],
            Geometry::MultiPoint(points) => points.iter().map(|point| point.0).collect(),
            _ => Vec::new(),
        };
        let (name, kind) = (drawn.name.as_str(), drawn.kind.as_str());
        points.into_iter().map(move |at| (at, name, kind))
    });
    let places = places.iter().map(|place| {
        let at = Coord {
            x: place.lon,
            y: place.lat,
        };
        (at, place.name.as_str(), place.kind.as_str())
    });
    let all = drawn.chain(places);
    all.map(|(at, name, kind)| (sheet.place(at), name, kind))
        .collect()
}

fn spoken(l: Language, name: &str, kind: &str) -> String {
    let kind = kinds::place(kind, l);
    match (name, kind) {
        ("", kind) => kind.to_owned(),
        (name, "") => name.to_owned(),
        (name, kind) => l.say(format!("{name} ({kind})"), format!("{name}（{kind}）")),
    }
}

/// Areas are filled, lines are drawn, routes and railways are broken lines.
fn shape(drawn: &Drawn) -> &'static str {
    match (&drawn.geometry, drawn.kind.as_str()) {
        (Geometry::Polygon(_) | Geometry::MultiPolygon(_), _) => "area",
        (_, "route") => "way route",
        (_, "rail") => "way rail",
        (_, "road") => "way road",
        _ => "way",
    }
}

fn path(sheet: &Sheet, geometry: &Geometry<f64>) -> String {
    let mut path = String::new();
    let polygon = |polygon: &Polygon<f64>, path: &mut String| {
        sheet.ring(polygon.exterior(), path);
        for hole in polygon.interiors() {
            sheet.ring(hole, path);
        }
    };
    match geometry {
        Geometry::LineString(line) => sheet.line(line, &mut path),
        Geometry::MultiLineString(lines) => {
            lines.iter().for_each(|line| sheet.line(line, &mut path))
        }
        Geometry::Polygon(one) => polygon(one, &mut path),
        Geometry::MultiPolygon(all) => all.iter().for_each(|one| polygon(one, &mut path)),
        _ => {}
    }
    path
}

/// Where the name of an area or a line stands; points have theirs beside them.
fn middle(sheet: &Sheet, geometry: &Geometry<f64>) -> Option<Coord<f64>> {
    use geo::InteriorPoint;
    let halfway = |line: &LineString<f64>| line.0.get(line.0.len() / 2).copied();
    let at = match geometry {
        Geometry::LineString(line) => halfway(line)?,
        Geometry::MultiLineString(lines) => halfway(lines.0.first()?)?,
        Geometry::Polygon(polygon) => polygon.interior_point()?.0,
        Geometry::MultiPolygon(polygons) => polygons.interior_point()?.0,
        _ => return None,
    };
    Some(sheet.place(at))
}

/// A cross for a hospital, a roof for a school, an opening for an entrance, else a small square.
fn sign(kind: &str, at: Coord<f64>) -> String {
    let (x, y) = (short(at.x), short(at.y));
    match kind {
        "hospital" => format!("M{x} {y}m-2.5 -7.5h5v5h5v5h-5v5h-5v-5h-5v-5h5z"),
        "school" => format!("M{x} {y}m0 -8l8 6v8h-16v-8z"),
        "entrance" | "exit" => format!("M{x} {y}m-6 6v-12h12v12h-3.5v-8.5h-5v8.5z"),
        _ => format!("M{x} {y}m-5 -5h10v10h-10z"),
    }
}

fn short(value: f64) -> String {
    format!("{value:.1}")
}
