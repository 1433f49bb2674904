//! A node that loses its power again and again: a flash that is torn at any write, and a gateway that remembers all.

extern crate std;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::vec;
use std::vec::Vec;

use embedded_storage::nor_flash::{
    ErrorType, MultiwriteNorFlash, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash,
};
use rand::{Rng, SeedableRng, rngs::SmallRng};
use wire::ack::{Ack, AckBytes, Settled, seal_ack};
use wire::seal::{Direction, open_frame};
use wire::{Kept, Lane, Settings};

use crate::boot_count::{self, SLOT_LEN};
use crate::flash_store::{FlashStore, Partitions};
use crate::world::{EPOCH_MS, GAS, config, gas, key, names, settings};
use crate::{Action, Config, Event, Node};

/// Pages of the normal lane's partition; of the others, two.
pub(crate) const PAGES: usize = 4;
pub(crate) const PAGE_LEN: usize = 1152;

/// The flash, and the power that everything runs on.
#[derive(Clone)]
pub(crate) struct Flash(Rc<RefCell<Cells>>);

pub(crate) struct Cells {
    pub(crate) bytes: Vec<u8>,
    /// Words that can still be written; `None`: for ever.
    pub(crate) power: Option<u32>,
    random: SmallRng,
}

/// A partition, written in words of `WORD` bytes.
pub(crate) struct Chip<const WORD: usize> {
    flash: Flash,
    start: usize,
    len: usize,
}

#[derive(Debug)]
pub(crate) struct PowerLost;

impl NorFlashError for PowerLost {
    fn kind(&self) -> NorFlashErrorKind {
        NorFlashErrorKind::Other
    }
}

impl Flash {
    fn new(seed: u64) -> Flash {
        Flash(Rc::new(RefCell::new(Cells {
            bytes: vec![0xff; (PAGES + 4) * PAGE_LEN],
            power: None,
            random: SmallRng::seed_from_u64(seed),
        })))
    }

    pub(crate) fn cells(&self) -> std::cell::RefMut<'_, Cells> {
        self.0.borrow_mut()
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.0.borrow().power == Some(0)
    }

    fn chip<const WORD: usize>(&self, pages: std::ops::Range<usize>) -> Chip<WORD> {
        Chip {
            flash: self.clone(),
            start: pages.start * PAGE_LEN,
            len: pages.len() * PAGE_LEN,
        }
    }
}

impl Cells {
    /// Whether a word is written whole; with the last of the power it is torn.
    fn spend(&mut self) -> Result<bool, PowerLost> {
        match &mut self.power {
            None => Ok(true),
            Some(0) => Err(PowerLost),
            Some(left) => {
                *left -= 1;
                Ok(*left > 0)
            }
        }
    }
}

impl<const WORD: usize> ErrorType for Chip<WORD> {
    type Error = PowerLost;
}

impl<const WORD: usize> ReadNorFlash for Chip<WORD> {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), PowerLost> {
        let at = self.start + offset as usize;
        bytes.copy_from_slice(&self.flash.cells().bytes[at..at + bytes.len()]);
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.len
    }
}

impl<const WORD: usize> NorFlash for Chip<WORD> {
    const WRITE_SIZE: usize = WORD;
    const ERASE_SIZE: usize = PAGE_LEN;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), PowerLost> {
        let cells = &mut *self.flash.cells();
        for at in (from..to).step_by(PAGE_LEN) {
            let is_whole = cells.spend()?;
            let page = &mut cells.bytes[self.start + at as usize..][..PAGE_LEN];
            let cut = cells.random.random_range(0..PAGE_LEN);
            match is_whole {
                true => page.fill(0xff),
                false if cells.random.random() => page[..cut].fill(0xff),
                false => page[cut..].fill(0xff),
            }
            if !is_whole {
                return Err(PowerLost);
            }
        }
        Ok(())
    }

    /// Ones become zeros, never the other way round.
    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), PowerLost> {
        assert!((offset as usize).is_multiple_of(WORD) && bytes.len().is_multiple_of(WORD));
        let cells = &mut *self.flash.cells();
        let words = bytes.chunks(WORD).enumerate();
        for (place, word) in words {
            let is_whole = cells.spend()?;
            for (at, &byte) in word.iter().enumerate() {
                let torn = if is_whole { 0 } else { cells.random.random() };
                cells.bytes[self.start + offset as usize + place * WORD + at] &= byte | torn;
            }
            if !is_whole {
                return Err(PowerLost);
            }
        }
        Ok(())
    }
}

impl<const WORD: usize> MultiwriteNorFlash for Chip<WORD> {}

/// So little RAM that most of what is kept is in the store only.
pub(crate) type Mortal<const WORD: usize> = Node<4, 1200, FlashStore<Chip<WORD>>>;

/// Everything that outlives a node.
pub(crate) struct Lives {
    pub(crate) flash: Flash,
    slots: [[u8; SLOT_LEN]; 2],
    pub(crate) boot: u32,
    pub(crate) generation: u8,
    random: SmallRng,
    /// Share of messages lost, in percent.
    pub(crate) trouble: u32,
    /// What its page says; the gateway's own when there are any.
    pub(crate) page: Settings,
    pub(crate) orders: Option<Settings>,
    acks: u64,
    pub(crate) heard: BTreeMap<(Lane, Kept), Vec<u8>>,
    /// Frames that a living node said it has closed.
    pub(crate) closed: BTreeSet<(Lane, Kept)>,
    /// Frames that living nodes said they have lost.
    pub(crate) lost: u64,
    /// Times that living nodes could not read or write.
    pub(crate) failures: u64,
    /// The store is whole, so what was sent first is the oldest; a damaged one may show frames again that it had hidden.
    pub(crate) in_order: bool,
    /// In this life.
    sent: BTreeSet<(Lane, Kept)>,
    newest_sent: BTreeMap<Lane, Kept>,
    words: i64,
}

/// A life, until its power fails.
pub(crate) struct Life<const WORD: usize> {
    pub(crate) node: Mortal<WORD>,
    pub(crate) now_ms: u64,
}

impl Lives {
    pub(crate) fn new(seed: u64) -> Lives {
        Lives {
            flash: Flash::new(seed),
            slots: [[0xff; SLOT_LEN]; 2],
            boot: 0,
            generation: 1,
            random: SmallRng::seed_from_u64(!seed),
            trouble: 0,
            page: settings(9_000, Some(gas(60, 40))),
            orders: None,
            acks: 0,
            heard: BTreeMap::new(),
            closed: BTreeSet::new(),
            lost: 0,
            failures: 0,
            in_order: true,
            sent: BTreeSet::new(),
            newest_sent: BTreeMap::new(),
            words: 0,
        }
    }

    /// Power on: a new life, with power for so many words; `None` if that does not even last for the start.
    pub(crate) fn start<const WORD: usize>(&mut self, power: Option<u32>) -> Option<Life<WORD>> {
        self.flash.cells().power = None;
        let started = boot_count::start(self.slots, 1).unwrap();
        assert!(
            started.boot > self.boot,
            "no life has the number of another"
        );
        self.slots[started.slot] = started.bytes;
        self.boot = started.boot;
        self.sent.clear();
        self.newest_sent.clear();
        self.flash.cells().power = power;
        let config = Config {
            boot: self.boot,
            generation: self.generation,
            ..config(u64::from(self.boot))
        };
        let node = Node::with_store(config, &[GAS], self.page.clone(), self.store());
        let mut life = Life { node, now_ms: 0 };
        life.node.restore();
        (!self.flash.is_dead()).then_some(life)
    }

    pub(crate) fn store<const WORD: usize>(&self) -> FlashStore<Chip<WORD>> {
        let partitions = Partitions {
            normal: self.flash.chip(0..PAGES),
            alarm: self.flash.chip(PAGES..PAGES + 2),
            settings: self.flash.chip(PAGES + 2..PAGES + 4),
        };
        FlashStore::new(partitions).unwrap()
    }

    /// Lives on for so many rounds; answers whether it still does.
    pub(crate) fn live<const WORD: usize>(&mut self, life: &mut Life<WORD>, rounds: u32) -> bool {
        (0..rounds).all(|_| self.round(life).is_some())
    }

    /// Lives with a good network until nothing is kept any more.
    pub(crate) fn heal<const WORD: usize>(&mut self, life: &mut Life<WORD>) {
        self.trouble = 0;
        let is_done = (0..5_000).any(|_| {
            self.round(life).unwrap();
            Lane::ALL.iter().all(|&lane| life.node.kept(lane) == 0)
        });
        assert!(is_done, "the store never emptied");
    }

    /// The node until it waits, then the answers; `None` when the power has failed.
    fn round<const WORD: usize>(&mut self, life: &mut Life<WORD>) -> Option<()> {
        let before = Lane::ALL.map(|lane| life.node.counters(lane));
        let failures = life.node.health().store_failures;
        let mut answers = Vec::new();
        let until_ms = self.settle(life, Event::Wake, &mut answers)?;
        for answer in answers {
            if life.node.is_connected() {
                self.settle(life, Event::Received(&answer), &mut Vec::new())?;
            }
        }
        for (lane, before) in Lane::ALL.into_iter().zip(before) {
            let now = life.node.counters(lane);
            let closed = (before.closed..now.closed).map(|sequence| Kept {
                boot: self.boot,
                sequence: sequence as u32,
            });
            self.closed.extend(closed.map(|place| (lane, place)));
            self.lost += now.overwritten + now.lost - before.overwritten - before.lost;
        }
        self.failures += life.node.health().store_failures - failures;
        life.now_ms = until_ms.max(life.now_ms + 1);
        Some(())
    }

    fn settle<const WORD: usize>(
        &mut self,
        life: &mut Life<WORD>,
        mut event: Event<'_>,
        answers: &mut Vec<AckBytes>,
    ) -> Option<u64> {
        loop {
            let action = life.node.step(life.now_ms, event);
            if self.flash.is_dead() {
                return None;
            }
            event = match action {
                Action::Wait { until_ms } => return Some(until_ms),
                Action::Sample { sensor } => {
                    self.words += 1;
                    Event::Sampled {
                        sensor,
                        word: Ok(self.words % 70),
                    }
                }
                Action::Connect { .. } if self.chance() => Event::Disconnected,
                Action::Connect { .. } => Event::Connected,
                Action::Publish {
                    retain: false,
                    payload,
                    ..
                } => {
                    if let Some(answer) = self.hear(payload, life.now_ms) {
                        answers.push(answer);
                    }
                    Event::Wake
                }
                _ => Event::Wake,
            };
        }
    }

    fn chance(&mut self) -> bool {
        self.random.random_range(0..100) < self.trouble
    }

    fn hear(&mut self, payload: &[u8], now_ms: u64) -> Option<AckBytes> {
        let (city, name) = names();
        let header = open_frame(payload, &key(Direction::Up), &city, &name)
            .unwrap()
            .header;
        let (lane, place) = (header.lane, header.place());
        let newest = self.newest_sent.entry(lane).or_insert(place);
        // What was not yet sent in this life is newer than all that was.
        if self.sent.insert((lane, place)) {
            assert!(!self.in_order || *newest <= place, "oldest first");
            *newest = place;
        }
        if self.chance() {
            return None;
        }
        let first = self
            .heard
            .entry((lane, place))
            .or_insert_with(|| payload.to_vec());
        assert_eq!(first, payload, "byte for byte, and no place twice");
        self.acks += 1;
        let answer = self.answer(lane, place, now_ms);
        (!self.chance()).then_some(answer)
    }

    /// The run around the frame that is answered.
    fn answer(&self, lane: Lane, place: Kept, now_ms: u64) -> AckBytes {
        let is_heard =
            |&sequence: &u32| self.heard.contains_key(&(lane, Kept { sequence, ..place }));
        let before = (0..place.sequence).rev().take_while(is_heard).count() as u32;
        let settled = Settled {
            boot: place.boot,
            lane,
            from: place.sequence - before,
            below: place.sequence + 1,
            bitmap: 0,
        };
        let ack = Ack {
            generation: self.generation,
            epoch: 1,
            counter: self.acks,
            gateway_ms: EPOCH_MS + now_ms as i64,
            settled: [settled].into_iter().collect(),
            settings: self.orders.clone(),
        };
        let (city, name) = names();
        let mut bytes = AckBytes::new();
        seal_ack(&ack, &key(Direction::Down), &city, &name, &mut bytes).unwrap();
        bytes
    }

    /// Frames that were closed and never heard.
    pub(crate) fn missing(&self) -> Vec<(Lane, Kept)> {
        let closed = self.closed.iter().copied();
        closed
            .filter(|place| !self.heard.contains_key(place))
            .collect()
    }
}
