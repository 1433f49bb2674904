//! Location: on the globe, and not too far from where it was before.

use super::Flag;

/// Mean radius of the earth (IUGG), metres.
const EARTH_RADIUS_M: f64 = 6_371_008.8;

/// Degrees east and north; `None` where one was not said.
pub type Place = (Option<f64>, Option<f64>);

/// The flags of places in time order. Further than `range_m` from the one before is suspect; distances on a sphere
/// (haversine), which differ from those on the ellipsoid by less than one in a hundred.
pub fn locations(places: &[Place], range_m: Option<f64>) -> Vec<Flag> {
    let mut before: Option<(f64, f64)> = None;
    let flag = |place: &Place| {
        let (Some(lon), Some(lat)) = *place else {
            return Flag::Fail;
        };
        // Not a number is on no globe.
        if !(lon.abs() <= 180.0 && lat.abs() <= 90.0) {
            return Flag::Fail;
        }
        let moved = before.replace((lon, lat)).zip(range_m);
        match moved {
            Some((from, range)) if distance_m(from, (lon, lat)) > range => Flag::Suspect,
            _ => Flag::Good,
        }
    };
    places.iter().map(flag).collect()
}

fn distance_m((lon, lat): (f64, f64), (to_lon, to_lat): (f64, f64)) -> f64 {
    let half = |from: f64, to: f64| ((to - from).to_radians() / 2.0).sin().powi(2);
    let flat = lat.to_radians().cos() * to_lat.to_radians().cos();
    let chord = half(lat, to_lat) + flat * half(lon, to_lon);
    2.0 * EARTH_RADIUS_M * chord.clamp(0.0, 1.0).sqrt().asin()
}
