//! The demo as its user meets it: it says where to look, an alert is on the broker when its story comes to it,
//! and it stops by itself with exit code 0.
//!
//! It runs on free ports and begins shortly before the festival crowd becomes dangerous.

#![allow(clippy::unwrap_used)]

use std::process::ExitCode;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use gateway::commands::demo::{Args, run_telling};
use rumqttc::{AsyncClient, Event, MqttOptions, Packet, QoS};
use tests::terminal::{Terminal, read_until};

/// Nothing here takes that long; a machine under load may.
const PATIENCE: Duration = Duration::from_secs(120);

#[tokio::test]
async fn the_festival_crowd_raises_an_alert_on_the_broker_and_the_demo_ends_by_itself() {
    let (sender, printed) = channel();
    let demo = std::thread::spawn(move || {
        let args = Args {
            speed: 60,
            seed: 1,
            duration: Some(Duration::from_secs(50)),
            port: 0,
            http: 0,
            alertmanager: None,
            data: None,
            begin: 26,
        };
        run_telling(&args, &mut Terminal(sender))
    });
    let (said, port) = tokio::task::spawn_blocking(move || port_of_the_broker(&printed))
        .await
        .unwrap();
    assert!(said[0].contains("simulated"), "{said:?}");
    let alert = tokio::time::timeout(PATIENCE, first_alert(port, "crowd"))
        .await
        .unwrap();
    assert_eq!(alert["state"], "raised");
    assert_eq!(alert["zone"], "lantern-square");
    assert_eq!(alert["rule"], "crowd-danger");
    assert_eq!(alert["status"], "simulated");
    assert!(alert["value"].as_f64() >= Some(4.0), "{alert}");

    let code = tokio::task::spawn_blocking(move || demo.join().unwrap())
        .await
        .unwrap();
    assert_eq!(code.unwrap(), ExitCode::SUCCESS);
}

/// Reads what is printed up to the line that tells how to subscribe to alerts.
fn port_of_the_broker(printed: &Receiver<String>) -> (Vec<String>, u16) {
    let port = |said: &str| {
        let mut lines = said.lines();
        let (_, options) = lines.find_map(|line| line.split_once("mosquitto_sub "))?;
        options.split_once("-p ")?.1.split_once(' ')?.0.parse().ok()
    };
    let (said, port) = read_until(printed, PATIENCE, port);
    (said.lines().map(str::to_owned).collect(), port)
}

/// The first message about an alert of this kind.
async fn first_alert(port: u16, kind: &str) -> serde_json::Value {
    let (client, mut events) = AsyncClient::new(MqttOptions::new("test", "127.0.0.1", port), 8);
    loop {
        match events.poll().await.unwrap() {
            Event::Incoming(Packet::ConnAck(_)) => {
                let filter = format!("city/v1/harbour/alert/{kind}/#");
                client.subscribe(filter, QoS::AtLeastOnce).await.unwrap();
            }
            Event::Incoming(Packet::Publish(publish)) => {
                return serde_json::from_slice(&publish.payload).unwrap();
            }
            _ => {}
        }
    }
}
