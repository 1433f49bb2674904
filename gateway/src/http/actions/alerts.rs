//! What a person does about one alert: takes it on, writes something, gives it to somebody, says what it is.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use pipeline::alert::{AlertId, Revision, State as AlertState};
use pipeline::input::{Action, Verdict};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Answer, App, Problem, Sent, actor, body, name, text, unfit};
use crate::access::Asker;
use crate::language::said;

/// Nothing has to be said.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Acknowledge {
    #[serde(default)]
    by: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Comment {
    #[serde(default)]
    by: Option<String>,
    text: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Assign {
    #[serde(default)]
    by: Option<String>,
    /// `null`: nobody. To be said: a forgotten name is not «nobody».
    #[serde(deserialize_with = "Option::deserialize")]
    to: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Settle {
    #[serde(default)]
    by: Option<String>,
    verdict: String,
}

pub(in crate::http) async fn acknowledge(
    State(app): State<App>,
    asker: Asker,
    Path(id): Path<String>,
    sent: Sent<Acknowledge>,
) -> Answer {
    let Acknowledge { by } = body(sent, "{}")?;
    app.accept(acknowledged(&app, &asker, &id, by.as_deref())?)
}

pub(in crate::http) async fn comment(
    State(app): State<App>,
    asker: Asker,
    Path(id): Path<String>,
    sent: Sent<Comment>,
) -> Answer {
    let Comment { by, text } = body(sent, r#"{"text": "what you know"}"#)?;
    app.accept(commented(&app, &asker, &id, by.as_deref(), &text)?)
}

pub(in crate::http) async fn assign(
    State(app): State<App>,
    asker: Asker,
    Path(id): Path<String>,
    sent: Sent<Assign>,
) -> Answer {
    let example = r#"{"to": "whose work it is"} (null: nobody's)"#;
    let Assign { by, to } = body(sent, example)?;
    app.accept(assigned(&app, &asker, &id, by.as_deref(), to.as_deref())?)
}

pub(in crate::http) async fn settle(
    State(app): State<App>,
    asker: Asker,
    Path(id): Path<String>,
    sent: Sent<Settle>,
) -> Answer {
    let example = r#"{"verdict": "stands"} (or "ended")"#;
    let Settle { by, verdict } = body(sent, example)?;
    app.accept(settled(&app, &asker, &id, by.as_deref(), &verdict)?)
}

pub(in crate::http) fn acknowledged(
    app: &App,
    asker: &Asker,
    id: &str,
    by: Option<&str>,
) -> Result<Action, Problem> {
    let alert = open(app, asker, id)?.id;
    let by = actor(asker, by)?;
    Ok(Action::Acknowledge { alert, by })
}

pub(in crate::http) fn commented(
    app: &App,
    asker: &Asker,
    id: &str,
    by: Option<&str>,
    said: &str,
) -> Result<Action, Problem> {
    let alert = open(app, asker, id)?.id;
    let (by, text) = (actor(asker, by)?, text(said)?);
    Ok(Action::Comment { alert, by, text })
}

pub(in crate::http) fn assigned(
    app: &App,
    asker: &Asker,
    id: &str,
    by: Option<&str>,
    to: Option<&str>,
) -> Result<Action, Problem> {
    let alert = open(app, asker, id)?.id;
    let by = actor(asker, by)?;
    let to = to.map(|to| name("to", to)).transpose()?;
    Ok(Action::Assign { alert, by, to })
}

pub(in crate::http) fn settled(
    app: &App,
    asker: &Asker,
    id: &str,
    by: Option<&str>,
    verdict: &str,
) -> Result<Action, Problem> {
    let latest = open(app, asker, id)?;
    if !can_be_settled(&latest) {
        let message = said(
            "the alert is neither unconfirmed nor proposes its end; there is nothing to settle",
            "该警报既非待核实，也未提请结束，无需裁定",
        );
        return Err(Problem::new(StatusCode::CONFLICT, message));
    }
    let verdict = match verdict {
        "stands" => Verdict::Stands,
        "ended" => Verdict::Ended,
        other => {
            let message = said(
                format!("\"verdict\" must be \"stands\" or \"ended\", not {other:?}"),
                format!("“verdict”必须是“stands”或“ended”，而不是{other:?}"),
            );
            return Err(unfit(message));
        }
    };
    let (alert, by) = (latest.id, actor(asker, by)?);
    Ok(Action::Settle { alert, by, verdict })
}

/// It waits for a named person's word.
pub(crate) fn can_be_settled(latest: &Revision) -> bool {
    latest.state == AlertState::Unconfirmed || latest.desk.proposed.is_some()
}

/// The latest revision of an alert that is still to be dealt with.
pub(in crate::http) fn open(app: &App, asker: &Asker, id: &str) -> Result<Revision, Problem> {
    let id: AlertId = id.parse().map_err(|_| Problem::bad_id())?;
    let story = app.alert(asker, id);
    match story.map(|story| story.latest().clone()) {
        None => Err(Problem::no_alert()),
        Some(latest) if !latest.state.is_open() => {
            let message = said(
                "the alert has ended; there is nothing left to do about it",
                "警报已结束，无需再处理",
            );
            Err(Problem::new(StatusCode::CONFLICT, message))
        }
        Some(latest) => Ok(latest),
    }
}
