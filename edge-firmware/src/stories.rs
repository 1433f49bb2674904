//! The node in a bad world, and stories of its life.
//!
//! Whatever happens, no frame is forgotten that the gateway lacks, unless the node counts it as overwritten; and
//! when the world heals, all else arrives. A failure prints its seed.

extern crate std;

use std::vec::Vec;

use proptest::prelude::*;
use wire::ack::{Ack, AckBytes, Settled, seal_ack};
use wire::seal::Direction;
use wire::settings::Alarm;
use wire::{Lane, Measurement, Milli, Quantity, Settings};

use crate::limits::{OUTAGE_BYTES, OUTAGE_FRAMES, SMALL_BYTES, SMALL_FRAMES};
use crate::world::{BOOT, EPOCH_MS, GAS, World, config, gas, key, names, node, settings};
use crate::{Event, Node, Sensor, SmallNode};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn nothing_is_forgotten_that_the_gateway_lacks(seed: u64, trouble in 0..60_u32, rounds in 1..400) {
        // An outbox so small that longer trouble overwrites, and an alarm that turns now and then.
        let thermometer = Sensor { quantity: Quantity::Temperature, phase_ms: 3_000, ..GAS };
        let settings = settings(9_000, Some(gas(40, 40)));
        let node = Node::<12, 1200>::new(config(seed), &[thermometer, GAS], settings);
        let mut world = World::new(node, seed);
        (world.trouble, world.faults) = (trouble, true);
        for _ in 0..rounds {
            world.reachable = !world.chance();
            world.round();
        }
        world.heal();

        let lost: u64 = Lane::ALL.iter().map(|&lane| world.node.counters(lane).overwritten).sum();
        let closed: u64 = Lane::ALL.iter().map(|&lane| world.node.counters(lane).closed).sum();
        prop_assert!(world.gateway.heard.len() as u64 + lost >= closed);
        let words = world.words_heard();
        prop_assert!(words.windows(2).all(|two| two[0] < two[1]), "a reading leaves once");
        prop_assert_eq!(world.node.health().frames_failed, 0);
    }

    #[test]
    fn any_bytes_from_the_gateway_do_no_harm(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let mut world = World::<SMALL_FRAMES, SMALL_BYTES>::new(node(1, 1_000), 1);
        world.settle(Event::Received(&bytes));
        prop_assert_eq!(world.node.health().acks_refused, 1);
        prop_assert_eq!(world.node.wall_ms(), None);
    }
}

#[test]
fn a_district_comes_back_after_26_hours_with_everything() {
    let mut world = World::<OUTAGE_FRAMES, OUTAGE_BYTES>::new(node(3, 15_000), 3);
    world.reachable = false;
    while world.now_ms <= 26 * 3_600_000 {
        world.round();
    }
    assert_eq!(world.node.kept(Lane::Normal), 1_560);
    world.heal();
    assert_eq!(world.node.counters(Lane::Normal).overwritten, 0);
    let words = world.words_heard();
    assert!(words.len() >= 26 * 240);
    assert!(
        words.iter().copied().eq(0..words.len() as i64),
        "every reading, once"
    );
}

#[test]
fn an_alarm_leaves_at_once_and_before_the_backlog() {
    let settings = settings(1_000, Some(gas(200, 100)));
    let mut world = World::new(SmallNode::new(config(4), &[GAS], settings), 4);
    world.reachable = false;
    while world.words < 200 {
        world.round();
    }
    assert!(world.node.kept(Lane::Normal) > 0 && world.node.kept(Lane::Alarm) == 0);
    world.reachable = true;
    while world.order.is_empty() {
        world.round();
    }
    assert_eq!(world.order[..2], [(Lane::Alarm, 0), (Lane::Normal, 0)]);
    let frame = &world.gateway.heard[&(Lane::Alarm, 0)];
    assert_eq!(
        frame.body.samples[0].measurement,
        Measurement::Value(Milli(200))
    );
    assert_eq!(frame.body.samples[0].age_ms, 0);
}

#[test]
fn time_comes_from_the_gateway_and_an_old_answer_does_not_turn_it_back() {
    let mut world = World::<SMALL_FRAMES, SMALL_BYTES>::new(node(5, 10_000), 5);
    while world.node.wall_ms().is_none() {
        world.round();
    }
    let truth = |now_ms: u64| Some(EPOCH_MS + now_ms as i64);
    let kept_back = world.gateway.answer(world.now_ms);
    world.gateway.acks += 1;
    while world.now_ms < 7_200_000 {
        world.round();
    }
    // A broker that cuts the gateway off and says the old answer over and over.
    for _ in 0..4 {
        world.now_ms += 2_400_000;
        world.settle(Event::Received(&kept_back));
    }
    assert_eq!(world.node.health().acks_refused, 0);
    assert_eq!(world.node.wall_ms(), truth(world.now_ms));
    let last = world.gateway.heard.values().next_back().unwrap();
    assert_eq!(last.body.wall_ms, truth(last.body.uptime_ms));
}

#[test]
fn an_answer_to_another_boot_settles_nothing_and_tells_no_time() {
    let mut world = World::<SMALL_FRAMES, SMALL_BYTES>::new(node(6, 10_000), 6);
    world.reachable = false;
    while world.node.kept(Lane::Normal) < 3 {
        world.round();
    }
    let settled = Settled {
        boot: BOOT - 1,
        lane: Lane::Normal,
        from: 0,
        below: 2,
        bitmap: 1,
    };
    let ack = Ack {
        generation: 1,
        epoch: 9,
        counter: 9,
        gateway_ms: EPOCH_MS,
        settled: [settled].into_iter().collect(),
        settings: None,
    };
    let (city, node) = names();
    let mut bytes = AckBytes::new();
    seal_ack(&ack, &key(Direction::Down), &city, &node, &mut bytes).unwrap();
    world.settle(Event::Received(&bytes));
    assert_eq!(world.node.kept(Lane::Normal), 3);
    assert_eq!(world.node.wall_ms(), None);
}

#[test]
fn after_a_reconnect_what_was_on_its_way_is_sent_again_at_once() {
    let mut world = World::<SMALL_FRAMES, SMALL_BYTES>::new(node(7, 10_000), 7);
    world.until_sent(1);
    let sent_ms = world.now_ms;
    world.settle(Event::Disconnected);
    world.until_sent(2);
    assert_eq!(world.order, [(Lane::Normal, 0); 2]);
    assert!(world.now_ms - sent_ms < u64::from(config(7).patience.ms_min));
    assert_eq!(world.node.counters(Lane::Normal).resent, 0);
}

#[test]
fn a_full_outbox_says_truly_what_it_still_keeps() {
    let mut world = World::<4, 1200>::new(node(8, 60_000), 8);
    world.reachable = false;
    while world.node.counters(Lane::Normal).closed < 6 {
        world.round();
    }
    world.heal();
    let kept = world.gateway.heard.iter();
    let kept: Vec<(u32, u32)> = kept
        .map(|(&(_, sequence), frame)| (sequence, frame.body.oldest_kept.sequence))
        .collect();
    assert_eq!(kept, [(2, 0), (3, 0), (4, 1), (5, 2)]);
    assert_eq!(world.node.counters(Lane::Normal).overwritten, 2);
}

#[test]
fn an_outage_far_longer_than_the_outbox_does_not_wedge_it() {
    let mut world = World::<100, 16_384>::new(node(9, 60_000), 9);
    world.until_sent(1);
    world.deliver();
    world.reachable = false;
    world.settle(Event::Disconnected);
    while world.node.counters(Lane::Normal).closed < 450 {
        world.round();
    }
    // The oldest frames were closed when all before them was still kept, so they do not say what is lost: what the
    // gateway answers begins beyond the hole that it sees.
    world.heal();
    let counters = world.node.counters(Lane::Normal);
    assert_eq!(
        counters.overwritten + world.gateway.heard.len() as u64,
        counters.closed
    );
}

/// What the gateway asks for is gone by at once and as a whole, and every frame from then on says so.
#[test]
fn settings_from_the_gateway_are_gone_by_or_refused_as_a_whole() {
    let mut world = World::<SMALL_FRAMES, SMALL_BYTES>::new(node(10, 60_000), 10);
    let first = world.node.settings().id();
    while world.gateway.heard.is_empty() {
        world.round();
    }
    let quick = Settings {
        report_period_ms: 10_000,
        ..settings(5_000, Some(gas(20_000, 10_000)))
    };
    world.gateway.settings = Some(quick.clone());
    while world.node.settings() != &quick {
        world.round();
    }
    let changed_ms = world.now_ms;
    while world.now_ms < changed_ms + 61_000 {
        world.round();
    }
    let said: Vec<u32> = world
        .gateway
        .heard
        .values()
        .map(|frame| frame.body.settings)
        .collect();
    let old = said.iter().take_while(|&&id| id == first).count();
    assert!(old > 0 && said[old..].iter().all(|&id| id == quick.id()));
    let readings = world
        .gateway
        .heard
        .values()
        .skip(old)
        .map(|frame| frame.body.samples.len());
    assert!(
        (11..=13).contains(&readings.sum::<usize>()),
        "one in 5 s for a minute"
    );

    // A threshold for what it does not measure, a period of nothing: each is refused with all that came with it.
    let smoke = Alarm {
        quantity: Quantity::Smoke,
        threshold: gas(2_000, 1_000),
    };
    let foreign = Settings {
        sample_period_ms: 1_000,
        alarms: [smoke].into_iter().collect(),
        ..quick.clone()
    };
    let absurd = Settings {
        sample_period_ms: 0,
        ..quick.clone()
    };
    for refused in [foreign, absurd] {
        world.gateway.settings = Some(refused.clone());
        let frame = loop {
            world.round();
            let last = world.gateway.heard.values().next_back().unwrap();
            if last.body.settings_refused == refused.id() {
                break last;
            }
        };
        assert_eq!(frame.body.settings, quick.id());
        assert_eq!(world.node.settings(), &quick);
    }

    // And one more that it can: the refusal is over.
    world.gateway.settings = Some(settings(60_000, None));
    while world
        .gateway
        .heard
        .values()
        .next_back()
        .unwrap()
        .body
        .settings
        != first
    {
        world.round();
    }
    let last = world.gateway.heard.values().next_back().unwrap();
    assert_eq!(last.body.settings_refused, 0);
}

/// An answer kept back by the broker names an older number: its settings are not gone back to.
#[test]
fn replayed_settings_are_not_gone_back_to() {
    let mut world = World::<SMALL_FRAMES, SMALL_BYTES>::new(node(11, 60_000), 11);
    world.gateway.settings = Some(settings(30_000, None));
    while world.node.settings().sample_period_ms != 30_000 {
        world.round();
    }
    let kept_back = world.gateway.answer(world.now_ms);
    world.gateway.settings = Some(settings(20_000, None));
    while world.node.settings().sample_period_ms != 20_000 {
        world.round();
    }
    world.settle(Event::Received(&kept_back));
    assert_eq!(world.node.settings().sample_period_ms, 20_000);
}
