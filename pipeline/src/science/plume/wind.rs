//! The wind at a source, from the stations around it.

/// What a station says of the wind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Vane {
    /// From the source, in metres.
    pub distance: f64,
    /// m/s.
    pub speed: f64,
    /// Degrees clockwise from north that the wind comes from.
    pub from: f64,
}

/// The wind that a plume goes by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wind {
    /// m/s.
    pub speed: f64,
    /// East and north of one metre downwind; `None`: it blows from everywhere or nowhere.
    pub toward: Option<(f64, f64)>,
}

/// Below this a vane turns as it likes, and a plume goes anywhere.
pub const CALM: f64 = 1.0;
/// So many of the nearest stations are asked.
pub const VANES: usize = 3;
/// Nearer ones do not count for more: the source may stand beside the mast.
const NEAREST_M: f64 = 100.0;
/// Stations that point so far apart (length of their mean direction) do not say where a plume goes.
const AGREED: f64 = 0.5;

/// The mean over the nearest stations, weighted by the inverse square of their distance; `None` without any.
pub fn wind(vanes: &[Vane]) -> Option<Wind> {
    let mut vanes = vanes.to_vec();
    vanes.sort_by(|a, b| a.distance.total_cmp(&b.distance));
    vanes.truncate(VANES);
    let (mut weights, mut speed, mut east, mut north) = (0.0, 0.0, 0.0, 0.0);
    for vane in &vanes {
        let weight = vane.distance.max(NEAREST_M).powi(-2);
        let (sin, cos) = vane.from.to_radians().sin_cos();
        weights += weight;
        speed += weight * vane.speed;
        east -= weight * sin;
        north -= weight * cos;
    }
    if weights <= 0.0 {
        return None;
    }
    let (speed, length) = (speed / weights, east.hypot(north));
    let is_known = speed >= CALM && length >= AGREED * weights;
    let toward = is_known.then(|| (east / length, north / length));
    Some(Wind { speed, toward })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn vane(distance: f64, speed: f64, from: f64) -> Vane {
        Vane {
            distance,
            speed,
            from,
        }
    }

    #[test]
    fn a_west_wind_blows_east_and_north_is_between_its_sides() {
        let west = wind(&[vane(500.0, 4.0, 270.0)]).unwrap();
        let (east, north) = west.toward.unwrap();
        assert!((east - 1.0).abs() < 1e-12 && north.abs() < 1e-12);
        let north = wind(&[vane(500.0, 4.0, 350.0), vane(500.0, 2.0, 10.0)]).unwrap();
        let (east, south) = north.toward.unwrap();
        assert!(east.abs() < 1e-12 && (south + 1.0).abs() < 1e-12);
        assert_eq!(north.speed, 3.0);
    }

    #[test]
    fn nearer_stations_count_more_and_far_ones_not_at_all() {
        let near = vane(200.0, 5.0, 180.0);
        let far = [2_000.0, 3_000.0, 4_000.0].map(|m| vane(m, 1.0, 0.0));
        let found = wind(&[far[2], far[1], near, far[0]]).unwrap();
        assert!(found.speed > 4.9 && found.toward.unwrap().1 > 0.99);
    }

    #[test]
    fn calm_air_and_stations_that_contradict_each_other_have_no_direction() {
        assert_eq!(wind(&[vane(100.0, 0.9, 90.0)]).unwrap().toward, None);
        let torn = [vane(300.0, 3.0, 0.0), vane(300.0, 3.0, 180.0)];
        assert_eq!(wind(&torn).unwrap().toward, None);
        assert_eq!(wind(&[]), None);
    }
}
