//! What people do about a running gateway's alerts, from the request to what everybody hears: on its own topic, at
//! other systems, over a restart.

#![allow(clippy::unwrap_used)]

use std::net::SocketAddr;
use std::time::Duration;

use gateway::access::Digest;
use gateway::city::{LoadedCity, Sources};
use serde_json::{Value, json};
use tests::alertmanager::Alertmanager;
use tests::cap::Schema;
use tests::gateway::{EMBEDDED, Gateway, HandNode, Listener, files};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use wire::{Lane, Milli, Quantity};

/// What Ada's program shows for her.
const TOKEN: &str = "citysense_ada";

/// A city in which she acts.
fn sources() -> Sources {
    let mut sources = files(1, EMBEDDED);
    let digest = Digest::of(TOKEN.as_bytes());
    sources.city_toml +=
        &format!("[[access.token]]\nname = \"Ada\"\nrole = \"operator\"\ntoken = \"{digest}\"\n");
    sources
}

/// Asks as a program does; status and answer.
async fn ask(http: SocketAddr, method: &str, path: &str, body: Value) -> (u16, Value) {
    let mut stream = tokio::net::TcpStream::connect(http).await.unwrap();
    let body = body.to_string();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: gateway\r\nconnection: close\r\ncontent-type: application/json\r\n\
         authorization: Bearer {TOKEN}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, serde_json::from_str(body).unwrap_or_default())
}

async fn post(gateway: &Gateway, path: &str, body: Value) -> Value {
    let (status, answer) = ask(gateway.ready.http, "POST", path, body).await;
    assert_eq!(status, 202, "{path}: {answer}");
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_do_is_told_to_everybody_and_outlives_the_gateway() {
    let dir = tempfile::tempdir().unwrap();
    let city = || LoadedCity::from_sources(&sources(), None).unwrap();
    let gateway = Gateway::start(dir.path(), city(), None, None).await;
    let mut people = Listener::start(gateway.broker, "people", "city/v1/harbour/alert/#").await;
    let mut node = HandNode::start(gateway.broker, "n0", 1).await;
    node.deliver(Lane::Normal, Quantity::Ch4, Milli::whole(35))
        .await;
    let (_, raised) = people.next_json().await;
    let id = raised["id"].as_str().unwrap().to_owned();
    for (verb, body, reason) in [
        ("acknowledge", json!({}), "acknowledged"),
        ("comment", json!({ "text": "on my way" }), "commented"),
        ("assign", json!({ "to": "Bo" }), "assigned"),
    ] {
        post(&gateway, &format!("/api/v1/alerts/{id}/{verb}"), body).await;
        let (_, said) = people.next_json().await;
        assert_eq!(
            (&said["id"], &said["reason"]),
            (&raised["id"], &reason.into())
        );
    }
    gateway.stop().await;

    let gateway = Gateway::start(dir.path(), city(), None, None).await;
    let path = format!("/api/v1/alerts/{id}");
    let (_, story) = ask(gateway.ready.http, "GET", &path, json!(null)).await;
    let alert = &story["alert"];
    assert_eq!(
        (&alert["acknowledged"], &alert["assigned"]),
        (&"Ada".into(), &"Bo".into())
    );
    assert_eq!(alert["note"], json!({ "by": "Ada", "text": "on my way" }));
    let (_, incidents) = ask(gateway.ready.http, "GET", "/api/v1/incidents", json!(null)).await;
    assert_eq!(incidents["incidents"][0]["alerts"], json!([id]));
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silenced_alert_is_told_to_other_systems_when_its_silence_ends() {
    let (mut alertmanager, schema) = (Alertmanager::start(), Schema::load());
    let dir = tempfile::tempdir().unwrap();
    let mut sources = sources();
    sources.city_toml += &alertmanager.section("1s");
    let city = LoadedCity::from_sources(&sources, None).unwrap();
    let gateway = Gateway::start(dir.path(), city, None, None).await;
    let mut people = Listener::start(gateway.broker, "people", "city/v1/harbour/alert/#").await;
    let mut systems = Listener::start(gateway.broker, "systems", "city/v1/harbour/cap/#").await;
    let silence = json!({ "for": "2h", "kind": "gas", "text": "a drill" });
    post(&gateway, "/api/v1/silences", silence).await;
    let in_force = async || {
        let (_, said) = ask(gateway.ready.http, "GET", "/api/v1/silences", json!(null)).await;
        said["silences"].as_array().unwrap().clone()
    };
    while in_force().await.is_empty() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(in_force().await[0]["kind"], "gas");

    let mut node = HandNode::start(gateway.broker, "n0", 1).await;
    for percent in [35, 60] {
        node.deliver(Lane::Normal, Quantity::Ch4, Milli::whole(percent))
            .await;
        let (_, said) = people.next_json().await;
        assert_eq!(
            said["silenced"]["by"], "Ada",
            "our own topic tells the truth"
        );
    }

    post(&gateway, "/api/v1/silences/end", json!({ "kind": "gas" })).await;
    let (_, said) = people.next_json().await;
    assert_eq!(
        (&said["reason"], &said["silenced"]),
        (&"silenced".into(), &Value::Null)
    );
    // The first word that others hear is of the third revision, and it is news.
    let (_, xml) = systems.next().await;
    let first = schema.check(&xml);
    assert_eq!(first.msg_type, "Alert");
    let id = said["id"].as_str().unwrap();
    assert_eq!(first.identifier, format!("{id}.3"));
    assert_eq!(
        alertmanager.next_call().await["annotations"]["revision"],
        "3"
    );
    assert_eq!(in_force().await.len(), 0);
    gateway.stop().await;
}
