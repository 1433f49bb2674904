//! The pages of zones and nodes, for whoever works with them.
//!
//! Goal: the tasks of a duty officer and of whoever cares for the nodes can be done in a browser, in every window and in
//! Chinese. Method: the filled wall in headless Chromium, by its links and forms; what the pages say is asked of the
//! document, and what a screen reader stumbles over of axe-core.

#![allow(clippy::unwrap_used)]

use tests::browser::{Browser, get};
use tests::wall::Wall;
use tokio::net::TcpListener;

#[tokio::test]
async fn from_the_map_to_a_figure_in_the_table_and_from_a_spell_to_its_alert() {
    let wall = wall().await;
    let mut page = open(&wall, "/?zone=ferry-quay").await;
    page.click("#zone .more a").await.unwrap();
    page.says("#place-title", "Old Ferry Quay").await.unwrap();
    page.says("#value-title", "Crowd density").await.unwrap();

    // Another stretch, and another value: both are links that can be kept.
    page.click("#range-1h").await.unwrap();
    page.until("location.search.includes('range=1h')")
        .await
        .unwrap();
    page.click("[id='v-pm2_5']").await.unwrap();
    page.says("#value-title", "PM2.5").await.unwrap();
    page.until("location.search === '?value=pm2_5&range=1h'")
        .await
        .unwrap();

    // A figure is read in the table, with how many nodes it rests on.
    page.click("#rows summary").await.unwrap();
    page.until("document.getElementById('rows-shown').open")
        .await
        .unwrap();
    let cells = page.evaluate(
        "[...document.querySelector('#rows tbody tr').cells].map(cell => cell.textContent)",
    );
    let cells: Vec<String> = serde_json::from_value(cells.await.unwrap()).unwrap();
    assert_eq!(cells.len(), 6, "{cells:?}");
    assert!(
        cells[1].parse::<f64>().is_ok() && cells[4].contains(" of "),
        "{cells:?}"
    );
    // What is opened stays open when the figures move on.
    wall.tick();
    page.until("document.getElementById('rows-shown').open")
        .await
        .unwrap();

    page.click("[id='v-crowd_density']").await.unwrap();
    page.says("#value-title", "Crowd density").await.unwrap();
    let spell = "document.querySelector('#value svg.wide a[href^=\"/alert/\"]')";
    page.until(&format!(
        "{spell}.getAttribute('aria-label').includes('Extreme')"
    ))
    .await
    .unwrap();
    page.until(&format!(
        "{spell}.dispatchEvent(new MouseEvent('click', {{ bubbles: true }})); true"
    ))
    .await
    .unwrap();
    page.says("#alert", "Old Ferry Quay").await.unwrap();
    assert_eq!(page.faults().await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn a_node_is_found_by_words_and_state_and_its_account_is_read() {
    let wall = wall().await;
    let mut page = open(&wall, "/nodes").await;
    page.fill("#words", "ferry gate").await.unwrap();
    page.click("#choose button").await.unwrap();
    page.says("#fleet", "gate-park-ferry-1").await.unwrap();
    page.until("!document.getElementById('fleet').textContent.includes('noise-ferry-1')")
        .await
        .unwrap();
    page.click("#sort-refused").await.unwrap();
    page.until("location.search === '?words=ferry%20gate&sort=refused'")
        .await
        .unwrap();
    page.click("#fleet tbody a").await.unwrap();
    page.says("#node-title", "gate-").await.unwrap();
    page.says("#frames", "received").await.unwrap();
    page.says("#readings", "admitted").await.unwrap();
    // A hundred nodes and more have pages.
    page.go(&url(&wall, "/nodes?page=2")).await.unwrap();
    page.says(".pager", "page 2 of 5").await.unwrap();
    page.go(&url(&wall, "/nodes?state=silent")).await.unwrap();
    page.says("#fleet", "noise-ferry-1").await.unwrap();
    assert_eq!(page.faults().await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn pages_fit_every_window_and_speak_chinese() {
    let wall = wall().await;
    let mut page = open(&wall, "/zone/ferry-quay").await;
    let paths = [
        "/zone/ferry-quay",
        "/zone/cinder-works?value=h2s&range=1h",
        "/zone/breakwater",
        "/node/count-ferry-5",
        "/nodes",
        "/rules",
        "/rules/crowd-danger",
    ];
    page.language("zh-CN").await.unwrap();
    for (name, width, height) in [
        ("phone", 360, 740),
        ("desk", 1280, 800),
        ("wall", 3840, 2160),
    ] {
        page.resize(width, height).await.unwrap();
        for path in paths {
            page.go(&url(&wall, path)).await.unwrap();
            page.until("document.readyState === 'complete'")
                .await
                .unwrap();
            let fits = format!("document.documentElement.scrollWidth <= {width}");
            page.until(&fits).await.unwrap();
            let shot = format!(
                "zones-{name}-{}",
                path.trim_matches('/').replace(['/', '?', '=', '&'], "-")
            );
            page.screenshot(&shot).await.unwrap();
        }
    }
    // Sentences of ours have no English words left; ids, rules' files and sources are not ours to translate.
    let left = r"(() => {
        const skip = '#actions, pre, del, ins, [lang=en], code, title, script, style, noscript, .source, b, a, dd, option, summary';
        const texts = [];
        const walk = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
        while (walk.nextNode()) {
            const node = walk.currentNode;
            if (!node.parentElement.closest(skip) && /[A-Za-z]{3,} [A-Za-z]{2,}/.test(node.data)) texts.push(node.data);
        }
        return texts;
    })()";
    for path in paths {
        page.go(&url(&wall, path)).await.unwrap();
        page.until("document.documentElement.lang === 'zh-CN'")
            .await
            .unwrap();
        let texts: Vec<String> =
            serde_json::from_value(page.evaluate(left).await.unwrap()).unwrap();
        let names = ["Ferry", "Works", "Breakwater"];
        let ours = texts
            .iter()
            .filter(|text| !names.iter().any(|name| text.contains(name)));
        assert_eq!(ours.collect::<Vec<_>>(), Vec::<&String>::new(), "{path}");
    }
    assert_eq!(page.faults().await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn a_screen_reader_stumbles_over_nothing() {
    let wall = wall().await;
    let mut page = open(&wall, "/zone/ferry-quay").await;
    for path in [
        "/zone/ferry-quay",
        "/zone/breakwater",
        "/node/count-ferry-5",
        "/nodes",
        "/rules",
        "/rules/crowd-danger",
    ] {
        page.go(&url(&wall, path)).await.unwrap();
        page.until("document.readyState === 'complete'")
            .await
            .unwrap();
        let found = page.no_serious_findings().await;
        assert_eq!(found, Ok(()), "{path}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_said_with_what_may_have_been_meant() {
    let wall = wall().await;
    for (path, said) in [
        ("/zone/ferry-qay", "ferry-quay"),
        ("/rules/crowd-dangr", "crowd-danger"),
        ("/node/count-fery-5", "count-ferry-5"),
    ] {
        let page = get(&wall.address.to_string(), path).await.unwrap();
        assert!(page.contains(said) && page.contains("←"), "{path}: {page}");
    }
    let page = get(
        &wall.address.to_string(),
        "/zone/ferry-quay?value=%3Cscript%3E&range=9h",
    )
    .await
    .unwrap();
    assert!(!page.contains("<script>") && page.contains("Crowd density"));
}

async fn wall() -> Wall {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    Wall::serve(listener).unwrap()
}

fn url(wall: &Wall, path: &str) -> String {
    format!("http://{}{path}", wall.address)
}

async fn open(wall: &Wall, path: &str) -> Browser {
    Browser::open(&url(wall, path)).await.unwrap()
}
