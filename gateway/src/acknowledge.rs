//! Acknowledgements: only what the disk has is settled, and only a sealed word from here lets a node forget.
//!
//! Nodes are noted while a commit runs and answered together, at most once in a short while each: one
//! acknowledgement speaks for all frames before it, and a lost one is made good by the next.

use std::time::{Duration, Instant};

use pipeline::calendar::Millis;
use pipeline::city::NodeIx;
use wire::ack::{Ack, AckBytes, Settled, seal_ack};
use wire::limits::SETTLED_MAX;
use wire::topic::Channel;
use wire::{CityId, Key, NodeId, Settings, Topic};

/// Nodes are answered in rounds this far apart.
pub const ROUND: Duration = Duration::from_millis(50);

/// Who is to be answered, and the numbers that make each answer unique.
pub struct Acknowledger {
    city: CityId,
    epoch: u32,
    counter: u64,
    waiting: Vec<NodeIx>,
    /// By node number: it is in `waiting`.
    noted: Vec<bool>,
    next_round: Instant,
}

/// What one node is to hear, and the key that it opens it with.
pub struct Word {
    pub node: NodeId,
    pub key: Key,
    pub generation: u8,
    pub settled: heapless::Vec<Settled, SETTLED_MAX>,
    /// Other settings than it goes by.
    pub settings: Option<Settings>,
}

/// A sealed acknowledgement and its topic.
pub type Answer = (String, Vec<u8>);

impl Acknowledger {
    /// `epoch` was never used before by a gateway of this city, and is on disk.
    pub fn new(city: CityId, epoch: u32) -> Acknowledger {
        Acknowledger {
            city,
            epoch,
            counter: 0,
            waiting: Vec::new(),
            noted: Vec::new(),
            next_round: Instant::now(),
        }
    }

    /// The node has something new settled, or asked again.
    pub fn note(&mut self, node: NodeIx) {
        let place = node.0 as usize;
        if self.noted.len() <= place {
            self.noted.resize(place + 1, false);
        }
        if !std::mem::replace(&mut self.noted[place], true) {
            self.waiting.push(node);
        }
    }

    /// When the next round is due; `None` while nobody waits.
    pub fn due(&self) -> Option<Instant> {
        (!self.waiting.is_empty()).then_some(self.next_round)
    }

    /// Seals an answer for everybody who waits. `word` is what a node is to hear.
    pub fn round(
        &mut self,
        now: Millis,
        mut word: impl FnMut(NodeIx) -> Option<Word>,
    ) -> Vec<Answer> {
        self.next_round = Instant::now() + ROUND;
        let mut answers = Vec::with_capacity(self.waiting.len());
        for ix in std::mem::take(&mut self.waiting) {
            if let Some(noted) = self.noted.get_mut(ix.0 as usize) {
                *noted = false;
            }
            let Some(word) = word(ix) else {
                continue;
            };
            self.counter += 1;
            let ack = Ack {
                generation: word.generation,
                epoch: self.epoch,
                counter: self.counter,
                gateway_ms: now,
                settled: word.settled,
                settings: word.settings,
            };
            let mut sealed = AckBytes::new();
            // Fails only for a clock outside the years 1970 to 10889; then the node keeps what it has.
            if seal_ack(&ack, &word.key, &self.city, &word.node, &mut sealed).is_ok() {
                let topic = Topic::Node {
                    city: self.city,
                    node: word.node,
                    channel: Channel::Down,
                };
                answers.push((topic.to_string(), sealed.to_vec()));
            }
        }
        answers
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use wire::ack::open_ack;
    use wire::seal::{CitySecret, Direction, derive_key};

    #[test]
    fn a_node_is_answered_once_a_round_and_never_with_the_same_number() {
        let (city, id) = (
            CityId::new("harbour").unwrap(),
            NodeId::new("quay").unwrap(),
        );
        let key = derive_key(&CitySecret::new([1; 32]), &id, 0, Direction::Down);
        let word = || Word {
            node: id,
            key: key.clone(),
            generation: 0,
            settled: heapless::Vec::new(),
            settings: None,
        };
        let mut acknowledger = Acknowledger::new(city, 9);
        let mut counters = Vec::new();
        for _ in 0..2 {
            acknowledger.note(NodeIx(5));
            acknowledger.note(NodeIx(5));
            let asked = Instant::now();
            let due = acknowledger.due().unwrap();
            assert!(
                due <= asked + ROUND,
                "a round comes even where none was before"
            );
            assert_eq!(acknowledger.due(), Some(due), "and it stays where it is");
            let answers = acknowledger.round(1_000, |_| Some(word()));
            let [(topic, sealed)] = &answers[..] else {
                panic!("one answer")
            };
            assert_eq!(topic, "city/v1/harbour/node/quay/down");
            let ack = open_ack(sealed, &key, &city, &id).unwrap();
            assert_eq!((ack.epoch, ack.gateway_ms), (9, 1_000));
            counters.push(ack.counter);
            assert!(acknowledger.due().is_none());
        }
        assert!(counters[0] < counters[1]);
    }
}
