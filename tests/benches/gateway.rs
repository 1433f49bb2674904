//! What the gateway does with the frames that a broker can carry: `cargo bench -p tests --bench gateway`.
//!
//! In one run, on one broker (the embedded one): frames/s of a client that only counts; frames/s of the gateway,
//! each opened, checked, journaled, synced and acknowledged; their ratio; latency from admission to publication
//! at half of the gateway's rate; and how long a restart takes over everything that was journaled, at least one
//! million frames, with the snapshot and without. `FRAMES` in the environment changes that number.

#![allow(clippy::unwrap_used)]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use gateway::city::LoadedCity;
use gateway::clock::{Clock, SystemClock};
use rumqttc::{AsyncClient, Event, MqttOptions, Packet, QoS};
use tests::gateway::{EMBEDDED, Gateway, city, files, secret};
use tests::mosquitto::Mosquitto;
use wire::frame::{Body, Frame, Header, Kept, Sample};
use wire::seal::{Direction, FrameBytes, derive_key, seal_frame};
use wire::{CityId, Key, Lane, Measurement, Milli, NodeId, Quantity};

/// Connections that publish; each speaks for its share of the nodes.
const PUBLISHERS: usize = 4;
const NODES: usize = 200;
/// How long each rate is measured.
const MEASURE: Duration = Duration::from_secs(5);
const RUNS: usize = 3;
const FRAME_LEN: usize = 64;

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

    let gateway = Gateway::start(data, city(NODES, &section), address, None).await;
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
    let after = gateway.ready.metrics.encode();
    let [p50, p99] = [0.5, 0.99].map(|part| quantile(&before, &after, part));
    println!(
        "latency          admission to publish, at {half:.0} frames/s: p50 ≤ {p50} ms, p99 ≤ {p99} ms"
    );

    let wanted: u64 = std::env::var("FRAMES").map_or(1_000_000, |text| text.parse().unwrap());
    let publishers = Publishers::start(gateway.broker, "harbour", None);
    while accepted() < wanted {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    publishers.stop().await;
    gateway.stop().await;
    let start = Instant::now();
    let gateway = Gateway::start(data, city(NODES, &section), address, None).await;
    println!(
        "restart          {:.2} s until ready after a clean stop, {} of {wanted} frames replayed",
        start.elapsed().as_secs_f64(),
        gateway.ready.replayed
    );
    gateway.stop().await;

    // Panes that are cut anew have no use for the snapshot.
    let mut files = files(NODES, &section);
    files.city_toml.push_str("\n[panes]\nch4 = \"30s\"\n");
    let cut_anew = LoadedCity::from_sources(&files, None).unwrap();
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

/// Upper edge, in milliseconds, of the bucket that holds this part of what was observed between two scrapes.
fn quantile(before: &str, after: &str, part: f64) -> f64 {
    let buckets = |text: &str| -> Vec<(f64, f64)> {
        text.lines()
            .filter_map(|line| {
                let rest = line.strip_prefix("citysense_alert_latency_seconds_bucket{le=\"")?;
                let (edge, count) = rest.split_once("\"} ")?;
                let edge = edge.parse().unwrap_or(f64::INFINITY);
                Some((edge * 1_000.0, count.parse().ok()?))
            })
            .collect()
    };
    let counts: Vec<(f64, f64)> = buckets(after)
        .into_iter()
        .zip(buckets(before))
        .map(|((edge, after), (_, before))| (edge, after - before))
        .collect();
    let all = counts.last().map_or(0.0, |(_, count)| *count);
    counts
        .into_iter()
        .find(|(_, count)| *count >= all * part)
        .map_or(f64::NAN, |(edge, _)| edge)
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

/// Connections that send as fast as the broker takes, or at a rate.
struct Publishers {
    stop: Arc<AtomicBool>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

/// Boots differ between runs, so that no frame is a duplicate.
static BOOT: AtomicU64 = AtomicU64::new(1);

impl Publishers {
    fn start(broker: SocketAddr, city: &'static str, frames_per_s: Option<f64>) -> Publishers {
        let stop = Arc::new(AtomicBool::new(false));
        let boot = BOOT.fetch_add(1, Ordering::Relaxed) as u32;
        let tasks = (0..PUBLISHERS)
            .map(|share| {
                let every = frames_per_s.map(|rate| PUBLISHERS as f64 / rate);
                let speaker = Speaker::new(city, share, boot);
                tokio::spawn(speaker.run(broker, every, stop.clone()))
            })
            .collect();
        Publishers { stop, tasks }
    }

    async fn stop(self) {
        self.stop.store(true, Ordering::Relaxed);
        for task in self.tasks {
            task.await.unwrap();
        }
    }
}

/// One connection and the nodes that it speaks for.
struct Speaker {
    city: CityId,
    nodes: Vec<(NodeId, Key, String)>,
    boot: u32,
    share: usize,
    sequence: u32,
}

impl Speaker {
    fn new(city: &str, share: usize, boot: u32) -> Speaker {
        let nodes = (share..NODES)
            .step_by(PUBLISHERS)
            .map(|number| {
                let id = NodeId::new(&format!("n{number}")).unwrap();
                let key = derive_key(&secret(), &id, 0, Direction::Up);
                let topic = format!("city/v1/{city}/node/{id}/up");
                (id, key, topic)
            })
            .collect();
        Speaker {
            city: CityId::new(city).unwrap(),
            nodes,
            boot,
            share,
            sequence: 0,
        }
    }

    async fn run(mut self, broker: SocketAddr, every_s: Option<f64>, stop: Arc<AtomicBool>) {
        let name = format!("speaker-{}-{}-{}", self.city, self.boot, self.share);
        let mut options = MqttOptions::new(name, broker.ip().to_string(), broker.port());
        options
            .set_keep_alive(Duration::from_secs(30))
            .set_inflight(200);
        let (client, mut events) = AsyncClient::new(options, 200);
        let polling = tokio::spawn(async move { while events.poll().await.is_ok() {} });
        let (start, mut sent) = (Instant::now(), 0_u64);
        while !stop.load(Ordering::Relaxed) {
            if let Some(every_s) = every_s {
                let due = Duration::from_secs_f64(every_s * sent as f64);
                if let Some(early) = due.checked_sub(start.elapsed()) {
                    tokio::time::sleep(early.max(Duration::from_millis(1))).await;
                }
            }
            let (topic, bytes) = self.next(sent as usize);
            client
                .publish(topic, QoS::AtLeastOnce, false, bytes)
                .await
                .unwrap();
            sent += 1;
        }
        client.disconnect().await.unwrap();
        let _ = polling.await;
    }

    /// A frame of the next node: gas that comes and goes, so that alerts are raised and revised all the time.
    fn next(&mut self, sent: usize) -> (String, Vec<u8>) {
        let place = sent % self.nodes.len();
        if place == 0 {
            self.sequence += 1;
        }
        let (node, key, topic) = &self.nodes[place];
        let mut body = Body {
            oldest_kept: Kept {
                boot: self.boot,
                sequence: self.sequence - 1,
            },
            uptime_ms: 1_000_000 + u64::from(self.sequence),
            wall_ms: Some(SystemClock.now()),
            ..Body::default()
        };
        let wave = (SystemClock.now() / 1_000 % 60) * 1_000;
        let mut samples = vec![(Quantity::Ch4, 21_000 + wave)];
        while samples.len() < 5 {
            samples.push((Quantity::Temperature, 20_000 + samples.len() as i64));
        }
        for (quantity, value) in samples {
            let sample = Sample::new(0, quantity, Measurement::Value(Milli(value)));
            body.samples.push(sample).unwrap();
        }
        let header = Header {
            generation: 0,
            lane: Lane::Normal,
            boot: self.boot,
            sequence: self.sequence,
        };
        let mut sealed = FrameBytes::new();
        seal_frame(&Frame { header, body }, key, &self.city, node, &mut sealed).unwrap();
        debug_assert!(sealed.len().abs_diff(FRAME_LEN) < 10, "{}", sealed.len());
        (topic.clone(), sealed.to_vec())
    }
}
