//! Crowd pressure P = ρ · Var(v) (Helbing, Johansson, Al-Abideen, Physical Review E 75, 046109, 2007).
//!
//! The variance is of velocities as vectors: the mean squared distance from their mean. Crowd turbulence, in which
//! people fall, begins near 0.02 /s² (secondary).

use wire::Milli;
use wire::milli::divide_rounded;

use super::clamp;

/// Where crowd turbulence begins, /s² (secondary; a second figure of 0.04 is unconfirmed and not used).
pub const TURBULENCE: Milli = Milli(20);

/// Crowd pressure in (thousandths of) 1/s², from persons/m² and the variance in cm²/s².
pub fn pressure(density: Milli, variance: Milli) -> Milli {
    // Thousandths times thousandths of cm² on m²: 10³ · 10⁴.
    clamp(divide_rounded(
        i128::from(density.0) * i128::from(variance.0),
        10_000_000,
    ))
}

/// Variance of velocities (x, y) in m/s, in m²/s²; 0 of none. What a camera reports of the people whom it follows.
pub fn variance(velocities: &[(f64, f64)]) -> f64 {
    let number = velocities.len().max(1) as f64;
    let (x, y) = velocities
        .iter()
        .fold((0.0, 0.0), |(x, y), v| (x + v.0 / number, y + v.1 / number));
    let squares = velocities
        .iter()
        .map(|v| (v.0 - x).powi(2) + (v.1 - y).powi(2));
    squares.sum::<f64>() / number
}
