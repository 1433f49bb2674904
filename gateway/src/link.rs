//! The gateway as an MQTT client of some broker, embedded or outside: one code path for both.
//!
//! One task owns the connection and alone polls it; everything else reaches it through [`Link`], which queues and
//! never waits. A broken connection is made anew from nothing (a client object carries stale state across
//! reconnects), after a pause with jitter; it subscribes again each time and sends again what the broker never
//! confirmed. Readings and alarms have a link each, so that a flood of readings delays no alarm.

mod outgoing;
pub mod tls;

use std::sync::Arc;
use std::time::{Duration, Instant};

use rand::Rng;
use rumqttc::{AsyncClient, ConnectReturnCode, ConnectionError, Event as MqttEvent, EventLoop};
use rumqttc::{LastWill, MqttOptions, Outgoing, Packet, QoS, TlsConfiguration, Transport};
use tokio::task::JoinHandle;
use tokio_rustls::rustls::ClientConfig;
use tokio_util::sync::CancellationToken;

use crate::events::{Event, Events};
use crate::inbox::{Inbox, Message, Receipt};
use crate::limits;
use crate::metrics::LINKS;
pub use outgoing::{Link, Publication};

/// Which broker, as whom, for what.
#[derive(Clone, Debug)]
pub struct LinkOptions {
    pub host: String,
    pub port: u16,
    /// `None`: no TLS.
    pub tls: Option<Arc<ClientConfig>>,
    /// User name and password.
    pub login: Option<(String, String)>,
    /// Unique at the broker.
    pub client: String,
    /// Topic filter that is subscribed to on every connection.
    pub filter: String,
    /// Its messages are alarms: they have their own queue.
    pub alarm: bool,
    /// Said by the broker, retained, when this gateway vanishes.
    pub will: Option<(String, Vec<u8>)>,
}

impl LinkOptions {
    fn name(&self) -> &'static str {
        LINKS[usize::from(self.alarm)]
    }
}

/// What the link tells its owner, on its own task: do not block.
pub trait LinkWatcher: Send + 'static {
    /// A connection stands and its subscription is asked for.
    fn up(&mut self);
    fn down(&mut self);
    /// The broker confirmed the publication with this token.
    fn confirmed(&mut self, token: u64);
}

/// Starts the task that owns the connection: it connects once `gate` opens and ends soon after `shutdown`.
pub fn start<C: Send + 'static>(
    options: LinkOptions,
    inbox: Arc<Inbox<C>>,
    watcher: impl LinkWatcher,
    events: Events,
    (gate, shutdown): (CancellationToken, CancellationToken),
) -> (Link, JoinHandle<()>) {
    let link = Link::new(options.alarm, events.clone());
    let connector = Connector {
        options,
        inbox,
        events,
        watcher,
        link: link.clone(),
        pause: limits::BACKOFF_MIN,
    };
    let task = tokio::spawn(async move {
        gate.cancelled().await;
        connector.run(shutdown).await;
    });
    (link, task)
}

struct Connector<C, W> {
    options: LinkOptions,
    inbox: Arc<Inbox<C>>,
    events: Events,
    watcher: W,
    link: Link,
    pause: Duration,
}

impl<C: Send + 'static, W: LinkWatcher> Connector<C, W> {
    async fn run(mut self, shutdown: CancellationToken) {
        while !shutdown.is_cancelled() {
            let cause = self.connection(&shutdown).await;
            if self.link.disconnected() {
                self.watcher.down();
            }
            if shutdown.is_cancelled() {
                break;
            }
            let link = self.options.name();
            self.events.emit(Event::LinkDown {
                link,
                cause: &cause,
            });
            let jitter = rand::rng().random_range(0.5..1.0);
            tokio::select! {
                () = tokio::time::sleep(self.pause.mul_f64(jitter)) => {}
                () = shutdown.cancelled() => {}
            }
            self.pause = (self.pause * 2).min(limits::BACKOFF_MAX);
        }
    }

    /// One connection from start to end; answers why it ended.
    async fn connection(&mut self, shutdown: &CancellationToken) -> String {
        let (client, mut events) = AsyncClient::new(self.mqtt_options(), limits::REQUESTS_LEN_MAX);
        // A disconnect request makes `poll` return, which a cancelled select on it would not do safely.
        let _stop = disconnect_on(shutdown.clone(), client.clone());
        let mut progress = Instant::now();
        loop {
            let event = match events.poll().await {
                Ok(event) => event,
                Err(error) => return describe(&error),
            };
            match event {
                MqttEvent::Incoming(Packet::ConnAck(connected)) => {
                    if connected.code != ConnectReturnCode::Success {
                        return format!("the broker refused: {:?}", connected.code);
                    }
                    if client
                        .try_subscribe(self.options.filter.clone(), QoS::AtLeastOnce)
                        .is_err()
                    {
                        return "no room to subscribe".to_owned();
                    }
                    self.pause = limits::BACKOFF_MIN;
                    self.events.emit(Event::LinkUp {
                        link: self.options.name(),
                    });
                    self.link.connected(client.clone());
                    self.watcher.up();
                }
                MqttEvent::Incoming(Packet::Publish(publish)) => {
                    let receipt = (publish.qos == QoS::AtLeastOnce).then(|| Receipt {
                        alarm: self.options.alarm,
                        connection: self.link.connection(),
                        packet: publish.pkid,
                    });
                    let message = Message {
                        topic: publish.topic,
                        payload: publish.payload.into(),
                        receipt,
                    };
                    self.inbox.put(message, self.options.alarm).await;
                }
                MqttEvent::Outgoing(Outgoing::Publish(packet)) if packet != 0 => {
                    self.link.sent(packet);
                }
                MqttEvent::Incoming(Packet::PubAck(ack)) => {
                    progress = Instant::now();
                    if let Some(token) = self.link.confirmed(ack.pkid) {
                        self.watcher.confirmed(token);
                    }
                }
                MqttEvent::Outgoing(Outgoing::Disconnect) => return "told to stop".to_owned(),
                _ => {}
            }
            if let Err(error) = drain(&self.link, &mut events).await {
                return error;
            }
            match self.link.owes_confirmations() {
                false => progress = Instant::now(),
                true if progress.elapsed() > limits::CONFIRM_STALL_MAX => {
                    return "the broker confirms nothing any more".to_owned();
                }
                true => {}
            }
        }
    }

    fn mqtt_options(&self) -> MqttOptions {
        let LinkOptions {
            host,
            port,
            tls,
            login,
            client,
            will,
            ..
        } = &self.options;
        let mut options = MqttOptions::new(client, host, *port);
        options
            .set_keep_alive(limits::KEEP_ALIVE)
            .set_max_packet_size(limits::PACKET_LEN_MAX, limits::PACKET_LEN_MAX)
            .set_inflight(limits::INFLIGHT_MAX)
            .set_manual_acks(true)
            .set_clean_session(true);
        if let Some(tls) = tls {
            options.set_transport(Transport::tls_with_config(TlsConfiguration::Rustls(
                tls.clone(),
            )));
        }
        if let Some((user, password)) = login {
            options.set_credentials(user, password);
        }
        if let Some((topic, payload)) = will {
            options.set_last_will(LastWill::new(
                topic,
                payload.clone(),
                QoS::AtLeastOnce,
                true,
            ));
        }
        options
    }
}

/// Writes everything that waits, for one flush: a system call a message would cost more than the message.
async fn drain(link: &Link, events: &mut EventLoop) -> Result<(), String> {
    let Some(packets) = link.take_packets() else {
        return Ok(());
    };
    let Some(network) = events.network.as_mut() else {
        return Ok(());
    };
    for packet in packets {
        network.write(packet).await.map_err(|e| e.to_string())?;
    }
    network.flush().await.map_err(|e| e.to_string())
}

/// Asks for a disconnect when told to stop; aborted with the connection it is for.
fn disconnect_on(shutdown: CancellationToken, client: AsyncClient) -> AbortOnDrop {
    AbortOnDrop(tokio::spawn(async move {
        shutdown.cancelled().await;
        // An error means that the connection is gone already.
        let _ = client.disconnect().await;
    }))
}

struct AbortOnDrop(JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn describe(error: &ConnectionError) -> String {
    match error {
        ConnectionError::ConnectionRefused(code) => format!("the broker refused: {code:?}"),
        other => other.to_string(),
    }
}
