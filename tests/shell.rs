//! The shell of every board, here without one: over the machine's own TCP, against a whole gateway. What a board's
//! shell does when connections come and go, it does here too.

#![allow(clippy::unwrap_used)]

use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use edge_firmware::{Node, Scale, SmallNode, Word};
use embedded_io_adapters::tokio_1::FromTokio;
use node_shell::{Board, Buffers, Connector, Shell};
use tests::board;
use tests::gateway::{Gateway, city, until};
use tests::mosquitto::Mosquitto;
use tokio::net::TcpStream;
use wire::Quantity;

const ACCEPTED: &str = "citysense_frames_total{outcome=\"accepted\"}";

#[tokio::test(flavor = "multi_thread")]
async fn frames_are_settled_over_a_real_broker() {
    let dir = tempfile::tempdir().unwrap();
    let mosquitto = Mosquitto::start();
    let city = city(1, &mosquitto.section());
    let gateway = Gateway::start(dir.path(), city, Some(mosquitto.address), None).await;
    let machine = Machine::default();
    let settled = until("frames are settled", || machine.figure("settled") >= 5);
    live(mosquitto.address, &machine, settled).await;
    assert!(machine.log().contains("connected"), "{}", machine.log());
    assert!(gateway.metric(ACCEPTED) >= 5.0);
    gateway.stop().await;
}

/// The broker's confirmation of a message that it refuses is a confirmation all the same: it settles nothing.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_broker_refuses_is_kept_and_counted() {
    let dir = tempfile::tempdir().unwrap();
    let mosquitto = Mosquitto::start_refusing("city/v1/harbour/node/n0/up");
    let city = city(1, &mosquitto.section());
    let gateway = Gateway::start(dir.path(), city, Some(mosquitto.address), None).await;
    let machine = Machine::default();
    let refused = until("the broker refuses twice", || {
        machine.figure("refused_by_broker") >= 2
    });
    live(mosquitto.address, &machine, refused).await;
    assert_eq!(machine.figure("settled"), 0, "{}", machine.log());
    assert_eq!(gateway.metric(ACCEPTED), 0.0);
    gateway.stop().await;
}

/// A board that is this machine: a mild day, and a log that can be read.
#[derive(Clone, Default)]
struct Machine {
    log: Arc<Mutex<String>>,
}

impl Board for Machine {
    fn read(&mut self, _: Quantity) -> Word {
        Ok(23_500)
    }

    fn say(&mut self, line: fmt::Arguments<'_>) {
        *self.log.lock().unwrap() += &format!("{line}\n");
    }

    fn feed_watchdog(&mut self) {}
}

impl Machine {
    fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// The figure behind `name` that was said last.
    fn figure(&self, name: &str) -> u64 {
        let log = self.log();
        let figure = || {
            log.rsplit_once(&format!("{name} "))?
                .1
                .split_whitespace()
                .next()?
                .parse()
                .ok()
        };
        figure().unwrap_or_default()
    }
}

struct Tcp(SocketAddr);

impl Connector for Tcp {
    type Stream<'a> = FromTokio<TcpStream>;
    type Error = std::io::Error;

    async fn open(&mut self) -> Result<FromTokio<TcpStream>, std::io::Error> {
        Ok(FromTokio::new(TcpStream::connect(self.0).await?))
    }
}

/// Lives until `story` is over.
async fn live(broker: SocketAddr, machine: &Machine, story: impl Future<Output = ()>) {
    let page = board::page("n0", broker, None);
    let sensors = page.sensors(|_| Scale::EXACT);
    let mut node: SmallNode = Node::new(page.config(1), &sensors, page.settings.clone());
    let mut buffers = Buffers::new();
    let shell = Shell::new(&mut node, &sensors, machine.clone());
    let mut tcp = Tcp(broker);
    tokio::select! {
        never = shell.run(&mut tcp, &mut buffers) => match never {},
        () = story => {}
    }
}
