//! What the gateway remembers of one node: boots, which sequences are settled, and each boot's clock.
//!
//! Bounded whatever the node says. It is a pure function of the node's journaled frames, in their order: a
//! restart rebuilds it from a snapshot of it and the frames after that, or from all of them.

use pipeline::calendar::Millis;
use serde::{Deserialize, Serialize};
use wire::Lane;
use wire::ack::Settled;
use wire::frame::Kept;
use wire::limits::{BITMAP_LEN, SETTLED_MAX};

use crate::journal::{FrameRecord, HeldReading};

/// Boots that are remembered; a frame of an older one counts as a duplicate.
pub const BOOTS_MAX: usize = 8;
/// Runs of settled sequences above the first hole, per boot and lane; one more closes the lowest hole.
const RUNS_MAX: usize = 32;
/// Readings of one boot that wait for its clock; further ones are journaled and never shown.
pub const HELD_MAX: usize = 1_024;

/// One node's session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Highest key generation that opened a frame; lower ones are retired.
    pub generation: u8,
    /// Ascending by number.
    boots: Vec<Boot>,
    /// Boots below this were forgotten.
    boots_from: u32,
    /// What the node's newest frame said of its settings.
    goes_by: Option<GoesBy>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct GoesBy {
    boot: u32,
    sequence: u32,
    settings: u32,
    refused: u32,
}

/// The frames that wait for an answer: the latest of each boot and lane, few of them.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    frames: heapless::Deque<(Lane, Kept), SETTLED_MAX>,
}

impl Asked {
    pub fn note(&mut self, lane: Lane, frame: Kept) {
        let same = |asked: &(Lane, Kept)| (asked.0, asked.1.boot) == (lane, frame.boot);
        if let Some(asked) = self.frames.iter_mut().find(|asked| same(asked)) {
            asked.1 = frame;
            return;
        }
        if self.frames.is_full() {
            // It will ask again.
            self.frames.pop_front();
        }
        let fitted = self.frames.push_back((lane, frame));
        debug_assert!(fitted.is_ok());
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Boot {
    number: u32,
    lanes: [Settlement; 2],
    /// Wall time minus uptime.
    offset: Option<Millis>,
    /// Frames with readings that wait for `offset`.
    held: Vec<Held>,
}

/// A frame's readings that wait for their boot's clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Wire code of the lane.
    lane: u8,
    pub sequence: u32,
    pub readings: Vec<HeldReading>,
}

impl Held {
    pub fn lane(&self) -> Lane {
        Lane::from_code(self.lane).unwrap_or(Lane::Normal)
    }
}

/// Which sequences of one boot and lane are settled.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Settlement {
    /// All below this are.
    below: u32,
    /// Half-open runs above, ascending, never touching each other or `below`.
    runs: Vec<(u32, u32)>,
}

impl Session {
    /// An authentic frame was sealed with a key of this generation; a newer key is a node provisioned anew, whose
    /// boots count from the start.
    pub fn turn_to(&mut self, generation: u8) {
        if generation > self.generation {
            *self = Session {
                generation,
                ..Session::default()
            };
        }
    }

    pub fn is_settled(&self, boot: u32, lane: Lane, sequence: u32) -> bool {
        boot < self.boots_from
            || self
                .boot(boot)
                .is_some_and(|boot| boot.lanes[place(lane)].covers(sequence))
    }

    /// The boot's clock, where it is known.
    pub fn offset(&self, boot: u32) -> Option<Millis> {
        self.boot(boot)?.offset
    }

    /// How many more readings of this boot can wait for its clock.
    pub fn room_to_hold(&self, boot: u32) -> usize {
        let held = self.boot(boot).map_or(0, |boot| {
            boot.held.iter().map(|held| held.readings.len()).sum()
        });
        HELD_MAX.saturating_sub(held)
    }

    /// Takes the readings that waited for the clock of `boot`.
    pub fn release(&mut self, boot: u32) -> Vec<Held> {
        self.boots
            .iter_mut()
            .find(|known| known.number == boot)
            .map(|known| std::mem::take(&mut known.held))
            .unwrap_or_default()
    }

    /// Takes note of a journaled frame; answers how many sequences below it were lost.
    pub fn note(&mut self, frame: &FrameRecord) -> u32 {
        self.turn_to(frame.generation);
        let lane = frame.lane();
        let place = place(lane);
        if lane == Lane::Normal && frame.settings != 0 {
            self.note_settings(frame);
        }
        // Boots before the oldest frame kept will say no more, whatever they left out.
        let older = self.boots.iter_mut();
        let lost: u32 = older
            .filter(|boot| boot.number < frame.kept_boot)
            .map(|boot| boot.lanes[place].close())
            .sum();
        let lost = match frame.kept_boot == frame.boot {
            true => lost,
            false => lost + self.skip(frame.kept_boot, place, frame.kept_sequence),
        };
        let Some(boot) = self.boot_mut(frame.boot) else {
            return lost;
        };
        if frame.offset.is_some() {
            boot.offset = frame.offset;
        }
        // A record of released readings names the frame that held them.
        boot.held
            .retain(|held| (held.lane, held.sequence) != (lane.code(), frame.sequence));
        if !frame.held.is_empty() {
            boot.held.push(Held {
                lane: lane.code(),
                sequence: frame.sequence,
                readings: frame.held.clone(),
            });
        }
        let settlement = &mut boot.lanes[place];
        let overwritten = match frame.kept_boot == frame.boot {
            true => settlement.skip_to(frame.kept_sequence.min(frame.sequence)),
            false => 0,
        };
        settlement.insert(frame.sequence);
        lost + overwritten
    }

    fn skip(&mut self, boot: u32, place: usize, to: u32) -> u32 {
        let mut boots = self.boots.iter_mut();
        boots
            .find(|known| known.number == boot)
            .map_or(0, |known| known.lanes[place].skip_to(to))
    }

    fn note_settings(&mut self, frame: &FrameRecord) {
        let place = (frame.boot, frame.sequence);
        if self
            .goes_by
            .is_none_or(|now| (now.boot, now.sequence) < place)
        {
            self.goes_by = Some(GoesBy {
                boot: frame.boot,
                sequence: frame.sequence,
                settings: frame.settings,
                refused: frame.settings_refused,
            });
        }
    }

    /// Whether the node has yet to hear of the settings with this number.
    pub fn is_to_be_told(&self, settings: u32) -> bool {
        self.goes_by
            .is_some_and(|now| now.settings != settings && now.refused != settings)
    }

    /// Whether the node refused the settings with this number.
    pub fn refuses(&self, settings: u32) -> bool {
        self.goes_by.is_some_and(|now| now.refused == settings)
    }

    /// How far all is settled around the frames that wait for an answer.
    pub fn settled(&self, asked: &Asked) -> heapless::Vec<Settled, SETTLED_MAX> {
        let entry = |&(lane, frame): &(Lane, Kept)| {
            let settlement = self.boot(frame.boot).map(|boot| &boot.lanes[place(lane)]);
            let (from, below) = match settlement {
                Some(settlement) => settlement.around(frame.sequence),
                // Forgotten, with all that it ever said.
                None => (frame.sequence, frame.sequence.saturating_add(1)),
            };
            Settled {
                boot: frame.boot,
                lane,
                from,
                below,
                bitmap: settlement.map_or(0, |settlement| settlement.bitmap(below)),
            }
        };
        asked.frames.iter().map(entry).collect()
    }

    fn boot(&self, number: u32) -> Option<&Boot> {
        self.boots.iter().find(|boot| boot.number == number)
    }

    /// The boot, made if it is new; `None` for one that was forgotten.
    fn boot_mut(&mut self, number: u32) -> Option<&mut Boot> {
        if number < self.boots_from {
            return None;
        }
        let place = match self.boots.binary_search_by_key(&number, |boot| boot.number) {
            Ok(place) => place,
            Err(place) => {
                let boot = Boot {
                    number,
                    ..Boot::default()
                };
                self.boots.insert(place, boot);
                if self.boots.len() <= BOOTS_MAX {
                    place
                } else {
                    let oldest = self.boots.remove(0);
                    self.boots_from = oldest.number.saturating_add(1);
                    // The new boot itself may have been the oldest.
                    place.checked_sub(1)?
                }
            }
        };
        self.boots.get_mut(place)
    }
}

impl Settlement {
    fn covers(&self, sequence: u32) -> bool {
        sequence < self.below
            || self
                .runs
                .iter()
                .any(|&(from, to)| (from..to).contains(&sequence))
    }

    /// No more will come: what lies between the runs is lost; answers how much that is.
    fn close(&mut self) -> u32 {
        let end = self.runs.last().map_or(self.below, |&(_, to)| to);
        self.skip_to(end)
    }

    /// The run to speak of when this sequence waits for an answer: the lowest with what the bitmap reaches, or its own.
    fn around(&self, sequence: u32) -> (u32, u32) {
        if sequence.saturating_sub(self.below) < BITMAP_LEN {
            return (0, self.below);
        }
        let mut runs = self.runs.iter();
        runs.find(|&&(from, to)| (from..to).contains(&sequence))
            .map_or((0, self.below), |&run| run)
    }

    /// Everything below `to` counts as settled; answers how many of them never came.
    fn skip_to(&mut self, to: u32) -> u32 {
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

    fn insert(&mut self, sequence: u32) {
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
    fn bitmap(&self, below: u32) -> u64 {
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

fn place(lane: Lane) -> usize {
    usize::from(lane.code())
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

        /// Wherever a frame lies, its answer covers it, and nothing that did not come.
        #[test]
        fn an_answer_covers_what_it_answers(sequences in prop::collection::vec(0_u32..400, 1..80)) {
            let frame = |sequence| FrameRecord {
                node: pipeline::city::NodeIx(0),
                generation: 0,
                lane: 0,
                boot: 3,
                sequence,
                kept_boot: 1,
                kept_sequence: 0,
                settings: 0,
                settings_refused: 0,
                received: 0,
                offset: None,
                readings: Vec::new(),
                held: Vec::new(),
                refused: 0,
            };
            let mut session = Session::default();
            let mut came = BTreeSet::new();
            for sequence in sequences {
                session.note(&frame(sequence));
                came.insert(sequence);
                let mut asked = Asked::default();
                asked.note(Lane::Normal, Kept { boot: 3, sequence });
                let settled = session.settled(&asked);
                prop_assert!(settled[0].covers(sequence));
                if came.len() < RUNS_MAX {
                    prop_assert!((0..500).all(|s| !settled[0].covers(s) || came.contains(&s)));
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
