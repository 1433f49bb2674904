//! `map.geojson`: streets, water, entrances and whatever else helps people to find their way on the map. Nothing is
//! computed with it.

use geo::{
    Coord, CoordsIter, Geometry, LineString, MultiLineString, MultiPoint, MultiPolygon, Point,
    Polygon,
};
use geojson::{Feature, GeometryValue, JsonValue, Position};

use super::features::features;
use super::zones::is_place;
use crate::config::Problems;

pub(super) const FILE: &str = "map.geojson";
/// Largest file in bytes, most features and most points: the map is sent to every reader.
const LEN_MAX: usize = 1024 * 1024;
const FEATURES_MAX: usize = 1_000;
const POINTS_MAX: usize = 20_000;
/// Longest name in characters.
const NAME_MAX: usize = 60;

/// A thing on the map.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn {
    /// May be empty.
    pub name: String,
    /// Such as `street`; a free word.
    pub kind: String,
    /// Longitude and latitude in degrees: points, lines and polygons only, one or several.
    pub geometry: Geometry<f64>,
}

/// Reads the file; what is wrong goes to `problems`.
pub(super) fn resolve(text: &str, problems: &Problems) -> Vec<Drawn> {
    if text.len() > LEN_MAX {
        let message = format!(
            "the file has {} bytes, {LEN_MAX} at most are drawn: simplify its lines",
            text.len()
        );
        problems.add(FILE, None, message);
        return Vec::new();
    }
    let raw = features(FILE, text, problems);
    if raw.len() > FEATURES_MAX {
        let message = format!(
            "there are {} features, {FEATURES_MAX} at most are drawn",
            raw.len()
        );
        problems.add(FILE, None, message);
        return Vec::new();
    }
    let mut points = 0;
    let mut drawn = Vec::new();
    for (line, raw) in raw {
        match feature(raw) {
            Ok((feature, count)) => {
                points += count;
                drawn.push(feature);
            }
            Err(message) => problems.add(FILE, Some(line), message),
        }
    }
    if points > POINTS_MAX {
        let message = format!(
            "there are {points} points, {POINTS_MAX} at most are drawn: simplify its lines"
        );
        problems.add(FILE, None, message);
        return Vec::new();
    }
    drawn
}

/// The feature with the number of its points.
fn feature(raw: &str) -> Result<(Drawn, usize), String> {
    let feature: Feature = raw
        .parse()
        .map_err(|error| format!("not a GeoJSON feature: {error}"))?;
    let text = |name: &str| match feature.property(name) {
        Some(JsonValue::String(text)) => text.trim().to_owned(),
        _ => String::new(),
    };
    let (name, kind) = (text("name"), text("kind"));
    if kind.is_empty() {
        return Err(format!(
            "the feature {name:?} has no property `kind`: is it a street, water, a park?"
        ));
    }
    for (what, text) in [("name", &name), ("kind", &kind)] {
        if text.chars().count() > NAME_MAX {
            return Err(format!("its `{what}` is longer than {NAME_MAX} characters"));
        }
    }
    let geometry = match &feature.geometry {
        Some(geometry) => drawable(&geometry.value),
        None => return Err(format!("the {kind} {name:?} has no geometry")),
    };
    let geometry =
        geometry.ok_or_else(|| "only points, lines and polygons are drawn".to_owned())?;
    let is_wrong = |at: &Coord<f64>| !is_place(at.x, at.y);
    if let Some(Coord { x: lon, y: lat }) = geometry.coords_iter().find(is_wrong) {
        return Err(format!(
            "the {kind} {name:?}: [{lon}, {lat}] is no longitude and latitude in degrees (longitude comes first)"
        ));
    }
    let points = geometry.coords_count();
    if points == 0 {
        return Err(format!("the {kind} {name:?} has no point"));
    }
    let drawn = Drawn {
        name,
        kind,
        geometry,
    };
    Ok((drawn, points))
}

/// Points, lines and polygons; nothing else is drawn. A position without a latitude becomes one that is no place.
fn drawable(value: &GeometryValue) -> Option<Geometry<f64>> {
    let at = |position: &Position| Coord {
        x: position.as_slice().first().copied().unwrap_or(f64::NAN),
        y: position.as_slice().get(1).copied().unwrap_or(f64::NAN),
    };
    let line = |line: &Vec<Position>| LineString::from_iter(line.iter().map(at));
    let polygon = |rings: &Vec<Vec<Position>>| {
        let mut rings = rings.iter().map(line);
        let outer = rings.next().unwrap_or_else(|| LineString::new(Vec::new()));
        Polygon::new(outer, rings.collect())
    };
    Some(match value {
        GeometryValue::Point { coordinates } => Point(at(coordinates)).into(),
        GeometryValue::MultiPoint { coordinates } => {
            MultiPoint::from_iter(coordinates.iter().map(at)).into()
        }
        GeometryValue::LineString { coordinates } => line(coordinates).into(),
        GeometryValue::MultiLineString { coordinates } => {
            MultiLineString::from_iter(coordinates.iter().map(line)).into()
        }
        GeometryValue::Polygon { coordinates } => polygon(coordinates).into(),
        GeometryValue::MultiPolygon { coordinates } => {
            MultiPolygon::from_iter(coordinates.iter().map(polygon)).into()
        }
        GeometryValue::GeometryCollection { .. } => return None,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn read(features: &str) -> Result<Vec<Drawn>, String> {
        let problems = Problems::default();
        let text = format!("{{\"type\":\"FeatureCollection\",\"features\":[\n{features}\n]}}");
        let drawn = resolve(&text, &problems);
        match problems.into_result() {
            Ok(_) => Ok(drawn),
            Err(errors) => {
                let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
                Err(lines.join("\n"))
            }
        }
    }

    fn at(kind: &str, name: &str, geometry: &str) -> String {
        format!(
            r#"{{"type":"Feature","properties":{{"kind":"{kind}","name":"{name}"}},"geometry":{geometry}}}"#
        )
    }

    #[test]
    fn points_lines_and_polygons_are_taken_whatever_they_are_called() {
        let all = [
            at(
                "street",
                "<script>",
                r#"{"type":"LineString","coordinates":[[1,2],[1,3]]}"#,
            ),
            at("entrance", "", r#"{"type":"Point","coordinates":[1,2]}"#),
            at(
                "water",
                "海",
                r#"{"type":"Polygon","coordinates":[[[1,2],[1,3],[2,3],[1,2]]]}"#,
            ),
        ];
        let drawn = read(&all.join(",\n")).unwrap();
        assert_eq!(drawn.len(), 3);
        assert_eq!(drawn[0].name, "<script>");
    }

    #[test]
    fn every_mistake_is_said_with_its_line() {
        let all = [
            at("", "x", r#"{"type":"Point","coordinates":[1,2]}"#),
            at(
                "street",
                "y",
                r#"{"type":"LineString","coordinates":[[1,91],[1,3]]}"#,
            ),
            at(
                "street",
                "z",
                r#"{"type":"GeometryCollection","geometries":[]}"#,
            ),
            at(
                &"k".repeat(61),
                "",
                r#"{"type":"Point","coordinates":[1,2]}"#,
            ),
            at("street", "", "null"),
        ];
        let said = read(&all.join(",\n")).unwrap_err();
        for expected in [
            "map.geojson:2: the feature \"x\" has no property `kind`",
            "map.geojson:3: the street \"y\": [1, 91] is no longitude and latitude",
            "map.geojson:4: only points, lines and polygons are drawn",
            "map.geojson:5: its `kind` is longer than 60 characters",
            "map.geojson:6: the street \"\" has no geometry",
        ] {
            assert!(said.contains(expected), "no «{expected}» in {said}");
        }
        let many = vec![at("tree", "", r#"{"type":"Point","coordinates":[1,2]}"#); 1_001];
        let said = read(&many.join(",\n")).unwrap_err();
        assert!(said.contains("1001 features, 1000 at most"), "{said}");
    }
}
