//! Alerts of a whole gateway as a real Alertmanager gets them: firing while they stand, resolved when they end,
//! whoever of the two was away in between.

#![allow(clippy::unwrap_used)]

use std::path::Path;

use gateway::city::{LoadedCity, Sources};
use serde_json::Value;
use tests::accounts::page_of;
use tests::alertmanager::{Alertmanager, PASSWORD};
use tests::browser::Browser;
use tests::gateway::{EMBEDDED, Gateway, HandNode, Listener, PATIENCE, files, free_address, until};
use tokio::io::AsyncReadExt;
use wire::{Lane, Milli, Quantity};

const ALERTS: &str = "city/v1/harbour/alert/#";
const DELIVERED: &str = "citysense_alertmanager_pushes_total{outcome=\"delivered\"}";
const FAILED: &str = "citysense_alertmanager_pushes_total{outcome=\"failed\"}";
const REFUSED: &str = "citysense_alertmanager_pushes_total{outcome=\"refused\"}";

/// A city in which a leak is over a few seconds after the last bad reading.
fn hasty(alertmanager: &str) -> Sources {
    let mut sources = files(1, EMBEDDED);
    sources.city_toml += "[panes]\nch4 = \"1s\"\ngrace = \"0s\"\n";
    sources.city_toml += alertmanager;
    let rules = sources.rules_toml.unwrap();
    sources.rules_toml = Some(rules.replace("severity", "max_gap = \"5m\"\nseverity"));
    sources
}

async fn start(data: &Path, sources: &Sources) -> Gateway {
    let city = LoadedCity::from_sources(sources, None).unwrap();
    Gateway::start(data, city, None, None).await
}

async fn leak(node: &mut HandNode, percent: i64) {
    node.deliver(Lane::Normal, Quantity::Ch4, Milli::whole(percent))
        .await;
}

fn moment(value: &Value) -> jiff::Timestamp {
    value.as_str().unwrap().parse().unwrap()
}

/// The one alert that fires; `None` unless it is one.
fn the_alert(alertmanager: &Alertmanager) -> Option<Value> {
    match &alertmanager.firing()[..] {
        [alert] => Some(alert.clone()),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leak_fires_while_it_stands_and_is_resolved_when_it_is_over() {
    let mut alertmanager = Alertmanager::start();
    let dir = tempfile::tempdir().unwrap();
    let gateway = start(dir.path(), &hasty(&alertmanager.section("1s"))).await;
    let mut people = Listener::start(gateway.broker, "people", ALERTS).await;
    let mut node = HandNode::start(gateway.broker, "n0", 1).await;
    leak(&mut node, 35).await;
    let (_, raised) = people.next_json().await;

    let fired = alertmanager.next_call().await;
    assert_eq!(fired["status"], "firing");
    for (name, value) in [
        ("alertname", "gas"),
        ("kind", "gas"),
        ("zone", "quay"),
        ("severity", "severe"),
        ("city", "harbour"),
        ("status", "actual"),
        ("alert_id", raised["id"].as_str().unwrap()),
    ] {
        assert_eq!(fired["labels"][name], value, "{name}");
    }
    let said = &fired["annotations"];
    assert_eq!(
        (&said["value"], &said["threshold"]),
        (&"35 % LEL".into(), &"20 % LEL".into())
    );
    let summary = said["summary"].as_str().unwrap();
    assert!(
        summary.contains("Severe: Dangerous gas in Quay"),
        "{summary}"
    );
    let link = format!(
        "http://{}/alert/{}",
        gateway.ready.http,
        raised["id"].as_str().unwrap()
    );
    assert_eq!(
        (&said["link"], &fired["generatorURL"]),
        (&link.as_str().into(), &link.as_str().into())
    );
    assert_eq!(moment(&fired["startsAt"]), moment(&raised["onset"]));

    // It would have ended by itself after four resends; it is said again and goes on.
    let first_end = moment(&the_alert(&alertmanager).unwrap()["endsAt"]);
    until("it fires past the end that it had at first", || {
        let alert = the_alert(&alertmanager);
        alert.is_some_and(|alert| moment(&alert["updatedAt"]) > first_end)
    })
    .await;
    assert!(gateway.metric(DELIVERED) >= 4.0);

    // Worse, and the same alert.
    leak(&mut node, 60).await;
    people.next_json().await;
    until("the peak is told", || {
        the_alert(&alertmanager).is_some_and(|alert| alert["annotations"]["value"] == "60 % LEL")
    })
    .await;
    let worse = the_alert(&alertmanager).unwrap();
    assert_eq!(worse["fingerprint"], fired["fingerprint"]);

    // Over. A pane that saw the leak is not clean any more; one of the next is.
    let cleared = loop {
        leak(&mut node, 1).await;
        let wait = std::time::Duration::from_secs(1);
        if let Ok((_, alert)) = tokio::time::timeout(wait, people.next_json()).await {
            break alert;
        }
    };
    assert_eq!(cleared["state"], "cleared");
    let resolved = alertmanager.next_call().await;
    assert_eq!(resolved["status"], "resolved");
    assert_eq!(resolved["fingerprint"], fired["fingerprint"]);
    assert_eq!(resolved["annotations"]["state"], "cleared");
    assert_eq!(alertmanager.firing().len(), 0);
    assert_eq!(
        (gateway.metric(FAILED), gateway.metric(REFUSED)),
        (0.0, 0.0)
    );
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_cancelled_is_resolved_too() {
    let mut alertmanager = Alertmanager::start();
    let (city, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    // So rarely said again that its end is not that of a gateway which fell silent.
    let mut sources = hasty(&alertmanager.section("10m"));
    write(city.path(), &sources);
    let gateway = Gateway::start_in(data.path(), city.path()).await;
    let mut node = HandNode::start(gateway.broker, "n0", 1).await;
    leak(&mut node, 35).await;
    let fired = alertmanager.next_call().await;
    assert_eq!(fired["status"], "firing");
    let rules = sources.rules_toml.unwrap();
    sources.rules_toml = Some(rules.replace("raise_at = 20", "raise_at = 80"));
    write(city.path(), &sources);
    let resolved = alertmanager.next_call().await;
    assert_eq!(resolved["status"], "resolved");
    assert_eq!(resolved["fingerprint"], fired["fingerprint"]);
    assert_eq!(resolved["annotations"]["state"], "cancelled");
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ended_while_no_gateway_ran_is_resolved_by_the_next() {
    let mut alertmanager = Alertmanager::start();
    let dir = tempfile::tempdir().unwrap();
    let section = alertmanager.section("10m");
    let mut sources = hasty(&section);
    let gateway = start(dir.path(), &sources).await;
    let mut node = HandNode::start(gateway.broker, "n0", 1).await;
    leak(&mut node, 35).await;
    let fired = alertmanager.next_call().await;
    let told = the_alert(&alertmanager).unwrap();
    gateway.stop().await;
    // A gateway that comes back to an open alert says it again, as the one that it was.
    let gateway = start(dir.path(), &sources).await;
    until("it is told", || gateway.metric(DELIVERED) >= 1.0).await;
    let again = the_alert(&alertmanager).unwrap();
    // Told anew, and never taken back in between.
    assert!(moment(&again["updatedAt"]) > moment(&told["updatedAt"]));
    assert_eq!(alertmanager.calls_waiting(), 0);
    assert_eq!(again["fingerprint"], fired["fingerprint"]);
    assert_eq!(moment(&again["startsAt"]), moment(&fired["startsAt"]));
    gateway.stop().await;
    // The alert ends while nobody tells Alertmanager anything, and has ended when somebody does again.
    let rules = sources.rules_toml.unwrap();
    sources.rules_toml = Some(rules.replace("raise_at = 20", "raise_at = 80"));
    let mut mute = sources.clone();
    mute.city_toml = mute.city_toml.replace(&section, "");
    let gateway = start(dir.path(), &mute).await;
    let mut people = Listener::start(gateway.broker, "people", ALERTS).await;
    while people.next_json().await.1["state"] != "cancelled" {}
    gateway.stop().await;
    assert!(the_alert(&alertmanager).is_some());
    let gateway = start(dir.path(), &sources).await;
    let resolved = alertmanager.next_call().await;
    assert_eq!(resolved["status"], "resolved");
    assert_eq!(resolved["fingerprint"], fired["fingerprint"]);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alertmanager_that_was_killed_hears_again_what_stands() {
    let mut alertmanager = Alertmanager::start();
    let dir = tempfile::tempdir().unwrap();
    let gateway = start(dir.path(), &hasty(&alertmanager.section("1s"))).await;
    let mut node = HandNode::start(gateway.broker, "n0", 1).await;
    leak(&mut node, 35).await;
    let fired = alertmanager.next_call().await;
    // The alert's page says who has heard what of it.
    let id = fired["labels"]["alert_id"].as_str().unwrap();
    let page = format!("http://{}/alert/{id}", gateway.ready.http);
    let mut page = Browser::open(&page).await.unwrap();
    let told = alertmanager.address.to_string();
    page.says("#pushes", &told).await.unwrap();
    page.says("#pushes", "revision 1, last said at")
        .await
        .unwrap();
    alertmanager.kill();
    leak(&mut node, 70).await;
    page.says("#pushes", "; revision 2 not yet").await.unwrap();
    until("its absence is counted", || gateway.metric(FAILED) >= 2.0).await;
    alertmanager.start_again();
    page.says("#pushes", "revision 2, last said at")
        .await
        .unwrap();
    until("it fires again", || the_alert(&alertmanager).is_some()).await;
    let again = the_alert(&alertmanager).unwrap();
    assert_eq!(again["fingerprint"], fired["fingerprint"]);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_not_there_or_never_answers_holds_up_nobody() {
    let frozen = Alertmanager::start();
    frozen.freeze();
    let nobody = format!("[alertmanager]\nurl = \"http://{}\"\n", free_address());
    for section in [frozen.section("1s"), nobody] {
        let dir = tempfile::tempdir().unwrap();
        let gateway = start(dir.path(), &hasty(&section)).await;
        let mut people = Listener::start(gateway.broker, "people", ALERTS).await;
        let mut node = HandNode::start(gateway.broker, "n0", 1).await;
        for percent in [35, 50, 70] {
            leak(&mut node, percent).await;
            let (_, alert) = people.next_json().await;
            assert_eq!(alert["value"], percent as f64);
        }
        until("the failure is counted", || gateway.metric(FAILED) >= 1.0).await;
        assert_eq!(gateway.metric(DELIVERED), 0.0);
        gateway.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_speaks_tls_and_asks_for_certificate_and_password_is_told() {
    let mut alertmanager = Alertmanager::start_guarded();
    let trust = format!(
        "[alertmanager.tls]\nca = \"{}\"\n",
        alertmanager.authority().display()
    );
    let [certificate, key] = alertmanager.identity();
    let proof = format!("{trust}certificate = {certificate:?}\nkey = {key:?}\n");
    // Who cannot prove itself is not trusted, on either side, and a wrong password is no way in: none of these is a push.
    for (section, counted) in [
        (alertmanager.section_guarded(PASSWORD), FAILED),
        (alertmanager.section_guarded(PASSWORD) + &trust, FAILED),
        (alertmanager.section_guarded("guess") + &proof, REFUSED),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let gateway = start(dir.path(), &hasty(&section)).await;
        let mut node = HandNode::start(gateway.broker, "n0", 1).await;
        leak(&mut node, 35).await;
        until(counted, || gateway.metric(counted) >= 1.0).await;
        assert_eq!(gateway.metric(DELIVERED), 0.0);
        let address = format!("localhost:{}", alertmanager.address.port());
        let up = format!("citysense_alertmanager_up{{address=\"{address}\"}}");
        assert!(gateway.ready.metrics.encode().contains(&format!("{up} 0")));
        if counted == REFUSED {
            // The file is read anew for each request.
            alertmanager.section_guarded(PASSWORD);
            until("it is told", || gateway.metric(DELIVERED) >= 1.0).await;
            assert_eq!(gateway.metric(&up), 1.0);
            assert_eq!(alertmanager.next_call().await["status"], "firing");
        }
        gateway.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn several_are_told_and_a_frozen_one_holds_up_no_other() {
    let frozen = Alertmanager::start();
    frozen.freeze();
    let mut others = [Alertmanager::start(), Alertmanager::start()];
    let addresses: Vec<String> = [&frozen, &others[0], &others[1]]
        .map(|one| format!("\"http://{}\"", one.address))
        .to_vec();
    let section = format!(
        "[alertmanager]\nurls = [{}]\nevery = \"10m\"\n",
        addresses.join(", ")
    );
    let dir = tempfile::tempdir().unwrap();
    let gateway = start(dir.path(), &hasty(&section)).await;
    let mut node = HandNode::start(gateway.broker, "n0", 1).await;
    leak(&mut node, 35).await;
    let [first, second] = &mut others;
    let (first, second) = (first.next_call().await, second.next_call().await);
    // The same alert to all, or Alertmanagers that keep each other company would tell it twice.
    assert_eq!(first["status"], "firing");
    assert_eq!(first["labels"], second["labels"]);
    assert_eq!(first["startsAt"], second["startsAt"]);
    until("the frozen one is given up", || {
        gateway.metric(FAILED) >= 1.0
    })
    .await;
    assert_eq!(gateway.metric(DELIVERED), 2.0);
    let id = first["labels"]["alert_id"].as_str().unwrap();
    let page = page_of(&gateway, &format!("/alert/{id}")).await;
    let untold = format!(
        "{}</code>: <span class=\"partial\">it could not be told yet",
        frozen.address
    );
    assert!(page.contains(&untold), "{page}");
    assert_eq!(
        page.matches("revision 1, last said at").count(),
        2,
        "{page}"
    );
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_goes_with_each_request() {
    let dir = tempfile::tempdir().unwrap();
    let token = dir.path().join("token");
    std::fs::write(&token, "a.b-c\n").unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let section = format!(
        "[alertmanager]\nurl = \"http://{}/am\"\ntoken_file = \"{}\"\n",
        listener.local_addr().unwrap(),
        token.display()
    );
    let gateway = start(&dir.path().join("data"), &hasty(&section)).await;
    let mut node = HandNode::start(gateway.broker, "n0", 1).await;
    leak(&mut node, 35).await;
    let asked = tokio::time::timeout(PATIENCE, async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut asked = String::new();
        while !asked.contains("\r\n\r\n") {
            let mut bytes = [0; 4096];
            let count = stream.read(&mut bytes).await.unwrap();
            asked.push_str(&String::from_utf8_lossy(&bytes[..count]));
        }
        asked
    });
    let asked = asked.await.unwrap();
    assert!(
        asked.starts_with("POST /am/api/v2/alerts HTTP/1.1\r\n"),
        "{asked}"
    );
    assert!(asked.contains("authorization: Bearer a.b-c\r\n"), "{asked}");
    gateway.stop().await;
}

fn write(dir: &Path, sources: &Sources) {
    std::fs::write(dir.join("city.toml"), &sources.city_toml).unwrap();
    std::fs::write(dir.join("zones.geojson"), &sources.zones_geojson).unwrap();
    std::fs::write(dir.join("nodes.csv"), &sources.nodes_csv).unwrap();
    std::fs::write(dir.join("rules.toml"), sources.rules_toml.as_ref().unwrap()).unwrap();
}
