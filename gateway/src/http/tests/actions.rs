//! What people ask for over HTTP: what reaches the journal's queue, and what is refused in words that help.

use pipeline::alert::Desk;
use pipeline::input::Verdict;

use super::*;

const JSON: &str = "application/json";

fn on_alert(id: u128, verb: &str) -> String {
    format!("/api/v1/alerts/{}/{verb}", AlertId(id))
}

impl Server {
    /// Asks as a program does; the answer's status and what it says.
    pub(super) async fn post(&self, path: &str, body: &str) -> (u16, serde_json::Value) {
        let (status, _, answer) = self.ask("POST", path, JSON, body).await;
        (status, serde_json::from_str(&answer).unwrap_or_default())
    }

    /// Asks for what is refused with `status` in words that contain `why`; nothing reaches the journal.
    pub(super) async fn refused(&mut self, path: &str, body: &str, status: u16, why: &str) {
        let (got, answer) = self.post(path, body).await;
        let said = answer["error"].as_str().unwrap_or_default();
        assert_eq!(got, status, "{path} {body}: {said}");
        assert!(said.contains(why), "{path} {body}: no «{why}» in «{said}»");
        assert!(self.actions.try_recv().is_err(), "{path} {body}");
    }

    /// Asks for what is taken, and returns what goes to the journal and what was answered.
    pub(super) async fn taken(&mut self, path: &str, body: &str) -> (Action, serde_json::Value) {
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

    let body = r#"{"text": "the crowd is leaving by the north gate"}"#;
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
        .taken(&on_alert(1, "assign"), r#"{"to": "Bo"}"#)
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
        .taken(&on_alert(1, "assign"), r#"{"to": null}"#)
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
    let body = r#"{"verdict": "stands"}"#;
    let (action, said) = server.taken(&on_alert(1, "settle"), body).await;
    let verdict = Verdict::Stands;
    assert_eq!(action, Action::Settle { alert, by, verdict });
    assert_eq!(said["verdict"], "stands");
    server.stop().await;
}

#[tokio::test]
async fn what_cannot_be_done_about_an_alert_is_refused_in_words() {
    let mut server = server().await;
    let by = "{}";
    let ack = on_alert(1, "acknowledge");
    let (status, _, _) = server.ask("POST", &ack, "text/plain", by).await;
    assert_eq!(status, 415);
    let form = "application/x-www-form-urlencoded";
    assert_eq!(server.ask("POST", &ack, form, "").await.0, 415);
    server
        .refused(&ack, "{", 400, "send application/json such as")
        .await;
    server
        .refused(&ack, r#"{"by": "  "}"#, 422, "your own name, Ada")
        .await;
    let assign = on_alert(1, "assign");
    for to in ["  ", r"a\u0007", r"a\u202eb"] {
        let body = format!(r#"{{"to": "{to}"}}"#);
        server
            .refused(&assign, &body, 422, "1 to 64 printable")
            .await;
    }
    server
        .refused(&ack, r#"{"bye": 1}"#, 422, "unknown field")
        .await;
    let body = format!(r#"{{"to": "{}"}}"#, "é".repeat(65));
    server.refused(&assign, &body, 422, "1 to 64").await;
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
        .refused(&comment, r#"{"text": ""}"#, 422, "1 to 500")
        .await;
    let body = format!(r#"{{"text": "{}"}}"#, "a".repeat(501));
    server.refused(&comment, &body, 422, "1 to 500").await;
    server
        .refused(&on_alert(1, "assign"), by, 422, "missing field `to`")
        .await;
    server
        .refused(&on_alert(1, "assign"), r#"{"to": ""}"#, 422, "\"to\"")
        .await;

    // Nothing about it is open to a person's judgement.
    let settle = on_alert(1, "settle");
    let stands = r#"{"verdict": "stands"}"#;
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
            r#"{"verdict": "gone"}"#,
            422,
            "\"stands\" or \"ended\"",
        )
        .await;
    server.taken(&settle, r#"{"verdict": "ended"}"#).await;

    server.say(revision(1, 3, AlertState::Cleared, NOON));
    for (verb, body) in [
        ("acknowledge", by),
        ("comment", r#"{"text": "late"}"#),
        ("assign", r#"{"to": null}"#),
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
    let (ack, by) = (on_alert(1, "acknowledge"), "{}");
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
