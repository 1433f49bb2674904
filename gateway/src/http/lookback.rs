//! Pages that look back and sideways: what was known or true at a moment, what rules in shadow would change, incidents.

use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use pipeline::calendar::{DAY, Millis, SECOND};
use serde::Deserialize;

use super::App;
use super::api::Problem;
use super::compare::{Stretch, differences_of};
use super::forms::local;
use super::history::read;
use super::site::html;
use crate::history::{self, Question};
use crate::language::said;
use crate::page::{self, Reader};

/// Most alerts that a page lists; the API has more.
const LISTED_MAX: usize = 200;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/history", get(history))
        .route("/compare", get(compare))
        .route("/incidents", get(incidents))
}

/// Two clocks, as a form sends them: an empty one is not asked.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Clocks {
    known_at: String,
    true_at: String,
}

async fn history(State(app): State<App>, reader: Reader, Query(clocks): Query<Clocks>) -> Response {
    let asked = async {
        let question = Question {
            known_at: moment(&app, "known_at", &clocks.known_at)?,
            true_at: moment(&app, "true_at", &clocks.true_at)?,
        };
        if question == Question::default() {
            return Ok((question, None));
        }
        let face = app.board(|board| board.face().clone());
        let frontier = app.board(|board| board.health().frontier);
        let answer = read(&app, move |kept| {
            history::answer(kept, &face, question, frontier, usize::MAX)
        });
        Ok((question, Some(answer.await?)))
    };
    let asked: Result<_, Problem> = asked.await;
    let view = app.view(reader);
    match asked {
        Ok((question, answer)) => {
            let areas = &view.reader.asker.areas;
            let told = answer.map(|answer| {
                let alerts = answer.alerts.into_iter();
                alerts.filter(|r| areas.contains(r.zone)).collect()
            });
            html(page::history::whole(&view, question, told, LISTED_MAX))
        }
        Err(problem) => {
            let (status, message) = problem.parts();
            let told = message.to(view.language());
            (status, html(page::history::unanswered(&view, told))).into_response()
        }
    }
}

/// The stretch as a form sends it, on the city's clocks.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Times {
    from: String,
    to: String,
}

async fn compare(State(app): State<App>, reader: Reader, Query(times): Query<Times>) -> Response {
    let asked = async {
        let from = moment(&app, "from", &times.from)?;
        let to = moment(&app, "to", &times.to)?;
        let (from, to) = match (from, to) {
            (None, None) => match day(&app).await? {
                Some(day) => day,
                None => return Ok(None),
            },
            (Some(from), Some(to)) => (from, to),
            _ => {
                let message = said(
                    "say both, from when and to when",
                    "请同时填写开始与结束时间",
                );
                return Err(Problem::new(StatusCode::BAD_REQUEST, message));
            }
        };
        let found = differences_of(&app, &reader.asker, &Stretch::between(from, to)).await?;
        Ok(Some(((from, to), found)))
    };
    let asked: Result<_, Problem> = asked.await;
    let view = app.view(reader);
    match asked {
        Ok(found) => html(page::compare::whole(&view, found, LISTED_MAX)),
        Err(problem) => {
            let (status, message) = problem.parts();
            let told = message.to(view.language());
            (status, html(page::compare::unanswered(&view, told))).into_response()
        }
    }
}

/// What is looked at where nobody says a stretch: the last day, as far as it is known and kept. Nothing without a history.
async fn day(app: &App) -> Result<Option<(Millis, Millis)>, Problem> {
    if app.state.archive.is_none() {
        return Ok(None);
    }
    let (face, frontier) = app.board(|board| (board.face().clone(), board.health().frontier));
    let begins = read(app, move |kept| Ok(history::begins(kept, &face))).await?;
    let to = (frontier as Millis).div_euclid(SECOND) * SECOND;
    let from = (to - DAY).max(begins as Millis);
    Ok((from < to).then_some((from, to)))
}

async fn incidents(State(app): State<App>, reader: Reader) -> Response {
    html(page::incidents::whole(&app.view(reader)))
}

/// A moment as the page's forms and the API write it; nothing where nothing was written.
fn moment(app: &App, name: &str, text: &str) -> Result<Option<Millis>, Problem> {
    match text.trim() {
        "" => Ok(None),
        text => local(app, name, text).map(Some),
    }
}
