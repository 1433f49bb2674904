//! An alert in Alertmanager's words: labels that never change, annotations that say how it is now.

use std::collections::BTreeMap;

use pipeline::alert::{AlertId, Revision};
use pipeline::calendar::{Millis, rfc3339};
use serde_json::{Value, json};

use super::ledger::Told;
use crate::board::Face;
use crate::board::picture::alert_value;
use crate::cap::{Language, Wording};
use crate::http::api::severity_name;
use crate::language::terms;
use crate::page::words::number;

/// The alert's identity there. The severity is the one that it was first told with: were it to follow a rule that
/// changed, Alertmanager would take the alert for another one. The annotation of that name follows.
pub(super) fn labels(revision: &Revision, face: &Face) -> BTreeMap<String, String> {
    let mut labels = BTreeMap::from([
        ("alertname", revision.rule.to_string()),
        ("kind", revision.kind.to_string()),
        ("zone", revision.zone.to_string()),
        ("severity", severity_name(revision.severity).to_owned()),
        ("city", face.city.to_string()),
        ("alert_id", revision.id.to_string()),
        ("status", revision.status.name().to_owned()),
    ]);
    if let Some(node) = revision.node {
        labels.insert("node", node.to_string());
    }
    let labels = labels.into_iter();
    labels
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// One element of a `POST /api/v2/alerts`. `shown` is nothing for an alert that the board has forgotten; an open one
/// ends by itself at `lives_until`.
pub(super) fn of(
    id: AlertId,
    told: &Told,
    shown: Option<(&Revision, &Face)>,
    lives_until: Millis,
    page: &str,
) -> Value {
    let link = format!("{page}/alert/{id}");
    let mut annotations = match shown {
        Some((revision, face)) => annotations(revision, face),
        None => BTreeMap::from([("summary", "ended while the gateway was away".to_owned())]),
    };
    annotations.insert("link", link.clone());
    json!({
        "labels": told.labels,
        "annotations": annotations,
        "startsAt": rfc3339(told.starts_at),
        "endsAt": rfc3339(told.ended_at.unwrap_or(lives_until)),
        "generatorURL": link,
    })
}

/// Nobody's name is in them: they go to wherever Alertmanager sends them.
fn annotations(revision: &Revision, face: &Face) -> BTreeMap<&'static str, String> {
    let wording = Wording::of(revision, face);
    let peak = number(alert_value(face, revision));
    let unit = terms::unit(revision.unit, Language::English);
    let (heard, expected) = (revision.completeness.heard, revision.completeness.expected);
    BTreeMap::from([
        ("summary", wording.headline(Language::English)),
        ("description", wording.description(Language::English)),
        ("value", format!("{peak} {unit}").trim_end().to_owned()),
        (
            "threshold",
            format!("{} {unit}", revision.threshold)
                .trim_end()
                .to_owned(),
        ),
        ("severity", severity_name(revision.severity).to_owned()),
        ("state", revision.state.name().to_owned()),
        ("revision", revision.revision.to_string()),
        ("onset", rfc3339(revision.onset)),
        ("nodes", format!("{heard} of {expected}")),
    ])
}
