//! Where a concentration is reached at ground level: points inside, and the outline.

use super::Terrain;
use super::concentration::{dilution, wind_at};
use super::sigma::briggs;
use super::stability::Stability;
use super::wind::{CALM, Wind};

/// A plume in the plane: metres east and north of its source.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plume {
    pub terrain: Terrain,
    pub stability: Stability,
    /// Height of the source, metres.
    pub height: f64,
    /// At the height of the source, m/s; at least [`CALM`], below which the equation means nothing.
    wind: f64,
    /// East and north of one metre downwind. `None`: it may go anywhere, so it reaches as far all around as it would in
    /// one direction, and its footprint is a circle: the least wind that the equation takes, in every direction.
    toward: Option<(f64, f64)>,
}

/// Briggs' curves were drawn for up to this distance.
pub const REACH_MAX_M: f64 = 10_000.0;
/// A footprint that reaches less far is none: it would be smaller than the plant that leaks.
const REACH_MIN_M: f64 = 10.0;
/// Nothing is asked nearer to the source than this.
const NEAREST_M: f64 = 1.0;
/// Distances at which the axis is looked at, evenly spaced on the logarithm.
const AXIS_POINTS: u32 = 120;
/// Cuts across a plume, and corners of a quarter circle, of which an outline is made.
const CUTS: u32 = 18;
/// Least width to either side of a cut: thinner outlines would cross themselves when rounded.
const HALF_WIDTH_MIN_M: f64 = 1.0;
/// A station further off the axis, in standard deviations, is not in the plume: a tenth of what there is on the axis.
const BESIDE_SIGMAS: f64 = 2.15;

impl Plume {
    /// `wind`: at 10 m; `None` when nobody measures it.
    pub fn new(terrain: Terrain, stability: Stability, height: f64, wind: Option<Wind>) -> Plume {
        let toward = wind.and_then(|wind| wind.toward);
        // Without a direction the wind may also have died where the source is.
        let speed = toward.and(wind).map_or(CALM, |wind| wind.speed);
        Plume {
            terrain,
            stability,
            height,
            wind: wind_at(speed.max(CALM), height, terrain, stability),
            toward,
        }
    }

    /// The same plume going anywhere, as when readings contradict the wind.
    pub fn undirected(self) -> Plume {
        Plume::new(self.terrain, self.stability, self.height, None)
    }

    pub fn toward(&self) -> Option<(f64, f64)> {
        self.toward
    }

    /// Metres downwind and across; of one without direction all is downwind.
    fn along_and_across(&self, east: f64, north: f64) -> (f64, f64) {
        match self.toward {
            Some((e, n)) => (east * e + north * n, north * e - east * n),
            None => (east.hypot(north), 0.0),
        }
    }

    /// Concentration at the ground of a source of strength one, s/m³.
    pub fn dilution(&self, east: f64, north: f64) -> f64 {
        let (x, y) = self.along_and_across(east, north);
        self.at(x, y)
    }

    fn at(&self, x: f64, y: f64) -> f64 {
        if !(0.0..=REACH_MAX_M).contains(&x) {
            return 0.0;
        }
        let sigma = briggs(self.terrain, self.stability, x.max(NEAREST_M));
        dilution(self.wind, sigma, (y, 0.0), self.height)
    }

    /// How likely the plume lies over a point whose dilution is `dilution`, at least `least` once it does: certain for one with
    /// a direction; of one that may go anywhere, the part of all directions in which it would.
    pub fn likelihood(&self, east: f64, north: f64, dilution: f64, least: f64) -> f64 {
        if dilution < least {
            return 0.0;
        }
        let distance = east.hypot(north);
        if self.toward.is_some() || distance < NEAREST_M {
            return 1.0;
        }
        let sigma = briggs(self.terrain, self.stability, distance);
        let half_width = sigma.y * (2.0 * (dilution / least).ln()).sqrt();
        (half_width / (std::f64::consts::PI * distance)).min(1.0)
    }

    /// Whether a station stands where the plume is, near its axis.
    pub fn meets(&self, east: f64, north: f64) -> bool {
        let (x, y) = self.along_and_across(east, north);
        let width = briggs(self.terrain, self.stability, x).y;
        (0.0..=REACH_MAX_M).contains(&x) && y.abs() <= BESIDE_SIGMAS * width.max(NEAREST_M)
    }

    /// Where on the axis the dilution is at least `least`: from and to, metres downwind. `None`: nowhere worth a name.
    pub fn stretch(&self, least: f64) -> Option<(f64, f64)> {
        let far = |n: u32| {
            let part = f64::from(n) / f64::from(AXIS_POINTS);
            NEAREST_M * (REACH_MAX_M / NEAREST_M).powf(part)
        };
        let inside = |x: f64| self.at(x, 0.0) >= least;
        let mut points = (0..=AXIS_POINTS).filter(|n| inside(far(*n)));
        let first = points.next()?;
        let last = points.next_back().unwrap_or(first);
        let from = match first {
            0 => 0.0,
            first => border(far(first), far(first - 1), inside),
        };
        let to = match last {
            AXIS_POINTS => REACH_MAX_M,
            last => border(far(last), far(last + 1), inside),
        };
        (to >= REACH_MIN_M).then_some((from, to))
    }

    /// The outline of all ground where the dilution is at least `least`: corners in metres east and north, in order, the
    /// last not repeated; at least three, and no two sides cross. `None`: nowhere.
    pub fn outline(&self, least: f64) -> Option<Vec<(f64, f64)>> {
        let (from, to) = self.stretch(least)?;
        let Some((e, n)) = self.toward else {
            let corner = |place: u32| {
                let angle = std::f64::consts::TAU * f64::from(place) / f64::from(2 * CUTS);
                (to * angle.sin(), to * angle.cos())
            };
            return Some((0..2 * CUTS).map(corner).collect());
        };
        let place = |(x, y): (f64, f64)| (x * e - y * n, x * n + y * e);
        // Denser at both ends, where the outline bends.
        let cut = |k: u32| {
            let angle = std::f64::consts::PI * f64::from(k) / f64::from(CUTS);
            from + (to - from) * (1.0 - angle.cos()) / 2.0
        };
        let half_width = |x: f64| {
            let sigma = briggs(self.terrain, self.stability, x.max(NEAREST_M));
            let over = (self.at(x, 0.0) / least).max(1.0);
            (sigma.y * (2.0 * over.ln()).sqrt()).max(HALF_WIDTH_MIN_M)
        };
        let right = (1..CUTS).map(|k| (cut(k), -half_width(cut(k))));
        let left = (1..CUTS).rev().map(|k| (cut(k), half_width(cut(k))));
        // Where the model ends it does not come to a point.
        let end = match to >= REACH_MAX_M {
            true => vec![(to, -half_width(to)), (to, half_width(to))],
            false => vec![(to, 0.0)],
        };
        let corners = std::iter::once((from, 0.0))
            .chain(right)
            .chain(end)
            .chain(left);
        Some(corners.map(place).collect())
    }
}

/// Between a place inside and one outside, to a tenth of a metre.
fn border(mut inner: f64, mut outer: f64, inside: impl Fn(f64) -> bool) -> f64 {
    while (inner - outer).abs() > 0.1 {
        let middle = (inner + outer) / 2.0;
        match inside(middle) {
            true => inner = middle,
            false => outer = middle,
        }
    }
    inner
}
