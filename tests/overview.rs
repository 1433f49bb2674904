//! The overview in a real browser: what a reader chooses stays chosen.
//!
//! Goal: filter, language, colours, layers of the map and playback work as their users expect, with the script running and
//! the city changing meanwhile. Method: a wall filled by hand in headless Chromium; what the page says is asked until it
//! is so. Without Chromium the tests fail and say what to install.

#![allow(clippy::unwrap_used)]

use pipeline::alert::{Revision, State};
use pipeline::output::TickOutput;
use tests::browser::Browser;
use tests::wall::Wall;
use tokio::net::TcpListener;

#[tokio::test]
async fn a_filter_holds_while_the_city_changes_and_a_zone_is_chosen() {
    let wall = wall().await;
    let mut page = open(&wall, "/?severity=severe").await;
    let shown = |names: &str| {
        format!(
            "[...document.querySelectorAll('#alerts ol.alerts:not(.ended) .zone')].map(z => z.textContent).join() === {}",
            serde_json::json!(names)
        )
    };
    page.until(&shown("Old Ferry Quay,Cinder Works,Rope Street Underpass"))
        .await
        .unwrap();
    // An alert that is not wanted comes; one that is does, too.
    say(
        &wall,
        wall.revision(9, State::Raised, "air-unhealthy", "tern-hill", 163_000),
    );
    let fresh = wall.revision(10, State::Raised, "crowd-extreme", "lantern-square", 5_300);
    say(&wall, fresh);
    page.until("document.querySelector('#alerts').textContent.includes('Lantern Square')")
        .await
        .unwrap();
    page.until("!document.querySelector('#alerts ol.alerts').textContent.includes('Tern Hill')")
        .await
        .unwrap();
    page.until("document.readyState === 'complete' && (document.getElementById('m-old-town').dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true })), true)").await.unwrap();
    page.says("#zone h2", "Old Town").await.unwrap();
    page.until(
        "location.search.includes('severity=severe') && location.search.includes('zone=old-town')",
    )
    .await
    .unwrap();
    // What is typed filters at once, and stays.
    page.until("document.getElementById('by-words').value = 'lantern', document.getElementById('by-words').dispatchEvent(new Event('input', { bubbles: true })), true").await.unwrap();
    page.until(&shown("Lantern Square")).await.unwrap();
    page.until("location.search.includes('words=lantern') && document.getElementById('by-words').value === 'lantern'").await.unwrap();
}

#[tokio::test]
async fn language_and_colours_are_chosen_and_remembered_on_the_way_back() {
    let wall = wall().await;
    let mut page = open(&wall, "/zones?words=quay").await;
    page.says("#zones", "Kite Quay").await.unwrap();
    page.click("a[href='/language/zh-CN']").await.unwrap();
    page.until("document.documentElement.lang === 'zh-CN' && location.pathname + location.search === '/zones?words=quay'").await.unwrap();
    page.says("#zones", "人群").await.unwrap();
    page.click("a[href='/theme/dark']").await.unwrap();
    page.until("document.documentElement.dataset.theme === 'dark' && getComputedStyle(document.body).backgroundColor === 'rgb(13, 19, 23)'").await.unwrap();
    page.click("a[href='/theme/light']").await.unwrap();
    page.until("getComputedStyle(document.body).backgroundColor === 'rgb(238, 242, 244)' && document.documentElement.lang === 'zh-CN'").await.unwrap();
}

#[tokio::test]
async fn a_layer_of_the_map_is_switched_off_and_stays_so() {
    let wall = wall().await;
    let mut page = open(&wall, "/").await;
    let seen = |layer: &str| {
        format!(
            "getComputedStyle(document.querySelector('#map .below .o-{layer}')).display !== 'none'"
        )
    };
    page.until(&seen("ways")).await.unwrap();
    page.click("#layer-ways").await.unwrap();
    page.until(&format!("!({})", seen("ways"))).await.unwrap();
    page.until(&seen("water")).await.unwrap();
    let fresh = wall.revision(10, State::Raised, "crowd-extreme", "lantern-square", 5_300);
    say(&wall, fresh);
    page.until("document.querySelector('#alerts').textContent.includes('Lantern Square')")
        .await
        .unwrap();
    page.until(&format!("!({})", seen("ways"))).await.unwrap();
}

#[tokio::test]
async fn the_past_is_played_by_its_slider_and_marked_as_past() {
    let wall = wall().await;
    let at = wall.now() - 2 * 3_600_000;
    let mut page = open(&wall, &format!("/playback?at={at}")).await;
    page.says("#chosen", "Not live").await.unwrap();
    page.says("#head .clock", "18:00").await.unwrap();
    page.says("#zones", "Kite Quay").await.unwrap();
    // The board of this wall has no archive: the page says so and calls nothing calm.
    page.excuse("503");
    page.says("#chosen", "Alerts of that moment are not known")
        .await
        .unwrap();
    page.until("document.readyState === 'complete'")
        .await
        .unwrap();
    let drag = "const at = document.getElementById('at'); at.value = Number(at.value) - 3600000; \
        at.dispatchEvent(new Event('input', { bubbles: true })); true";
    page.evaluate(drag).await.unwrap();
    page.says("#head .clock", "17:00").await.unwrap();
    page.until("location.search.includes('at=')").await.unwrap();
    page.click("#step10").await.unwrap();
    page.says("#head .clock", "17:10").await.unwrap();
    page.until("document.getElementById('at').value === document.getElementById('at').getAttribute('value')").await.unwrap();
}

async fn wall() -> Wall {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    Wall::serve(listener).unwrap()
}

async fn open(wall: &Wall, path: &str) -> Browser {
    let mut page = Browser::start().await.unwrap();
    page.language("en").await.unwrap();
    page.go(&format!("http://{}{path}", wall.address))
        .await
        .unwrap();
    page
}

/// Puts a revision on the board.
fn say(wall: &Wall, revision: Revision) {
    wall.apply(&TickOutput {
        tick: wall.now() as u64,
        revisions: vec![revision],
        ..TickOutput::default()
    });
}
