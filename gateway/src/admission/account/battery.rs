//! A node's battery: its voltage, and where that goes.

use pipeline::calendar::{HOUR, Millis};
use serde::{Deserialize, Serialize};
use wire::Milli;

/// The voltage of its battery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Battery {
    pub at: Millis,
    pub volts: Milli,
    /// The first of each hour of the last day, oldest first.
    hours: Vec<(Millis, Milli)>,
}

/// Hours that a battery's trend looks back on.
const BATTERY_HOURS_MAX: usize = 25;

impl Battery {
    pub(super) fn new(at: Millis, volts: Milli) -> Battery {
        Battery {
            at,
            volts,
            hours: vec![(at, volts)],
        }
    }

    pub(super) fn take(&mut self, at: Millis, volts: Milli) {
        if at < self.at {
            return;
        }
        (self.at, self.volts) = (at, volts);
        if self.hours.last().is_none_or(|(last, _)| at - last >= HOUR) {
            self.hours.push((at, volts));
        }
        if self.hours.len() > BATTERY_HOURS_MAX {
            self.hours.remove(0);
        }
    }

    /// By how much it changed, and in how long a time: a day at most, an hour at least.
    pub fn trend(&self) -> Option<(Milli, Millis)> {
        let (first, before) = *self.hours.first()?;
        let change = Milli(self.volts.0.saturating_sub(before.0));
        (self.at - first >= HOUR).then_some((change, self.at - first))
    }
}
