//! A person takes an alert on: the only thing that the HTTP side can change.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use pipeline::alert::AlertId;
use pipeline::input::Action;
use serde::Deserialize;
use tokio::sync::mpsc::error::TrySendError;

use super::App;
use super::api::Problem;

/// Longest name in characters.
const NAME_LEN_MAX: usize = 64;

/// Body of the request. Only `application/json` is taken, which no foreign page can send without asking.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Body {
    by: String,
}

/// Answers when the action is on its way into the journal; the revision comes with the stream.
pub(super) async fn acknowledge(
    State(app): State<App>,
    Path(id): Path<String>,
    body: Result<Json<Body>, JsonRejection>,
) -> Result<impl IntoResponse, Problem> {
    let alert: AlertId = id.parse().map_err(|_| Problem::bad_id())?;
    let Json(Body { by }) = body.map_err(|rejection| {
        let message = format!(
            "{}: send application/json such as {{\"by\": \"your name\"}}",
            rejection.body_text()
        );
        Problem::new(rejection.status(), message)
    })?;
    let by = checked_name(&by)?;
    let now = app.state.clock.now();
    let open = app
        .board(|board| Some(board.alert(alert, now)?.latest().state.is_open()))
        .ok_or_else(Problem::no_alert)?;
    if !open {
        let message = "the alert has ended; there is nothing to acknowledge";
        return Err(Problem::new(StatusCode::CONFLICT, message));
    }
    let action = Action::Acknowledge { alert, by };
    app.state.actions.try_send(action).map_err(|error| {
        let message = match error {
            TrySendError::Full(_) => "too many actions are waiting for the journal; try again",
            TrySendError::Closed(_) => "the gateway is stopping",
        };
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, message)
    })?;
    let accepted = serde_json::json!({ "accepted": true });
    Ok((StatusCode::ACCEPTED, Json(accepted)))
}

fn checked_name(by: &str) -> Result<String, Problem> {
    let by = by.trim();
    let unfit = by.is_empty() || by.chars().count() > NAME_LEN_MAX;
    if unfit || by.chars().any(char::is_control) {
        let message = format!("\"by\" must be a name of 1 to {NAME_LEN_MAX} printable characters");
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, message));
    }
    Ok(by.to_owned())
}
