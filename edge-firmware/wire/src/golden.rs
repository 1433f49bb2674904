//! The layout, frozen: hex beside meaning. A change here is a new format version, never an edit.
//!
//! The sealed bytes were computed a second time from the same meanings by an independent program: Python, its `hmac` for
//! RFC 5869 and RFC 8439 written out.

extern crate std;

use std::string::String;
use std::vec::Vec;

use crate::ack::{Ack, AckBytes, Settled, open_ack, seal_ack};
use crate::body;
use crate::frame::{Body, Fault, Frame, Header, Kept, Lane, Measurement, Sample};
use crate::ident::{CityId, NodeId};
use crate::milli::Milli;
use crate::quantity::Quantity;
use crate::rule::{Danger, Threshold};
use crate::seal::{CitySecret, Direction, FrameBytes, Key, derive_key, open_frame, seal_frame};
use crate::settings::{Alarm, Settings};

fn names() -> (CityId, NodeId) {
    (
        CityId::new("harbour").unwrap(),
        NodeId::new("quay-7").unwrap(),
    )
}

fn key(direction: Direction) -> Key {
    let secret = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    derive_key(
        &CitySecret::from_hex(secret).unwrap(),
        &names().1,
        1,
        direction,
    )
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .map(|byte| std::format!("{byte:02x}"))
        .collect()
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(core::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

fn sample(age_ms: u32, quantity: Quantity, measurement: Measurement) -> Sample {
    Sample::new(age_ms, quantity, measurement)
}

/// One temperature with a wall time: the everyday frame.
fn small() -> Frame {
    Frame {
        header: Header {
            generation: 1,
            lane: Lane::Normal,
            boot: 7,
            sequence: 41,
        },
        body: Body {
            oldest_kept: Kept {
                boot: 7,
                sequence: 41,
            },
            uptime_ms: 3_600_000,
            wall_ms: Some(1_795_312_800_000),
            settings: 0x1234_5678,
            settings_refused: 0,
            samples: [sample(
                40,
                Quantity::Temperature,
                Measurement::Value(Milli(21_500)),
            )]
            .into_iter()
            .collect(),
        },
    }
}

/// One of everything that a sample can be, in the alarm lane, before the node knows the time.
fn varied() -> Frame {
    use Measurement::{AtLeast, AtMost, Value};
    let fault = |fault| Measurement::Fault(fault);
    Frame {
        header: Header {
            generation: 1,
            lane: Lane::Alarm,
            boot: 0x0102_0304,
            sequence: 300,
        },
        body: Body {
            oldest_kept: Kept {
                boot: 0x0102_0302,
                sequence: 77,
            },
            uptime_ms: 5_000_000_000,
            wall_ms: None,
            settings: 0xfedc_ba98,
            settings_refused: 0xff00,
            samples: [
                sample(70_000, Quantity::Ch4, Value(Milli(-1))),
                sample(60_000, Quantity::Ch4, Value(Milli(19_999))),
                sample(60_000, Quantity::Smoke, AtLeast(Milli(100_000))),
                sample(250, Quantity::Ch4, AtMost(Milli(19_998))),
                sample(9, Quantity::Heat, fault(Fault::Timeout)),
                sample(8, Quantity::Heat, fault(Fault::Disconnected)),
                sample(7, Quantity::Heat, fault(Fault::SelfTest)),
                sample(6, Quantity::Heat, fault(Fault::OutOfRange)),
                sample(5, Quantity::Heat, fault(Fault::Other(200))),
                sample(0, Quantity::Smoke, Value(Milli(i64::MIN))),
            ]
            .into_iter()
            .collect(),
        },
    }
}

/// What the gateway answers to both.
fn answer() -> Ack {
    Ack {
        generation: 1,
        epoch: 3,
        counter: (1 << 32) + 5,
        gateway_ms: 1_795_312_800_123,
        settled: [
            Settled {
                boot: 7,
                lane: Lane::Normal,
                from: 0,
                below: 42,
                bitmap: 0,
            },
            Settled {
                boot: 0x0102_0304,
                lane: Lane::Alarm,
                from: 270,
                below: 299,
                bitmap: 1 << 40 | 0b10,
            },
        ]
        .into_iter()
        .collect(),
        settings: None,
    }
}

/// And what it answers to a node that shall go by something else.
fn new_settings() -> Ack {
    let gas = Alarm {
        quantity: Quantity::Ch4,
        threshold: Threshold {
            danger: Danger::Above,
            raise_at: Milli(20_000),
            clear_at: Milli(-1),
            raise_after_ms: 30_000,
            clear_after_ms: 0,
        },
    };
    let smoke = Alarm {
        quantity: Quantity::Smoke,
        threshold: Threshold {
            danger: Danger::Below,
            ..gas.threshold
        },
    };
    Ack {
        counter: 1,
        settled: heapless::Vec::new(),
        settings: Some(Settings {
            sample_period_ms: 1_000,
            report_period_ms: 60_000,
            alarms: [gas, smoke].into_iter().collect(),
        }),
        ..answer()
    }
}

#[test]
fn a_body_is_what_its_table_says() {
    for (frame, table) in [
        (
            small(),
            "00            | boots: the oldest kept is of this boot
             00            | kept: it is the frame itself
             fc 80ee3600   | uptime 3 600 000 ms
             81            | one sample, and a wall time follows
             01a200fb5100  | wall time 1 795 312 800 000 ms
             12345678      | the settings that it goes by
             00            | none refused
             28            | 40 ms old
             10 fb f8a7    | temperature 21.500",
        ),
        (
            varied(),
            "02                         | boots: the oldest kept is of the boot before last
             4d                         | kept: its sequence 77
             fd 00f2052a01000000        | uptime 5 000 000 000 ms
             0a                         | ten samples, no wall time
             fedcba98                   | the settings that it goes by
             fb 00ff                    | those it refused
             fc 70110100                | 70 000 ms old
             40 01                      | ch4 -0.001
             fb 1227                    | 10 000 ms later
             40 fb 409c                 | ch4 20.000 more: 19.999
             00                         | at the same time
             c4 00 fc 400d0300          | smoke at least 100
             fb 68e9                    | 59 750 ms later
             c0 01 01                   | ch4 at most 0.001 less: 19.998
             f3 c602                    | 241 ms later, heat: timeout
             03 c603                    | 1 ms later, heat: disconnected
             01 c604                    | again so much later, heat: self test
             01 c605                    | again, heat: out of range
             01 c6c8                    | again, heat: fault 200 of a newer node
             07                         | 5 ms later
             44 fd c0f2fcffffffffff     | smoke: the least value there is, the difference wrapped",
        ),
    ] {
        let expected: String = table
            .lines()
            .flat_map(|line| line.split('|').next().unwrap().split_whitespace())
            .collect();
        let mut buffer = [0; crate::limits::FRAME_BODY_LEN_MAX];
        let len = body::encode(&frame.body, &frame.header, &mut buffer).unwrap();
        assert_eq!(hex(&buffer[..len]), expected);
        let read = body::decode(&bytes(&expected), &frame.header);
        assert_eq!(read, Ok(frame.body));
    }
}

#[test]
fn keys_are_those_of_rfc_5869() {
    for (direction, expected) in [
        (
            Direction::Up,
            "7397e33fdc3763df0af0040e0c470ab90125dd7a9d277df3fb6cfa087be247a5",
        ),
        (
            Direction::Down,
            "c9cac9a049aa19a6bbf3865353b63aa53b15d0dfbe30d3c35fd73a9906ebea5d",
        ),
    ] {
        assert_eq!(hex(key(direction).as_bytes()), expected);
    }
}

#[test]
fn sealed_frames_are_these_bytes() {
    let (city, node) = names();
    for (frame, expected) in [
        (
            small(),
            // version, generation, lane, boot 7, sequence 41; body; tag: 51 bytes in all
            "02 01 00 00000007 00000029
             b1b46b1394962ab9b086cb23c0a786134a7ad5a04d37a148 86e56ff788855f6262a867623aac7dbc",
        ),
        (
            varied(),
            "02 01 01 01020304 0000012c
             00f91c98ce45c2261173db55ed6c567c2f58d49f870e3a11342c34764ebe80ea56c36f577b8b08b8b3ee9207
             a6dcbbdb14f8eb08d7a064bd0f25873cfb77e4605d32bc8e0060763456 73ca96ffeaddebe3358435f2a491044c",
        ),
    ] {
        let mut sealed = FrameBytes::new();
        seal_frame(&frame, &key(Direction::Up), &city, &node, &mut sealed).unwrap();
        assert_eq!(hex(&sealed), hex(&bytes(expected)));
        let opened = open_frame(&bytes(expected), &key(Direction::Up), &city, &node);
        assert_eq!(opened, Ok(frame));
    }
}

#[test]
fn sealed_acknowledgements_are_these_bytes() {
    let (city, node) = names();
    for (ack, expected) in [
        (
            answer(),
            // version, generation, epoch 3, counter 2^32 + 5; body; tag
            "02 01 00000003 0000000100000005
             49b2b79d1c579d1f9e798df1757a343c510d14b4be4df4875666c516a5bd9cd346
             e4fbcd3afc4e6f70dfbe33b405251082",
        ),
        (
            new_settings(),
            "02 01 00000003 0000000000000001
             998161c8ee8f0ebbd2181f5005a2af3383053181a91f7a482abbb0cdc821c663
             77b998d841a59d55efdedf120f89224b",
        ),
    ] {
        let mut sealed = AckBytes::new();
        seal_ack(&ack, &key(Direction::Down), &city, &node, &mut sealed).unwrap();
        assert_eq!(hex(&sealed), hex(&bytes(expected)));
        let opened = open_ack(&bytes(expected), &key(Direction::Down), &city, &node);
        assert_eq!(opened, Ok(ack));
    }
}

#[test]
fn settings_are_what_their_table_says() {
    let table = "fb e803        | a reading a second
                 fb 60ea        | a frame a minute
                 02             | two thresholds
                 40 fb409c 01   | ch4 dangerous above: from 20, until below -0.001
                 fb3075 00      | raised after 30 s, over at once
                 c4 fb409c 01   | smoke dangerous below
                 fb3075 00      |";
    let expected: String = table
        .lines()
        .flat_map(|line| line.split('|').next().unwrap().split_whitespace())
        .collect();
    let settings = new_settings().settings.unwrap();
    let mut buffer = [0; crate::limits::SETTINGS_LEN_MAX];
    assert_eq!(hex(settings.encode(&mut buffer)), expected);
    // The beginning of the SHA-256 of these bytes.
    assert_eq!(settings.id(), 0xf82f_b354);
}
