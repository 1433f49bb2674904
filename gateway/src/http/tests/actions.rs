//! What people ask for over HTTP: what reaches the journal's queue, and what is refused in words that help.

use pipeline::alert::Desk;
use pipeline::calendar::{DAY, HOUR, rfc3339};
use pipeline::city::{NodeIx, ZoneIx};
use pipeline::input::{Scope, Verdict};
use pipeline::output::Silence;
use pipeline::rules::RuleIx;
use wire::{KindId, Quantity};

use super::*;

const JSON: &str = "application/json";

fn on_alert(id: u128, verb: &str) -> String {
    format!("/api/v1/alerts/{}/{verb}", AlertId(id))
}

impl Server {
    /// Asks as a program does; the answer's status and what it says.
    async fn post(&self, path: &str, body: &str) -> (u16, serde_json::Value) {
        let (status, _, answer) = self.ask("POST", path, JSON, body).await;
        (status, serde_json::from_str(&answer).unwrap_or_default())
    }

    /// Asks for what is refused with `status` in words that contain `why`; nothing reaches the journal.
    async fn refused(&mut self, path: &str, body: &str, status: u16, why: &str) {
        let (got, answer) = self.post(path, body).await;
        let said = answer["error"].as_str().unwrap_or_default();
        assert_eq!(got, status, "{path} {body}: {said}");
        assert!(said.contains(why), "{path} {body}: no «{why}» in «{said}»");
        assert!(self.actions.try_recv().is_err(), "{path} {body}");
    }

    /// Asks for what is taken, and returns what goes to the journal and what was answered.
    async fn taken(&mut self, path: &str, body: &str) -> (Action, serde_json::Value) {
        let (status, answer) = self.post(path, body).await;
        assert_eq!(status, 202, "{path} {body}: {answer}");
        assert_eq!(answer["accepted"], true);
        (self.actions.try_recv().unwrap(), answer)
    }

    pub(super) fn say(&self, revision: pipeline::alert::Revision) {
        let output = TickOutput {
            tick: NOON as u64,
            revisions: vec![revision],
            ..TickOutput::default()
        };
        self.board.write().unwrap().apply(&output);
    }
}

#[tokio::test]
async fn what_people_do_about_an_alert_is_answered_with_what_is_journaled() {
    let mut server = server().await;
    let alert = AlertId(1);
    let by = "Ada".to_owned();

    let (action, said) = server
        .taken(&on_alert(1, "acknowledge"), r#"{"by": " Ada "}"#)
        .await;
    assert_eq!(
        action,
        Action::Acknowledge {
            alert,
            by: by.clone()
        }
    );
    assert_eq!(
        (&said["action"], &said["by"]),
        (&"acknowledge".into(), &"Ada".into())
    );

    let body = r#"{"by": "Ada", "text": "the crowd is leaving by the north gate"}"#;
    let (action, said) = server.taken(&on_alert(1, "comment"), body).await;
    let text = "the crowd is leaving by the north gate".to_owned();
    assert_eq!(said["text"], text);
    assert_eq!(
        action,
        Action::Comment {
            alert,
            by: by.clone(),
            text
        }
    );

    let (action, _) = server
        .taken(&on_alert(1, "assign"), r#"{"by": "Ada", "to": "Bo"}"#)
        .await;
    let to = Some("Bo".to_owned());
    assert_eq!(
        action,
        Action::Assign {
            alert,
            by: by.clone(),
            to
        }
    );
    let (action, said) = server
        .taken(&on_alert(1, "assign"), r#"{"by": "Ada", "to": null}"#)
        .await;
    assert_eq!(
        action,
        Action::Assign {
            alert,
            by: by.clone(),
            to: None
        }
    );
    assert_eq!(said["to"], serde_json::Value::Null);

    server.say(revision(1, 2, AlertState::Unconfirmed, NOON));
    let body = r#"{"by": "Ada", "verdict": "stands"}"#;
    let (action, said) = server.taken(&on_alert(1, "settle"), body).await;
    let verdict = Verdict::Stands;
    assert_eq!(action, Action::Settle { alert, by, verdict });
    assert_eq!(said["verdict"], "stands");
    server.stop().await;
}

#[tokio::test]
async fn what_cannot_be_done_about_an_alert_is_refused_in_words() {
    let mut server = server().await;
    let by = r#"{"by": "Ada"}"#;
    let ack = on_alert(1, "acknowledge");
    let (status, _, _) = server.ask("POST", &ack, "text/plain", by).await;
    assert_eq!(status, 415);
    let form = "application/x-www-form-urlencoded";
    assert_eq!(server.ask("POST", &ack, form, "by=Ada").await.0, 415);
    server
        .refused(&ack, "{", 400, "send application/json such as")
        .await;
    server
        .refused(&ack, r#"{"by": "  "}"#, 422, "a name of 1 to 64")
        .await;
    server
        .refused(&ack, r#"{"by": "a\u0007"}"#, 422, "printable")
        .await;
    server
        .refused(&ack, r#"{"by": "a\u202eb"}"#, 422, "printable")
        .await;
    server
        .refused(&ack, r#"{"by": "Ada", "bye": 1}"#, 422, "unknown field")
        .await;
    let body = format!(r#"{{"by": "{}"}}"#, "é".repeat(65));
    server.refused(&ack, &body, 422, "1 to 64").await;
    let body = format!(r#"{{"by": "{}"}}"#, "a".repeat(9_000));
    server.refused(&ack, &body, 413, "").await;
    server
        .refused("/api/v1/alerts/7/acknowledge", by, 400, "32 hexadecimal")
        .await;
    server
        .refused(
            &on_alert(9, "acknowledge"),
            by,
            404,
            "no alert with this id",
        )
        .await;

    let comment = on_alert(1, "comment");
    server
        .refused(&comment, by, 422, "missing field `text`")
        .await;
    server
        .refused(&comment, r#"{"by": "Ada", "text": ""}"#, 422, "1 to 500")
        .await;
    let body = format!(r#"{{"by": "Ada", "text": "{}"}}"#, "a".repeat(501));
    server.refused(&comment, &body, 422, "1 to 500").await;
    server
        .refused(&on_alert(1, "assign"), by, 422, "missing field `to`")
        .await;
    server
        .refused(
            &on_alert(1, "assign"),
            r#"{"by": "Ada", "to": ""}"#,
            422,
            "\"to\"",
        )
        .await;

    // Nothing about it is open to a person's judgement.
    let settle = on_alert(1, "settle");
    let stands = r#"{"by": "Ada", "verdict": "stands"}"#;
    server
        .refused(&settle, stands, 409, "nothing to settle")
        .await;
    let mut proposes = revision(1, 2, AlertState::Updated, NOON);
    proposes.desk = Desk {
        assigned: Some("Bo".to_owned()),
        proposed: Some(AlertState::Cleared),
        ..Desk::default()
    };
    server.say(proposes);
    server
        .refused(
            &settle,
            r#"{"by": "Ada", "verdict": "gone"}"#,
            422,
            "\"stands\" or \"ended\"",
        )
        .await;
    server
        .taken(&settle, r#"{"by": "Ada", "verdict": "ended"}"#)
        .await;

    server.say(revision(1, 3, AlertState::Cleared, NOON));
    for (verb, body) in [
        ("acknowledge", by),
        ("comment", r#"{"by": "Ada", "text": "late"}"#),
        ("assign", r#"{"by": "Ada", "to": null}"#),
        ("settle", stands),
    ] {
        server
            .refused(&on_alert(1, verb), body, 409, "has ended")
            .await;
    }
    server.stop().await;
}

#[tokio::test]
async fn a_gateway_that_cannot_take_an_action_says_so_instead_of_losing_it() {
    let mut server = server().await;
    let (ack, by) = (on_alert(1, "acknowledge"), r#"{"by": "Ada"}"#);
    assert_eq!(server.post(&ack, by).await.0, 202);
    // The queue holds one; the next person is told to try again.
    let (status, said) = server.post(&ack, by).await;
    assert_eq!(status, 503);
    assert!(said["error"].as_str().unwrap().contains("try again"));
    server.actions.try_recv().unwrap();
    let full = Some("no space left".to_owned());
    server.board.write().unwrap().journal_changed(full);
    server.refused(&ack, by, 503, "no space left").await;
    server.board.write().unwrap().journal_changed(None);
    server.actions.close();
    assert_eq!(server.post(&ack, by).await.0, 503);
    server.stop().await;
}

#[tokio::test]
async fn a_silence_is_for_a_scope_and_a_time() {
    let mut server = server().await;
    let path = "/api/v1/silences";
    let body = r#"{"by": "Ada", "for": "2h", "zone": "quay", "kind": "crowd",
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
    let body = r#"{"by": "Ada", "until": "2026-11-22T10:00:00+08:00", "text": "drill"}"#;
    let (action, _) = server.taken(path, body).await;
    let Action::Silence { scope, until, .. } = action else {
        panic!("{action:?}")
    };
    assert_eq!((scope, until), (Scope::default(), NOON + HOUR));
    let body = r#"{"by": "Ada", "for": "1h", "kind": "silence", "text": "works"}"#;
    server.taken(path, body).await;

    let asked = |rest: &str| format!(r#"{{"by": "Ada", "text": "why", {rest}}}"#);
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
            r#"{"by": "", "text": "x", "for": "1h"}"#,
            422,
            "\"by\"",
        )
        .await;
    server
        .refused(
            path,
            r#"{"by": "Ada", "text": " ", "for": "1h"}"#,
            422,
            "\"text\"",
        )
        .await;
    server.stop().await;
}

#[tokio::test]
async fn a_silence_in_force_is_listed_and_ended() {
    let mut server = server().await;
    let end = "/api/v1/silences/end";
    let asked = r#"{"by": "Bo", "zone": "quay"}"#;
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
        .refused(end, r#"{"by": "Bo"}"#, 404, "exactly this scope")
        .await;
    let (action, _) = server.taken(end, asked).await;
    let (by, text) = ("Bo".to_owned(), "ended".to_owned());
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
    let (action, said) = server.taken(quarantine, r#"{"by": "Ada"}"#).await;
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
    let body = r#"{"by": "Ada", "from": "2026-11-22T08:30:00+08:00", "quantity": "h2s"}"#;
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
    let (action, _) = server
        .taken(release, r#"{"by": "Ada", "quantity": "h2s"}"#)
        .await;
    assert_eq!(action, Action::Release { node, quantity, by });

    let unknown = "/api/v1/nodes/quay-2/quarantine";
    server
        .refused(unknown, r#"{"by": "Ada"}"#, 404, "(did you mean `quay-1`?)")
        .await;
    let unknown = "/api/v1/nodes/quay-2/release";
    server
        .refused(unknown, r#"{"by": "Ada"}"#, 404, "no node \"quay-2\"")
        .await;
    server
        .refused(
            release,
            r#"{"by": "Ada", "quantity": "h2"}"#,
            422,
            "no quantity \"h2\"",
        )
        .await;
    let asked = |from: &str, rest: &str| format!(r#"{{"by": "Ada", "from": "{from}"{rest}}}"#);
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
