//! Admission: the door. Bytes and topic in; an outcome out, and what the node's session becomes.
//!
//! Pure and total: no clock, no disk, no socket, no panic on any bytes. Past this, values are valid by
//! construction. Every frame ends in exactly one place of the ledger: accepted, duplicate, or refused with one
//! of six reasons; every reading of an accepted frame is admitted or refused with one of its own.

mod account;
mod registry;
mod session;
mod settlement;
#[cfg(test)]
mod tests;

use pipeline::calendar::{Calendar, DAY, MINUTE, Millis};
use pipeline::city::NodeIx;
use wire::frame::{Body, Header, HeaderError};
use wire::seal::{OpenError, open_frame, peek_header};
use wire::{Key, Lane, Measurement, NodeId};

use crate::journal::{FrameRecord, HeldReading, Reading};
pub use account::{Account, Battery, NodeClock, Readings, Start};
use account::{Lateness, lateness};
pub use registry::Registry;
pub use session::{Asked, BOOTS_MAX, HELD_MAX, Held, Session};

/// A node's clock may be this far ahead of the gateway's.
pub const CLOCK_AHEAD_MAX: Millis = MINUTE;
/// A frame can wait in a node's outbox this long; a clock further back is wrong.
pub const CLOCK_BEHIND_MAX: Millis = 32 * DAY;

/// What became of one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// To be journaled, in this order: the frame, then frames whose held readings it gave a time.
    Accepted {
        node: NodeIx,
        records: Vec<FrameRecord>,
        tally: Tally,
        clock: NodeClock,
    },
    /// Known already: acknowledged again, nothing else.
    Duplicate { node: NodeIx },
    Refused {
        reason: Refusal,
        node: Option<NodeIx>,
        /// Authentic, but unreadable: refused for good once this is journaled, so that the node lets go of it.
        settled: Option<Box<FrameRecord>>,
    },
}

impl Outcome {
    /// The node may let go of what it said, once this is on disk.
    pub fn is_answered(&self) -> bool {
        match self {
            Outcome::Accepted { .. } | Outcome::Duplicate { .. } => true,
            Outcome::Refused { settled, .. } => settled.is_some(),
        }
    }
}

/// Why a frame is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Refusal {
    Malformed,
    Version,
    UnknownNode,
    Seal,
    Generation,
    Topic,
}

/// What became of the readings of one accepted frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub readings: u32,
    /// Of these, marked:
    pub admitted: u32,
    pub late: u32,
    pub too_late: u32,
    pub restamped: u32,
    /// Waiting for the node's clock.
    pub held: u32,
    /// Without any hope of a time.
    pub timeless: u32,
    /// Not admitted:
    pub unknown_quantity: u32,
    pub implausible: u32,
    /// The node said why there is no value.
    pub faults: u32,
    /// Frames that the node overwrote before they were heard.
    pub frames_lost: u32,
}

impl Refusal {
    pub const ALL: [Refusal; 6] = [
        Refusal::Malformed,
        Refusal::Version,
        Refusal::UnknownNode,
        Refusal::Seal,
        Refusal::Generation,
        Refusal::Topic,
    ];

    /// Its name in metrics and ledgers.
    pub fn name(self) -> &'static str {
        match self {
            Refusal::Malformed => "malformed",
            Refusal::Version => "version",
            Refusal::UnknownNode => "unknown_node",
            Refusal::Seal => "seal",
            Refusal::Generation => "generation",
            Refusal::Topic => "topic",
        }
    }
}

/// A message of a known node: what is asked of [`admit`].
#[derive(Clone, Copy)]
pub struct Spoken<'a> {
    pub bytes: &'a [u8],
    pub node: NodeIx,
    pub id: NodeId,
    /// The lane of the topic.
    pub lane: Lane,
    /// The gateway's clock.
    pub received: Millis,
}

/// Opens and checks one message of a known node and moves the node's session on.
///
/// `key` gives the node's up key of a generation.
pub fn admit(
    spoken: Spoken<'_>,
    registry: &Registry,
    key: impl FnOnce(u8) -> Key,
    session: &mut Session,
) -> Outcome {
    let refused = |reason| Outcome::Refused {
        reason,
        node: Some(spoken.node),
        settled: None,
    };
    let header = match peek_header(spoken.bytes) {
        Ok(header) => header,
        Err(OpenError::Header(HeaderError::Version(_))) => return refused(Refusal::Version),
        Err(_) => return refused(Refusal::Malformed),
    };
    if header.lane != spoken.lane {
        return refused(Refusal::Topic);
    }
    let least = registry.least_generation(spoken.node);
    if header.generation < session.generation.max(least) {
        return refused(Refusal::Generation);
    }
    let key = key(header.generation);
    let body = match open_frame(spoken.bytes, &key, &registry.city, &spoken.id) {
        Ok(frame) => frame.body,
        Err(error) if error.is_authentic() => {
            session.turn_to(header.generation);
            return unreadable(spoken, header, session);
        }
        Err(OpenError::Seal) => return refused(Refusal::Seal),
        Err(_) => return refused(Refusal::Malformed),
    };
    session.turn_to(header.generation);
    if session.is_settled(header.boot, header.lane, header.sequence) {
        return Outcome::Duplicate { node: spoken.node };
    }
    accept(spoken, header, &body, &registry.calendar, session)
}

/// Sealed by the node itself and yet not to be read: a newer node, or a broken one. It is settled, on disk.
fn unreadable(spoken: Spoken<'_>, header: Header, session: &mut Session) -> Outcome {
    let fresh = !session.is_settled(header.boot, header.lane, header.sequence);
    let settled = fresh.then(|| Box::new(record(spoken, header)));
    if let Some(record) = &settled {
        session.note(record);
    }
    Outcome::Refused {
        reason: Refusal::Malformed,
        node: Some(spoken.node),
        settled,
    }
}

fn accept(
    spoken: Spoken<'_>,
    header: Header,
    body: &Body,
    calendar: &Calendar,
    session: &mut Session,
) -> Outcome {
    let received = spoken.received;
    let uptime = Millis::try_from(body.uptime_ms).unwrap_or(Millis::MAX);
    let clock = Clock::read(body.wall_ms, uptime, received, session.offset(header.boot));
    let mut tally = Tally {
        readings: body.samples.len() as u32,
        ..Tally::default()
    };
    let mut frame = FrameRecord {
        kept_boot: body.oldest_kept.boot,
        kept_sequence: body.oldest_kept.sequence,
        settings: body.settings,
        settings_refused: body.settings_refused,
        offset: clock.offset,
        ..record(spoken, header)
    };
    let mut room = session.room_to_hold(header.boot);
    for (index, sample) in body.samples.iter().enumerate() {
        // At most SAMPLES_MAX, which fits.
        let index = index as u16;
        let Some(quantity) = sample.quantity() else {
            tally.unknown_quantity += 1;
            continue;
        };
        let value = match sample.measurement {
            Measurement::Value(value)
            | Measurement::AtLeast(value)
            | Measurement::AtMost(value) => value,
            Measurement::Fault(_) => {
                tally.faults += 1;
                continue;
            }
        };
        let (least, greatest) = quantity.entry().plausible;
        if !(least..=greatest).contains(&value) {
            tally.implausible += 1;
            continue;
        }
        tally.admitted += 1;
        let saturated = sample.measurement.is_saturated();
        let uptime = uptime.saturating_sub(Millis::from(sample.age_ms));
        let reading = HeldReading {
            index,
            quantity,
            saturated,
            uptime,
            value,
        };
        match clock.offset {
            Some(offset) => frame
                .readings
                .push(timed(&reading, offset, received, calendar, &mut tally)),
            None if room > 0 => {
                room -= 1;
                tally.held += 1;
                frame.held.push(reading);
            }
            None => tally.timeless += 1,
        }
    }
    if clock.said == NodeClock::Absurd {
        tally.restamped = frame.readings.len() as u32;
    }
    frame.refused = (tally.readings - tally.admitted) as u16;
    tally.frames_lost = session.note(&frame);
    let mut records = vec![frame];
    if let Some(offset) = clock.offset {
        let released = session.release(header.boot);
        records.extend(released.into_iter().map(|held| {
            let mut frame = record(
                spoken,
                Header {
                    lane: held.lane(),
                    sequence: held.sequence,
                    ..header
                },
            );
            let times = held.readings.iter();
            frame.readings = times
                .map(|reading| timed(reading, offset, received, calendar, &mut tally))
                .collect();
            frame
        }));
    }
    Outcome::Accepted {
        node: spoken.node,
        records,
        tally,
        clock: clock.said,
    }
}

/// What a frame says about its boot's clock.
struct Clock {
    offset: Option<Millis>,
    /// From where it comes.
    said: NodeClock,
}

impl Clock {
    fn read(
        wall: Option<Millis>,
        uptime: Millis,
        received: Millis,
        known: Option<Millis>,
    ) -> Clock {
        let sane = received - CLOCK_BEHIND_MAX..=received + CLOCK_AHEAD_MAX;
        match wall {
            Some(wall) if sane.contains(&wall) => Clock {
                offset: Some(wall.saturating_sub(uptime)),
                said: NodeClock::Own,
            },
            // The first exchange is the best that is known of such a boot.
            Some(_) => Clock {
                offset: known.or(Some(received.saturating_sub(uptime))),
                said: NodeClock::Absurd,
            },
            None => Clock {
                offset: known,
                said: match known {
                    Some(_) => NodeClock::Mapped,
                    None => NodeClock::Unknown,
                },
            },
        }
    }
}

fn timed(
    reading: &HeldReading,
    offset: Millis,
    received: Millis,
    calendar: &Calendar,
    tally: &mut Tally,
) -> Reading {
    // Nothing is sampled after it was received, nor so long ago that arithmetic on it could overflow.
    let sampled_at = offset
        .saturating_add(reading.uptime)
        .clamp(0, received.max(0).saturating_add(CLOCK_AHEAD_MAX));
    let reading = Reading {
        index: reading.index,
        quantity: reading.quantity,
        saturated: reading.saturated,
        sampled_before: received - sampled_at,
        value: reading.value,
    };
    match lateness(&reading, received, calendar) {
        Some(Lateness::TooLate) => tally.too_late += 1,
        Some(Lateness::Late) => tally.late += 1,
        None => {}
    }
    reading
}

fn record(spoken: Spoken<'_>, header: Header) -> FrameRecord {
    FrameRecord {
        node: spoken.node,
        generation: header.generation,
        lane: header.lane.code(),
        boot: header.boot,
        sequence: header.sequence,
        kept_boot: 0,
        kept_sequence: 0,
        settings: 0,
        settings_refused: 0,
        received: spoken.received,
        offset: None,
        readings: Vec::new(),
        held: Vec::new(),
        refused: 0,
    }
}
