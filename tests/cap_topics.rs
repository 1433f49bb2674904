//! CAP messages as other systems get them from a running gateway: on their topics, by the feed, over a restart.

#![allow(clippy::unwrap_used)]

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use gateway::city::{LoadedCity, Sources};
use gateway::clock::{Clock, ScaledClock, SystemClock};
use roxmltree::{Document, Node};
use tests::cap::{Head, Schema};
use tests::gateway::{EMBEDDED, Gateway, HandNode, Listener, city, files, until};
use tests::mosquitto::Mosquitto;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use wire::{Lane, Milli, Quantity};

const TOPICS: &str = "city/v1/harbour/cap/#";

/// A city in which a leak is over a few seconds after the last bad reading, and forgotten a few seconds later.
fn hasty(broker: &str) -> LoadedCity {
    let mut sources: Sources = files(1, broker);
    sources.city_toml += "[panes]\nch4 = \"1s\"\ngrace = \"0s\"\n[horizon]\ndefault = \"3s\"\n\
                          [cap]\nsender = \"alerts@harbour.example\"\n";
    let rules = sources.rules_toml.unwrap();
    sources.rules_toml = Some(rules.replace("severity", "max_gap = \"5m\"\nseverity"));
    LoadedCity::from_sources(&sources, None).unwrap()
}

/// The next message of `people`, with its topic, held against the standard.
async fn next_cap(people: &mut Listener, schema: &Schema) -> (String, Head) {
    let (topic, xml) = people.next().await;
    (topic, schema.check(&xml))
}

async fn get(http: SocketAddr, path: &str) -> Option<String> {
    let mut stream = tokio::net::TcpStream::connect(http).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    head.starts_with("HTTP/1.1 200").then(|| body.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leak_is_told_from_its_first_word_to_its_last() {
    let (schema, dir) = (Schema::load(), tempfile::tempdir().unwrap());
    let gateway = Gateway::start(dir.path(), hasty(EMBEDDED), None, None).await;
    let mut people = Listener::start(gateway.broker, "people", TOPICS).await;
    let mut node = HandNode::start(gateway.broker, "n0", 1).await;
    let mut say = async |value| {
        node.deliver(Lane::Normal, Quantity::Ch4, Milli::whole(value))
            .await
    };

    say(35).await;
    let (topic, raised) = next_cap(&mut people, &schema).await;
    let (room, id) = topic.rsplit_once('/').unwrap();
    assert_eq!(room, "city/v1/harbour/cap/gas/quay");
    assert_eq!(raised.identifier, format!("{id}.1"));
    assert_eq!(
        (
            raised.msg_type.as_str(),
            raised.sender.as_str(),
            raised.status.as_str()
        ),
        ("Alert", "alerts@harbour.example", "Actual")
    );
    assert_eq!(
        (raised.says("category"), raised.says("urgency")),
        ("Env", "Immediate")
    );

    say(60).await;
    let (_, worse) = next_cap(&mut people, &schema).await;
    assert_eq!(worse.msg_type, "Update");
    assert_eq!(worse.references, [raised.reference()]);

    // Who asks finds what who listens was told.
    let entry = the_entry(gateway.ready.http).await;
    assert_eq!(entry.href, format!("/api/v1/alerts/{id}/cap"));
    assert!(
        entry.title.contains("Dangerous gas in Quay"),
        "{}",
        entry.title
    );
    let asked = get(gateway.ready.http, &entry.href).await.unwrap();
    assert_eq!(schema.check(asked.as_bytes()), worse);
    // So does who comes late.
    let mut late = Listener::start(gateway.broker, "late", TOPICS).await;
    assert_eq!(next_cap(&mut late, &schema).await.1, worse);

    // A pane that saw the leak is not clean any more; one of the next is.
    let (mut told, mut last) = (vec![raised, worse], None);
    while last.is_none() {
        say(1).await;
        let wait = tokio::time::timeout(Duration::from_secs(1), next_cap(&mut people, &schema));
        let Ok((_, head)) = wait.await else {
            continue;
        };
        let names: Vec<String> = told.iter().map(Head::reference).collect();
        assert_eq!(head.references, names, "all that was told before");
        last = (head.says("responseType") == "AllClear").then(|| head.clone());
        told.push(head);
    }
    assert_eq!(
        last.map(|head| head.says("urgency").to_owned()),
        Some("Past".to_owned())
    );

    // After its horizon the alert leaves the broker.
    let (gone, nothing) = people.next().await;
    assert_eq!((gone, nothing), (topic, Vec::new()));
    until("the topic is empty", || {
        gateway.metric("citysense_publish_pending") == 0.0
    })
    .await;
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_that_stays_open_is_renewed_before_its_message_expires() {
    let (schema, dir) = (Schema::load(), tempfile::tempdir().unwrap());
    let mut sources: Sources = files(1, EMBEDDED);
    sources.city_toml += "[cap]\nexpires = \"1m\"\n";
    // What comes back within the minutes of this story says nothing new.
    let rules = sources.rules_toml.unwrap();
    sources.rules_toml = Some(rules.replace("severity", "max_gap = \"1h\"\nseverity"));
    let city = LoadedCity::from_sources(&sources, None).unwrap();
    let clock = ScaledClock::starting_at(SystemClock.now(), 15);
    let gateway = Gateway::start_at(dir.path(), city, Arc::new(clock)).await;
    let mut people = Listener::start(gateway.broker, "people", TOPICS).await;
    let mut node = HandNode::start(gateway.broker, "n0", 1).await;
    node.deliver(Lane::Normal, Quantity::Ch4, Milli::whole(35))
        .await;
    let mut told = vec![next_cap(&mut people, &schema).await.1];
    for _ in 0..2 {
        let (_, renewed) = next_cap(&mut people, &schema).await;
        let last = &told[told.len() - 1];
        assert!(
            renewed
                .identifier
                .starts_with(&format!("{}.", told[0].identifier))
        );
        assert_eq!(renewed.references.last(), Some(&last.reference()));
        assert!(renewed.sent.as_str() < last.says("expires"), "too late");
        assert_eq!(renewed.says("description"), last.says("description"));
        told.push(renewed);
    }
    let entry = the_entry(gateway.ready.http).await;
    let asked = get(gateway.ready.http, &entry.href).await.unwrap();
    let asked = schema.check(asked.as_bytes());
    assert!(asked.sent >= told[2].sent, "who asks gets the renewed one");
    gateway.stop().await;
}

/// What the feed says of its one alert.
struct Entry {
    href: String,
    title: String,
}

async fn the_entry(http: SocketAddr) -> Entry {
    const ATOM: &str = "http://www.w3.org/2005/Atom";
    let feed = get(http, "/cap.atom").await.unwrap();
    let feed = Document::parse(&feed).unwrap();
    let child = |node: Node, name: &str| {
        let found = node
            .children()
            .find(|child| child.has_tag_name((ATOM, name)));
        let found = found.unwrap_or_else(|| panic!("no {name}"));
        let text = found.text().unwrap_or_default().to_owned();
        (text, found.attribute("href").unwrap_or_default().to_owned())
    };
    let root = feed.root_element();
    assert!(root.has_tag_name((ATOM, "feed")));
    for name in ["id", "title", "updated", "author"] {
        child(root, name);
    }
    let is_entry = |node: &Node| node.has_tag_name((ATOM, "entry"));
    let entry = root.children().find(is_entry).unwrap();
    assert_eq!(root.children().filter(is_entry).count(), 1);
    let [_, (title, _), (updated, _), (_, href), _] =
        ["id", "title", "updated", "link", "summary"].map(|name| child(entry, name));
    assert!(updated.parse::<jiff::Timestamp>().is_ok(), "{updated}");
    Entry { href, title }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_says_nothing_twice_and_goes_on_naming_what_was_said() {
    let mosquitto = Mosquitto::start();
    let (schema, dir) = (Schema::load(), tempfile::tempdir().unwrap());
    let mut people = Listener::start(mosquitto.address, "people", TOPICS).await;
    let mut node = HandNode::start(mosquitto.address, "n0", 1).await;
    let mut told = Vec::new();
    for value in [30, 45, 60] {
        let city = city(1, &mosquitto.section());
        let gateway = Gateway::start(dir.path(), city, Some(mosquitto.address), None).await;
        node.deliver(Lane::Normal, Quantity::Ch4, Milli::whole(value))
            .await;
        let (_, head) = next_cap(&mut people, &schema).await;
        assert_eq!(head.references, told, "{value}");
        told.push(head.reference());
        let path = format!(
            "/api/v1/alerts/{}/cap",
            head.identifier.split('.').next().unwrap()
        );
        let asked = get(gateway.ready.http, &path).await.unwrap();
        assert_eq!(schema.check(asked.as_bytes()), head);
        gateway.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_ended_with_its_gateway_gets_the_same_message_again() {
    let (schema, dir) = (Schema::load(), tempfile::tempdir().unwrap());
    let before = the_standing_message(dir.path(), &schema, &[30, 45]).await;
    let after = the_standing_message(dir.path(), &schema, &[]).await;
    assert_eq!(before.references.len(), 1);
    assert_eq!(after, before);
}

/// Starts a gateway with its embedded broker, says `values`, and returns what stands then.
async fn the_standing_message(data: &Path, schema: &Schema, values: &[i64]) -> Head {
    let gateway = Gateway::start(data, city(1, EMBEDDED), None, None).await;
    let mut node = HandNode::start(gateway.broker, "n0", 1).await;
    let mut people = Listener::start(gateway.broker, "people", TOPICS).await;
    for value in values {
        node.deliver(Lane::Normal, Quantity::Ch4, Milli::whole(*value))
            .await;
        next_cap(&mut people, schema).await;
    }
    let mut late = Listener::start(gateway.broker, "late", TOPICS).await;
    let (_, head) = next_cap(&mut late, schema).await;
    gateway.stop().await;
    head
}
