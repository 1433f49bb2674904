//! The same bytes out for the same bytes in, on every target: a script played to the rule core and to a whole node,
//! and one number for everything that came of it.
//!
//! Any bytes are a script. The host and an emulated board play the same one; where their numbers differ, a node would
//! judge or say something else than the city expects.

use sha2::{Digest, Sha256};
use wire::rule::{Danger, Evidence, Machine, Threshold, Turn, Weight};
use wire::settings::Alarm;
use wire::{CityId, Fault, Key, Milli, NodeId, Quantity, Settings};

use crate::limits::{SMALL_BYTES, SMALL_FRAMES};
use crate::{Action, Config, Event, Keys, Node, Scale, Sensor};

/// What came of a script.
pub type Outcome = [u8; 32];

/// Two bytes of script are one piece of evidence.
pub fn rules(script: &[u8]) -> Outcome {
    let threshold = Threshold {
        danger: Danger::Above,
        raise_at: Milli(20_000),
        clear_at: Milli(10_000),
        raise_after_ms: 2_000,
        clear_after_ms: 3_000,
    };
    let (mut machine, mut hash) = (Machine::default(), Sha256::new());
    let mut start_ms = 0;
    for pair in script.chunks_exact(2) {
        let end_ms = start_ms + i64::from(pair[0]) * 10;
        let evidence = Evidence {
            start_ms,
            end_ms,
            weight: [Weight::Raises, Weight::Between, Weight::Calm][usize::from(pair[1] % 3)],
            open: pair[1] & 0x40 != 0,
            alarm: pair[1] & 0x80 != 0,
        };
        let turn = machine.step(&threshold, &evidence);
        let (code, since_ms) = match turn {
            Turn::Quiet => (0_u8, 0),
            Turn::Began => (1, 0),
            Turn::Went => (2, 0),
            Turn::Confirmed => (3, 0),
            Turn::Dropped => (4, 0),
            Turn::Ended { since_ms } => (5, since_ms),
        };
        hash.update([code]);
        hash.update(since_ms.to_be_bytes());
        if let Some(run) = machine.run() {
            hash.update([u8::from(run.is_raised()), u8::from(run.is_provisional())]);
            hash.update(run.onset_ms.to_be_bytes());
            hash.update(run.last_ms.to_be_bytes());
        }
        start_ms = end_ms;
    }
    hash.finalize().into()
}

/// Three bytes of script are what a sensor answers; everything that the node publishes counts, sealed.
pub fn node(script: &[u8]) -> Outcome {
    let mut hash = Sha256::new();
    let Some(mut node) = player() else {
        return hash.finalize().into();
    };
    let mut words = script.chunks_exact(3);
    let (mut now_ms, mut event) = (0, Event::Wake);
    loop {
        event = match node.step(now_ms, event) {
            Action::Sample { sensor } => {
                let Some(word) = words.next() else {
                    return hash.finalize().into();
                };
                let value = i64::from(i16::from_be_bytes([word[0], word[1]]));
                let word = match word[2] % 16 {
                    0 => Err(Fault::Timeout),
                    _ => Ok(value),
                };
                Event::Sampled { sensor, word }
            }
            Action::Connect { .. } => Event::Connected,
            Action::Publish { topic, payload, .. } => {
                hash.update(topic.as_bytes());
                hash.update(payload);
                Event::Wake
            }
            Action::Wait { until_ms } => {
                now_ms = until_ms;
                Event::Wake
            }
            _ => Event::Wake,
        };
    }
}

fn player() -> Option<Node<SMALL_FRAMES, SMALL_BYTES>> {
    let (city, name) = (CityId::new("harbour").ok()?, NodeId::new("player").ok()?);
    let keys = Keys {
        generation: 1,
        up: Key::from_bytes([1; 32]),
        down: Key::from_bytes([2; 32]),
    };
    let sensor = |quantity| Sensor {
        quantity,
        phase_ms: 0,
        scale: Scale {
            range: (-30_000, 30_000),
            ..Scale::EXACT
        },
    };
    let gas = Alarm {
        quantity: Quantity::Ch4,
        threshold: Threshold {
            danger: Danger::Above,
            raise_at: Milli(10_000),
            clear_at: Milli(-10_000),
            raise_after_ms: 1_000,
            clear_after_ms: 2_000,
        },
    };
    let settings = Settings {
        sample_period_ms: 1_000,
        report_period_ms: 8_000,
        alarms: [gas].into_iter().collect(),
    };
    let sensors = [sensor(Quantity::Temperature), sensor(Quantity::Ch4)];
    Some(Node::new(
        Config::new(city, name, keys, 1),
        &sensors,
        settings,
    ))
}
