//! A bad world for the node: random loss, duplication, reordering and reconnects, both ways, by a seed.
//!
//! A gateway in plain loops keeps every frame it ever heard.

extern crate std;

use std::collections::BTreeMap;
use std::vec::Vec;

use rand::{Rng, SeedableRng, rngs::SmallRng};
use wire::ack::{Ack, AckBytes, Settled, seal_ack};
use wire::rule::{Danger, Threshold};
use wire::seal::{CitySecret, Direction, Key, derive_key, open_frame};
use wire::settings::Alarm;
use wire::{CityId, Fault, Frame, Kept, Lane, Milli, NodeId, Quantity, Settings};

use crate::{Action, Config, Event, Keys, Node, Scale, Sensor};

pub(crate) const BOOT: u32 = 5;
pub(crate) const EPOCH_MS: i64 = 1_795_312_800_000;

pub(crate) fn names() -> (CityId, NodeId) {
    (
        CityId::new("harbour").unwrap(),
        NodeId::new("quay-7").unwrap(),
    )
}

pub(crate) fn key(direction: Direction) -> Key {
    derive_key(&CitySecret::new([7; 32]), &names().1, 1, direction)
}

pub(crate) fn config(seed: u64) -> Config {
    let keys = Keys {
        generation: 1,
        up: key(Direction::Up),
        down: key(Direction::Down),
    };
    let (city, node) = names();
    Config {
        seed,
        ..Config::new(city, node, keys, BOOT)
    }
}

/// The sensor of every story.
pub(crate) const GAS: Sensor = Sensor {
    quantity: Quantity::Ch4,
    phase_ms: 0,
    scale: Scale::EXACT,
};

/// A reading each period, a frame a minute.
pub(crate) fn settings(period_ms: u32, alarm: Option<Threshold>) -> Settings {
    let alarms = alarm.into_iter().map(|threshold| Alarm {
        quantity: Quantity::Ch4,
        threshold,
    });
    Settings {
        sample_period_ms: period_ms,
        report_period_ms: 60_000,
        alarms: alarms.collect(),
    }
}

/// Gas at or past `raise_at` alarms at once; below `clear_at` it is over.
pub(crate) fn gas(raise_at: i64, clear_at: i64) -> Threshold {
    Threshold {
        danger: Danger::Above,
        raise_at: Milli(raise_at),
        clear_at: Milli(clear_at),
        raise_after_ms: 0,
        clear_after_ms: 0,
    }
}

/// A node that measures gas.
pub(crate) fn node<const FRAMES: usize, const BYTES: usize>(
    seed: u64,
    period_ms: u32,
) -> Node<FRAMES, BYTES> {
    Node::new(config(seed), &[GAS], settings(period_ms, None))
}

/// Everything the gateway has on disk, and what it answers.
#[derive(Default)]
pub(crate) struct Gateway {
    pub(crate) heard: BTreeMap<(Lane, u32), Frame>,
    oldest_kept: BTreeMap<Lane, Kept>,
    last: BTreeMap<Lane, u32>,
    pub(crate) acks: u64,
    /// What the node shall go by; said with every answer until its frames say so too.
    pub(crate) settings: Option<Settings>,
}

impl Gateway {
    pub(crate) fn hear(&mut self, bytes: &[u8]) {
        let (city, node) = names();
        let frame = open_frame(bytes, &key(Direction::Up), &city, &node).unwrap();
        let kept = self.oldest_kept.entry(frame.header.lane).or_default();
        *kept = frame.body.oldest_kept.max(*kept);
        let place = (frame.header.lane, frame.header.sequence);
        self.last.insert(place.0, place.1);
        self.heard.insert(place, frame);
    }

    pub(crate) fn is_settled(&self, lane: Lane, sequence: u32) -> bool {
        let oldest = self.oldest_kept.get(&lane).copied().unwrap_or_default();
        let place = Kept {
            boot: BOOT,
            sequence,
        };
        place < oldest || self.heard.contains_key(&(lane, sequence))
    }

    pub(crate) fn answer(&mut self, now_ms: u64) -> AckBytes {
        let settled = Lane::ALL.into_iter().map(|lane| {
            let end_of_run = |from: u32| {
                (from..)
                    .find(|&sequence| !self.is_settled(lane, sequence))
                    .unwrap()
            };
            let (mut from, mut below) = (0, end_of_run(0));
            // Beyond the bitmap's reach: the run around what was heard last.
            if let Some(&last) = self.last.get(&lane)
                && last >= below + 64
            {
                let before = (0..last).rev().find(|&s| !self.is_settled(lane, s));
                (from, below) = (before.unwrap() + 1, end_of_run(last));
            }
            let ahead = (0..64).filter(|&ahead| self.is_settled(lane, below + ahead));
            let bitmap = ahead.fold(0, |bits, ahead| bits | 1 << ahead);
            Settled {
                boot: BOOT,
                lane,
                from,
                below,
                bitmap,
            }
        });
        let settled = settled.collect();
        self.acks += 1;
        let ack = Ack {
            generation: 1,
            epoch: 1,
            counter: self.acks,
            gateway_ms: EPOCH_MS + now_ms as i64,
            settled,
            settings: self.settings.clone(),
        };
        let (city, node) = names();
        let mut bytes = AckBytes::new();
        seal_ack(&ack, &key(Direction::Down), &city, &node, &mut bytes).unwrap();
        bytes
    }
}

pub(crate) struct World<const FRAMES: usize, const BYTES: usize> {
    pub(crate) node: Node<FRAMES, BYTES>,
    pub(crate) gateway: Gateway,
    pub(crate) now_ms: u64,
    /// The broker takes connections.
    pub(crate) reachable: bool,
    /// Share of messages that are lost, and of those that come twice, in percent; each way.
    pub(crate) trouble: u32,
    random: SmallRng,
    up: Vec<Vec<u8>>,
    down: Vec<AckBytes>,
    /// Every sending, in order.
    pub(crate) order: Vec<(Lane, u32)>,
    /// Every frame as it was first sent.
    pub(crate) sent: BTreeMap<(Lane, u32), Vec<u8>>,
    /// Words given to the node, numbered from 0.
    pub(crate) words: i64,
    pub(crate) faults: bool,
}

impl<const FRAMES: usize, const BYTES: usize> World<FRAMES, BYTES> {
    pub(crate) fn new(node: Node<FRAMES, BYTES>, seed: u64) -> Self {
        World {
            node,
            gateway: Gateway::default(),
            now_ms: 0,
            reachable: true,
            trouble: 0,
            random: SmallRng::seed_from_u64(seed),
            up: Vec::new(),
            down: Vec::new(),
            order: Vec::new(),
            sent: BTreeMap::new(),
            words: 0,
            faults: false,
        }
    }

    /// Hands `event` to the node and does what it says, until it waits; answers until when.
    pub(crate) fn settle(&mut self, mut event: Event<'_>) -> u64 {
        loop {
            event = match self.node.step(self.now_ms, event) {
                Action::Wait { until_ms } => return until_ms,
                Action::Sample { sensor } => {
                    self.words += 1;
                    let word = match self.faults && self.words % 7 == 0 {
                        true => Err(Fault::Timeout),
                        false => Ok(self.words - 1),
                    };
                    Event::Sampled { sensor, word }
                }
                Action::Connect { .. } if self.reachable => Event::Connected,
                Action::Connect { .. } => Event::Disconnected,
                Action::Disconnect | Action::Subscribe { .. } => Event::Wake,
                Action::Publish { retain: true, .. } => Event::Wake,
                Action::Publish { topic, payload, .. } => {
                    let (city, node) = names();
                    let frame = open_frame(payload, &key(Direction::Up), &city, &node).unwrap();
                    let lane = frame.header.lane;
                    assert_eq!(topic.ends_with("/alarm"), lane == Lane::Alarm);
                    let place = (lane, frame.header.sequence);
                    let first = self.sent.entry(place).or_insert_with(|| payload.to_vec());
                    assert_eq!(first, payload, "resent byte for byte, no sequence twice");
                    self.order.push(place);
                    self.up.push(payload.to_vec());
                    Event::Wake
                }
            };
        }
    }

    pub(crate) fn chance(&mut self) -> bool {
        self.random.random_range(0..100) < self.trouble
    }

    /// Takes one message of `queue`, any of them in trouble; lost ones are `None`, some stay to come again.
    pub(crate) fn take<T: Clone>(&mut self, queue: fn(&mut Self) -> &mut Vec<T>) -> Option<T> {
        let len = queue(self).len();
        let at = if self.trouble == 0 {
            0
        } else {
            self.random.random_range(0..len)
        };
        let message = queue(self)[at].clone();
        if !self.chance() {
            queue(self).remove(at);
        }
        (!self.chance()).then_some(message)
    }

    pub(crate) fn deliver(&mut self) {
        while !self.up.is_empty() && !self.chance() {
            if let Some(bytes) = self.take(|world| &mut world.up) {
                self.gateway.hear(&bytes);
                let answer = self.gateway.answer(self.now_ms);
                self.down.push(answer);
            }
        }
        while !self.down.is_empty() && !self.chance() {
            if let Some(bytes) = self.take(|world| &mut world.down)
                && self.node.is_connected()
            {
                self.settle(Event::Received(&bytes));
            }
        }
    }

    /// One round: the node until it waits, the network, perhaps a lost connection, then time passes.
    pub(crate) fn round(&mut self) {
        self.settle(Event::Wake);
        self.deliver();
        if self.chance() && self.chance() {
            self.settle(Event::Disconnected);
        }
        self.check();
        let until_ms = self.settle(Event::Wake);
        assert!(until_ms > self.now_ms, "the node never spins");
        self.now_ms = until_ms;
    }

    /// Lets time pass without a network behind the broker until the node has sent `count` times.
    pub(crate) fn until_sent(&mut self, count: usize) {
        loop {
            let until_ms = self.settle(Event::Wake);
            if self.order.len() >= count {
                return;
            }
            self.now_ms = until_ms;
        }
    }

    /// What the node no longer keeps, the gateway has or the node counted.
    pub(crate) fn check(&self) {
        for lane in Lane::ALL {
            let counters = self.node.counters(lane);
            let kept = self.node.kept(lane);
            assert_eq!(
                counters.closed,
                counters.settled + counters.overwritten + kept
            );
            let heard = self.gateway.heard.keys().filter(|place| place.0 == lane);
            let missing = counters.closed - heard.count() as u64;
            assert!(
                missing <= kept + counters.overwritten,
                "{lane:?} forgot {missing}"
            );
        }
    }

    /// Every word the gateway has read, in order of value.
    pub(crate) fn words_heard(&self) -> Vec<i64> {
        let samples = self
            .gateway
            .heard
            .values()
            .flat_map(|frame| &frame.body.samples);
        let mut words: Vec<i64> = samples
            .filter_map(|sample| sample.measurement.value())
            .map(|value| value.0)
            .collect();
        words.sort_unstable();
        words
    }

    /// Runs without trouble until nothing waits any more.
    pub(crate) fn heal(&mut self) {
        (self.trouble, self.reachable) = (0, true);
        for _ in 0..10_000 {
            self.round();
            if Lane::ALL.iter().all(|&lane| self.node.kept(lane) == 0) {
                return;
            }
        }
        assert_eq!(
            self.node.counters(Lane::Normal).closed,
            0,
            "the outbox never emptied"
        );
    }
}
