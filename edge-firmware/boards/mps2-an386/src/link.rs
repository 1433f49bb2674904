//! A connection to the broker: a TCP socket and an MQTT 5 session on it, from the attempt on.

use edge_firmware::page::Broker;
use embassy_futures::select::{Either, select};
use embassy_net::tcp::TcpSocket;
use embassy_net::{Ipv4Address, Stack};
use embassy_time::{Duration, Timer};
use minimq::{ConfigBuilder, QoS, Session, Will};
use wire::ident::ID_LEN_MAX;
use wire::topic::TopicText;

use crate::uart::log;

/// Answers come one by one, each below 1 KiB.
const TCP_RX_LEN: usize = 1536;
/// The longest frame with its topic fits, and many a usual one.
const TCP_TX_LEN: usize = 2048;
/// An acknowledgement with its topic is below 900 bytes; what is longer the broker keeps.
const MQTT_RX_LEN: usize = 1024;
/// Frames that the broker has not confirmed are kept here too, as far as there is room.
const MQTT_TX_LEN: usize = 2048;

const KEEP_ALIVE_S: u16 = 30;
/// A peer that confirms nothing for so long is gone.
const SILENCE_MAX: Duration = Duration::from_secs(20);
/// How often the emulator's network is looked at while a connection is being made; see [`open`].
const NUDGE: Duration = Duration::from_millis(2);

/// Memory of one connection after the other.
pub(crate) struct Buffers {
    tcp_rx: [u8; TCP_RX_LEN],
    tcp_tx: [u8; TCP_TX_LEN],
    mqtt_rx: [u8; MQTT_RX_LEN],
    mqtt_tx: [u8; MQTT_TX_LEN],
}

impl Buffers {
    pub(crate) const fn new() -> Buffers {
        Buffers {
            tcp_rx: [0; TCP_RX_LEN],
            tcp_tx: [0; TCP_TX_LEN],
            mqtt_rx: [0; MQTT_RX_LEN],
            mqtt_tx: [0; MQTT_TX_LEN],
        }
    }

    /// A socket and a session for `call`; `None` when the core asks for what MQTT does not carry.
    pub(crate) fn parts<'a>(
        &'a mut self,
        stack: Stack<'a>,
        call: &'a Call,
    ) -> Option<(TcpSocket<'a>, Session<'a>)> {
        let mut socket = TcpSocket::new(stack, &mut self.tcp_rx, &mut self.tcp_tx);
        socket.set_timeout(Some(SILENCE_MAX));
        // A frame is small and wants to be on its way.
        socket.set_nagle_enabled(false);
        let will = Will::new(&call.will_topic, &call.will, &[])
            .ok()?
            .retained()
            .qos(QoS::AtLeastOnce);
        let buffers = minimq::Buffers::new(&mut self.mqtt_rx, &mut self.mqtt_tx);
        let config = ConfigBuilder::new(buffers)
            .client_id(&call.client_id)
            .and_then(|config| config.will(will))
            .ok()?
            .keepalive_interval(KEEP_ALIVE_S);
        Some((socket, Session::new(config)))
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

/// A TCP connection; waits for the address first.
///
/// The emulator looks at a host socket that is being connected only when the guest's next timer ends, so
/// there is a short one until it is. On a real network it would only cost a little power.
pub(crate) async fn open(
    stack: Stack<'_>,
    broker: Broker,
    socket: &mut TcpSocket<'_>,
) -> Result<(), embassy_net::tcp::ConnectError> {
    // The only task that waits for it: a second one would wake the first, and both would never sleep.
    stack.wait_config_up().await;
    if let Some(config) = stack.config_v4() {
        log!("address {}", config.address);
    }
    let [a, b, c, d] = broker.address;
    let connecting = socket.connect((Ipv4Address::new(a, b, c, d), broker.port));
    match select(connecting, nudge()).await {
        Either::First(done) => done,
        Either::Second(never) => match never {},
    }
}

async fn nudge() -> core::convert::Infallible {
    loop {
        Timer::after(NUDGE).await;
    }
}
