//! The rules, as pages and for programs: in force and in shadow, what they said in the last day, and what became of them.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use pipeline::calendar::{Millis, Tick, rfc3339};
use pipeline::input::Input;
use serde::Serialize;
use serde_json::{Value as JsonValue, json};
use utoipa::ToSchema;
use wire::RuleId;

use super::api::{List, severity_name};
use super::{App, day};
use crate::access::Asker;
use crate::config::nearest_in;
use crate::language::Language;
use crate::page::rules::{RulesScene, one, whole};
use crate::page::{self, Reader, Theme, View};
use crate::rulebook::changes::{Change, Side, What, changes};
use crate::rulebook::{lines, words};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/rules", get(all))
        .route("/rules/{id}", get(one_of))
        .route("/api/v1/rules", get(json_of))
}

async fn all(State(app): State<App>, reader: Reader) -> Html<String> {
    Html(whole(&scene(&app, reader).await).into_string())
}

async fn one_of(State(app): State<App>, reader: Reader, Path(id): Path<String>) -> Response {
    let scene = scene(&app, reader).await;
    let rules = &scene.view.picture.face.rules;
    let seen = || rules.iter().filter(|rule| !rule.zones.is_empty());
    if let Some(rule) = seen().find(|rule| rule.id.as_str() == id) {
        return Html(one::whole(&scene, rule).into_string()).into_response();
    }
    let l = scene.view.language();
    let hint = nearest_in(l, &id, seen().map(|rule| rule.id.as_str()));
    let why = l.say(
        format!("The city has no rule {id:?}{hint}."),
        format!("城市中没有规则 {id:?}{hint}。"),
    );
    let back = ("/rules", l.say("← All rules", "← 全部规则"));
    let page = page::absent::whole(&scene.view, &why, back).into_string();
    (StatusCode::NOT_FOUND, Html(page)).into_response()
}

async fn scene(app: &App, reader: Reader) -> RulesScene {
    let (day, versions) = tokio::join!(app.last_day(), versions(app));
    let view = app.view(reader);
    let mut untold = Vec::new();
    let told = day.unwrap_or_else(|why| {
        untold.push(why);
        Default::default()
    });
    let versions = versions.unwrap_or_else(|why| {
        untold.push(why);
        Vec::new()
    });
    let face = &view.picture.face;
    let zones = |ix| face.zone(ix).map(|zone| zone.id);
    RulesScene {
        told: day::with_board(&view.picture, &told),
        changes: changes(&versions, &zones),
        untold: (!untold.is_empty()).then(|| untold.join("; ")),
        view,
    }
}

/// Versions of the rules as the journal has them; or why not.
async fn versions(app: &App) -> Result<Vec<(Tick, Input)>, String> {
    let Some(archive) = app.state.archive.clone() else {
        return Ok(Vec::new());
    };
    let read = tokio::task::spawn_blocking(move || archive.versions()).await;
    let read = read.map_err(|_| "the versions of the rules could not be read".to_owned())?;
    read.map_err(|error| error.to_string())
}

#[derive(Serialize, ToSchema)]
pub(super) struct Rules {
    /// `default` where the city has no rules of its own.
    source: &'static str,
    rules: Vec<JsonValue>,
    quality: Vec<JsonValue>,
    /// The latest first.
    changes: Vec<JsonValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trouble: Option<String>,
}

async fn json_of(State(app): State<App>, asker: Asker) -> impl IntoResponse {
    let reader = Reader {
        language: Language::English,
        theme: Theme::Auto,
        asker,
    };
    let scene = scene(&app, reader).await;
    let book = &scene.view.picture.face.book;
    let rules = scene.view.picture.face.rules.iter();
    let seen = rules.filter(|rule| !rule.zones.is_empty());
    let quality = book.quality.iter().map(|rule| {
        json!({
            "quantity": rule.quantity.name(),
            "text": words::of_quality(Language::English, rule),
            "text_zh": words::of_quality(Language::Chinese, rule),
            "lines": lines::of_quality(rule),
        })
    });
    let items = Rules {
        source: if book.is_default {
            "default"
        } else {
            "rules.toml"
        },
        rules: seen.filter_map(|rule| rule_of(&scene, rule.id)).collect(),
        quality: quality.collect(),
        changes: scene.changes.iter().map(change_of).collect(),
        trouble: scene.untold.clone(),
    };
    List::of(&scene.view.picture, items)
}

fn rule_of(scene: &RulesScene, id: RuleId) -> Option<JsonValue> {
    let View { picture, .. } = &scene.view;
    let face = picture.face.rule(id)?;
    let rule = picture.face.book.named(id)?;
    let c = &rule.condition;
    let said = scene.said(id);
    let zones = face.zones.iter().filter_map(|ix| picture.face.zone(*ix));
    let escalate = rule.escalation.iter();
    Some(json!({
        "id": id,
        "kind": rule.kind,
        "value": c.value.to_string(),
        "unit": c.value.unit(),
        "statistic": lines::statistic(c.statistic),
        "direction": lines::direction(c.direction),
        "raise_at": c.raise_at.to_f64(),
        "clear_at": c.clear_at.to_f64(),
        "for_seconds": seconds(c.raise_after),
        "clear_for_seconds": seconds(c.clear_after),
        "max_gap_seconds": seconds(c.gap_max),
        "hold_seconds": seconds(c.hold),
        "severity": severity_name(c.severity),
        "zones": zones.map(|zone| zone.id).collect::<Vec<_>>(),
        "shadow": c.shadow,
        "source": rule.source,
        "escalate": escalate.map(|step| json!({ "after_seconds": seconds(step.after), "to": step.to })).collect::<Vec<_>>(),
        "text": words::of_rule(Language::English, rule),
        "text_zh": words::of_rule(Language::Chinese, rule),
        "open": said.open,
        "fired_last_day": said.fired,
        "cancelled_last_day": said.cancelled,
    }))
}

fn change_of(change: &Change) -> JsonValue {
    let of = |side: Side| {
        let lines = change.lines.iter().filter(move |(of, _)| *of == side);
        lines.map(|(_, line)| line.as_str()).collect::<Vec<_>>()
    };
    json!({
        "at": rfc3339(change.at),
        "rule": change.rule,
        "change": match change.what {
            What::Added => "added",
            What::Changed => "changed",
            What::Removed => "removed",
        },
        "was": of(Side::Was),
        "is": of(Side::Is),
    })
}

fn seconds(span: Millis) -> f64 {
    span as f64 / 1000.0
}
