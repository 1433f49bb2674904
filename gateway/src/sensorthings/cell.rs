//! A value in a question: what a property holds and what a filter computes with.

use std::borrow::Cow;
use std::cmp::Ordering;

use geo::{Coord, Geometry, LineString, Polygon};
use pipeline::calendar::{Millis, rfc3339};
use serde_json::{Value as Json, json};

/// Nothing, or a value of one of SensorThings' types.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell<'a> {
    /// Also what is withheld: whoever compares with it learns nothing.
    Null,
    Bool(bool),
    Number(f64),
    Text(Cow<'a, str>),
    Instant(Millis),
    /// From the first moment to the one after the last.
    Span(Millis, Millis),
    /// A length of time in milliseconds.
    Duration(i64),
    Shape(Cow<'a, Geometry<f64>>),
    Json(Json),
}

impl Cell<'_> {
    pub(super) fn json(&self) -> Json {
        match self {
            Cell::Null => Json::Null,
            Cell::Bool(truth) => json!(truth),
            Cell::Number(number) => json!(number),
            Cell::Text(text) => json!(text),
            Cell::Instant(at) => json!(rfc3339(*at)),
            Cell::Span(start, end) => json!(format!("{}/{}", rfc3339(*start), rfc3339(*end))),
            Cell::Duration(length) => json!(format!("PT{}S", *length as f64 / 1000.0)),
            Cell::Shape(shape) => geometry(shape),
            Cell::Json(json) => json.clone(),
        }
    }

    /// What stands below `keys` in a property that is an object.
    pub(super) fn below(self, keys: &[String]) -> Cell<'static> {
        let mut json = self.json();
        for key in keys {
            json = match json {
                Json::Object(mut object) => object.remove(key).unwrap_or_default(),
                Json::Array(mut items) => match key.parse::<usize>() {
                    Ok(place) if place < items.len() => items.swap_remove(place),
                    _ => Json::Null,
                },
                _ => Json::Null,
            };
        }
        match json {
            Json::Null => Cell::Null,
            Json::Bool(truth) => Cell::Bool(truth),
            Json::Number(number) => number.as_f64().map_or(Cell::Null, Cell::Number),
            Json::String(text) => Cell::Text(Cow::Owned(text)),
            other => Cell::Json(other),
        }
    }

    pub(super) fn is_true(&self) -> bool {
        *self == Cell::Bool(true)
    }

    pub(super) fn span(&self) -> Option<(Millis, Millis)> {
        match self {
            Cell::Instant(at) => Some((*at, *at)),
            Cell::Span(start, end) => Some((*start, *end)),
            _ => None,
        }
    }

    /// How they compare in a filter; nothing where they cannot be compared. Of two times that overlap neither is
    /// before the other.
    pub(super) fn compare(&self, other: &Cell<'_>) -> Option<Ordering> {
        match (self, other) {
            (Cell::Bool(a), Cell::Bool(b)) => Some(a.cmp(b)),
            (Cell::Number(a), Cell::Number(b)) => a.partial_cmp(b),
            (Cell::Text(a), Cell::Text(b)) => Some(a.cmp(b)),
            (Cell::Duration(a), Cell::Duration(b)) => Some(a.cmp(b)),
            _ => {
                let (a, b) = (self.span()?, other.span()?);
                if a == b {
                    Some(Ordering::Equal)
                } else if a.1 <= b.0 {
                    Some(Ordering::Less)
                } else {
                    (a.0 >= b.1).then_some(Ordering::Greater)
                }
            }
        }
    }

    /// A whole order for lists: nothing first, then by type and value.
    pub(super) fn order(&self, other: &Cell<'_>) -> Ordering {
        let rank = |cell: &Cell<'_>| match cell {
            Cell::Null => 0,
            Cell::Bool(_) => 1,
            Cell::Number(_) => 2,
            Cell::Text(_) => 3,
            Cell::Instant(_) | Cell::Span(..) => 4,
            Cell::Duration(_) => 5,
            Cell::Shape(_) | Cell::Json(_) => 6,
        };
        match (self.span(), other.span()) {
            (Some(a), Some(b)) => a.cmp(&b),
            _ => rank(self)
                .cmp(&rank(other))
                .then_with(|| self.compare(other).unwrap_or(Ordering::Equal)),
        }
    }
}

/// GeoJSON of the shapes that a zone or a filter can have.
fn geometry(shape: &Geometry<f64>) -> Json {
    let at = |c: &Coord<f64>| json!([c.x, c.y]);
    let line = |line: &LineString<f64>| Json::Array(line.coords().map(at).collect());
    let rings = |polygon: &Polygon<f64>| {
        let rings = std::iter::once(polygon.exterior()).chain(polygon.interiors());
        Json::Array(rings.map(line).collect())
    };
    let (kind, coordinates) = match shape {
        Geometry::Point(point) => ("Point", at(&point.0)),
        Geometry::LineString(path) => ("LineString", line(path)),
        Geometry::Polygon(polygon) => ("Polygon", rings(polygon)),
        Geometry::MultiPolygon(polygons) => match &polygons.0[..] {
            [polygon] => ("Polygon", rings(polygon)),
            polygons => (
                "MultiPolygon",
                Json::Array(polygons.iter().map(rings).collect()),
            ),
        },
        // No other shape is ever made here.
        _ => return Json::Null,
    };
    json!({ "type": kind, "coordinates": coordinates })
}
