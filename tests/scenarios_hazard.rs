//! Stories of gas, fire, water and noise, as text: what happens, and beside it every line that people are told.
//!
//! As in `scenarios.rs`: each is played on one worker and on two, and `UPDATE_EXPECT=1` writes the lines anew.

use tests::story::check;

#[test]
fn gas_by_dose() {
    check("gas_by_dose");
}

#[test]
fn gas_dose_saturated() {
    check("gas_dose_saturated");
}

#[test]
fn co_alarm() {
    check("co_alarm");
}

#[test]
fn fire_smouldering() {
    check("fire_smouldering");
}

#[test]
fn flood_by_rise() {
    check("flood_by_rise");
}

#[test]
fn noise_at_night() {
    check("noise_at_night");
}
