//! TCP connections to the broker, on the board's network stack.

use edge_firmware::page::Broker;
use embassy_futures::select::{Either, select};
use embassy_net::tcp::{ConnectError, TcpSocket};
use embassy_net::{Ipv4Address, Stack};
use embassy_time::{Duration, Timer};
use node_shell::Connector;

use crate::uart::log;

/// Answers come one by one, each below 1 KiB.
const RX_LEN: usize = 1536;
/// The longest frame with its topic fits, and several usual ones.
const TX_LEN: usize = 1536;

/// A peer that confirms nothing for so long is gone.
const SILENCE_MAX: Duration = Duration::from_secs(20);
/// How often the emulator's network is looked at while a connection is being made; see [`Link::open`].
const NUDGE: Duration = Duration::from_millis(2);

/// Memory of one connection after the other.
pub(crate) struct Buffers {
    rx: [u8; RX_LEN],
    tx: [u8; TX_LEN],
}

impl Buffers {
    pub(crate) const fn new() -> Buffers {
        Buffers {
            rx: [0; RX_LEN],
            tx: [0; TX_LEN],
        }
    }
}

/// The way to the broker.
pub(crate) struct Link {
    pub(crate) stack: Stack<'static>,
    pub(crate) broker: Broker,
    pub(crate) buffers: &'static mut Buffers,
}

impl Connector for Link {
    type Stream<'a> = TcpSocket<'a>;
    type Error = ConnectError;

    /// Waits for the address first.
    ///
    /// The emulator looks at its network only when the guest's next timer ends, so there is a short one until the
    /// connection stands. On a real network it would only cost a little power.
    async fn open(&mut self) -> Result<TcpSocket<'_>, ConnectError> {
        let Buffers { rx, tx } = &mut *self.buffers;
        let mut socket = TcpSocket::new(self.stack, rx, tx);
        socket.set_timeout(Some(SILENCE_MAX));
        // A frame is small and wants to be on its way.
        socket.set_nagle_enabled(false);
        let (stack, broker) = (self.stack, self.broker);
        let connecting = async {
            // The only task that waits for it: a second one would wake the first, and both would never sleep.
            stack.wait_config_up().await;
            if let Some(config) = stack.config_v4() {
                log!("address {}", config.address);
            }
            let [a, b, c, d] = broker.address;
            let place = (Ipv4Address::new(a, b, c, d), broker.port);
            socket.connect(place).await
        };
        match select(connecting, nudge()).await {
            Either::First(done) => done?,
            Either::Second(never) => match never {},
        }
        Ok(socket)
    }
}

async fn nudge() -> core::convert::Infallible {
    loop {
        Timer::after(NUDGE).await;
    }
}
