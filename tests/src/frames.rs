//! The frames on a gateway's disk, as its journal has them.

use std::collections::BTreeMap;
use std::path::Path;

use gateway::journal::{self, Record};
use wire::{Lane, Milli};

/// Values by node, boot, lane and sequence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frames(BTreeMap<(u32, u32, u8, u32), Vec<Milli>>);

impl Frames {
    /// Everything below `data`; panics where a frame counts twice.
    #[allow(clippy::unwrap_used)]
    pub fn on_disk(data: &Path) -> Frames {
        let (mut frames, mut waiting) = (Frames::default(), Frames::default());
        for entry in journal::read(data).unwrap() {
            let Record::Frames(records) = entry.unwrap().1 else {
                continue;
            };
            for record in records {
                let key = (record.node.0, record.boot, record.lane, record.sequence);
                // The first frame of a life does not know the time; its readings wait until another tells it.
                let held: Vec<Milli> = record.held.iter().map(|reading| reading.value).collect();
                let timed = record.readings.iter().map(|reading| reading.value);
                let (into, values) = match held.is_empty() {
                    true => (&mut frames, timed.collect()),
                    false => (&mut waiting, held),
                };
                let before = into.0.insert(key, values);
                assert_eq!(before, None, "{key:?} was admitted twice");
            }
        }
        for (key, held) in waiting.0 {
            assert_eq!(*frames.0.entry(key).or_insert(held.clone()), held);
        }
        frames
    }

    /// Those of one node.
    pub fn of(&self, node: u32) -> Frames {
        let own = self.0.iter().filter(|(key, _)| key.0 == node);
        Frames(own.map(|(key, values)| (*key, values.clone())).collect())
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn values(&self) -> impl Iterator<Item = Milli> {
        self.0.values().flatten().copied()
    }

    /// The values of one frame.
    pub fn frame(&self, node: u32, boot: u32, lane: Lane, sequence: u32) -> Option<&[Milli]> {
        let key = (node, boot, lane.code(), sequence);
        self.0.get(&key).map(Vec::as_slice)
    }

    /// Boots that said something.
    pub fn boots(&self) -> Vec<u32> {
        let mut boots: Vec<u32> = self.0.keys().map(|key| key.1).collect();
        boots.dedup();
        boots
    }

    /// Sequences in a lane of a boot, in order.
    pub fn sequences(&self, boot: u32, lane: Lane) -> Vec<u32> {
        let own = self
            .0
            .keys()
            .filter(|key| (key.1, key.2) == (boot, lane.code()));
        own.map(|key| key.3).collect()
    }

    pub fn in_lane(&self, lane: Lane) -> usize {
        self.0.keys().filter(|key| key.2 == lane.code()).count()
    }

    /// What every node said arrived from its first frame to its last, in each boot and lane.
    #[track_caller]
    pub fn check_no_hole(&self) {
        let mut next = BTreeMap::new();
        for &(node, boot, lane, sequence) in self.0.keys() {
            let next = next.entry((node, boot, lane)).or_insert(0);
            assert_eq!(
                sequence, *next,
                "a hole in lane {lane} of boot {boot} of node {node}"
            );
            *next += 1;
        }
    }
}
