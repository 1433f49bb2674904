//! Walking speed at a density: the fundamental diagram of Weidmann (Transporttechnik der Fussgänger, 1993).
//!
//! v(ρ) = 1.34 · (1 − exp(−1.913 · (1/ρ − 1/5.4))) m/s for 0 < ρ < 5.4 persons/m², else 0 (secondary: many
//! implementations agree). The flow ρ·v is greatest at 1.75 persons/m²: 73.5 persons a metre and minute.

use wire::Milli;
use wire::milli::divide_rounded;

use super::clamp;

/// Speed of those who walk alone, m/s.
pub const FREE_SPEED: f64 = 1.34;
/// How fast speed falls with density, 1/m².
pub const GAMMA: f64 = 1.913;
/// Density at which nobody moves, persons/m².
pub const JAM_DENSITY: f64 = 5.4;

/// Expected speed in m/s at a density in persons/m², unrounded.
pub fn weidmann(density: f64) -> f64 {
    if density <= 0.0 {
        return FREE_SPEED;
    }
    if density >= JAM_DENSITY {
        return 0.0;
    }
    FREE_SPEED * (1.0 - (-GAMMA * (1.0 / density - 1.0 / JAM_DENSITY)).exp())
}

/// Expected walking speed in (thousandths of) m/s at a density in persons/m²; below nobody everybody walks freely.
pub fn expected_speed(density: Milli) -> Milli {
    Milli::from_f64(weidmann(density.to_f64())).unwrap_or(Milli::ZERO)
}

/// Walking speed over the expected one, a plain number: well below 1 something holds people up.
/// `None` where nobody can be expected to move.
pub fn speed_ratio(speed: Milli, expected: Milli) -> Option<Milli> {
    (expected > Milli::ZERO).then(|| {
        clamp(divide_rounded(
            i128::from(speed.0) * 1000,
            i128::from(expected.0),
        ))
    })
}
