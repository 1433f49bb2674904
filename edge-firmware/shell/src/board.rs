//! What the endless loop needs of a board besides a network and a memory.

use core::fmt;

use edge_firmware::Word;
use wire::Quantity;

/// Sensors, a log and a watchdog. Nothing here waits.
pub trait Board {
    /// Reads the sensor of `quantity`; one that is not fitted is a fault that the city sees.
    fn read(&mut self, quantity: Quantity) -> Word;

    /// One line of the log.
    fn say(&mut self, line: fmt::Arguments<'_>);

    /// The loop still goes round: told at least every [`ROUND_MS_MAX`] + [`STEP_MS_MAX`].
    fn feed_watchdog(&mut self);
}

/// The loop goes round at least so often, whatever it waits for.
pub const ROUND_MS_MAX: u64 = 10_000;
/// So long it may take over one thing that it cannot interrupt.
pub const STEP_MS_MAX: u64 = 5_000;
