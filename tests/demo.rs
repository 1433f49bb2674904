//! The demo as its user meets it: it says where to look, an alert is on the broker when its story comes to it,
//! and it stops by itself with exit code 0.
//!
//! It runs on free ports and begins shortly before the festival crowd becomes dangerous.

#![allow(clippy::unwrap_used)]

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use gateway::commands::demo::{Args, run_telling};
use rumqttc::{AsyncClient, Event, MqttOptions, Packet, QoS};

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

/// Hands every line on as soon as it is printed.
struct Terminal(Sender<String>);

impl Write for Terminal {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // When the test has stopped listening, the demo goes on as on a terminal that nobody watches.
        let _ = self.0.send(String::from_utf8_lossy(bytes).into_owned());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Reads what is printed up to the line that tells how to subscribe to alerts.
fn port_of_the_broker(printed: &Receiver<String>) -> (Vec<String>, u16) {
    let deadline = Instant::now() + PATIENCE;
    let mut said = String::new();
    loop {
        match printed.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(part) => said.push_str(&part),
            Err(RecvTimeoutError::Timeout) => panic!("it said only: {said}"),
            Err(RecvTimeoutError::Disconnected) => panic!("it ended and said only: {said}"),
        }
        let option = said
            .lines()
            .find_map(|line| line.split_once("mosquitto_sub "));
        let port = option.and_then(|(_, options)| options.split_once("-p ")?.1.split_once(' '));
        if let Some((port, _)) = port {
            let port = port.parse().unwrap();
            return (said.lines().map(str::to_owned).collect(), port);
        }
    }
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
