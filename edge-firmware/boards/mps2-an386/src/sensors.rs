//! What this board has around the node: which driver answers for a quantity, its log, its watchdog.

use core::fmt;

use edge_firmware::{Scale, Word};
use embedded_hal_bus::i2c::RefCellDevice;
use node_shell::{Board, tmp105};
use wire::{Fault, Quantity};

use crate::i2c::Bus;
use crate::{uart, watchdog};

/// How a driver's words are read.
pub(crate) fn scale(quantity: Quantity) -> Scale {
    match quantity {
        Quantity::Temperature | Quantity::Heat => tmp105::SCALE,
        _ => Scale::EXACT,
    }
}

/// The board as the shell sees it.
pub(crate) struct Mps2 {
    pub(crate) bus: RefCellDevice<'static, Bus>,
}

impl Board for Mps2 {
    /// A quantity that was provisioned and has no driver here is a fault that the city sees.
    fn read(&mut self, quantity: Quantity) -> Word {
        match quantity {
            // One chip for the weather and for fires: which it is, provisioning says.
            Quantity::Temperature | Quantity::Heat => tmp105::read(&mut self.bus),
            _ => Err(Fault::Disconnected),
        }
    }

    fn say(&mut self, line: fmt::Arguments<'_>) {
        uart::line(line);
    }

    fn feed_watchdog(&mut self) {
        watchdog::feed();
    }
}
