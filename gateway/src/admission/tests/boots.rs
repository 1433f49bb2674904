//! What a node lost, over one boot and over many, and how far a gateway remembers.

use super::*;

#[test]
fn what_the_node_overwrote_is_counted_and_skipped() {
    let mut story = Story::new();
    story.accepted(&body(Some(NOW), &[]));
    story.header.sequence = 10;
    let mut gap = body(Some(NOW), &[]);
    gap.oldest_kept = Kept {
        boot: story.header.boot,
        sequence: 8,
    };
    let (_, tally) = story.accepted(&gap);
    assert_eq!(tally.frames_lost, 7);
    let [settled] = story.settled()[..] else {
        panic!("one lane")
    };
    assert_eq!((settled.below, settled.bitmap), (8, 0b100));
}

#[test]
fn what_a_power_cut_and_a_full_store_lost_is_counted_over_boots() {
    let mut story = Story::new();
    for sequence in [0, 1, 5] {
        story.header.sequence = sequence;
        story.accepted(&body(Some(NOW), &[]));
    }
    // Boot 4 has dropped what boot 3 still had of its beginning: 2 to 4 never come.
    (story.header.boot, story.header.sequence) = (4, 0);
    let mut kept = body(Some(NOW), &[]);
    kept.oldest_kept = Kept {
        boot: 3,
        sequence: 5,
    };
    let (_, tally) = story.accepted(&kept);
    assert_eq!(tally.frames_lost, 3);
    // And then all of it, with a hole of its own.
    (story.header.boot, story.header.sequence) = (3, 9);
    story.accepted(&body(Some(NOW), &[]));
    (story.header.boot, story.header.sequence) = (4, 1);
    kept.oldest_kept = Kept {
        boot: 4,
        sequence: 1,
    };
    let (_, tally) = story.accepted(&kept);
    assert_eq!(tally.frames_lost, 3, "6 to 8");
}

#[test]
fn boots_are_forgotten_oldest_first() {
    let mut story = Story::new();
    for boot in 1..=BOOTS_MAX as u32 + 32 {
        story.header.boot = boot;
        story.accepted(&body(Some(NOW), &[]));
    }
    story.header.boot = 2;
    let old = story.seal(&body(Some(NOW), &[]));
    assert!(matches!(story.hear(&old), Outcome::Duplicate { .. }));
    let settled: Vec<_> = story.settled().iter().map(|s| s.boot).collect();
    assert_eq!(settled, [94, 95, 96, 2]);
    let [.., forgotten] = story.settled()[..] else {
        panic!("four boots")
    };
    assert!(
        forgotten.covers(0) && !forgotten.covers(1),
        "so that the node lets go of it"
    );
}
