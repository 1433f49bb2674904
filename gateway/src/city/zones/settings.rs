//! Optional properties of a zone that formulas need: what kind of road, what kind of surroundings.

use geojson::{Feature, JsonValue};
use pipeline::city::{NoiseClass, ZoneSettings};
use wire::{Milli, ZoneId};

/// Roads with more lanes are taken for a mistake.
const LANES_MAX: u64 = 20;
/// Shortest and longest plausible length of vehicle and loop together, in metres.
const EFFECTIVE_LENGTH_M: (f64, f64) = (1.0, 30.0);

/// Reads `lanes`, `effective_length_m` and `noise_class`; what is wrong is said and left out.
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
    if let Some(value) = property("effective_length_m") {
        let (least, most) = EFFECTIVE_LENGTH_M;
        let metres = value
            .as_f64()
            .filter(|metres| (least..=most).contains(metres));
        match metres.and_then(Milli::from_f64) {
            Some(length) => settings.effective_length = length,
            None => wrong(
                "effective_length_m",
                format!("a number from {least} to {most}"),
                value,
            ),
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
