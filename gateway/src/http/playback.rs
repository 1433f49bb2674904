//! `/playback?at=…`: the map, the alerts and the figures of a moment of the last day.

use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use pipeline::alert::{Revision, State as AlertState};
use pipeline::calendar::{DAY, MINUTE, Millis};
use serde::Deserialize;

use super::App;
use super::history::read;
use crate::access::Asker;
use crate::history::{self, LIMIT_DEFAULT, Question};
use crate::language::Said;
use crate::page::playback::{self, Clock, Played};
use crate::page::{Filter, Reader, Scene, Selection, View};

pub(super) fn routes() -> Router<App> {
    Router::new().route("/playback", get(played))
}

/// Which moment, and by whose knowledge; as they were written.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    at: String,
    /// `now`: as is known now; else as was known then.
    known: String,
    zone: String,
    value: String,
}

async fn played(State(app): State<App>, reader: Reader, Query(asked): Query<Asked>) -> Response {
    let now = app.state.clock.now();
    let (first, last) = span(now);
    let mut wrong = None;
    let at = match asked.at.as_str() {
        "" => last,
        text => history::moment(text).unwrap_or_else(|error| {
            wrong = Some(
                reader
                    .language
                    .say(error, format!("“{text}”不是时刻，例如2026-11-22T01:30:00Z")),
            );
            last
        }),
    };
    // Whoever asks for more gets the nearest that there is, and reads which it is.
    let at = at.clamp(first, last);
    let clock = match asked.known.as_str() {
        "now" => Clock::Now,
        _ => Clock::Then,
    };
    let l = reader.language;
    let alerts = alerts(&app, &reader.asker, at, clock).await;
    let alerts = alerts.map_err(|why| why.to(l).to_owned());
    let (alerts, untold) = match alerts {
        Ok(alerts) => (alerts, None),
        Err(why) => (Vec::new(), Some(why)),
    };
    let picture = app.board(|board| board.past_picture(at, &alerts));
    let view = View {
        picture: picture.within(&reader.asker.areas),
        reader,
        trouble: None,
        said: None,
    };
    let selection = Selection::find(&view.picture, &asked.zone, &asked.value);
    let page = playback::whole(&Played {
        scene: Scene {
            view,
            selection,
            points: Vec::new(),
            filter: Filter::default(),
            played: Some(format!("at={at}&known={}", clock.name())),
        },
        clock,
        now,
        first,
        last,
        untold,
        wrong: wrong.clone(),
    });
    let status = match wrong {
        Some(_) => StatusCode::BAD_REQUEST,
        None => StatusCode::OK,
    };
    (status, Html(page.into_string())).into_response()
}

/// From a day ago to the last whole minute.
fn span(now: Millis) -> (Millis, Millis) {
    let last = (now - 1).div_euclid(MINUTE) * MINUTE;
    (last - DAY, last)
}

/// What the archive answers; its error is for people.
async fn alerts(app: &App, asker: &Asker, at: Millis, clock: Clock) -> Result<Vec<Revision>, Said> {
    let question = match clock {
        Clock::Then => Question {
            known_at: Some(at),
            true_at: None,
        },
        Clock::Now => Question {
            known_at: None,
            true_at: Some(at),
        },
    };
    let (face, frontier) = app.board(|board| (board.face().clone(), board.health().frontier));
    let answer = read(app, move |history| {
        history::answer(history, &face, question, frontier, LIMIT_DEFAULT)
    });
    let answer = answer.await.map_err(|problem| problem.parts().1)?;
    let mut alerts = answer.alerts;
    alerts.retain(|alert| asker.areas.contains(alert.zone));
    if clock == Clock::Now {
        alerts.iter_mut().for_each(as_it_went_on);
    }
    Ok(alerts)
}

/// What is known now to have been true then was going on then, however it ended later: its zone was not calm.
fn as_it_went_on(alert: &mut Revision) {
    if !alert.state.is_open() {
        alert.state = AlertState::Updated;
        alert.end = None;
    }
}
