//! `zones.geojson`: the places that figures and alerts are about.

use std::collections::HashMap;

use geo::algorithm::Validation;
use geo::{BooleanOps, BoundingRect, GeodesicArea, Intersects, Orient, Point};
use geo::{LineString, MultiPolygon, Polygon};
use geojson::{Feature, GeometryValue, JsonValue};
use pipeline::city::Zone;
use wire::{Milli, ZoneId};

use super::Ground;
use super::features::features;
use super::numbers::Numbers;
use crate::config::Problems;

mod settings;

const FILE: &str = "zones.geojson";

/// Zones may share borders, but borders drawn by hand leave slivers: up to this many square metres,
const SLIVER_M2: f64 = 1.0;
/// or this part of the smaller zone, they are no overlap.
const SLIVER_PART: f64 = 5e-3;
/// Mending an outline may change so much of its ground.
const MENDED_PART: f64 = 1e-3;

/// The zones of a city, with their outlines beside them.
pub(crate) struct Zones {
    pub(crate) zones: Vec<Zone>,
    /// In the order of `zones`.
    pub(crate) grounds: Vec<Ground>,
    bounds: Vec<Option<geo::Rect<f64>>>,
    by_id: HashMap<ZoneId, usize>,
}

impl Zones {
    /// Zones that are known without their outlines.
    pub(crate) fn named(zones: &[Zone]) -> Zones {
        let places = zones.iter().enumerate();
        Zones {
            by_id: places.map(|(place, zone)| (zone.id, place)).collect(),
            bounds: vec![None; zones.len()],
            grounds: Vec::new(),
            zones: zones.to_vec(),
        }
    }

    pub(crate) fn by_id(&self, id: &str) -> Option<&Zone> {
        let id = ZoneId::new(id).ok()?;
        self.by_id.get(&id).map(|&place| &self.zones[place])
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        self.zones.iter().map(|zone| zone.id.as_str())
    }

    /// The zone that a point stands in; on a shared border the first in the file.
    pub(crate) fn around(&self, (lon, lat): (f64, f64)) -> Option<&Zone> {
        let point = Point::new(lon, lat);
        let inside = |place: &usize| {
            self.bounds[*place].is_some_and(|bounds| bounds.intersects(&point))
                && self.grounds[*place].polygon.intersects(&point)
        };
        (0..self.zones.len())
            .find(inside)
            .map(|place| &self.zones[place])
    }

    /// Whether a zone's outline, border included, holds a point.
    pub(crate) fn holds(&self, id: ZoneId, (lon, lat): (f64, f64)) -> bool {
        let place = self.by_id.get(&id);
        place.is_some_and(|&place| {
            self.grounds[place]
                .polygon
                .intersects(&Point::new(lon, lat))
        })
    }
}

/// Reads `zones.geojson`; what is wrong goes to `problems`.
pub(crate) fn resolve(text: &str, numbers: &mut Numbers, problems: &Problems) -> Zones {
    let mut zones = Zones {
        zones: Vec::new(),
        grounds: Vec::new(),
        bounds: Vec::new(),
        by_id: HashMap::new(),
    };
    let mut lines = Vec::new();
    for (line, raw) in features(FILE, text, problems) {
        let complain = |message: String| problems.add(FILE, Some(line), message);
        let Some((zone, ground)) = feature(raw, numbers, &complain) else {
            continue;
        };
        if let Some(&earlier) = zones.by_id.get(&zone.id) {
            let earlier: u32 = lines[earlier];
            complain(format!(
                "zone `{}` is there twice; first in line {earlier}",
                zone.id
            ));
            continue;
        }
        zones.by_id.insert(zone.id, zones.zones.len());
        zones.bounds.push(ground.polygon.bounding_rect());
        zones.zones.push(zone);
        zones.grounds.push(ground);
        lines.push(line);
    }
    if zones.zones.is_empty() && problems.none_in(FILE) {
        problems.add(FILE, None, "there is no zone; a city needs at least one");
    }
    overlaps(&zones, &lines, problems);
    zones
}

/// One feature; `None` when it cannot be used at all.
fn feature(raw: &str, numbers: &mut Numbers, complain: &impl Fn(String)) -> Option<(Zone, Ground)> {
    let feature: Feature = match raw.parse() {
        Ok(feature) => feature,
        Err(error) => {
            complain(format!("not a GeoJSON feature: {error}"));
            return None;
        }
    };
    let property = |name: &str| feature.property(name).filter(|value| !value.is_null());
    let id = match property("id") {
        Some(JsonValue::String(text)) => text.clone(),
        Some(JsonValue::Number(number)) => number.to_string(),
        _ => {
            complain("the feature has no property `id`".to_owned());
            return None;
        }
    };
    let id = match ZoneId::new(&id) {
        Ok(id) => id,
        Err(error) => {
            complain(format!("zone `{id}`: {error}"));
            return None;
        }
    };
    let text = |name: &str| {
        property(name)
            .and_then(JsonValue::as_str)
            .map(str::to_owned)
    };
    let number = |name: &str, least: f64| match property(name).map(|value| (value, value.as_f64()))
    {
        None => None,
        Some((_, Some(number))) if number >= least && number.is_finite() => Some(number),
        Some((value, _)) => {
            complain(format!(
                "zone `{id}`: {name} must be a number of at least {least}, not {value}"
            ));
            None
        }
    };
    let polygon = match &feature.geometry {
        Some(geometry) => outline(&geometry.value)
            .map_err(|complaint| complain(format!("zone `{id}`: {complaint}"))),
        None => {
            complain(format!(
                "zone `{id}` has no geometry; a Polygon or MultiPolygon is expected"
            ));
            Err(())
        }
    };
    let polygon = polygon.ok()?;
    let area_m2 = number("area_m2", 0.1).unwrap_or_else(|| square_metres(&polygon));
    let settings = settings::resolve(id, &feature, complain);
    let ix = numbers.zone(id);
    let zone = Zone {
        ix,
        id,
        name: text("name").unwrap_or_else(|| id.to_string()),
        kind: text("kind").unwrap_or_default(),
        area: Milli::from_f64(area_m2).unwrap_or(Milli::ZERO),
        settings,
    };
    let capacity = number("capacity", 0.0).map(|people| people as u32);
    Some((
        zone,
        Ground {
            zone: ix,
            polygon,
            capacity,
        },
    ))
}

/// A checked outline.
fn outline(geometry: &GeometryValue) -> Result<MultiPolygon<f64>, String> {
    let polygons = match geometry {
        GeometryValue::Polygon { coordinates } => vec![polygon(coordinates)?],
        GeometryValue::MultiPolygon { coordinates } => coordinates
            .iter()
            .map(|rings| polygon(rings))
            .collect::<Result<_, _>>()?,
        other => {
            return Err(format!(
                "a Polygon or MultiPolygon is expected, not a {}",
                other.type_name()
            ));
        }
    };
    if polygons.is_empty() {
        return Err("the MultiPolygon is empty".to_owned());
    }
    let outline = MultiPolygon::new(polygons);
    match outline.check_validation() {
        Ok(()) => Ok(outline),
        Err(error) => mended(&outline).ok_or_else(|| format!("the outline is not sound: {error}")),
    }
}

/// The outline without the small loops and touching points that published borders are full of; `None` when
/// that would change the ground it covers: then it is a real crossing.
fn mended(outline: &MultiPolygon<f64>) -> Option<MultiPolygon<f64>> {
    let mended = outline.union(&MultiPolygon::new(Vec::new()));
    let (before, after) = (square_metres(outline), square_metres(&mended));
    let is_same = (before - after).abs() <= before * MENDED_PART;
    (is_same && mended.is_valid()).then_some(mended)
}

fn polygon(rings: &[Vec<geojson::Position>]) -> Result<Polygon<f64>, String> {
    let mut lines = rings
        .iter()
        .map(|positions| ring(positions))
        .collect::<Result<Vec<_>, _>>()?;
    if lines.is_empty() {
        return Err("the Polygon has no ring".to_owned());
    }
    let outer = lines.remove(0);
    Ok(Polygon::new(outer, lines))
}

fn ring(positions: &[geojson::Position]) -> Result<LineString<f64>, String> {
    if positions.len() < 4 {
        return Err(format!(
            "a ring has {} points; at least 4 are needed, the last equal to the first",
            positions.len()
        ));
    }
    let mut points = Vec::with_capacity(positions.len());
    for position in positions {
        let &[lon, lat, ..] = position.as_slice() else {
            return Err("a point needs longitude and latitude".to_owned());
        };
        if !is_place(lon, lat) {
            return Err(format!(
                "[{lon}, {lat}] is no longitude and latitude in degrees (longitude comes first)"
            ));
        }
        points.push((lon, lat));
    }
    if points.first() != points.last() {
        return Err("a ring is open: its last point must equal its first".to_owned());
    }
    Ok(LineString::from(points))
}

fn square_metres(polygon: &MultiPolygon<f64>) -> f64 {
    // Geodesic area is positive for rings that turn left, whatever the file's order was.
    polygon
        .orient(geo::orient::Direction::Default)
        .geodesic_area_signed()
        .abs()
}

/// Every pair of zones that shares ground.
fn overlaps(zones: &Zones, lines: &[u32], problems: &Problems) {
    for (later, &line) in lines.iter().enumerate() {
        for earlier in 0..later {
            let (Some(a), Some(b)) = (zones.bounds[later], zones.bounds[earlier]) else {
                continue;
            };
            if !a.intersects(&b) {
                continue;
            }
            let (a, b) = (
                &zones.grounds[later].polygon,
                &zones.grounds[earlier].polygon,
            );
            let shared = square_metres(&a.intersection(b));
            let smaller = square_metres(a).min(square_metres(b));
            if shared <= SLIVER_M2 {
                continue;
            }
            let (a, b) = (&zones.zones[later].id, &zones.zones[earlier].id);
            let message = format!("zone `{a}` overlaps zone `{b}` by {shared:.0} m²");
            if shared > smaller * SLIVER_PART {
                let message = format!("{message}; a place belongs to one zone");
                problems.add(FILE, Some(line), message);
            } else {
                problems.note(format!(
                    "{FILE}:{line}: {message}, which is little: it counts for `{b}`"
                ));
            }
        }
    }
}

/// Longitude and latitude in degrees.
pub(crate) fn is_place(lon: f64, lat: f64) -> bool {
    (-180.0..=180.0).contains(&lon) && (-90.0..=90.0).contains(&lat)
}
