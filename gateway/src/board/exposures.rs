//! Leaks on the board: the latest minute of each gas from each source, as long as it is fresh.

use std::collections::BTreeMap;

use pipeline::calendar::{MINUTE, Millis};
use pipeline::exposure::{Exposure, WIDTH};
use wire::{Quantity, SourceId};

/// A footprint is shown as live for so long after its minute; then nobody knows where the gas is.
const LIVE: Millis = 15 * MINUTE;

/// Minutes of leaks that may still be shown.
#[derive(Debug, Default)]
pub(super) struct Exposures {
    minutes: BTreeMap<(SourceId, Quantity), BTreeMap<Millis, Exposure>>,
}

impl Exposures {
    /// Minutes that stand no more come before new ones.
    pub(super) fn apply(&mut self, exposure: &Exposure, stands: bool) {
        let key = (exposure.source, exposure.quantity);
        let minutes = self.minutes.entry(key).or_default();
        match stands {
            true => drop(minutes.insert(exposure.start, exposure.clone())),
            false => drop(minutes.remove(&exposure.start)),
        }
    }

    pub(super) fn expire(&mut self, now: Millis) {
        self.minutes.retain(|_, minutes| {
            minutes.retain(|start, _| now - start <= WIDTH + LIVE);
            !minutes.is_empty()
        });
    }

    /// The latest of each source and gas that is still live.
    pub(super) fn live(&self, now: Millis) -> Vec<Exposure> {
        let latest = self.minutes.values().filter_map(BTreeMap::last_key_value);
        let live = latest.filter(|(start, _)| now - **start <= WIDTH + LIVE);
        live.map(|(_, exposure)| exposure.clone()).collect()
    }
}
