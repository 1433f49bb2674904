//! The orders in which readings reach the gateway: each is a seeded delay between sampling and arrival.

use pipeline::calendar::{MINUTE, Millis, SECOND, Tick, tick_at};
use pipeline::observation::Observation;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::city::{BEGIN, HORIZON, LENGTH};

/// How the network treats the readings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Each at once.
    InOrder,
    /// Every frame on its own way, up to three minutes.
    Shuffled,
    /// Everything waits for the next even minute.
    Bursts,
    /// One frame in eight comes late, up to just inside the horizon.
    Late,
    /// Nodes go offline for minutes and then send all they kept.
    Outages,
    /// Like `Late`, but some come after the horizon too and are lost to the live alerts.
    TooLate,
}

impl Order {
    /// Every order in which nothing is lost.
    pub const INSIDE: [Order; 5] = [
        Order::InOrder,
        Order::Shuffled,
        Order::Bursts,
        Order::Late,
        Order::Outages,
    ];
}

/// Ticks are given in these steps.
const TICK_WIDTH: Millis = 100;
/// What the network always takes.
const TRANSIT: Millis = 150;

/// The readings in arrival order; frames (same node and sequence) stay together.
pub fn arrivals(seed: u64, order: Order, readings: &[Observation]) -> Vec<(Tick, Observation)> {
    let mut arrivals: Vec<(Tick, u64, Observation)> = readings
        .iter()
        .map(|reading| {
            let frame = seed ^ (u64::from(reading.node.0) << 40) ^ (reading.sequence << 8);
            let mut rng = StdRng::seed_from_u64(frame);
            let at = arrival(&mut rng, seed, order, reading) + TRANSIT;
            let tick = tick_at(at.div_euclid(TICK_WIDTH) * TICK_WIDTH);
            // Within a tick the frames come in any order too, except in order.
            let place = if order == Order::InOrder {
                0
            } else {
                rng.random()
            };
            (tick, place, *reading)
        })
        .collect();
    arrivals.sort_by_key(|(tick, place, reading)| {
        (
            *tick,
            *place,
            reading.sampled_at,
            reading.node,
            reading.sequence,
            reading.index,
        )
    });
    arrivals
        .into_iter()
        .map(|(tick, _, reading)| (tick, reading))
        .collect()
}

fn arrival(rng: &mut StdRng, seed: u64, order: Order, reading: &Observation) -> Millis {
    let at = reading.sampled_at;
    let nearly = HORIZON - 10 * SECOND;
    match order {
        Order::InOrder => at,
        Order::Shuffled => at + rng.random_range(0..3 * MINUTE),
        Order::Bursts => (at.div_euclid(2 * MINUTE) + 1) * 2 * MINUTE,
        Order::Late => match rng.random_range(0..8) {
            0 => at + rng.random_range(0..nearly),
            _ => at,
        },
        Order::Outages => back_online(seed, reading),
        Order::TooLate => match rng.random_range(0..8) {
            0 => at + rng.random_range(0..2 * HORIZON),
            _ => at,
        },
    }
}

/// Two outages a node; what was sampled in one arrives at its end.
fn back_online(seed: u64, reading: &Observation) -> Millis {
    let mut rng = StdRng::seed_from_u64(seed ^ (u64::from(reading.node.0) << 20) ^ 0x0ff);
    for _ in 0..2 {
        let start = BEGIN + rng.random_range(0..LENGTH);
        let end = start + rng.random_range(MINUTE..8 * MINUTE);
        if (start..end).contains(&reading.sampled_at) {
            return end;
        }
    }
    reading.sampled_at
}
