//! Lives that end at any write: what a node said it has closed arrives in a later life, byte for byte, or is counted;
//! and nothing that stands in the flash does harm.

extern crate std;

use std::vec::Vec;

use proptest::prelude::*;
use wire::{Kept, Lane, Settings};

use crate::lives::{Life, Lives, PAGE_LEN, PAGES};
use crate::store::{Step, Store};
use crate::world::{gas, settings};

/// One life after the other, each with power for so many words, then one with power for ever.
fn check_lives<const WORD: usize>(lives: &mut Lives, powers: Vec<u32>, rounds: u32, trouble: u32) {
    for power in powers {
        lives.trouble = trouble;
        if let Some(mut life) = lives.start::<WORD>(Some(power)) {
            lives.live(&mut life, rounds);
        }
    }
    let mut life = lives.start::<WORD>(None).unwrap();
    assert_eq!(life.node.health().frames_foreign, 0);
    assert_eq!(life.node.health().store_failures, 0);
    lives.heal(&mut life);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Lives too short to fill the store, and a gateway that is hardly ever there: every frame arrives.
    #[test]
    fn what_is_closed_arrives_in_a_later_life(
        seed: u64, powers in proptest::collection::vec(1..400_u32, 0..8), trouble in 80..101_u32,
    ) {
        let mut lives = Lives::new(seed);
        check_lives::<4>(&mut lives, powers, 40, trouble);
        prop_assert_eq!(lives.lost, 0);
        prop_assert_eq!(lives.missing(), []);
    }

    #[test]
    fn a_memory_of_single_bytes_does_as_well(
        seed: u64, powers in proptest::collection::vec(1..1_000_u32, 0..8), trouble in 80..101_u32,
    ) {
        let mut lives = Lives::new(seed);
        check_lives::<1>(&mut lives, powers, 40, trouble);
        prop_assert_eq!(lives.lost, 0);
        prop_assert_eq!(lives.missing(), []);
    }

    /// Lives that fill it many times over. What is missing is what they counted, but for the pages that were being
    /// emptied when the power failed: their counts died with them.
    #[test]
    fn what_has_no_room_is_the_oldest_and_is_counted(
        seed: u64, powers in proptest::collection::vec(100..6_000_u32, 0..5), trouble in 90..101_u32,
    ) {
        let mut lives = Lives::new(seed);
        let cuts = powers.len() as u64;
        check_lives::<4>(&mut lives, powers, 600, trouble);
        let (missing, page) = (lives.missing(), PAGE_LEN as u64 / 40);
        prop_assert!(missing.len() as u64 <= lives.lost + cuts * page, "{} of {}", missing.len(), lives.lost);
        for lane in Lane::ALL {
            let newest_missing = missing.iter().rfind(|place| place.0 == lane);
            if let Some(newest) = newest_missing {
                let kept = lives.closed.iter().filter(|place| place.0 == lane && *place > newest);
                let pages = if lane == Lane::Normal { PAGES } else { 2 };
                // All but the page that is being emptied hold frames, of up to 80 bytes each.
                prop_assert!(cuts > 0 || kept.count() >= (pages - 2) * PAGE_LEN / 90);
            }
        }
    }

    /// Settings that were followed are gone by in the next life, or, where the power failed over them, the ones before.
    #[test]
    fn settings_outlive_any_cut(seed: u64, powers in proptest::collection::vec(1..400_u32, 1..12)) {
        let mut lives = Lives::new(seed);
        let mut may: Vec<Settings> = [lives.page.clone()].into();
        for (power, period_ms) in powers.into_iter().zip(10_000..) {
            let orders = settings(period_ms, Some(gas(60, 40)));
            lives.orders = Some(orders.clone());
            let Some(mut life) = lives.start::<1>(Some(power)) else { continue };
            prop_assert!(may.contains(life.node.settings()));
            may = [life.node.settings().clone()].into();
            while lives.live(&mut life, 1) && life.node.settings() != &orders {}
            match lives.flash.is_dead() {
                true => may.push(orders),
                false => may = [orders].into(),
            }
        }
    }

    /// Any bytes anywhere: the node starts, and what it closes from then on arrives or is counted.
    #[test]
    fn no_bytes_in_the_store_do_harm(
        seed: u64, rounds in 0..400_u32, damage in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..60),
    ) {
        let mut lives = Lives::new(seed);
        lives.trouble = 100;
        let mut life = lives.start::<1>(None).unwrap();
        lives.live(&mut life, rounds);
        for (at, byte) in damage {
            let cells = &mut *lives.flash.cells();
            let at = at.index(cells.bytes.len());
            cells.bytes[at] = byte;
        }
        check_recovers(lives);
    }

    /// Not even bytes that were never a store.
    #[test]
    fn no_other_bytes_do_harm_either(seed: u64, bytes in proptest::collection::vec(any::<u8>(), 32..400)) {
        let lives = Lives::new(seed);
        for (cell, byte) in lives.flash.cells().bytes.iter_mut().zip(bytes.iter().cycle()) {
            *cell = *byte;
        }
        check_recovers(lives);
    }
}

fn check_recovers(mut lives: Lives) {
    lives.in_order = false;
    lives.trouble = 100;
    let mut life = lives.start::<1>(None).unwrap();
    lives.closed.clear();
    lives.lost = 0;
    lives.live(&mut life, 300);
    lives.heal(&mut life);
    assert!(lives.missing().len() as u64 <= lives.lost);
    // And the life after it finds the store as it should be; what it cannot write it knows.
    let mut life = lives.start::<1>(None).unwrap();
    assert_eq!(life.node.health().store_failures, 0);
    lives.closed.clear();
    (lives.lost, lives.failures, lives.trouble) = (0, 0, 100);
    lives.live(&mut life, 40);
    let mut life = lives.start::<1>(None).unwrap();
    lives.heal(&mut life);
    assert!(lives.missing().len() as u64 <= lives.lost + lives.failures);
}

/// A life that closes frames and never reaches the gateway.
fn life_in_vain(lives: &mut Lives) -> Life<1> {
    lives.trouble = 100;
    let mut life = lives.start(None).unwrap();
    lives.live(&mut life, 150);
    assert!(life.node.kept(Lane::Normal) > 10);
    life
}

#[test]
fn one_damaged_frame_is_counted_and_all_others_arrive() {
    let mut lives = Lives::new(1);
    life_in_vain(&mut lives);
    // The header of the sixth frame, which stands in front of its sealed bytes.
    let header = [wire::limits::VERSION, 1, 0, 0, 0, 0, 1, 0, 0, 0, 5];
    let at = {
        let cells = lives.flash.cells();
        let mut places = cells.bytes.windows(header.len());
        places.position(|bytes| bytes == header).unwrap()
    };
    lives.flash.cells().bytes[at + 20] ^= 0x10;
    let mut life = lives.start::<1>(None).unwrap();
    assert_eq!(life.node.health().frames_damaged, 1);
    lives.heal(&mut life);
    let damaged = Kept {
        boot: 1,
        sequence: 5,
    };
    assert_eq!(lives.missing(), [(Lane::Normal, damaged)]);
}

/// Whatever becomes of one page's marks, all frames arrive, as long as there is a blank page.
#[test]
fn a_damaged_mark_hides_no_frame() {
    for at in (0..PAGES).flat_map(|page| [page * PAGE_LEN, (page + 1) * PAGE_LEN - 1]) {
        let mut lives = Lives::new(4);
        lives.trouble = 100;
        let mut life = lives.start::<1>(None).unwrap();
        while life.node.kept(Lane::Normal) < 35 {
            lives.live(&mut life, 1);
        }
        lives.flash.cells().bytes[at] ^= 0xff;
        let mut life = lives.start::<1>(None).unwrap();
        assert_eq!(life.node.health().frames_damaged, 0, "{at}");
        lives.heal(&mut life);
        assert_eq!((lives.missing(), lives.lost), (Vec::new(), 0), "{at}");
    }
}

#[test]
fn frames_under_another_key_are_dropped_and_counted() {
    let mut lives = Lives::new(2);
    let kept = Lane::ALL.map(|lane| life_in_vain(&mut lives).node.kept(lane));
    lives.generation = 2;
    let life = lives.start::<1>(None).unwrap();
    assert!(life.node.health().frames_foreign >= kept[0].max(kept[1]));
    assert_eq!(Lane::ALL.map(|lane| life.node.kept(lane)), [0, 0]);
    let life = lives.start::<1>(None).unwrap();
    assert_eq!(life.node.health().frames_foreign, 0);
}

#[test]
fn a_new_page_is_newer_than_the_settings_followed_under_the_old_one() {
    let mut lives = Lives::new(3);
    lives.orders = Some(settings(20_000, None));
    let mut life = lives.start::<1>(None).unwrap();
    while life.node.settings().sample_period_ms != 20_000 {
        lives.live(&mut life, 1);
    }
    let period_ms = |lives: &mut Lives| {
        let life = lives.start::<1>(None).unwrap();
        life.node.settings().sample_period_ms
    };
    assert_eq!(period_ms(&mut lives), 20_000);
    lives.page = settings(30_000, None);
    assert_eq!(period_ms(&mut lives), 30_000);
    lives.page = settings(9_000, Some(gas(60, 40)));
    assert_eq!(period_ms(&mut lives), 20_000);
}

/// The frame that the next life writes begins where the torn one ends: whatever its first byte is, it does not complete
/// a header that lacks its last, which would take it for the torn frame's bytes.
#[test]
fn a_torn_header_does_not_swallow_the_next_frame() {
    fn check<const WORD: usize>() {
        for (cut, name) in (1..=12).flat_map(|cut| (0..600_u16).map(move |name| (cut, name))) {
            let lives = Lives::new(u64::from(name));
            lives.flash.cells().power = Some(cut);
            let torn = [2; 65];
            assert!(lives.store::<WORD>().push(Lane::Normal, &torn).is_err());
            lives.flash.cells().power = None;
            let frame = [name.to_be_bytes(), [7; 2]].concat();
            lives.store::<WORD>().push(Lane::Normal, &frame).unwrap();
            let mut found = Vec::new();
            let mut store = lives.store::<WORD>();
            let walked = store.walk(Lane::Normal, |frame| {
                found.push(frame.to_vec());
                Step::Keep
            });
            assert_eq!(walked, Ok(()));
            assert_eq!(found, [frame], "{WORD} {cut}");
        }
    }
    check::<1>();
    check::<4>();
}

/// The lives in which it was first seen.
#[test]
fn the_first_frame_after_a_torn_header_arrives() {
    let mut lives = Lives::new(5027319975318568039);
    check_lives::<1>(&mut lives, [219, 226, 327, 152, 96].into(), 40, 85);
    assert_eq!((lives.lost, lives.missing()), (0, Vec::new()));
}
