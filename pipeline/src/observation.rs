//! What admission lets through: one reading, parsed, placed and timed.

use serde::{Deserialize, Serialize};
use wire::{Milli, Quantity};

use crate::calendar::Millis;
use crate::city::NodeIx;

/// An admitted reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Observation {
    pub node: NodeIx,
    pub quantity: Quantity,
    /// The sensor was at the end of its range: the true value is at least (or at most) this.
    pub saturated: bool,
    /// Place in its frame; decides a tie of time and sequence.
    pub index: u16,
    /// Event time, the node's word.
    pub sampled_at: Millis,
    pub value: Milli,
    /// Sent ahead of all others because it turned the node's own alarm.
    pub alarm: bool,
    /// Order of the node's frames over its boots (boot in the upper half); decides a tie of times.
    pub sequence: u64,
}
