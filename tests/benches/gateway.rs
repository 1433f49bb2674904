//! What the gateway does with the frames that a broker can carry: `cargo bench -p tests --bench gateway`.
//!
//! In one run, on one broker (the embedded one): frames/s of a client that only counts; frames/s of the gateway,
//! each opened, checked, journaled, synced and acknowledged; their ratio; latency from admission to publication
//! at half of the gateway's rate; and how long a restart takes over everything that was journaled, at least one
//! million frames, with the snapshot and without. `FRAMES` in the environment changes that number.

#![allow(clippy::unwrap_used)]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use gateway::city::LoadedCity;
use rumqttc::{AsyncClient, Event, MqttOptions, Packet, QoS};
use tests::gateway::{EMBEDDED, Gateway};
use tests::load::{self, Publishers, quantile};
use tests::mosquitto::Mosquitto;

/// How long each rate is measured.
const MEASURE: Duration = Duration::from_secs(5);
const RUNS: usize = 3;

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(bench());
}

async fn bench() {
    let outside = std::env::var("BROKER").is_ok_and(|broker| broker == "mosquitto");
    let mosquitto = outside.then(Mosquitto::start);
    let section = mosquitto
        .as_ref()
        .map_or(EMBEDDED.to_owned(), Mosquitto::section);
    let address = mosquitto.as_ref().map(|mosquitto| mosquitto.address);
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path();

    let mut sources = load::city(&section);
    let city = LoadedCity::from_sources(&sources, None).unwrap();
    let gateway = Gateway::start(data, city.clone(), address, None).await;
    let accepted = || gateway.metric("citysense_frames_total{outcome=\"accepted\"}") as u64;
    // In turn, so that a change in the machine's speed meets both.
    let (mut raw, mut full) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        // The counting client meets the same publishers, in a city that the gateway does not listen to.
        let counter = Counter::start(gateway.broker).await;
        let publishers = Publishers::start(gateway.broker, "elsewhere", None);
        raw.push(rate(|| counter.frames.load(Ordering::Relaxed)).await);
        publishers.stop().await;
        counter.task.abort();
        let publishers = Publishers::start(gateway.broker, "harbour", None);
        full.push(rate(accepted).await);
        publishers.stop().await;
    }
    let (raw, full) = (median(raw), median(full));
    println!("raw broker       {raw:>10.0} frames/s (a client that only counts)");
    println!(
        "gateway          {full:>10.0} frames/s (opened, journaled, acknowledged)   ratio {:.2}",
        full / raw
    );

    let publishers = Publishers::start(gateway.broker, "harbour", Some(full / 2.0));
    let before = gateway.ready.metrics.encode();
    let half = rate(accepted).await;
    publishers.stop().await;
    let span = [(before, gateway.ready.metrics.encode())];
    let [p50, p99] = [0.5, 0.99].map(|part| quantile(&span, part));
    println!(
        "latency          admission to publish, at {half:.0} frames/s: p50 {p50:.0} ms, p99 {p99:.0} ms"
    );

    let wanted: u64 = std::env::var("FRAMES").map_or(1_000_000, |text| text.parse().unwrap());
    let publishers = Publishers::start(gateway.broker, "harbour", None);
    while accepted() < wanted {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    publishers.stop().await;
    gateway.stop().await;
    let start = Instant::now();
    let gateway = Gateway::start(data, city, address, None).await;
    println!(
        "restart          {:.2} s until ready after a clean stop, {} of {wanted} frames replayed",
        start.elapsed().as_secs_f64(),
        gateway.ready.replayed
    );
    gateway.stop().await;

    // Panes that are cut anew have no use for the snapshot.
    sources.city_toml.push_str("\n[panes]\nch4 = \"30s\"\n");
    let cut_anew = LoadedCity::from_sources(&sources, None).unwrap();
    let start = Instant::now();
    let gateway = Gateway::start(data, cut_anew, address, None).await;
    println!(
        "                 {:.2} s without a snapshot, {} frames replayed",
        start.elapsed().as_secs_f64(),
        gateway.ready.replayed
    );
    gateway.stop().await;
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Counts per second, after a second to get going.
async fn rate(count: impl Fn() -> u64) -> f64 {
    tokio::time::sleep(Duration::from_secs(1)).await;
    let (start, before) = (Instant::now(), count());
    tokio::time::sleep(MEASURE).await;
    (count() - before) as f64 / start.elapsed().as_secs_f64()
}

/// The client that only counts.
struct Counter {
    frames: Arc<AtomicU64>,
    task: tokio::task::JoinHandle<()>,
}

impl Counter {
    async fn start(broker: SocketAddr) -> Counter {
        let frames = Arc::new(AtomicU64::new(0));
        let count = frames.clone();
        let mut options = MqttOptions::new("counter", broker.ip().to_string(), broker.port());
        options.set_keep_alive(Duration::from_secs(30));
        let (client, mut events) = AsyncClient::new(options, 10);
        client
            .subscribe("city/v1/elsewhere/node/+/up", QoS::AtLeastOnce)
            .await
            .unwrap();
        let task = tokio::spawn(async move {
            while let Ok(event) = events.poll().await {
                if matches!(event, Event::Incoming(Packet::Publish(_))) {
                    count.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
        Counter { frames, task }
    }
}
