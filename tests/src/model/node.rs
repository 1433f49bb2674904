//! A node by hand: it measures, closes and seals frames as firmware does, and keeps some of them.

use std::collections::VecDeque;

use pipeline::calendar::{Millis, SECOND};
use pipeline::city::{self, NodeIx};
use pipeline::observation::Observation;
use rand::Rng;
use rand::rngs::StdRng;
use wire::frame::{Body, Frame, Header, Kept, Sample};
use wire::seal::{FrameBytes, derive_key, seal_frame};
use wire::{CityId, CitySecret, Direction, Fault, Key, Lane, Measurement, Milli, NodeId, Quantity};

use crate::city::Signal;

/// A frame that was closed: its bytes, and what of it is to be believed.
#[derive(Clone, Debug)]
pub(super) struct Closed {
    pub(super) lane: Lane,
    pub(super) bytes: Vec<u8>,
    /// Its plausible readings.
    pub(super) readings: Vec<Observation>,
    place: Kept,
}

/// Between two moments of measuring.
const STEP: Millis = 10 * SECOND;
/// Moments in one frame.
const MOMENTS_MAX: Millis = 12;
/// Frames kept at once; within what a gateway remembers of holes.
pub(super) const KEPT_MAX: usize = 10;
/// Frames that can be sent once more.
const SENT_MAX: usize = 12;

pub(super) struct Node {
    pub(super) ix: NodeIx,
    pub(super) id: NodeId,
    signals: Vec<Signal>,
    city: CityId,
    key: Key,
    boot: u32,
    started_at: Millis,
    next: [u32; 2],
    measured_to: Millis,
    pub(super) kept: VecDeque<Closed>,
    pub(super) sent: VecDeque<Closed>,
}

impl Node {
    pub(super) fn new(node: &city::Node, city: CityId, secret: &CitySecret, now: Millis) -> Node {
        Node {
            ix: node.ix,
            id: node.id,
            signals: node.quantities.iter().map(|&q| Signal::new(q)).collect(),
            city,
            key: derive_key(secret, &node.id, GENERATION, Direction::Up),
            boot: 1,
            started_at: now,
            next: [0; 2],
            measured_to: now,
            kept: VecDeque::new(),
            sent: VecDeque::new(),
        }
    }

    /// What was measured since the last frame, as a frame of the normal lane.
    pub(super) fn report(&mut self, rng: &mut StdRng, now: Millis) -> Closed {
        let first = self.measured_to.max(now - MOMENTS_MAX * STEP) + STEP;
        let mut samples = Vec::new();
        let mut at = first - rng.random_range(0..STEP);
        while at <= now && samples.len() + self.signals.len() <= wire::limits::SAMPLES_MAX {
            for signal in &mut self.signals {
                let value = signal.next(rng);
                samples.push((at, signal.quantity, spoiled(rng, signal.quantity, value)));
            }
            at += STEP + rng.random_range(-500..=500);
        }
        self.measured_to = now;
        self.close(Lane::Normal, now, &samples)
    }

    /// One reading, sent ahead of all others.
    pub(super) fn alarm(&mut self, rng: &mut StdRng, now: Millis) -> Closed {
        let place = rng.random_range(0..self.signals.len());
        let signal = &mut self.signals[place];
        let sample = (now, signal.quantity, Measurement::Value(signal.next(rng)));
        self.close(Lane::Alarm, now, &[sample])
    }

    /// A new boot; what was kept stays.
    pub(super) fn reboot(&mut self, now: Millis) {
        (self.boot, self.started_at, self.next) = (self.boot + 1, now, [0; 2]);
    }

    /// Puts a frame that was delivered among those that can come again.
    pub(super) fn note_sent(&mut self, frame: Closed) {
        if self.sent.len() == SENT_MAX {
            self.sent.pop_front();
        }
        self.sent.push_back(frame);
    }

    #[allow(clippy::expect_used)]
    fn close(
        &mut self,
        lane: Lane,
        now: Millis,
        samples: &[(Millis, Quantity, Measurement)],
    ) -> Closed {
        let next = &mut self.next[usize::from(lane.code())];
        let (boot, sequence) = (self.boot, *next);
        *next += 1;
        let place = Kept { boot, sequence };
        let oldest = self.kept.iter().map(|frame| frame.place).min();
        let mut body = Body {
            oldest_kept: oldest.filter(|_| lane == Lane::Normal).unwrap_or(place),
            uptime_ms: (now - self.started_at) as u64,
            wall_ms: Some(now),
            ..Body::default()
        };
        let mut readings = Vec::new();
        for (index, (at, quantity, measurement)) in samples.iter().enumerate() {
            let sample = Sample::new((now - at) as u32, *quantity, *measurement);
            body.samples.push(sample).expect("no more than fit");
            let (least, greatest) = quantity.entry().plausible;
            let value = measurement.value();
            readings.extend(
                value
                    .filter(|v| (least..=greatest).contains(v))
                    .map(|value| Observation {
                        node: self.ix,
                        quantity: *quantity,
                        saturated: measurement.is_saturated(),
                        index: index as u16,
                        sampled_at: *at,
                        value,
                        alarm: lane == Lane::Alarm,
                        sequence: u64::from(boot) << 32 | u64::from(sequence),
                    }),
            );
        }
        let header = Header {
            generation: GENERATION,
            lane,
            boot,
            sequence,
        };
        let mut bytes = FrameBytes::new();
        let frame = Frame { header, body };
        seal_frame(&frame, &self.key, &self.city, &self.id, &mut bytes).expect("it is well made");
        Closed {
            lane,
            bytes: bytes.to_vec(),
            readings,
            place,
        }
    }
}

const GENERATION: u8 = 1;

/// Most values as they are; some saturated, some that cannot be, some not there.
fn spoiled(rng: &mut StdRng, quantity: Quantity, value: Milli) -> Measurement {
    let (least, greatest) = quantity.entry().plausible;
    match rng.random_range(0..60) {
        0 => Measurement::AtLeast(value),
        1 => Measurement::AtMost(value),
        2 => Measurement::Value(Milli(greatest.0 + 1)),
        3 => Measurement::Value(Milli(least.0 - 1)),
        4 => Measurement::Fault(Fault::Timeout),
        _ => Measurement::Value(value),
    }
}
