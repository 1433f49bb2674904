//! Densities that are called critical, with who calls them so: what a rule's threshold can refer to.
//!
//! All secondary: read in others' transcriptions. In persons per square metre of usable ground.

use wire::Milli;

/// A density and what is said of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threshold {
    pub name: &'static str,
    pub density: Milli,
    pub meaning: &'static str,
    pub source: &'static str,
}

const fn threshold(
    name: &'static str,
    density: i64,
    meaning: &'static str,
    source: &'static str,
) -> Threshold {
    Threshold {
        name,
        density: Milli::whole(density),
        meaning,
        source,
    }
}

/// By density.
#[rustfmt::skip] // one threshold, one line
pub const CRITICAL: [Threshold; 9] = [
    threshold("planning_density", 2, "what events are planned for", "UK Purple Guide"),
    threshold("korea_caution", 3, "first step of the Korean crowd alert", "Korean crowd alert steps"),
    threshold("kumbh_alarm", 3, "alarm in the control room", "Kumbh Mela"),
    threshold("korea_warning", 4, "second step", "Korean crowd alert steps"),
    threshold("still_critical_moving", 4, "critical where people move", "Still"),
    threshold("korea_danger", 5, "third step", "Korean crowd alert steps"),
    threshold("still_upper_standing", 5, "limit where people stand", "Still"),
    threshold("still_unstable", 6, "unstable above", "Still"),
    threshold("fruin_fluid_mass", 7, "the crowd moves as a fluid", "Fruin 1993"),
];
