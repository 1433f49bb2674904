//! SensorThings over HTTP: a question's address to [`crate::sensorthings`] and its answer back.

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Json, Router};
use tokio::sync::Semaphore;

use super::address;
use crate::access::Asker;
use crate::http::App;
use crate::http::api::Problem;
use crate::sensorthings::{self, Answer, Data, ROOT, Wrong};

/// Questions that are worked out at a time; each costs a bounded amount of work, the others wait for it.
static AT_ONCE: Semaphore = Semaphore::const_new(2);

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/sensorthings", get(async || Redirect::permanent(ROOT)))
        .route("/sensorthings/v1.1", get(root))
        .route("/sensorthings/v1.1/", get(root))
        .route("/sensorthings/v1.1/{*path}", get(resource))
}

type Pairs = Vec<(String, String)>;

async fn root(
    state: State<App>,
    asker: Asker,
    headers: HeaderMap,
    query: Query<Pairs>,
) -> Result<Response, Problem> {
    resource(state, asker, headers, Path(String::new()), query).await
}

async fn resource(
    State(app): State<App>,
    asker: Asker,
    headers: HeaderMap,
    Path(path): Path<String>,
    Query(pairs): Query<Pairs>,
) -> Result<Response, Problem> {
    let broken = || {
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "the question was not answered",
        )
    };
    let _place = AT_ONCE.acquire().await.map_err(|_| broken())?;
    // Filters cost processor time: not on a thread that serves others.
    let work = tokio::task::spawn_blocking(move || answer(&app, &asker, &headers, &path, &pairs));
    match work.await.map_err(|_| broken())? {
        Ok(Answer::Json(json)) => Ok(Json(json).into_response()),
        Ok(Answer::Text(text)) => {
            let kind = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
            Ok((kind, text).into_response())
        }
        Ok(Answer::Nothing) => Ok(StatusCode::NO_CONTENT.into_response()),
        Err(Wrong::Absent(message)) => Err(Problem::new(StatusCode::NOT_FOUND, message)),
        Err(Wrong::Question(message)) => Err(Problem::new(StatusCode::BAD_REQUEST, message)),
    }
}

fn answer(
    app: &App,
    asker: &Asker,
    headers: &HeaderMap,
    path: &str,
    pairs: &Pairs,
) -> Result<Answer, Wrong> {
    let picture = app.picture(asker);
    let (face, now) = (picture.face.clone(), picture.now);
    let base = format!("{}{ROOT}", address(&face, headers));
    let pasts = app.board(|board| face.zones.iter().map(|zone| board.pasts(zone)).collect());
    let fetch = |zone: &crate::board::ZoneFace, value| {
        app.board(|board| board.past(&face, zone, value, now))
    };
    let data = Data::new(now, face.clone(), pasts, &fetch);
    sensorthings::answer(&data, &base, path, pairs)
}
