//! What every property of every entity says.

use std::borrow::Cow;

use geo::Geometry;
use pipeline::calendar::{HOUR, MINUTE, Millis};
use pipeline::rules::Value;
use serde_json::{Value as Json, json};

use super::cell::Cell;
use super::data::{Data, Entity};
use super::kind::{Field, Kind};
use super::property;
use super::wrong::Wrong;
use crate::board::picture::Figure;
use crate::board::{Face, ZoneFace};
use crate::language::Language;
use crate::privacy::Shown;

pub(super) const GEOJSON: &str = "application/geo+json";

impl Data<'_> {
    /// What a property of an entity holds.
    pub(super) fn cell(&self, of: Entity, field: Field) -> Result<Cell<'_>, Wrong> {
        Ok(match (of.kind, field) {
            (_, Field::Id) => text(self.id(of)?),
            (_, Field::SelfLink) => text(format!("{}('{}')", of.kind.set(), self.id(of)?)),
            (Kind::Datastream, _) => self.of_stream(of, field),
            (Kind::ObservedProperty, _) => of_property(self.value(of.place), field),
            (Kind::Observation, _) => observed(&self.face, &self.pane(of)?, field),
            _ => self.of_zone_itself(of, field),
        })
    }

    fn of_zone_itself(&self, of: Entity, field: Field) -> Cell<'_> {
        let zone = self.zone(of.place);
        let (name, city) = (name(zone), city(&self.face));
        match (of.kind, field) {
            (Kind::Sensor, Field::Name) => text(format!("Nodes of {name}")),
            (Kind::Sensor, Field::Description) => text(format!(
                "The sensor nodes of {name}, read together: a figure is of all of them that measure it"
            )),
            (Kind::Sensor, Field::EncodingType) => text("text/plain".to_owned()),
            (Kind::Sensor, Field::Metadata) => text(
                "Each node's readings are summed by panes; a zone's figure is the weighted mean of its nodes' (people and vehicles: their sum). Late readings correct it."
                    .to_owned(),
            ),
            (Kind::Sensor, Field::Properties) => {
                let nodes = self.face.nodes.iter();
                let nodes = nodes.filter(|node| node.zone == Some(zone.ix)).count();
                Cell::Json(json!({ "nodes": nodes }))
            }
            (_, Field::Name) => Cell::Text(Cow::Borrowed(name)),
            (Kind::Thing, Field::Description) => text(match zone.kind.as_str() {
                "" => format!("A zone of {city}"),
                kind => format!("A zone of {city} ({kind})"),
            }),
            (_, Field::Description) => text(format!("The ground of {name} in {city}")),
            (_, Field::EncodingType) => text(GEOJSON.to_owned()),
            (_, Field::Location | Field::Feature) => outline(zone),
            (_, Field::Properties) => Cell::Json(zone_properties(&self.face, zone)),
            _ => Cell::Null,
        }
    }

    fn of_stream(&self, of: Entity, field: Field) -> Cell<'_> {
        let stream = self.stream(of.place);
        let (zone, past) = (self.zone(stream.zone), stream.past);
        let value = past.value;
        match field {
            Field::Name => text(format!("{} at {}", called(value), name(zone))),
            Field::Description => text(format!(
                "{} of the zone {}, pane by pane, over the last hours",
                called(value),
                name(zone)
            )),
            Field::ObservationType => text(property::OBSERVATION_TYPE.to_owned()),
            Field::UnitOfMeasurement => Cell::Json(property::unit(value)),
            Field::ObservedArea => outline(zone),
            Field::PhenomenonTime => {
                let ahead = ahead(value);
                Cell::Span(past.start + ahead, past.end + ahead)
            }
            // From the end of a pane its figure can be known.
            Field::ResultTime => Cell::Span(past.start, past.end),
            Field::Properties => {
                let mut properties = json!({
                    "value": value.to_string(),
                    "ucum": value.unit(),
                    "status": self.face.status,
                });
                if let Some(paced) = value.paced_by() {
                    let width = self.face.calendar.span(paced).width;
                    properties["paneSeconds"] = json!(width / 1000);
                }
                terms_of_use(&mut properties, &self.face);
                Cell::Json(properties)
            }
            _ => Cell::Null,
        }
    }
}

/// What a property of an Observation says; nothing where the figure is withheld.
pub(super) fn observed(face: &Face, figure: &Figure, field: Field) -> Cell<'static> {
    let ahead = ahead(figure.value);
    let (start, end) = (figure.pane_start, figure.pane_end);
    match field {
        Field::PhenomenonTime => Cell::Span(start + ahead, end + ahead),
        Field::ResultTime => Cell::Instant(end),
        // So long it stands for what is; after that it is stale.
        Field::ValidTime => Cell::Span(end, end + (3 * (end - start)).max(2 * MINUTE)),
        Field::Result => shown(figure.mean),
        Field::ResultQuality => Cell::Json(quality(figure)),
        Field::Parameters => Cell::Json(json!({
            "min": shown(figure.min).json(),
            "max": shown(figure.max).json(),
            "last": shown(figure.last).json(),
            "status": face.status,
        })),
        _ => Cell::Null,
    }
}

/// How sure, how complete and how old a figure is.
fn quality(figure: &Figure) -> Json {
    let mut quality = json!({
        "completeness": figure.completeness,
        "provisional": figure.is_provisional(),
        "suspectNodes": figure.suspect,
        "saturated": figure.saturated,
        "readings": figure.count,
        "ageSeconds": figure.age as f64 / 1000.0,
        "withheld": false,
    });
    if let Shown::Under(limit) = figure.mean {
        quality["withheld"] = json!(true);
        // More than nothing and less than this.
        quality["range"] = json!({ "above": 0, "under": limit.to_f64() });
    }
    quality
}

fn of_property(value: Value, field: Field) -> Cell<'static> {
    match field {
        Field::Name => text(called(value)),
        Field::Definition => text(property::definition(value)),
        Field::Description => text(property::description(value)),
        Field::Properties => Cell::Json(json!({
            "value": value.to_string(),
            "zh-CN": property::called(value, Language::Chinese),
        })),
        _ => Cell::Null,
    }
}

fn zone_properties(face: &Face, zone: &ZoneFace) -> Json {
    let mut properties = json!({
        "city": face.city.as_str(),
        "kind": zone.kind,
        "status": face.status,
    });
    if zone.ground.area > wire::Milli::ZERO {
        properties["areaSquareMetres"] = json!(zone.ground.area.to_f64());
    }
    terms_of_use(&mut properties, face);
    properties
}

/// On which terms it is given.
pub(super) fn terms_of_use(properties: &mut Json, face: &Face) {
    let terms = &face.open_data;
    if let Some(licence) = &terms.licence {
        properties["licence"] = json!(licence.url);
    }
    if !terms.attribution.is_empty() {
        properties["attribution"] = json!(terms.attribution);
    }
}

fn outline(zone: &ZoneFace) -> Cell<'static> {
    match zone.outline.0.is_empty() {
        true => Cell::Null,
        false => Cell::Shape(Cow::Owned(Geometry::MultiPolygon(zone.outline.clone()))),
    }
}

fn shown(figure: Shown) -> Cell<'static> {
    figure
        .exact()
        .map_or(Cell::Null, |figure| Cell::Number(figure.to_f64()))
}

/// How far behind its pane the time lies that a value speaks of: a forecast is of an hour to come.
fn ahead(value: Value) -> Millis {
    debug_assert!(value.ahead() % HOUR == 0);
    value.ahead()
}

pub(super) fn called(value: Value) -> String {
    property::called(value, Language::English)
}

fn name(zone: &ZoneFace) -> &str {
    match zone.name.is_empty() {
        true => zone.id.as_str(),
        false => &zone.name,
    }
}

pub(super) fn city(face: &Face) -> &str {
    match face.name.is_empty() {
        true => face.city.as_str(),
        false => &face.name,
    }
}

fn text(text: String) -> Cell<'static> {
    Cell::Text(Cow::Owned(text))
}
