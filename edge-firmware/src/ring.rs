//! Sealed frames in RAM: a bounded ring of bytes, oldest first.
//!
//! It knows a frame's place (boot and sequence) from the clear header in front of its bytes, and nothing else of it.
//! Frames are sealed before they come here and never touched, so what is sent again is byte for byte what was sent.

use heapless::Deque;
use wire::{Header, Kept, Settled};

use crate::limits::WINDOW_MAX;

/// At most `FRAMES` frames in `BYTES` bytes.
#[derive(Debug)]
pub(crate) struct Ring<const FRAMES: usize, const BYTES: usize> {
    /// In the order in which they were closed; the first is always unsettled.
    entries: Deque<Entry, FRAMES>,
    bytes: [u8; BYTES],
    /// Sendings so far.
    turns: u32,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    start: u32,
    len: u16,
    settled: bool,
    /// How often it was sent on this connection.
    tries: u8,
    /// When it was sent last, in the order of all sendings.
    turn: u32,
    /// Not sent again before this uptime.
    resend_at_ms: u64,
}

/// A frame to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place(usize);

impl<const FRAMES: usize, const BYTES: usize> Ring<FRAMES, BYTES> {
    pub(crate) const fn new() -> Self {
        const { assert!(BYTES >= wire::limits::FRAME_LEN_MAX && BYTES <= u32::MAX as usize) };
        Ring {
            entries: Deque::new(),
            bytes: [0; BYTES],
            turns: 0,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Place of the oldest frame.
    pub(crate) fn front(&self) -> Option<Kept> {
        self.entries.front().and_then(|entry| self.place(entry))
    }

    pub(crate) fn fits(&self, len: usize) -> bool {
        self.gap(len).is_some()
    }

    /// Puts `frame` behind the newest, if it is one and there is room.
    pub(crate) fn push(&mut self, frame: &[u8]) -> bool {
        let (Some(start), Some(_)) = (self.gap(frame.len()), place_of(frame)) else {
            return false;
        };
        let Some(room) = self.bytes.get_mut(start..start + frame.len()) else {
            return false;
        };
        room.copy_from_slice(frame);
        let entry = Entry {
            start: start as u32,
            len: frame.len() as u16,
            settled: false,
            tries: 0,
            turn: 0,
            resend_at_ms: 0,
        };
        self.entries.push_back(entry).is_ok()
    }

    /// Drops the oldest frame.
    pub(crate) fn pop(&mut self) -> bool {
        self.entries.pop_front().is_some()
    }

    /// Drops the oldest frame if it is settled, and says which it was: until it says `None`, the first is not.
    pub(crate) fn pop_settled(&mut self) -> Option<Kept> {
        let place = self.front();
        self.entries.pop_front_if(|entry| entry.settled)?;
        place
    }

    /// Marks what the gateway has settled; answers how many that are.
    ///
    /// The way keeps the order, so what was sent before a frame that arrived, and did not arrive, is lost on the way
    /// (a gateway that was away for a while): it is due at once.
    pub(crate) fn settle(&mut self, settled: &Settled) -> u64 {
        let (mut news, mut arrived) = (0, 0);
        for entry in self.entries.iter_mut() {
            let covered = place_of(frame_of(&self.bytes, entry))
                .is_some_and(|place| place.boot == settled.boot && settled.covers(place.sequence));
            if covered && !entry.settled {
                entry.settled = true;
                news += 1;
                arrived = arrived.max(entry.turn);
            }
        }
        for entry in self.entries.iter_mut() {
            if !entry.settled && entry.turn < arrived {
                entry.resend_at_ms = 0;
            }
        }
        news
    }

    /// The first frame of the window that is due, oldest first; and whether it was sent before.
    pub(crate) fn take_due(
        &mut self,
        now_ms: u64,
        window: usize,
        patience: Patience,
    ) -> Option<(Place, Sending)> {
        let place = self
            .window(window)
            .find(|(_, entry)| entry.resend_at_ms <= now_ms)
            .map(|(place, _)| place)?;
        self.turns = self.turns.saturating_add(1);
        let entry = self.entries.get_mut(place)?;
        entry.turn = self.turns;
        let sending = match entry.tries {
            0 => Sending::First,
            _ => Sending::Again,
        };
        let wait_ms = u64::from(patience.ms_min) << entry.tries.min(31);
        entry.resend_at_ms = now_ms.saturating_add(wait_ms.min(u64::from(patience.ms_max)).max(1));
        entry.tries = entry.tries.saturating_add(1);
        Some((Place(place), sending))
    }

    /// When the next frame of the window is due.
    pub(crate) fn next_due_ms(&self, window: usize) -> Option<u64> {
        self.window(window)
            .map(|(_, entry)| entry.resend_at_ms)
            .min()
    }

    /// What may be on its way: the first `window`, with their places.
    fn window(&self, window: usize) -> impl Iterator<Item = (usize, &Entry)> {
        let first = self.entries.iter().enumerate();
        first
            .take(window.clamp(1, WINDOW_MAX))
            .filter(|(_, entry)| !entry.settled)
    }

    /// The bytes of a frame that [`Ring::take_due`] has just named.
    pub(crate) fn frame(&self, place: Place) -> &[u8] {
        self.entries
            .get(place.0)
            .map(|entry| frame_of(&self.bytes, entry))
            .unwrap_or_default()
    }

    /// All is due again.
    pub(crate) fn reconnected(&mut self) {
        for entry in self.entries.iter_mut() {
            entry.tries = 0;
            entry.resend_at_ms = 0;
        }
    }

    fn place(&self, entry: &Entry) -> Option<Kept> {
        place_of(frame_of(&self.bytes, entry))
    }

    /// Where `len` bytes fit behind the newest frame, in one piece.
    fn gap(&self, len: usize) -> Option<usize> {
        if self.entries.is_full() {
            return None;
        }
        let (Some(first), Some(last)) = (self.entries.front(), self.entries.back()) else {
            return (len <= BYTES).then_some(0);
        };
        let (head, tail) = (
            first.start as usize,
            last.start as usize + usize::from(last.len),
        );
        if head < tail {
            // Free are the end and the beginning.
            if len <= BYTES - tail {
                Some(tail)
            } else {
                (len <= head).then_some(0)
            }
        } else {
            (len <= head - tail).then_some(tail)
        }
    }
}

/// How long to wait for an acknowledgement: doubling from the first to the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    pub ms_min: u32,
    pub ms_max: u32,
}

/// Whether a frame goes out for the first time on this connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sending {
    First,
    Again,
}

/// Boot and sequence of sealed bytes.
pub(crate) fn place_of(frame: &[u8]) -> Option<Kept> {
    Header::peek(frame).ok().map(|header| header.place())
}

fn frame_of<'a>(bytes: &'a [u8], entry: &Entry) -> &'a [u8] {
    let start = entry.start as usize;
    bytes
        .get(start..start + usize::from(entry.len))
        .unwrap_or_default()
}
