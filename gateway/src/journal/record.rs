//! What one entry of the journal says, and its bytes.

use pipeline::calendar::Millis;
use pipeline::city::NodeIx;
use pipeline::input::Input;
use pipeline::observation::Observation;
use serde::{Deserialize, Serialize};
use wire::{Lane, Milli, Quantity};

/// One entry: everything that can change what the dataflow says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Record {
    /// The frames of one commit, in order of admission.
    Frames(Vec<FrameRecord>),
    /// Observations that came by no frame: history that was loaded beforehand.
    History(Vec<Observation>),
    Input(Input),
    /// Deadlines up to this tick fired and what they changed was published.
    Deadline,
}

/// A frame that was opened: its place in its node's session, and what was admitted of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameRecord {
    pub node: NodeIx,
    pub generation: u8,
    /// Wire code of the lane.
    pub lane: u8,
    pub boot: u32,
    pub sequence: u32,
    /// Oldest frame of the lane that the node still had: boot and sequence.
    pub kept_boot: u32,
    pub kept_sequence: u32,
    /// Number of the settings that the node went by, and of those that it refused last (0: none).
    pub settings: u32,
    pub settings_refused: u32,
    /// Gateway clock when it was admitted; readings are timed against it.
    pub received: Millis,
    /// Wall time minus uptime of this boot, as far as it is known with this frame.
    pub offset: Option<Millis>,
    /// Readings with a time.
    pub readings: Vec<Reading>,
    /// Readings that wait for their boot's clock; `uptime` is theirs.
    pub held: Vec<HeldReading>,
    /// Readings refused for their content, and faults.
    pub refused: u16,
}

/// An admitted reading, small: what its frame says is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    pub index: u16,
    pub quantity: Quantity,
    pub saturated: bool,
    /// How long before the frame's `received` it was sampled; negative for a node whose clock is ahead.
    pub sampled_before: Millis,
    pub value: Milli,
}

/// A reading of a node that does not know the time yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldReading {
    pub index: u16,
    pub quantity: Quantity,
    pub saturated: bool,
    /// The node's uptime when it was sampled; negative when it was sampled before the boot's start.
    pub uptime: Millis,
    pub value: Milli,
}

impl FrameRecord {
    pub fn lane(&self) -> Lane {
        match self.lane {
            1 => Lane::Alarm,
            _ => Lane::Normal,
        }
    }

    /// Adds the frame's observations to `into`.
    pub fn observations(&self, into: &mut Vec<Observation>) {
        let sequence = u64::from(self.boot) << 32 | u64::from(self.sequence);
        into.extend(self.readings.iter().map(|reading| Observation {
            node: self.node,
            quantity: reading.quantity,
            saturated: reading.saturated,
            alarm: self.lane() == Lane::Alarm,
            index: reading.index,
            sampled_at: self.received.saturating_sub(reading.sampled_before),
            value: reading.value,
            sequence,
        }));
    }
}

/// Appends the record's bytes.
pub(super) fn encode(record: &Record) -> Result<Vec<u8>, bincode::error::EncodeError> {
    bincode::serde::encode_to_vec(record, bincode::config::standard())
}

pub(super) fn decode(bytes: &[u8]) -> Result<Record, bincode::error::DecodeError> {
    bincode::serde::decode_from_slice(bytes, bincode::config::standard()).map(|(record, _)| record)
}

/// Whether the bytes are of a [`Record::Input`], by the first of them.
pub(super) fn is_input(bytes: &[u8]) -> bool {
    const INPUT: u8 = 2;
    bytes.first() == Some(&INPUT)
}
