//! Sources, stations, places and people's ground laid out in one plane, as the dataflow needs them when something leaks.

use std::sync::Arc;

use geo::{BoundingRect, InteriorPoint, Intersects, MultiPolygon};
use pipeline::city::{NodeIx, ZoneIx};
use pipeline::leaks::{Leaks, Place, Point, Source};

use super::places::Landmark;
use super::zones::Zones;
use super::{Ground, Post};
use crate::config::{CITY_TOML, Problems, RawSource};

/// Metres of one degree of latitude, and of longitude at the equator; within a percent everywhere.
const METRES_A_DEGREE: f64 = 111_195.0;
/// A source further from the city's middle is a mistake, or another city's.
const FAR_M: f64 = 100_000.0;
/// A zone is cut into about so many parts,
const PARTS: f64 = 200.0;
/// and into more where a part would be wider, up to [`PARTS_MAX`]: a short plume must not fall between their middles.
const PART_M: (f64, f64) = (4.0, 25.0);
const PARTS_MAX: f64 = 4_000.0;

/// The plane that touches the earth in the middle of the city: good to a percent within it.
struct Plane {
    lon: f64,
    lat: f64,
    /// Metres of a degree of longitude here.
    east_m: f64,
}

impl Plane {
    fn of(grounds: &[Ground]) -> Option<Plane> {
        let bounds = grounds
            .iter()
            .filter_map(|ground| ground.polygon.bounding_rect());
        let middle = bounds.reduce(|a, b| {
            let min = (a.min().x.min(b.min().x), a.min().y.min(b.min().y));
            let max = (a.max().x.max(b.max().x), a.max().y.max(b.max().y));
            geo::Rect::new(min, max)
        })?;
        let middle = middle.center();
        Some(Plane {
            lon: middle.x,
            lat: middle.y,
            // Next to a pole all longitudes meet; no city stands there.
            east_m: METRES_A_DEGREE * middle.y.to_radians().cos().max(0.01),
        })
    }

    fn metres(&self, (lon, lat): (f64, f64)) -> (f64, f64) {
        (
            (lon - self.lon) * self.east_m,
            (lat - self.lat) * METRES_A_DEGREE,
        )
    }

    fn point(&self, degrees: (f64, f64)) -> Point {
        let (east, north) = self.metres(degrees);
        // Whole decimetres; what is too far away for them stands at the edge, where no plume reaches.
        let decimetres = |metres: f64| (metres * 10.0).round() as i32;
        Point {
            east: decimetres(east),
            north: decimetres(north),
        }
    }
}

/// Lays everything out; nothing where the city has no sources.
pub(super) fn lay_out(
    sources: Vec<RawSource>,
    places: &[Landmark],
    zones: &Zones,
    posts: &[Post],
    problems: &Problems,
) -> Leaks {
    let Some(plane) = Plane::of(&zones.grounds).filter(|_| !sources.is_empty()) else {
        return Leaks::default();
    };
    let place = |place: &Landmark| {
        Arc::new(Place {
            at: plane.point((place.lon, place.lat)),
            id: place.id.clone(),
            name: place.name.clone(),
            kind: place.kind.clone(),
        })
    };
    let mut known = Vec::new();
    for raw in sources {
        let (east, north) = plane.metres((raw.lon, raw.lat));
        if east.hypot(north) > FAR_M {
            let message = format!(
                "[source {}] it lies {:.0} km from the middle of the city",
                raw.id,
                east.hypot(north) / 1_000.0
            );
            problems.add(CITY_TOML, Some(raw.line), message);
            continue;
        }
        known.push(Arc::new(source(raw, &plane, zones)));
    }
    let grounds = zones.grounds.iter();
    let stations = posts.iter().filter_map(|post| {
        let station: (NodeIx, Point) = (post.node, plane.point(post.position?));
        Some(station)
    });
    Leaks {
        sources: known,
        grounds: grounds.map(|ground| parts(ground, &plane)).collect(),
        stations: stations.collect(),
        places: places.iter().map(place).collect(),
    }
}

fn source(raw: RawSource, plane: &Plane, zones: &Zones) -> Source {
    let at = (raw.lon, raw.lat);
    let millionths = |degrees: f64| (degrees * 1e6).round() as i32;
    // A degree a metre, in billionths of its millionth.
    let a_metre = |metres: f64| (1e15 / metres).round() as i64;
    Source {
        id: raw.id,
        name: raw.name,
        at: plane.point(at),
        degrees: (millionths(raw.lon), millionths(raw.lat)),
        metre: (a_metre(plane.east_m), a_metre(METRES_A_DEGREE)),
        zone: zones.around(at).map(|zone| zone.ix),
        height: raw.height,
        terrain: raw.terrain,
        stability: raw.stability,
        gases: raw.gases,
    }
}

/// Middles of equal squares of a zone; of a zone so thin that it holds none, one point inside.
fn parts(ground: &Ground, plane: &Plane) -> (ZoneIx, Arc<Vec<Point>>) {
    let polygon = &ground.polygon;
    let mut points = grid(polygon, plane);
    if points.is_empty() {
        let inside = polygon.interior_point();
        points.extend(inside.map(|inside| plane.point((inside.x(), inside.y()))));
    }
    (ground.zone, Arc::new(points))
}

fn grid(polygon: &MultiPolygon<f64>, plane: &Plane) -> Vec<Point> {
    let Some(bounds) = polygon.bounding_rect() else {
        return Vec::new();
    };
    let (width, height) = (
        bounds.width() * plane.east_m,
        bounds.height() * METRES_A_DEGREE,
    );
    let (least, most) = PART_M;
    let ideal = (width * height / PARTS).sqrt().clamp(least, most);
    let side = ideal.max((width * height / PARTS_MAX).sqrt());
    let steps = |length: f64| (length / side).ceil().max(1.0) as u32;
    let (columns, rows) = (steps(width), steps(height));
    let mut points = Vec::new();
    for row in 0..rows {
        for column in 0..columns {
            let part = |at: u32, of: u32| (f64::from(at) + 0.5) / f64::from(of);
            let lon = bounds.min().x + bounds.width() * part(column, columns);
            let lat = bounds.min().y + bounds.height() * part(row, rows);
            if polygon.intersects(&geo::Point::new(lon, lat)) {
                points.push(plane.point((lon, lat)));
            }
        }
    }
    points
}
