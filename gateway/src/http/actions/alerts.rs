//! What a person does about one alert: takes it on, writes something, gives it to somebody, says what it is.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use pipeline::alert::{AlertId, Revision, State as AlertState};
use pipeline::input::{Action, Verdict};
use serde::Deserialize;

use super::{Answer, App, Problem, Sent, body, name, text, unfit};

/// By whom, and nothing else.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Acknowledge {
    by: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Comment {
    by: String,
    text: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Assign {
    by: String,
    /// `null`: nobody. To be said: a forgotten name is not «nobody».
    #[serde(deserialize_with = "Option::deserialize")]
    to: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Settle {
    by: String,
    verdict: String,
}

pub(in crate::http) async fn acknowledge(
    State(app): State<App>,
    Path(id): Path<String>,
    sent: Sent<Acknowledge>,
) -> Answer {
    let Acknowledge { by } = body(sent, r#"{"by": "your name"}"#)?;
    app.accept(acknowledged(&app, &id, &by)?)
}

pub(in crate::http) async fn comment(
    State(app): State<App>,
    Path(id): Path<String>,
    sent: Sent<Comment>,
) -> Answer {
    let Comment { by, text } = body(sent, r#"{"by": "your name", "text": "what you know"}"#)?;
    app.accept(commented(&app, &id, &by, &text)?)
}

pub(in crate::http) async fn assign(
    State(app): State<App>,
    Path(id): Path<String>,
    sent: Sent<Assign>,
) -> Answer {
    let example = r#"{"by": "your name", "to": "whose work it is"} (null: nobody's)"#;
    let Assign { by, to } = body(sent, example)?;
    app.accept(assigned(&app, &id, &by, to.as_deref())?)
}

pub(in crate::http) async fn settle(
    State(app): State<App>,
    Path(id): Path<String>,
    sent: Sent<Settle>,
) -> Answer {
    let example = r#"{"by": "your name", "verdict": "stands"} (or "ended")"#;
    let Settle { by, verdict } = body(sent, example)?;
    app.accept(settled(&app, &id, &by, &verdict)?)
}

pub(in crate::http) fn acknowledged(app: &App, id: &str, by: &str) -> Result<Action, Problem> {
    let alert = open(app, id)?.id;
    let by = name("by", by)?;
    Ok(Action::Acknowledge { alert, by })
}

pub(in crate::http) fn commented(
    app: &App,
    id: &str,
    by: &str,
    said: &str,
) -> Result<Action, Problem> {
    let alert = open(app, id)?.id;
    let (by, text) = (name("by", by)?, text(said)?);
    Ok(Action::Comment { alert, by, text })
}

pub(in crate::http) fn assigned(
    app: &App,
    id: &str,
    by: &str,
    to: Option<&str>,
) -> Result<Action, Problem> {
    let alert = open(app, id)?.id;
    let by = name("by", by)?;
    let to = to.map(|to| name("to", to)).transpose()?;
    Ok(Action::Assign { alert, by, to })
}

pub(in crate::http) fn settled(
    app: &App,
    id: &str,
    by: &str,
    verdict: &str,
) -> Result<Action, Problem> {
    let latest = open(app, id)?;
    if !can_be_settled(&latest) {
        let message =
            "the alert is neither unconfirmed nor proposes its end; there is nothing to settle";
        return Err(Problem::new(StatusCode::CONFLICT, message));
    }
    let verdict = match verdict {
        "stands" => Verdict::Stands,
        "ended" => Verdict::Ended,
        other => {
            let message = format!("\"verdict\" must be \"stands\" or \"ended\", not {other:?}");
            return Err(unfit(message));
        }
    };
    let (alert, by) = (latest.id, name("by", by)?);
    Ok(Action::Settle { alert, by, verdict })
}

/// It waits for a named person's word.
pub(crate) fn can_be_settled(latest: &Revision) -> bool {
    latest.state == AlertState::Unconfirmed || latest.desk.proposed.is_some()
}

/// The latest revision of an alert that is still to be dealt with.
pub(in crate::http) fn open(app: &App, id: &str) -> Result<Revision, Problem> {
    let id: AlertId = id.parse().map_err(|_| Problem::bad_id())?;
    let now = app.now();
    let latest = app.board(|board| Some(board.alert(id, now)?.latest().clone()));
    match latest {
        None => Err(Problem::no_alert()),
        Some(latest) if !latest.state.is_open() => {
            let message = "the alert has ended; there is nothing left to do about it";
            Err(Problem::new(StatusCode::CONFLICT, message))
        }
        Some(latest) => Ok(latest),
    }
}
