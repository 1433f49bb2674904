//! What the firmware of every board does around the node, over the traits of `embedded-hal`: no std, no allocation.
//!
//! In reading order:
//! - [`eeprom`]: a memory on I2C in the guise of a flash;
//! - [`boots`]: the number of this life, counted there;
//! - [`tmp105`]: a thermometer.
#![no_std]

pub mod boots;
pub mod eeprom;
pub mod tmp105;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod fake_i2c;
