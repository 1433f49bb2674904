//! What became of everything that came in one node's name, counted from its first word on and kept over restarts.
//!
//! Each frame is in one place: accepted, duplicate, or refused with its reason; each reading of an accepted frame too.
//! What the journal has of a frame can be counted again when it is taken up; what came twice or was refused is not in
//! it, so of the minutes before a gateway was killed that much is missing.

use pipeline::calendar::{Calendar, Millis, pane_start};
use serde::{Deserialize, Serialize};
use wire::Quantity;

use super::{Refusal, Tally};
use crate::journal::{FrameRecord, Reading};
pub use battery::Battery;

mod battery;

/// One node's account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Gateway time from which on it counts; `None`: nothing came yet.
    pub since: Option<Millis>,
    /// Gateway time of the last accepted frame, and of the last refusal.
    pub heard_at: Option<Millis>,
    pub refused_at: Option<Millis>,
    pub accepted: u64,
    pub duplicate: u64,
    /// In the order of [`Refusal::ALL`].
    pub refused: [u64; 6],
    /// Frames that the node overwrote before they were heard, as it says itself.
    pub lost: u64,
    pub readings: Readings,
    /// Starts of the node that were heard of, and the newest of them.
    pub boots: u64,
    pub boot: Option<Start>,
    pub clock: NodeClock,
    pub battery: Option<Battery>,
}

/// Readings of accepted frames: all of them, then what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Readings {
    pub all: u64,
    pub admitted: u64,
    /// The node said why there is no value.
    pub faults: u64,
    pub unknown_quantity: u64,
    pub implausible: u64,
    /// Not admitted, and the journal does not say for which of these reasons.
    pub untold: u64,
    /// Of those admitted:
    pub late: u64,
    pub too_late: u64,
    pub restamped: u64,
    /// Of those admitted, waiting for the node's clock when they came, or without any hope of a time.
    pub held: u64,
    pub timeless: u64,
}

/// A start of the node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Start {
    pub number: u32,
    /// Gateway time of the first frame of it.
    pub heard_at: Millis,
}

/// From where the times of a node's readings come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum NodeClock {
    /// It has said no time, and none is known of its last start.
    #[default]
    Unknown,
    /// The node's own.
    Own,
    /// The node says none: its uptime is mapped to what was known of this start.
    Mapped,
    /// The node's own is absurd; another was taken.
    Absurd,
}

impl Account {
    /// Frames that came in the node's name.
    pub fn received(&self) -> u64 {
        self.accepted + self.duplicate + self.refused_frames()
    }

    pub fn refused_frames(&self) -> u64 {
        self.refused.iter().sum()
    }

    /// Frames and readings that were not admitted, faults aside.
    pub fn refusals(&self) -> u64 {
        let Readings {
            unknown_quantity,
            implausible,
            ..
        } = self.readings;
        self.refused_frames() + unknown_quantity + implausible
    }

    pub fn duplicate(&mut self, at: Millis) {
        self.since.get_or_insert(at);
        self.duplicate += 1;
    }

    pub fn refuse(&mut self, reason: Refusal, at: Millis) {
        self.since.get_or_insert(at);
        self.refused_at = Some(at);
        self.refused[reason as usize] += 1;
    }

    /// A frame was accepted; `records` are its own and those of earlier readings that got their time by it.
    pub fn accept(&mut self, records: &[FrameRecord], tally: &Tally, clock: NodeClock) {
        let Some(frame) = records.first() else {
            return;
        };
        self.hear(frame);
        self.clock = clock;
        self.lost += u64::from(tally.frames_lost);
        self.readings.add(tally);
        if tally.unknown_quantity + tally.implausible > 0 {
            self.refused_at = Some(frame.received);
        }
        for record in records {
            self.measure(record);
        }
    }

    /// A frame that the journal has was counted by nobody yet; `lost` were given up by it.
    pub fn replay(&mut self, frame: &FrameRecord, lost: u32, calendar: &Calendar) {
        self.measure(frame);
        for reading in &frame.readings {
            match lateness(reading, frame.received, calendar) {
                Some(Lateness::Late) => self.readings.late += 1,
                Some(Lateness::TooLate) => self.readings.too_late += 1,
                None => {}
            }
        }
        self.lost += u64::from(lost);
        match Sort::of(frame) {
            Sort::Released => {}
            Sort::Unreadable => self.refuse(Refusal::Malformed, frame.received),
            Sort::Accepted => {
                self.hear(frame);
                let (held, refused) = (frame.held.len() as u64, u64::from(frame.refused));
                let admitted = frame.readings.len() as u64 + held;
                let readings = &mut self.readings;
                readings.admitted += admitted;
                readings.held += held;
                readings.untold += refused;
                readings.all += admitted + refused;
                if frame.offset.is_some() && self.clock == NodeClock::Unknown {
                    self.clock = NodeClock::Mapped;
                }
            }
        }
    }

    /// A frame with so many readings, made up.
    pub fn by_hand(&mut self, at: Millis, readings: u32) {
        self.since.get_or_insert(at);
        self.heard_at = self.heard_at.max(Some(at));
        self.accepted += 1;
        self.readings.all += u64::from(readings);
        self.readings.admitted += u64::from(readings);
    }

    fn hear(&mut self, frame: &FrameRecord) {
        let at = frame.received;
        self.since.get_or_insert(at);
        self.heard_at = self.heard_at.max(Some(at));
        self.accepted += 1;
        if self.boot.is_none_or(|boot| boot.number < frame.boot) {
            self.boots += 1;
            self.boot = Some(Start {
                number: frame.boot,
                heard_at: at,
            });
        }
    }

    /// Takes note of the battery, if the frame speaks of it.
    fn measure(&mut self, frame: &FrameRecord) {
        let volts = frame.readings.iter();
        for reading in volts.filter(|r| r.quantity == Quantity::BatteryVoltage) {
            let at = frame.received.saturating_sub(reading.sampled_before);
            match &mut self.battery {
                Some(battery) => battery.take(at, reading.value),
                None => self.battery = Some(Battery::new(at, reading.value)),
            }
        }
    }
}

impl Readings {
    fn add(&mut self, tally: &Tally) {
        // By name, so that a new count cannot be forgotten here.
        let Tally {
            readings,
            admitted,
            late,
            too_late,
            restamped,
            held,
            timeless,
            unknown_quantity,
            implausible,
            faults,
            frames_lost: _,
        } = *tally;
        self.all += u64::from(readings);
        self.admitted += u64::from(admitted);
        self.late += u64::from(late);
        self.too_late += u64::from(too_late);
        self.restamped += u64::from(restamped);
        self.held += u64::from(held);
        self.timeless += u64::from(timeless);
        self.unknown_quantity += u64::from(unknown_quantity);
        self.implausible += u64::from(implausible);
        self.faults += u64::from(faults);
    }
}

/// How a reading came after its pane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lateness {
    Late,
    TooLate,
}

/// `None`: in time.
pub(super) fn lateness(
    reading: &Reading,
    received: Millis,
    calendar: &Calendar,
) -> Option<Lateness> {
    let sampled_at = received.saturating_sub(reading.sampled_before);
    let span = calendar.span(reading.quantity);
    let pane_end = pane_start(sampled_at, span.width) + span.width;
    if pane_end + span.horizon <= received {
        Some(Lateness::TooLate)
    } else if pane_end + span.grace < received {
        Some(Lateness::Late)
    } else {
        None
    }
}

/// What a journaled frame was when it came.
enum Sort {
    Accepted,
    /// Readings that had waited for their time, under their frame's place.
    Released,
    /// Sealed by the node and not to be read.
    Unreadable,
}

impl Sort {
    fn of(frame: &FrameRecord) -> Sort {
        let has_readings = !frame.readings.is_empty();
        let says_nothing = frame.held.is_empty() && frame.refused == 0 && frame.settings == 0;
        let keeps = (frame.kept_boot, frame.kept_sequence);
        match frame.offset {
            // Whoever knows no time has no readings with one, unless they got it later.
            None if has_readings => Sort::Released,
            None if says_nothing && keeps == (0, 0) => Sort::Unreadable,
            _ => Sort::Accepted,
        }
    }
}

#[cfg(test)]
mod tests;
