//! The list of nodes.

use axum::Router;
use axum::extract::{Query, State};
use axum::response::Html;
use axum::routing::get;
use serde::Deserialize;

use super::App;
use crate::page::Reader;
use crate::page::fleet::{Sort, State as NodeState, Wanted, whole};

pub(super) fn routes() -> Router<App> {
    Router::new().route("/nodes", get(nodes))
}

/// Which nodes, as it was written; what does not exist falls back to what is usual.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    zone: String,
    state: String,
    words: String,
    sort: String,
    page: String,
}

async fn nodes(State(app): State<App>, reader: Reader, Query(asked): Query<Asked>) -> Html<String> {
    let wanted = Wanted {
        zone: asked.zone,
        state: NodeState::from_name(&asked.state),
        words: asked.words.trim().to_owned(),
        sort: Sort::from_name(&asked.sort),
        page: asked.page.parse().unwrap_or(1),
    };
    Html(whole(&app.view(reader), &wanted).into_string())
}
