//! A whole gateway under test: a small city, a broker, nodes by hand, and somebody who listens.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use gateway::city::{LoadedCity, Sources};
use gateway::clock::{Clock, SystemClock};
use gateway::config::Trust;
use gateway::journal::DiskCheck;
use gateway::link::tls;
use gateway::service::{self, Ready, ServiceConfig, ServiceError};
use pipeline::calendar::Millis;
use rumqttc::{AsyncClient, Event, MqttOptions, Packet, QoS, TlsConfiguration, Transport};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use wire::ack::{Ack, open_ack};
use wire::frame::{Body, Frame, Header, Kept, Sample};
use wire::seal::{Direction, FrameBytes, derive_key, open_frame, seal_frame};
use wire::{CityId, CitySecret, GatewayId, Lane, Measurement, Milli, NodeId, Quantity};

/// Longest wait for anything; reached only by a failing test.
pub const PATIENCE: Duration = Duration::from_secs(60);

const ZONES: &str = r#"{"type":"FeatureCollection","features":[{"type":"Feature",
"properties":{"id":"quay","name":"Quay","kind":"square","area_m2":1000},
"geometry":{"type":"Polygon","coordinates":[[[0,0],[0.01,0],[0.01,0.01],[0,0.01],[0,0]]]}}]}"#;

const RULES: &str = r#"
[[rule]]
id = "gas"
kind = "gas"
value = "ch4"
statistic = "max"
zones = ["*"]
raise_at = 20
clear_at = 10
for = "0s"
severity = "severe"
"#;

pub fn secret() -> CitySecret {
    CitySecret::new([42; 32])
}

/// One zone, `nodes` nodes named `n0`, `n1`, …, and one rule: gas. `broker` is the section of `city.toml`.
#[allow(clippy::unwrap_used)]
pub fn city(nodes: usize, broker: &str) -> LoadedCity {
    LoadedCity::from_sources(&files(nodes, broker), None).unwrap()
}

/// The files of [`city`].
pub fn files(nodes: usize, broker: &str) -> Sources {
    let rows: String = (0..nodes).map(|n| format!("n{n},quay\n")).collect();
    Sources {
        city_toml: format!(
            "[city]\nid = \"harbour\"\n[http]\nbind = \"127.0.0.1:0\"\n[broker]\n{broker}\n"
        ),
        zones_geojson: ZONES.to_owned(),
        nodes_csv: format!("node,zone\n{rows}"),
        rules_toml: Some(RULES.to_owned()),
        ..Sources::default()
    }
}

/// Section for the embedded broker on any free port.
pub const EMBEDDED: &str = "bind = \"127.0.0.1:0\"";

/// A gateway in this process.
pub struct Gateway {
    pub ready: Ready,
    /// Where nodes and people connect.
    pub broker: SocketAddr,
    shutdown: CancellationToken,
    task: JoinHandle<Result<(), ServiceError>>,
}

impl Gateway {
    /// Starts a gateway on `data`; `outside` is the broker's address when it is not the embedded one.
    #[allow(clippy::unwrap_used)]
    pub async fn start(
        data: &Path,
        city: LoadedCity,
        outside: Option<SocketAddr>,
        disk: Option<DiskCheck>,
    ) -> Gateway {
        let config = config(data, None, disk);
        Gateway::run(config, city, Arc::new(SystemClock), outside).await
    }

    /// Starts a gateway with its embedded broker in a city whose time `clock` tells.
    pub async fn start_at(data: &Path, city: LoadedCity, clock: Arc<dyn Clock>) -> Gateway {
        Gateway::run(config(data, None, None), city, clock, None).await
    }

    /// Starts a gateway with its embedded broker on a city directory, whose files it watches.
    #[allow(clippy::unwrap_used)]
    pub async fn start_in(data: &Path, city_dir: &Path) -> Gateway {
        let city = gateway::city::load(city_dir, None).unwrap();
        let config = config(data, Some(city_dir), None);
        Gateway::run(config, city, Arc::new(SystemClock), None).await
    }

    #[allow(clippy::unwrap_used)]
    async fn run(
        mut config: ServiceConfig,
        city: LoadedCity,
        clock: Arc<dyn Clock>,
        outside: Option<SocketAddr>,
    ) -> Gateway {
        let shutdown = CancellationToken::new();
        let (ready, started) = oneshot::channel();
        config.ready = Some(ready);
        let task = tokio::spawn(service::run(config, city, clock, None, shutdown.clone()));
        let ready = match tokio::time::timeout(PATIENCE, started).await.unwrap() {
            Ok(ready) => ready,
            Err(_) => panic!("the gateway ended: {:?}", task.await),
        };
        let broker = ready.broker.or(outside).unwrap();
        Gateway {
            ready,
            broker,
            shutdown,
            task,
        }
    }

    #[allow(clippy::unwrap_used)]
    pub async fn stop(self) {
        self.shutdown.cancel();
        self.task.await.unwrap().unwrap();
    }

    /// Value of one series in the metrics, 0 when it is not there.
    pub fn metric(&self, series: &str) -> f64 {
        metric(&self.ready.metrics.encode(), series)
    }
}

#[allow(clippy::unwrap_used)]
fn config(data: &Path, city_dir: Option<&Path>, disk: Option<DiskCheck>) -> ServiceConfig {
    ServiceConfig {
        data: data.to_owned(),
        secret: secret(),
        gateway: GatewayId::new("gw").unwrap(),
        city_dir: city_dir.map(Path::to_owned),
        ready: None,
        disk,
    }
}

/// Value of one series in Prometheus' text.
pub fn metric(text: &str, series: &str) -> f64 {
    text.lines()
        .find_map(|line| line.strip_prefix(series)?.trim().parse().ok())
        .unwrap_or_default()
}

/// Waits until `condition` holds.
pub async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < PATIENCE, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// A client that hears what it subscribed to, each message once as it comes.
pub struct Listener {
    pub client: AsyncClient,
    heard: mpsc::UnboundedReceiver<(String, Vec<u8>)>,
    task: JoinHandle<()>,
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Listener {
    /// Returns once the subscription stands.
    pub async fn start(broker: SocketAddr, name: &str, filter: &str) -> Listener {
        let options = MqttOptions::new(name, broker.ip().to_string(), broker.port());
        Listener::by(options, filter).await
    }

    /// The same over TLS, at a broker whose certificate for `localhost` is `trust`'s.
    #[allow(clippy::unwrap_used)]
    pub async fn start_tls(port: u16, trust: &Path, name: &str, filter: &str) -> Listener {
        let mut options = MqttOptions::new(name, "localhost", port);
        let trust = Trust {
            authorities: Some(trust.to_owned()),
            identity: None,
        };
        let tls = tls::client_config(&trust).unwrap();
        options.set_transport(Transport::Tls(TlsConfiguration::Rustls(tls)));
        Listener::by(options, filter).await
    }

    #[allow(clippy::unwrap_used)]
    async fn by(mut options: MqttOptions, filter: &str) -> Listener {
        options.set_keep_alive(Duration::from_secs(30));
        let (client, mut events) = AsyncClient::new(options, 1_000);
        let (sender, heard) = mpsc::unbounded_channel();
        let (standing, stands) = oneshot::channel();
        let mut standing = Some(standing);
        let (subscriber, filter) = (client.clone(), filter.to_owned());
        let task = tokio::spawn(async move {
            loop {
                match events.poll().await {
                    Ok(Event::Incoming(Packet::ConnAck(_))) => {
                        subscriber
                            .subscribe(filter.clone(), QoS::AtLeastOnce)
                            .await
                            .unwrap();
                    }
                    Ok(Event::Incoming(Packet::SubAck(_))) => {
                        if let Some(standing) = standing.take() {
                            let _ = standing.send(());
                        }
                    }
                    Ok(Event::Incoming(Packet::Publish(publish))) => {
                        let _ = sender.send((publish.topic, publish.payload.to_vec()));
                    }
                    Ok(_) => {}
                    Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
                }
            }
        });
        tokio::time::timeout(PATIENCE, stands)
            .await
            .unwrap()
            .unwrap();
        Listener {
            client,
            heard,
            task,
        }
    }

    #[allow(clippy::unwrap_used)]
    pub async fn next(&mut self) -> (String, Vec<u8>) {
        tokio::time::timeout(PATIENCE, self.heard.recv())
            .await
            .unwrap()
            .unwrap()
    }

    /// The next message that is JSON, with its topic.
    #[allow(clippy::unwrap_used)]
    pub async fn next_json(&mut self) -> (String, serde_json::Value) {
        let (topic, payload) = self.next().await;
        (topic, serde_json::from_slice(&payload).unwrap())
    }
}

/// A node by hand: seals what it is told, sends it, and reads its acknowledgements.
pub struct HandNode {
    pub id: NodeId,
    city: CityId,
    pub boot: u32,
    /// How far its clock is ahead of the machine's.
    pub ahead: Millis,
    /// How often it sent something, on whichever channel: what the gateway must have received in the end.
    pub sent: u32,
    /// What it says of its memory: everything older than this it has overwritten.
    pub oldest_kept: Kept,
    sequence: [u32; 2],
    started: Instant,
    listener: Listener,
}

impl HandNode {
    pub async fn start(broker: SocketAddr, name: &str, boot: u32) -> HandNode {
        let (client, filter) = HandNode::names(name, boot);
        HandNode::with(Listener::start(broker, &client, &filter).await, name, boot)
    }

    /// The same over TLS, as [`Listener::start_tls`].
    pub async fn start_tls(port: u16, trust: &Path, name: &str, boot: u32) -> HandNode {
        let (client, filter) = HandNode::names(name, boot);
        let listener = Listener::start_tls(port, trust, &client, &filter).await;
        HandNode::with(listener, name, boot)
    }

    /// Of its client and of what it hears.
    fn names(name: &str, boot: u32) -> (String, String) {
        let filter = format!("city/v1/harbour/node/{name}/down");
        (format!("{name}-{boot}"), filter)
    }

    #[allow(clippy::unwrap_used)]
    fn with(listener: Listener, name: &str, boot: u32) -> HandNode {
        HandNode {
            id: NodeId::new(name).unwrap(),
            city: CityId::new("harbour").unwrap(),
            boot,
            ahead: 0,
            sent: 0,
            oldest_kept: Kept::default(),
            sequence: [0; 2],
            started: Instant::now(),
            listener,
        }
    }

    /// Seals one reading taken now.
    #[allow(clippy::unwrap_used)]
    pub fn seal(&mut self, lane: Lane, quantity: Quantity, value: Milli) -> Vec<u8> {
        let sequence = &mut self.sequence[usize::from(lane.code())];
        let mut body = Body {
            oldest_kept: self.oldest_kept,
            uptime_ms: self.started.elapsed().as_millis() as u64,
            wall_ms: Some(SystemClock.now() + self.ahead),
            ..Body::default()
        };
        let sample = Sample::new(0, quantity, Measurement::Value(value));
        body.samples.push(sample).unwrap();
        let frame = Frame {
            header: Header {
                generation: 0,
                lane,
                boot: self.boot,
                sequence: *sequence,
            },
            body,
        };
        *sequence += 1;
        let key = derive_key(&secret(), &self.id, 0, Direction::Up);
        let mut sealed = FrameBytes::new();
        seal_frame(&frame, &key, &self.city, &self.id, &mut sealed).unwrap();
        debug_assert!(open_frame(&sealed, &key, &self.city, &self.id).is_ok());
        sealed.to_vec()
    }

    #[allow(clippy::unwrap_used)]
    pub async fn send(&mut self, channel: &str, bytes: &[u8]) {
        let topic = format!("city/v1/harbour/node/{}/{channel}", self.id);
        self.sent += 1;
        self.listener
            .client
            .publish(topic, QoS::AtLeastOnce, false, bytes)
            .await
            .unwrap();
    }

    #[allow(clippy::unwrap_used)]
    pub async fn acknowledgement(&mut self) -> Ack {
        let (_, sealed) = self.listener.next().await;
        let key = derive_key(&secret(), &self.id, 0, Direction::Down);
        open_ack(&sealed, &key, &self.city, &self.id).unwrap()
    }

    /// Sends until the gateway says that the frame is settled; a node does not trust one try.
    pub async fn deliver(&mut self, lane: Lane, quantity: Quantity, value: Milli) -> Vec<u8> {
        let bytes = self.seal(lane, quantity, value);
        let sequence = self.sequence[usize::from(lane.code())] - 1;
        self.deliver_bytes(lane, sequence, &bytes).await;
        bytes
    }

    #[allow(clippy::unwrap_used)]
    pub async fn deliver_bytes(&mut self, lane: Lane, sequence: u32, bytes: &[u8]) {
        let start = Instant::now();
        let channel = wire::topic::Channel::from(lane).name();
        loop {
            assert!(start.elapsed() < PATIENCE, "never acknowledged");
            self.send(channel, bytes).await;
            let heard = tokio::time::timeout(Duration::from_secs(2), self.acknowledgement()).await;
            let settled = heard.is_ok_and(|ack| {
                ack.settled.iter().any(|settled| {
                    settled.boot == self.boot && settled.lane == lane && settled.covers(sequence)
                })
            });
            if settled {
                return;
            }
        }
    }
}

/// A port that is free now.
#[allow(clippy::unwrap_used)]
pub fn free_address() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap()
}
