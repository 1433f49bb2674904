//! Silences in force and open incidents, for programs.

use axum::extract::State;
use axum::response::IntoResponse;
use pipeline::calendar::rfc3339;
use pipeline::incident::Incident;
use pipeline::output::Silence;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::App;
use super::actions::answers::scope;
use super::api::List;
use super::described::shapes;
use crate::access::Asker;

#[derive(Serialize, ToSchema)]
pub(super) struct Silences {
    #[schema(value_type = Vec<shapes::Silence>)]
    silences: Vec<Value>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Incidents<'a> {
    #[schema(value_type = Vec<shapes::Incident>)]
    incidents: Vec<&'a Incident>,
}

/// As the journal has them, a scope without zone, kind or rule being about all of them.
pub(super) async fn silences(State(app): State<App>, asker: Asker) -> impl IntoResponse {
    let picture = app.picture(&asker);
    let silence = |silence: &Silence| {
        let mut said = json!({
            "since": rfc3339(silence.since),
            "until": rfc3339(silence.until),
            "by": silence.by,
            "text": silence.text,
        });
        scope(&mut said, silence.scope, &picture.face);
        said
    };
    let silences = picture.desk.silences().iter().map(silence).collect();
    List::of(&picture, Silences { silences }).into_response()
}

pub(super) async fn incidents(State(app): State<App>, asker: Asker) -> impl IntoResponse {
    let picture = app.picture(&asker);
    let incidents = picture.desk.incidents().collect();
    List::of(&picture, Incidents { incidents }).into_response()
}
