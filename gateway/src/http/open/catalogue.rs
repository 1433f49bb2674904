//! The catalogue over HTTP: as JSON-LD or as Turtle, by what is asked for or by the address.

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::get;

use super::address;
use crate::access::Asker;
use crate::catalogue::graph::Graph;
use crate::catalogue::{self, Asked};
use crate::http::App;
use crate::http::api::Problem;

const JSON_LD: &str = "application/ld+json";
const TURTLE: &str = "text/turtle";

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/catalog", get(by_accept))
        .route("/catalog.jsonld", get(as_json))
        .route("/catalog.ttl", get(as_turtle))
}

async fn by_accept(
    State(app): State<App>,
    asker: Asker,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let graph = graph(&app, &asker, &headers);
    let accept = headers.get(header::ACCEPT);
    let accept = accept.and_then(|accept| accept.to_str().ok());
    let mut answer = match wanted(accept.unwrap_or("*/*")) {
        Some(TURTLE) => turtle(&graph),
        Some(_) => json(&graph),
        None => {
            let message = format!("the catalogue is to be had as {JSON_LD} and as {TURTLE}");
            return Err(Problem::new(StatusCode::NOT_ACCEPTABLE, message));
        }
    };
    let vary = header::HeaderValue::from_static("accept");
    answer.headers_mut().insert(header::VARY, vary);
    Ok(answer)
}

async fn as_json(State(app): State<App>, asker: Asker, headers: HeaderMap) -> Response {
    json(&graph(&app, &asker, &headers))
}

async fn as_turtle(State(app): State<App>, asker: Asker, headers: HeaderMap) -> Response {
    turtle(&graph(&app, &asker, &headers))
}

fn graph(app: &App, asker: &Asker, headers: &HeaderMap) -> Graph {
    let face = app.picture(asker).face;
    let pasts = app.board(|board| {
        let pasts = face.zones.iter().flat_map(|zone| board.pasts(zone));
        pasts.map(|past| (past.start, past.end)).collect::<Vec<_>>()
    });
    let span = pasts
        .into_iter()
        .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
    catalogue::of(Asked {
        face: &face,
        base: &address(&face, headers),
        span,
    })
}

fn json(graph: &Graph) -> Response {
    ([(header::CONTENT_TYPE, JSON_LD)], Json(graph.json())).into_response()
}

fn turtle(graph: &Graph) -> Response {
    let kind = [(header::CONTENT_TYPE, "text/turtle; charset=utf-8")];
    (kind, graph.turtle()).into_response()
}

/// The form that `accept` likes best; of those that it likes alike, JSON-LD.
fn wanted(accept: &str) -> Option<&'static str> {
    let liking = |form: &str, also: &[&str]| {
        let ranges = accept.split(',').filter_map(|range| {
            let mut parts = range.split(';').map(str::trim);
            let name = parts.next()?.to_ascii_lowercase();
            let fits = name == form || also.contains(&name.as_str());
            let weight = parts.find_map(|part| part.strip_prefix("q=")?.parse().ok());
            // A range that names it counts before one that takes anything.
            let weight: f32 = weight.unwrap_or(1.0);
            fits.then_some((name == form, (weight * 1000.0) as i32))
        });
        let best = ranges.max_by_key(|(named, weight)| (*named, *weight));
        best.map_or(0, |(_, weight)| weight)
    };
    let json = liking(JSON_LD, &["application/json", "application/*", "*/*"]);
    let turtle = liking(TURTLE, &["text/*", "*/*"]);
    match (json, turtle) {
        (0, 0) => None,
        (json, turtle) if turtle > json => Some(TURTLE),
        _ => Some(JSON_LD),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_gets_the_form_that_is_liked_best() {
        for (accept, form) in [
            ("*/*", Some(JSON_LD)),
            ("text/turtle", Some(TURTLE)),
            ("application/ld+json, text/turtle;q=0.5", Some(JSON_LD)),
            ("application/ld+json;q=0.2, text/turtle;q=0.5", Some(TURTLE)),
            ("text/turtle;q=0, */*", Some(JSON_LD)),
            ("text/html, application/xhtml+xml, */*;q=0.8", Some(JSON_LD)),
            ("application/json", Some(JSON_LD)),
            ("image/png", None),
            ("", None),
        ] {
            assert_eq!(wanted(accept), form, "{accept}");
        }
    }
}
