//! Air quality indices: a concentration becomes a number that people know.
//!
//! In reading order:
//! - [`Standard`]: which published index; [`category`]: its classes, in words and colours;
//! - [`hourly`], [`daily`]: the index of one hour or local day of a zone; [`worst`]: what both share;
//!   [`Pollutants`]: whose index it is; [`forecast`]: the index of the next hours, with bounds;
//! - [`table`]: how a standard's columns turn a concentration into a sub-index; [`us_epa_2024`],
//!   [`us_epa_2012`], [`cn_hj633_2026`], [`cn_hj633_2012`], [`eaqi_2025`]: the columns;
//! - [`nowcast`]: the weighted mean that stands for a day of particles; [`ozone_nowcast`]: the same for
//!   ozone, in its simple form; [`units`]: mass and mixing ratio;
//! - [`correction`]: low-cost sensors in moist air;
//! - [`exact`]: fractions of integers. A sub-index hangs on a truncated decimal, so no step is a float.
//!
//! Statuses in the docs: *secondary* means read in transcriptions that agree, not in the standard itself;
//! *unconfirmed* means from memory or from sources that disagree.

mod category;
pub mod cn_hj633_2012;
pub mod cn_hj633_2026;
pub mod correction;
mod daily;
pub mod eaqi_2025;
pub mod exact;
pub mod forecast;
mod hourly;
pub mod nowcast;
pub mod ozone_nowcast;
mod pollutants;
pub mod table;
pub mod units;
pub mod us_epa_2012;
pub mod us_epa_2024;
mod worst;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use category::Category;
pub use daily::daily_index;
pub use hourly::{HOURS, hourly_index};
pub use pollutants::Pollutants;

/// A published air index, named by country, body and year of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Standard {
    UsEpa2024,
    CnHj6332026,
    UsEpa2012,
    CnHj6332012,
    Eaqi2025,
}

impl Standard {
    pub const ALL: [Standard; 5] = [
        Standard::UsEpa2024,
        Standard::CnHj6332026,
        Standard::UsEpa2012,
        Standard::CnHj6332012,
        Standard::Eaqi2025,
    ];

    /// Those of a city that names none.
    pub const DEFAULT: [Standard; 2] = [Standard::UsEpa2024, Standard::CnHj6332026];

    pub fn name(self) -> &'static str {
        match self {
            Standard::UsEpa2024 => "us-epa-2024",
            Standard::CnHj6332026 => "cn-hj633-2026",
            Standard::UsEpa2012 => "us-epa-2012",
            Standard::CnHj6332012 => "cn-hj633-2012",
            Standard::Eaqi2025 => "eaqi-2025",
        }
    }

    pub fn from_name(name: &str) -> Option<Standard> {
        Standard::ALL
            .into_iter()
            .find(|standard| standard.name() == name)
    }

    /// The table's columns: one a pollutant and averaging time.
    pub fn columns(self) -> &'static [table::Column] {
        match self {
            Standard::UsEpa2024 => &us_epa_2024::COLUMNS,
            Standard::CnHj6332026 => &cn_hj633_2026::COLUMNS,
            Standard::UsEpa2012 => &us_epa_2012::COLUMNS,
            Standard::CnHj6332012 => &cn_hj633_2012::COLUMNS,
            Standard::Eaqi2025 => &eaqi_2025::COLUMNS,
        }
    }

    /// The air in which a mixing ratio becomes the mass that the standard means, or back.
    pub fn reference(self) -> units::Reference {
        match self {
            Standard::Eaqi2025 => units::Reference::AT_20_CELSIUS,
            _ => units::Reference::AT_25_CELSIUS,
        }
    }

    /// The column of a pollutant and averaging time; `None` where the standard has none.
    pub fn column(
        self,
        quantity: wire::Quantity,
        averaging: table::Averaging,
    ) -> Option<&'static table::Column> {
        self.columns()
            .iter()
            .find(|column| column.quantity == quantity && column.averaging == averaging)
    }
}

impl fmt::Display for Standard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod vector_tests;
