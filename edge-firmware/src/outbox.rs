//! What waits for its acknowledgement: sealed frames in a bounded ring of bytes.
//!
//! A frame leaves in two ways only: the gateway has settled it, or a newer one needs its room; the second is
//! counted. Frames are sealed before they come here and never touched again, so what is resent is byte for
//! byte what was sent.

use heapless::Deque;
use wire::Settled;

use crate::limits::WINDOW_MAX;

/// One lane's ring of at most `FRAMES` frames in `BYTES` bytes.
#[derive(Debug)]
pub struct Outbox<const FRAMES: usize, const BYTES: usize> {
    /// In order of sequence without holes; the first is always unsettled.
    entries: Deque<Entry, FRAMES>,
    bytes: [u8; BYTES],
    /// Sequence that the next frame gets.
    next_sequence: u32,
    counters: Counters,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    start: u32,
    len: u16,
    settled: bool,
    /// How often it was sent on this connection.
    tries: u8,
    /// Not sent again before this uptime.
    resend_at_ms: u64,
}

/// What became of the frames of a lane since boot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Put in.
    pub closed: u64,
    /// Forgotten because the gateway has them.
    pub settled: u64,
    /// Lost because newer ones needed their room: closed = settled + overwritten + kept.
    pub overwritten: u64,
    /// Sent again without a reconnect in between.
    pub resent: u64,
}

/// How long to wait for an acknowledgement: doubling from the first to the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    pub ms_min: u32,
    pub ms_max: u32,
}

/// A frame to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place(usize);

impl<const FRAMES: usize, const BYTES: usize> Outbox<FRAMES, BYTES> {
    pub const fn new() -> Self {
        const { assert!(BYTES >= wire::limits::FRAME_LEN_MAX && BYTES <= u32::MAX as usize) };
        Outbox {
            entries: Deque::new(),
            bytes: [0; BYTES],
            next_sequence: 0,
            counters: Counters {
                closed: 0,
                settled: 0,
                overwritten: 0,
                resent: 0,
            },
        }
    }

    pub fn next_sequence(&self) -> u32 {
        self.next_sequence
    }

    /// Oldest sequence still kept; that of the next frame if there is none.
    pub fn oldest_kept(&self) -> u32 {
        // Never more entries than sequences given out.
        self.next_sequence - self.entries.len() as u32
    }

    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// Frames that are neither settled nor overwritten.
    pub fn kept(&self) -> u64 {
        self.counters.closed - self.counters.settled - self.counters.overwritten
    }

    /// Overwrites the oldest frames until one of `len` bytes fits, so that it can say what is still kept.
    pub fn make_room(&mut self, len: usize) {
        while self.gap(len).is_none() && self.entries.pop_front().is_some() {
            self.counters.overwritten += 1;
            self.drop_settled();
        }
    }

    /// Keeps `sealed` under [`Outbox::next_sequence`].
    ///
    /// Answers `false` for a frame that could never fit, or when sequences have run out: after 2^32 frames
    /// the lane is closed until the next boot rather than use a nonce twice.
    pub fn push(&mut self, sealed: &[u8]) -> bool {
        let Some(after) = self.next_sequence.checked_add(1) else {
            return false;
        };
        self.make_room(sealed.len());
        let Some(start) = self.gap(sealed.len()) else {
            return false;
        };
        let Some(room) = self.bytes.get_mut(start..start + sealed.len()) else {
            return false;
        };
        room.copy_from_slice(sealed);
        let entry = Entry {
            start: start as u32,
            len: sealed.len() as u16,
            settled: false,
            tries: 0,
            resend_at_ms: 0,
        };
        if self.entries.push_back(entry).is_err() {
            return false;
        }
        self.next_sequence = after;
        self.counters.closed += 1;
        true
    }

    /// Forgets what the gateway has settled. A claim beyond the last frame is not about these frames: ignored.
    pub fn settle(&mut self, settled: &Settled) {
        if settled.below > self.next_sequence {
            return;
        }
        let oldest = self.oldest_kept();
        for (sequence, entry) in (oldest..).zip(self.entries.iter_mut()) {
            if !entry.settled && settled.covers(sequence) {
                entry.settled = true;
                self.counters.settled += 1;
            }
        }
        self.drop_settled();
    }

    /// The first frame of the window that is due, oldest first, and counts it as sent.
    pub fn take_due(&mut self, now_ms: u64, window: usize, patience: Patience) -> Option<Place> {
        let place = self
            .window(window)
            .find(|(_, entry)| entry.resend_at_ms <= now_ms)
            .map(|(place, _)| place)?;
        let entry = self.entries.get_mut(place)?;
        if entry.tries > 0 {
            self.counters.resent += 1;
        }
        let wait_ms = u64::from(patience.ms_min) << entry.tries.min(31);
        entry.resend_at_ms = now_ms.saturating_add(wait_ms.min(u64::from(patience.ms_max)).max(1));
        entry.tries = entry.tries.saturating_add(1);
        Some(Place(place))
    }

    /// When the next frame of the window is due.
    pub fn next_due_ms(&self, window: usize) -> Option<u64> {
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

    /// The bytes of a frame that [`Outbox::take_due`] has just named.
    pub fn frame(&self, place: Place) -> &[u8] {
        self.entries
            .get(place.0)
            .and_then(|entry| {
                let start = entry.start as usize;
                self.bytes.get(start..start + usize::from(entry.len))
            })
            .unwrap_or_default()
    }

    /// A new connection: nothing that was on its way can be relied on, all is due again.
    pub fn reconnected(&mut self) {
        for entry in self.entries.iter_mut() {
            entry.tries = 0;
            entry.resend_at_ms = 0;
        }
    }

    /// Restores that the first entry is unsettled; the others were counted when they were marked.
    fn drop_settled(&mut self) {
        while self.entries.pop_front_if(|entry| entry.settled).is_some() {}
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

impl<const FRAMES: usize, const BYTES: usize> Default for Outbox<FRAMES, BYTES> {
    fn default() -> Self {
        Outbox::new()
    }
}
