//! What of a node outlives its power: frames that the gateway has not settled, and the settings it goes by.
//!
//! A store is a queue of records for each lane, and one record of settings. It knows nothing of what is in them: that
//! a frame is this node's own is for the node to prove, by its seal. It may lose power in the middle of anything; what
//! it said is kept is there afterwards.

use sha2::{Digest, Sha256};
use wire::limits::SETTINGS_LEN_MAX;
use wire::{Key, Lane, Settings};

/// Where a node's frames and settings outlive its power.
pub trait Store {
    /// Without one, what is in RAM is all that a node keeps.
    const IS_THERE: bool;

    /// Goes through the frames of `lane`, oldest first, and does with each what `visit` says.
    fn walk(&mut self, lane: Lane, visit: impl FnMut(&[u8]) -> Step) -> Result<(), StoreError>;

    /// Whether a frame of `len` bytes fits without dropping another.
    fn has_room(&mut self, lane: Lane, len: usize) -> Result<bool, StoreError>;

    /// Puts `frame` behind the newest of `lane`. When it says so, it is kept.
    fn push(&mut self, lane: Lane, frame: &[u8]) -> Result<(), StoreError>;

    /// Forgets every frame of `lane`, readable or not.
    fn erase(&mut self, lane: Lane) -> Result<(), StoreError>;

    /// The record of settings that was kept last.
    fn settings(&mut self) -> Result<Option<SettingsRecord>, StoreError>;

    fn keep_settings(&mut self, record: &SettingsRecord) -> Result<(), StoreError>;
}

/// What becomes of a frame that was looked at, and whether the next is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Keep,
    Forget,
    /// It stays, and so do all after it.
    Stop,
}

/// Why a store did not do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreError {
    /// The memory does not answer.
    Device,
    /// It does not hold what is written at the place that is next.
    Worn,
    /// What is in it contradicts itself; only erasing helps.
    Unreadable,
}

impl core::fmt::Display for StoreError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            StoreError::Device => "the memory does not answer",
            StoreError::Worn => "the memory does not hold what is written",
            StoreError::Unreadable => "the memory cannot be read",
        })
    }
}

impl core::error::Error for StoreError {}

/// A node that keeps nothing over a loss of power.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoStore;

impl Store for NoStore {
    const IS_THERE: bool = false;

    fn walk(&mut self, _: Lane, _: impl FnMut(&[u8]) -> Step) -> Result<(), StoreError> {
        Ok(())
    }

    fn has_room(&mut self, _: Lane, _: usize) -> Result<bool, StoreError> {
        Ok(true)
    }

    fn push(&mut self, _: Lane, _: &[u8]) -> Result<(), StoreError> {
        Ok(())
    }

    fn erase(&mut self, _: Lane) -> Result<(), StoreError> {
        Ok(())
    }

    fn settings(&mut self) -> Result<Option<SettingsRecord>, StoreError> {
        Ok(None)
    }

    fn keep_settings(&mut self, _: &SettingsRecord) -> Result<(), StoreError> {
        Ok(())
    }
}

/// Longest record of settings.
pub const SETTINGS_RECORD_LEN_MAX: usize = PROVISION_LEN + SETTINGS_LEN_MAX;

/// Settings as they are stored: behind the provision that they were followed under.
pub type SettingsRecord = heapless::Vec<u8, SETTINGS_RECORD_LEN_MAX>;

const PROVISION_LEN: usize = 8;

/// What a node was told by its page: its key and its settings. Settings from the gateway are good for as long as the
/// page is the same; a new page is newer than they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Provision([u8; PROVISION_LEN]);

impl Provision {
    pub(crate) fn new(up: &Key, settings: &Settings) -> Provision {
        let hash = Sha256::new()
            .chain_update(b"citysense/provision")
            .chain_update(up.as_bytes())
            .chain_update(settings.id().to_be_bytes())
            .finalize();
        Provision(core::array::from_fn(|at| hash[at]))
    }

    /// The record that [`Provision::open`] takes back.
    pub(crate) fn seal(self, settings: &Settings) -> SettingsRecord {
        let mut buffer = [0; SETTINGS_LEN_MAX];
        let coded = settings.encode(&mut buffer);
        self.0.iter().chain(coded).copied().collect()
    }

    /// The settings in a record that was made under this provision.
    pub(crate) fn open(self, record: &[u8]) -> Option<Settings> {
        let coded = record.strip_prefix(&self.0)?;
        Settings::decode(coded).ok()
    }
}
