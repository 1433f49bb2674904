//! A gateway that is killed without warning comes back as if nothing had been: the same alerts under the same
//! ids, nothing published twice, nothing acknowledged and lost.
//!
//! The gateway runs as a process of its own, which is this very test started again, so that it can be killed.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use tests::cap::Schema;
use tests::gateway::{Gateway, HandNode, Listener, city, files};
use tests::mosquitto::Mosquitto;
use tests::process::{self, Process};
use wire::{Lane, Milli, Quantity};

/// Not a test of its own: the process that the tests below start and kill.
#[tokio::test(flavor = "multi_thread")]
async fn gateway_process() {
    process::serve().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_gateway_goes_on_with_the_same_alert_and_says_nothing_twice() {
    let mosquitto = Mosquitto::start();
    let broker = mosquitto.address;
    let (plan, dir) = (files(1, &mosquitto.section()), tempfile::tempdir().unwrap());
    let mut people = Listener::start(broker, "people", "city/v1/harbour/alert/#").await;
    let mut node = HandNode::start(broker, "n0", 1).await;
    // Other systems listen too: each message once, naming all that were told before.
    let mut systems = Listener::start(broker, "systems", "city/v1/harbour/cap/#").await;
    let (schema, mut names) = (Schema::load(), Vec::new());
    // (id, revision) → how often it was told
    let mut told = BTreeMap::<(String, u64), u32>::new();
    let mut tell = |alert: &serde_json::Value| {
        let id = alert["id"].as_str().unwrap().to_owned();
        let revision = alert["revision"].as_u64().unwrap();
        *told.entry((id, revision)).or_default() += 1;
    };
    for round in 0..4 {
        let gateway = Process::start(&plan, dir.path());
        // Each round the leak is worse, which is worth a revision of the one alert.
        let value = Milli::whole(30 + 15 * round);
        node.deliver(Lane::Normal, Quantity::Ch4, value).await;
        loop {
            let (_, alert) = people.next_json().await;
            tell(&alert);
            let head = schema.check(&systems.next().await.1);
            assert_eq!(head.references, names);
            names.push(head.reference());
            if alert["value"] == value.to_f64() {
                break;
            }
        }
        gateway.remembered().await;
        let admitted = gateway.metric("citysense_frames_total{outcome=\"accepted\"}");
        assert_eq!(admitted, 1.0, "round {round}");
        gateway.kill();
    }
    let ids: Vec<_> = told.keys().map(|(id, _)| id).collect();
    assert!(ids.windows(2).all(|pair| pair[0] == pair[1]), "{told:?}");
    assert!(told.values().all(|&times| times == 1), "{told:?}");
    assert!(told.len() >= 4, "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_and_its_tail_are_taken_up_as_the_whole_journal_would_be() {
    let mosquitto = Mosquitto::start();
    let broker = mosquitto.address;
    let dir = tempfile::tempdir().unwrap();
    let start = || {
        let plan = city(1, &mosquitto.section());
        Gateway::start(dir.path(), plan, Some(broker), None)
    };
    let mut people = Listener::start(broker, "people", "city/v1/harbour/alert/#").await;
    let mut node = HandNode::start(broker, "n0", 1).await;

    // A clean stop leaves a snapshot of everything.
    let gateway = start().await;
    let first = node
        .deliver(Lane::Normal, Quantity::Ch4, Milli::whole(30))
        .await;
    let (_, raised) = people.next_json().await;
    assert_eq!(
        (&raised["state"], &raised["revision"]),
        (&"raised".into(), &1.into())
    );
    gateway.stop().await;

    // What comes before the kill is the tail behind it.
    let killed = Process::start(&files(1, &mosquitto.section()), dir.path());
    node.deliver(Lane::Normal, Quantity::Ch4, Milli::whole(45))
        .await;
    let (_, worse) = people.next_json().await;
    assert_eq!(
        (&worse["id"], &worse["revision"]),
        (&raised["id"], &2.into())
    );
    killed.remembered().await;
    killed.kill();

    let gateway = start().await;
    assert_eq!(
        gateway.ready.replayed, 1,
        "the tail, and not what the snapshot has"
    );
    // The session came back as well: what was settled before the snapshot is a duplicate, not news.
    node.deliver_bytes(Lane::Normal, 0, &first).await;
    assert_eq!(
        gateway.metric("citysense_frames_total{outcome=\"duplicate\"}"),
        1.0
    );
    node.deliver(Lane::Normal, Quantity::Ch4, Milli::whole(60))
        .await;
    let (_, worst) = people.next_json().await;
    assert_eq!(
        (&worst["id"], &worst["revision"]),
        (&raised["id"], &3.into())
    );
    assert_eq!(worst["onset"], raised["onset"]);
    gateway.stop().await;
}
