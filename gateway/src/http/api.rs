//! The JSON API: what the board shows, for programs.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use pipeline::alert::{Completeness, Status};
use pipeline::calendar::{Millis, rfc3339};
use pipeline::quality::{Cause, Withdrawal};
use pipeline::rules::{Severity, Value};
use serde::Serialize;
use utoipa::ToSchema;
use wire::{CityId, NodeId, ZoneId};

use super::App;
use super::described::shapes;
use super::ledger::{Book, Ledger};
use super::recorded::Refusal;
use crate::access::Asker;
use crate::board::Picture;
use crate::board::nodes::Finding;
use crate::board::picture::{Air, Figure, NodePicture, Standing, ZonePicture};
use crate::language::{Said, said};
use crate::privacy::Shown;

/// An answer that says what was wrong with the question.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    message: Said,
}

impl Problem {
    pub(super) fn new(status: StatusCode, message: impl Into<Said>) -> Problem {
        Problem {
            status,
            message: message.into(),
        }
    }

    /// Status and words, for whoever says them otherwise than in JSON.
    pub(super) fn parts(self) -> (StatusCode, Said) {
        (self.status, self.message)
    }

    /// `text` is no alert id.
    pub(super) fn bad_id() -> Problem {
        let message = said(
            "the alert id must be 32 hexadecimal digits",
            "警报编号必须是32位十六进制数字",
        );
        Problem::new(StatusCode::BAD_REQUEST, message)
    }

    pub(super) fn no_alert() -> Problem {
        let message = said(
            "no alert with this id is open, or kept in the history",
            "没有此编号的警报：既非未结束，历史中也没有",
        );
        Problem::new(StatusCode::NOT_FOUND, message)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let message = self.message.english();
        let body = serde_json::json!({ "error": message });
        let mut response = (self.status, Json(body)).into_response();
        response
            .extensions_mut()
            .insert(Refusal(message.to_owned()));
        response
    }
}

/// Frame of every list: whose it is, when it was taken, whether it is real.
#[derive(Serialize, ToSchema)]
pub(super) struct List<T> {
    #[schema(value_type = String)]
    city: CityId,
    #[schema(value_type = String)]
    status: Status,
    at: String,
    #[serde(flatten)]
    items: T,
}

impl<T> List<T> {
    pub(super) fn of(picture: &Picture, items: T) -> Json<List<T>> {
        Json(List {
            city: picture.face.city,
            status: picture.face.status,
            at: rfc3339(picture.now),
            items,
        })
    }
}

#[derive(Serialize, ToSchema)]
pub(super) struct Zones {
    zones: Vec<Zone>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Zone {
    #[schema(value_type = String)]
    id: ZoneId,
    name: String,
    kind: String,
    state: &'static str,
    figures: Vec<FigureJson>,
    air: Vec<AirJson>,
    /// Of the last local day.
    air_days: Vec<AirJson>,
    nodes: u32,
    nodes_silent: u32,
}

/// `null` figures are withheld for privacy: they are more than nothing and less than `under`.
#[derive(Serialize, ToSchema)]
pub(super) struct FigureJson {
    value: String,
    unit: &'static str,
    mean: Option<f64>,
    min: Option<f64>,
    max: Option<f64>,
    last: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    under: Option<f64>,
    count: u64,
    saturated: bool,
    pane_start: String,
    pane_end: String,
    age_seconds: f64,
    #[schema(value_type = shapes::Heard)]
    completeness: Completeness,
    /// Nodes heard whose readings a quality test finds suspect.
    #[serde(skip_serializing_if = "is_none")]
    suspect: u32,
    provisional: bool,
    /// Of the expected nodes that may still change it, the one that was last heard longest ago.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    oldest_unheard: Option<NodeId>,
    /// Of a forecast: the end of the hour that it speaks of, while that has not come.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct AirJson {
    standard: &'static str,
    index: u32,
    category: u8,
    category_name: &'static str,
    /// With commas between several.
    primary: Option<String>,
    until: String,
    age_seconds: f64,
    #[schema(value_type = Option<shapes::Heard>)]
    completeness: Option<Completeness>,
    provisional: bool,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Nodes {
    nodes: Vec<Node>,
    /// What came in the name of no node of the registry.
    nobody: Ledger,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Node {
    #[schema(value_type = String)]
    id: NodeId,
    #[schema(value_type = Option<String>)]
    zone: Option<ZoneId>,
    /// How its fine particles are corrected for humidity; `null`: they are taken as read.
    correction: Option<&'static str>,
    heard_at: Option<String>,
    age_seconds: Option<f64>,
    silent_since: Option<String>,
    frames: u64,
    readings: u64,
    refused: u64,
    /// What of its readings does not count, those that last first.
    quarantine: Vec<Quarantine>,
    /// What quality tests find in its panes that may still be corrected.
    flags: Vec<FlagsJson>,
    #[serde(flatten)]
    book: Book,
}

#[derive(Serialize, ToSchema)]
pub(super) struct FlagsJson {
    quantity: &'static str,
    test: &'static str,
    /// QARTOD's word: `suspect` or `fail`.
    flag: &'static str,
    panes: u32,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Quarantine {
    /// `null`: all that it says.
    quantity: Option<&'static str>,
    from: String,
    /// `null` while it lasts.
    until: Option<String>,
    /// `operator`, or the flaw of its sensor.
    cause: &'static str,
    /// The operator.
    by: Option<String>,
}

pub(super) async fn zones(State(app): State<App>, asker: Asker) -> impl IntoResponse {
    let picture = app.picture(&asker);
    let zones = picture.zones.iter().map(|z| zone(&picture, z)).collect();
    List::of(&picture, Zones { zones })
}

pub(super) async fn nodes(State(app): State<App>, asker: Asker) -> impl IntoResponse {
    let picture = app.picture(&asker);
    let nodes = picture.nodes.iter().map(|n| node(&picture, n)).collect();
    let nobody = Ledger::of(&picture.nobody, 0);
    List::of(&picture, Nodes { nodes, nobody })
}

fn zone(picture: &Picture, zone: &ZonePicture) -> Zone {
    let face = picture.zone_face(zone);
    Zone {
        id: face.id,
        name: face.name.clone(),
        kind: face.kind.clone(),
        state: standing_name(zone.standing),
        figures: zone.figures.iter().map(figure).collect(),
        air: zone
            .air
            .iter()
            .map(|index| air(zone, Value::AirIndex(index.standard), index))
            .collect(),
        air_days: zone
            .air_days
            .iter()
            .map(|index| air(zone, Value::AirDay(index.standard), index))
            .collect(),
        nodes: zone.nodes,
        nodes_silent: zone.nodes_silent,
    }
}

fn figure(figure: &Figure) -> FigureJson {
    let number = |shown: Shown| shown.exact().map(wire::Milli::to_f64);
    let under = [figure.mean, figure.min, figure.max, figure.last]
        .into_iter()
        .find(|shown| shown.exact().is_none())
        .map(|shown| shown.drawn_at().to_f64());
    FigureJson {
        value: figure.value.to_string(),
        unit: figure.value.unit(),
        mean: number(figure.mean),
        min: number(figure.min),
        max: number(figure.max),
        last: number(figure.last),
        under,
        count: figure.count,
        saturated: figure.saturated,
        pane_start: rfc3339(figure.pane_start),
        pane_end: rfc3339(figure.pane_end),
        age_seconds: seconds(figure.age),
        completeness: figure.completeness,
        suspect: figure.suspect,
        provisional: figure.is_provisional(),
        oldest_unheard: figure.waits_for,
        until: figure.until.map(rfc3339),
    }
}

fn air(zone: &ZonePicture, value: Value, air: &Air) -> AirJson {
    let figure = zone.figure(value);
    AirJson {
        standard: air.standard.name(),
        index: air.index.index,
        category: air.index.category,
        category_name: air.standard.category(air.index.category).english,
        primary: (!air.index.primary.is_empty()).then(|| air.index.primary.to_string()),
        until: rfc3339(air.until),
        age_seconds: seconds(air.age),
        completeness: figure.map(|figure| figure.completeness),
        provisional: air.provisional,
    }
}

fn node(picture: &Picture, node: &NodePicture) -> Node {
    let face = picture.node_face(node);
    let zone = face.zone.and_then(|ix| picture.face.zone(ix));
    Node {
        id: face.id,
        zone: zone.map(|zone| zone.id),
        correction: face.correction.map(|correction| correction.name()),
        heard_at: node.record.heard_at.map(rfc3339),
        age_seconds: node.age.map(seconds),
        silent_since: node.record.silent_since.map(rfc3339),
        frames: node.record.frames,
        readings: node.record.readings,
        refused: node.record.refused,
        quarantine: node.quarantine.iter().map(quarantine).collect(),
        flags: node.findings.iter().map(flags).collect(),
        book: Book::of(face, &node.book),
    }
}

fn flags(((quantity, test, flag), panes): &(Finding, u32)) -> FlagsJson {
    FlagsJson {
        quantity: quantity.name(),
        test: test.name(),
        flag: flag.name(),
        panes: *panes,
    }
}

fn quarantine(row: &Withdrawal) -> Quarantine {
    let (cause, by) = match &row.cause {
        Cause::Operator(by) => ("operator", Some(by.clone())),
        Cause::Flaw(flaw) => (flaw.name(), None),
    };
    Quarantine {
        quantity: row.quantity.map(|quantity| quantity.name()),
        from: rfc3339(row.from),
        until: row.until.map(rfc3339),
        cause,
        by,
    }
}

/// `normal`, `unknown` (nothing fresh: no all-clear) or the severity of the worst open alert.
pub(super) fn standing_name(standing: Standing) -> &'static str {
    match standing {
        Standing::Normal => "normal",
        Standing::Unknown => "unknown",
        Standing::Alert(severity) => severity_name(severity),
    }
}

pub(crate) fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Minor => "minor",
        Severity::Moderate => "moderate",
        Severity::Severe => "severe",
        Severity::Extreme => "extreme",
    }
}

fn is_none(count: &u32) -> bool {
    *count == 0
}

fn seconds(span: Millis) -> f64 {
    span as f64 / 1000.0
}
