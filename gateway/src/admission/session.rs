//! What the gateway remembers of one node: boots, which sequences are settled, and each boot's clock.
//!
//! Bounded whatever the node says. It is a pure function of the node's journaled frames, in their order: a
//! restart rebuilds it from a snapshot of it and the frames after that, or from all of them.

use pipeline::calendar::Millis;
use serde::{Deserialize, Serialize};
use wire::Lane;
use wire::ack::Settled;
use wire::frame::Kept;
use wire::limits::SETTLED_MAX;

use super::settlement::Settlement;
use crate::journal::{FrameRecord, HeldReading};

/// Boots that are remembered; a frame of an older one counts as a duplicate. A node that lost its power again and again
/// in an outage sends what it kept oldest first, but alarms before all else.
pub const BOOTS_MAX: usize = 64;
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

    /// When the newest start of the node began, where its clock is known.
    pub fn started(&self) -> Option<Millis> {
        self.boots.last()?.offset
    }

    /// Frames that are known to be missing: holes in the sequences of all boots and lanes.
    pub fn missing(&self) -> u64 {
        let lanes = self.boots.iter().flat_map(|boot| &boot.lanes);
        lanes.map(Settlement::missing).sum()
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

    /// The numbers of the settings that the node goes by and that it refused last, once it has said so.
    pub fn goes_by(&self) -> Option<(u32, u32)> {
        self.goes_by.map(|now| (now.settings, now.refused))
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

fn place(lane: Lane) -> usize {
    usize::from(lane.code())
}

#[cfg(test)]
mod tests {
    use super::super::settlement::RUNS_MAX;
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
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
    }
}
