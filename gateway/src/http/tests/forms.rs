//! The page's forms over real sockets: from our own pages taken, from anywhere else refused, and answered by a page.

use pipeline::alert::Desk;
use pipeline::calendar::HOUR;
use pipeline::city::{NodeIx, ZoneIx};
use pipeline::input::{Scope, Verdict};
use pipeline::output::Silence;
use pipeline::rules::RuleIx;
use wire::Quantity;

use super::*;

/// As a browser sends a form of ours.
const OWN: &str = "origin: http://wall\r\nsec-fetch-site: same-origin\r\n";

impl Server {
    async fn form(&self, path: &str, from: &str, fields: &str) -> (u16, String, String) {
        let kind = "application/x-www-form-urlencoded";
        let cookie = &self.cookie;
        let head =
            format!("POST {path} HTTP/1.1\r\nhost: wall\r\n{cookie}content-type: {kind}\r\n{from}");
        self.send(&head, fields).await
    }

    /// Posts a form of ours about the alert; what goes to the journal.
    async fn act(&mut self, path: &str, fields: &str, leads_to: &str) -> Action {
        let (status, head, body) = self.form(path, OWN, fields).await;
        assert_eq!(status, 303, "{path} {fields}: {body}");
        assert!(
            head.contains(&format!("location: {leads_to}\r\n")),
            "{head}"
        );
        self.actions.try_recv().unwrap()
    }
}

fn on_alert(verb: &str) -> String {
    format!("/alert/{}/{verb}", AlertId(1))
}

#[tokio::test]
async fn what_people_do_by_forms_is_what_they_do_by_the_api() {
    let mut server = server().await;
    // So that there is something to settle.
    server.say(revision(1, 2, AlertState::Unconfirmed, NOON));
    let (alert, node, by) = (AlertId(1), NodeIx(0), "Ada".to_owned());
    let scope = Scope {
        zone: Some(ZoneIx(0)),
        rule: Some(RuleIx(0)),
        kind: None,
    };
    let acknowledge = Action::Acknowledge {
        alert,
        by: by.clone(),
    };
    let comment = Action::Comment {
        alert,
        by: by.clone(),
        text: "a<b>\u{e9}".to_owned(),
    };
    let assign = |to: Option<&str>| Action::Assign {
        alert,
        by: by.clone(),
        to: to.map(str::to_owned),
    };
    let silence = Action::Silence {
        scope,
        until: NOON + 2 * HOUR,
        by: by.clone(),
        text: "drill".to_owned(),
    };
    let settle = Action::Settle {
        alert,
        by: by.clone(),
        verdict: Verdict::Ended,
    };
    let quarantine = |quantity| Action::Quarantine {
        node,
        quantity,
        from: NOON - HOUR / 2,
        by: by.clone(),
    };
    let release = Action::Release {
        node,
        quantity: None,
        by: by.clone(),
    };
    let (of_alert, of_node) = (format!("/alert/{alert}"), "/node/quay-1".to_owned());
    for (page, verb, fields, expected) in [
        (&of_alert, "acknowledge", "by=Ada", acknowledge),
        (&of_alert, "comment", "text=a%3Cb%3E%C3%A9", comment),
        (&of_alert, "assign", "to=Bo", assign(Some("Bo"))),
        (&of_alert, "assign", "to=&nobody=yes", assign(None)),
        (&of_alert, "silence", "text=drill&for=2h", silence),
        (&of_alert, "settle", "verdict=ended", settle),
        // The city's clocks are eight hours ahead.
        (
            &of_node,
            "quarantine",
            "from=2026-11-22T08%3A30&quantity=h2s",
            quarantine(Some(Quantity::H2s)),
        ),
        (
            &of_node,
            "quarantine",
            "from=2026-11-22T00%3A30%3A00Z&quantity=",
            quarantine(None),
        ),
        (&of_node, "release", "from=&quantity=", release),
    ] {
        let did = server
            .act(
                &format!("{page}/{verb}"),
                fields,
                &format!("{page}?said={verb}"),
            )
            .await;
        assert_eq!(did, expected, "{verb} {fields}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_form_of_another_site_is_refused() {
    let mut server = server().await;
    for from in [
        "origin: http://evil.example\r\nsec-fetch-site: cross-site\r\n",
        "origin: http://evil.example\r\n",
        "origin: http://wall.evil.example\r\n",
        "origin: http://wall:8080\r\n",
        "origin: null\r\n",
        "origin: null\r\nsec-fetch-site: same-origin\r\n",
        // A page beside ours on the same machine, and a browser that was made to open an address.
        "origin: http://wall\r\nsec-fetch-site: same-site\r\n",
        "origin: http://wall\r\nsec-fetch-site: none\r\n",
        "",
    ] {
        for path in [
            &on_alert("acknowledge"),
            "/node/quay-1/quarantine",
            "/silence/end",
        ] {
            let (status, _, page) = server.form(path, from, "").await;
            assert_eq!(status, 403, "{path} {from}");
            assert!(
                page.contains("was not sent by a page of this gateway"),
                "{page}"
            );
            assert!(server.actions.try_recv().is_err(), "{path} {from}");
        }
    }
    // Browsers that know only one of the two.
    for from in [
        "origin: https://WALL\r\n",
        "sec-fetch-site: same-origin\r\n",
    ] {
        let (status, _, _) = server.form(&on_alert("acknowledge"), from, "").await;
        assert_eq!(status, 303, "{from}");
        server.actions.try_recv().unwrap();
    }
    let (_, head, _) = server.ask("GET", "/", "text/plain", "").await;
    assert!(head.contains("form-action 'self'"), "{head}");
    assert!(
        head.contains("referrer-policy: same-origin"),
        "or browsers would hide the origin: {head}"
    );
    server.stop().await;
}

#[tokio::test]
async fn what_a_form_asks_in_vain_is_said_on_a_page() {
    let mut server = server().await;
    let nobody = format!("/alert/{}/comment", AlertId(9));
    for (path, fields, status, why) in [
        (on_alert("acknowledge"), "by=Eve", 422, "your own name, Ada"),
        (on_alert("assign"), "to=", 422, "a name of 1 to 64"),
        (
            on_alert("settle"),
            "verdict=ended",
            409,
            "nothing to settle",
        ),
        (
            on_alert("silence"),
            "text=x&for=ever",
            422,
            "a duration such as",
        ),
        (on_alert("dance"), "", 404, "no such thing"),
        (nobody, "text=x", 404, "no alert with this id"),
        (
            "/alert/%3Cscript%3E/comment".to_owned(),
            "text=x",
            400,
            "32 hexadecimal",
        ),
        (
            "/node/quay-2/release".to_owned(),
            "",
            404,
            "did you mean `quay-1`?",
        ),
        (
            "/node/quay-1/quarantine".to_owned(),
            "from=2026-11-22T09%3A01",
            422,
            "in the future",
        ),
        (
            "/node/quay-1/quarantine".to_owned(),
            "from=noon",
            422,
            "a time with its offset",
        ),
        (
            "/silence/end".to_owned(),
            "zone=quay",
            404,
            "exactly this scope",
        ),
    ] {
        let (got, head, page) = server.form(&path, OWN, fields).await;
        assert_eq!(got, status, "{path} {fields}: {page}");
        assert!(head.contains("content-type: text/html"), "{head}");
        assert!(
            page.contains(why) && page.contains("Nothing was done"),
            "{path}: {page}"
        );
        assert!(!page.contains("<script>"), "{path}");
        assert!(server.actions.try_recv().is_err(), "{path}");
    }
    let (status, _, _) = server
        .form(&on_alert("acknowledge"), OWN, &"a".repeat(9_000))
        .await;
    assert_eq!(status, 413);
    let head = format!(
        "POST {} HTTP/1.1\r\nhost: wall\r\n{}{OWN}content-type: application/json\r\n",
        on_alert("acknowledge"),
        server.cookie
    );
    assert_eq!(server.send(&head, r#"{}"#).await.0, 415);
    server.stop().await;
}

#[tokio::test]
async fn the_pages_show_what_can_be_done_and_what_was() {
    let server = server().await;
    let page = format!("/alert/{}", AlertId(1));
    let (_, html) = server.get(&page).await;
    for verb in ["acknowledge", "comment", "assign", "silence"] {
        assert!(
            html.contains(&format!("method=\"post\" action=\"{page}/{verb}\"")),
            "{verb}"
        );
    }
    assert!(!html.contains("/settle\""), "nothing is open to judgement");
    assert!(
        !html.contains("http-equiv"),
        "it would take away what somebody types"
    );
    assert!(
        server
            .get(&format!("{page}?said=comment"))
            .await
            .1
            .contains("Recorded: your comment")
    );
    assert!(
        !server
            .get(&format!("{page}?said=%3Cb%3E"))
            .await
            .1
            .contains("Recorded")
    );

    let mut proposes = revision(1, 2, AlertState::Updated, NOON);
    proposes.acknowledged = Some("Ada".to_owned());
    proposes.desk = Desk {
        assigned: Some("Bo".to_owned()),
        proposed: Some(AlertState::Cleared),
        ..Desk::default()
    };
    server.say(proposes);
    let (_, html) = server.get(&page).await;
    assert!(html.contains("/settle\"") && !html.contains("/acknowledge\""));
    server.say(revision(1, 3, AlertState::Cleared, NOON));
    let (_, html) = server.get(&page).await;
    assert!(!html.contains("action=\"/alert/") && html.contains("nothing left to do about it"));

    let (status, html) = server.get("/node/quay-1").await;
    assert!(status == 200 && html.contains("action=\"/node/quay-1/quarantine\""));
    assert!(html.contains("Since (UTC+08:00; empty: from now on)"));
    assert_eq!(server.get("/node/%3Cscript%3E").await.0, 404);
    let (status, head, _) = server.ask("GET", "/node?id=quay-1", "text/plain", "").await;
    assert!(
        status == 303 && head.contains("location: /node/quay-1\r\n"),
        "{head}"
    );
    let (status, html) = server.get("/node?id=quay%201").await;
    assert!(
        status == 404 && html.contains("did you mean `quay-1`?"),
        "{html}"
    );

    assert!(
        server
            .get("/silences")
            .await
            .1
            .contains("Every alert is told to everybody")
    );
    let output = TickOutput {
        tick: NOON as u64,
        silences: Some(vec![Silence {
            scope: Scope {
                zone: Some(ZoneIx(0)),
                ..Scope::default()
            },
            since: NOON,
            until: NOON + HOUR,
            by: "Ada".to_owned(),
            text: "<b>fireworks".to_owned(),
        }]),
        ..TickOutput::default()
    };
    server.board.write().unwrap().apply(&output);
    let (_, html) = server.get("/silences").await;
    assert!(
        html.contains(
            "Old quay</strong> from 09:00 until 10:00 · <bdi>Ada</bdi>: <bdi>&lt;b&gt;fireworks"
        ),
        "{html}"
    );
    assert!(html.contains("name=\"zone\" value=\"quay\""), "{html}");
    assert!(server.get("/").await.1.contains("Silences in force"));
    server.stop().await;
}
