//! Optional properties of a zone that formulas need: what kind of road, what kind of surroundings, how many people.

use geojson::{Feature, JsonValue};
use pipeline::city::{NoiseClass, ZoneSettings};
use pipeline::science::crowd::level::Scheme;
use wire::{Milli, ZoneId};

/// Roads with more lanes are taken for a mistake.
const LANES_MAX: u64 = 20;
/// Shortest and longest plausible length of vehicle and loop together, in metres.
const EFFECTIVE_LENGTH_M: (f64, f64) = (1.0, 30.0);

/// Least and greatest density that can be meant as dangerous, in persons per square metre.
const DANGER_DENSITY: (f64, f64) = (0.1, 10.0);

/// Reads `lanes`, `effective_length_m`, `noise_class`, `danger_density` and `crowd_levels`; what is wrong is said and left out.
pub(super) fn resolve(id: ZoneId, feature: &Feature, complain: &impl Fn(String)) -> ZoneSettings {
    let property = |name: &str| feature.property(name).filter(|value| !value.is_null());
    let wrong = |name: &str, expected: String, value: &JsonValue| {
        complain(format!(
            "zone `{id}`: {name} must be {expected}, not {value}"
        ));
    };
    let mut settings = ZoneSettings::default();
    if let Some(value) = property("lanes") {
        match value.as_u64() {
            Some(lanes @ 1..=LANES_MAX) => settings.lanes = lanes as u8,
            _ => wrong(
                "lanes",
                format!("a whole number from 1 to {LANES_MAX}"),
                value,
            ),
        }
    }
    let number = |name: &str, (least, most): (f64, f64)| {
        let value = property(name)?;
        let number = value
            .as_f64()
            .filter(|number| (least..=most).contains(number));
        let number = number.and_then(Milli::from_f64);
        if number.is_none() {
            wrong(name, format!("a number from {least} to {most}"), value);
        }
        number
    };
    if let Some(length) = number("effective_length_m", EFFECTIVE_LENGTH_M) {
        settings.effective_length = length;
    }
    if let Some(density) = number("danger_density", DANGER_DENSITY) {
        settings.danger_density = density;
    }
    if let Some(value) = property("crowd_levels") {
        let named = |scheme: &Scheme| value.as_str() == Some(scheme.name());
        match Scheme::ALL.into_iter().find(named) {
            Some(scheme) => settings.crowd_levels = scheme,
            None => {
                let names = Scheme::ALL.map(Scheme::name).join(", ");
                wrong("crowd_levels", format!("one of {names}"), value);
            }
        }
    }
    if let Some(value) = property("noise_class") {
        let name = match value {
            JsonValue::String(name) => name.clone(),
            other => other.to_string(),
        };
        settings.noise_class = NoiseClass::ALL
            .into_iter()
            .find(|class| class.name() == name);
        if settings.noise_class.is_none() {
            let names = NoiseClass::ALL.map(NoiseClass::name).join(", ");
            wrong("noise_class", format!("one of {names}"), value);
        }
    }
    settings
}
