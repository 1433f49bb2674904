//! The door: who comes in by what, what is refused to whom, and that nobody acts under a name that is not theirs.

use crate::access::{Digest, Hashed, Policy, Reach, Role, Token, User};

use super::*;

pub(super) const PASSWORD: &str = "correct horse battery";
/// Of [`PASSWORD`], made by another implementation (argon2-cffi 25.1) with the least that is accepted.
const HASH: &str = "$argon2id$v=19$m=7168,t=1,p=1$Y2l0eXNlbnNlLXRlc3RzIQ$/LHLRlg80kbqwf9s7fX43l+mPBVzZcakmqLUu16jMTs";
const FORM: &str = "application/x-www-form-urlencoded";
pub(super) const OWN: &str = "origin: http://wall\r\nsec-fetch-site: same-origin\r\n";

/// Ada operates the whole city, Bo the mole; Vi only looks.
pub(super) fn policy() -> Policy {
    let mole = || {
        let mut reach = Reach {
            wanted: vec!["mole".to_owned()],
            ..Reach::default()
        };
        let zones = face().zones.into_iter().map(|zone| (zone.id, "square"));
        reach.find(zones.collect::<Vec<_>>().into_iter()).unwrap();
        reach
    };
    let user = |name: &str, role, reach| User {
        name: name.to_owned(),
        role,
        reach,
        password: Hashed(HASH.to_owned()),
    };
    let token = |name: &str, role, reach| Token {
        name: name.to_owned(),
        role,
        reach,
        digest: Digest::of(format!("citysense_{name}").as_bytes()),
    };
    Policy {
        is_declared: true,
        anonymous: true,
        users: vec![
            user("Ada", Role::Operator, Reach::default()),
            user("Bo", Role::Operator, mole()),
            user("Vi", Role::Viewer, Reach::default()),
        ],
        tokens: vec![
            token("robot", Role::Operator, Reach::default()),
            token("mole-wall", Role::Viewer, mole()),
        ],
    }
}

impl Server {
    /// As a browser that has `fields` of a head.
    pub(super) async fn as_browser(
        &self,
        method: &str,
        path: &str,
        fields: &str,
        body: &str,
    ) -> (u16, String, String) {
        let head =
            format!("{method} {path} HTTP/1.1\r\nhost: wall\r\ncontent-type: {FORM}\r\n{fields}");
        self.send(&head, body).await
    }

    /// Signs in by the form; the cookie as a head's field.
    pub(super) async fn enter(&self, name: &str) -> String {
        let fields = format!("name={name}&password=correct+horse+battery&to=%2Fsilences");
        let (status, head, body) = self.as_browser("POST", "/sign-in", OWN, &fields).await;
        assert_eq!(status, 303, "{body}");
        assert!(head.contains("location: /silences\r\n"), "{head}");
        let (_, cookie) = head.split_once("set-cookie: ").unwrap();
        let cookie = cookie.lines().next().unwrap();
        assert!(
            cookie.ends_with("; path=/; httponly; samesite=lax"),
            "{cookie}"
        );
        format!("cookie: {}\r\n", cookie.split(';').next().unwrap())
    }
}

pub(super) fn bearer(token: &str) -> String {
    format!("authorization: Bearer {token}\r\ncontent-type: application/json\r\n")
}

pub(super) fn on_alert(verb: &str) -> String {
    format!("/api/v1/alerts/{}/{verb}", AlertId(1))
}

#[tokio::test]
async fn a_person_signs_in_acts_under_the_own_name_and_signs_out() {
    let mut server = server().await;
    let (_, _, page) = server.as_browser("GET", "/", "", "").await;
    assert!(page.contains("href=\"/sign-in\"") && !page.contains("Sign out"));
    let (status, _, page) = server
        .as_browser("GET", "/sign-in?to=/silences", "", "")
        .await;
    assert!(status == 200 && page.contains("name=\"to\" value=\"/silences\""));

    let cookie = server.enter("Ada").await;
    let (_, _, page) = server.as_browser("GET", "/", &cookie, "").await;
    assert!(page.contains("<strong>Ada</strong> · operator"), "{page}");
    let form = format!("/alert/{}/acknowledge", AlertId(1));
    let own = format!("{cookie}{OWN}");
    let (status, _, _) = server.as_browser("POST", &form, &own, "").await;
    assert_eq!(status, 303);
    let (alert, by) = (AlertId(1), "Ada".to_owned());
    assert_eq!(
        server.actions.try_recv().unwrap(),
        Action::Acknowledge { alert, by }
    );
    // Under any other name it is refused, and says so.
    let (status, _, page) = server.as_browser("POST", &form, &own, "by=Eve").await;
    assert!(
        status == 422 && page.contains("stands under your own name, Ada"),
        "{page}"
    );
    server
        .refused(
            &on_alert("acknowledge"),
            r#"{"by": "Eve"}"#,
            422,
            "your own name, Ada",
        )
        .await;

    let (status, head, _) = server.as_browser("POST", "/sign-out", &own, "").await;
    assert!(
        status == 303 && head.contains("set-cookie: session=; path=/;"),
        "{head}"
    );
    let (status, head, page) = server.as_browser("POST", &form, &own, "").await;
    assert!(
        status == 401 && page.contains("acting needs a name"),
        "{page}"
    );
    assert!(
        head.contains("max-age=0"),
        "a session that is over is forgotten: {head}"
    );
    assert!(server.actions.try_recv().is_err());
    server.stop().await;
}

#[tokio::test]
async fn who_may_not_act_is_told_what_is_missing() {
    let mut server = server().await;
    let ack = on_alert("acknowledge");
    let robot = bearer("citysense_robot");
    let vi = server.enter("Vi").await + "content-type: application/json\r\n";
    for (fields, status, why) in [
        (
            "content-type: application/json\r\n",
            401,
            "sign in at /sign-in",
        ),
        (
            vi.as_str(),
            403,
            "Vi is a viewer; acting needs the role operator",
        ),
        (
            bearer("citysense_mole-wall").as_str(),
            403,
            "mole-wall is a viewer",
        ),
        (bearer("citysense_nobody").as_str(), 401, "no such token"),
        (bearer("").as_str(), 401, "must be «Bearer»"),
        ("authorization: Basic QWRhOng=\r\n", 401, "must be «Bearer»"),
        ("authorization: Bearer\r\n", 401, "must be «Bearer»"),
        (
            "cookie: session=forged\r\ncontent-type: application/json\r\n",
            401,
            "sign in",
        ),
        (robot.as_str(), 202, "\"by\":\"robot\""),
    ] {
        let head = format!("POST {ack} HTTP/1.1\r\nhost: wall\r\n{fields}");
        let (got, head, body) = server.send(&head, "{}").await;
        assert_eq!(got, status, "{fields}: {body}");
        assert!(body.contains(why), "{fields}: no «{why}» in {body}");
        let challenged = head.contains("www-authenticate: bearer");
        assert_eq!(challenged, status == 401, "{fields}: {head}");
        assert_eq!(server.actions.try_recv().is_ok(), status == 202, "{fields}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_city_that_says_nothing_of_access_is_read_by_all_and_acted_in_by_nobody() {
    let server = server().await;
    server.door.set_policy(Policy::default());
    let (status, _, body) = server.as_browser("GET", "/api/v1/zones", "", "").await;
    assert_eq!(status, 200, "{body}");
    // Ada's row is gone, and her session with it.
    let (status, said) = server.post(&on_alert("acknowledge"), "{}").await;
    assert_eq!(status, 401);
    assert!(
        said["error"]
            .as_str()
            .unwrap()
            .contains("city.toml has no [access]")
    );
    server.stop().await;
}

#[tokio::test]
async fn a_city_that_is_not_read_without_a_name_shows_strangers_the_door_alone() {
    let server = server().await;
    let policy = Policy {
        anonymous: false,
        ..policy()
    };
    server.door.set_policy(policy);
    let (status, head, _) = server
        .as_browser("GET", "/node/quay-1?said=x", "", "")
        .await;
    assert!(
        status == 303 && head.contains("location: /sign-in?to=/node/quay-1%3fsaid%3dx"),
        "{head}"
    );
    for path in [
        "/api/v1/zones",
        "/metrics",
        "/cap.atom",
        "/fragment",
        "/api/v1/stream",
    ] {
        let (status, _, body) = server.as_browser("GET", path, "", "").await;
        assert_eq!(status, 401, "{path}: {body}");
        assert!(!body.to_lowercase().contains("quay"), "{path}: {body}");
    }
    for path in ["/sign-in", "/assets/page.css", "/healthz", "/readyz"] {
        let (status, _, body) = server.as_browser("GET", path, "", "").await;
        assert_eq!(status, 200, "{path}");
        assert!(!body.contains("Old quay"), "{path}: {body}");
    }
    let head = format!(
        "GET /metrics HTTP/1.1\r\nhost: wall\r\n{}",
        bearer("citysense_robot")
    );
    assert_eq!(server.send(&head, "").await.0, 200);
    server.stop().await;
}

#[tokio::test]
async fn wrong_passwords_are_told_alike_and_guessing_is_slowed_and_counted() {
    let server = server().await;
    let guess = async |name: &str, password: &str| {
        let fields = format!("name={name}&password={password}&to=/");
        server.as_browser("POST", "/sign-in", OWN, &fields).await
    };
    let (status, _, known) = guess("Ada", "x").await;
    let (_, _, unknown) = guess("Nobody", "x").await;
    assert_eq!(status, 403);
    assert_eq!(known.replace("Ada", ""), unknown.replace("Nobody", ""));
    let (status, _, page) = guess("%3Cscript%3E", &"x".repeat(300)).await;
    assert!(status == 403 && !page.contains("<script>"), "{page}");
    for _ in 0..5 {
        assert_eq!(guess("Ada", "y").await.0, 403);
    }
    let (status, head, page) = guess("Ada", "correct+horse+battery").await;
    assert!(status == 429 && head.contains("retry-after: "), "{head}");
    assert!(page.contains("Too many mistakes"), "{page}");
    let (_, metrics) = server.get("/metrics").await;
    for line in [
        "citysense_sign_ins_total{outcome=\"accepted\"} 1\n",
        "citysense_sign_ins_total{outcome=\"wrong\"} 8\n",
        "citysense_sign_ins_total{outcome=\"throttled\"} 1\n",
        "citysense_sessions 1\n",
    ] {
        assert!(metrics.contains(line), "no {line} in {metrics}");
    }
    server.stop().await;
}

#[tokio::test]
async fn nobody_signs_in_or_out_by_another_sites_form() {
    let server = server().await;
    for from in [
        "origin: http://evil.example\r\nsec-fetch-site: cross-site\r\n",
        "",
    ] {
        let fields = "name=Ada&password=correct+horse+battery";
        let (status, head, _) = server.as_browser("POST", "/sign-in", from, fields).await;
        assert!(status == 403 && !head.contains("set-cookie"), "{head}");
        let own = format!("{}{from}", server.cookie);
        assert_eq!(
            server.as_browser("POST", "/sign-out", &own, "").await.0,
            403
        );
    }
    // Nor by a program's way in, where a browser says that it comes from elsewhere.
    let evil = format!(
        "POST {} HTTP/1.1\r\nhost: wall\r\n{}origin: http://evil.example\r\ncontent-type: application/json\r\n",
        on_alert("acknowledge"),
        server.cookie
    );
    assert_eq!(server.send(&evil, "{}").await.0, 403);
    server.stop().await;
}

#[tokio::test]
async fn who_has_a_part_of_the_city_acts_in_that_part() {
    let mut server = server().await;
    let bo = server.enter("Bo").await + "content-type: application/json\r\n";
    for (path, body, status) in [
        (on_alert("acknowledge"), "{}", 404),
        ("/api/v1/nodes/quay-1/quarantine".to_owned(), "{}", 404),
        ("/api/v1/nodes/mole-1/quarantine".to_owned(), "{}", 202),
        (
            "/api/v1/silences".to_owned(),
            r#"{"for": "1h", "text": "x"}"#,
            403,
        ),
        (
            "/api/v1/silences".to_owned(),
            r#"{"for": "1h", "text": "x", "zone": "quay"}"#,
            422,
        ),
        (
            "/api/v1/silences".to_owned(),
            r#"{"for": "1h", "text": "x", "zone": "mole"}"#,
            202,
        ),
        ("/api/v1/silences/end".to_owned(), "{}", 403),
    ] {
        let head = format!("POST {path} HTTP/1.1\r\nhost: wall\r\n{bo}");
        let (got, _, said) = server.send(&head, body).await;
        assert_eq!(got, status, "{path} {body}: {said}");
        assert_eq!(server.actions.try_recv().is_ok(), status == 202, "{path}");
        assert!(
            !said.contains("did you mean") && !said.contains("Old quay"),
            "{said}"
        );
    }
    server.stop().await;
}
