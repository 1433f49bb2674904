//! Why an alert stands: for programs as JSON, for people as a page.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse};
use pipeline::alert::AlertId;
use serde::Deserialize;

use super::App;
use super::api::Problem;
use crate::explain::Why;
use crate::page;
use crate::page::Reader;

/// Which revision; by default the latest.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    revision: Option<u32>,
}

pub(super) async fn json(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Json<Why>, Problem> {
    why(&app, &id, asked).await.map(Json)
}

pub(super) async fn page_of(
    State(app): State<App>,
    reader: Reader,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<impl IntoResponse, Problem> {
    let why = why(&app, &id, asked).await?;
    Ok(Html(
        page::why::whole(&app.view(reader), &why).into_string(),
    ))
}

async fn why(app: &App, id: &str, asked: Asked) -> Result<Why, Problem> {
    let id: AlertId = id.parse().map_err(|_| Problem::bad_id())?;
    let now = app.state.clock.now();
    let known = app.board(|board| {
        let story = board.alert(id, now)?;
        let revisions = story.revisions().iter();
        let mut asked_for = revisions.filter(|r| asked.revision.is_none_or(|n| n == r.revision));
        let revision = asked_for.next_back().cloned();
        Some((revision, board.face().clone(), board.verdicts()))
    });
    let (revision, face, verdicts) = known.ok_or_else(Problem::no_alert)?;
    let revision = revision
        .ok_or_else(|| Problem::new(StatusCode::NOT_FOUND, "the alert has no such revision"))?;
    let unavailable = |message: &str| Problem::new(StatusCode::SERVICE_UNAVAILABLE, message);
    let explainer = app.state.explainer.clone();
    let explainer = explainer.ok_or_else(|| unavailable("there is no journal to read"))?;
    // It reads the disk and tries many times: not here.
    let work = tokio::task::spawn_blocking(move || {
        explainer.why(&revision, &face.calendar, face.floor, verdicts)
    });
    match work.await {
        Ok(Ok(why)) => Ok(why),
        Ok(Err(error)) => Err(unavailable(&error.to_string())),
        Err(_) => Err(unavailable("the search for an explanation failed")),
    }
}
