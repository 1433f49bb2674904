//! What one node said of one quantity in one pane.

use pipeline::observation::Observation;
use wire::milli::divide_rounded;
use wire::quantity::Summing;
use wire::{Milli, Quantity};

/// A node's pane.
#[derive(Clone, Copy, Debug)]
pub(super) struct NodePane {
    /// The node's one figure, by the quantity's way of summing.
    pub(super) figure: Milli,
    pub(super) min: Milli,
    pub(super) max: Milli,
    pub(super) count: u64,
    pub(super) saturated: bool,
    /// The latest reading by (sampled_at, sequence, index).
    pub(super) last: Observation,
}

/// `None` without readings.
pub(super) fn summary(quantity: Quantity, readings: &[Observation]) -> Option<NodePane> {
    let last = readings
        .iter()
        .max_by_key(|r| (r.sampled_at, r.sequence, r.index))?;
    let values: Vec<Milli> = readings.iter().map(|r| r.value).collect();
    let sum: i128 = values.iter().map(|v| i128::from(v.0)).sum();
    let figure = match quantity.entry().summing {
        Summing::Mean => Milli(divide_rounded(sum, values.len() as i128) as i64),
        Summing::Delta => Milli(sum as i64),
        Summing::Level => last.value,
        Summing::Vector => {
            let alike: Vec<_> = values.iter().map(|value| (Milli::ONE, *value)).collect();
            direction_of_mean(&alike)
        }
        Summing::Energy => energy_mean(&values),
    };
    Some(NodePane {
        figure,
        min: values.iter().copied().min()?,
        max: values.iter().copied().max()?,
        count: values.len() as u64,
        saturated: readings.iter().any(|r| r.saturated),
        last: *last,
    })
}

/// Direction of the weighted sum of unit vectors, in `[0, 360)` degrees.
pub(super) fn direction_of_mean(weighted: &[(Milli, Milli)]) -> Milli {
    let (mut east, mut north) = (0.0, 0.0);
    for (weight, direction) in weighted {
        let angle = direction.to_f64().to_radians();
        east += weight.to_f64() * angle.sin();
        north += weight.to_f64() * angle.cos();
    }
    let degrees = f64::atan2(east, north).to_degrees().rem_euclid(360.0);
    Milli((degrees * 1000.0).round() as i64 % 360_000)
}

/// Level of the mean energy, in decibel.
fn energy_mean(levels: &[Milli]) -> Milli {
    let energies: f64 = levels.iter().map(|l| 10_f64.powf(l.to_f64() / 10.0)).sum();
    let level = 10.0 * (energies / levels.len() as f64).log10();
    Milli((level * 1000.0).round() as i64)
}
