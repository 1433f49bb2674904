#![allow(clippy::unwrap_used)]

mod boots;

use super::*;
use crate::city::Post;
use pipeline::calendar::HOUR;
use pipeline::city::City;
use proptest::prelude::*;
use wire::frame::{Frame, Kept, Sample};
use wire::limits::{FRAME_LEN_MAX, VERSION};
use wire::seal::{FrameBytes, seal_frame};
use wire::{CityId, CitySecret, Direction, Fault, Milli, Quantity};

const NOW: Millis = 1_795_309_200_000;

fn city() -> City {
    let id = NodeId::new("quay-7").unwrap();
    City {
        id: CityId::new("harbour").unwrap(),
        hour_shift: 0,
        zones: Vec::new(),
        nodes: vec![pipeline::city::Node {
            ix: NodeIx(4),
            id,
            zone: None,
            quantities: Vec::new(),
            weight: Milli::ONE,
            silent_after: None,
            correction: None,
        }],
        gates: Vec::new(),
        neighbours: Vec::new(),
        standards: Vec::new(),
        leaks: Default::default(),
        silence_after: None,
    }
}

fn registry() -> Registry {
    Registry::new(&city(), &[], CitySecret::new([7; 32]), Calendar::default())
}

/// A node by hand: what it seals, and what the door says to it.
struct Story {
    registry: Registry,
    session: Session,
    asked: Asked,
    header: Header,
    topic: &'static str,
    received: Millis,
}

impl Story {
    fn new() -> Story {
        let header = Header {
            generation: 1,
            lane: Lane::Normal,
            boot: 3,
            sequence: 0,
        };
        Story {
            registry: registry(),
            session: Session::default(),
            asked: Asked::default(),
            header,
            topic: "city/v1/harbour/node/quay-7/up",
            received: NOW,
        }
    }

    fn seal(&self, body: &Body) -> Vec<u8> {
        let id = NodeId::new("quay-7").unwrap();
        let key = self
            .registry
            .key(&id, self.header.generation, Direction::Up);
        let frame = Frame {
            header: self.header,
            body: body.clone(),
        };
        let mut sealed = FrameBytes::new();
        seal_frame(&frame, &key, &self.registry.city, &id, &mut sealed).unwrap();
        sealed.to_vec()
    }

    fn hear(&mut self, bytes: &[u8]) -> Outcome {
        let spoken = match self.registry.spoken(self.topic, bytes, self.received) {
            Ok(spoken) => spoken,
            Err(refused) => return refused,
        };
        let id = spoken.id;
        let key = |generation| self.registry.key(&id, generation, Direction::Up);
        let outcome = admit(spoken, &self.registry, key, &mut self.session);
        if outcome.is_answered() {
            let header = peek_header(bytes).unwrap();
            self.asked.note(header.lane, header.place());
        }
        outcome
    }

    fn settled(&self) -> Vec<wire::Settled> {
        self.session.settled(&self.asked).to_vec()
    }

    fn refusal(&mut self, bytes: &[u8]) -> Refusal {
        match self.hear(bytes) {
            Outcome::Refused { reason, .. } => reason,
            other => panic!("not refused: {other:?}"),
        }
    }

    fn accepted(&mut self, body: &Body) -> (Vec<FrameRecord>, Tally) {
        let bytes = self.seal(body);
        match self.hear(&bytes) {
            Outcome::Accepted { records, tally, .. } => (records, tally),
            other => panic!("not accepted: {other:?}"),
        }
    }
}

fn body(wall: Option<Millis>, samples: &[(u32, Quantity, Measurement)]) -> Body {
    let mut body = Body {
        uptime_ms: 600_000,
        wall_ms: wall,
        ..Body::default()
    };
    for &(age, quantity, measurement) in samples {
        body.samples
            .push(Sample::new(age, quantity, measurement))
            .unwrap();
    }
    body
}

fn warm(age: u32) -> (u32, Quantity, Measurement) {
    (
        age,
        Quantity::Temperature,
        Measurement::Value(Milli(21_000)),
    )
}

#[test]
fn a_frame_is_admitted_once_and_known_after() {
    let mut story = Story::new();
    let bytes = story.seal(&body(Some(NOW), &[warm(250)]));
    let Outcome::Accepted { records, tally, .. } = story.hear(&bytes) else {
        panic!("not accepted")
    };
    assert_eq!((tally.readings, tally.admitted), (1, 1));
    assert_eq!(records[0].readings[0].sampled_before, 250);
    for _ in 0..3 {
        assert_eq!(story.hear(&bytes), Outcome::Duplicate { node: NodeIx(4) });
    }
    let [settled] = story.settled()[..] else {
        panic!("one lane")
    };
    assert_eq!((settled.boot, settled.below, settled.bitmap), (3, 1, 0));
}

#[test]
fn every_refusal_has_its_reason() {
    let mut story = Story::new();
    let good = story.seal(&body(Some(NOW), &[warm(0)]));
    assert_eq!(story.refusal(b""), Refusal::Malformed);
    assert_eq!(story.refusal(&good[..20]), Refusal::Malformed);
    assert_eq!(
        story.refusal(&vec![VERSION; FRAME_LEN_MAX + 1]),
        Refusal::Malformed
    );
    let mut newer = good.clone();
    newer[0] = VERSION + 1;
    assert_eq!(story.refusal(&newer), Refusal::Version);
    for bit in 0..good.len() * 8 {
        let mut forged = good.clone();
        forged[bit / 8] ^= 1 << (bit % 8);
        let reason = story.refusal(&forged);
        assert_ne!(reason, Refusal::UnknownNode, "bit {bit}");
    }
    assert_eq!(story.session, Session::default(), "a forger moves nothing");
    for (topic, reason) in [
        ("city/v1/harbour/node/quay-7/alarm", Refusal::Topic),
        ("city/v1/harbour/node/quay-7/down", Refusal::Topic),
        ("city/v1/elsewhere/node/quay-7/up", Refusal::Topic),
        ("city/v1/harbour/node/quay-8/up", Refusal::UnknownNode),
        ("city/v1/harbour/node/a b/up", Refusal::UnknownNode),
        ("", Refusal::Topic),
    ] {
        story.topic = topic;
        assert_eq!(story.refusal(&good), reason, "{topic}");
    }
    story.topic = "city/v1/harbour/node/quay-7/up";
    assert!(matches!(story.hear(&good), Outcome::Accepted { .. }));
    // A new key retires the old one, replays included.
    story.header.generation = 2;
    story.accepted(&body(Some(NOW), &[]));
    assert_eq!(story.refusal(&good), Refusal::Generation);
}

#[test]
fn readings_are_refused_one_by_one() {
    let mut story = Story::new();
    let mut body = body(
        Some(NOW),
        &[
            warm(9),
            (
                8,
                Quantity::Temperature,
                Measurement::Value(Milli::whole(900)),
            ),
            (7, Quantity::Ch4, Measurement::Fault(Fault::SelfTest)),
            (6, Quantity::Ch4, Measurement::AtLeast(Milli::whole(100))),
        ],
    );
    let unknown = Sample {
        age_ms: 5,
        code: 0x7f,
        measurement: Measurement::Value(Milli(1)),
    };
    body.samples.push(unknown).unwrap();
    let (records, tally) = story.accepted(&body);
    assert_eq!((tally.readings, tally.admitted), (5, 2));
    assert_eq!(
        (tally.implausible, tally.unknown_quantity, tally.faults),
        (1, 1, 1)
    );
    assert_eq!(records[0].refused, 3);
    let kept: Vec<_> = records[0]
        .readings
        .iter()
        .map(|r| (r.index, r.saturated))
        .collect();
    assert_eq!(kept, [(0, false), (3, true)]);
}

#[test]
fn a_boot_without_a_clock_waits_for_it_and_is_timed_backwards() {
    let mut story = Story::new();
    let (records, tally) = story.accepted(&body(None, &[warm(1_000)]));
    assert_eq!((tally.admitted, tally.held), (1, 1));
    assert!(records[0].readings.is_empty());
    // Ten seconds later the node has heard what time it is.
    story.header.sequence = 1;
    story.received = NOW + 10_000;
    let mut later = body(Some(NOW + 10_000), &[warm(0)]);
    later.uptime_ms += 10_000;
    let (records, tally) = story.accepted(&later);
    let [own, held] = &records[..] else {
        panic!("its own and the held one: {records:?}")
    };
    assert_eq!(own.sequence, 1);
    assert_eq!(
        (held.sequence, held.readings[0].sampled_before),
        (0, 11_000)
    );
    assert_eq!((tally.admitted, tally.held), (1, 0));
    // A restart that reads the same records comes to the same session.
    let mut again = Session::default();
    let first = story_record(&mut Story::new());
    for record in [&first, own, held] {
        again.note(record);
    }
    again.release(3);
    assert_eq!(
        again.settled(&story.asked),
        story.session.settled(&story.asked)
    );
    assert_eq!(again.offset(3), story.session.offset(3));
    assert_eq!(again.room_to_hold(3), HELD_MAX);
}

fn story_record(story: &mut Story) -> FrameRecord {
    story.accepted(&body(None, &[warm(1_000)])).0.remove(0)
}

#[test]
fn an_absurd_clock_is_restamped_from_what_is_known() {
    let mut story = Story::new();
    story.accepted(&body(Some(NOW), &[warm(0)]));
    for (sequence, wall) in [(1, 0), (2, NOW + HOUR)] {
        story.header.sequence = sequence;
        let (records, tally) = story.accepted(&body(Some(wall), &[warm(500)]));
        assert_eq!(tally.restamped, 1);
        assert_eq!(records[0].readings[0].sampled_before, 500);
    }
    // Never heard a good one: the first exchange is the clock.
    story.header.boot = 4;
    let (records, tally) = story.accepted(&body(Some(0), &[warm(2_000)]));
    assert_eq!(tally.restamped, 1);
    assert_eq!(records[0].readings[0].sampled_before, 2_000);
}

#[test]
fn late_and_too_late_are_told_apart() {
    let mut story = Story::new();
    for (sequence, ago, late, too_late) in
        [(0, 0, 0, 0), (1, 10 * MINUTE, 1, 0), (2, 3 * HOUR, 0, 1)]
    {
        story.header.sequence = sequence;
        let (_, tally) = story.accepted(&body(Some(NOW - ago), &[warm(0)]));
        assert_eq!((tally.late, tally.too_late), (late, too_late), "{ago}");
    }
}

/// Whoever copied an old key may seal with it for ever; the city does not listen.
#[test]
fn keys_that_nodes_csv_retires_are_shut_out_before_the_new_ones_speak() {
    let mut story = Story::new();
    let old = story.seal(&body(Some(NOW), &[]));
    let post = Post {
        node: NodeIx(4),
        position: None,
        owner: String::new(),
        generation: Some(2),
        sample: None,
        period: None,
    };
    story.registry.city_changed(&city(), &[post]);
    assert_eq!(story.refusal(&old), Refusal::Generation);
    story.header.generation = 2;
    story.accepted(&body(Some(NOW), &[]));
}

proptest! {
    /// Any bytes under any topic end in one place of the ledger, and none moves a session without a key.
    #[test]
    fn any_bytes_end_somewhere(
        bytes in prop::collection::vec(any::<u8>(), 0..1_200),
        version in any::<bool>(),
        topic in prop_oneof![
            Just("city/v1/harbour/node/quay-7/up"),
            Just("city/v1/harbour/node/quay-7/alarm"),
            Just("city/v1/harbour/node/nobody/up"),
            Just("$SYS/broker"),
        ],
    ) {
        let mut story = Story::new();
        story.topic = topic;
        let mut bytes = bytes;
        if version && let Some(first) = bytes.first_mut() {
            *first = VERSION;
        }
        let refused = matches!(story.hear(&bytes), Outcome::Refused { settled: None, .. });
        prop_assert!(refused);
        prop_assert_eq!(story.session, Session::default());
    }

    /// Whatever a node says under its own seal, the ledger of its readings balances.
    #[test]
    fn the_ledger_of_readings_balances(
        wall in prop_oneof![Just(None), any::<u32>().prop_map(|ms| Some(NOW - i64::from(ms))), (0..1_i64 << 48).prop_map(Some)],
        uptime in any::<u64>(),
        kept in any::<u32>(),
        samples in prop::collection::vec((any::<u16>(), 0_u8..0x80, any::<i64>(), 0_u8..4), 0..64),
    ) {
        let mut story = Story::new();
        story.header.sequence = kept;
        let oldest_kept = Kept { boot: story.header.boot, sequence: kept };
        let mut body = Body { oldest_kept, uptime_ms: uptime, wall_ms: wall, ..Body::default() };
        let mut age = samples.iter().map(|s| u32::from(s.0)).sum::<u32>();
        for (step, code, value, how) in samples {
            let measurement = match how {
                0 => Measurement::Value(Milli(value)),
                1 => Measurement::AtLeast(Milli(value / 1_000_000_000_000)),
                2 => Measurement::AtMost(Milli(value)),
                _ => Measurement::Fault(Fault::Timeout),
            };
            age -= u32::from(step);
            body.samples.push(Sample { age_ms: age, code, measurement }).unwrap();
        }
        let (records, tally) = story.accepted(&body);
        let out = tally.unknown_quantity + tally.implausible + tally.faults;
        prop_assert_eq!(tally.readings, tally.admitted + out);
        prop_assert_eq!(u32::from(records[0].refused), out);
        let kept = records[0].readings.len() + records[0].held.len();
        prop_assert_eq!(tally.admitted, kept as u32 + tally.timeless);
        let mut observations = Vec::new();
        records.iter().for_each(|record| record.observations(&mut observations));
        for observation in observations {
            prop_assert!((0..=NOW + CLOCK_AHEAD_MAX).contains(&observation.sampled_at));
        }
    }
}
