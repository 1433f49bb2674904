//! Alerts over HTTP: those that stand, and what was known or true at any moment that is kept.
//!
//! Whatever touches the disk is done on a thread that serves nobody else, and no answer is longer than its `limit`.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use pipeline::alert::AlertId;
use pipeline::calendar::{Millis, rfc3339};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::App;
use super::api::{List, Problem};
use super::described::shapes;
use crate::access::Asker;
use crate::board::Face;
use crate::history::{self, Answer, Archive, LIMIT_DEFAULT, LIMIT_MAX, Question, Unanswered};
use crate::journal::Alerts;
use crate::language::{Said, said};
use crate::publish::Public;

/// Which clocks are asked, and how many alerts the answer may have; all as they were written.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    known_at: Option<String>,
    true_at: Option<String>,
    limit: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Listed<'a> {
    /// The clocks that were asked, as they were understood.
    #[serde(skip_serializing_if = "Option::is_none")]
    known_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    true_at: Option<String>,
    #[schema(value_type = Vec<shapes::Alert>)]
    alerts: Vec<Public<'a>>,
    /// Alerts that found no place in the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    cut: Option<usize>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Story<'a> {
    #[schema(value_type = shapes::Alert)]
    alert: Public<'a>,
    /// From the first revision; `dropped` ones are missing in the middle.
    #[schema(value_type = Vec<shapes::Alert>)]
    history: Vec<Public<'a>>,
    dropped: u64,
}

/// Without a question the live list.
pub(super) async fn alerts(
    State(app): State<App>,
    asker: Asker,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let question = Question {
        known_at: moment("known_at", asked.known_at)?,
        true_at: moment("true_at", asked.true_at)?,
    };
    let limit = limit(asked.limit)?;
    let picture = app.picture(&asker);
    if question == Question::default() {
        let live = picture.alerts.iter().take(limit.unwrap_or(usize::MAX));
        let alerts: Vec<_> = live
            .map(|alert| Public::of(&alert.latest, &picture.face))
            .collect();
        let listed = Listed::of(question, alerts, picture.alerts.len());
        return Ok(List::of(&picture, listed).into_response());
    }
    let limit = limit.unwrap_or(LIMIT_DEFAULT);
    let face = picture.face.clone();
    let frontier = app.board(|board| board.health().frontier);
    let areas = asker.areas.clone();
    let answer = read(&app, move |history| {
        history::answer_within(history, &face, question, frontier, (&areas, limit))
    });
    let Answer { alerts, total } = answer.await?;
    let public = alerts.iter().map(|r| Public::of(r, &picture.face));
    let listed = Listed::of(question, public.collect(), total);
    Ok(List::of(&picture, listed).into_response())
}

/// One alert with its history, from the board or, once it left it, from the disk.
pub(super) async fn alert(
    State(app): State<App>,
    asker: Asker,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let id: AlertId = id.parse().map_err(|_| Problem::bad_id())?;
    let face = app.picture(&asker).face;
    if let Some(story) = app.alert(&asker, id)
        && let Some(story) = Story::of(story.revisions(), story.dropped, &face)
    {
        return Ok(Json(story).into_response());
    }
    if app.state.archive.is_none() {
        return Err(Problem::no_alert());
    }
    let story = read(&app, move |history| Ok(history::story(history, id)?)).await?;
    let is_own = |story: &&history::Story| {
        let mut revisions = story.revisions.iter();
        revisions.all(|revision| asker.areas.contains(revision.zone))
    };
    let story = story.as_ref().filter(is_own);
    let story = story.and_then(|story| Story::of(&story.revisions, story.dropped, &face));
    let story = story.ok_or_else(Problem::no_alert)?;
    Ok(Json(story).into_response())
}

impl<'a> Listed<'a> {
    fn of(question: Question, alerts: Vec<Public<'a>>, total: usize) -> Listed<'a> {
        let left_out = total - alerts.len();
        Listed {
            known_at: question.known_at.map(rfc3339),
            true_at: question.true_at.map(rfc3339),
            alerts,
            cut: (left_out > 0).then_some(left_out),
        }
    }
}

impl<'a> Story<'a> {
    fn of(
        revisions: &'a [pipeline::alert::Revision],
        dropped: u64,
        face: &Face,
    ) -> Option<Story<'a>> {
        let public = |revision| Public::of(revision, face);
        Some(Story {
            alert: public(revisions.last()?),
            history: revisions.iter().map(public).collect(),
            dropped,
        })
    }
}

/// Reads the history where nobody waits for the thread.
pub(super) async fn read<T: Send + 'static>(
    app: &App,
    work: impl FnOnce(&Alerts) -> Result<T, Unanswered> + Send + 'static,
) -> Result<T, Problem> {
    let unavailable = |message: Said| Problem::new(StatusCode::SERVICE_UNAVAILABLE, message);
    let archive: Archive = app
        .state
        .archive
        .clone()
        .ok_or_else(|| unavailable(said("there is no history to read", "没有可查询的历史")))?;
    let work = tokio::task::spawn_blocking(move || work(&archive.open()?));
    match work.await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(Unanswered::Read(error))) => Err(unavailable(error.to_string().into())),
        Ok(Err(wrong)) => Err(Problem::new(StatusCode::BAD_REQUEST, wrong.said())),
        Err(_) => Err(unavailable(said(
            "the search of the history failed",
            "历史查询失败",
        ))),
    }
}

pub(super) fn moment(name: &str, text: Option<String>) -> Result<Option<Millis>, Problem> {
    let Some(text) = text else { return Ok(None) };
    match history::moment(&text) {
        Ok(moment) => Ok(Some(moment)),
        Err(error) => {
            let message = format!("{name}: {error}");
            Err(Problem::new(StatusCode::BAD_REQUEST, message))
        }
    }
}

pub(super) fn limit(text: Option<String>) -> Result<Option<usize>, Problem> {
    let Some(text) = text else { return Ok(None) };
    match text.parse() {
        Ok(limit) if (1..=LIMIT_MAX).contains(&limit) => Ok(Some(limit)),
        _ => {
            let message = format!("limit must be a number from 1 to {LIMIT_MAX}, not `{text}`");
            Err(Problem::new(StatusCode::BAD_REQUEST, message))
        }
    }
}
