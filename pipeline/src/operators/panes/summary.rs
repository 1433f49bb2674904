//! A node's readings of one quantity in one pane, summed as the quantity table says.

use serde::{Deserialize, Serialize};
use wire::milli::divide_rounded;
use wire::quantity::Summing;
use wire::{Milli, Quantity};

use crate::calendar::Millis;
use crate::observation::Observation;

/// Unit vectors are summed in millionths.
const UNIT: f64 = 1e6;

/// Everything that later figures need of a pane's readings; order of arrival leaves no trace in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    pub start: Millis,
    /// By the quantity's summing: sum of values, of deltas, of energies, or of the vectors' east parts.
    sum: i128,
    /// Sum of the vectors' north parts.
    north: i64,
    min: Milli,
    max: Milli,
    last: Last,
    count: u32,
    saturated: bool,
}

/// The latest reading and what decides a tie of times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Last {
    pub sampled_at: Millis,
    pub sequence: u64,
    pub index: u16,
    pub value: Milli,
}

/// A node-pane as the rest of the dataflow sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NodePane {
    /// The node's figure is `total / parts`; kept apart so that hours add up exactly.
    pub total: i64,
    pub parts: u32,
    /// Readings.
    pub count: u32,
    pub min: Milli,
    pub max: Milli,
    pub last: Last,
    pub saturated: bool,
}

impl Summary {
    pub fn new(start: Millis) -> Summary {
        let last = Last {
            sampled_at: Millis::MIN,
            sequence: 0,
            index: 0,
            value: Milli(i64::MIN),
        };
        Summary {
            start,
            sum: 0,
            north: 0,
            min: Milli(i64::MAX),
            max: Milli(i64::MIN),
            last,
            count: 0,
            saturated: false,
        }
    }

    #[inline]
    pub fn add(&mut self, o: &Observation, summing: Summing) {
        match summing {
            Summing::Mean | Summing::Delta => self.sum += i128::from(o.value.0),
            Summing::Level => {}
            Summing::Energy => self.sum += energy(o.value),
            Summing::Vector => {
                let (east, north) = unit_vector(o.value);
                self.sum += i128::from(east);
                self.north += north;
            }
        }
        self.count += 1;
        self.min = self.min.min(o.value);
        self.max = self.max.max(o.value);
        self.saturated |= o.saturated;
        let last = &mut self.last;
        let before = (last.sampled_at, last.sequence, last.index, last.value);
        if (o.sampled_at, o.sequence, o.index, o.value) > before {
            last.sampled_at = o.sampled_at;
            last.sequence = o.sequence;
            last.index = o.index;
            last.value = o.value;
        }
    }

    pub fn max(&self) -> Milli {
        self.max
    }

    pub fn node_pane(&self, quantity: Quantity) -> NodePane {
        let clamp = |sum: i128| sum.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64;
        let (total, parts) = match quantity.entry().summing {
            Summing::Mean => (clamp(self.sum), self.count),
            Summing::Delta => (clamp(self.sum), 1),
            Summing::Level => (self.last.value.0, 1),
            Summing::Energy => (level(self.sum, self.count).0, 1),
            Summing::Vector => (direction(clamp(self.sum), self.north).0, 1),
        };
        NodePane {
            total,
            parts,
            count: self.count,
            min: self.min,
            max: self.max,
            last: self.last,
            saturated: self.saturated,
        }
    }
}

impl NodePane {
    /// The node's figure, rounded once.
    pub fn figure(&self) -> Milli {
        Milli(divide_rounded(i128::from(self.total), i128::from(self.parts)) as i64)
    }
}

/// Energy behind a level in decibel, in thousandths of the reference: 10^(L/10).
fn energy(level: Milli) -> i128 {
    (10f64.powf(level.to_f64() / 10.0) * 1000.0).round() as i128
}

/// Equivalent continuous level of `count` readings (ISO 1996-1: 10 lg of the mean energy).
fn level(energy_sum: i128, count: u32) -> Milli {
    let mean = energy_sum as f64 / 1000.0 / f64::from(count.max(1));
    Milli::from_f64(10.0 * mean.log10()).unwrap_or(Milli::ZERO)
}

/// (east, north) parts of a direction in degrees clockwise from north.
pub fn unit_vector(direction: Milli) -> (i64, i64) {
    let angle = direction.to_f64().to_radians();
    (
        (angle.sin() * UNIT).round() as i64,
        (angle.cos() * UNIT).round() as i64,
    )
}

/// Direction of a sum of vectors, 0 to 360 degrees; opposite winds that cancel answer 0.
pub fn direction(east: i64, north: i64) -> Milli {
    if east == 0 && north == 0 {
        return Milli::ZERO;
    }
    let degrees = (east as f64).atan2(north as f64).to_degrees();
    let degrees = if degrees < 0.0 {
        degrees + 360.0
    } else {
        degrees
    };
    Milli::from_f64(degrees).unwrap_or(Milli::ZERO)
}
