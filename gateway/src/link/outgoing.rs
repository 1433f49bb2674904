//! What waits to leave through a link: receipts and acknowledgements in bulk, publications one by one until the
//! broker has confirmed each.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rumqttc::{AsyncClient, Packet, PubAck, Publish, QoS};

use crate::events::{Event, Events};
use crate::inbox::Receipt;
use crate::limits;

/// A message that must reach the broker: kept until confirmed, across reconnects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// Given back when the broker confirms it.
    pub token: u64,
    pub topic: String,
    pub payload: Vec<u8>,
    pub retain: bool,
}

/// The way to the broker; clones share one connection. Nothing here waits.
#[derive(Clone)]
pub struct Link {
    alarm: bool,
    events: Events,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    client: Option<AsyncClient>,
    connection: u64,
    /// The polling task has been woken for what is in `bulk`.
    woken: bool,
    bulk: Vec<Packet>,
    /// In order; the first `asked` of them were given to the client of this connection.
    unconfirmed: VecDeque<Publication>,
    asked: usize,
    /// Packet ids in the order of `unconfirmed`, as far as the client has sent them, and `None` once confirmed.
    packets: VecDeque<Option<u16>>,
}

impl Link {
    pub(super) fn new(alarm: bool, events: Events) -> Link {
        Link {
            alarm,
            events,
            state: Arc::default(),
        }
    }

    /// Tells the broker that these messages are safe here; receipts of earlier connections are void.
    pub fn receipts(&self, receipts: impl IntoIterator<Item = Receipt>) {
        let mut state = self.lock();
        let State {
            bulk, connection, ..
        } = &mut *state;
        bulk.extend(
            receipts
                .into_iter()
                .filter(|receipt| receipt.alarm == self.alarm && receipt.connection == *connection)
                .map(|receipt| Packet::PubAck(PubAck::new(receipt.packet))),
        );
        state.wake();
    }

    /// Sends messages that may get lost (QoS 0); without a connection or room they are dropped and counted.
    pub fn send(&self, messages: impl IntoIterator<Item = (String, Vec<u8>)>) {
        let mut state = self.lock();
        for (topic, payload) in messages {
            if state.client.is_none() || state.bulk.len() >= limits::OUTGOING_LEN_MAX {
                self.events.emit(Event::Dropped {
                    queue: "acknowledgement",
                });
                continue;
            }
            state.bulk.push(Packet::Publish(Publish::new(
                topic,
                QoS::AtMostOnce,
                payload,
            )));
        }
        state.wake();
    }

    /// Sends a message until the broker confirms it (QoS 1); gives it back when too many are unconfirmed.
    pub fn publish(&self, publication: Publication) -> Result<(), Publication> {
        let mut state = self.lock();
        if state.unconfirmed.len() >= limits::UNCONFIRMED_LEN_MAX {
            return Err(publication);
        }
        state.unconfirmed.push_back(publication);
        state.ask();
        Ok(())
    }

    /// Publications that the broker has not confirmed.
    pub fn unconfirmed(&self) -> usize {
        self.lock().unconfirmed.len()
    }

    pub fn is_connected(&self) -> bool {
        self.lock().client.is_some()
    }

    pub(super) fn connected(&self, client: AsyncClient) {
        let mut state = self.lock();
        state.client = Some(client);
        state.connection += 1;
        // Receipts of the connection before name packets that the broker has forgotten.
        state.bulk.clear();
        state.woken = false;
        state.asked = 0;
        state.packets.clear();
        state.ask();
    }

    /// Whether there was a connection.
    pub(super) fn disconnected(&self) -> bool {
        self.lock().client.take().is_some()
    }

    pub(super) fn connection(&self) -> u64 {
        self.lock().connection
    }

    pub(super) fn take_packets(&self) -> Option<Vec<Packet>> {
        let mut state = self.lock();
        state.woken = false;
        (!state.bulk.is_empty()).then(|| std::mem::take(&mut state.bulk))
    }

    /// The client sent the next publication as `packet`.
    pub(super) fn sent(&self, packet: u16) {
        let mut state = self.lock();
        if state.packets.len() < state.asked {
            state.packets.push_back(Some(packet));
        }
    }

    /// The broker confirmed `packet`: answers its token and goes on with what waits.
    pub(super) fn confirmed(&self, packet: u16) -> Option<u64> {
        let mut state = self.lock();
        let place = state.packets.iter().position(|p| *p == Some(packet))?;
        let publication = state.unconfirmed.remove(place)?;
        state.packets.remove(place);
        state.asked -= 1;
        state.ask();
        Some(publication.token)
    }

    pub(super) fn owes_confirmations(&self) -> bool {
        let state = self.lock();
        state.client.is_some() && !state.unconfirmed.is_empty()
    }

    /// A panic elsewhere leaves whole queues behind: each change is one push or take.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Makes the polling task come round: it takes all of `bulk` after any event, so one message through the
    /// client is enough to wake it.
    fn wake(&mut self) {
        if self.woken {
            return;
        }
        let (Some(client), Some(packet)) = (&self.client, self.bulk.pop()) else {
            return;
        };
        let asked = match packet.clone() {
            Packet::Publish(p) => client.try_publish(p.topic, p.qos, p.retain, p.payload),
            Packet::PubAck(ack) => client.try_ack(&receipt_for(ack)),
            // Nothing else is ever put in.
            _ => return,
        };
        if asked.is_err() {
            // The client's queue is full, so the task comes round anyway.
            self.bulk.push(packet);
        }
        self.woken = true;
    }

    /// Gives the client as many waiting publications as it takes.
    fn ask(&mut self) {
        let Some(client) = &self.client else {
            return;
        };
        while let Some(next) = self.unconfirmed.get(self.asked) {
            let asked = client.try_publish(
                next.topic.clone(),
                QoS::AtLeastOnce,
                next.retain,
                next.payload.clone(),
            );
            if asked.is_err() {
                break;
            }
            self.asked += 1;
        }
    }
}

/// The client makes a receipt from the message it is for, of which only the packet id matters.
fn receipt_for(ack: PubAck) -> Publish {
    let mut publish = Publish::new(String::new(), QoS::AtLeastOnce, Vec::new());
    publish.pkid = ack.pkid;
    publish
}
