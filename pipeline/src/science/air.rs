//! Air quality indices.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A published air index, named by country, body and year of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Standard {
    UsEpa2024,
    CnHj6332026,
}

impl Standard {
    pub const ALL: [Standard; 2] = [Standard::UsEpa2024, Standard::CnHj6332026];

    pub fn name(self) -> &'static str {
        match self {
            Standard::UsEpa2024 => "us-epa-2024",
            Standard::CnHj6332026 => "cn-hj633-2026",
        }
    }

    pub fn from_name(name: &str) -> Option<Standard> {
        Standard::ALL
            .into_iter()
            .find(|standard| standard.name() == name)
    }
}

impl fmt::Display for Standard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
