//! What the firmware of every board does around the node: no std, no allocation, no board.
//!
//! In reading order:
//! - [`shell`]: the endless loop that does what the core asks for;
//! - [`board`]: what it needs of a board;
//! - [`link`]: a connection to the broker, and what it needs of a network;
//! - [`telling`]: the lines of the log;
//! - [`eeprom`]: a memory on I2C in the guise of a flash; [`boots`]: the number of this life, counted there;
//! - [`tmp105`]: a thermometer.
#![no_std]

pub mod board;
pub mod boots;
pub mod eeprom;
pub mod link;
pub mod shell;
pub mod telling;
pub mod tmp105;

pub use board::Board;
pub use link::{Buffers, Connector};
pub use shell::Shell;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod fake_i2c;
