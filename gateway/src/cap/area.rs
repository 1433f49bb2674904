//! A zone's ground as CAP says it: polygons of `lat,lon` pairs, closed, and not too many of them.

use geo::{BoundingRect, ConvexHull, LineString, MultiPolygon};

/// Most points of all polygons of a message: published borders have thousands, and a message must fit into a packet.
pub const POINTS_MAX: usize = 200;

/// The rings that stand for `ground`. CAP knows no holes, and too fine an outline is replaced by its hull: the
/// ground told of may be larger than the zone, never smaller.
pub fn rings(ground: &MultiPolygon<f64>) -> Vec<LineString<f64>> {
    let exact: Vec<LineString<f64>> = ground
        .iter()
        .map(|polygon| polygon.exterior().clone())
        .filter(|ring| ring.0.len() >= 4)
        .collect();
    if exact.iter().map(|ring| ring.0.len()).sum::<usize>() <= POINTS_MAX {
        return exact;
    }
    let hull = ground.convex_hull().exterior().clone();
    match ground.bounding_rect() {
        Some(around) if hull.0.len() > POINTS_MAX => vec![around.to_polygon().exterior().clone()],
        _ => vec![hull],
    }
}

/// The pairs of one ring: latitude first, the last as the first, to a tenth of a metre.
pub fn pairs(ring: &LineString<f64>) -> impl Iterator<Item = String> {
    ring.coords().map(|point| pair((point.x, point.y)))
}

/// One pair.
pub fn pair((lon, lat): (f64, f64)) -> String {
    format!("{lat:.6},{lon:.6}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{Coord, Intersects, Point, Polygon};

    fn star(points: usize, radius: impl Fn(usize) -> f64) -> MultiPolygon<f64> {
        let ring: Vec<Coord<f64>> = (0..points)
            .map(|n| {
                let angle = n as f64 / points as f64 * std::f64::consts::TAU;
                Coord {
                    x: 121.0 + radius(n) * angle.cos(),
                    y: 31.0 + radius(n) * angle.sin(),
                }
            })
            .collect();
        MultiPolygon::new(vec![Polygon::new(LineString::new(ring), Vec::new())])
    }

    #[test]
    fn latitude_comes_first_and_the_ring_closes() {
        let ring = &rings(&star(3, |_| 0.01))[0];
        let pairs: Vec<String> = pairs(ring).collect();
        assert_eq!(pairs[0], "31.000000,121.010000");
        assert_eq!((pairs.len(), &pairs[0]), (4, &pairs[3]));
    }

    #[test]
    fn a_fine_outline_becomes_one_that_holds_all_of_it() {
        for ground in [
            star(1_000, |n| [0.01, 0.005][n % 2]),
            star(1_000, |_| 0.01),
            MultiPolygon::new((0..300).flat_map(|_| star(4, |_| 0.01)).collect()),
        ] {
            let rings = rings(&ground);
            assert!(rings.iter().map(|ring| ring.0.len()).sum::<usize>() <= POINTS_MAX);
            let told = Polygon::new(rings[0].clone(), Vec::new());
            let corners = ground
                .iter()
                .flat_map(|polygon| polygon.exterior().coords());
            assert!(
                corners
                    .into_iter()
                    .all(|corner| told.intersects(&Point::from(*corner)))
            );
            assert!(rings[0].is_closed());
        }
        assert!(rings(&MultiPolygon::new(Vec::new())).is_empty());
    }
}
