//! Who may do what, asked of a whole gateway by another's client over TLS.
//!
//! Goal: whoever has no name reads nothing, whoever has one acts under it and in the own areas alone, everything that is
//! done or refused is in the audit log. Method: curl, each time with cookies of its own, before a gateway with a journal, a broker and nodes by hand; what was done is looked for
//! where it must arrive, on the alert's topic and in the log, and what must not be seen is there for somebody else.

#![allow(clippy::unwrap_used)]

use std::time::Instant;

use gateway::commands::audit;
use serde_json::Value;
use tests::gateway::{PATIENCE, until};
use tests::guarded::{Answer, Guarded, People, Served, Visitor};
use tests::wall::PASSWORD;

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_name_reads_nothing_and_who_has_one_acts_under_it() {
    let (city, other) = tokio::join!(Guarded::start(Served::Tls), Guarded::start(Served::Tls));
    let mut people = People::of(&city).await;
    let id = people.raised("n0").await;

    let nobody = city.visitor();
    nothing_is_read(&nobody, &id, &[]).await;
    assert_eq!(nobody.get("/readyz").await.status, 200);
    // What somebody made up, or was given by another gateway, is no session.
    let foreign = other.signed_in("Ada").await;
    let foreign = session(&foreign);
    assert_eq!(foreign.len(), 64, "{foreign}");
    for made_up in [
        format!("__Host-session={foreign}"),
        format!("__Host-session={}", "0".repeat(64)),
        format!("session={foreign}; __Host-session=Ada"),
        "__Host-session=".to_owned(),
    ] {
        nothing_is_read(&nobody, &id, &["-b", &made_up]).await;
    }
    for authorization in ["Bearer citysense_guess", "Basic QWRhOng=", "Bearer"] {
        let authorization = format!("Authorization: {authorization}");
        nothing_is_read(&nobody, &id, &["-H", &authorization]).await;
    }

    // A wrong password, then the right one.
    let ada = city.visitor();
    assert_eq!(ada.sign_in("Ada", "a guess at it").await.status, 403);
    let entered = ada.sign_in("Ada", PASSWORD).await;
    assert_eq!(entered.status, 303);
    assert!(entered.head.contains("location: /silences\r\n"));
    for word in ["; secure", "; httponly", "; samesite=lax"] {
        assert!(entered.head.contains(word), "{word}: {}", entered.head);
    }
    assert!(ada.get("/").await.body.contains("<strong>Ada</strong>"));

    // Vi only looks, and a page of another site sends nothing in Ada's name.
    let vi = city.signed_in("Vi").await;
    let acknowledge = format!("/alert/{id}/acknowledge");
    assert_eq!(vi.get(&format!("/alert/{id}")).await.status, 200);
    let refused = vi.post(&acknowledge, "").await;
    assert!(
        refused.status == 403 && refused.body.contains("acting needs the role operator"),
        "{refused:?}"
    );
    let evil = ["-H", "Origin: https://evil.example", "--data-raw", ""];
    assert_eq!(ada.ask(&acknowledge, &evil).await.status, 403);
    let comment = format!("/api/v1/alerts/{id}/comment");
    let false_name = r#"{"by": "Vi", "text": "it was me"}"#;
    assert_eq!(ada.post_json(&comment, false_name).await.status, 422);

    // What she does is the next that people hear of the alert: nothing of the above was done.
    assert_eq!(ada.post(&acknowledge, "").await.status, 303);
    let told = people.told().await;
    assert_eq!(
        (&told["id"], &told["acknowledged"]),
        (&id.as_str().into(), &"Ada".into())
    );
    let said = r#"{"text": "two of us go there"}"#;
    assert_eq!(ada.post_json(&comment, said).await.status, 202);
    let told = people.told().await;
    let told = told.to_string();
    assert!(told.contains("two of us go there"), "{told}");
    let page = ada.get(&format!("/alert/{id}")).await.body;
    assert!(page.contains("two of us go there"), "{page}");

    // Signed out, what her browser had kept is worth nothing.
    let kept = format!("__Host-session={}", session(&ada));
    assert_eq!(ada.post("/sign-out", "").await.status, 303);
    nothing_is_read(&ada, &id, &[]).await;
    nothing_is_read(&nobody, &id, &["-b", &kept]).await;

    // The log has it all, for the administrator alone, and for whoever has the disk.
    assert_eq!(vi.get("/api/v1/audit").await.status, 403);
    let log = city
        .signed_in("Root")
        .await
        .get("/api/v1/audit")
        .await
        .json();
    let written = |who: Option<&str>, what: &str, outcome: &str| {
        let fits = |entry: &&Value| {
            // A number has its reason behind it.
            let became = entry["outcome"].as_str().unwrap();
            let became = became.split(':').next();
            entry["who"].as_str() == who && entry["what"] == what && became == Some(outcome)
        };
        let entries = log["entries"].as_array().unwrap().iter();
        let count = entries.filter(fits).count();
        assert_eq!(count, 1, "{who:?} {what} {outcome} in {log:#}");
    };
    written(Some("Ada"), "POST /sign-in", "accepted");
    written(Some("Vi"), "POST /sign-in", "accepted");
    written(Some("Root"), "POST /sign-in", "accepted");
    written(Some("Ada"), &format!("POST {acknowledge}"), "accepted");
    written(Some("Ada"), &format!("POST {acknowledge}"), "403");
    written(Some("Vi"), &format!("POST {acknowledge}"), "403");
    written(Some("Ada"), &format!("POST {comment}"), "accepted");
    written(Some("Ada"), &format!("POST {comment}"), "422");
    written(Some("Ada"), "POST /sign-out", "accepted");
    let guess = log["entries"].as_array().unwrap().iter();
    let mut guess = guess.filter(|entry| entry["on"] == serde_json::json!({ "name": "Ada" }));
    assert_eq!(guess.next().unwrap()["who"], Value::Null, "{log:#}");

    let data = city.data.path().to_owned();
    city.gateway.stop().await;
    other.gateway.stop().await;
    let args = |json| audit::Args {
        data: data.clone(),
        limit: 1_000,
        json,
    };
    let mut kept = Vec::new();
    assert_eq!(audit::print(&args(true), &mut kept).unwrap(), 0);
    let kept = String::from_utf8(kept).unwrap();
    let kept: Vec<Value> = kept
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(&kept, log["entries"].as_array().unwrap());
    let mut lines = Vec::new();
    audit::print(&args(false), &mut lines).unwrap();
    let lines = String::from_utf8(lines).unwrap();
    let line = format!("Vi (viewer) POST {acknowledge}: 403");
    assert!(lines.contains(&line), "{lines}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_one_zone_neither_sees_nor_acts_on_anothers_alert() {
    let city = Guarded::start(Served::Tls).await;
    let (ada, bo) = (city.signed_in("Ada").await, city.signed_in("Bo").await);
    let (mut all, mut own) = (ada.stream(), bo.stream());
    let readers = "citysense_stream_readers";
    until("both read the stream", || {
        city.gateway.metric(readers) == 2.0
    })
    .await;
    let mut people = People::of(&city).await;
    let foreign = people.raised("n1").await;
    let quay = people.raised("n0").await;

    // In the list, by what was known, in the event stream.
    let of = |list: &Answer| -> Vec<String> {
        let list = list.json();
        let alerts = list["alerts"].as_array().unwrap().iter();
        let mut ids: Vec<String> = alerts
            .map(|alert| alert["id"].as_str().unwrap().to_owned())
            .collect();
        ids.sort();
        ids
    };
    let mut both = vec![foreign.clone(), quay.clone()];
    both.sort();
    assert_eq!(of(&ada.get("/api/v1/alerts").await), both);
    assert_eq!(
        of(&bo.get("/api/v1/alerts").await),
        std::slice::from_ref(&quay)
    );
    let updated = ada.get(&format!("/api/v1/alerts/{quay}")).await.json();
    let updated = updated["alert"]["updated"].as_str().unwrap().to_owned();
    let known = format!("/api/v1/alerts?known_at={updated}");
    assert_eq!(of(&over(&ada, &known).await), both);
    assert_eq!(of(&over(&bo, &known).await), std::slice::from_ref(&quay));
    let heard = all.until(&[&foreign, &quay]).await;
    assert!(heard.contains("event: alert"), "{heard}");
    let heard = own.until(&[&quay]).await;
    assert!(
        !heard.contains(&foreign) && !heard.contains("mole"),
        "{heard}"
    );

    // By its name: history, explanation, message, pages; and nothing can be done about it.
    for path in [
        format!("/api/v1/alerts/{foreign}"),
        format!("/api/v1/alerts/{foreign}/explain"),
        format!("/api/v1/alerts/{foreign}/cap"),
        format!("/alert/{foreign}"),
        format!("/alert/{foreign}/why"),
    ] {
        let seen = ada.get(&path).await;
        assert_eq!(seen.status, 200, "{path}: {seen:?}");
        let unseen = bo.get(&path).await;
        assert_eq!(unseen.status, 404, "{path}: {unseen:?}");
        assert!(!unseen.body.contains("Mole"), "{path}: {unseen:?}");
        assert_eq!(bo.get(&path.replace(&foreign, &quay)).await.status, 200);
    }
    for path in [
        "/",
        "/alerts",
        "/zones",
        "/cap.atom",
        "/metrics",
        "/export/alerts.csv",
    ] {
        let (whole, part) = (ada.get(path).await.body, bo.get(path).await.body);
        assert!(whole.to_lowercase().contains("mole"), "{path}: {whole}");
        assert!(!part.to_lowercase().contains("mole"), "{path}: {part}");
    }
    let page = format!("/alert/{foreign}/acknowledge");
    assert_eq!(bo.post(&page, "").await.status, 404);
    for (verb, body) in [
        ("acknowledge", "{}"),
        ("comment", r#"{"text": "not mine"}"#),
        ("assign", r#"{"to": "Bo"}"#),
    ] {
        let path = format!("/api/v1/alerts/{foreign}/{verb}");
        assert_eq!(bo.post_json(&path, body).await.status, 404, "{path}");
    }
    let withdrawn = bo
        .post_json("/api/v1/nodes/n1/quarantine", r#"{"reason": "not mine"}"#)
        .await;
    assert!((400..500).contains(&withdrawn.status), "{withdrawn:?}");
    // The next that people hear is what Bo does in the own zone.
    let own_alert = format!("/api/v1/alerts/{quay}/acknowledge");
    assert_eq!(bo.post_json(&own_alert, "{}").await.status, 202);
    let told = people.told().await;
    assert_eq!(
        (&told["id"], &told["acknowledged"]),
        (&quay.as_str().into(), &"Bo".into())
    );
    city.gateway.stop().await;
}

/// Neither pages nor programs' answers, whatever is asked; pages lead to the sign-in.
async fn nothing_is_read(visitor: &Visitor, alert: &str, args: &[&str]) {
    let (page, story) = (format!("/alert/{alert}"), format!("/api/v1/alerts/{alert}"));
    let known_token = args.iter().any(|arg| arg.starts_with("Authorization"));
    for path in [
        "/",
        &page,
        "/history",
        "/playback",
        "/api/v1/alerts",
        &story,
        "/api/v1/stream",
        "/metrics",
        "/cap.atom",
    ] {
        let answer = visitor.ask(path, args).await;
        let is_page = !(path.starts_with("/api/") || path == "/metrics" || path == "/cap.atom");
        let expected = if is_page && !known_token { 303 } else { 401 };
        assert_eq!(answer.status, expected, "{path} {args:?}: {answer:?}");
        assert!(
            !answer.body.contains("Quay") && !answer.body.contains("quay"),
            "{answer:?}"
        );
        assert!(
            is_page || answer.head.contains("www-authenticate: bearer"),
            "{answer:?}"
        );
    }
}

/// What curl has kept of the sign-in.
fn session(visitor: &Visitor) -> String {
    let cookies = visitor.cookies();
    let mut lines = cookies
        .lines()
        .filter(|line| line.contains("__Host-session"));
    let line = lines
        .next()
        .unwrap_or_else(|| panic!("no session in {cookies}"));
    line.split('\t').next_back().unwrap().to_owned()
}

/// The answer about a moment that people heard of just now, once it is over.
async fn over(visitor: &Visitor, path: &str) -> Answer {
    let start = Instant::now();
    loop {
        let answer = visitor.get(path).await;
        if !answer.body.contains("is not over yet") {
            return answer;
        }
        assert!(start.elapsed() < PATIENCE, "{answer:?}");
    }
}
