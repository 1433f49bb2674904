//! The page of one alert: from the board while it is there, then from the history as long as that is kept.

use std::time::Duration;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use maud::Markup;
use pipeline::alert::AlertId;
use serde::Deserialize;
use tokio::time::timeout;

use super::App;
use super::api::Problem;
use super::explain::{self, Asked};
use super::history::read;
use super::site::{Did, html};
use crate::access::Asker;
use crate::board::AlertStory;
use crate::board::series::Point;
use crate::explain::Why;
use crate::history;
use crate::page::{self, Reader, View};

/// The page waits no longer for its explanation: whoever has to act must see the rest.
const EXPLAIN_MAX: Duration = Duration::from_secs(2);

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/alert/{id}", get(whole))
        .route("/alert/{id}/live", get(live))
        .route("/alert/{id}/why", get(why))
}

/// An alert with its history, if the asker may see it: from the board or, once it left it, from the disk.
pub(super) async fn story(app: &App, asker: &Asker, id: &str) -> Result<AlertStory, Problem> {
    Ok(found(app, asker, id).await?.0)
}

/// The same, and whether it has left the board.
async fn found(app: &App, asker: &Asker, id: &str) -> Result<(AlertStory, bool), Problem> {
    let id: AlertId = id.parse().map_err(|_| Problem::bad_id())?;
    if let Some(story) = app.alert(asker, id) {
        return Ok((story, false));
    }
    if app.state.archive.is_none() {
        return Err(Problem::no_alert());
    }
    let story = read(app, move |history| Ok(history::story(history, id)?)).await?;
    let story = story.and_then(|story| AlertStory::archived(story.revisions, story.dropped));
    let story = story.filter(|story| asker.areas.contains(story.latest().zone));
    Ok((story.ok_or_else(Problem::no_alert)?, true))
}

async fn whole(
    State(app): State<App>,
    reader: Reader,
    Path(id): Path<String>,
    Query(did): Query<Did>,
) -> Response {
    let (story, archived) = match found(&app, &reader.asker, &id).await {
        Ok(found) => found,
        Err(problem) => return refused(&app.view(reader), problem),
    };
    let why = explained(&app, &reader, &story).await;
    let mut view = app.view(reader);
    view.said = did.said;
    let points = points(&app, &story);
    let sheet = page::alert::Sheet {
        story,
        archived,
        points,
        why,
    };
    html(page::alert::whole(&view, &sheet))
}

/// Which revision the page explains.
#[derive(Deserialize)]
struct Explained {
    explained: Option<u32>,
}

/// What changes on the page, for the script to put in its place.
async fn live(
    State(app): State<App>,
    reader: Reader,
    Path(id): Path<String>,
    Query(Explained { explained }): Query<Explained>,
) -> Response {
    let (story, archived) = match found(&app, &reader.asker, &id).await {
        Ok(found) => found,
        Err(problem) => return refused(&app.view(reader), problem),
    };
    let points = points(&app, &story);
    let sheet = page::alert::Sheet {
        story,
        archived,
        points,
        why: Err(String::new()),
    };
    html(page::alert::live(&app.view(reader), &sheet, explained))
}

async fn why(
    State(app): State<App>,
    reader: Reader,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Response {
    let why = async {
        let story = story(&app, &reader.asker, &id).await?;
        let why = explain::why(&app, &reader.asker, &story, asked.revision).await?;
        Ok((why, story))
    };
    match why.await {
        Ok((why, story)) => html(page::why::whole(&app.view(reader), &why, &story)),
        Err(problem) => refused(&app.view(reader), problem),
    }
}

/// The explanation of the latest revision, or why there is none.
async fn explained(app: &App, reader: &Reader, story: &AlertStory) -> Result<Why, String> {
    let l = reader.language;
    if app.state.explainer.is_none() {
        let missing = l.say(
            "There is no journal to read.",
            "没有可读取的日志，无法说明。",
        );
        return Err(missing.to_owned());
    }
    match timeout(EXPLAIN_MAX, explain::why(app, &reader.asker, story, None)).await {
        Ok(why) => why.map_err(|problem| {
            let (_, message) = problem.parts();
            let message = message.to(l);
            l.say(
                format!("There is no explanation now: {message}."),
                format!("暂时无法说明：{message}"),
            )
        }),
        Err(_) => Err(l
            .say(
                "The search takes longer than this page waits; the explanation has a page of its own.",
                "查找耗时较长，请打开单独的说明页面。",
            )
            .to_owned()),
    }
}

/// Panes of what the alert's rule looks at.
fn points(app: &App, story: &AlertStory) -> Vec<Point> {
    let latest = story.latest();
    let points = app.board(|board| {
        let face = board.face();
        let zone = face.zones.iter().find(|zone| zone.id == latest.zone)?;
        let series = board.series(zone.ix, face.rule(latest.rule)?.value)?;
        Some(series.points().copied().collect())
    });
    points.unwrap_or_default()
}

fn refused(view: &View, problem: Problem) -> Response {
    let (status, message) = problem.parts();
    let page: Markup = page::alert::missing::whole(view, message.to(view.language()));
    (status, html(page)).into_response()
}
