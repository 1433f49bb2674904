//! The endless loop: does what the core asks for, and tells it what happened. It decides nothing.

use core::pin::pin;

use edge_firmware::limits::SENSORS_MAX;
use edge_firmware::page::Broker;
use edge_firmware::{Action, Event};
use embassy_futures::select::{Either, select};
use embassy_net::Stack;
use embassy_net::tcp::TcpSocket;
use embassy_time::{Duration, Instant, Timer, with_timeout};
use embedded_hal_bus::i2c::RefCellDevice;
use minimq::{Connection, Publication, QoS, Session, TopicFilter};
use wire::{Lane, Quantity};

use crate::board::BoardNode;
use crate::i2c::Bus;
use crate::link::{self, Buffers, Call};
use crate::sensors;
use crate::uart::log;
use crate::watchdog::{self, ROUND_MS_MAX, STEP_MS_MAX};

/// What the node is wired to.
pub(crate) struct Wires {
    pub(crate) bus: RefCellDevice<'static, Bus>,
    /// What each of the core's sensors measures.
    pub(crate) quantities: heapless::Vec<Quantity, SENSORS_MAX>,
    pub(crate) stack: Stack<'static>,
    pub(crate) broker: Broker,
}

pub(crate) struct Shell {
    node: &'static mut BoardNode,
    wires: Wires,
    told: Told,
    told_periods_ms: (u32, u32),
    /// Restored, damaged, foreign.
    told_store: (u64, u64, u64),
}

/// What the log has said.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Told {
    settled: u64,
    overwritten: u64,
    refused: u64,
    failures: u64,
}

/// What the core asked for, with readings taken already.
enum Wish<'a> {
    /// The answer to it, which the core wants to hear.
    Told(Event<'static>),
    Wait {
        until_ms: u64,
    },
    Connect(Option<Call>),
    Disconnect,
    Subscribe {
        topic: &'a str,
    },
    Publish(Publication<'a, &'a [u8]>),
}

/// Why a connection is over.
enum Over {
    /// It broke; the core has to hear of it.
    Broken,
    /// The core ended it.
    Ended,
}

type Online<'a, 'buf> = Connection<'a, 'buf, TcpSocket<'buf>>;

impl Shell {
    pub(crate) fn new(node: &'static mut BoardNode, wires: Wires) -> Shell {
        Shell {
            node,
            wires,
            told: Told::default(),
            told_periods_ms: (0, 0),
            told_store: (0, 0, 0),
        }
    }

    pub(crate) async fn run(mut self, buffers: &mut Buffers) -> ! {
        let mut event = Event::Wake;
        loop {
            event = match self.step(event) {
                Wish::Told(event) => event,
                Wish::Connect(Some(call)) => match self.connection(&call, buffers).await {
                    Over::Broken => Event::Disconnected,
                    Over::Ended => Event::Wake,
                },
                Wish::Connect(None) => Event::Disconnected,
                Wish::Wait { until_ms } => {
                    Timer::at(moment(until_ms)).await;
                    Event::Wake
                }
                // There is no connection.
                Wish::Disconnect | Wish::Subscribe { .. } | Wish::Publish(_) => Event::Wake,
            };
        }
    }

    /// One connection, from the attempt to its end. The core goes on sampling all the while.
    async fn connection(&mut self, call: &Call, buffers: &mut Buffers) -> Over {
        let (stack, broker) = (self.wires.stack, self.wires.broker);
        let Some((mut socket, mut session)) = buffers.parts(stack, call) else {
            return Over::Broken;
        };
        let attempt = async {
            match link::open(stack, broker, &mut socket).await {
                Ok(()) => connect(&mut session, socket).await,
                Err(error) => {
                    log!("no connection: {error:?}");
                    None
                }
            }
        };
        let mut attempt = pin!(attempt);
        let mut event = Event::Wake;
        let mut online = loop {
            event = match self.step(event) {
                Wish::Told(event) => event,
                Wish::Wait { until_ms } => {
                    match select(&mut attempt, Timer::at(moment(until_ms))).await {
                        Either::First(Some(online)) => break online,
                        Either::First(None) => return Over::Broken,
                        Either::Second(()) => Event::Wake,
                    }
                }
                Wish::Disconnect => return Over::Ended,
                // The core asks for one connection at a time, and for nothing on it before it stands.
                Wish::Connect(_) | Wish::Subscribe { .. } | Wish::Publish(_) => Event::Wake,
            };
        };
        log!("connected");
        self.online(&mut online).await
    }

    async fn online(&mut self, online: &mut Online<'_, '_>) -> Over {
        let mut until_ms = 0;
        let mut next = Some(Event::Connected);
        loop {
            let wish = match next.take() {
                Some(event) => self.step(event),
                None => match select(online.poll(), Timer::at(moment(until_ms))).await {
                    Either::First(Ok(Some(message))) => {
                        self.step(Event::Received(message.payload()))
                    }
                    Either::First(Ok(None)) | Either::Second(()) => self.step(Event::Wake),
                    Either::First(Err(error)) => {
                        // Also a frame that the broker refused: the node keeps it and comes back later.
                        log!("disconnected: {error}");
                        return Over::Broken;
                    }
                },
            };
            let said = match wish {
                Wish::Wait { until_ms: until } => {
                    until_ms = until;
                    continue;
                }
                Wish::Told(event) => {
                    next = Some(event);
                    continue;
                }
                Wish::Disconnect | Wish::Connect(_) => return Over::Ended,
                Wish::Subscribe { topic } => {
                    let topics = [TopicFilter::new(topic)];
                    let subscribe = online.subscribe(&topics, &[]);
                    matches!(in_time(subscribe).await, Some(Ok(_)))
                }
                Wish::Publish(publication) => publish(online, publication).await,
            };
            if !said {
                log!("disconnected: nothing can be sent");
                return Over::Broken;
            }
            next = Some(Event::Wake);
        }
    }

    /// One step of the core; a reading that it asks for is taken at once.
    fn step(&mut self, event: Event<'_>) -> Wish<'_> {
        watchdog::feed();
        self.tell();
        let Shell { node, wires, .. } = self;
        match node.step(now_ms(), event) {
            Action::Sample { sensor } => {
                let word = sensors::read(&mut wires.bus, wires.quantities[sensor]);
                Wish::Told(Event::Sampled { sensor, word })
            }
            Action::Wait { until_ms } => Wish::Wait { until_ms },
            Action::Disconnect => Wish::Disconnect,
            Action::Subscribe { topic } => Wish::Subscribe { topic },
            Action::Connect {
                client_id,
                will_topic,
                will,
            } => Wish::Connect(Call::new(client_id, will_topic, will)),
            Action::Publish {
                topic,
                payload,
                retain,
            } => {
                let publication = Publication::bytes(topic, payload);
                Wish::Publish(match retain {
                    true => publication.retain(),
                    false => publication,
                })
            }
        }
    }

    /// One line on what earlier lives left behind, if they did.
    fn tell_restored(&mut self) {
        let health = self.node.health();
        let lanes = Lane::ALL.map(|lane| self.node.counters(lane).restored);
        let (restored, damaged, foreign) = (
            lanes.iter().sum(),
            health.frames_damaged,
            health.frames_foreign,
        );
        if (restored, damaged, foreign) != self.told_store {
            log!("store: restored {restored} damaged {damaged} foreign {foreign} frames");
            self.told_store = (restored, damaged, foreign);
        }
    }

    /// One line whenever it goes by other settings.
    fn tell_settings(&mut self) {
        let settings = self.node.settings();
        let now = (settings.sample_period_ms, settings.report_period_ms);
        if now != self.told_periods_ms {
            let (sample_ms, report_ms) = now;
            log!("settings: a reading in {sample_ms} ms, a frame in {report_ms} ms");
            self.told_periods_ms = now;
        }
    }

    /// One line whenever the gateway has taken something over, or something was lost.
    fn tell(&mut self) {
        self.tell_settings();
        self.tell_restored();
        let counters = Lane::ALL.map(|lane| self.node.counters(lane));
        let now = Told {
            settled: counters.iter().map(|counters| counters.settled).sum(),
            overwritten: counters
                .iter()
                .map(|counters| counters.overwritten + counters.lost)
                .sum(),
            refused: self.node.health().acks_refused,
            failures: self.node.health().store_failures,
        };
        if now != self.told {
            let kept: u64 = Lane::ALL.iter().map(|&lane| self.node.kept(lane)).sum();
            let Told {
                settled,
                overwritten,
                refused,
                failures,
            } = now;
            log!(
                "outbox: settled {settled} kept {kept} overwritten {overwritten} acks_refused {refused} \
                 store_failures {failures}"
            );
            self.told = now;
        }
    }
}

async fn connect<'a, 'buf>(
    session: &'a mut Session<'buf>,
    socket: TcpSocket<'buf>,
) -> Option<Online<'a, 'buf>> {
    match session.connect(socket).await {
        Ok(online) => Some(online),
        Err(error) => {
            log!("no session: {error}");
            None
        }
    }
}

/// At least once while the client has room for what the broker has not confirmed, else at most once: what counts is
/// the gateway's word, and the core sends again without it. Answers whether the connection still stands.
async fn publish(online: &mut Online<'_, '_>, publication: Publication<'_, &[u8]>) -> bool {
    let qos = match online.can_publish(QoS::AtLeastOnce) {
        true => QoS::AtLeastOnce,
        false => QoS::AtMostOnce,
    };
    match in_time(online.publish(publication.qos(qos))).await {
        Some(Ok(_)) => true,
        Some(Err(minimq::PubError::Session(error))) => {
            matches!(error, minimq::Error::NotReady | minimq::Error::Resource(_))
        }
        Some(Err(minimq::PubError::Payload(()))) => true,
        None => false,
    }
}

/// `None` when it takes so long that the node would miss its readings.
async fn in_time<F: Future>(future: F) -> Option<F::Output> {
    with_timeout(Duration::from_millis(STEP_MS_MAX), future)
        .await
        .ok()
}

fn now_ms() -> u64 {
    Instant::now().as_millis()
}

/// At this uptime, and early enough for the watchdog.
fn moment(until_ms: u64) -> Instant {
    Instant::from_millis(until_ms.min(now_ms() + ROUND_MS_MAX))
}
