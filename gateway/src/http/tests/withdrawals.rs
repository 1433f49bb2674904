//! Silences and quarantines over HTTP: scopes, times and nodes that are, and those that are not.

use pipeline::calendar::{DAY, HOUR, rfc3339};
use pipeline::city::{NodeIx, ZoneIx};
use pipeline::input::Scope;
use pipeline::output::Silence;
use pipeline::rules::RuleIx;
use wire::{KindId, Quantity};

use super::*;

#[tokio::test]
async fn a_silence_is_for_a_scope_and_a_time() {
    let mut server = server().await;
    let path = "/api/v1/silences";
    let body = r#"{"for": "2h", "zone": "quay", "kind": "crowd",
                   "rule": "crowd-danger", "text": "fireworks"}"#;
    let (action, said) = server.taken(path, body).await;
    let scope = Scope {
        zone: Some(ZoneIx(0)),
        kind: Some(KindId::new("crowd").unwrap()),
        rule: Some(RuleIx(0)),
    };
    let (by, text) = ("Ada".to_owned(), "fireworks".to_owned());
    let until = NOON + 2 * HOUR;
    assert_eq!(
        action,
        Action::Silence {
            scope,
            until,
            by,
            text
        }
    );
    assert_eq!(said["until"], "2026-11-22T03:00:00.000Z");
    assert_eq!(
        (&said["zone"], &said["rule"]),
        (&"quay".into(), &"crowd-danger".into())
    );

    // By a moment with its offset; about everything; and about the rule that needs none written down.
    let body = r#"{"until": "2026-11-22T10:00:00+08:00", "text": "drill"}"#;
    let (action, _) = server.taken(path, body).await;
    let Action::Silence { scope, until, .. } = action else {
        panic!("{action:?}")
    };
    assert_eq!((scope, until), (Scope::default(), NOON + HOUR));
    let body = r#"{"for": "1h", "kind": "silence", "text": "works"}"#;
    server.taken(path, body).await;

    let asked = |rest: &str| format!(r#"{{"text": "why", {rest}}}"#);
    for (rest, why) in [
        (
            r#""zone": "quai", "for": "1h""#,
            "no zone \"quai\" (did you mean `quay`?)",
        ),
        (r#""kind": "crow", "for": "1h""#, "(did you mean `crowd`?)"),
        (r#""rule": "x", "for": "1h""#, "no rule \"x\""),
        (
            r#""until": "2026-11-22T01:00:00Z""#,
            "must end in the future",
        ),
        (
            r#""until": "tomorrow""#,
            "such as 2026-11-22T09:30:00+08:00",
        ),
        (
            r#""until": "2026-11-22T10:00:00""#,
            "a time with its offset",
        ),
        (r#""for": "31d""#, "30d at most"),
        (r#""for": "0s""#, "in the future"),
        (r#""for": "long""#, "a duration such as"),
        (
            r#""for": "1h", "until": "2026-11-23T01:00:00Z""#,
            "not both",
        ),
        (r#""zone": "quay""#, "say \"until\" when"),
    ] {
        server.refused(path, &asked(rest), 422, why).await;
    }
    server
        .refused(
            path,
            r#"{"by": "Bo", "text": "x", "for": "1h"}"#,
            422,
            "\"by\"",
        )
        .await;
    server
        .refused(path, r#"{"text": " ", "for": "1h"}"#, 422, "\"text\"")
        .await;
    server.stop().await;
}

#[tokio::test]
async fn a_silence_in_force_is_listed_and_ended() {
    let mut server = server().await;
    let end = "/api/v1/silences/end";
    let asked = r#"{"zone": "quay"}"#;
    server
        .refused(end, asked, 404, "no silence of exactly this scope")
        .await;
    let scope = Scope {
        zone: Some(ZoneIx(0)),
        ..Scope::default()
    };
    let silence = Silence {
        scope,
        since: NOON,
        until: NOON + HOUR,
        by: "Ada".to_owned(),
        text: "fireworks".to_owned(),
    };
    let output = TickOutput {
        tick: NOON as u64,
        silences: Some(vec![silence]),
        ..TickOutput::default()
    };
    server.board.write().unwrap().apply(&output);
    let listed = server.json("/api/v1/silences").await;
    let listed = &listed["silences"][0];
    assert_eq!(
        (&listed["zone"], &listed["kind"]),
        (&"quay".into(), &serde_json::Value::Null)
    );
    assert_eq!(
        (&listed["by"], &listed["until"]),
        (&"Ada".into(), &"2026-11-22T02:00:00.000Z".into())
    );
    server
        .refused(end, r#"{}"#, 404, "exactly this scope")
        .await;
    let (action, _) = server.taken(end, asked).await;
    let (by, text) = ("Ada".to_owned(), "ended".to_owned());
    assert_eq!(
        action,
        Action::Silence {
            scope,
            until: NOON,
            by,
            text
        }
    );
    server.stop().await;
}

#[tokio::test]
async fn a_node_is_withdrawn_within_the_horizon_and_released() {
    let mut server = server().await;
    let (quarantine, release) = (
        "/api/v1/nodes/quay-1/quarantine",
        "/api/v1/nodes/quay-1/release",
    );
    let (node, by) = (NodeIx(0), "Ada".to_owned());
    let (action, said) = server.taken(quarantine, r#"{}"#).await;
    let (quantity, from) = (None, NOON);
    assert_eq!(
        action,
        Action::Quarantine {
            node,
            quantity,
            from,
            by: by.clone()
        }
    );
    assert_eq!(
        (&said["node"], &said["from"]),
        (&"quay-1".into(), &"2026-11-22T01:00:00.000Z".into())
    );
    let body = r#"{"from": "2026-11-22T08:30:00+08:00", "quantity": "h2s"}"#;
    let (action, said) = server.taken(quarantine, body).await;
    let (quantity, from) = (Some(Quantity::H2s), NOON - HOUR / 2);
    assert_eq!(
        action,
        Action::Quarantine {
            node,
            quantity,
            from,
            by: by.clone()
        }
    );
    assert_eq!(said["quantity"], "h2s");
    let (action, _) = server.taken(release, r#"{"quantity": "h2s"}"#).await;
    assert_eq!(action, Action::Release { node, quantity, by });

    let unknown = "/api/v1/nodes/quay-2/quarantine";
    server
        .refused(unknown, r#"{}"#, 404, "(did you mean `quay-1`?)")
        .await;
    let unknown = "/api/v1/nodes/quay-2/release";
    server
        .refused(unknown, r#"{}"#, 404, "no node \"quay-2\"")
        .await;
    server
        .refused(release, r#"{"quantity": "h2"}"#, 422, "no quantity \"h2\"")
        .await;
    let asked = |from: &str, rest: &str| format!(r#"{{"from": "{from}"{rest}}}"#);
    let future = asked("2026-11-22T01:00:01Z", "");
    server
        .refused(
            quarantine,
            &future,
            422,
            "in the future; it is 2026-11-22T01:00:00.000Z",
        )
        .await;
    let long_ago = rfc3339(NOON - 40 * DAY);
    server
        .refused(quarantine, &asked(&long_ago, ""), 422, "beyond the horizon")
        .await;
    // What air may still correct, a gas sensor's panes may not.
    let today = rfc3339(NOON - 3 * HOUR);
    server
        .refused(
            quarantine,
            &asked(&today, r#", "quantity": "h2s""#),
            422,
            "older than 1h",
        )
        .await;
    server.taken(quarantine, &asked(&today, "")).await;
    server.stop().await;
}
