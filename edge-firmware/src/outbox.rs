//! What waits for its acknowledgement: the sealed frames of one lane, in the store and in RAM.
//!
//! A frame leaves in two ways only: the gateway has settled it, or a newer one needs its room; the second is
//! counted, as is a frame that the store could not give back.
//!
//! With a [`Store`] every frame is written there before it is sent for the first time. RAM holds the oldest of them,
//! those that may be on their way; when they are settled, the next ones are fetched. Without a store RAM is all there is.

use wire::{Kept, Lane, Settled};

pub use crate::ring::{Patience, Place};
use crate::ring::{Ring, Sending, place_of};
use crate::store::{Step, Store, StoreError};

/// One lane, of whose frames at most `FRAMES` in `BYTES` bytes are in RAM.
#[derive(Debug)]
pub struct Outbox<const FRAMES: usize, const BYTES: usize> {
    lane: Lane,
    /// The oldest frames. Empty only when nothing is kept.
    ring: Ring<FRAMES, BYTES>,
    /// Newer frames, in the store only.
    behind: u64,
    /// Sequence that the next frame gets.
    next_sequence: u32,
    counters: Counters,
    troubles: Troubles,
}

/// What became of the frames of a lane since boot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Put in.
    pub closed: u64,
    /// Found in the store, from earlier lives.
    pub restored: u64,
    /// Forgotten because the gateway has them.
    pub settled: u64,
    /// Lost because newer ones needed their room.
    pub overwritten: u64,
    /// Lost because the store could not take them or give them back:
    /// closed + restored = settled + overwritten + lost + kept.
    pub lost: u64,
    /// Sent again without a reconnect in between.
    pub resent: u64,
}

/// What went wrong with the store of a lane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Troubles {
    /// Frames that should have been between those that were found at the start: damaged, or never written.
    pub damaged: u64,
    /// Records found at the start that are no frames of this node and key, and were dropped.
    pub foreign: u64,
    /// Times that it could not be read or written.
    pub failures: u64,
}

impl<const FRAMES: usize, const BYTES: usize> Outbox<FRAMES, BYTES> {
    pub const fn new(lane: Lane) -> Self {
        Outbox {
            lane,
            ring: Ring::new(),
            behind: 0,
            next_sequence: 0,
            counters: Counters {
                closed: 0,
                restored: 0,
                settled: 0,
                overwritten: 0,
                lost: 0,
                resent: 0,
            },
            troubles: Troubles {
                damaged: 0,
                foreign: 0,
                failures: 0,
            },
        }
    }

    /// Takes over what earlier lives left in the store. What is not `ours` is of no use and is dropped, and so is what
    /// is older than the frame before it.
    pub fn restore(&mut self, store: &mut impl Store, ours: impl Fn(&[u8]) -> bool) {
        let (mut last, mut kept) = (None, 0);
        let troubles = &mut self.troubles;
        let walked = store.walk(self.lane, |frame| match place_of(frame) {
            Some(place) if last < Some(place) && ours(frame) => {
                troubles.damaged += missing(last, place);
                last = Some(place);
                kept += 1;
                Step::Keep
            }
            _ => {
                troubles.foreign += 1;
                Step::Forget
            }
        });
        self.counters.restored = kept;
        self.behind = kept;
        match walked {
            Ok(()) => self.refill(store),
            Err(error) => self.failed(store, error),
        }
    }

    pub fn next_sequence(&self) -> u32 {
        self.next_sequence
    }

    /// Oldest frame still kept; that of the next frame, in the life `boot`, if there is none.
    pub fn oldest_kept(&self, boot: u32) -> Kept {
        let next = Kept {
            boot,
            sequence: self.next_sequence,
        };
        self.ring.front().unwrap_or(next)
    }

    pub fn counters(&self) -> Counters {
        self.counters
    }

    pub fn troubles(&self) -> Troubles {
        self.troubles
    }

    /// Frames that are neither settled nor lost.
    pub fn kept(&self) -> u64 {
        let counters = &self.counters;
        (counters.closed + counters.restored)
            - (counters.settled + counters.overwritten + counters.lost)
    }

    /// Overwrites the oldest frames until one of `len` bytes fits, so that it can say what is still kept.
    pub fn make_room<S: Store>(&mut self, store: &mut S, len: usize) {
        if !S::IS_THERE {
            return self.make_room_in_ram(store, len);
        }
        loop {
            let done = match store.has_room(self.lane, len) {
                Ok(true) => return,
                Ok(false) => self.drop_oldest(store),
                Err(error) => Err(error),
            };
            if let Err(error) = done {
                return self.failed(store, error);
            }
        }
    }

    /// Keeps `sealed` under [`Outbox::next_sequence`].
    ///
    /// Answers `false` for a frame that could never fit, or when sequences have run out: after 2^32 frames
    /// the lane is closed until the next boot rather than use a nonce twice.
    pub fn push<S: Store>(&mut self, store: &mut S, sealed: &[u8]) -> bool {
        let Some(after) = self.next_sequence.checked_add(1) else {
            return false;
        };
        if sealed.len() > BYTES {
            return false;
        }
        self.make_room(store, sealed.len());
        let is_stored = S::IS_THERE && self.write(store, sealed);
        if !is_stored && self.behind == 0 {
            self.make_room_in_ram(store, sealed.len());
        }
        // Not past others that wait in the store.
        let is_in_ram = self.behind == 0 && self.ring.push(sealed);
        match (is_in_ram, is_stored) {
            (true, _) => {}
            (false, true) => self.behind += 1,
            (false, false) => self.counters.lost += 1,
        }
        self.next_sequence = after;
        self.counters.closed += 1;
        true
    }

    /// Forgets what the gateway has settled, of the life `boot` or an earlier one; answers whether anything was. A
    /// claim beyond the last frame is not about these frames: ignored.
    pub fn settle(&mut self, store: &mut impl Store, settled: &Settled, boot: u32) -> bool {
        if settled.boot == boot && settled.below > self.next_sequence {
            return false;
        }
        let news = self.ring.settle(settled);
        self.counters.settled += news;
        self.drop_settled(store);
        news > 0
    }

    /// The first frame of the window that is due, oldest first, and counts it as sent.
    pub fn take_due(&mut self, now_ms: u64, window: usize, patience: Patience) -> Option<Place> {
        let (place, sending) = self.ring.take_due(now_ms, window, patience)?;
        self.counters.resent += u64::from(sending == Sending::Again);
        Some(place)
    }

    /// When the next frame of the window is due.
    pub fn next_due_ms(&self, window: usize) -> Option<u64> {
        self.ring.next_due_ms(window)
    }

    /// The bytes of a frame that [`Outbox::take_due`] has just named.
    pub fn frame(&self, place: Place) -> &[u8] {
        self.ring.frame(place)
    }

    /// A new connection: nothing that was on its way can be relied on, all is due again.
    pub fn reconnected(&mut self) {
        self.ring.reconnected();
    }

    /// Writes to the store, and once more after a failure: at the next place, or after it was erased.
    fn write(&mut self, store: &mut impl Store, sealed: &[u8]) -> bool {
        (0..2).any(|_| {
            let pushed = store.push(self.lane, sealed);
            if let Err(error) = pushed {
                self.failed(store, error);
            }
            pushed.is_ok()
        })
    }

    fn make_room_in_ram(&mut self, store: &mut impl Store, len: usize) {
        while !self.ring.fits(len) && self.ring.pop() {
            self.counters.overwritten += 1;
            self.drop_settled(store);
        }
    }

    /// Drops the store's oldest frame.
    fn drop_oldest(&mut self, store: &mut impl Store) -> Result<(), StoreError> {
        let mut dropped = None;
        store.walk(self.lane, |frame| match dropped {
            None => {
                dropped = Some(place_of(frame));
                Step::Forget
            }
            Some(_) => Step::Stop,
        })?;
        // Full, and nothing in it.
        let place = dropped.ok_or(StoreError::Unreadable)?;
        if place.is_some() && place == self.ring.front() {
            self.ring.pop();
            self.counters.overwritten += 1;
        } else if self.behind > 0 && place > self.ring.front() {
            self.behind -= 1;
            self.counters.overwritten += 1;
        }
        self.drop_settled(store);
        Ok(())
    }

    /// Restores that the first frame is unsettled; the others were counted when they were marked.
    fn drop_settled(&mut self, store: &mut impl Store) {
        while let Some(place) = self.ring.pop_settled() {
            let mut is_first = true;
            let walked = store.walk(self.lane, |frame| {
                let is_it = is_first && place_of(frame) == Some(place);
                is_first = false;
                match is_it {
                    true => Step::Forget,
                    false => Step::Stop,
                }
            });
            if let Err(error) = walked {
                self.failed(store, error);
            }
        }
        self.refill(store);
    }

    /// Fetches the next frames from the store when those in RAM are gone.
    fn refill(&mut self, store: &mut impl Store) {
        if self.behind == 0 || !self.ring.is_empty() {
            return;
        }
        let ring = &mut self.ring;
        let (mut fetched, mut more) = (0_u64, 0);
        let walked = store.walk(self.lane, |frame| {
            if ring.push(frame) {
                fetched += 1;
                return Step::Keep;
            }
            more = 1;
            Step::Stop
        });
        // The store may have fewer than it was given, and after a damage that heals also more.
        let found = fetched + more;
        self.counters.restored += found.saturating_sub(self.behind);
        self.behind = self.behind.max(found) - fetched;
        if let Err(error) = walked {
            self.failed(store, error);
        }
        if more == 0 || self.ring.is_empty() {
            self.counters.lost += self.behind;
            self.behind = 0;
        }
    }

    /// One that cannot be read is of no use; one that does not answer may be back in the next life.
    fn failed(&mut self, store: &mut impl Store, error: StoreError) {
        self.troubles.failures += 1;
        if error == StoreError::Unreadable {
            self.counters.lost += self.behind;
            self.behind = 0;
            if store.erase(self.lane).is_err() {
                self.troubles.failures += 1;
            }
        }
    }
}

/// Frames that were closed between two that were found.
fn missing(last: Option<Kept>, place: Kept) -> u64 {
    let missing = match last {
        None => 0,
        Some(last) if last.boot == place.boot => place.sequence - last.sequence - 1,
        Some(_) => place.sequence,
    };
    u64::from(missing)
}
