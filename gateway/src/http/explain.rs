//! Why an alert stands, as JSON, and for the pages that show it.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::Deserialize;
use wire::NodeId;

use super::App;
use super::alert::story;
use super::api::Problem;
use crate::access::{Areas, Asker};
use crate::board::AlertStory;
use crate::explain::Why;
use crate::language::{Said, said};

/// Which revision; by default the latest.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    pub(super) revision: Option<u32>,
}

pub(super) async fn json(
    State(app): State<App>,
    asker: Asker,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Json<Why>, Problem> {
    let story = story(&app, &asker, &id).await?;
    why(&app, &asker, &story, asked.revision).await.map(Json)
}

/// Why a revision was said; by default the latest.
pub(super) async fn why(
    app: &App,
    asker: &Asker,
    story: &AlertStory,
    revision: Option<u32>,
) -> Result<Why, Problem> {
    let revisions = story.revisions().iter();
    let mut asked_for = revisions.filter(|r| revision.is_none_or(|n| n == r.revision));
    let revision = asked_for.next_back().cloned();
    let revision = revision.ok_or_else(|| {
        let message = said("the alert has no such revision", "该警报没有此版本");
        Problem::new(StatusCode::NOT_FOUND, message)
    })?;
    let (face, verdicts) = app.board(|board| (board.face().clone(), board.verdicts()));
    let unavailable = |message: Said| Problem::new(StatusCode::SERVICE_UNAVAILABLE, message);
    let explainer = app.state.explainer.clone();
    let explainer = explainer
        .ok_or_else(|| unavailable(said("there is no journal to read", "没有可读取的日志")))?;
    // It reads the disk and tries many times: not here.
    let work = tokio::task::spawn_blocking(move || {
        explainer.why(&revision, &face.calendar, face.floor, verdicts)
    });
    match work.await {
        Ok(Ok(why)) => Ok(within(why, app, asker)),
        Ok(Err(error)) => Err(unavailable(error.to_string().into())),
        Err(_) => Err(unavailable(said(
            "the search for an explanation failed",
            "查找依据失败",
        ))),
    }
}

/// Without what nodes elsewhere said: traffic between two zones rests on both.
fn within(mut why: Why, app: &App, asker: &Asker) -> Why {
    if asker.areas == Areas::All {
        return why;
    }
    let face = app.picture(asker).face;
    let is_own = |id: &NodeId| face.nodes.iter().any(|node| node.id == *id);
    let before = (why.nodes.len(), why.readings.len());
    why.nodes.retain(is_own);
    why.readings.retain(|reading| is_own(&reading.node));
    if before != (why.nodes.len(), why.readings.len()) {
        why.minimal = false;
        why.incomplete = Some("readings of other parts of the city are left out");
    }
    why
}
