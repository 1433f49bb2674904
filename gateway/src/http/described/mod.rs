//! The whole API described in OpenAPI 3.1: `/api/openapi.json`.
//!
//! Types that are answered and taken derive their schema where they stand; what is made by other crates is in
//! [`shapes`]. Each route has a function without a body here: [`reading`] those that tell, [`acting`] those that do. A
//! test holds them beside the router: a route that is missing here, or gone there, fails it.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use utoipa::openapi::{ContentBuilder, Ref, RefOr, ResponseBuilder};
use utoipa::{Modify, OpenApi};

use super::App;
use super::api::Problem;

mod acting;
mod reading;
pub(super) mod shapes;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;

/// Paths that programs ask; the others are pages for people.
pub(super) const FOR_PROGRAMS: [&str; 8] = [
    "/api",
    "/sensorthings",
    "/export",
    "/catalog",
    "/healthz",
    "/readyz",
    "/metrics",
    "/cap.atom",
];
/// Longest explanation of a refusal that is turned into JSON.
const REFUSAL_LEN_MAX: usize = 4_096;

/// Everything that is described; a new route is added to the list of its file's functions here.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "citysense",
        description = "City sensing that stays true: what zones measure, which alerts stand, and what people do about them. \
            Times are RFC 3339 in UTC. A `null` figure about people is withheld: it is more than nothing and less than `under`.",
    ),
    paths(
        reading::zones,
        reading::nodes,
        reading::rules,
        reading::footprints,
        reading::alerts,
        reading::alert,
        reading::alert_cap,
        reading::alert_explain,
        reading::compare,
        reading::incidents,
        reading::silences,
        reading::audit,
        reading::stream,
        reading::openapi,
        reading::cap_feed,
        reading::metrics,
        reading::healthz,
        reading::readyz,
        reading::sensorthings,
        reading::sensorthings_root,
        reading::sensorthings_root_too,
        reading::sensorthings_resource,
        reading::export_zones,
        reading::export_alerts,
        reading::export_zones_description,
        reading::export_alerts_description,
        reading::catalog,
        reading::catalog_jsonld,
        reading::catalog_turtle,
        acting::acknowledge,
        acting::comment,
        acting::assign,
        acting::settle,
        acting::silence,
        acting::silence_end,
        acting::quarantine,
        acting::release,
    ),
    components(schemas(shapes::Problem)),
    modifiers(&Refusals),
)]
struct Description;

/// Every operation may be refused, with a word why.
struct Refusals;

impl Modify for Refusals {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let schema = Ref::from_schema_name("Problem");
        let refusal = ResponseBuilder::new()
            .description("Refused, or not to be had: what was wrong with the question, in words")
            .content(
                "application/json",
                ContentBuilder::new().schema(Some(schema)).build(),
            )
            .build();
        for item in openapi.paths.paths.values_mut() {
            let operations = [
                &mut item.get,
                &mut item.post,
                &mut item.put,
                &mut item.delete,
            ];
            for operation in operations.into_iter().flatten() {
                let responses = &mut operation.responses.responses;
                let default = "default".to_owned();
                responses
                    .entry(default)
                    .or_insert_with(|| RefOr::T(refusal.clone()));
            }
        }
    }
}

pub(super) fn routes() -> Router<App> {
    Router::new().route("/api/openapi.json", get(openapi))
}

async fn openapi() -> Response {
    let mut response = Json(Description::openapi()).into_response();
    let kind = HeaderValue::from_static("application/vnd.oai.openapi+json;version=3.1");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

/// Refusals that the framework says in plain text, such as that of a path that is no text, become JSON for programs.
pub(super) async fn in_json(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_program = FOR_PROGRAMS.iter().any(|start| path.starts_with(start));
    let response = next.run(request).await;
    let is_plain = match response.headers().get(CONTENT_TYPE) {
        None => response.status() == StatusCode::METHOD_NOT_ALLOWED,
        Some(kind) => kind.as_bytes().starts_with(b"text/plain"),
    };
    if !is_program || !response.status().is_client_error() || !is_plain {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let said = to_bytes(body, REFUSAL_LEN_MAX).await.unwrap_or_default();
    let said = String::from_utf8_lossy(&said).trim().to_owned();
    let said = match said.is_empty() {
        true => "this method is not known here".to_owned(),
        false => said,
    };
    let problem = Problem::new(parts.status, said).into_response();
    parts.headers.remove(CONTENT_LENGTH);
    let (own, body): (_, Body) = problem.into_parts();
    parts.headers.extend(own.headers);
    Response::from_parts(parts, body)
}
