//! What this board can measure: which driver answers for a quantity, and how its words are read.

use edge_firmware::{Scale, Word};
use wire::{Fault, Quantity};

use crate::i2c::Bus;
use crate::tmp105;

pub(crate) fn scale(quantity: Quantity) -> Scale {
    match quantity {
        Quantity::Temperature => tmp105::SCALE,
        _ => Scale::EXACT,
    }
}

/// A quantity that was provisioned and has no driver here is a fault that the city sees.
pub(crate) fn read(bus: &mut Bus, quantity: Quantity) -> Word {
    match quantity {
        Quantity::Temperature => tmp105::read(bus),
        _ => Err(Fault::Disconnected),
    }
}
