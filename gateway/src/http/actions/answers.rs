//! What a program is told of the action that it asked for: names for numbers, as the journal will have it.

use pipeline::calendar::rfc3339;
use pipeline::city::{NodeIx, ZoneIx};
use pipeline::input::{Action, Scope};
use serde_json::{Value, json};

use crate::board::Face;

/// `action` in the words of the API.
pub(in crate::http) fn of(action: &Action, face: &Face) -> Value {
    let mut said = match action {
        Action::Acknowledge { alert, by } => {
            json!({ "action": "acknowledge", "alert": alert.to_string(), "by": by })
        }
        Action::Comment { alert, by, text } => {
            json!({ "action": "comment", "alert": alert.to_string(), "by": by, "text": text })
        }
        Action::Assign { alert, by, to } => {
            json!({ "action": "assign", "alert": alert.to_string(), "by": by, "to": to })
        }
        Action::Settle { alert, by, verdict } => {
            json!({ "action": "settle", "alert": alert.to_string(), "by": by, "verdict": verdict })
        }
        Action::Silence {
            scope,
            until,
            by,
            text,
        } => {
            let mut said =
                json!({ "action": "silence", "until": rfc3339(*until), "by": by, "text": text });
            self::scope(&mut said, *scope, face);
            said
        }
        Action::Anchor {
            zone: ix,
            at,
            count,
        } => json!({
            "action": "anchor",
            "zone": zone(face, *ix),
            "at": rfc3339(*at),
            "count": count.to_f64(),
        }),
        Action::Quarantine {
            node: ix,
            quantity,
            from,
            by,
        } => json!({
            "action": "quarantine",
            "node": node(face, *ix),
            "quantity": quantity.map(|quantity| quantity.name()),
            "from": rfc3339(*from),
            "by": by,
        }),
        Action::Release {
            node: ix,
            quantity,
            by,
        } => json!({
            "action": "release",
            "node": node(face, *ix),
            "quantity": quantity.map(|quantity| quantity.name()),
            "by": by,
        }),
    };
    said["accepted"] = true.into();
    said
}

/// Adds what a silence is about; what is not named is all.
pub(in crate::http) fn scope(said: &mut Value, scope: Scope, face: &Face) {
    let rule = face.alerting().find(|(ix, ..)| Some(*ix) == scope.rule);
    for (name, value) in [
        ("zone", scope.zone.and_then(|ix| zone(face, ix))),
        ("kind", scope.kind.map(|kind| kind.to_string())),
        ("rule", rule.map(|(_, id, _)| id.to_string())),
    ] {
        said[name] = value.into();
    }
}

fn zone(face: &Face, ix: ZoneIx) -> Option<String> {
    face.zone(ix).map(|zone| zone.id.to_string())
}

fn node(face: &Face, ix: NodeIx) -> Option<String> {
    let node = face.nodes.iter().find(|node| node.ix == ix);
    node.map(|node| node.id.to_string())
}
