//! Properties of everything that reads bytes: what is said is heard, and nothing else is ever believed.

extern crate std;

use proptest::collection::vec;
use proptest::prelude::*;
use std::string::ToString;
use std::vec::Vec;

use crate::ack::{Ack, AckBytes, Settled, open_ack, seal_ack};
use crate::body;
use crate::frame::{Body, Fault, Frame, Header, HeaderError, Kept, Lane, Measurement, Sample};
use crate::ident::{CityId, GatewayId, KindId, NodeId, ZoneId};
use crate::limits::{
    ALARMS_MAX, FRAME_HEADER_LEN, FRAME_LEN_MAX, SAMPLES_MAX, SETTINGS_LEN_MAX, VERSION,
    WALL_MS_END,
};
use crate::milli::Milli;
use crate::quantity::Quantity;
use crate::rule::{Danger, Threshold};
use crate::seal::{
    CitySecret, Direction, FrameBytes, Key, OpenError, derive_key, open_frame, peek_header,
    seal_frame, sealed_len,
};
use crate::settings::{Alarm, Settings};
use crate::topic::{Channel, Topic};

const ID: &str = "[A-Za-z0-9_-]{1,32}";

pub(crate) fn names() -> (CityId, NodeId) {
    (CityId::new("c").unwrap(), NodeId::new("n").unwrap())
}

pub(crate) fn key(direction: Direction) -> Key {
    derive_key(&CitySecret::new([9; 32]), &names().1, 0, direction)
}

/// Small and extreme numbers, both likely.
fn milli() -> impl Strategy<Value = Milli> {
    prop_oneof![
        -100_000..100_000_i64,
        any::<i64>(),
        Just(i64::MAX),
        Just(i64::MIN)
    ]
    .prop_map(Milli)
}

fn measurement() -> impl Strategy<Value = Measurement> {
    let named = [
        Fault::Timeout,
        Fault::Disconnected,
        Fault::SelfTest,
        Fault::OutOfRange,
    ];
    prop_oneof![
        4 => milli().prop_map(Measurement::Value),
        1 => milli().prop_map(Measurement::AtLeast),
        1 => milli().prop_map(Measurement::AtMost),
        1 => proptest::sample::select(named.to_vec()).prop_map(Measurement::Fault),
        1 => (6..=u8::MAX).prop_map(|code| Measurement::Fault(Fault::Other(code))),
    ]
}

fn samples() -> impl Strategy<Value = Vec<Sample>> {
    let age = prop_oneof![0..100_000_u32, any::<u32>()];
    let sample = (age, 0..0x80_u8, measurement()).prop_map(|(age_ms, code, measurement)| Sample {
        age_ms,
        code,
        measurement,
    });
    vec(sample, 0..=SAMPLES_MAX).prop_map(|mut samples| {
        samples.sort_by_key(|sample| core::cmp::Reverse(sample.age_ms));
        samples
    })
}

fn lane() -> impl Strategy<Value = Lane> {
    proptest::sample::select(Lane::ALL.to_vec())
}

prop_compose! {
    fn frame()(
        generation: u8,
        lane in lane(),
        boot: u32,
        sequence: u32,
        oldest in 0.0..=1.0,
        boots in prop_oneof![Just(0_u32), 0..5_u32, any::<u32>()],
        settings: u32,
        settings_refused: u32,
        uptime_ms: u64,
        wall_ms in proptest::option::of(0..WALL_MS_END),
        samples in samples(),
    ) -> Frame {
        let header = Header { generation, lane, boot, sequence };
        let oldest_kept = Kept {
            boot: boot.saturating_sub(boots),
            sequence: (f64::from(sequence) * oldest) as u32,
        };
        let samples = samples.into_iter().collect();
        Frame { header, body: Body { oldest_kept, uptime_ms, wall_ms, settings, settings_refused, samples } }
    }
}

prop_compose! {
    fn ack()(
        generation: u8,
        epoch: u32,
        counter: u64,
        gateway_ms in 0..WALL_MS_END,
        settled in vec((lane(), any::<u32>(), any::<(u32, u32)>(), any::<u64>()), 0..=4),
        settings in proptest::option::of(settings()),
    ) -> Ack {
        let settled = settled
            .into_iter()
            .map(|(lane, boot, (from, below), bitmap)| Settled { boot, lane, from, below, bitmap })
            .collect();
        Ack { generation, epoch, counter, gateway_ms, settled, settings }
    }
}

fn settings() -> impl Strategy<Value = Settings> {
    let quantities: Vec<Quantity> = (0..0x80).filter_map(Quantity::from_code).collect();
    let alarm = (
        proptest::sample::select(quantities),
        any::<bool>(),
        (milli(), milli()),
        any::<(u32, u32)>(),
    );
    (any::<(u32, u32)>(), vec(alarm, 0..=ALARMS_MAX)).prop_map(|(periods, alarms)| Settings {
        sample_period_ms: periods.0,
        report_period_ms: periods.1,
        alarms: alarms
            .into_iter()
            .map(|(quantity, above, (raise_at, clear_at), after)| Alarm {
                quantity,
                threshold: Threshold {
                    danger: if above { Danger::Above } else { Danger::Below },
                    raise_at,
                    clear_at,
                    raise_after_ms: after.0,
                    clear_after_ms: after.1,
                },
            })
            .collect(),
    })
}

pub(crate) fn sealed(frame: &Frame) -> FrameBytes {
    let (city, node) = names();
    let mut sealed = FrameBytes::new();
    seal_frame(frame, &key(Direction::Up), &city, &node, &mut sealed).unwrap();
    sealed
}

fn open(bytes: &[u8]) -> Result<Frame, OpenError> {
    let (city, node) = names();
    open_frame(bytes, &key(Direction::Up), &city, &node)
}

proptest! {
    #[test]
    fn a_frame_said_is_the_frame_heard(frame in frame()) {
        let sealed = sealed(&frame);
        prop_assert_eq!(sealed_len(&frame), Ok(sealed.len()));
        prop_assert_eq!(peek_header(&sealed), Ok(frame.header));
        prop_assert_eq!(open(&sealed), Ok(frame));
    }

    #[test]
    fn no_bit_of_a_frame_can_be_changed(frame in frame(), at: prop::sample::Index, bit in 0..8_u8) {
        let mut sealed = sealed(&frame);
        let at = at.index(sealed.len());
        sealed[at] ^= 1_u8 << bit;
        prop_assert!(matches!(open(&sealed), Err(OpenError::Seal | OpenError::Header(_))));
    }

    #[test]
    fn no_part_of_a_frame_is_a_frame(frame in frame(), len: prop::sample::Index, more: u8) {
        let mut sealed = sealed(&frame);
        prop_assert!(open(&sealed[..len.index(sealed.len())]).is_err());
        if sealed.push(more).is_ok() {
            prop_assert_eq!(open(&sealed), Err(OpenError::Seal));
        }
    }

    #[test]
    fn a_frame_opens_only_under_its_own_name(frame in frame(), city in ID, node in ID) {
        let sealed = sealed(&frame);
        let (city, node) = (CityId::new(&city).unwrap(), NodeId::new(&node).unwrap());
        prop_assume!((city, node) != names());
        prop_assert_eq!(open_frame(&sealed, &key(Direction::Up), &city, &node), Err(OpenError::Seal));
    }

    #[test]
    fn any_bytes_are_read_without_harm(bytes in vec(any::<u8>(), 0..FRAME_LEN_MAX + 9), sequence: u32) {
        let (city, node) = names();
        prop_assert!(open(&bytes).is_err());
        prop_assert!(open_ack(&bytes, &key(Direction::Down), &city, &node).is_err());
        // Behind a right seal too: a node may be broken.
        let header = Header { generation: 0, lane: Lane::Normal, boot: sequence % 3, sequence };
        if let Ok(body) = body::decode(&bytes, &header) {
            let frame = Frame { header, body };
            prop_assert_eq!(open(&sealed(&frame)), Ok(frame));
        }
    }

    /// Almost right bytes reach deeper than random ones.
    #[test]
    fn a_damaged_body_is_read_without_harm(frame in frame(), at: prop::sample::Index, byte: u8) {
        let mut buffer = [0; FRAME_LEN_MAX];
        let header = frame.header;
        let len = body::encode(&frame.body, &header, &mut buffer).unwrap();
        buffer[at.index(len)] = byte;
        let _ = body::decode(&buffer[..len], &header);
        let _ = body::decode(&buffer[..len + 1], &header);
    }

    #[test]
    fn an_acknowledgement_said_is_the_one_heard(ack in ack(), at: prop::sample::Index, bit in 0..8_u8) {
        let (city, node) = names();
        let mut sealed = AckBytes::new();
        seal_ack(&ack, &key(Direction::Down), &city, &node, &mut sealed).unwrap();
        prop_assert_eq!(open_ack(&sealed, &key(Direction::Down), &city, &node), Ok(ack));
        prop_assert_eq!(
            open_ack(&sealed, &key(Direction::Up), &city, &node),
            Err(OpenError::Seal)
        );
        let at = at.index(sealed.len());
        sealed[at] ^= 1_u8 << bit;
        prop_assert!(open_ack(&sealed, &key(Direction::Down), &city, &node).is_err());
    }

    /// Settings come back from a node's memory as they were, have one number, and any bytes there do no harm.
    #[test]
    fn settings_kept_are_the_settings_said(settings in settings(), other in settings(), at: prop::sample::Index, byte: u8) {
        let mut buffer = [0; SETTINGS_LEN_MAX];
        let len = settings.encode(&mut buffer).len();
        prop_assert_eq!(Settings::decode(&buffer[..len]), Ok(settings.clone()));
        prop_assert_eq!(settings.id() == other.id(), settings == other);
        let _ = settings.check();
        buffer[at.index(len)] = byte;
        let _ = Settings::decode(&buffer[..len]);
        prop_assert!(Settings::decode(&buffer[..len - 1]).is_err());
    }

    #[test]
    fn covered_is_what_is_below_or_marked(from: u32, below: u32, bitmap: u64, ahead in 0..80_u32) {
        let settled = Settled { boot: 0, lane: Lane::Normal, from, below, bitmap };
        prop_assert!(below == 0 || settled.covers(below - 1) == (from < below));
        prop_assert_eq!(settled.covers(0), from == 0 && below > 0 || below == 0 && bitmap & 1 == 1);
        if let Some(sequence) = below.checked_add(ahead) {
            prop_assert_eq!(settled.covers(sequence), ahead < 64 && (bitmap >> ahead) & 1 == 1);
        }
    }

    #[test]
    fn topics_lead_back_to_their_meaning(
        city in ID, name in ID, zone in ID, alert: u128,
        channel in proptest::sample::select(std::vec![Channel::Up, Channel::Alarm, Channel::Down, Channel::Status]),
    ) {
        let city = CityId::new(&city).unwrap();
        let (kind, zone) = (KindId::new(&name).unwrap(), ZoneId::new(&zone).unwrap());
        for topic in [
            Topic::Node { city, node: NodeId::new(&name).unwrap(), channel },
            Topic::Alert { city, kind, zone, alert },
            Topic::Cap { city, kind, zone, alert },
            Topic::Gateway { city, gateway: GatewayId::new(&name).unwrap() },
        ] {
            let text = topic.text();
            prop_assert_eq!(text.as_str(), topic.to_string());
            prop_assert_eq!(Topic::parse(&text), Ok(topic));
        }
    }

    #[test]
    fn a_text_is_a_topic_only_letter_by_letter(text in "(city/)?(v1/)?([a-z]{1,6}/|node/|alert/|c/){0,6}(up|[0-9a-f]{32})?|.{0,200}") {
        if let Ok(topic) = Topic::parse(&text) {
            prop_assert_eq!(topic.to_string(), text);
        }
    }
}

#[test]
fn an_unknown_version_is_an_error_of_its_own() {
    for version in (0..=u8::MAX).filter(|&version| version != VERSION) {
        let mut bytes = [0; FRAME_HEADER_LEN + 40];
        bytes[0] = version;
        let error = OpenError::Header(HeaderError::Version(version));
        assert_eq!(peek_header(&bytes), Err(error));
        // Already told by the first byte: the rest may have any form.
        assert_eq!(peek_header(&bytes[..1]), Err(error));
        let (city, node) = names();
        assert_eq!(
            open_ack(&bytes, &key(Direction::Down), &city, &node),
            Err(error)
        );
    }
}

#[test]
fn an_authentic_body_without_meaning_is_told_from_a_broken_seal() {
    let (city, node) = names();
    let header = Header {
        generation: 0,
        lane: Lane::Normal,
        boot: 1,
        sequence: 2,
    };
    // Keeps three frames before sequence 2: that would be sequence -1.
    let mut body = [0, 3, 0, 0, 0, 0, 0, 0];
    let nonce = [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2];
    let tag = crate::seal::encrypt(
        &key(Direction::Up),
        nonce,
        &header.to_bytes(),
        &city,
        &node,
        &mut body,
    );
    let bytes = [&header.to_bytes()[..], &body, &tag.unwrap()].concat();
    let error = open(&bytes).unwrap_err();
    assert_eq!(error, OpenError::Body(crate::BodyError::OldestKept));
    assert!(error.is_authentic());
    assert!(!OpenError::Seal.is_authentic());
}

#[test]
fn a_secret_is_sixty_four_digits() {
    assert_eq!(
        CitySecret::from_hex(&"0a".repeat(32)),
        Ok(CitySecret::new([10; 32]))
    );
    for text in [
        "",
        "0a",
        &"0g".repeat(32),
        &"0a".repeat(33),
        &"é".repeat(32),
    ] {
        assert!(CitySecret::from_hex(text).is_err(), "{text}");
    }
}
