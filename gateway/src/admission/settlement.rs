//! Which sequences of one boot and lane are settled: all below one, and runs above the first hole.

use serde::{Deserialize, Serialize};
use wire::limits::BITMAP_LEN;

/// Runs of settled sequences above the first hole; one more closes the lowest hole.
pub(super) const RUNS_MAX: usize = 32;

/// Which sequences of one boot and lane are settled.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Settlement {
    /// All below this are.
    pub(super) below: u32,
    /// Half-open runs above, ascending, never touching each other or `below`.
    runs: Vec<(u32, u32)>,
}

impl Settlement {
    pub(super) fn covers(&self, sequence: u32) -> bool {
        sequence < self.below
            || self
                .runs
                .iter()
                .any(|&(from, to)| (from..to).contains(&sequence))
    }

    /// Sequences below the highest that came which did not come yet.
    pub(super) fn missing(&self) -> u64 {
        let mut below = self.below;
        let holes = self.runs.iter().map(|&(from, to)| {
            let hole = u64::from(from.saturating_sub(below));
            below = to;
            hole
        });
        holes.sum()
    }

    /// No more will come: what lies between the runs is lost; answers how much that is.
    pub(super) fn close(&mut self) -> u32 {
        let end = self.runs.last().map_or(self.below, |&(_, to)| to);
        self.skip_to(end)
    }

    /// The run to speak of when this sequence waits for an answer: the lowest with what the bitmap reaches, or its own.
    pub(super) fn around(&self, sequence: u32) -> (u32, u32) {
        if sequence.saturating_sub(self.below) < BITMAP_LEN {
            return (0, self.below);
        }
        let mut runs = self.runs.iter();
        runs.find(|&&(from, to)| (from..to).contains(&sequence))
            .map_or((0, self.below), |&run| run)
    }

    /// Everything below `to` counts as settled; answers how many of them never came.
    pub(super) fn skip_to(&mut self, to: u32) -> u32 {
        if to <= self.below {
            return 0;
        }
        let heard: u32 = self
            .runs
            .iter()
            .map(|&(from, until)| until.min(to).saturating_sub(from))
            .sum();
        let lost = to - self.below - heard;
        self.below = to;
        self.absorb();
        lost
    }

    pub(super) fn insert(&mut self, sequence: u32) {
        if self.covers(sequence) {
            return;
        }
        // The very last sequence cannot be below anything; a boot ends before it.
        let end = sequence.saturating_add(1);
        let place = self.runs.partition_point(|&(from, _)| from < sequence);
        self.runs.insert(place, (sequence, end));
        // Joins with its neighbours.
        if let Some(&(next, until)) = self.runs.get(place + 1)
            && next == end
        {
            self.runs[place].1 = until;
            self.runs.remove(place + 1);
        }
        if place > 0 && self.runs[place - 1].1 == sequence {
            self.runs[place - 1].1 = self.runs[place].1;
            self.runs.remove(place);
        }
        if self.runs.len() > RUNS_MAX {
            self.below = self.runs[0].0;
        }
        self.absorb();
    }

    /// Runs that `below` has reached become part of it.
    fn absorb(&mut self) {
        while let Some(&(from, to)) = self.runs.first()
            && from <= self.below
        {
            self.below = self.below.max(to);
            self.runs.remove(0);
        }
    }

    /// What is settled from `below` on.
    pub(super) fn bitmap(&self, below: u32) -> u64 {
        let mut bitmap = 0;
        for &(from, to) in self.runs.iter().filter(|&&(from, _)| from >= below) {
            let first = u64::from(from - below);
            let end = u64::from(to - below).min(64);
            for bit in first..end {
                bitmap |= 1 << bit;
            }
        }
        bitmap
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        /// Runs and bitmap say the same as a plain set of everything that came.
        #[test]
        fn settlement_is_a_set(sequences in prop::collection::vec((0_u32..90, 0_u32..90), 0..60)) {
            let mut settlement = Settlement::default();
            let mut set = BTreeSet::new();
            let mut floor = 0;
            for (sequence, kept) in sequences {
                let kept = kept.min(sequence);
                let missing = (floor..kept.max(floor)).filter(|s| !set.contains(s)).count();
                prop_assert_eq!(settlement.skip_to(kept) as usize, missing);
                floor = floor.max(kept);
                settlement.insert(sequence);
                set.insert(sequence);
                for asked in 0..100 {
                    let oracle = asked < floor || set.contains(&asked);
                    prop_assert_eq!(settlement.covers(asked), oracle, "{}", asked);
                    let ahead = asked.wrapping_sub(settlement.below);
                    if ahead < 64 {
                        prop_assert_eq!(settlement.bitmap(settlement.below) >> ahead & 1 == 1, oracle);
                    }
                }
                while set.contains(&floor) {
                    floor += 1;
                }
            }
        }

        /// However the sequences are scattered, what is kept stays small and what came stays settled.
        #[test]
        fn settlement_is_bounded(sequences in prop::collection::vec(any::<u32>(), 0..200)) {
            let mut settlement = Settlement::default();
            for sequence in sequences {
                settlement.insert(sequence);
                prop_assert!(settlement.runs.len() <= RUNS_MAX);
                prop_assert!(settlement.covers(sequence) || sequence == u32::MAX);
            }
        }
    }
}
