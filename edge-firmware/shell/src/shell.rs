//! The endless loop: does what the core asks for, and tells it what happened. It decides nothing.

use core::fmt;
use core::pin::pin;

use edge_firmware::limits::SENSORS_MAX;
use edge_firmware::{Action, Event, Node, Sensor, Store};
use embassy_futures::select::{Either, select};
use embassy_time::{Duration, Instant, Timer, with_timeout};
use embedded_io_async::{ErrorType, Read, Write};
use minimq::{Connection, Error, PeerError, PubError, Publication, QoS, Session, TopicFilter};
use wire::{Fault, Quantity};

use crate::board::{Board, ROUND_MS_MAX, STEP_MS_MAX};
use crate::link::{Buffers, Call, Connector};
use crate::telling::Told;

/// A broker that has as much unconfirmed as the client can have open, and confirms nothing for so long, is gone.
const CONFIRM_MS_MAX: u64 = 15_000;

/// A node and the board that it is on.
pub struct Shell<'n, B, const FRAMES: usize, const BYTES: usize, S> {
    node: &'n mut Node<FRAMES, BYTES, S>,
    board: B,
    /// What each of the core's sensors measures.
    quantities: heapless::Vec<Quantity, SENSORS_MAX>,
    told: Told,
    /// Messages that the broker would not take: no acknowledgement of anything, the node keeps what it sent.
    refused_by_broker: u64,
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

impl<'n, B: Board, const FRAMES: usize, const BYTES: usize, S: Store>
    Shell<'n, B, FRAMES, BYTES, S>
{
    /// `sensors` are those that the node was made with.
    pub fn new(
        node: &'n mut Node<FRAMES, BYTES, S>,
        sensors: &[Sensor],
        board: B,
    ) -> Shell<'n, B, FRAMES, BYTES, S> {
        let quantities = sensors.iter().take(SENSORS_MAX);
        Shell {
            node,
            board,
            quantities: quantities.map(|sensor| sensor.quantity).collect(),
            told: Told::default(),
            refused_by_broker: 0,
        }
    }

    pub async fn run(mut self, connector: &mut impl Connector, buffers: &mut Buffers) -> ! {
        // Before the log says what the node goes by.
        self.node.restore();
        let mut event = Event::Wake;
        loop {
            event = match self.step(event) {
                Wish::Told(event) => event,
                Wish::Connect(Some(call)) => match self.connection(&call, connector, buffers).await
                {
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
    async fn connection(
        &mut self,
        call: &Call,
        connector: &mut impl Connector,
        buffers: &mut Buffers,
    ) -> Over {
        let Some(mut session) = buffers.session(call) else {
            return Over::Broken;
        };
        let attempt = attempt(connector, &mut session);
        let mut attempt = pin!(attempt);
        let mut event = Event::Wake;
        let mut online = loop {
            event = match self.step(event) {
                Wish::Told(event) => event,
                Wish::Wait { until_ms } => {
                    match select(&mut attempt, Timer::at(moment(until_ms))).await {
                        Either::First(Ok(online)) => break online,
                        Either::First(Err(failure)) => {
                            self.say_failure(failure);
                            return Over::Broken;
                        }
                        Either::Second(()) => Event::Wake,
                    }
                }
                Wish::Disconnect => return Over::Ended,
                // The core asks for one connection at a time, and for nothing on it before it stands.
                Wish::Connect(_) | Wish::Subscribe { .. } | Wish::Publish(_) => Event::Wake,
            };
        };
        self.board.say(format_args!("connected"));
        self.online(&mut online).await
    }

    async fn online<T: Read + Write>(&mut self, online: &mut Connection<'_, '_, T>) -> Over {
        let mut until_ms = 0;
        let mut confirmed_ms = now_ms();
        let mut next = Some(Event::Connected);
        loop {
            let wish = match next.take() {
                Some(event) => self.step(event),
                None => match select(online.poll(), Timer::at(moment(until_ms))).await {
                    Either::First(Ok(Some(message))) => {
                        self.step(Event::Received(message.payload()))
                    }
                    Either::First(Ok(None)) | Either::Second(()) => self.step(Event::Wake),
                    Either::First(Err(error)) => return self.broken(Trouble::from(error)),
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
                    match in_time(subscribe).await {
                        Some(Ok(_)) => Ok(()),
                        Some(Err(error)) => Err(Trouble::from(error)),
                        None => Err(Trouble::Slow),
                    }
                }
                Wish::Publish(publication) => {
                    if online.can_publish(QoS::AtLeastOnce) {
                        confirmed_ms = now_ms();
                    }
                    // One that holds the connection and is frozen; nobody else would notice as long as there is
                    // something to send.
                    match now_ms() - confirmed_ms > CONFIRM_MS_MAX {
                        true => Err(Trouble::Mute),
                        false => publish(online, publication).await,
                    }
                }
            };
            if let Err(trouble) = said {
                return self.broken(trouble);
            }
            next = Some(Event::Wake);
        }
    }

    fn broken<E: fmt::Debug>(&mut self, trouble: Trouble<E>) -> Over {
        if let Trouble::Client(Error::Peer(PeerError::Rejected(_))) = trouble {
            self.refused_by_broker += 1;
        }
        let refused = self.refused_by_broker;
        self.board.say(format_args!(
            "disconnected: {trouble}, refused_by_broker {refused}"
        ));
        Over::Broken
    }

    /// One step of the core; a reading that it asks for is taken at once.
    fn step(&mut self, event: Event<'_>) -> Wish<'_> {
        self.board.feed_watchdog();
        self.told.tell(self.node, &mut self.board);
        match self.node.step(now_ms(), event) {
            Action::Sample { sensor } => {
                let word = match self.quantities.get(sensor) {
                    Some(&quantity) => self.board.read(quantity),
                    None => Err(Fault::Disconnected),
                };
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

    fn say_failure<E: fmt::Debug, F: fmt::Display>(&mut self, failure: Failure<E, F>) {
        match failure {
            Failure::Stream(error) => self.board.say(format_args!("no connection: {error:?}")),
            Failure::Session(error) => self.board.say(format_args!("no session: {error}")),
        }
    }
}

/// Why an attempt came to nothing.
enum Failure<E, F> {
    Stream(E),
    Session(F),
}

async fn attempt<'a, 'buf, C: Connector>(
    connector: &'a mut C,
    session: &'a mut Session<'buf>,
) -> Result<
    Connection<'a, 'buf, C::Stream<'a>>,
    Failure<C::Error, Error<<C::Stream<'a> as ErrorType>::Error>>,
> {
    let stream = connector.open().await.map_err(Failure::Stream)?;
    session.connect(stream).await.map_err(Failure::Session)
}

/// Why a connection cannot go on.
enum Trouble<E> {
    /// It broke, or the broker refused something.
    Client(Error<E>),
    /// Something took longer than the node can wait.
    Slow,
    /// The broker has not confirmed anything for too long.
    Mute,
}

impl<E> From<Error<E>> for Trouble<E> {
    fn from(error: Error<E>) -> Trouble<E> {
        Trouble::Client(error)
    }
}

impl<E: fmt::Debug> fmt::Display for Trouble<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trouble::Client(error) => error.fmt(f),
            Trouble::Slow => f.write_str("nothing can be sent"),
            Trouble::Mute => f.write_str("the broker confirms nothing"),
        }
    }
}

/// At least once while the client has room for what the broker has not confirmed, else at most once: what counts is
/// the gateway's word, and the core sends again without it.
async fn publish<T: Read + Write>(
    online: &mut Connection<'_, '_, T>,
    publication: Publication<'_, &[u8]>,
) -> Result<(), Trouble<T::Error>> {
    let qos = match online.can_publish(QoS::AtLeastOnce) {
        true => QoS::AtLeastOnce,
        false => QoS::AtMostOnce,
    };
    match in_time(online.publish(publication.qos(qos))).await {
        Some(Err(PubError::Session(Error::NotReady | Error::Resource(_)))) => Ok(()),
        Some(Err(PubError::Session(error))) => Err(Trouble::Client(error)),
        Some(Ok(_) | Err(PubError::Payload(()))) => Ok(()),
        None => Err(Trouble::Slow),
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
