//! What this board can measure: which driver answers for a quantity, and how its words are read.

use edge_firmware::{Scale, Word};
use embedded_hal::i2c::I2c;
use node_shell::tmp105;
use wire::{Fault, Quantity};

pub(crate) fn scale(quantity: Quantity) -> Scale {
    match quantity {
        Quantity::Temperature => tmp105::SCALE,
        _ => Scale::EXACT,
    }
}

/// A quantity that was provisioned and has no driver here is a fault that the city sees.
pub(crate) fn read(bus: &mut impl I2c, quantity: Quantity) -> Word {
    match quantity {
        Quantity::Temperature => tmp105::read(bus),
        _ => Err(Fault::Disconnected),
    }
}
