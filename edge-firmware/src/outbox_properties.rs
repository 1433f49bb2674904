//! The ring against an obvious model: a map of everything that was put in.
//!
//! Whatever is pushed, settled and sent in whatever order, the ring holds byte for byte what the model says is
//! neither settled nor counted as overwritten.

extern crate std;

use std::collections::BTreeMap;
use std::vec;
use std::vec::Vec;

use proptest::collection;
use proptest::prelude::*;
use wire::{Header, Lane, Settled};

use crate::outbox::{Outbox, Patience};
use crate::store::NoStore;

const PATIENCE: Patience = Patience {
    ms_min: 100,
    ms_max: 400,
};

/// Small, so that both bounds are met often: 10 frames, and about four of the longest.
type Ring = Outbox<10, 1200>;

#[derive(Clone, Debug)]
enum Move {
    Push {
        len: usize,
    },
    /// `ahead` counts from the oldest kept.
    Settle {
        ahead: u32,
        from: u32,
        bitmap: u64,
    },
    Send,
    Reconnect,
    Pass {
        ms: u64,
    },
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        4 => (27..400_usize).prop_map(|len| Move::Push { len }),
        2 => (0..4_u32, prop_oneof![Just(0_u32), 0..40_u32], any::<u64>(), any::<u64>())
            .prop_map(|(ahead, from, one, two)| Move::Settle { ahead, from, bitmap: one & two }),
        3 => Just(Move::Send),
        1 => Just(Move::Reconnect),
        1 => (0..500_u64).prop_map(|ms| Move::Pass { ms }),
    ];
    collection::vec(one, 0..120)
}

/// A frame of `len` bytes, as far as an outbox looks at it.
fn sealed(sequence: u32, len: usize) -> Vec<u8> {
    let header = Header {
        generation: 0,
        lane: Lane::Normal,
        boot: 0,
        sequence,
    };
    let mut bytes = header.to_bytes().to_vec();
    bytes.resize(len, sequence as u8);
    bytes
}

/// The ring, and everything in it as it should be.
struct Pair {
    ring: Ring,
    model: BTreeMap<u32, Vec<u8>>,
    settled: u64,
    overwritten: u64,
    now_ms: u64,
}

impl Pair {
    fn push(&mut self, len: usize) {
        let sequence = self.ring.next_sequence();
        let sealed = sealed(sequence, len);
        assert!(self.ring.push(&mut NoStore, &sealed));
        self.model.insert(sequence, sealed);
        let oldest = self.ring.oldest_kept(0).sequence;
        let before = self.model.len();
        self.model.retain(|&kept, _| kept >= oldest);
        self.overwritten += (before - self.model.len()) as u64;
    }

    fn settle(&mut self, settled: Settled) {
        self.ring.settle(&mut NoStore, &settled, 0);
        if settled.below <= self.ring.next_sequence() {
            let before = self.model.len();
            self.model.retain(|&sequence, _| !settled.covers(sequence));
            self.settled += (before - self.model.len()) as u64;
        }
    }

    fn send(&mut self) {
        let due_ms = self.ring.next_due_ms(64);
        match self.ring.take_due(self.now_ms, 64, PATIENCE) {
            Some(place) => {
                assert!(due_ms.is_some_and(|due_ms| due_ms <= self.now_ms));
                let frame = self.ring.frame(place);
                assert!(self.model.values().any(|kept| kept == frame));
            }
            None => assert!(due_ms.is_none_or(|due_ms| due_ms > self.now_ms)),
        }
    }

    /// After a reconnect everything kept comes out, oldest first, and nothing else.
    fn check(&mut self) {
        let counters = self.ring.counters();
        assert_eq!(self.ring.kept(), self.model.len() as u64);
        assert_eq!(counters.settled, self.settled);
        assert_eq!(counters.overwritten, self.overwritten);
        let oldest = self.model.keys().next().copied();
        assert_eq!(
            self.ring.oldest_kept(0).sequence,
            oldest.unwrap_or(self.ring.next_sequence())
        );
        self.ring.reconnected();
        for kept in self.model.values() {
            let place = self.ring.take_due(self.now_ms, 64, PATIENCE).unwrap();
            assert_eq!(self.ring.frame(place), kept);
        }
        assert_eq!(self.ring.take_due(self.now_ms, 64, PATIENCE), None);
    }
}

proptest! {
    #[test]
    fn the_ring_keeps_what_the_model_keeps(moves in moves()) {
        let mut pair = Pair {
            ring: Ring::new(Lane::Normal),
            model: BTreeMap::new(),
            settled: 0,
            overwritten: 0,
            now_ms: 0,
        };
        for one in moves {
            match one {
                Move::Push { len } => pair.push(len),
                Move::Settle { ahead, from, bitmap } => pair.settle(Settled {
                    boot: 0,
                    lane: Lane::Normal,
                    from,
                    below: pair.ring.oldest_kept(0).sequence + ahead,
                    bitmap,
                }),
                Move::Send => pair.send(),
                Move::Reconnect => pair.check(),
                Move::Pass { ms } => pair.now_ms += ms,
            }
        }
        pair.check();
    }
}

#[test]
fn what_fits_is_not_overwritten() {
    let mut ring = Ring::new(Lane::Normal);
    for sequence in 0..10 {
        assert!(ring.push(&mut NoStore, &sealed(sequence, 120)));
    }
    assert_eq!(ring.counters().overwritten, 0);
    assert!(ring.push(&mut NoStore, &sealed(10, 120)));
    assert_eq!(ring.counters().overwritten, 1);
    assert_eq!(ring.oldest_kept(0).sequence, 1);
    assert!(!ring.push(&mut NoStore, &sealed(11, 1201)));
}

#[test]
fn a_claim_about_frames_that_never_were_settles_nothing() {
    let mut ring = Ring::new(Lane::Normal);
    ring.push(&mut NoStore, &sealed(0, 60));
    let claim = |below| Settled {
        boot: 0,
        lane: Lane::Normal,
        from: 0,
        below,
        bitmap: u64::MAX,
    };
    ring.settle(&mut NoStore, &claim(2), 0);
    assert_eq!(ring.kept(), 1);
    ring.settle(&mut NoStore, &claim(1), 0);
    assert_eq!(ring.kept(), 0);
}

#[test]
fn unanswered_frames_wait_longer_each_time_and_the_window_holds() {
    let mut ring = Ring::new(Lane::Normal);
    for name in 0..3 {
        ring.push(&mut NoStore, &sealed(name, 60));
    }
    let mut sent_ms: BTreeMap<u8, Vec<u64>> = BTreeMap::new();
    for now_ms in 0..2_000 {
        while let Some(place) = ring.take_due(now_ms, 1, PATIENCE) {
            let name = ring.frame(place)[59];
            sent_ms.entry(name).or_default().push(now_ms);
        }
    }
    // The oldest, after 100, 200, 400 and then always 400 ms; the others wait their turn.
    let moments = vec![0, 100, 300, 700, 1100, 1500, 1900];
    assert_eq!(sent_ms, BTreeMap::from([(0, moments)]));
    assert_eq!(ring.counters().resent, 6);
}

/// A gateway that was away comes back: what was sent to nobody is sent again at once, and once.
#[test]
fn what_was_passed_by_a_frame_that_arrived_is_due_at_once() {
    let mut ring = Ring::new(Lane::Normal);
    for name in 0..4 {
        ring.push(&mut NoStore, &sealed(name, 60));
    }
    let due = |ring: &mut Ring| {
        std::iter::from_fn(|| {
            ring.take_due(0, 64, PATIENCE)
                .map(|place| ring.frame(place)[10])
        })
        .collect::<Vec<u8>>()
    };
    assert_eq!(due(&mut ring), [0, 1, 2, 3]);
    let only = |sequence| Settled {
        boot: 0,
        lane: Lane::Normal,
        from: sequence,
        below: sequence + 1,
        bitmap: 0,
    };
    ring.settle(&mut NoStore, &only(2), 0);
    assert_eq!(due(&mut ring), [0, 1]);
    ring.settle(&mut NoStore, &only(3), 0);
    assert_eq!(due(&mut ring), [], "they went out after that one");
}
