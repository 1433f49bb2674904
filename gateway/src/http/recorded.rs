//! What is asked to be done goes into the audit log, with who asked and what became of it, before anybody is answered.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::App;
use super::api::Problem;
use super::gate::Caller;
use crate::access::audit::{self, Entry};
use crate::access::{Asker, Role};

/// Most entries of one answer.
const LIMIT_MAX: usize = 10_000;
const LIMIT_DEFAULT: usize = 1_000;

/// What a handler says of its answer, for the log: the action as it was understood.
#[derive(Clone, Debug)]
pub(super) struct Did(pub(super) Value);

/// Who signed in or out, or tried to: the request itself came from nobody.
#[derive(Clone, Debug)]
pub(super) struct Named(pub(super) String, pub(super) Option<Role>);

/// Why a handler did nothing.
#[derive(Clone, Debug)]
pub(super) struct Refusal(pub(super) String);

pub(super) fn routes() -> Router<App> {
    Router::new().route("/api/v1/audit", get(entries))
}

/// Records what `response` is the answer to. What cannot be recorded is said to be so: nothing happens unseen.
pub(super) async fn record(
    app: &App,
    caller: Caller,
    asker: Option<&Asker>,
    what: String,
    response: Response,
) -> Response {
    let status = response.status();
    // The throttle counts; a log of each try would be a way to fill the disk.
    if status == StatusCode::TOO_MANY_REQUESTS {
        return response;
    }
    let extensions = response.extensions();
    let outcome = match extensions.get::<Refusal>() {
        Some(Refusal(why)) => format!("{}: {why}", status.as_u16()),
        None if status.is_client_error() || status.is_server_error() => status.as_u16().to_string(),
        None => "accepted".to_owned(),
    };
    let now = app.now();
    let mut entry = Entry::new(now, caller.address, what, outcome);
    if let Some(asker) = asker.filter(|asker| asker.name.is_some()) {
        entry.who.clone_from(&asker.name);
        asker.role.name().clone_into(&mut entry.role);
    }
    if let Some(Named(name, role)) = extensions.get() {
        // A name that was only typed is not somebody's.
        match role {
            Some(role) => {
                entry.who = Some(name.clone());
                role.name().clone_into(&mut entry.role);
            }
            None => entry.on = Some(serde_json::json!({ "name": name })),
        }
    }
    if let Some(Did(on)) = extensions.get() {
        entry.on = Some(on.clone());
    }
    let door = app.state.door.clone();
    let written = tokio::task::spawn_blocking(move || door.record(now, &entry)).await;
    match written {
        Ok(Ok(())) => response,
        Ok(Err(error)) => unrecorded(&error.to_string()),
        Err(_) => unrecorded("it ended in a bug"),
    }
}

fn unrecorded(why: &str) -> Response {
    tracing::error!(why, "the audit log cannot be written");
    let message = format!("what was asked could not be written to the audit log: {why}");
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, message).into_response()
}

#[derive(Debug, Deserialize)]
struct Asked {
    limit: Option<String>,
}

#[derive(Serialize)]
struct Log {
    entries: Vec<Entry>,
    /// Lines that a loss of power cut off.
    broken: usize,
}

/// The latest entries, for administrators of the whole city: what is done elsewhere is in it.
async fn entries(
    State(app): State<App>,
    asker: Asker,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    if !asker.may(Role::Administrator) || asker.areas != crate::access::Areas::All {
        let message = "the audit log is for administrators of the whole city";
        return Err(Problem::new(StatusCode::FORBIDDEN, message));
    }
    let limit = match asked.limit.as_deref().map(str::parse) {
        None => LIMIT_DEFAULT,
        Some(Ok(limit)) if (1..=LIMIT_MAX).contains(&limit) => limit,
        Some(_) => {
            let message = format!("limit must be a number from 1 to {LIMIT_MAX}");
            return Err(Problem::new(StatusCode::BAD_REQUEST, message));
        }
    };
    let data = app.state.door.audited().ok_or_else(|| {
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "no audit log is kept here")
    })?;
    let unreadable = |why: String| Problem::new(StatusCode::SERVICE_UNAVAILABLE, why);
    let read = tokio::task::spawn_blocking(move || audit::read(&data, limit)).await;
    let read = read.map_err(|error| unreadable(error.to_string()))?;
    let (entries, broken) = read.map_err(|error| unreadable(error.to_string()))?;
    Ok(Json(Log { entries, broken }).into_response())
}
