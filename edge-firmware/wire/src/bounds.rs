//! The stated bounds, met by the fullest that can be said; and how little the everyday takes.

extern crate std;

use crate::ack::{Ack, AckBytes, Settled, seal_ack};
use crate::any_bytes::{key, names, sealed};
use crate::frame::{Body, Frame, Header, Kept, Lane, Measurement, Sample};
use crate::ident::{CityId, KindId, ZoneId};
use crate::limits::{
    ACK_LEN_MAX, ALARMS_MAX, FRAME_LEN_MAX, SAMPLES_MAX, TOPIC_LEN_MAX, WALL_MS_END,
};
use crate::milli::Milli;
use crate::quantity::Quantity;
use crate::rule::{Danger, Threshold};
use crate::seal::Direction;
use crate::settings::{Alarm, Settings};
use crate::topic::Topic;

#[test]
fn the_fullest_frame_and_acknowledgement_fit_their_buffers() {
    let samples = (0..SAMPLES_MAX).map(|place| Sample {
        age_ms: if place == 0 { u32::MAX } else { 0 },
        code: (place % 2) as u8,
        measurement: Measurement::AtLeast(Milli(if place % 4 < 2 { i64::MIN } else { i64::MAX })),
    });
    let frame = Frame {
        header: Header {
            generation: 255,
            lane: Lane::Alarm,
            boot: u32::MAX,
            sequence: u32::MAX,
        },
        body: Body {
            oldest_kept: Kept {
                boot: 0,
                sequence: u32::MAX,
            },
            uptime_ms: u64::MAX,
            wall_ms: Some(WALL_MS_END - 1),
            settings: u32::MAX,
            settings_refused: u32::MAX,
            samples: samples.collect(),
        },
    };
    assert!(sealed(&frame).len() <= FRAME_LEN_MAX);

    let settled = Settled {
        boot: u32::MAX,
        lane: Lane::Alarm,
        from: u32::MAX,
        below: u32::MAX,
        bitmap: u64::MAX,
    };
    let alarm = Alarm {
        quantity: Quantity::Ch4,
        threshold: Threshold {
            danger: Danger::Below,
            raise_at: Milli(i64::MIN),
            clear_at: Milli(i64::MAX),
            raise_after_ms: u32::MAX,
            clear_after_ms: u32::MAX,
        },
    };
    let settings = Settings {
        sample_period_ms: u32::MAX,
        report_period_ms: u32::MAX,
        alarms: [alarm; ALARMS_MAX].into_iter().collect(),
    };
    let ack = Ack {
        generation: 255,
        epoch: u32::MAX,
        counter: u64::MAX,
        gateway_ms: WALL_MS_END - 1,
        settled: [settled; 4].into_iter().collect(),
        settings: Some(settings),
    };
    let (city, node) = names();
    let mut bytes = AckBytes::new();
    seal_ack(&ack, &key(Direction::Down), &city, &node, &mut bytes).unwrap();
    assert_eq!(bytes.len(), ACK_LEN_MAX);

    let longest = "x".repeat(32);
    let topic = Topic::Alert {
        city: CityId::new(&longest).unwrap(),
        kind: KindId::new(&longest).unwrap(),
        zone: ZoneId::new(&longest).unwrap(),
        alert: 0,
    };
    assert_eq!(topic.text().len(), TOPIC_LEN_MAX);
}

/// What a node that measures in rounds says in a frame of sixteen readings, seal and header included: however its values
/// jump by up to 32 units, and whether it has one sensor or four.
#[test]
fn sixteen_readings_take_eight_bytes_each_at_most() {
    // Values that jump, and how many bytes the frame may then take.
    let cases = [
        (1, 62, 100),
        (4, 62, 100),
        (1, 32_700, 128),
        (4, 32_700, 128),
    ];
    for (sensors, jump, bytes) in cases {
        let rounds = 16 / sensors;
        let samples = (0..16_u32).map(|place| Sample {
            age_ms: (rounds - 1 - place / sensors) * 4_000,
            code: (place % sensors) as u8,
            measurement: Measurement::Value(Milli(
                [0, jump][place as usize / sensors as usize % 2],
            )),
        });
        let frame = Frame {
            header: Header {
                generation: 1,
                lane: Lane::Normal,
                boot: 70_000,
                sequence: 70_000,
            },
            body: Body {
                oldest_kept: Kept {
                    boot: 70_000,
                    sequence: 70_000,
                },
                uptime_ms: u64::from(u32::MAX),
                wall_ms: Some(WALL_MS_END - 1),
                settings: u32::MAX,
                settings_refused: 0,
                samples: samples.collect(),
            },
        };
        let len = sealed(&frame).len();
        assert!(len <= bytes, "{len} bytes of {sensors} sensors");
    }
}
