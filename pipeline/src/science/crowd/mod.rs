//! Crowd science: how many people there are, how it feels to walk among them, and when it becomes dangerous.
//!
//! In reading order:
//! - [`balance`]: people from in/out counters, with the drift that miscounts bring;
//! - [`area`]: how far area counters can be trusted, and [`fusion`]: one number from both;
//! - [`level`]: levels of service by density and by flow; [`thresholds`]: the densities that people call critical;
//! - [`walking`]: the speed that is to be expected at a density (Weidmann 1993);
//! - [`pressure`]: crowd pressure from the variance of velocities; [`gate`]: flow per metre of a gate;
//! - [`danger`]: minutes until a zone passes its dangerous density.

pub mod area;
pub mod balance;
pub mod danger;
pub mod fusion;
pub mod gate;
pub mod level;
pub mod pressure;
pub mod thresholds;
#[cfg(test)]
mod vector_tests;
pub mod walking;

pub use level::LevelOfService;
use wire::Milli;
use wire::milli::divide_rounded;

/// Thousandths of persons per square metre of usable ground, rounded half away from zero; 0 where there is no ground.
pub fn density(people: Milli, area: Milli) -> Milli {
    clamp(divide_rounded(
        i128::from(people.0) * 1000,
        i128::from(area.0),
    ))
}

/// Persons (thousandths) whom `area` holds at a density: [`density`] the other way round.
pub fn people_at(density: Milli, area: Milli) -> Milli {
    clamp(divide_rounded(
        i128::from(density.0) * i128::from(area.0),
        1000,
    ))
}

/// A number of people (or what is made of it) with the least and the greatest that it may well be.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
)]
pub struct Estimate {
    pub value: Milli,
    pub low: Milli,
    pub high: Milli,
}

impl Estimate {
    /// `value` give or take `doubt`, and never less than nothing.
    pub fn around(value: Milli, doubt: Milli) -> Estimate {
        let (value, doubt) = (value.max(Milli::ZERO), doubt.max(Milli::ZERO));
        Estimate {
            value,
            low: Milli(value.0.saturating_sub(doubt.0)).max(Milli::ZERO),
            high: Milli(value.0.saturating_add(doubt.0)),
        }
    }

    /// Known without doubt.
    pub fn exact(value: Milli) -> Estimate {
        Estimate::around(value, Milli::ZERO)
    }

    /// How far above the value it may be.
    pub fn doubt(self) -> Milli {
        Milli(self.high.0.saturating_sub(self.value.0))
    }

    /// The same of a figure that grows with this one.
    pub fn map(self, mut figure: impl FnMut(Milli) -> Milli) -> Estimate {
        Estimate {
            value: figure(self.value),
            low: figure(self.low),
            high: figure(self.high),
        }
    }
}

/// Into the range of a [`Milli`].
pub(crate) fn clamp(wide: i128) -> Milli {
    Milli(wide.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64)
}
