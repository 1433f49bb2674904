//! The sets that can be imported, one file each.
//!
//! Air: [`beijing_prsa`], [`airnow`], [`uci_air_quality`], [`sensortoolkit`], [`cnemc`]. Crowd: [`juelich`], [`eth_ucy`],
//! [`auckland`], [`calit2`]. Traffic: [`metr_la`], [`nab`], [`montreal`], [`metro_i94`]. Hazards: [`nist_smoke_alarms`],
//! [`delco`], [`calder`], [`usgs_landslide`], [`knet`], [`cosmos`].

pub mod airnow;
pub mod beijing_prsa;
pub mod cnemc;
pub mod sensortoolkit;
pub mod uci_air_quality;

pub mod auckland;
pub mod calit2;
pub mod eth_ucy;
pub mod juelich;

pub mod metr_la;
pub mod metro_i94;
pub mod montreal;
pub mod nab;

pub mod calder;
pub mod cosmos;
pub mod delco;
pub mod knet;
pub mod nist_smoke_alarms;
pub mod usgs_landslide;

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
pub static SETS: [&Set; 20] = [
    &beijing_prsa::SET,
    &airnow::SET,
    &uci_air_quality::SET,
    &sensortoolkit::SET,
    &cnemc::SET,
    &juelich::SET,
    &eth_ucy::SET,
    &auckland::SET,
    &calit2::SET,
    &metr_la::SET,
    &nab::TRAFFIC,
    &montreal::SET,
    &metro_i94::SET,
    &nist_smoke_alarms::SET,
    &delco::SET,
    &calder::SET,
    &usgs_landslide::SET,
    &nab::TEMPERATURE,
    &knet::SET,
    &cosmos::SET,
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
