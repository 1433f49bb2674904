//! The thermometer TMP105, on any I2C bus.

use edge_firmware::{Scale, Word};
use embedded_hal::i2c::I2c;
use wire::{Fault, Milli};

const ADDRESS: u8 = 0x48;
const TEMPERATURE: u8 = 0;
const CONFIGURATION: u8 = 1;
/// Twelve bits: a step is 1/16 degree.
const CONFIGURATION_FINE: u8 = 0x60;

/// How its words are read: sixteenths of a degree, from -55 degrees to the end of the word.
pub const SCALE: Scale = Scale {
    offset: Milli::ZERO,
    numerator: 1000,
    denominator: 16,
    range: (-55 * 16, 0x7ff),
};

/// One reading. It is set up each time, so that one that lost its power is no finer or coarser afterwards.
pub fn read(bus: &mut impl I2c) -> Word {
    let mut word = [0; 2];
    bus.write(ADDRESS, &[CONFIGURATION, CONFIGURATION_FINE])
        .and_then(|()| bus.write_read(ADDRESS, &[TEMPERATURE], &mut word))
        .map_err(|_| Fault::Disconnected)?;
    Ok(i64::from(i16::from_be_bytes(word) >> 4))
}
