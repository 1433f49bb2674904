//! The node in a bad world, and stories of its life.
//!
//! Whatever happens, no frame is forgotten that the gateway lacks, unless the node counts it as overwritten; and
//! when the world heals, all else arrives. A failure prints its seed.

extern crate std;

use std::vec::Vec;

use proptest::prelude::*;
use wire::ack::{Ack, AckBytes, Settled, seal_ack};
use wire::seal::Direction;
use wire::{Lane, Measurement, Milli};

use crate::world::{BOOT, EPOCH_MS, World, config, key, names, sensor};
use crate::{Event, Node, OutageNode, SmallNode, Threshold};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn nothing_is_forgotten_that_the_gateway_lacks(seed: u64, trouble in 0..60_u32, rounds in 1..400) {
        // An outbox so small that longer trouble overwrites, and an alarm that turns now and then.
        let turning = Threshold { raise_at: Milli(40), clear_at: Milli(40) };
        let sensors = [sensor(7_000, None), sensor(11_000, Some(turning))];
        let mut world = World::new(Node::<12, 1200>::new(config(seed), &sensors), seed);
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
        let mut world = World::new(SmallNode::new(config(1), &[sensor(1_000, None)]), 1);
        world.settle(Event::Received(&bytes));
        prop_assert_eq!(world.node.health().acks_refused, 1);
        prop_assert_eq!(world.node.wall_ms(), None);
    }
}

#[test]
fn a_district_comes_back_after_26_hours_with_everything() {
    let node = OutageNode::new(config(3), &[sensor(15_000, None)]);
    let mut world = World::new(node, 3);
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
    let gas = Threshold {
        raise_at: Milli(200),
        clear_at: Milli(100),
    };
    let mut world = World::new(SmallNode::new(config(4), &[sensor(1_000, Some(gas))]), 4);
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
    let mut world = World::new(SmallNode::new(config(5), &[sensor(10_000, None)]), 5);
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
    let mut world = World::new(SmallNode::new(config(6), &[sensor(10_000, None)]), 6);
    world.reachable = false;
    while world.node.kept(Lane::Normal) < 3 {
        world.round();
    }
    let settled = Settled {
        boot: BOOT - 1,
        lane: Lane::Normal,
        below: 2,
        bitmap: 1,
    };
    let ack = Ack {
        generation: 1,
        epoch: 9,
        counter: 9,
        gateway_ms: EPOCH_MS,
        settled: [settled].into_iter().collect(),
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
    let mut world = World::new(SmallNode::new(config(7), &[sensor(10_000, None)]), 7);
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
    let mut world = World::new(Node::<4, 1200>::new(config(8), &[sensor(60_000, None)]), 8);
    world.reachable = false;
    while world.node.counters(Lane::Normal).closed < 6 {
        world.round();
    }
    world.heal();
    let kept = world.gateway.heard.iter();
    let kept: Vec<(u32, u32)> = kept
        .map(|(&(_, sequence), frame)| (sequence, frame.body.oldest_kept))
        .collect();
    assert_eq!(kept, [(2, 0), (3, 0), (4, 1), (5, 2)]);
    assert_eq!(world.node.counters(Lane::Normal).overwritten, 2);
}

#[test]
fn an_outage_far_longer_than_the_outbox_does_not_wedge_it() {
    let mut world = World::new(
        Node::<100, 16_384>::new(config(9), &[sensor(60_000, None)]),
        9,
    );
    world.until_sent(1);
    world.deliver();
    world.reachable = false;
    world.settle(Event::Disconnected);
    while world.node.counters(Lane::Normal).closed < 450 {
        world.round();
    }
    // The oldest frames were closed when all before them was still kept, so they do not say what is lost; the
    // gateway would wait for those below for ever, and its bitmap would never reach what is sent.
    world.heal();
    let counters = world.node.counters(Lane::Normal);
    assert_eq!(
        counters.overwritten + world.gateway.heard.len() as u64,
        counters.closed
    );
}
