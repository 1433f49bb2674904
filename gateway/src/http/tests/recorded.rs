//! The audit log: what people and strangers did or tried, in its own words, before they were answered.

use super::door::{OWN, bearer, on_alert};
use super::*;
use crate::access::audit;

#[tokio::test]
async fn what_is_done_and_what_is_refused_is_written_before_it_is_answered() {
    let server = server().await;
    let dir = tempfile::tempdir().unwrap();
    server
        .door
        .keep_audit(dir.path(), NOON, &prometheus::Registry::new());
    let vi = server.enter("Vi").await;
    server.post(&on_alert("acknowledge"), "{}").await;
    let form = format!("/alert/{}/comment", AlertId(1));
    server
        .as_browser("POST", &form, &format!("{vi}{OWN}"), "text=x")
        .await;
    let fields = "name=Eve%0aAda+signed+in&password=x";
    server.as_browser("POST", "/sign-in", OWN, fields).await;
    server
        .as_browser("POST", "/sign-out", &format!("{vi}{OWN}"), "")
        .await;
    let forged = format!(
        "GET / HTTP/1.1\r\nhost: wall\r\n{}",
        bearer("citysense_forged")
    );
    server.send(&forged, "").await;
    let (entries, broken) = audit::read(dir.path(), 100).unwrap();
    let told: Vec<_> = entries
        .iter()
        .map(|e| {
            (
                e.who.as_deref(),
                e.role.as_str(),
                e.what.as_str(),
                &e.outcome[..8],
            )
        })
        .collect();
    let ack = format!("POST {}", on_alert("acknowledge"));
    let comment = format!("POST {form}");
    assert_eq!(
        told,
        [
            (Some("Vi"), "viewer", "POST /sign-in", "accepted"),
            (Some("Ada"), "operator", ack.as_str(), "accepted"),
            (Some("Vi"), "viewer", comment.as_str(), "403: Vi "),
            (None, "none", "POST /sign-in", "403: nam"),
            (Some("Vi"), "viewer", "POST /sign-out", "accepted"),
            (None, "none", "GET /", "401: the"),
        ]
    );
    assert_eq!(broken, 0);
    assert_eq!(entries[1].on.as_ref().unwrap()["action"], "acknowledge");
    assert_eq!(
        entries[3].on.as_ref().unwrap()["name"],
        "Eve\nAda signed in"
    );
    assert_eq!(entries[0].address, "127.0.0.1");
    assert_eq!(
        server.get("/api/v1/audit").await.0,
        403,
        "Ada is an operator"
    );

    // A log that cannot be written is no reason to act unseen.
    let full = tempfile::tempdir().unwrap();
    let server = {
        server.stop().await;
        super::server().await
    };
    server.door.keep_audit(
        &full.path().join("file"),
        NOON,
        &prometheus::Registry::new(),
    );
    std::fs::write(full.path().join("file"), "").unwrap();
    let (status, said) = server.post(&on_alert("acknowledge"), "{}").await;
    assert_eq!(status, 500, "{said}");
    server.stop().await;
}
