//! OGC SensorThings 1.1 (18-088), for reading: the city as Things, Datastreams and Observations, and the questions that
//! may be asked of them. Pure: the board's figures go in as they may be shown, JSON comes out.
//!
//! In reading order: [`kind`] the eight kinds of entities · [`data`] which there are · [`describe`] and [`property`] what
//! they say · [`path`] and [`options`] a question · [`lexer`], [`expression`] and [`functions`] its filters · [`wkt`] the
//! shapes in them · [`evaluate`] filters worked out, over [`cell`] · [`render`] the answer · [`wrong`] why there is none,
//! and what one may cost.
//!
//! A withheld figure is nothing (`null`) from the beginning: no filter or order can tell it from another one.

use pipeline::rules::Value;
use serde_json::{Value as Json, json};

mod cell;
mod data;
mod describe;
mod evaluate;
mod expression;
mod functions;
mod kind;
mod lexer;
mod options;
mod path;
mod property;
mod render;
mod wkt;
mod wrong;

pub use data::{Data, Fetch};
pub use wrong::Wrong;

use crate::board::Face;
use crate::board::picture::Figure;
use kind::{Field, Kind};
use options::Options;
use path::Resource;
use render::Renderer;

/// Where the service stands below the gateway's address.
pub const ROOT: &str = "/sensorthings/v1.1";

/// What of the standard is here.
const CONFORMANCE: [&str; 13] = [
    "http://www.opengis.net/spec/iot_sensing/1.1/req/datamodel",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/resource-path/resource-path-to-entities",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/request-data/order",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/request-data/expand",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/request-data/select",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/request-data/status-code",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/request-data/query-status-code",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/request-data/orderby",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/request-data/top",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/request-data/skip",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/request-data/count",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/request-data/filter",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/request-data/pagination",
];
const MQTT: &str =
    "http://www.opengis.net/spec/iot_sensing/1.1/req/receive-updates-via-mqtt/receive-updates";

/// What is said to a question.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    Json(Json),
    /// A property alone, by `$value`.
    Text(String),
    /// A property that holds nothing.
    Nothing,
}

/// Answers what is asked at `path` below the root, whose full address is `base`.
pub fn answer(
    data: &Data<'_>,
    base: &str,
    path: &str,
    pairs: &[(String, String)],
) -> Result<Answer, Wrong> {
    let renderer = Renderer { data, base };
    let resource = data.resource(path)?;
    let plain = |pairs: &[(String, String)]| match pairs.first() {
        None => Ok(()),
        Some((name, _)) => Err(Wrong::question(format!(
            "{name}: options belong to sets and entities"
        ))),
    };
    match resource {
        Resource::Root => plain(pairs).map(|()| Answer::Json(root(&data.face, base))),
        Resource::Set { of, kind, refs } => {
            let options = Options::parse(pairs, kind)?;
            renderer.set((of, kind), &options, refs).map(Answer::Json)
        }
        Resource::One { entity, refs } => {
            let options = Options::parse(pairs, entity.kind)?;
            if options.filter.is_some() || options.data_array || !options.order.is_empty() {
                let message = "$filter, $orderby and $resultFormat belong to sets";
                return Err(Wrong::question(message));
            }
            match refs {
                true => Ok(Answer::Json(
                    json!({ "@iot.selfLink": renderer.link(entity)? }),
                )),
                false => renderer.entity(entity, &options).map(Answer::Json),
            }
        }
        Resource::Property { of, field, bare } => {
            plain(pairs)?;
            property_of(&renderer, (of, field), bare)
        }
    }
}

fn property_of(
    renderer: &Renderer<'_, '_>,
    (of, field): (data::Entity, Field),
    bare: bool,
) -> Result<Answer, Wrong> {
    Ok(match (renderer.field(of, field)?, bare) {
        (Json::Null, _) => Answer::Nothing,
        (Json::String(text), true) => Answer::Text(text),
        (said, true) => Answer::Text(said.to_string()),
        (said, false) => Answer::Json(json!({ field.name(): said })),
    })
}

/// The service's own page: its sets, what it can do, and on which terms.
fn root(face: &Face, base: &str) -> Json {
    let sets = Kind::ALL.map(|kind| {
        let name = kind.set();
        json!({ "name": name, "url": format!("{base}/{name}") })
    });
    let mut settings = json!({ "conformance": CONFORMANCE });
    if face.open_data.mqtt {
        settings["conformance"]
            .as_array_mut()
            .into_iter()
            .for_each(|list| list.push(json!(MQTT)));
    }
    settings["publisher"] = json!(face.open_data.publisher);
    settings["contact"] = json!(face.open_data.contact);
    describe::terms_of_use(&mut settings, face);
    json!({ "value": sets, "serverSettings": settings })
}

/// A new figure as the Observation that is told of it, without links to a server that may not be reached.
pub fn observation(face: &Face, zone: wire::ZoneId, figure: &Figure) -> Json {
    let mut said =
        json!({ "@iot.id": format!("{}:{}", stream_id(zone, figure.value), figure.pane_start) });
    let told = Kind::Observation.fields().iter();
    for field in told.filter(|field| !matches!(field, Field::Id | Field::SelfLink)) {
        said[field.name()] = describe::observed(face, figure, *field).json();
    }
    said
}

/// The id of a zone value's Datastream.
pub fn stream_id(zone: wire::ZoneId, value: Value) -> String {
    format!("{zone}:{value}")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
