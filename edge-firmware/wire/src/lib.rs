//! What a citysense node can say, and nothing else: no std, no allocation.
//!
//! In reading order:
//! - [`ident`]: checked names of cities, nodes, zones, rules and kinds;
//! - [`quantity`]: the table of everything that can be measured;
//! - [`milli`]: fixed-point values.
#![no_std]

pub mod ident;
pub mod milli;
pub mod quantity;

pub use ident::{CityId, IdError, KindId, NodeId, RuleId, ZoneId};
pub use milli::Milli;
pub use quantity::Quantity;
