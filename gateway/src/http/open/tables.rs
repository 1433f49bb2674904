//! Tables over HTTP: what the board and the history hold, as CSV, a series at a time.

use std::convert::Infallible;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::get;
use futures_util::stream;
use pipeline::alert::Revision;
use pipeline::rules::Value;
use serde::Deserialize;
use utoipa::IntoParams;

use super::address;
use crate::access::Asker;
use crate::board::Face;
use crate::export::{Stretch, Table, alerts, zones};
use crate::history::LIMIT_MAX;
use crate::http::App;
use crate::http::api::Problem;
use crate::http::history::{moment, read};

/// Alerts in one piece of the answer.
const PIECE: usize = 200;

/// A stretch of event time, and one zone or value; all as they were written.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct Wanted {
    /// From this moment on, RFC 3339.
    from: Option<String>,
    /// Before this moment, RFC 3339.
    until: Option<String>,
    /// Id of a zone.
    zone: Option<String>,
    /// Name of a value, such as pm2_5; of figures only.
    value: Option<String>,
}

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/export/zones.csv", get(zone_figures))
        .route("/export/alerts.csv", get(told))
        .route("/export/zones.csv-metadata.json", get(of_zones))
        .route("/export/alerts.csv-metadata.json", get(of_alerts))
}

async fn zone_figures(
    State(app): State<App>,
    asker: Asker,
    headers: HeaderMap,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    let stretch = stretch(&wanted)?;
    let value = wanted.value.as_deref().map(|name| {
        let unknown = || format!("value: `{name}` is no value such as pm2_5 or crowd_count");
        Value::from_name(name).ok_or_else(|| bad(unknown()))
    });
    let value = value.transpose()?;
    let picture = app.picture(&asker);
    let (face, now) = (picture.face.clone(), picture.now);
    known_zone(&face, wanted.zone.as_deref())?;
    let mut series = Vec::new();
    for (place, zone) in face.zones.iter().enumerate() {
        if wanted
            .zone
            .as_deref()
            .is_none_or(|id| zone.id.as_str() == id)
        {
            let pasts = app.board(|board| board.pasts(zone)).into_iter();
            let pasts = pasts.filter(|past| value.is_none_or(|value| value == past.value));
            series.extend(pasts.map(|past| (place, past.value)));
        }
    }
    let headers = answer_headers(Table::Zones, &face, &headers);
    // One series at a time is taken from the board and written: the answer is never whole in memory.
    let lines = series.into_iter().map(move |(place, value)| {
        let zone = &face.zones[place];
        let mut panes = app.board(|board| board.past(&face, zone, value, now));
        panes.retain(|pane| stretch.contains(pane.pane_start));
        zones::lines(zone, value, &panes)
    });
    Ok((headers, body(Table::Zones, lines)).into_response())
}

async fn told(
    State(app): State<App>,
    asker: Asker,
    headers: HeaderMap,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    let stretch = stretch(&wanted)?;
    if wanted.value.is_some() {
        return Err(bad("value: alerts are chosen by time and zone only"));
    }
    let picture = app.picture(&asker);
    let face = picture.face.clone();
    known_zone(&face, wanted.zone.as_deref())?;
    let mut found: Vec<Revision> = match app.state.archive {
        Some(_) => read(&app, move |history| Ok(alerts::told(history, stretch)?)).await?,
        None => {
            let shown = picture.alerts.iter().map(|alert| alert.latest.clone());
            shown
                .filter(|alert| alerts::belongs(alert, stretch))
                .collect()
        }
    };
    found.retain(|alert| {
        let zone = wanted.zone.as_deref();
        asker.areas.contains(alert.zone) && zone.is_none_or(|id| alert.zone.as_str() == id)
    });
    if found.len() > LIMIT_MAX {
        let message = format!(
            "{} alerts are more than the {LIMIT_MAX} of one answer: ask for less with from and until",
            found.len()
        );
        return Err(bad(message));
    }
    let headers = answer_headers(Table::Alerts, &face, &headers);
    let pieces: Vec<Vec<Revision>> = found.chunks(PIECE).map(<[Revision]>::to_vec).collect();
    let lines = pieces.into_iter().map(move |piece| {
        let rows = piece.iter().flat_map(|alert| alerts::row(alert, &face));
        rows.collect()
    });
    Ok((headers, body(Table::Alerts, lines)).into_response())
}

async fn of_zones(app: State<App>, asker: Asker, headers: HeaderMap) -> Response {
    described(Table::Zones, &app, &asker, &headers)
}

async fn of_alerts(app: State<App>, asker: Asker, headers: HeaderMap) -> Response {
    described(Table::Alerts, &app, &asker, &headers)
}

fn described(table: Table, app: &App, asker: &Asker, headers: &HeaderMap) -> Response {
    let face = app.picture(asker).face;
    let url = format!("{}/export/{}.csv", address(&face, headers), table.name());
    let kind = [(header::CONTENT_TYPE, "application/csvm+json")];
    (kind, Json(table.description(&face, &url))).into_response()
}

fn body(table: Table, lines: impl Iterator<Item = Vec<u8>> + Send + 'static) -> Body {
    let pieces = std::iter::once(table.header()).chain(lines);
    let pieces = pieces.filter(|piece| !piece.is_empty());
    Body::from_stream(stream::iter(
        pieces.map(|piece| Ok::<_, Infallible>(Bytes::from(piece))),
    ))
}

/// The name of the file, and where its description and licence are.
fn answer_headers(table: Table, face: &Face, asked: &HeaderMap) -> HeaderMap {
    let name = table.name();
    let base = address(face, asked);
    let mut links = format!(
        "<{base}/export/{name}.csv-metadata.json>; rel=\"describedby\"; type=\"application/csvm+json\""
    );
    if let Some(licence) = &face.open_data.licence {
        links += &format!(", <{}>; rel=\"license\"", licence.url);
    }
    let file = format!("attachment; filename=\"{}-{name}.csv\"", face.city);
    let mut headers = HeaderMap::new();
    let kind = HeaderValue::from_static("text/csv; charset=utf-8; header=present");
    headers.insert(header::CONTENT_TYPE, kind);
    for (header, text) in [(header::LINK, links), (header::CONTENT_DISPOSITION, file)] {
        // Addresses are plain characters since the configuration was checked, ids always.
        if let Ok(text) = HeaderValue::from_str(&text) {
            headers.insert(header, text);
        }
    }
    headers
}

fn stretch(wanted: &Wanted) -> Result<Stretch, Problem> {
    let stretch = Stretch {
        from: moment("from", wanted.from.clone())?,
        until: moment("until", wanted.until.clone())?,
    };
    match (stretch.from, stretch.until) {
        (Some(from), Some(until)) if from >= until => Err(bad("from must be before until")),
        _ => Ok(stretch),
    }
}

fn known_zone(face: &Face, id: Option<&str>) -> Result<(), Problem> {
    match id {
        Some(id) if !face.zones.iter().any(|zone| zone.id.as_str() == id) => {
            Err(bad(format!("zone: there is no zone `{id}`")))
        }
        _ => Ok(()),
    }
}

fn bad(message: impl Into<String>) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, message)
}
