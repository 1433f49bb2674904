//! A person withdraws what a node says, or lets it speak again.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use pipeline::calendar::{Millis, rfc3339};
use pipeline::city::NodeIx;
use pipeline::input::Action;
use serde::Deserialize;
use utoipa::ToSchema;
use wire::Quantity;

use super::{Answer, App, Problem, Sent, actor, body, moment, unfit};
use crate::access::Asker;
use crate::board::Face;
use crate::config::{nearest_in, show_duration};
use crate::language::{Language, Said, said};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = QuarantineOrder)]
pub(in crate::http) struct Quarantine {
    #[serde(default)]
    by: Option<String>,
    /// Since when it is not to be believed; by default, from now on.
    #[serde(default)]
    from: Option<String>,
    /// By default all that it measures.
    #[serde(default)]
    quantity: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Release {
    #[serde(default)]
    by: Option<String>,
    #[serde(default)]
    quantity: Option<String>,
}

pub(in crate::http) async fn quarantine(
    State(app): State<App>,
    asker: Asker,
    Path(node): Path<String>,
    sent: Sent<Quarantine>,
) -> Answer {
    let example = r#"{"from": "2026-11-22T09:00:00+08:00"}"#;
    let wish = body(sent, example)?;
    let from = wish.from.as_deref().map(|from| moment("from", from));
    let from = from.transpose()?;
    app.accept(withdrawn(
        &app,
        &asker,
        &node,
        wish.by.as_deref(),
        from,
        wish.quantity.as_deref(),
    )?)
}

pub(in crate::http) async fn release(
    State(app): State<App>,
    asker: Asker,
    Path(node): Path<String>,
    sent: Sent<Release>,
) -> Answer {
    let wish = body(sent, "{}")?;
    let (by, of) = (wish.by.as_deref(), wish.quantity.as_deref());
    app.accept(released(&app, &asker, &node, by, of)?)
}

pub(in crate::http) fn withdrawn(
    app: &App,
    asker: &Asker,
    node: &str,
    by: Option<&str>,
    from: Option<Millis>,
    of: Option<&str>,
) -> Result<Action, Problem> {
    let (node, quantity, by) = (known(app, asker, node)?, quantity(of)?, actor(asker, by)?);
    let now = app.now();
    let from = from.unwrap_or(now);
    let horizon = app.board(|board| horizon(board.face(), quantity));
    if from > now {
        let now = rfc3339(now);
        let message = said(
            format!("\"from\" lies in the future; it is {now}"),
            format!("“from”在将来；现在是{now}"),
        );
        return Err(unfit(message));
    }
    if from < now.saturating_sub(horizon) {
        let oldest = show_duration(horizon);
        let message = said(
            format!(
                "\"from\" lies beyond the horizon: what is older than {oldest} is sealed off and cannot be corrected"
            ),
            format!("“from”过早：早于{oldest}的数据已封存，无法更正"),
        );
        return Err(unfit(message));
    }
    Ok(Action::Quarantine {
        node,
        quantity,
        from,
        by,
    })
}

pub(in crate::http) fn released(
    app: &App,
    asker: &Asker,
    node: &str,
    by: Option<&str>,
    of: Option<&str>,
) -> Result<Action, Problem> {
    let (node, quantity, by) = (known(app, asker, node)?, quantity(of)?, actor(asker, by)?);
    Ok(Action::Release { node, quantity, by })
}

fn known(app: &App, asker: &Asker, id: &str) -> Result<NodeIx, Problem> {
    let picture = app.picture(asker);
    let nodes = &picture.face.nodes;
    let node = nodes.iter().find(|node| node.id.as_str() == id);
    node.map(|node| node.ix).ok_or_else(|| {
        let known = nodes.iter().map(|node| node.id.as_str());
        Problem::new(StatusCode::NOT_FOUND, no_node(id, known))
    })
}

fn quantity(asked: Option<&str>) -> Result<Option<Quantity>, Problem> {
    let Some(asked) = asked else {
        return Ok(None);
    };
    asked.parse().map(Some).map_err(|_| {
        let hint = |l| nearest_in(l, asked, Quantity::all().map(Quantity::name));
        let (one, other) = (hint(Language::English), hint(Language::Chinese));
        unfit(said(
            format!("there is no quantity {asked:?}{one}"),
            format!("没有测量量“{asked}”{other}"),
        ))
    })
}

/// Whoever asks for a node that is not there may have meant another.
pub(in crate::http) fn no_node<'n>(id: &str, known: impl Iterator<Item = &'n str> + Clone) -> Said {
    let hint = |l| nearest_in(l, id, known.clone());
    let (one, other) = (hint(Language::English), hint(Language::Chinese));
    said(
        format!("the registry has no node {id:?}{one}"),
        format!("没有登记节点“{id}”{other}"),
    )
}

/// How far back readings of the quantity (of any, when none is named) can still be corrected.
fn horizon(face: &Face, quantity: Option<Quantity>) -> Millis {
    let of = |quantity| face.calendar.span(quantity).horizon;
    match quantity {
        Some(quantity) => of(quantity),
        None => Quantity::all().map(of).max().unwrap_or_default(),
    }
}
