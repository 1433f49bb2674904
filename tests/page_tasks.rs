//! What people do with the page, from a duty officer's desk to the wall: in a real browser, with real keys and clicks.
//!
//! Goal: each task that the page is for can be done, by mouse and by keyboard alone, in both languages, on a phone, a desk
//! and a 4K wall, and nothing that axe-core calls serious stands in anybody's way. Method: a board filled by hand, one
//! story a test; what the reader does reaches the gateway as an action, and what others do reaches the page by itself.
//! Screenshots of every size are kept in `target/screenshots`, for people to look at. The browser itself fails a test for
//! errors of scripts, breaches of the page's policy and questions to strangers.

#![allow(clippy::unwrap_used)]

use pipeline::alert::{AlertId, State};
use pipeline::input::{Action, Scope};
use tests::browser::device::{DESK, PHONE, Scheme, Size, WALL};
use tests::browser::{Browser, PATIENCE};
use tests::wall::stories::{CROWD, GAS};
use tests::wall::{OPERATOR, PASSWORD, Wall};
use tokio::net::TcpListener;
use tokio::time::timeout;

/// Every page that readers are led to; `{}` is an alert's id.
const PAGES: [&str; 16] = [
    "/",
    "/alerts",
    "/zones",
    "/nodes",
    "/alert/{}",
    "/alert/{}/why",
    "/node/count-ferry-5",
    "/zone/ferry-quay",
    "/silences",
    "/history",
    "/compare",
    "/incidents",
    "/rules",
    "/rules/crowd-danger",
    "/playback",
    "/sign-in",
];

#[tokio::test]
async fn an_officer_sees_and_hears_of_a_new_alert_and_opens_its_explanation() {
    let wall = wall().await;
    let mut page = open(&wall, "/").await;
    page.says("#alerts", "Old Ferry Quay").await.unwrap();
    page.until("window.mark = 1; true").await.unwrap();
    let mut fresh = wall.revision(41, State::Raised, "quay-high-water", "kite-quay", 990);
    fresh.updated = wall.now() + 1;
    wall.say(fresh);
    page.says("#alerts", "Kite Quay").await.unwrap();
    // A screen reader says it: the region is live and was there before.
    page.says("#announced[aria-live=polite]", "Raised: ")
        .await
        .unwrap();
    page.says("#announced", "Kite Quay").await.unwrap();
    page.until("window.mark === 1").await.unwrap();
    page.click(&format!("#a-{}", AlertId(41))).await.unwrap();
    page.says("#alert", "What to do:").await.unwrap();
    page.says("#why", "no journal to read").await.unwrap();
    page.excuse("status of 503");
    page.click("#why h2 a").await.unwrap();
    page.says("#missing", "no journal to read").await.unwrap();
}

#[tokio::test]
async fn an_officer_works_with_the_keyboard_alone_from_loading_to_acknowledged() {
    let mut wall = wall().await;
    let mut page = open(&wall, "/").await;
    page.tab_to("#account a").await.unwrap();
    page.press("Enter").await.unwrap();
    page.says("#sign-in", "Password").await.unwrap();
    page.tab_to("#name").await.unwrap();
    page.type_text(OPERATOR).await.unwrap();
    page.tab_to("#password").await.unwrap();
    page.type_text(PASSWORD).await.unwrap();
    page.press("Enter").await.unwrap();
    page.says("#account", OPERATOR).await.unwrap();
    page.tab_to(&format!("#a-{CROWD}")).await.unwrap();
    page.press("Enter").await.unwrap();
    page.says("#actions", "Acknowledge").await.unwrap();
    page.tab_to("#acknowledge button").await.unwrap();
    page.press("Enter").await.unwrap();
    let by = OPERATOR.to_owned();
    assert_eq!(
        acted(&mut wall).await,
        Action::Acknowledge { alert: CROWD, by }
    );
    page.says("#actions .recorded", "Recorded: taken on")
        .await
        .unwrap();
}

#[tokio::test]
async fn an_officer_comments_assigns_and_silences_while_the_alert_goes_on() {
    let mut wall = wall().await;
    let mut page = open(&wall, &format!("/alert/{CROWD}")).await;
    sign_in(&mut page).await;
    page.says("#actions", "Comment").await.unwrap();
    page.fill("#text-comment", "<i>north</i> gate")
        .await
        .unwrap();
    // The alert is revised meanwhile, by itself and by others; nothing that is typed is lost.
    wall.long_story();
    page.says("#people", "<script>alert(1)</script> north gate is open")
        .await
        .unwrap();
    page.says("#people", "Ines <b>Duarte</b> gave it to M. Okafor")
        .await
        .unwrap();
    page.says("#history-latest", "peak: ").await.unwrap();
    let kept = "document.activeElement.id === 'text-comment' && document.activeElement.value === '<i>north</i> gate'";
    page.until(kept).await.unwrap();
    page.press("Enter").await.unwrap();
    let by = OPERATOR.to_owned();
    let (alert, text) = (CROWD, "<i>north</i> gate".to_owned());
    assert_eq!(acted(&mut wall).await, Action::Comment { alert, by, text });
    page.says("#actions .recorded", "your comment")
        .await
        .unwrap();

    page.fill("#to-assign", "王芳").await.unwrap();
    page.click("form[action$='/assign'] button:not(.second)")
        .await
        .unwrap();
    let (by, to) = (OPERATOR.to_owned(), Some("王芳".to_owned()));
    assert_eq!(acted(&mut wall).await, Action::Assign { alert, by, to });
    page.says("#actions .recorded", "whose work").await.unwrap();

    page.fill("#text-silence", "drill").await.unwrap();
    page.click("form[action$='/silence'] button").await.unwrap();
    match acted(&mut wall).await {
        Action::Silence { scope, text, .. } => {
            assert!(scope.zone.is_some() && scope.rule.is_some());
            assert_eq!(text, "drill");
        }
        other => panic!("not a silence: {other:?}"),
    }
}

#[tokio::test]
async fn a_silence_of_any_scope_is_made_on_its_own_page() {
    let mut wall = wall().await;
    let mut page = open(&wall, "/silences").await;
    page.click("#new-silence a[href^='/sign-in']")
        .await
        .unwrap();
    signed_in(&mut page).await;
    page.says("#new-silence", "Because").await.unwrap();
    let choose = "document.getElementById('silence-zone').value = 'kite-quay'; true";
    page.until(choose).await.unwrap();
    page.fill("#text-silence", "works on the quay")
        .await
        .unwrap();
    page.click("#new-silence button").await.unwrap();
    let face = wall.face();
    let mut zones = face.zones.iter();
    let zone = zones
        .find(|zone| zone.id.as_str() == "kite-quay")
        .map(|zone| zone.ix);
    match acted(&mut wall).await {
        Action::Silence {
            scope, text, by, ..
        } => {
            let wanted = Scope {
                zone,
                ..Scope::default()
            };
            assert_eq!(
                (scope, text.as_str(), by.as_str()),
                (wanted, "works on the quay", OPERATOR)
            );
        }
        other => panic!("not a silence: {other:?}"),
    }
}

#[tokio::test]
async fn a_reader_switches_language_and_everything_of_an_alert_is_in_it() {
    let wall = wall().await;
    wall.long_story();
    let mut page = open(&wall, &format!("/alert/{CROWD}")).await;
    page.says("#alert", "What to do:").await.unwrap();
    page.click("a[href='/language/zh-CN']").await.unwrap();
    page.says("#alert", "应对措施").await.unwrap();
    page.until(
        "document.documentElement.lang === 'zh-CN' && location.pathname.startsWith('/alert/')",
    )
    .await
    .unwrap();
    page.says("#history", "峰值").await.unwrap();
    page.says("#people", "指派给M. Okafor").await.unwrap();
    page.says("#told", "CAP消息").await.unwrap();
    page.says("#kin", "同一事件").await.unwrap();
}

#[tokio::test]
async fn other_alerts_of_an_incident_and_of_a_merger_are_links() {
    let wall = wall().await;
    wall.long_story();
    let mut page = open(&wall, &format!("/alert/{CROWD}")).await;
    page.says("#kin", "Merged into it:").await.unwrap();
    page.click(&format!("#kin a[href='/alert/{}']", AlertId(8)))
        .await
        .unwrap();
    page.says("#kin", "It turned out to be part of")
        .await
        .unwrap();
    page.click(&format!("#kin a[href='/alert/{CROWD}']"))
        .await
        .unwrap();
    page.click("#kin a[href^='/incidents']").await.unwrap();
    page.says("#incidents", "Old Ferry Quay, Kite Quay")
        .await
        .unwrap();
}

#[tokio::test]
async fn a_leak_shows_how_far_it_reaches_whom_and_what_stands_there() {
    let wall = wall().await;
    wall.leak();
    let mut page = open(&wall, &format!("/alert/{GAS}")).await;
    page.says("#place", "240 (<5 to 900) people").await.unwrap();
    page.says("#place", "Tide Lane School").await.unwrap();
    page.until("document.querySelectorAll('#place svg.near .footprint').length === 2")
        .await
        .unwrap();
}

#[tokio::test]
async fn one_alert_is_printed_on_two_sheets_at_most() {
    let wall = wall().await;
    wall.long_story();
    wall.leak();
    let mut page = open(&wall, "/").await;
    for alert in [CROWD, GAS] {
        page.go(&url(&wall, &format!("/alert/{alert}")))
            .await
            .unwrap();
        let sheets = page.printed(&format!("alert-{}", alert.0)).await.unwrap();
        assert!((1..=2).contains(&sheets), "{alert} is {sheets} sheets");
    }
}

#[tokio::test]
async fn every_page_fits_a_phone_a_desk_and_a_wall() {
    let wall = wall().await;
    wall.long_story();
    wall.leak();
    let mut page = open(&wall, "/").await;
    page.excuse("status of 503");
    for Size {
        name,
        width,
        height,
    } in [PHONE, DESK, WALL]
    {
        page.resize(width, height).await.unwrap();
        for path in pages() {
            page.go(&url(&wall, &path)).await.unwrap();
            let wide =
                "document.documentElement.scrollWidth - document.documentElement.clientWidth";
            let wide = page.evaluate(wide).await.unwrap();
            let shot = path.replace(['/', '?'], "-");
            page.screenshot(&format!("{name}{shot}")).await.unwrap();
            assert_eq!(wide, 0, "{path} is wider than a {name}");
        }
    }
}

#[tokio::test]
async fn nothing_stands_in_the_way_of_a_screen_reader_or_weak_eyes() {
    let wall = wall().await;
    wall.long_story();
    wall.leak();
    let mut page = open(&wall, "/sign-in").await;
    page.excuse("status of 503");
    signed_in(&mut page).await;
    page.size(DESK).await.unwrap();
    let mut found = Vec::new();
    for language in ["en", "zh-CN"] {
        page.cookie(&url(&wall, "/"), "language", language)
            .await
            .unwrap();
        for scheme in Scheme::ALL {
            page.scheme(scheme).await.unwrap();
            for path in pages() {
                page.go(&url(&wall, &path)).await.unwrap();
                found.extend(page.no_serious_findings().await.err());
                let shot = path.replace(['/', '?'], "-");
                let name = format!("{language}-{}{shot}", scheme.name());
                page.screenshot(&name).await.unwrap();
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n\n"));
}

fn pages() -> impl Iterator<Item = String> {
    let alert = CROWD.to_string();
    PAGES
        .into_iter()
        .map(move |path| path.replace("{}", &alert))
        .chain([format!("/alert/{GAS}")])
}

async fn wall() -> Wall {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    Wall::serve(listener).unwrap()
}

fn url(wall: &Wall, path: &str) -> String {
    format!("http://{}{path}", wall.address)
}

/// The page in English, whatever the machine's own language is.
async fn open(wall: &Wall, path: &str) -> Browser {
    let mut page = Browser::start().await.unwrap();
    page.size(DESK).await.unwrap();
    page.language("en").await.unwrap();
    page.go(&url(wall, path)).await.unwrap();
    page
}

/// What the reader did, as the journal would get it.
async fn acted(wall: &mut Wall) -> Action {
    let action = timeout(PATIENCE, wall.actions.recv()).await;
    action.unwrap().unwrap()
}

/// From a page that says that one must, back to it.
async fn sign_in(page: &mut Browser) {
    page.click("#actions a[href^='/sign-in']").await.unwrap();
    signed_in(page).await;
}

/// Name and password on the page that asks for them.
async fn signed_in(page: &mut Browser) {
    page.says("#sign-in", "Password").await.unwrap();
    page.fill("#name", OPERATOR).await.unwrap();
    page.fill("#password", PASSWORD).await.unwrap();
    page.press("Enter").await.unwrap();
    page.says("#account", OPERATOR).await.unwrap();
}
