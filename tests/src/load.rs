//! Frames as fast as a broker takes them, or at a rate, for benches.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use gateway::clock::{Clock, SystemClock};
use rumqttc::{AsyncClient, MqttOptions, QoS};
use wire::frame::{Body, Frame, Header, Kept, Sample};
use wire::seal::{Direction, FrameBytes, derive_key, seal_frame};
use wire::{CityId, Key, Lane, Measurement, Milli, NodeId, Quantity};

use crate::gateway::secret;

/// Connections that publish; each speaks for its share of the nodes.
const PUBLISHERS: usize = 4;
/// They are called `n0`, `n1`, …
pub const NODES: usize = 200;
const FRAME_LEN: usize = 64;

/// Upper edge, in milliseconds, of the bucket that holds this part of what was observed between two scrapes.
pub fn quantile(before: &str, after: &str, part: f64) -> f64 {
    let counts = counts(before, after);
    let (place, _) = holder(&counts, part);
    counts.get(place).map_or(f64::NAN, |(edge, _)| *edge)
}

/// The same as if what a bucket holds lay evenly in it.
pub fn between(before: &str, after: &str, part: f64) -> f64 {
    let counts = counts(before, after);
    let (place, wanted) = holder(&counts, part);
    let below = place.checked_sub(1).map(|place| counts[place]);
    let (low, below) = below.unwrap_or((0.0, 0.0));
    let Some((high, upto)) = counts.get(place) else {
        return f64::NAN;
    };
    low + (high - low) * (wanted - below) / (upto - below).max(1.0)
}

/// Edges in milliseconds, with how many were at most that.
fn counts(before: &str, after: &str) -> Vec<(f64, f64)> {
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
    let pairs = buckets(after).into_iter().zip(buckets(before));
    pairs
        .map(|((edge, after), (_, before))| (edge, after - before))
        .collect()
}

/// The bucket that holds this part of all, and how many that part is.
fn holder(counts: &[(f64, f64)], part: f64) -> (usize, f64) {
    let all = counts.last().map_or(0.0, |(_, count)| *count);
    let wanted = all * part;
    let place = counts.iter().position(|(_, count)| *count >= wanted);
    (place.unwrap_or(counts.len()), wanted)
}

/// Connections that send as fast as the broker takes, or at a rate.
pub struct Publishers {
    stop: Arc<AtomicBool>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

/// Boots differ between runs, so that no frame is a duplicate.
static BOOT: AtomicU64 = AtomicU64::new(1);

impl Publishers {
    pub fn start(broker: SocketAddr, city: &'static str, frames_per_s: Option<f64>) -> Publishers {
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

    #[allow(clippy::unwrap_used)]
    pub async fn stop(self) {
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
    #[allow(clippy::unwrap_used)]
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

    #[allow(clippy::unwrap_used)]
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
    #[allow(clippy::unwrap_used)]
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
