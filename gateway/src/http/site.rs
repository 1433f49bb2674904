//! The operations page and its two files.

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use wire::NodeId;

use super::App;
use super::actions::nodes;
use super::compressed::{accepts_gzip, gzip};
use super::shared::{Chosen, Question};
use crate::page::zones::Sought as SoughtZones;
use crate::page::{self, Filter, Reader, Selection, View};

const STYLE: &str = concat!(
    include_str!("../../../dashboards/page.css"),
    include_str!("../../../dashboards/zone.css"),
    include_str!("../../../dashboards/account.css"),
    include_str!("../../../dashboards/alert.css"),
);
const SCRIPT: &str = include_str!("../../../dashboards/page.js");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
const ICON: &str = include_str!("../../../dashboards/icon.svg");

pub(super) async fn page(
    State(app): State<App>,
    reader: Reader,
    Query(chosen): Query<Chosen>,
) -> Response {
    html(live(&app, reader, &chosen, page::whole))
}

/// What changes on the page, for the script to put in its place; with the reader's mark, by which it sees that somebody
/// else reads now.
pub(super) async fn fragment(
    State(app): State<App>,
    reader: Reader,
    headers: HeaderMap,
    Query(chosen): Query<Chosen>,
) -> Response {
    let question = Question::of(&reader, chosen, accepts_gzip(&headers));
    let version = app.board(|board| board.version());
    let draw = || {
        let drawn = live(&app, question.reader(), &question.chosen, page::live).into_string();
        match question.packed {
            true => gzip(drawn.as_bytes()).into(),
            false => drawn.into(),
        }
    };
    let drawn = app.drawings.of(version, question.clone(), draw).await;
    let mut response = drawn.into_response();
    let fields = response.headers_mut();
    fields.insert(header::CONTENT_TYPE, HTML);
    if question.packed {
        fields.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    // Sixteen digits.
    if let Ok(mark) = HeaderValue::from_str(&reader.mark()) {
        fields.insert("citysense-reader", mark);
    }
    response
}

/// All alerts that are not forgotten yet.
pub(super) async fn alerts(
    State(app): State<App>,
    reader: Reader,
    Query(filter): Query<Filter>,
) -> Response {
    html(page::alerts::whole(&app.view(reader), &filter))
}

pub(super) async fn zones(
    State(app): State<App>,
    reader: Reader,
    Query(sought): Query<SoughtZones>,
) -> Response {
    html(page::zones::whole(&app.view(reader), &sought))
}

/// What the reader just did, by a form that led back here.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Did {
    pub(super) said: Option<String>,
}

pub(super) async fn node(
    State(app): State<App>,
    reader: Reader,
    Path(id): Path<String>,
    Query(did): Query<Did>,
) -> Response {
    let mut view = app.view(reader);
    view.said = did.said;
    let picture = &view.picture;
    let mut nodes = picture.nodes.iter();
    match nodes.find(|node| picture.node_face(node).id.as_str() == id) {
        Some(node) => html(page::node::whole(&view, node)),
        None => no_node(&view, &id),
    }
}

pub(super) async fn silences(State(app): State<App>, reader: Reader) -> Response {
    html(page::silences::whole(&app.view(reader)))
}

/// Which node somebody looks for.
#[derive(Debug, Deserialize)]
pub(super) struct Sought {
    id: String,
}

/// Leads to the node's page.
pub(super) async fn find_node(
    State(app): State<App>,
    reader: Reader,
    Query(sought): Query<Sought>,
) -> Response {
    match sought.id.trim().parse::<NodeId>() {
        Ok(id) => Redirect::to(&format!("/node/{id}")).into_response(),
        Err(_) => no_node(&app.view(reader), &sought.id),
    }
}

fn no_node(view: &View, id: &str) -> Response {
    let picture = &view.picture;
    let known = picture.face.nodes.iter().map(|node| node.id.as_str());
    let why = nodes::no_node(id, known);
    let page = page::forms::refused(view, why.to(view.language()), "/");
    (StatusCode::NOT_FOUND, html(page)).into_response()
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
fn live(
    app: &App,
    reader: Reader,
    chosen: &Chosen,
    draw: fn(&page::Scene) -> maud::Markup,
) -> maud::Markup {
    let view = app.view(reader);
    let picture = &view.picture;
    let selection = Selection::find(picture, &chosen.zone, &chosen.value);
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
        view,
        selection,
        points: points.unwrap_or_default(),
        filter: chosen.filter.clone(),
        played: None,
    })
}

pub(super) fn html(markup: maud::Markup) -> Response {
    let kind = [(header::CONTENT_TYPE, HTML)];
    (kind, markup.into_string()).into_response()
}
