//! The boot counter: a number that no two lives of a node share, kept in two slots of a board's memory.
//!
//! A boot number is part of every frame's nonce, so it must never come twice under one key: not after a power cut
//! in the middle of writing it, and not when the memory was replaced (the page's `boots_from` is for that).
//! The slot that does not hold the greatest number is the one to write, so a torn write costs nothing.

/// Bytes of a slot: the number, and its complement.
pub const SLOT_LEN: usize = 8;

/// What a start has to write before the node speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Started {
    /// The number of this life.
    pub boot: u32,
    /// Which slot to write.
    pub slot: usize,
    pub bytes: [u8; SLOT_LEN],
}

/// The next life after those that `slots` remember, and never below `boots_from`; `None` when numbers have run out.
pub fn start(slots: [[u8; SLOT_LEN]; 2], boots_from: u32) -> Option<Started> {
    let [first, second] = slots.map(number);
    let boot = match first.max(second) {
        Some(last) => last.checked_add(1)?.max(boots_from),
        None => boots_from,
    };
    let [n0, n1, n2, n3] = boot.to_be_bytes();
    Some(Started {
        boot,
        slot: usize::from(first > second),
        bytes: [n0, n1, n2, n3, !n0, !n1, !n2, !n3],
    })
}

/// The number in a slot; an erased or torn one has none.
fn number(slot: [u8; SLOT_LEN]) -> Option<u32> {
    let [n0, n1, n2, n3, complement @ ..] = slot;
    let number = [n0, n1, n2, n3];
    (complement == number.map(|byte| !byte)).then(|| u32::from_be_bytes(number))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lives_are_counted_and_numbers_run_out() {
        for blank in [0x00, 0xff] {
            let mut slots = [[blank; SLOT_LEN]; 2];
            for life in 7..20 {
                let started = start(slots, 7).unwrap();
                assert_eq!(started.boot, life);
                slots[started.slot] = started.bytes;
            }
            assert_eq!(start(slots, 100).unwrap().boot, 100);
            let last = start(slots, u32::MAX).unwrap();
            slots[last.slot] = last.bytes;
            assert_eq!(start(slots, 0), None);
        }
    }

    proptest! {
        /// Power fails while a slot is written, at any byte, again and again: no number comes twice.
        #[test]
        fn a_torn_write_repeats_nothing(cuts in proptest::collection::vec(0..=SLOT_LEN, 1..40)) {
            let mut slots = [[0xff; SLOT_LEN]; 2];
            let mut spoken = None;
            for cut in cuts {
                let started = start(slots, 0).unwrap();
                slots[started.slot][..cut].copy_from_slice(&started.bytes[..cut]);
                // A node speaks only after the whole slot is written.
                if cut == SLOT_LEN {
                    prop_assert!(spoken < Some(started.boot));
                    spoken = Some(started.boot);
                }
            }
        }

        #[test]
        fn no_bytes_do_harm(slots in any::<[[u8; SLOT_LEN]; 2]>(), boots_from in any::<u32>()) {
            if let Some(started) = start(slots, boots_from) {
                prop_assert!(started.boot >= boots_from && started.slot < 2);
            }
        }
    }
}
