//! What a citysense node can say, and nothing else: no std, no allocation.
//!
//! In reading order:
//! - [`ident`]: checked names of cities, nodes, zones, rules and kinds;
//! - [`quantity`]: the table of everything that can be measured;
//! - [`milli`]: fixed-point values;
//! - [`frame`]: what a node says at once, and its byte table;
//! - [`ack`]: what the gateway answers, and its byte table;
//! - [`settings`]: how often a node measures and what alarms it, as the gateway says it;
//! - [`rule`]: the one way in which evidence becomes an alarm, on nodes and in the city;
//! - [`seal`]: keys, sealing and opening of both;
//! - [`topic`]: the names under which all of it travels;
//! - [`filter`]: who may hear which of them;
//! - [`limits`]: every bound.
//!
//! The coding of a frame's body, with its byte table, is in the private module `body`.
//!
//! ```
//! use wire::frame::{Body, Frame, Header, Lane, Measurement, Sample};
//! use wire::seal::{CitySecret, Direction, FrameBytes, derive_key, open_frame, seal_frame};
//! use wire::{CityId, Milli, NodeId, Quantity};
//!
//! let (city, node) = (CityId::new("harbour")?, NodeId::new("quay-7")?);
//! let key = derive_key(&CitySecret::new([7; 32]), &node, 1, Direction::Up);
//!
//! let mut body = Body { uptime_ms: 60_000, ..Body::default() };
//! let reading = Sample::new(250, Quantity::Temperature, Measurement::Value(Milli(21_500)));
//! body.samples.push(reading).unwrap();
//! let header = Header { generation: 1, lane: Lane::Normal, boot: 3, sequence: 0 };
//! let frame = Frame { header, body };
//!
//! let mut sealed = FrameBytes::new();
//! seal_frame(&frame, &key, &city, &node, &mut sealed)?;
//! assert_eq!(sealed.len(), 43);
//! assert_eq!(open_frame(&sealed, &key, &city, &node)?, frame);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![no_std]

pub mod ack;
pub mod filter;
pub mod frame;
pub mod ident;
pub mod limits;
pub mod milli;
pub mod quantity;
pub mod rule;
pub mod seal;
pub mod settings;
pub mod topic;

mod body;
mod bytes;

pub use ack::{Ack, Settled};
pub use body::{BodyError, EncodeBodyError};
pub use frame::{Fault, Frame, Header, Kept, Lane, Measurement, Sample};
pub use ident::{CityId, GatewayId, IdError, KindId, NodeId, RuleId, SourceId, ZoneId};
pub use milli::Milli;
pub use quantity::Quantity;
pub use seal::{CitySecret, Direction, Key};
pub use settings::Settings;
pub use topic::Topic;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod any_bytes;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod bounds;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod golden;
