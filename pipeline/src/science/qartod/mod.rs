//! QARTOD: the quality tests of ocean observing, one flag a value and test.
//!
//! Quality Assurance of Real-Time Oceanographic Data (US IOOS). Status *primary*: the formulas are those of the package
//! `ioos_qc` 3.0.0, whose flags are the vectors that every function here is compared with. Comparisons are strict: a
//! value on a threshold passes.
//!
//! In reading order: [`gross_range`], [`climatology`], [`spike`], [`rate_of_change`], [`flat_line`],
//! [`attenuated_signal`], [`time_gap`] (with data reception and impossible date), [`location`], [`syntax`],
//! [`percentile_range`]; [`multi_variate`] and [`neighbour`], which have no published formula and are **our own design**;
//! [`pane`]: those of them that the dataflow asks of every pane of a sensor; [`failing`]: when too many panes fail.
//!
//! Values are thousandths and moments milliseconds, so nothing is rounded: means are compared doubled, slopes and
//! deviations multiplied out. Only a distance on the globe is a float.

pub mod attenuated_signal;
pub mod climatology;
pub mod failing;
pub mod flat_line;
pub mod gross_range;
pub mod location;
pub mod multi_variate;
pub mod neighbour;
pub mod pane;
#[cfg(test)]
mod pane_tests;
pub mod percentile_range;
pub mod rate_of_change;
pub mod spike;
pub mod syntax;
pub mod time_gap;
#[cfg(test)]
mod vector_tests;

use serde::{Deserialize, Serialize};
use wire::Milli;

use crate::calendar::Millis;

/// What a test says of a value; ordered so that what overrides in an [`aggregate`] is greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// No value was there.
    Missing,
    /// The test could not be made.
    NotEvaluated,
    Good,
    /// Doubtful, or of high interest: shown, and said so.
    Suspect,
    /// Not to be used.
    Fail,
}

impl Flag {
    /// The number that QARTOD gives it.
    pub const fn code(self) -> u8 {
        match self {
            Flag::Good => 1,
            Flag::NotEvaluated => 2,
            Flag::Suspect => 3,
            Flag::Fail => 4,
            Flag::Missing => 9,
        }
    }

    /// As metrics and API say it.
    pub const fn name(self) -> &'static str {
        match self {
            Flag::Good => "good",
            Flag::NotEvaluated => "not_evaluated",
            Flag::Suspect => "suspect",
            Flag::Fail => "fail",
            Flag::Missing => "missing",
        }
    }
}

/// One value of a stream; streams are ordered by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    pub at: Millis,
    pub value: Option<Milli>,
}

/// Past the first a value is suspect, past the second it fails; `None`: never.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Thresholds {
    pub suspect: Option<Milli>,
    pub fail: Option<Milli>,
}

/// Least and greatest value, both included.
pub type Limits = (Milli, Milli);

impl Thresholds {
    /// The flag of `measure`, which is `scale` times as fine as a thousandth.
    fn judge(&self, measure: i128, scale: i128) -> Flag {
        let past = |limit: Option<Milli>| {
            limit.is_some_and(|limit| measure > i128::from(limit.0).saturating_mul(scale))
        };
        match (past(self.fail), past(self.suspect)) {
            (true, _) => Flag::Fail,
            (false, true) => Flag::Suspect,
            (false, false) => Flag::Good,
        }
    }
}

/// The one flag for the flags of all tests on a value: fail over suspect over good over not evaluated over missing.
pub fn aggregate(flags: impl IntoIterator<Item = Flag>) -> Flag {
    flags.into_iter().max().unwrap_or(Flag::NotEvaluated)
}
