//! What rules in shadow would change, while they run: their alerts beside those that people were told of.

use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use pipeline::calendar::{Millis, rfc3339, tick_at};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use wire::RuleId;

use super::App;
use super::api::Problem;
use super::history::{limit, moment, read};
use crate::access::{Areas, Asker};
use crate::board::{Face, RuleFace};
use crate::compare::{Differences, Report, in_shadow, stands_in_for};
use crate::history::{self, LIMIT_DEFAULT, Unanswered, stored};
use crate::journal::Alerts;
use crate::language::{Said, said};

/// The stretch of event time, and one rule of those in shadow; all as they were written.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Stretch {
    from: Option<String>,
    to: Option<String>,
    rule: Option<String>,
    limit: Option<String>,
}

#[derive(Serialize)]
struct Tried<'a> {
    rule: RuleId,
    /// The rules in force whose place it would take.
    stands_in_for: Vec<RuleId>,
    #[serde(flatten)]
    report: Report<'a>,
}

impl Stretch {
    /// Of all rules in shadow.
    pub(super) fn between(from: Millis, to: Millis) -> Stretch {
        let [from, to] = [from, to].map(|at| Some(rfc3339(at)));
        Stretch {
            from,
            to,
            rule: None,
            limit: None,
        }
    }

    fn bounds(&self) -> Result<(Millis, Millis), Problem> {
        let needed = |name: &str, at: Option<Millis>| {
            at.ok_or_else(|| {
                wrong(format!(
                    "{name} is needed: a moment such as 2026-11-22T01:30:00Z"
                ))
            })
        };
        let from = needed("from", moment("from", self.from.clone())?)?;
        let to = needed("to", moment("to", self.to.clone())?)?;
        match from < to {
            true => Ok((from, to)),
            false => Err(wrong(said("from must be before to", "开始必须早于结束"))),
        }
    }
}

pub(super) async fn compare(
    State(app): State<App>,
    asker: Asker,
    Query(stretch): Query<Stretch>,
) -> Result<Response, Problem> {
    let (from, to) = stretch.bounds()?;
    let limit = limit(stretch.limit.clone())?.unwrap_or(LIMIT_DEFAULT);
    let face = app.picture(&asker).face;
    let found = differences_of(&app, &asker, &stretch).await?;
    let reports = found.iter().map(|(rule, found)| Tried {
        rule: rule.id,
        stands_in_for: stands_in_for(rule, &face.rules),
        report: Report::of(found, [&face, &face], (from, to), limit),
    });
    let reports: Vec<Tried<'_>> = reports.collect();
    Ok(Json(serde_json::json!({ "city": face.city, "rules": reports })).into_response())
}

fn wrong(message: impl Into<Said>) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, message)
}

/// Each rule in shadow that was asked for, with what it would change.
pub(super) async fn differences_of(
    app: &App,
    asker: &Asker,
    stretch: &Stretch,
) -> Result<Vec<(RuleFace, Differences)>, Problem> {
    let (from, to) = stretch.bounds()?;
    let face = app.picture(asker).face;
    let in_shadow = face.rules.iter().filter(|rule| rule.shadow);
    let tried: Vec<RuleFace> = match &stretch.rule {
        None => in_shadow.cloned().collect(),
        Some(name) => {
            let mut named = in_shadow.filter(|rule| rule.id.as_str() == name);
            let rule = named
                .next()
                .ok_or_else(|| wrong(format!("no rule `{name}` runs in shadow")))?;
            vec![rule.clone()]
        }
    };
    let frontier = app.board(|board| board.health().frontier);
    let (asked, city, areas) = (tried.clone(), face.clone(), asker.areas.clone());
    let found = read(app, move |history| {
        for at in [from, to] {
            // The end itself is not part of the stretch.
            let last = if at == to { at - 1 } else { at };
            if tick_at(last) >= frontier {
                return Err(Unanswered::Future(at, frontier as Millis));
            }
        }
        let begins = history::begins(history, &city);
        if tick_at(from) < begins {
            return Err(Unanswered::Forgotten(from, begins as Millis));
        }
        side_by_side(history, &city, (&asked, &areas), (from, to))
    });
    Ok(tried.into_iter().zip(found.await?).collect())
}

/// For each of the rules in shadow its alerts against those of the rules that it would take the place of.
fn side_by_side(
    history: &Alerts,
    face: &Face,
    (tried, areas): (&[RuleFace], &Areas),
    (from, to): (Millis, Millis),
) -> Result<Vec<Differences>, Unanswered> {
    let latest = history.latest(history::begin(from), u64::MAX, |value| {
        // What cannot overlap need not be read.
        stored::span(value).is_some_and(|(onset, _)| onset < to)
    })?;
    let seen = latest
        .into_iter()
        .filter(|told| areas.contains(told.revision.zone));
    let seen: Vec<_> = seen.collect();
    let all = tried.iter();
    Ok(all
        .map(|rule| in_shadow(&seen, face, rule, (from, to)))
        .collect())
}
