//! What can be read, route by route.
#![allow(dead_code)] // The functions stand for their descriptions.

use super::shapes::Compared;
use crate::http::api::{List, Nodes, Zones};
use crate::http::compare::Stretch;
use crate::http::desk::{Incidents, Silences};
use crate::http::footprints::Footprints;
use crate::http::history::{Asked, Listed, Story};
use crate::http::open::tables::Wanted;
use crate::http::rules::Rules;

/// Every zone with its fresh figures
#[utoipa::path(get, path = "/api/v1/zones", tag = "city", responses((status = 200, description = "Zones, by id", body = List<Zones>)))]
pub(super) fn zones() {}

/// Every node with how it is heard and what of it does not count
#[utoipa::path(get, path = "/api/v1/nodes", tag = "city", responses((status = 200, description = "Nodes, by id", body = List<Nodes>)))]
pub(super) fn nodes() {}

/// Every rule, what it said in the last day, and what became of it
#[utoipa::path(get, path = "/api/v1/rules", tag = "alerts", responses((status = 200, description = "Rules as in their file, with words in English and Chinese; quality rules; changes, the latest first", body = List<Rules>)))]
pub(super) fn rules() {}

/// Where leaks reach now
#[utoipa::path(get, path = "/api/v1/footprints", tag = "city", responses((status = 200, description = "Leaks with people in their way", body = List<Footprints>)))]
pub(super) fn footprints() {}

/// Alerts that stand, or as they were known, or true, at a moment
#[utoipa::path(get, path = "/api/v1/alerts", tag = "alerts", params(Asked), responses((status = 200, description = "Open ones first", body = List<Listed<'_>>)))]
pub(super) fn alerts() {}

/// One alert with its revisions
#[utoipa::path(get, path = "/api/v1/alerts/{id}", tag = "alerts", params(("id" = String, Path, description = "32 hexadecimal digits")), responses((status = 200, description = "The alert and its history", body = Story<'_>)))]
pub(super) fn alert() {}

/// The CAP 1.2 message that stands for an alert
#[utoipa::path(get, path = "/api/v1/alerts/{id}/cap", tag = "alerts", params(("id" = String, Path, description = "32 hexadecimal digits")), responses((status = 200, description = "CAP 1.2", body = String, content_type = "application/cap+xml")))]
pub(super) fn alert_cap() {}

/// Why an alert stands: rule, panes, nodes, readings
#[utoipa::path(get, path = "/api/v1/alerts/{id}/explain", tag = "alerts", params(("id" = String, Path, description = "32 hexadecimal digits"), ("revision" = Option<u32>, Query, description = "Default: the latest")), responses((status = 200, description = "The readings that it rests on", body = Value)))]
pub(super) fn alert_explain() {}

/// What rules in shadow would have changed
#[utoipa::path(get, path = "/api/v1/compare", tag = "alerts", params(Stretch), responses((status = 200, description = "Alerts added, removed and moved, by rule", body = Compared)))]
pub(super) fn compare() {}

/// Open incidents
#[utoipa::path(get, path = "/api/v1/incidents", tag = "alerts", responses((status = 200, description = "Alerts that belong together", body = List<Incidents<'_>>)))]
pub(super) fn incidents() {}

/// Silences in force
#[utoipa::path(get, path = "/api/v1/silences", tag = "alerts", responses((status = 200, description = "Ordered by scope", body = List<Silences>)))]
pub(super) fn silences() {}

/// Who came in and what was done, for administrators of the whole city
#[utoipa::path(get, path = "/api/v1/audit", tag = "gateway", params(("limit" = Option<u32>, Query, description = "The latest so many, 10000 at most")), responses((status = 200, description = "Entries, oldest first", body = Value)))]
pub(super) fn audit() {}

/// Revisions as they are made
#[utoipa::path(get, path = "/api/v1/stream", tag = "alerts", responses((status = 200, description = "Server-sent events, without end", body = String, content_type = "text/event-stream")))]
pub(super) fn stream() {}

/// This description
#[utoipa::path(get, path = "/api/openapi.json", tag = "open data", responses((status = 200, description = "OpenAPI 3.1", body = Value, content_type = "application/vnd.oai.openapi+json;version=3.1")))]
pub(super) fn openapi() {}

/// All CAP messages that stand, as an Atom feed
#[utoipa::path(get, path = "/cap.atom", tag = "open data", responses((status = 200, description = "Atom", body = String, content_type = "application/atom+xml")))]
pub(super) fn cap_feed() {}

/// Metrics for Prometheus
#[utoipa::path(get, path = "/metrics", tag = "gateway", responses((status = 200, description = "Text exposition format", body = String, content_type = "text/plain; version=0.0.4")))]
pub(super) fn metrics() {}

/// The process answers
#[utoipa::path(get, path = "/healthz", tag = "gateway", responses((status = 200, description = "It does", body = String, content_type = "text/plain; charset=utf-8")))]
pub(super) fn healthz() {}

/// Whether what is shown can be trusted to be what is
#[utoipa::path(get, path = "/readyz", tag = "gateway", responses((status = 200, description = "It can", body = String, content_type = "text/plain; charset=utf-8"), (status = 503, description = "Why it cannot", body = String, content_type = "text/plain; charset=utf-8")))]
pub(super) fn readyz() {}

/// Leads to the service's root
#[utoipa::path(get, path = "/sensorthings", tag = "open data", responses((status = 308, description = "To /sensorthings/v1.1")))]
pub(super) fn sensorthings() {}

/// OGC SensorThings 1.1: sets and conformance
#[utoipa::path(get, path = "/sensorthings/v1.1", tag = "open data", responses((status = 200, description = "The service's root", body = Value)))]
pub(super) fn sensorthings_root() {}

/// The same
#[utoipa::path(get, path = "/sensorthings/v1.1/", tag = "open data", responses((status = 200, description = "The service's root", body = Value)))]
pub(super) fn sensorthings_root_too() {}

/// A set, an entity, or a property of one, such as Things('quay')/Datastreams
#[utoipa::path(get, path = "/sensorthings/v1.1/{path}", tag = "open data", params(
    ("path" = String, Path, description = "Things, Locations, Datastreams, Sensors, ObservedProperties, Observations, FeaturesOfInterest, HistoricalLocations, and from there on"),
    ("$filter" = Option<String>, Query, description = "Such as result gt 3 and Datastream/ObservedProperty/name eq 'PM2.5'"),
    ("$orderby" = Option<String>, Query, description = "Such as phenomenonTime desc"),
    ("$top" = Option<u32>, Query, description = "At most 1000"),
    ("$skip" = Option<u32>, Query),
    ("$count" = Option<bool>, Query),
    ("$select" = Option<String>, Query, description = "Such as id,name"),
    ("$expand" = Option<String>, Query, description = "Such as Datastreams($top=1)"),
    ("$resultFormat" = Option<String>, Query, description = "dataArray, of Observations"),
), responses(
    (status = 200, description = "As the standard has it", content((Value = "application/json"), (String = "text/plain; charset=utf-8"))),
    (status = 204, description = "The property holds nothing"),
))]
pub(super) fn sensorthings_resource() {}

/// The zones' figures of the last hours as CSV
#[utoipa::path(get, path = "/export/zones.csv", tag = "open data", params(Wanted), responses((status = 200, description = "RFC 4180", body = String, content_type = "text/csv; charset=utf-8; header=present")))]
pub(super) fn export_zones() {}

/// Alerts as they last stood, as CSV
#[utoipa::path(get, path = "/export/alerts.csv", tag = "open data", params(Wanted), responses((status = 200, description = "RFC 4180", body = String, content_type = "text/csv; charset=utf-8; header=present")))]
pub(super) fn export_alerts() {}

/// What the columns of zones.csv mean
#[utoipa::path(get, path = "/export/zones.csv-metadata.json", tag = "open data", responses((status = 200, description = "CSV on the Web", body = Value, content_type = "application/csvm+json")))]
pub(super) fn export_zones_description() {}

/// What the columns of alerts.csv mean
#[utoipa::path(get, path = "/export/alerts.csv-metadata.json", tag = "open data", responses((status = 200, description = "CSV on the Web", body = Value, content_type = "application/csvm+json")))]
pub(super) fn export_alerts_description() {}

/// The catalogue of open data, DCAT-AP
#[utoipa::path(get, path = "/catalog", tag = "open data", responses((status = 200, description = "By Accept", content((Value = "application/ld+json"), (String = "text/turtle; charset=utf-8")))))]
pub(super) fn catalog() {}

/// The same as JSON-LD
#[utoipa::path(get, path = "/catalog.jsonld", tag = "open data", responses((status = 200, description = "JSON-LD", body = Value, content_type = "application/ld+json")))]
pub(super) fn catalog_jsonld() {}

/// The same as Turtle
#[utoipa::path(get, path = "/catalog.ttl", tag = "open data", responses((status = 200, description = "Turtle", body = String, content_type = "text/turtle; charset=utf-8")))]
pub(super) fn catalog_turtle() {}
