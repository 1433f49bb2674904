//! A connection to the broker: an MQTT 5 session on whatever stream the board opens.

use core::fmt;

use embedded_io_async::{Read, Write};
use minimq::{ConfigBuilder, QoS, Session, Will};
use wire::ident::ID_LEN_MAX;
use wire::topic::TopicText;

/// Opens streams to the broker, one after the other.
pub trait Connector {
    type Stream<'a>: Read + Write
    where
        Self: 'a;
    type Error: fmt::Debug;

    /// A stream, once it stands; it may take as long as it likes, and be given up meanwhile.
    fn open(&mut self) -> impl Future<Output = Result<Self::Stream<'_>, Self::Error>>;
}

/// An acknowledgement with its topic is below 900 bytes; what is longer the broker keeps.
const MQTT_RX_LEN: usize = 1024;
/// Frames that the broker has not confirmed are kept here too, as far as there is room.
const MQTT_TX_LEN: usize = 2048;

const KEEP_ALIVE_S: u16 = 20;

/// Memory of one session after the other.
#[derive(Debug)]
pub struct Buffers {
    rx: [u8; MQTT_RX_LEN],
    tx: [u8; MQTT_TX_LEN],
}

impl Buffers {
    pub const fn new() -> Buffers {
        Buffers {
            rx: [0; MQTT_RX_LEN],
            tx: [0; MQTT_TX_LEN],
        }
    }

    /// A session for `call`; `None` when the core asks for what MQTT does not carry.
    pub(crate) fn session<'a>(&'a mut self, call: &'a Call) -> Option<Session<'a>> {
        let will = Will::new(&call.will_topic, &call.will, &[])
            .ok()?
            .retained()
            .qos(QoS::AtLeastOnce);
        let buffers = minimq::Buffers::new(&mut self.rx, &mut self.tx);
        let config = ConfigBuilder::new(buffers)
            .client_id(&call.client_id)
            .and_then(|config| config.will(will))
            .ok()?
            .keepalive_interval(KEEP_ALIVE_S);
        Some(Session::new(config))
    }
}

impl Default for Buffers {
    fn default() -> Buffers {
        Buffers::new()
    }
}

/// Whom the broker shall take us for, and what it says when we vanish: the core's words, kept while it goes on.
pub(crate) struct Call {
    client_id: heapless::String<ID_LEN_MAX>,
    will_topic: TopicText,
    will: heapless::Vec<u8, WILL_LEN_MAX>,
}

const WILL_LEN_MAX: usize = 16;

impl Call {
    pub(crate) fn new(client_id: &str, will_topic: &str, will: &[u8]) -> Option<Call> {
        Some(Call {
            client_id: client_id.try_into().ok()?,
            will_topic: will_topic.try_into().ok()?,
            will: will.try_into().ok()?,
        })
    }
}
