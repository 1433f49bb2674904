//! The operations page and its two files.

use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::App;
use super::api::Problem;
use crate::page::{self, Selection};

const STYLE: &str = include_str!("../../../dashboards/page.css");
const SCRIPT: &str = include_str!("../../../dashboards/page.js");
const ICON: &str = include_str!("../../../dashboards/icon.svg");

/// Which zone and value the reader looks at; what does not exist falls back to the first that does.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Chosen {
    #[serde(default)]
    zone: String,
    #[serde(default)]
    value: String,
}

pub(super) async fn page(State(app): State<App>, Query(chosen): Query<Chosen>) -> Response {
    html(live(&app, &chosen, page::whole))
}

/// What changes on the page, for the script to put in its place.
pub(super) async fn fragment(State(app): State<App>, Query(chosen): Query<Chosen>) -> Response {
    html(live(&app, &chosen, page::live))
}

pub(super) async fn alert(
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let id = id.parse().map_err(|_| Problem::bad_id())?;
    let picture = app.picture();
    let story = app
        .board(|board| board.alert(id, picture.now).cloned())
        .ok_or_else(Problem::no_alert)?;
    let trouble = super::not_ready(&picture, app.state.clock.as_ref());
    let page = page::alert::whole(&picture, &story, trouble.as_deref());
    Ok(html(page))
}

pub(super) async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE).into_response()
}

pub(super) async fn script() -> Response {
    let kind = [(header::CONTENT_TYPE, "text/javascript; charset=utf-8")];
    (kind, SCRIPT).into_response()
}

pub(super) async fn icon() -> Response {
    ([(header::CONTENT_TYPE, "image/svg+xml")], ICON).into_response()
}

/// Draws under no lock: picture and chart are taken first.
fn live(app: &App, chosen: &Chosen, draw: fn(&page::Scene) -> maud::Markup) -> maud::Markup {
    let picture = app.picture();
    let selection = Selection::find(&picture, &chosen.zone, &chosen.value);
    let points = match &selection {
        Some(selection) => app.board(|board| {
            let zone = picture.face.zones[selection.place].ix;
            board
                .series(zone, selection.value?)
                .map(|series| series.points().copied().collect())
        }),
        None => None,
    };
    draw(&page::Scene {
        trouble: super::not_ready(&picture, app.state.clock.as_ref()),
        picture,
        selection,
        points: points.unwrap_or_default(),
    })
}

fn html(markup: maud::Markup) -> Response {
    let kind = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
    (kind, markup.into_string()).into_response()
}
