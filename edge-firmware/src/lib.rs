//! The sensor node as a pure state machine: no std, no allocation, no waiting, and no hardware but a flash behind a trait.
//!
//! In reading order:
//! - [`node`]: `step(now, Event) -> Action`, the whole node;
//! - [`action`]: what it hears and what it asks for;
//! - [`config`]: who it is and how it behaves;
//! - [`sampling`]: from a sensor's word to a measurement;
//! - [`local_alarm`]: the threshold that needs no network;
//! - [`schedule`]: what is due when;
//! - [`outbox`]: sealed frames that wait for their acknowledgement, in RAM and in the store;
//! - [`store`]: what outlives the node's power; [`flash_store`]: in NOR flash or an EEPROM;
//! - [`session`]: connecting, greeting, waiting with jitter;
//! - [`clock`]: wall time learnt from acknowledgements;
//! - [`page`]: what provisioning writes into a board's flash;
//! - [`boot_count`]: a number for every life of a board;
//! - [`rehearsal`]: a script played to it, for comparing targets;
//! - [`limits`]: every bound.
//!
//! A shell (a board, or the simulated fleet) owns sensors, socket and clock and does what the node says:
//!
//! ```
//! use edge_firmware::{Action, Config, Event, Keys, Scale, Sensor, SmallNode};
//! use wire::ack::{Ack, AckBytes, Settled, seal_ack};
//! use wire::seal::{CitySecret, Direction, derive_key, open_frame};
//! use wire::{CityId, Lane, NodeId, Quantity, Settings};
//!
//! let (city, name) = (CityId::new("harbour")?, NodeId::new("quay-7")?);
//! let secret = CitySecret::new([7; 32]);
//! let key = |direction| derive_key(&secret, &name, 1, direction);
//! let keys = Keys { generation: 1, up: key(Direction::Up), down: key(Direction::Down) };
//! let thermometer = Sensor {
//!     quantity: Quantity::Temperature,
//!     phase_ms: 1_000,
//!     scale: Scale::EXACT,
//! };
//! let settings = Settings { sample_period_ms: 10_000, report_period_ms: 60_000, alarms: heapless::Vec::new() };
//! let mut node = SmallNode::new(Config::new(city, name, keys, 1), &[thermometer], settings);
//!
//! // The drive loop. Here the broker is always there and the gateway answers each frame at once; a fleet
//! // puts an MQTT client in their place, and waits for whichever comes first, the time or an event.
//! let mut now_ms = 0;
//! let mut answer = AckBytes::new();
//! let mut frames = 0;
//! let mut event = Event::Wake;
//! while now_ms < 125_000 {
//!     event = match node.step(now_ms, event) {
//!         Action::Sample { sensor: _ } => Event::Sampled { sensor: 0, word: Ok(21_500) },
//!         Action::Connect { .. } => Event::Connected,
//!         Action::Disconnect => Event::Wake,
//!         Action::Subscribe { topic } => {
//!             assert_eq!(topic, "city/v1/harbour/node/quay-7/down");
//!             Event::Wake
//!         }
//!         Action::Publish { topic, payload, .. } if topic.ends_with("/up") => {
//!             let frame = open_frame(payload, &key(Direction::Up), &city, &name)?;
//!             let settled = Settled { boot: 1, lane: Lane::Normal, from: 0, below: frame.header.sequence + 1, bitmap: 0 };
//!             frames += 1;
//!             let ack = Ack {
//!                 generation: 1,
//!                 epoch: 1,
//!                 counter: frames,
//!                 gateway_ms: 1_795_312_800_000 + now_ms as i64,
//!                 settled: [settled].into_iter().collect(),
//!                 settings: None,
//!             };
//!             seal_ack(&ack, &key(Direction::Down), &city, &name, &mut answer)?;
//!             Event::Received(&answer)
//!         }
//!         Action::Publish { .. } => Event::Wake, // the birth message
//!         Action::Wait { until_ms } => {
//!             now_ms = until_ms;
//!             Event::Wake
//!         }
//!     };
//! }
//! assert_eq!((frames, node.kept(Lane::Normal)), (2, 0));
//! assert_eq!(node.wall_ms(), Some(1_795_312_800_000 + 121_000));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![no_std]

pub mod action;
pub mod boot_count;
pub mod clock;
mod closing;
pub mod config;
mod fitted;
mod flash;
pub mod flash_store;
mod hearing;
pub mod limits;
pub mod local_alarm;
mod marks;
pub mod node;
pub mod outbox;
pub mod page;
pub mod rehearsal;
mod ring;
pub mod sampling;
pub mod schedule;
pub mod session;
pub mod store;
mod topics;

pub use action::{Action, Event};
pub use config::{Config, Keys};
pub use flash_store::FlashStore;
pub use node::{Node, OutageNode, SmallNode};
pub use outbox::Patience;
pub use sampling::{Scale, Sensor, Word};
pub use session::Timing;
pub use store::{NoStore, Store};

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod lives;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod outbox_properties;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod power_cuts;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod stories;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod world;
