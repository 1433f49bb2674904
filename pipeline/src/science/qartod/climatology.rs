//! Climatology: gross range by season. Where no season is stated the test is not evaluated.
//!
//! QARTOD also knows seasons by depth; our sensors have none. Of several seasons that hold a moment the last one counts,
//! as in `ioos_qc`, where each overwrites the flags of those before.

use serde::{Deserialize, Serialize};

use super::gross_range::gross_range;
use super::{Flag, Limits, Point};
use crate::calendar::Millis;

/// When limits hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum When {
    /// Moments from the first to the last, both included.
    Between(Millis, Millis),
    /// Months of the local year: bit 0 is January.
    Months(u16),
}

/// What is usual then, and what can be at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Season {
    pub when: When,
    pub suspect: Option<Limits>,
    pub fail: Option<Limits>,
}

impl Season {
    /// Whether it holds the moment, whose local month (0 is January) is `month`.
    fn holds(&self, at: Millis, month: u32) -> bool {
        match self.when {
            When::Between(from, to) => from <= at && at <= to,
            When::Months(months) => month < 12 && months & (1 << month) != 0,
        }
    }
}

/// `month`: local month of the point, 0 is January.
pub fn climatology(point: Point, month: u32, seasons: &[Season]) -> Flag {
    let mut holding = seasons
        .iter()
        .filter(|season| season.holds(point.at, month));
    match (point.value, holding.next_back()) {
        (None, _) => Flag::Missing,
        (_, None) => Flag::NotEvaluated,
        (value, Some(season)) => gross_range(value, season.suspect, season.fail),
    }
}
