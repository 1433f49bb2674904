//! The sets that can be imported, one file each.
//!
//! Air: [`beijing_prsa`]. Crowd: [`juelich`]. Traffic: [`metr_la`]. Hazards: [`nist_smoke_alarms`].

pub mod beijing_prsa;
pub mod juelich;
pub mod metr_la;
pub mod nist_smoke_alarms;

use super::{ImportError, Intake, Sources, Town};

/// A published data set, and how it is read.
#[derive(Debug)]
pub struct Set {
    /// On the command line.
    pub name: &'static str,
    /// air, crowd, traffic or hazard.
    pub domain: &'static str,
    /// What it is, in a line.
    pub title: &'static str,
    /// Where anybody gets it.
    pub origin: &'static str,
    /// Whose it is, and under which terms it is handed out.
    pub terms: &'static str,
    /// Files, units, clock, marks of missing values, and what was made of them.
    pub notes: &'static str,
    pub(super) read: fn(&Sources, &mut Intake<'_>) -> Result<Town, ImportError>,
}

/// All of them, by domain.
pub static SETS: [&Set; 4] = [
    &beijing_prsa::SET,
    &juelich::SET,
    &metr_la::SET,
    &nist_smoke_alarms::SET,
];

impl Set {
    pub fn named(name: &str) -> Option<&'static Set> {
        SETS.into_iter().find(|set| set.name == name)
    }

    /// What goes with the figures; the first line stands under plots.
    pub(super) fn source(&self) -> String {
        let Set {
            title,
            origin,
            terms,
            notes,
            name,
            ..
        } = self;
        format!(
            "{title}. {origin}\n\n{terms}\n\n{notes}\n\nImported by `citysense import {name}`.\n"
        )
    }
}
