//! The layout, frozen: hex beside meaning. A change here is a new format version, never an edit.
//!
//! The sealed bytes were computed a second time from the same meanings by an independent program: Python, its `hmac` for
//! RFC 5869 and OpenSSL's ChaCha20-Poly1305.

extern crate std;

use std::string::String;
use std::vec::Vec;

use crate::ack::{Ack, AckBytes, Settled, open_ack, seal_ack};
use crate::body;
use crate::frame::{Body, Fault, Frame, Header, Lane, Measurement, Sample};
use crate::ident::{CityId, NodeId};
use crate::milli::Milli;
use crate::quantity::Quantity;
use crate::seal::{CitySecret, Direction, FrameBytes, Key, derive_key, open_frame, seal_frame};

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
            oldest_kept: 41,
            uptime_ms: 3_600_000,
            wall_ms: Some(1_795_312_800_000),
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
            oldest_kept: 0,
            uptime_ms: 5_000_000_000,
            wall_ms: None,
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
                below: 42,
                bitmap: 0,
            },
            Settled {
                boot: 0x0102_0304,
                lane: Lane::Alarm,
                below: 299,
                bitmap: 1 << 40 | 0b10,
            },
        ]
        .into_iter()
        .collect(),
    }
}

#[test]
fn a_body_is_what_its_table_says() {
    for (frame, table) in [
        (
            small(),
            "00            | kept: the oldest kept is the frame itself
             fc 80ee3600   | uptime 3 600 000 ms
             81            | one sample, and a wall time follows
             01a200fb5100  | wall time 1 795 312 800 000 ms
             28            | 40 ms old
             10 fb f8a7    | temperature 21.500",
        ),
        (
            varied(),
            "fb 2c01                    | kept: 300 frames before this one
             fd 00f2052a01000000        | uptime 5 000 000 000 ms
             0a                         | ten samples, no wall time
             fc 70110100                | 70 000 ms old
             40 01                      | ch4 -0.001
             fb 1027                    | 10 000 ms later
             40 fb 409c                 | ch4 20.000 more: 19.999
             00                         | at the same time
             c4 00 fc 400d0300          | smoke at least 100
             fb 66e9                    | 59 750 ms later
             c0 01 01                   | ch4 at most 0.001 less: 19.998
             f1 c602                    | 241 ms later, heat: timeout
             01 c603                    | 1 ms later, heat: disconnected
             01 c604                    | 1 ms later, heat: self test
             01 c605                    | 1 ms later, heat: out of range
             01 c6c8                    | 1 ms later, heat: fault 200 of a newer node
             05                         | 5 ms later
             44 fd c0f2fcffffffffff     | smoke: the least value there is, the difference wrapped",
        ),
    ] {
        let expected: String = table
            .lines()
            .flat_map(|line| line.split('|').next().unwrap().split_whitespace())
            .collect();
        let mut buffer = [0; crate::limits::FRAME_BODY_LEN_MAX];
        let len = body::encode(&frame.body, frame.header.sequence, &mut buffer).unwrap();
        assert_eq!(hex(&buffer[..len]), expected);
        let read = body::decode(&bytes(&expected), frame.header.sequence);
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
            // version, generation, lane, boot 7, sequence 41; body; tag: 45 bytes in all
            "01 01 00 00000007 00000029
             b148177d4ca0ab3913243089918f84dce4a5 8f921bc4f8fa3f686a938d5aa3178bc0",
        ),
        (
            varied(),
            "01 01 01 01020304 0000012c
             f998e0653cb2ed0d1073db5f194c9cf5d5586b620c0f1c518f6d5364adfe87eac7c0abace122c5bab2e43c
             ec671bb92914fee908d1a064710ba77ffdcf431cdb5f0d b18345d4575998b75743d28c51a3c06a82",
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
fn a_sealed_acknowledgement_is_these_bytes() {
    let (city, node) = names();
    // version, generation, epoch 3, counter 2^32 + 5; body; tag
    let expected = "01 01 00000003 0000000100000005
        49b2b79d1c579d1f9e53a7f08882333d52f7c4bb42b4df86ab64c416a5 90f4a945975ea32a76d63aee1bf062be";
    let mut sealed = AckBytes::new();
    seal_ack(&answer(), &key(Direction::Down), &city, &node, &mut sealed).unwrap();
    assert_eq!(hex(&sealed), hex(&bytes(expected)));
    let opened = open_ack(&bytes(expected), &key(Direction::Down), &city, &node);
    assert_eq!(opened, Ok(answer()));
}
