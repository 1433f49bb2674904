//! What the simulated nodes' sensors read: the story, or recorded data in a test.

use edge_firmware::Word;
use pipeline::calendar::Millis;
use wire::Quantity;

use crate::story::{Sampling, Seat, Story};

/// The surroundings of all nodes.
pub trait World: Send + Sync {
    /// What a sensor at `seat` answers.
    fn word(&self, seat: &Seat, quantity: Quantity, sampling: Sampling) -> Word;

    /// Whether the node's uplink is dead. It goes on measuring.
    fn is_cut_off(&self, seat: &Seat, at: Millis) -> bool;
}

impl World for Story {
    fn word(&self, seat: &Seat, quantity: Quantity, sampling: Sampling) -> Word {
        Ok(self.truth(seat, quantity, sampling).0)
    }

    fn is_cut_off(&self, seat: &Seat, at: Millis) -> bool {
        Story::is_cut_off(self, seat, at)
    }
}
