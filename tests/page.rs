//! The operations page in a real browser: whole after its script ran, changing by itself, and of use.
//!
//! A board filled by hand is served on a port of its own and opened in headless Chromium. What is asked of
//! the document is asked until it is so, within a bound. Without Chromium (or promtool, for the metrics) the
//! test fails and says what to install: a page that nobody opened is not tested.

#![allow(clippy::unwrap_used)]

use std::process::Stdio;
use std::time::{Duration, Instant};

use pipeline::alert::{AlertId, Note, Reason, Revision, State};
use pipeline::input::Action;
use pipeline::output::TickOutput;
use tests::browser::{Browser, PATIENCE, get};
use tests::guarded::{Guarded, Served};
use tests::wall::{OPERATOR, PASSWORD, Wall};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::time::timeout;
use wire::Milli;

#[tokio::test]
async fn the_page_is_whole_and_follows_the_city() {
    let wall = wall().await;
    let mut page = open(&wall, "/").await;
    page.says("#alerts", "5.73 people/m²").await.unwrap();
    page.says("#alerts", "taken on by M. Okafor").await.unwrap();
    page.says("#zones", "Rope Street Underpass").await.unwrap();
    page.says("#zone", "Crowd density").await.unwrap();
    page.says(".status", "Simulated").await.unwrap();

    let mut worse = wall.revision(1, State::Updated, "crowd-extreme", "ferry-quay", 6_210);
    worse.revision = 2;
    worse.acknowledged = Some("Ines <b>Duarte</b>".to_owned());
    let fresh = wall.revision(9, State::Raised, "quay-high-water", "kite-quay", 990);
    wall.apply(&TickOutput {
        tick: wall.now() as u64,
        revisions: vec![worse, fresh],
        ..TickOutput::default()
    });
    page.says("#alerts", "6.21 people/m²").await.unwrap();
    page.says("#alerts", "taken on by Ines <b>Duarte</b>")
        .await
        .unwrap();
    page.says("#alerts", "Kite Quay").await.unwrap();
    let document = page.document().await.unwrap();
    assert!(!document.contains("5.73 people/m²"), "the old peak stays");
    page.until("document.title.startsWith('6 alerts')")
        .await
        .unwrap();
}

#[tokio::test]
async fn a_zone_is_chosen_on_the_map_without_loading_anew() {
    let wall = wall().await;
    let mut page = open(&wall, "/").await;
    page.says("#zone h2", "Old Ferry Quay").await.unwrap();
    // The deferred script has run by then; before it has, a click is a plain link.
    page.until("document.readyState === 'complete'")
        .await
        .unwrap();
    let click = "window.mark = 1; \
        document.getElementById('m-old-town').dispatchEvent(\
            new MouseEvent('click', { bubbles: true, cancelable: true })); true";
    page.until(click).await.unwrap();
    page.says("#zone h2", "Old Town").await.unwrap();
    page.until("window.mark === 1 && location.search === '?zone=old-town'")
        .await
        .unwrap();
}

#[tokio::test]
async fn a_person_takes_an_alert_on() {
    let mut wall = wall().await;
    let mut page = open(&wall, &format!("/alert/{}", AlertId(1))).await;
    page.says("#alert", "Extreme · crowd · Old Ferry Quay")
        .await
        .unwrap();
    sign_in(&mut page).await;
    page.says("#alert", "Extreme · crowd · Old Ferry Quay")
        .await
        .unwrap();
    page.until("document.readyState === 'complete'")
        .await
        .unwrap();
    page.click("#acknowledge button").await.unwrap();
    let action = timeout(PATIENCE, wall.actions.recv()).await.unwrap();
    let (alert, by) = (AlertId(1), "Ada".to_owned());
    let expected = Action::Acknowledge {
        alert,
        by: by.clone(),
    };
    assert_eq!(action, Some(expected));
    page.says("#actions .recorded", "Recorded: taken on")
        .await
        .unwrap();
    let mut taken = wall.revision(1, State::Updated, "crowd-extreme", "ferry-quay", 5_730);
    taken.revision = 2;
    taken.reason = Reason::Acknowledged;
    taken.acknowledged = Some(by.clone());
    say(&wall, taken.clone());
    page.says("#people", "Ada").await.unwrap();
    page.until("!document.querySelector('#acknowledge form')")
        .await
        .unwrap();

    // What is being typed outlives the page's refreshes.
    page.until("document.getElementById('text-comment').value = 'north gate is open'; true")
        .await
        .unwrap();
    let mut worse = taken.clone();
    (worse.revision, worse.value) = (3, Milli(6_210));
    say(&wall, worse.clone());
    page.says("#alert", "6.21 people/m²").await.unwrap();
    let kept = "document.getElementById('text-comment').value === 'north gate is open'";
    page.until(kept).await.unwrap();
    page.click("form[action$='/comment'] button").await.unwrap();
    let action = timeout(PATIENCE, wall.actions.recv()).await.unwrap();
    let text = "north gate is open".to_owned();
    let expected = Action::Comment {
        alert,
        by: by.clone(),
        text: text.clone(),
    };
    assert_eq!(action, Some(expected));
    page.says("#actions .recorded", "Recorded: your comment")
        .await
        .unwrap();
    worse.revision = 4;
    worse.reason = Reason::Commented;
    worse.desk.note = Some(Note { by, text });
    say(&wall, worse);
    page.says("#people", "Ada wrote: north gate is open")
        .await
        .unwrap();
}

#[tokio::test]
async fn a_form_that_somebody_elses_page_sends_does_nothing() {
    let mut wall = wall().await;
    let to = format!("http://{}/alert/{}/acknowledge", wall.address, AlertId(1));
    let mut foreign = Browser::start().await.unwrap();
    foreign.excuse("status of 403");
    foreign.excuse(&format!("it asked http://{}", wall.address));
    let forged = format!("<form method=post action={to}></form>");
    let submit = format!(
        "document.body.innerHTML = {}; document.forms[0].submit(); true",
        serde_json::json!(forged)
    );
    foreign.until(&submit).await.unwrap();
    foreign
        .says("#refused", "not sent by a page of this gateway")
        .await
        .unwrap();
    assert!(wall.actions.try_recv().is_err(), "a forged form was taken");
}

#[tokio::test]
async fn a_phone_has_room_for_everything_that_can_be_done() {
    let wall = wall().await;
    let mut page = open(&wall, &format!("/alert/{}", AlertId(1))).await;
    page.resize(360, 740).await.unwrap();
    sign_in(&mut page).await;
    for (path, part, text) in [
        ("/sign-in".to_owned(), "#sign-in", "Password"),
        (
            format!("/alert/{}", AlertId(1)),
            "#actions",
            "Silence this rule here",
        ),
        ("/node/count-ferry-5".to_owned(), "#actions", "Quarantine"),
        ("/".to_owned(), "#alerts", "Old Ferry Quay"),
    ] {
        let go = format!("location.href = {}; true", serde_json::json!(path));
        page.until(&go).await.unwrap();
        page.says(part, text).await.unwrap();
        page.until("document.documentElement.clientWidth === 360 && document.documentElement.scrollWidth <= 360")
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_page_that_lost_its_gateway_says_so() {
    let wall = wall().await;
    let mut page = open(&wall, "/").await;
    page.until("document.getElementById('lost').hidden && !!document.querySelector('.alert')")
        .await
        .unwrap();
    // What is seen so far the server has drawn; the script may not even be there yet.
    let address = wall.address.to_string();
    let listens = async {
        let readers = "\ncitysense_stream_readers 1\n";
        while !get(&address, "/metrics").await.unwrap().contains(readers) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, listens).await.unwrap();
    page.excuse("net::ERR_");
    drop(wall);
    page.until("!document.getElementById('lost').hidden && document.body.matches('.not-live')")
        .await
        .unwrap();
}

/// The parts that follow are drawn for all who see alike, and say nobody's name: who signs out at one page signs out at all.
#[tokio::test]
async fn a_page_sees_that_its_reader_has_signed_out_elsewhere() {
    let wall = wall().await;
    let mut page = open(&wall, &format!("/alert/{}", AlertId(1))).await;
    sign_in(&mut page).await;
    page.says("#account", OPERATOR).await.unwrap();
    page.go(&format!("http://{}/", wall.address)).await.unwrap();
    page.says("#account", OPERATOR).await.unwrap();
    page.until("document.readyState === 'complete'")
        .await
        .unwrap();
    let left = "fetch('/sign-out', { method: 'POST', redirect: 'manual' }).then(() => true)";
    page.until(left).await.unwrap();
    page.says("#account", "Sign in").await.unwrap();
    let document = page.document().await.unwrap();
    assert!(!document.contains("sign-out"), "{document}");
}

/// Where nobody reads without a name, a session that is over is no lost gateway: the page asks who reads, and comes back.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_whose_session_is_over_asks_for_a_name() {
    let city = Guarded::start(Served::Plain).await;
    let root = format!("http://{}", city.gateway.ready.http);
    for path in ["/", "/zone/quay"] {
        let mut page = Browser::open(&format!("{root}{path}")).await.unwrap();
        page.says("#sign-in", "Password").await.unwrap();
        page.fill("#name", "Vi").await.unwrap();
        page.fill("#password", PASSWORD).await.unwrap();
        page.press("Enter").await.unwrap();
        page.says("#account", "Vi").await.unwrap();
        page.until(&format!(
            "location.pathname === '{path}' && document.readyState === 'complete'"
        ))
        .await
        .unwrap();
        page.excuse("status of 401");
        let left = "fetch('/sign-out', { method: 'POST', redirect: 'manual' }).then(() => true)";
        page.until(left).await.unwrap();
        page.until("location.pathname === '/sign-in'")
            .await
            .unwrap();
        page.says("#sign-in", "Password").await.unwrap();
    }
    city.gateway.stop().await;
}

/// A page that says what is wrong with the question follows the city, and is not taken for a gateway that is gone.
#[tokio::test]
async fn a_question_that_has_no_answer_is_no_lost_gateway() {
    let wall = wall().await;
    let mut page = open(&wall, "/history?known_at=tomorrow").await;
    page.excuse("status of 422");
    page.says("main", "must be a time").await.unwrap();
    page.evaluate("window.before = document.getElementById('summary').textContent")
        .await
        .unwrap();
    let fresh = wall.revision(9, State::Raised, "quay-high-water", "kite-quay", 990);
    wall.apply(&TickOutput {
        tick: wall.now() as u64,
        revisions: vec![fresh],
        ..TickOutput::default()
    });
    page.until("document.getElementById('summary').textContent !== window.before")
        .await
        .unwrap();
    page.until("document.getElementById('lost').hidden && !document.body.matches('.not-live')")
        .await
        .unwrap();
}

/// A browser may keep the connections of pages that were left, and has six to a gateway: whoever looked at a dozen
/// moments of the past, one right after the other, waited for a minute.
#[tokio::test]
async fn pages_that_were_left_hold_no_connections() {
    let wall = wall().await;
    let address = wall.address.to_string();
    let mut page = open(&wall, "/").await;
    for _ in 0..5 {
        page.go(&format!("http://{address}/playback"))
            .await
            .unwrap();
    }
    page.go("about:blank").await.unwrap();
    let end = Instant::now() + PATIENCE / 3;
    let nobody = "\ncitysense_stream_readers 0\n";
    while !get(&address, "/metrics").await.unwrap().contains(nobody) {
        assert!(Instant::now() < end, "somebody still reads the stream");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn prometheus_takes_the_metrics() {
    let wall = wall().await;
    let text = get(&wall.address.to_string(), "/metrics").await.unwrap();
    let mut promtool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("promtool is needed: install the package prometheus");
    let mut input = promtool.stdin.take().unwrap();
    input.write_all(text.as_bytes()).await.unwrap();
    drop(input);
    let checked = timeout(PATIENCE, promtool.wait_with_output()).await;
    let checked = checked.expect("promtool ends").unwrap();
    let said = String::from_utf8_lossy(&checked.stderr);
    assert!(checked.status.success(), "{said}\n{text}");
    assert!(text.contains(r#"citysense_air_index{standard="us-epa-2024",zone="old-town"}"#));
    assert!(!text.contains(r#"zone="breakwater""#), "it says nothing");
}

async fn wall() -> Wall {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    Wall::serve(listener).unwrap()
}

async fn open(wall: &Wall, path: &str) -> Browser {
    let url = format!("http://{}{path}", wall.address);
    Browser::open(&url).await.unwrap()
}

/// From a page that says that one must, back to it.
async fn sign_in(page: &mut Browser) {
    page.says("#actions", "Sign in to act").await.unwrap();
    page.click("#actions a[href^='/sign-in']").await.unwrap();
    page.says("#sign-in", "Password").await.unwrap();
    let fill = format!(
        "document.getElementById('name').value = {}; document.getElementById('password').value = {}; true",
        serde_json::json!(OPERATOR),
        serde_json::json!(PASSWORD)
    );
    page.until(&fill).await.unwrap();
    page.click("#sign-in button").await.unwrap();
    page.says("#account", OPERATOR).await.unwrap();
}

/// Puts a revision on the board.
fn say(wall: &Wall, revision: Revision) {
    wall.apply(&TickOutput {
        tick: wall.now() as u64,
        revisions: vec![revision],
        ..TickOutput::default()
    });
}
