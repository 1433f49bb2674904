//! The remote control of the browser itself: what the page's tests rely on must find what is wrong.
//!
//! Faults are planted one by one, in an empty page or in the real one, and each has to be told, or the tests that
//! find nothing have proved nothing.

#![allow(clippy::unwrap_used)]

use tests::browser::Browser;
use tests::browser::device::{PHONE, Scheme};
use tests::wall::Wall;
use tokio::net::TcpListener;

#[tokio::test]
async fn what_a_screen_reader_stumbles_over_is_found() {
    let mut page = Browser::start().await.unwrap();
    let sound = "document.documentElement.lang = 'en'; document.title = 'A title'; \
        document.body.innerHTML = '<main><h1>Heading</h1><label>Name <input></label></main>'; true";
    page.until(sound).await.unwrap();
    page.no_serious_findings().await.unwrap();
    let nameless = "document.querySelector('main').innerHTML += \
        '<input id=nameless><p id=pale style=\"color:#bbb;background:#fff\">pale</p>'; true";
    page.until(nameless).await.unwrap();
    let found = page.no_serious_findings().await.unwrap_err();
    assert!(found.contains("label (critical)"), "{found}");
    assert!(found.contains("#nameless"), "{found}");
    assert!(found.contains("color-contrast (serious)"), "{found}");
    assert!(found.contains("#pale"), "{found}");
}

#[tokio::test]
async fn whatever_goes_wrong_unseen_is_told() {
    let wall = wall().await;
    let mut page = Browser::open(&url(&wall)).await.unwrap();
    assert_eq!(page.faults().await.unwrap(), Vec::<String>::new());
    for (planted, told) in [
        (
            "setTimeout(() => { throw new Error('planted') }); true",
            "a script failed: Error: planted",
        ),
        ("console.error('said aloud'); true", "said aloud"),
        // The page's policy lets nothing of the kind run, so nothing is asked.
        (
            "document.body.insertAdjacentHTML('beforeend', '<p style=\"color:red\">x</p>'); true",
            "against the policy",
        ),
        (
            "new Image().src = 'http://127.0.0.1:9/stranger'; true",
            "against the policy",
        ),
        ("fetch('/api/v1/nothing').then(() => true)", "status of 404"),
    ] {
        page.until(planted).await.unwrap();
        page.finds(told).await.unwrap();
    }
    page.excuse("");
    assert_eq!(page.faults().await.unwrap(), Vec::<String>::new());

    let mut page = Browser::start().await.unwrap();
    page.until("new Image().src = 'http://127.0.0.1:9/stranger'; true")
        .await
        .unwrap();
    page.finds("it asked http://127.0.0.1:9").await.unwrap();
    // That it was asked in vain is told as well, sooner or later.
    page.excuse("http://127.0.0.1:9");
}

#[tokio::test]
async fn a_key_is_pressed_and_a_mouse_points() {
    let mut page = Browser::start().await.unwrap();
    let form = "document.body.innerHTML = '<form onsubmit=\"window.sent = this.a.value; return false\">\
        <input name=a><button>Send</button></form><button id=under onclick=\"window.hit = true\">Under</button>'; true";
    page.until(form).await.unwrap();
    assert_eq!(page.tab_to("input").await.unwrap(), 1);
    page.type_text("Zoë 王").await.unwrap();
    page.press("Enter").await.unwrap();
    page.until("window.sent === 'Zoë 王'").await.unwrap();
    page.fill("input", "again").await.unwrap();
    page.click("form button").await.unwrap();
    page.until("window.sent === 'again'").await.unwrap();
    page.press("Shift+Tab").await.unwrap();
    page.until("document.activeElement.name === 'a'")
        .await
        .unwrap();
    page.click("#under").await.unwrap();
    page.until("window.hit === true").await.unwrap();
    assert!(page.tab_to("#nowhere").await.is_err());
}

#[tokio::test]
async fn a_reader_has_a_window_colours_a_language_and_paper() {
    let wall = wall().await;
    let mut page = Browser::start().await.unwrap();
    page.size(PHONE).await.unwrap();
    page.scheme(Scheme::Light).await.unwrap();
    page.language("zh-CN,zh;q=0.9").await.unwrap();
    page.go(&url(&wall)).await.unwrap();
    page.until("innerWidth === 360 && matchMedia('(prefers-color-scheme: light)').matches")
        .await
        .unwrap();
    page.until("document.documentElement.lang.startsWith('zh')")
        .await
        .unwrap();
    page.cookie(&url(&wall), "language", "en").await.unwrap();
    page.go(&url(&wall)).await.unwrap();
    page.until("document.documentElement.lang.startsWith('en')")
        .await
        .unwrap();
    let picture = page.screenshot("browser-phone").await.unwrap();
    let bytes = std::fs::read(picture).unwrap();
    assert!(bytes.starts_with(b"\x89PNG"));
    assert!(page.printed("browser-paper").await.unwrap() >= 1);
}

async fn wall() -> Wall {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    Wall::serve(listener).unwrap()
}

fn url(wall: &Wall) -> String {
    format!("http://{}/", wall.address)
}
