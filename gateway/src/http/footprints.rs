//! `/api/v1/footprints`: where a leak reaches now, by level, and who is there.

use axum::extract::State;
use axum::response::IntoResponse;
use pipeline::calendar::rfc3339;
use pipeline::exposure::{Exposure, Footprint, WIDTH, closed};
use serde::Serialize;
use utoipa::ToSchema;
use wire::{Quantity, SourceId};

use super::App;
use super::api::List;
use super::described::shapes;
use crate::access::Asker;
use crate::board::Face;
use crate::privacy::ShownPeople;

/// Said with every footprint.
const CAUTION: &str = "by a plume model, right within a factor of two to three";

#[derive(Serialize, ToSchema)]
pub(super) struct Footprints {
    caution: &'static str,
    footprints: Vec<Leak>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Leak {
    #[schema(value_type = String)]
    source: SourceId,
    name: String,
    quantity: &'static str,
    unit: &'static str,
    /// End of the minute that it is about.
    at: String,
    stability: String,
    wind_m_s: Option<f64>,
    /// `null`: the wind has no direction, the footprint is a circle.
    wind_from_deg: Option<f64>,
    /// Unit of the readings times m³/s; with ppm, millilitres a second.
    strength: f64,
    /// Low and high differ from the middle by this.
    factor: f64,
    levels: Vec<Level>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Level {
    level: String,
    from: f64,
    reach_m: u32,
    #[schema(value_type = shapes::People)]
    #[serde(flatten)]
    exposed: ShownPeople,
    uncounted_zones: u32,
    places: Vec<String>,
    /// GeoJSON.
    geometry: Geometry,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Geometry {
    #[serde(rename = "type")]
    kind: &'static str,
    #[schema(value_type = Vec<Vec<Vec<f64>>>)]
    coordinates: [Vec<[f64; 2]>; 1],
}

pub(super) async fn footprints(State(app): State<App>, asker: Asker) -> impl IntoResponse {
    let picture = app.picture(&asker);
    let face = &picture.face;
    let footprints = picture
        .exposures
        .iter()
        .map(|exposure| leak(face, exposure));
    let items = Footprints {
        caution: CAUTION,
        footprints: footprints.collect(),
    };
    List::of(&picture, items)
}

fn leak(face: &Face, exposure: &Exposure) -> Leak {
    let quantity: Quantity = exposure.quantity;
    let plume = &exposure.plume;
    Leak {
        source: exposure.source,
        name: face.source_name(exposure.source),
        quantity: quantity.name(),
        unit: quantity.unit(),
        at: rfc3339(exposure.start + WIDTH),
        stability: plume.stability.to_string(),
        wind_m_s: plume.wind.map(|wind| wind.to_f64()),
        wind_from_deg: plume.from.map(|from| from.to_f64()),
        strength: plume.strength.to_f64(),
        factor: plume.factor.to_f64(),
        levels: exposure
            .footprints
            .iter()
            .map(|level| of_level(face, level))
            .collect(),
    }
}

fn of_level(face: &Face, footprint: &Footprint) -> Level {
    let ring = closed(&footprint.ring).map(|(lon, lat)| [lon, lat]);
    Level {
        level: footprint.level.clone(),
        from: footprint.from.to_f64(),
        reach_m: footprint.reach,
        exposed: face.floor.people(&footprint.people),
        uncounted_zones: footprint.uncounted,
        places: footprint.places.clone(),
        geometry: Geometry {
            kind: "Polygon",
            coordinates: [ring.collect()],
        },
    }
}
