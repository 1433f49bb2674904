//! `places.geojson`: hospitals, schools and other places that are named when something reaches them.

use geojson::{Feature, GeometryValue, JsonValue};

use super::features::features;
use super::zones::is_place;
use crate::config::Problems;

pub(super) const FILE: &str = "places.geojson";

/// A place as its file says it.
#[derive(Clone, Debug, PartialEq)]
pub struct Landmark {
    pub id: String,
    pub name: String,
    /// Such as `hospital`.
    pub kind: String,
    pub lon: f64,
    pub lat: f64,
}

/// Reads the file; what is wrong goes to `problems`.
pub(super) fn resolve(text: &str, problems: &Problems) -> Vec<Landmark> {
    let mut places: Vec<(Landmark, u32)> = Vec::new();
    for (line, raw) in features(FILE, text, problems) {
        let complain = |message: String| problems.add(FILE, Some(line), message);
        let Some(place) = feature(raw, &complain) else {
            continue;
        };
        if let Some((_, earlier)) = places.iter().find(|(known, _)| known.id == place.id) {
            let id = &place.id;
            complain(format!(
                "place `{id}` is there twice; first in line {earlier}"
            ));
            continue;
        }
        places.push((place, line));
    }
    places.into_iter().map(|(place, _)| place).collect()
}

fn feature(raw: &str, complain: &impl Fn(String)) -> Option<Landmark> {
    let feature: Feature = match raw.parse() {
        Ok(feature) => feature,
        Err(error) => {
            complain(format!("not a GeoJSON feature: {error}"));
            return None;
        }
    };
    let text = |name: &str| match feature.property(name) {
        Some(JsonValue::String(text)) if !text.is_empty() => Some(text.clone()),
        Some(JsonValue::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    let Some(id) = text("id") else {
        complain("the place has no property `id`".to_owned());
        return None;
    };
    let Some(name) = text("name") else {
        complain(format!(
            "place `{id}` has no property `name`: what would it be called?"
        ));
        return None;
    };
    let point = match feature.geometry.as_ref().map(|geometry| &geometry.value) {
        Some(GeometryValue::Point { coordinates }) => coordinates.as_slice(),
        _ => &[],
    };
    let &[lon, lat, ..] = point else {
        complain(format!("place `{id}`: a Point is expected"));
        return None;
    };
    if !is_place(lon, lat) {
        complain(format!(
            "place `{id}`: [{lon}, {lat}] is no longitude and latitude in degrees (longitude comes first)"
        ));
        return None;
    }
    Some(Landmark {
        id,
        name,
        kind: text("kind").unwrap_or_default(),
        lon,
        lat,
    })
}
