//! A person keeps alerts from being told to anybody new, for a time.

use axum::extract::State;
use axum::http::StatusCode;
use pipeline::calendar::{Millis, rfc3339};
use pipeline::input::{Action, Scope};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Answer, App, Problem, SILENCE_MAX, Sent, actor, body, moment, text, unfit};
use crate::access::{Areas, Asker};
use crate::config::{nearest_in, parse_duration, show_duration};
use crate::language::{Both, Language, said};

/// Until when, or for how long: one of both. What is not named is not asked for: a silence without zone, kind and
/// rule is about everything.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SilenceOrder)]
pub(in crate::http) struct Silence {
    #[serde(default)]
    pub(in crate::http) by: Option<String>,
    pub(in crate::http) text: String,
    #[serde(default)]
    pub(in crate::http) until: Option<String>,
    #[serde(default, rename = "for")]
    pub(in crate::http) lasting: Option<String>,
    #[serde(default)]
    pub(in crate::http) zone: Option<String>,
    #[serde(default)]
    pub(in crate::http) kind: Option<String>,
    #[serde(default)]
    pub(in crate::http) rule: Option<String>,
}

pub(in crate::http) async fn silence(
    State(app): State<App>,
    asker: Asker,
    sent: Sent<Silence>,
) -> Answer {
    let example = r#"{"for": "2h", "zone": "square", "text": "why"}"#;
    let action = silenced(&app, &asker, &body(sent, example)?)?;
    app.accept(action)
}

pub(in crate::http) fn silenced(
    app: &App,
    asker: &Asker,
    wish: &Silence,
) -> Result<Action, Problem> {
    let by = actor(asker, wish.by.as_deref())?;
    let text = text(&wish.text)?;
    let until = until(wish, app.now())?;
    let scope = scope(wish, app, asker)?;
    Ok(Action::Silence {
        scope,
        until,
        by,
        text,
    })
}

/// What silence is to end: by whom, and the scope that it was ordered with.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct End {
    #[serde(default)]
    by: Option<String>,
    #[serde(default)]
    zone: Option<String>,
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    rule: Option<String>,
}

pub(in crate::http) async fn end(State(app): State<App>, asker: Asker, sent: Sent<End>) -> Answer {
    let End {
        by,
        zone,
        kind,
        rule,
    } = body(sent, r#"{"zone": "square"}"#)?;
    let wish = Silence {
        by,
        zone,
        kind,
        rule,
        ..Silence::default()
    };
    app.accept(ended(&app, &asker, &wish)?)
}

/// The journal's word for the end of a silence is another of its scope that is over: here since it began, because the
/// tick that it gets may lie a little before now.
pub(in crate::http) fn ended(app: &App, asker: &Asker, wish: &Silence) -> Result<Action, Problem> {
    let by = actor(asker, wish.by.as_deref())?;
    let scope = scope(wish, app, asker)?;
    let since = app.board(|board| {
        let mut silences = board.desk().silences().iter();
        let silence = silences.find(|silence| silence.scope == scope)?;
        Some(silence.since)
    });
    let until = since.ok_or_else(|| {
        let message = said(
            "no silence of exactly this scope is in force; GET /api/v1/silences lists them",
            "没有范围与此完全相同的静默；全部静默见“静默”页",
        );
        Problem::new(StatusCode::NOT_FOUND, message)
    })?;
    Ok(Action::Silence {
        scope,
        until,
        by,
        text: "ended".to_owned(),
    })
}

fn until(wish: &Silence, now: Millis) -> Result<Millis, Problem> {
    let until = match (&wish.until, &wish.lasting) {
        (Some(until), None) => moment("until", until)?,
        (None, Some(lasting)) => {
            let lasting = parse_duration(lasting).map_err(|error| {
                unfit(said(
                    format!("\"for\" must be a duration such as \"2h\": {error}"),
                    "“for”必须是时长，例如“2h”",
                ))
            })?;
            now.saturating_add(lasting)
        }
        _ => {
            let message = said(
                "say \"until\" when, or \"for\" how long, and not both",
                "请填写“until”（到何时）或“for”（多久），二者只填其一",
            );
            return Err(unfit(message));
        }
    };
    if until <= now {
        let now = rfc3339(now);
        let message = said(
            format!("a silence must end in the future; it is {now}"),
            format!("静默必须在将来结束；现在是{now}"),
        );
        return Err(unfit(message));
    }
    if until - now > SILENCE_MAX {
        let most = show_duration(SILENCE_MAX);
        return Err(unfit(said(
            format!("a silence may last {most} at most"),
            format!("静默最长为{most}"),
        )));
    }
    Ok(until)
}

/// What a silence is about; without a zone it reaches into all of them, so it is for those who have all.
fn scope(wish: &Silence, app: &App, asker: &Asker) -> Result<Scope, Problem> {
    let face = app.picture(asker).face;
    let mut scope = Scope::default();
    if wish.zone.is_none() && asker.areas != Areas::All {
        let message = said(
            "you act in a part of the city only: say which \"zone\" the silence is about",
            "您只负责城市的一部分：请指明静默针对哪个区域（zone）",
        );
        return Err(Problem::new(StatusCode::FORBIDDEN, message));
    }
    if let Some(asked) = &wish.zone {
        let zone = face.zones.iter().find(|zone| zone.id.as_str() == asked);
        let known = face.zones.iter().map(|zone| zone.id.as_str());
        scope.zone = Some(
            zone.ok_or_else(|| unknown(Both("zone", "区域"), asked, known))?
                .ix,
        );
    }
    let rules: Vec<_> = face.alerting().collect();
    if let Some(asked) = &wish.kind {
        let kind = rules.iter().find(|(_, _, kind)| kind.as_str() == asked);
        let known = rules.iter().map(|(_, _, kind)| kind.as_str());
        scope.kind = Some(
            kind.ok_or_else(|| unknown(Both("kind", "类别"), asked, known))?
                .2,
        );
    }
    if let Some(asked) = &wish.rule {
        let rule = rules.iter().find(|(_, rule, _)| rule.as_str() == asked);
        let known = rules.iter().map(|(_, rule, _)| rule.as_str());
        scope.rule = Some(
            rule.ok_or_else(|| unknown(Both("rule", "规则"), asked, known))?
                .0,
        );
    }
    Ok(scope)
}

fn unknown<'n>(what: Both, asked: &str, known: impl Iterator<Item = &'n str> + Clone) -> Problem {
    let Both(english, chinese) = what;
    let hint = |l| nearest_in(l, asked, known.clone());
    let (one, other) = (hint(Language::English), hint(Language::Chinese));
    unfit(said(
        format!("the city has no {english} {asked:?}{one}"),
        format!("城市中没有{chinese}“{asked}”{other}"),
    ))
}
