//! `alerts.csv`: every alert as it last stood.

use std::borrow::Cow;

use pipeline::alert::{Completeness, Revision, State};
use pipeline::calendar::rfc3339;

use super::{Column, Stretch, column, line, words};
use crate::board::Face;
use crate::history::stored::{is_shadow, span};
use crate::history::{self, end};
use crate::http::api::severity_name;
use crate::journal::{Alerts, ReadError};
use crate::publish::Public;

pub(super) const COLUMNS: [Column; 21] = [
    column("id", "string", "32 hexadecimal digits"),
    column("revision", "integer", "1 for the first"),
    column(
        "state",
        "string",
        "raised, updated, unconfirmed, cleared or cancelled",
    ),
    column("reason", "string", "why this revision was made"),
    column("rule", "string", "id of the rule"),
    column("kind", "string", "kind of the rule"),
    column("zone", "string", "id of the zone"),
    column("zone_name", "string", "the zone's name"),
    column("severity", "string", "minor, moderate, severe or extreme"),
    column(
        "value",
        "string",
        "peak, in `unit`; <5 for people: more than nobody and fewer than five",
    ),
    column("unit", "string", "UCUM code"),
    column("threshold", "decimal", "in `unit`"),
    column("onset", "dateTime", "begin, event time, UTC"),
    column("updated", "dateTime", "when this revision was made, UTC"),
    column("end", "dateTime", "event time, UTC; empty: not ended"),
    column("heard", "integer", "nodes heard"),
    column("expected", "integer", "nodes expected"),
    column(
        "suspect",
        "integer",
        "nodes heard whose readings a quality test finds suspect",
    ),
    column("provisional", "boolean", "it may still change"),
    column("acknowledged", "boolean", "somebody has seen it"),
    column("status", "string", "actual, exercise, test or simulated"),
];

/// The line of an alert.
pub(crate) fn row(revision: &Revision, face: &Face) -> Vec<u8> {
    let Completeness { heard, expected } = revision.completeness;
    let value = Public::of(revision, face).value;
    let cells: [Cow<'_, str>; COLUMNS.len()] = [
        revision.id.to_string().into(),
        revision.revision.to_string().into(),
        revision.state.name().into(),
        plain(&revision.reason).into(),
        revision.rule.to_string().into(),
        revision.kind.to_string().into(),
        revision.zone.to_string().into(),
        words(&revision.zone_name),
        severity_name(revision.severity).into(),
        value.to_string().into(),
        revision.unit.into(),
        revision.threshold.to_string().into(),
        rfc3339(revision.onset).into(),
        rfc3339(revision.updated).into(),
        revision.end.map(rfc3339).unwrap_or_default().into(),
        heard.to_string().into(),
        expected.to_string().into(),
        revision.suspect.to_string().into(),
        revision.provisional.to_string().into(),
        // Nobody's name is given away.
        revision.acknowledged.is_some().to_string().into(),
        plain(&revision.status).into(),
    ];
    line(cells.into_iter())
}

/// Every alert that people were told of and that was going on in `stretch`, by what is known now, oldest first.
/// Cancelled ones are there where the stretch is all that is kept.
pub(crate) fn told(history: &Alerts, stretch: Stretch) -> Result<Vec<Revision>, ReadError> {
    let since = stretch.from.map_or(0, history::begin);
    let latest = history.latest(since, u64::MAX, |value| {
        let touched = match span(value) {
            Some((onset, end)) => stretch.touches(onset, end),
            None => stretch == Stretch::default(),
        };
        !is_shadow(value) && touched
    })?;
    let mut alerts: Vec<Revision> = latest.into_iter().map(|told| told.revision).collect();
    alerts.sort_by_key(|alert| (alert.onset, alert.id));
    Ok(alerts)
}

/// Whether an alert that is on the board belongs into `stretch`.
pub(crate) fn belongs(revision: &Revision, stretch: Stretch) -> bool {
    match revision.state {
        State::Cancelled => stretch == Stretch::default(),
        _ => stretch.touches(revision.onset, end(revision)),
    }
}

/// The name that JSON has for it.
fn plain(named: &impl serde::Serialize) -> String {
    let named = serde_json::to_value(named).ok();
    let text = named.and_then(|name| name.as_str().map(str::to_owned));
    text.unwrap_or_default()
}
