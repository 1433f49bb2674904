//! An hour of a recorded fire through the whole system: sensors of simulated nodes read the recording, frames go
//! over real MQTT into a gateway. What the gateway said live, what a replay of its journal says and what a replay
//! of the same readings from a file says must be one.
//!
//! The clock runs fast, so frames are late, panes are corrected and alerts revised: the final answers must be
//! those of a city in which nothing is ever late.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use edge_firmware::Word;
use gateway::city::{self, LoadedCity};
use gateway::clock::{Clock, ScaledClock};
use gateway::commands::replay as command;
use gateway::fleet::{Fleet, FleetOptions, Pace, World};
use gateway::journal::{self, Record};
use gateway::story::{Sampling, Seat};
use pipeline::calendar::{HOUR, MINUTE, Millis};
use rumqttc::{AsyncClient, Event, MqttOptions, Packet, QoS};
use tests::gateway::{Gateway, secret};
use tests::real::fires;
use tests::real::replayed::{Outcome, replay};
use tests::real::town::{Row, Town};
use tokio_util::sync::CancellationToken;
use wire::{Fault, Milli, Quantity};

/// The first fire.
const FIRE: usize = 0;
const SPEED: u32 = 120;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_hour_over_mqtt_ends_like_its_replays() {
    let scratch = tempfile::tempdir().unwrap();
    let place = |name: &str| scratch.path().join(name);
    let town = town();
    town.write(&place("city")).unwrap();
    let loaded = city::load(&place("city"), None).unwrap();

    let start = fires::ignition(FIRE);
    let clock: Arc<dyn Clock> = Arc::new(ScaledClock::starting_at(start - MINUTE, SPEED));
    let gateway = Gateway::start_at(&place("data"), loaded.clone(), clock.clone()).await;
    let heard = tokio::spawn(listen(gateway.broker));
    let shutdown = CancellationToken::new();
    let options = FleetOptions {
        host: gateway.broker.ip().to_string(),
        port: gateway.broker.port(),
        login: None,
        secret: secret(),
        nodes: None,
        pace: Pace::Natural,
        boot: 1,
        world: Arc::new(Recording::of(&fires::rows(FIRE))),
    };
    let fleet = Fleet::start(options, &loaded, clock.clone(), shutdown.clone());
    tokio::time::sleep(clock.real_duration(HOUR + 2 * MINUTE)).await;
    shutdown.cancel();
    assert_eq!(fleet.state().overwritten, 0);
    fleet.stopped().await;
    gateway.stop().await;
    let heard = heard.await.unwrap();

    let live = replay_journal(&place("city"), &place("data"), &place("live"));
    let rows = readings_of(&place("data"), &loaded);
    assert!(rows.len() > 1_000, "{} readings came through", rows.len());
    let filed = replay(&town, &rows, 2);
    assert_eq!(live.panes, filed.panes);
    assert_eq!(finals(&live), finals(&filed));
    assert!(!finals(&filed).is_empty(), "a fire raises alerts");

    // Byte for byte: what was published is how the journal's replay begins.
    let text = std::fs::read_to_string(place("live").join("alerts.ndjson")).unwrap();
    let told: BTreeSet<&str> = text.lines().take(heard.len()).collect();
    assert_eq!(
        heard.iter().map(String::as_str).collect::<BTreeSet<_>>(),
        told
    );
}

/// The rooms of one house, with a gateway on free ports.
fn town() -> Town {
    let prefix = fires::TESTS[FIRE].to_lowercase();
    let mut town = fires::town();
    town.zones.retain(|zone| zone.id.starts_with(&prefix));
    town.nodes.retain(|node| node.zone.starts_with(&prefix));
    town.city_toml += "[http]\nbind = \"127.0.0.1:0\"\n[broker]\nbind = \"127.0.0.1:0\"\n";
    town
}

/// What the instruments recorded; between two readings a sensor repeats the one before.
struct Recording(BTreeMap<(String, Quantity), BTreeMap<Millis, i64>>);

impl Recording {
    fn of(rows: &[Row]) -> Recording {
        let mut recorded = BTreeMap::new();
        for row in rows {
            assert_eq!(row.unit, "", "{row:?}");
            let value: Milli = row.value.parse().unwrap();
            let key = (row.node.clone(), row.quantity);
            let series: &mut BTreeMap<Millis, i64> = recorded.entry(key).or_default();
            series.insert(row.at, value.0);
        }
        Recording(recorded)
    }
}

impl World for Recording {
    fn word(&self, seat: &Seat, quantity: Quantity, sampling: Sampling) -> Word {
        let series = self.0.get(&(seat.node.to_string(), quantity));
        let before = series.and_then(|series| series.range(..=sampling.at).next_back());
        before.map(|(_, value)| *value).ok_or(Fault::Timeout)
    }

    fn is_cut_off(&self, _seat: &Seat, _at: Millis) -> bool {
        false
    }
}

/// Every alert message until the broker is gone.
async fn listen(broker: std::net::SocketAddr) -> Vec<String> {
    let options = MqttOptions::new("listener", broker.ip().to_string(), broker.port());
    let (client, mut events) = AsyncClient::new(options, 10);
    let mut heard = Vec::new();
    while let Ok(event) = events.poll().await {
        match event {
            Event::Incoming(Packet::ConnAck(_)) => {
                client
                    .try_subscribe("city/v1/+/alert/#", QoS::AtLeastOnce)
                    .unwrap();
            }
            // An empty message takes an old alert away.
            Event::Incoming(Packet::Publish(publish)) if !publish.payload.is_empty() => {
                heard.push(String::from_utf8(publish.payload.to_vec()).unwrap());
            }
            _ => {}
        }
    }
    heard
}

fn replay_journal(city: &Path, data: &Path, out: &Path) -> Outcome {
    command::run(command::Args {
        city: city.to_owned(),
        readings: Vec::new(),
        journal: Some(data.to_owned()),
        out: out.to_owned(),
        workers: Some(2),
        no_privacy_floor: true,
        json: false,
    })
    .unwrap();
    Outcome::read(out)
}

/// Everything that was admitted, as a readings file has it: by time, as if nothing had been late.
fn readings_of(data: &Path, loaded: &LoadedCity) -> Vec<Row> {
    let mut observations = Vec::new();
    for entry in journal::read(data).unwrap() {
        if let (_, Record::Frames(frames)) = entry.unwrap() {
            frames
                .iter()
                .for_each(|frame| frame.observations(&mut observations));
        }
    }
    observations.sort_by_key(|o| (o.sampled_at, o.node, o.sequence, o.index));
    let id = |ix| {
        loaded
            .city
            .nodes
            .iter()
            .find(|node| node.ix == ix)
            .unwrap()
            .id
    };
    observations
        .iter()
        .map(|observation| Row {
            at: observation.sampled_at,
            node: id(observation.node).to_string(),
            quantity: observation.quantity,
            value: observation.value.to_string(),
            unit: "",
        })
        .collect()
}

/// The last word on each alert that was not taken back: rule, zone, onset, end, and whether it is open. An open one that
/// late frames have revised is `updated`, and `raised` where nothing was late.
fn finals(outcome: &Outcome) -> BTreeSet<[String; 5]> {
    let mut last = BTreeMap::new();
    for revision in &outcome.revisions {
        last.insert(revision["id"].to_string(), revision);
    }
    let kept = last
        .values()
        .filter(|revision| revision["state"] != "cancelled");
    kept.map(|revision| {
        let [rule, zone, onset, end] =
            ["rule", "zone", "onset", "end"].map(|field| revision[field].to_string());
        let state = match revision["state"].as_str() {
            Some("raised" | "updated") => "open",
            other => other.unwrap(),
        };
        [rule, zone, onset, end, state.to_owned()]
    })
    .collect()
}
