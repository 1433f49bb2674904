//! The plume equation, and wind at the height of the source.

use super::Terrain;
use super::sigma::Sigma;
use super::stability::Stability;

/// Concentration of a source of strength one in a wind of `wind` m/s, `y` metres off the plume's axis and `z` above
/// the ground, from a source `height` metres high: the ground reflects all of it. In units of strength per cubic metre, that is s/m³.
///
/// `C/Q = 1/(2π·u·σy·σz) · exp(−y²/2σy²) · [exp(−(z−h)²/2σz²) + exp(−(z+h)²/2σz²)]`; upwind of the source, where
/// sigma is zero, there is nothing.
pub fn dilution(wind: f64, sigma: Sigma, (y, z): (f64, f64), height: f64) -> f64 {
    if sigma.y <= 0.0 || sigma.z <= 0.0 || wind <= 0.0 {
        return 0.0;
    }
    let bell = |off: f64, sigma: f64| (-off * off / (2.0 * sigma * sigma)).exp();
    let across = bell(y, sigma.y);
    let above = bell(z - height, sigma.z) + bell(z + height, sigma.z);
    across * above / (std::f64::consts::TAU * wind * sigma.y * sigma.z)
}

/// How wind grows with height, by class A to F: Irwin's exponents as in ISC3 (secondary). For urban E and F
/// Irwin as in CCPS has 0.40 and 0.60 instead.
const RURAL: [f64; 6] = [0.07, 0.07, 0.10, 0.15, 0.35, 0.55];
const URBAN: [f64; 6] = [0.15, 0.15, 0.20, 0.25, 0.30, 0.30];

/// Exponent of the wind profile.
pub fn wind_exponent(terrain: Terrain, class: Stability) -> f64 {
    match terrain {
        Terrain::Rural => RURAL[class.place()],
        Terrain::Urban => URBAN[class.place()],
    }
}

/// Height at which a station measures wind, by convention of the WMO.
const STATION_M: f64 = 10.0;

/// Wind at a height in metres, where a station at 10 m measures `wind`, by the power law; below the station its own wind
/// stands, since a plume from the ground soon reaches up to it.
pub fn wind_at(wind: f64, height: f64, terrain: Terrain, class: Stability) -> f64 {
    let ratio = height.max(STATION_M) / STATION_M;
    wind * ratio.powf(wind_exponent(terrain, class))
}
