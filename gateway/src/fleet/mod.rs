//! The simulated fleet: every node of a city, each running the firmware's own core over its own MQTT connection.
//!
//! Nothing of a node is faked here. A [`shell`] stands in for the board: it owns the socket and the clock and
//! asks a [`World`] what the sensors read. An uplink that the story cuts off is really cut off, and the node's
//! outbox really keeps what it could not send.
//!
//! In reading order: [`plan`] what each node measures and how often · [`shell`] one node's board · [`uplink`]
//! its MQTT connection · [`world`] what its sensors read.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use wire::seal::CitySecret;

use crate::city::LoadedCity;
use crate::clock::Clock;

mod plan;
mod shell;
mod uplink;
mod world;

pub use plan::Pace;
pub use world::World;

/// Whom the fleet speaks to, as whom, and how fast.
#[derive(Clone)]
pub struct FleetOptions {
    pub host: String,
    pub port: u16,
    /// User name and password for the broker.
    pub login: Option<(String, String)>,
    /// All keys are derived from it, as provisioning would.
    pub secret: CitySecret,
    /// The first so many nodes of the city; `None`: all.
    pub nodes: Option<usize>,
    pub pace: Pace,
    /// Number of this start; greater than that of the start before.
    pub boot: u32,
    pub world: Arc<dyn World>,
}

/// The running fleet; it ends soon after its shutdown token.
pub struct Fleet {
    nodes: JoinSet<()>,
    tally: Arc<Tally>,
}

/// What became of the frames of all nodes, kept up by the shells.
#[derive(Debug, Default)]
struct Tally {
    connected: AtomicU64,
    acknowledged: AtomicU64,
    kept: AtomicU64,
    overwritten: AtomicU64,
}

/// A look at the whole fleet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FleetState {
    pub nodes: u64,
    /// Nodes whose session stands.
    pub connected: u64,
    /// Frames that the gateway has on disk.
    pub acknowledged: u64,
    /// Frames waiting for that in the nodes' outboxes.
    pub kept: u64,
    /// Frames that an outbox had to overwrite: lost.
    pub overwritten: u64,
}

impl Fleet {
    /// Starts all nodes; each connects, and connects again, by itself.
    pub fn start(
        options: FleetOptions,
        city: &LoadedCity,
        clock: Arc<dyn Clock>,
        shutdown: CancellationToken,
    ) -> Fleet {
        let tally = Arc::new(Tally::default());
        let mut nodes = JoinSet::new();
        for plan in plan::plans(&options, city, speed(&*clock)) {
            let shell = shell::Shell::new(plan, &options, clock.clone(), tally.clone());
            nodes.spawn(shell.run(shutdown.clone()));
        }
        Fleet { nodes, tally }
    }

    pub fn state(&self) -> FleetState {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        FleetState {
            nodes: self.nodes.len() as u64,
            connected: read(&self.tally.connected),
            acknowledged: read(&self.tally.acknowledged),
            kept: read(&self.tally.kept),
            overwritten: read(&self.tally.overwritten),
        }
    }

    /// Waits for the end of all nodes.
    pub async fn stopped(mut self) {
        while self.nodes.join_next().await.is_some() {}
    }
}

/// How many times as fast as real time the clock runs.
fn speed(clock: &dyn Clock) -> u32 {
    const HOUR_MS: u32 = 3_600_000;
    let real_ms = clock.real_duration(i64::from(HOUR_MS)).as_millis().max(1);
    HOUR_MS / u32::try_from(real_ms).unwrap_or(HOUR_MS)
}

#[cfg(all(test, feature = "broker"))]
#[allow(clippy::unwrap_used)]
mod tests;
