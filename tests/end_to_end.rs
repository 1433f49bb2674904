//! From a node's seal to an alert on its topic, over the embedded broker and over a real Mosquitto: what is
//! acknowledged is on disk, what is sent twice counts once, and every frame ends in one place of the ledger.

#![allow(clippy::unwrap_used)]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use gateway::journal::{self, DiskCheck, Record};
use tests::gateway::{EMBEDDED, Gateway, HandNode, Listener, city, until};
use tests::mosquitto::Mosquitto;
use wire::{Lane, Milli, Quantity};

const GAS: Milli = Milli::whole(35);
const CLEAN: Milli = Milli::whole(1);

#[tokio::test(flavor = "multi_thread")]
async fn a_leak_is_told_over_the_embedded_broker() {
    let dir = tempfile::tempdir().unwrap();
    let gateway = Gateway::start(dir.path(), city(2, EMBEDDED), None, None).await;
    a_leak_is_told(dir.path(), gateway).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leak_is_told_over_mosquitto() {
    let mosquitto = Mosquitto::start();
    let dir = tempfile::tempdir().unwrap();
    let city = city(2, &mosquitto.section());
    let gateway = Gateway::start(dir.path(), city, Some(mosquitto.address), None).await;
    a_leak_is_told(dir.path(), gateway).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leak_is_told_over_mosquitto_with_tls() {
    let mosquitto = Mosquitto::start();
    let dir = tempfile::tempdir().unwrap();
    let city = city(2, &mosquitto.section_tls(&mosquitto.authority()));
    let gateway = Gateway::start(dir.path(), city, Some(mosquitto.address), None).await;
    a_leak_is_told(dir.path(), gateway).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_nobody_vouches_for_is_not_spoken_to() {
    let (mosquitto, stranger) = (Mosquitto::start(), Mosquitto::start());
    let dir = tempfile::tempdir().unwrap();
    let city = city(1, &mosquitto.section_tls(&stranger.authority()));
    let gateway = Gateway::start(dir.path(), city, Some(mosquitto.address), None).await;
    until("both links were refused, and again", || {
        gateway.metric("citysense_link_failures_total") >= 4.0
    })
    .await;
    assert_eq!(gateway.metric("citysense_link_connects_total"), 0.0);
    gateway.stop().await;
}

async fn a_leak_is_told(data: &std::path::Path, gateway: Gateway) {
    let broker = gateway.broker;
    let mut people = Listener::start(broker, "people", "city/v1/harbour/alert/#").await;
    let mut status = Listener::start(broker, "status", "city/v1/harbour/gateway/gw").await;
    let (_, said) = status.next_json().await;
    assert_eq!(said["state"], "online");

    let mut node = HandNode::start(broker, "n0", 1).await;
    node.deliver(Lane::Normal, Quantity::Ch4, CLEAN).await;
    let leak = node.deliver(Lane::Normal, Quantity::Ch4, GAS).await;
    let (topic, alert) = people.next_json().await;
    assert!(
        topic.starts_with("city/v1/harbour/alert/gas/quay/"),
        "{topic}"
    );
    assert_eq!(
        (&alert["state"], &alert["value"]),
        (&"raised".into(), &35.0.into())
    );

    // An alarm has a way of its own and ends in the same place.
    node.deliver(Lane::Alarm, Quantity::Ch4, Milli::whole(60))
        .await;
    let (_, update) = people.next_json().await;
    assert_eq!(
        (&update["id"], &update["value"]),
        (&alert["id"], &60.0.into())
    );

    // The same bytes again are acknowledged again, and admitted once.
    let before = gateway.metric("citysense_frames_total{outcome=\"duplicate\"}");
    node.deliver_bytes(Lane::Normal, 1, &leak).await;
    assert!(gateway.metric("citysense_frames_total{outcome=\"duplicate\"}") > before);
    // Bytes of all sorts are refused, each with its reason.
    let mut forged = leak.clone();
    *forged.last_mut().unwrap() ^= 1;
    node.send("up", &forged).await;
    node.send("up", b"").await;
    node.send("up", &[9; 64]).await;
    node.send("alarm", &leak).await;
    let reasons = ["seal", "malformed", "version", "topic"];
    for reason in reasons {
        let series = format!("citysense_refusals_total{{reason=\"{reason}\"}}");
        until(reason, || gateway.metric(&series) == 1.0).await;
    }
    assert_eq!(
        gateway.metric("citysense_frames_total{outcome=\"accepted\"}"),
        3.0
    );
    assert_eq!(
        gateway.metric("citysense_frames_total{outcome=\"refused\"}"),
        4.0
    );
    assert_eq!(
        gateway.metric("citysense_readings_total{outcome=\"admitted\"}"),
        3.0
    );

    gateway.stop().await;
    let frames: usize = journal::read(data)
        .unwrap()
        .map(|entry| match entry.unwrap().1 {
            Record::Frames(frames) => frames.len(),
            _ => 0,
        })
        .sum();
    assert_eq!(frames, 3, "the journal has what was accepted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_gateway_says_so_and_a_late_reader_finds_the_alert() {
    let mosquitto = Mosquitto::start();
    let dir = tempfile::tempdir().unwrap();
    let plan = city(1, &mosquitto.section());
    let gateway = Gateway::start(dir.path(), plan, Some(mosquitto.address), None).await;
    let mut node = HandNode::start(gateway.broker, "n0", 1).await;
    let mut people = Listener::start(gateway.broker, "people", "city/v1/harbour/alert/#").await;
    node.deliver(Lane::Normal, Quantity::Ch4, GAS).await;
    let alert = people.next_json().await;
    gateway.stop().await;
    let mut late = Listener::start(mosquitto.address, "late", "city/v1/harbour/#").await;
    let mut heard = [late.next_json().await, late.next_json().await];
    heard.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(heard[0], alert);
    assert_eq!(heard[1].1["state"], "stopped");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_stops_acknowledging_and_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let full = Arc::new(AtomicBool::new(false));
    let disk: DiskCheck = {
        let full = full.clone();
        Arc::new(move || match full.load(Ordering::Relaxed) {
            true => Err(std::io::Error::from(std::io::ErrorKind::StorageFull)),
            false => Ok(()),
        })
    };
    let gateway = Gateway::start(dir.path(), city(1, EMBEDDED), None, Some(disk)).await;
    let mut node = HandNode::start(gateway.broker, "n0", 1).await;
    node.deliver(Lane::Normal, Quantity::Ch4, CLEAN).await;
    full.store(true, Ordering::Relaxed);
    let kept = node.seal(Lane::Normal, Quantity::Ch4, GAS);
    node.send("up", &kept).await;
    until("the failure is said", || {
        gateway.metric("citysense_journal_failed") == 1.0
    })
    .await;
    until("the board knows of it", || {
        let board = gateway.ready.board.read().unwrap();
        board.health().journal_error.is_some()
    })
    .await;
    assert!(!is_ready(gateway.ready.http).await);
    let acknowledged = gateway.metric("citysense_acknowledgements_total");
    node.send("up", &kept).await;
    gateway.stop().await;

    // Space again: a new start has all that was acknowledged, and takes what the node kept.
    let plan = city(1, EMBEDDED);
    let gateway = Gateway::start(dir.path(), plan, None, None).await;
    assert!(acknowledged >= 1.0);
    assert_eq!(gateway.ready.replayed, 1);
    let mut node = HandNode::start(gateway.broker, "n0", 1).await;
    node.deliver_bytes(Lane::Normal, 1, &kept).await;
    gateway.stop().await;
}

async fn is_ready(http: SocketAddr) -> bool {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(http).await.unwrap();
    let request = b"GET /readyz HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.starts_with("HTTP/1.1 200")
}
