//! What people do, from the page's own forms: the same checks and the same queue as for programs, and a page for an
//! answer.

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use jiff::civil::DateTime;
use pipeline::calendar::Millis;
use pipeline::input::Action;
use serde::Deserialize;

use super::App;
use super::actions::{alerts, answers, moment, nodes, silences, unfit};
use super::api::Problem;
use super::asker::reader;
use super::recorded::{Did, Refusal};
use crate::access::Asker;
use crate::language::said;
use crate::page::{self, Reader};

/// Whatever the page's forms have; each takes what it needs.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Fields {
    /// Said by forms of before; it must be the reader's own name.
    by: Option<String>,
    text: String,
    to: String,
    /// Said by the button that gives an alert back.
    nobody: Option<String>,
    verdict: String,
    #[serde(rename = "for")]
    lasting: String,
    from: String,
    quantity: String,
    zone: String,
    kind: String,
    rule: String,
}

type Posted = Result<Form<Fields>, FormRejection>;

pub(super) async fn alert(
    State(app): State<App>,
    reader: Reader,
    Path((id, verb)): Path<(String, String)>,
    posted: Posted,
) -> Response {
    let done = fields(posted)
        .and_then(|fields| on_alert(&app, &reader.asker, (&id, &verb), &fields))
        .and_then(|action| take(&app, action));
    answer(&app, reader, done, &format!("/alert/{id}"), Some(&verb))
}

pub(super) async fn node(
    State(app): State<App>,
    reader: Reader,
    Path((node, verb)): Path<(String, String)>,
    posted: Posted,
) -> Response {
    let done = fields(posted)
        .and_then(|fields| on_node(&app, &reader.asker, (&node, &verb), &fields))
        .and_then(|action| take(&app, action));
    answer(&app, reader, done, &format!("/node/{node}"), Some(&verb))
}

pub(super) async fn silence_made(
    State(app): State<App>,
    reader: Reader,
    posted: Posted,
) -> Response {
    let done = fields(posted)
        .and_then(|fields| {
            let wish = silences::Silence {
                lasting: Some(fields.lasting.clone()),
                text: fields.text.clone(),
                ..scope(fields)
            };
            silences::silenced(&app, &reader.asker, &wish)
        })
        .and_then(|action| take(&app, action));
    answer(&app, reader, done, "/silences", None)
}

fn take(app: &App, action: Action) -> Result<Did, Problem> {
    let did = Did(app.board(|board| answers::of(&action, board.face())));
    app.take(action).map(|()| did)
}

/// What a form on the page of silences names.
fn scope(fields: Fields) -> silences::Silence {
    silences::Silence {
        zone: given(&fields.zone).map(str::to_owned),
        kind: given(&fields.kind).map(str::to_owned),
        rule: given(&fields.rule).map(str::to_owned),
        by: fields.by,
        ..silences::Silence::default()
    }
}

pub(super) async fn silence_end(
    State(app): State<App>,
    reader: Reader,
    posted: Posted,
) -> Response {
    let done = fields(posted)
        .and_then(|fields| silences::ended(&app, &reader.asker, &scope(fields)))
        .and_then(|action| take(&app, action));
    answer(&app, reader, done, "/silences", None)
}

fn on_alert(
    app: &App,
    asker: &Asker,
    (id, verb): (&str, &str),
    fields: &Fields,
) -> Result<Action, Problem> {
    let by = fields.by.as_deref();
    match verb {
        "acknowledge" => alerts::acknowledged(app, asker, id, by),
        "comment" => alerts::commented(app, asker, id, by, &fields.text),
        "assign" => {
            let to = fields.nobody.is_none().then_some(fields.to.as_str());
            alerts::assigned(app, asker, id, by, to)
        }
        "settle" => alerts::settled(app, asker, id, by, &fields.verdict),
        "silence" => silences::silenced(app, asker, &silence(app, asker, id, fields)?),
        _ => Err(nothing()),
    }
}

/// About the rule and zone of the alert; about its kind where the rule is gone.
fn silence(
    app: &App,
    asker: &Asker,
    id: &str,
    fields: &Fields,
) -> Result<silences::Silence, Problem> {
    let alert = alerts::open(app, asker, id)?;
    let has_rule = app.board(|board| {
        let mut rules = board.face().alerting();
        rules.any(|(_, rule, _)| rule == alert.rule)
    });
    Ok(silences::Silence {
        by: fields.by.clone(),
        text: fields.text.clone(),
        until: None,
        lasting: Some(fields.lasting.clone()),
        zone: Some(alert.zone.to_string()),
        kind: (!has_rule).then(|| alert.kind.to_string()),
        rule: has_rule.then(|| alert.rule.to_string()),
    })
}

fn on_node(
    app: &App,
    asker: &Asker,
    (node, verb): (&str, &str),
    fields: &Fields,
) -> Result<Action, Problem> {
    let (by, of) = (fields.by.as_deref(), given(&fields.quantity));
    match verb {
        "quarantine" => {
            let from = given(&fields.from)
                .map(|from| local(app, "from", from))
                .transpose()?;
            nodes::withdrawn(app, asker, node, by, from, of)
        }
        "release" => nodes::released(app, asker, node, by, of),
        _ => Err(nothing()),
    }
}

fn nothing() -> Problem {
    let message = said("there is no such thing to do", "没有此项操作");
    Problem::new(StatusCode::NOT_FOUND, message)
}

/// A field that was filled in.
fn given(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

/// A moment as a browser's own field says it, on the city's clocks, or with an offset.
pub(super) fn local(app: &App, field: &str, text: &str) -> Result<Millis, Problem> {
    let Ok(local) = text.parse::<DateTime>() else {
        return moment(field, text);
    };
    // It would take a moment with an offset as well, and leave that out.
    if text.ends_with(['Z', 'z']) || text.get(16..).is_some_and(|end| end.contains(['+', '-'])) {
        return moment(field, text);
    }
    let zone = app.board(|board| board.face().time_zone.clone());
    let at = local.to_zoned(zone);
    at.map(|at| at.timestamp().as_millisecond()).map_err(|_| {
        unfit(said(
            format!("\"{field}\" is no moment that a clock can show"),
            format!("“{field}”不是有效的时刻"),
        ))
    })
}

/// What a form said.
fn fields(posted: Posted) -> Result<Fields, Problem> {
    match posted {
        Ok(Form(fields)) => Ok(fields),
        Err(rejection) => Err(Problem::new(rejection.status(), rejection.body_text())),
    }
}

/// Browsers say where a form comes from, and no page can make them lie.
pub(super) fn is_own(headers: &HeaderMap) -> bool {
    let said = |name: &str| {
        headers
            .get(name)
            .map(|value| value.to_str().unwrap_or_default())
    };
    let site = said("sec-fetch-site");
    if site.is_some_and(|site| site != "same-origin") {
        return false;
    }
    match (said(header::ORIGIN.as_str()), said(header::HOST.as_str())) {
        (Some(origin), Some(host)) => {
            let place = origin.split_once("://").map(|(_, place)| place);
            place.is_some_and(|place| place.eq_ignore_ascii_case(host))
        }
        _ => site.is_some(),
    }
}

/// The page that says why a request to `path` got no further than the gate.
pub(super) fn refused(
    app: &App,
    (headers, path): (&HeaderMap, &str),
    asker: &Asker,
    problem: Problem,
) -> Response {
    let page = path.rsplit_once('/').map_or("", |(page, _)| page);
    // The forms of silences stand on the page that lists them.
    let back = match page {
        "" => "/",
        "/silence" => "/silences",
        page => page,
    };
    answer(
        app,
        reader(headers, asker.clone()),
        Err(problem),
        back,
        None,
    )
}

/// Back to the page that the form stood on, or why not.
fn answer(
    app: &App,
    reader: Reader,
    done: Result<Did, Problem>,
    back: &str,
    verb: Option<&str>,
) -> Response {
    match done {
        // `back` named something that exists, so it is as harmless as an id.
        Ok(did) => {
            let mut response = Redirect::to(&match verb {
                Some(verb) => format!("{back}?said={verb}"),
                None => back.to_owned(),
            })
            .into_response();
            response.extensions_mut().insert(did);
            response
        }
        Err(problem) => {
            let (status, message) = problem.parts();
            let told = message.to(reader.language);
            let page = page::forms::refused(&app.view(reader), told, back);
            let mut response = (status, Html(page.into_string())).into_response();
            let refusal = Refusal(message.english().to_owned());
            response.extensions_mut().insert(refusal);
            response
        }
    }
}
