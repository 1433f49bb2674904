//! From a concentration to a sub-index: the shape that the published tables share.

use std::fmt;

use wire::Quantity;

use super::exact::Exact;
use super::units::Unit;

/// Over which time a concentration was averaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Averaging {
    OneHour,
    EightHours,
    Day,
}

/// One pollutant over one averaging time.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    pub quantity: Quantity,
    pub averaging: Averaging,
    /// Of the table's own concentrations.
    pub unit: Unit,
    /// The scale counts in units of so many decimals; where the standard cuts or rounds a concentration,
    /// these are kept.
    pub decimals: u32,
    pub scale: Scale,
    pub above: Above,
}

/// The breakpoints, and with them the two roundings of the standard that prints them so.
#[derive(Clone, Copy, Debug)]
pub enum Scale {
    /// US: closed bands with gaps that only a truncated concentration never meets; the index is rounded
    /// to the nearest (a tie upwards: *unconfirmed*).
    Bands(&'static [Band]),
    /// China: continuous between the concentrations at index 0, 50, 100, 150, 200, 300, 400, 500; the
    /// index is always rounded up.
    Points {
        points: &'static [i64],
        rounding: Points,
    },
    /// Europe: the upper bounds of all bands but the last, which has none. The index is the number of the
    /// band. The published table has whole numbers only; that a decimal past a bound belongs to the next
    /// band (5.4 to 6-15) is *unconfirmed*.
    Tops(&'static [i64]),
}

/// What becomes of a concentration before it meets a continuous scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Points {
    /// Rounded to the nearest, ties to even.
    HalfEven,
    /// Nothing.
    AsMeasured,
}

/// A closed band of concentrations and the indices at its ends.
#[derive(Clone, Copy, Debug)]
pub struct Band {
    pub low: i64,
    pub high: i64,
    pub index_low: u32,
    pub index_high: u32,
}

/// What a concentration past the last breakpoint means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Above {
    /// The last band goes on.
    Extrapolated,
    /// It has this index, however high it is.
    Capped(u32),
    /// This averaging time defines nothing there: another one does.
    Undefined,
}

/// Indices at the points of a continuous scale.
const POINT_INDICES: [u32; 8] = [0, 50, 100, 150, 200, 300, 400, 500];

impl Column {
    /// The sub-index of a concentration in the column's unit; `None` where the column defines none.
    /// Negative concentrations count as zero.
    pub fn sub_index(&self, concentration: Exact) -> Option<u32> {
        let concentration = concentration.at_least_zero();
        match self.scale {
            Scale::Bands(bands) => {
                let steps = concentration.truncated(self.decimals);
                if steps < i128::from(bands.first()?.low) {
                    return None;
                }
                let band = match bands.iter().find(|band| steps <= i128::from(band.high)) {
                    Some(band) => band,
                    None => match self.above {
                        Above::Extrapolated => bands.last()?,
                        Above::Capped(index) => return Some(index),
                        Above::Undefined => return None,
                    },
                };
                Some(interpolate(*band, steps))
            }
            Scale::Points { points, rounding } => {
                let concentration = match rounding {
                    Points::HalfEven => concentration.rounded_half_even_to(self.decimals),
                    Points::AsMeasured => concentration,
                };
                // In units of the scale, so that all that follows is about whole points.
                let steps = concentration.times(10_i128.pow(self.decimals), 1);
                let segment = points
                    .windows(2)
                    .zip(POINT_INDICES.windows(2))
                    .find(|(points, _)| steps.is_at_most(points[1]));
                match (segment, self.above) {
                    (Some((points, indices)), _) => {
                        let rise = i128::from(indices[1] - indices[0]);
                        let width = i128::from(points[1] - points[0]);
                        let risen = steps.minus(points[0]).times(rise, width).rounded_up();
                        Some(indices[0].saturating_add(u32::try_from(risen).unwrap_or(u32::MAX)))
                    }
                    (None, Above::Capped(index)) => Some(index),
                    (None, Above::Extrapolated | Above::Undefined) => None,
                }
            }
            Scale::Tops(tops) => {
                let steps = concentration.times(10_i128.pow(self.decimals), 1);
                let passed = tops.iter().filter(|top| !steps.is_at_most(**top));
                Some(1 + passed.count() as u32)
            }
        }
    }
}

/// I = (I_hi − I_lo) / (C_hi − C_lo) · (C − C_lo) + I_lo, in integers until the one rounding: to the
/// nearest, a tie upwards.
fn interpolate(band: Band, steps: i128) -> u32 {
    let width = i128::from(band.high - band.low);
    let rise =
        i128::from(band.index_high - band.index_low).saturating_mul(steps - i128::from(band.low));
    let risen = rise
        .saturating_mul(2)
        .saturating_add(width)
        .div_euclid(2 * width);
    u32::try_from(risen.saturating_add(i128::from(band.index_low))).unwrap_or(u32::MAX)
}

impl Averaging {
    pub const ALL: [Averaging; 3] = [Averaging::OneHour, Averaging::EightHours, Averaging::Day];

    /// As written in column heads: `1h`, `8h`, `24h`.
    pub fn name(self) -> &'static str {
        match self {
            Averaging::OneHour => "1h",
            Averaging::EightHours => "8h",
            Averaging::Day => "24h",
        }
    }

    pub fn from_name(name: &str) -> Option<Averaging> {
        Averaging::ALL
            .into_iter()
            .find(|averaging| averaging.name() == name)
    }
}

impl fmt::Display for Averaging {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
