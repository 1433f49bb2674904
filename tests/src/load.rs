//! Frames as fast as a broker takes them, or at a rate, for benches: from a city in which something is always told.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use gateway::city::Sources;
use gateway::clock::{Clock, SystemClock};
use rumqttc::{AsyncClient, MqttOptions, QoS};
use wire::frame::{Body, Frame, Header, Kept, Sample};
use wire::seal::{Direction, FrameBytes, derive_key, seal_frame};
use wire::{CityId, Key, Lane, Measurement, Milli, NodeId, Quantity};

use crate::gateway::{files, secret};
use crate::metropolis;

/// Connections that publish; each speaks for its share of the nodes.
const PUBLISHERS: usize = 4;
/// They are called `n0`, `n1`, …; each has a zone of its own.
const NODES: usize = 200;
const FRAME_LEN: usize = 64;
/// Every node finds one more of the gas after so many milliseconds: its zone's alert is revised then. No multiple of a
/// tick, or all steps of a run would lie alike between two ticks.
const STEP_MS: u128 = 5_023;

const RULES: &str = r#"
[[rule]]
id = "gas"
kind = "gas"
value = "ch4"
statistic = "max"
zones = ["*"]
raise_at = 20
clear_at = 10
peak_step = 1
hold = "1s"
severity = "severe"
"#;

/// A city of two hundred zones, each with a node; `broker` is the section of `city.toml`.
pub fn city(broker: &str) -> Sources {
    let nodes: String = (0..NODES)
        .map(|node| format!("n{node},z{node}\n"))
        .collect();
    Sources {
        zones_geojson: metropolis::zones(),
        nodes_csv: format!("node,zone\n{nodes}"),
        rules_toml: Some(RULES.to_owned()),
        ..files(0, broker)
    }
}

/// Milliseconds from admission to publication below which this part of all lies that was published in some spans, each
/// between two scrapes, as if what a bucket holds lay evenly in it.
pub fn quantile(spans: &[(String, String)], part: f64) -> f64 {
    let mut counts: Vec<(f64, f64)> = Vec::new();
    for (before, after) in spans {
        let of_span = self::counts(before, after);
        counts.resize(of_span.len(), (0.0, 0.0));
        for (sum, (edge, count)) in counts.iter_mut().zip(of_span) {
            *sum = (edge, sum.1 + count);
        }
    }
    let all = counts.last().map_or(0.0, |(_, count)| *count);
    assert!(all > 0.0, "nothing was published");
    let wanted = all * part;
    let place = counts.iter().position(|(_, count)| *count >= wanted);
    let place = place.unwrap_or(counts.len());
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

/// Connections that send as fast as the broker takes, or at a rate.
pub struct Publishers {
    stop: Arc<AtomicBool>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

static BEGUN: LazyLock<Instant> = LazyLock::new(Instant::now);
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
    nodes: Vec<(usize, NodeId, Key, String)>,
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
                (number, id, key, topic)
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

    /// A frame of the next node: gas that rises as long as the process lives, in one zone after the other, so that alerts
    /// are revised all the time. Peaks are revised as they grow, so what comes and goes would soon say nothing new.
    #[allow(clippy::unwrap_used)]
    fn next(&mut self, sent: usize) -> (String, Vec<u8>) {
        let place = sent % self.nodes.len();
        if place == 0 {
            self.sequence += 1;
        }
        let (number, node, key, topic) = &self.nodes[place];
        let mut body = Body {
            oldest_kept: Kept {
                boot: self.boot,
                sequence: self.sequence - 1,
            },
            uptime_ms: 1_000_000 + u64::from(self.sequence),
            wall_ms: Some(SystemClock.now()),
            ..Body::default()
        };
        let after = STEP_MS * *number as u128 / NODES as u128;
        let steps = (BEGUN.elapsed().as_millis() + after) / STEP_MS;
        let mut samples = vec![(Quantity::Ch4, 21_000 + steps as i64 * 1_000)];
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
