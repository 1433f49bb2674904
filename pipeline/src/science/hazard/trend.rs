//! How fast something rises: the median of the slopes between all pairs of points.
//!
//! The estimator of Theil (1950) and Sen (1968): up to a quarter of the points may be anything, so a spike, or a sensor
//! that once says nonsense, is no flood. Everything is integers, the answer rounded once.

use wire::Milli;
use wire::milli::divide_rounded;

use crate::calendar::Millis;

/// A figure at a moment.
pub type Point = (Millis, Milli);

/// How far back a rise is told from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    /// At least this long: a shorter rise is noise.
    pub least: Millis,
    /// Points that are older say nothing about now.
    pub most: Millis,
}

impl Reach {
    /// Rise by `per` at the newest of `points`, which are in order of time: over the last [`Reach::least`], or over the
    /// last three points where fewer lie in it. `None` when these are older than [`Reach::most`].
    pub fn slope(&self, points: &[Point], per: Millis) -> Option<Milli> {
        let newest = points.last()?.0;
        let enough = |place: &usize| {
            points.len() - place >= POINTS_MIN && newest - points[*place].0 >= self.least
        };
        let first = (0..points.len()).rev().find(enough)?;
        let is_recent = newest - points[first].0 <= self.most;
        is_recent.then(|| slope(&points[first..], per))?
    }
}

/// Two points are a line whatever they say; the third can contradict.
const POINTS_MIN: usize = 3;

/// Points beyond this are thinned evenly, so that a slope is never more work than some hundred pairs.
const POINTS_MAX: usize = 31;

/// Rise by `per` (an hour, a minute), in thousandths; points in order of time. `None` with fewer than three points.
pub fn slope(points: &[Point], per: Millis) -> Option<Milli> {
    let stride = points.len().div_ceil(POINTS_MAX).max(1);
    // Counted from the newest, which always stays.
    let points: Vec<Point> = points.iter().rev().step_by(stride).copied().collect();
    if points.len() < POINTS_MIN {
        return None;
    }
    let mut slopes = Vec::with_capacity(points.len() * (points.len() - 1) / 2);
    for (place, (later, to)) in points.iter().enumerate() {
        for (earlier, from) in &points[place + 1..] {
            if later > earlier {
                let rise = i128::from(to.0) - i128::from(from.0);
                let lasting = i128::from(later - earlier);
                // Kept a thousand times finer until the end.
                slopes.push(divide_rounded(rise * i128::from(per) * 1000, lasting));
            }
        }
    }
    let middle = slopes.len() / 2;
    if slopes.is_empty() {
        return None;
    }
    slopes.sort_unstable();
    let median = match slopes.len() % 2 {
        1 => slopes[middle] * 2,
        _ => slopes[middle - 1] + slopes[middle],
    };
    Some(Milli(
        i64::try_from(divide_rounded(median, 2000)).unwrap_or(i64::MAX),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{HOUR, MINUTE};

    fn line(rise: i64, points: i64) -> Vec<Point> {
        (0..points)
            .map(|k| (k * MINUTE, Milli(5_000 + rise * k)))
            .collect()
    }

    #[test]
    fn a_straight_line_has_its_slope_however_many_points() {
        for points in [3, 4, 31, 32, 200] {
            assert_eq!(slope(&line(10, points), HOUR), Some(Milli(600)), "{points}");
            assert_eq!(slope(&line(-10, points), HOUR), Some(Milli(-600)));
        }
    }

    #[test]
    fn spikes_and_noise_are_no_rise() {
        let mut spiked = line(0, 30);
        for k in [3, 11, 19, 29] {
            spiked[k].1 = Milli(90_000);
        }
        assert_eq!(slope(&spiked, HOUR), Some(Milli::ZERO));
        let mut one = line(0, 3);
        one[1].1 = Milli(90_000);
        assert_eq!(slope(&one, HOUR), Some(Milli::ZERO));
    }

    #[test]
    fn a_rise_is_told_from_the_last_points_only() {
        let reach = Reach {
            least: 2 * MINUTE,
            most: 30 * MINUTE,
        };
        let points: Vec<Point> = [20, 20, 20, 20, 22, 24]
            .into_iter()
            .enumerate()
            .map(|(k, value)| (k as Millis * MINUTE, Milli(value)))
            .collect();
        assert_eq!(reach.slope(&points, MINUTE), Some(Milli(2)));
        assert_eq!(reach.slope(&points[..4], MINUTE), Some(Milli::ZERO));
        assert_eq!(reach.slope(&points[..2], MINUTE), None);
        let slower = |times: i64| -> Vec<Point> {
            let points = points.iter();
            points.map(|(at, value)| (at * times, *value)).collect()
        };
        assert_eq!(reach.slope(&slower(10), HOUR), Some(Milli(12)));
        assert_eq!(reach.slope(&slower(20), HOUR), None);
    }

    #[test]
    fn too_few_points_have_no_slope() {
        assert_eq!(slope(&line(10, 2), HOUR), None);
        assert_eq!(slope(&[], HOUR), None);
        assert_eq!(slope(&[(0, Milli(1)); 5], HOUR), None);
        let ends = [(0, Milli(i64::MIN)), (1, Milli(0)), (2, Milli(i64::MAX))];
        assert!(slope(&ends, HOUR).is_some());
    }
}
