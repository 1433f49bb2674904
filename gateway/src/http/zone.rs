//! The page of one zone.

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;

use super::{App, day};
use crate::config::nearest_in;
use crate::page::zone::{Range, ZoneScene, whole};
use crate::page::{self, Reader};

pub(super) fn routes() -> Router<App> {
    Router::new().route("/zone/{id}", get(zone))
}

/// Which value the reader looks at, and how far back; what does not exist falls back to what is usual.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Chosen {
    value: String,
    range: String,
}

async fn zone(
    State(app): State<App>,
    reader: Reader,
    Path(id): Path<String>,
    Query(chosen): Query<Chosen>,
) -> Response {
    let day = app.last_day().await;
    let view = app.view(reader);
    let (l, picture) = (view.language(), &view.picture);
    let zones = &picture.face.zones;
    let Some(place) = zones.iter().position(|zone| zone.id.as_str() == id) else {
        let hint = nearest_in(l, &id, zones.iter().map(|zone| zone.id.as_str()));
        let why = l.say(
            format!("The city has no zone {id:?}{hint}."),
            format!("城市中没有区域 {id:?}{hint}。"),
        );
        let back = ("/", l.say("← Overview", "← 总览"));
        let page = page::absent::whole(&view, &why, back).into_string();
        return (StatusCode::NOT_FOUND, Html(page)).into_response();
    };
    let (now, zone) = (picture.now, &zones[place]);
    let (told, untold) = match day {
        Ok(told) => (told, None),
        Err(why) => (Default::default(), Some(why)),
    };
    let mut scene = ZoneScene {
        place,
        range: Range::from_name(&chosen.range),
        value: None,
        histories: app.board(|board| board.histories(zone.ix, now)),
        told: day::of_zone(picture, zone.id, &told),
        untold,
        view,
    };
    scene.value = scene.choose(&chosen.value);
    Html(whole(&scene).into_string()).into_response()
}
