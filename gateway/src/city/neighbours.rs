//! Which zones lie so near each other that what happens in one reaches the other.

use geo::{BoundingRect, Distance, Euclidean, Intersects, MapCoords, MultiPolygon, Rect};
use pipeline::city::ZoneIx;

use super::Ground;

/// Metres of one degree of latitude, and of longitude at the equator; within a percent everywhere.
const METRES_A_DEGREE: f64 = 111_195.0;

/// All pairs of zones that touch or are at most `near_m` metres apart, each once, the smaller number first.
pub(crate) fn within(near_m: u32, grounds: &[Ground]) -> Vec<(ZoneIx, ZoneIx)> {
    let near_m = f64::from(near_m);
    let bounds: Vec<_> = grounds.iter().map(|g| g.polygon.bounding_rect()).collect();
    let mut pairs = Vec::new();
    for (place, (one, bound)) in grounds.iter().zip(&bounds).enumerate() {
        let Some(bound) = bound else { continue };
        let flat = Flat::around(bound);
        let reach = flat.widened(bound, near_m);
        let mut outline = None;
        for (other, bound) in grounds.iter().zip(&bounds).skip(place + 1) {
            if !bound.is_some_and(|bound| bound.intersects(&reach)) {
                continue;
            }
            // Made once there is somebody to compare with: most zones are far from most.
            let outline = outline.get_or_insert_with(|| flat.metres(&one.polygon));
            if Euclidean.distance(&*outline, &flat.metres(&other.polygon)) <= near_m {
                pairs.push((one.zone.min(other.zone), one.zone.max(other.zone)));
            }
        }
    }
    pairs.sort();
    pairs
}

/// The plane that touches the earth at one latitude: good to a percent within a city.
struct Flat {
    /// How much shorter a degree of longitude is here than at the equator.
    shrink: f64,
}

impl Flat {
    fn around(bound: &Rect<f64>) -> Flat {
        let latitude = bound.center().y.to_radians();
        // Next to a pole all longitudes meet; no city stands there.
        Flat {
            shrink: latitude.cos().max(0.01),
        }
    }

    fn metres(&self, polygon: &MultiPolygon<f64>) -> MultiPolygon<f64> {
        polygon.map_coords(|at| geo::Coord {
            x: at.x * METRES_A_DEGREE * self.shrink,
            y: at.y * METRES_A_DEGREE,
        })
    }

    /// The rectangle with so many metres added on all sides.
    fn widened(&self, bound: &Rect<f64>, metres: f64) -> Rect<f64> {
        let degrees = metres / METRES_A_DEGREE;
        let by = geo::Coord {
            x: degrees / self.shrink,
            y: degrees,
        };
        Rect::new(bound.min() - by, bound.max() + by)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A square of 100 m whose south-west corner stands so many metres east and north of a corner of Oslo.
    fn square(ix: u32, east: f64, north: f64) -> Ground {
        let shrink = 60f64.to_radians().cos();
        let at = |x: f64, y: f64| {
            let (x, y) = (east + x, north + y);
            (
                10.0 + x / METRES_A_DEGREE / shrink,
                60.0 + y / METRES_A_DEGREE,
            )
        };
        let ring = vec![
            at(0., 0.),
            at(100., 0.),
            at(100., 100.),
            at(0., 100.),
            at(0., 0.),
        ];
        let polygon = geo::Polygon::new(geo::LineString::from(ring), vec![]);
        Ground {
            zone: ZoneIx(ix),
            polygon: MultiPolygon::new(vec![polygon]),
            capacity: None,
        }
    }

    #[test]
    fn zones_that_touch_hold_or_nearly_touch_each_other_are_neighbours() {
        let grounds = [
            square(4, 0., 0.),
            square(1, 100., 0.),   // touches 4
            square(2, 249., 0.),   // 49 m east of 1
            square(7, 249., 151.), // 51 m north of 2
            square(0, 310., 60.),  // overlaps 2 and 7
        ];
        let pair = |a, b| (ZoneIx(a), ZoneIx(b));
        let near = within(50, &grounds);
        assert_eq!(near, [pair(0, 2), pair(0, 7), pair(1, 2), pair(1, 4)]);
        assert_eq!(within(0, &grounds), [pair(0, 2), pair(0, 7), pair(1, 4)]);
    }
}
