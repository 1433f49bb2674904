//! Units, definitions and descriptions of what is observed.

use pipeline::rules::Value;
use serde_json::{Value as Json, json};
use wire::Quantity;
use wire::quantity::Summing;

use crate::language::{Language, terms};

/// A number with a unit: every figure is a mean of panes, those of counts and levels too.
pub(super) const OBSERVATION_TYPE: &str =
    "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement";
/// OGC's register of UCUM codes.
const UCUM: &str = "http://www.opengis.net/def/uom/UCUM/";
/// CF standard names, kept by NERC.
const CF: &str = "http://vocab.nerc.ac.uk/standard_name/";

/// SensorThings' unit of a value; its symbol is the UCUM code, as machines read it.
pub(super) fn unit(value: Value) -> Json {
    let code = value.unit();
    let name = match terms::unit(code, Language::English) {
        "" => "without unit",
        name => name,
    };
    json!({ "name": name, "symbol": code, "definition": format!("{UCUM}{}", escaped(code)) })
}

/// What a value is called, with the standard of an index.
pub(super) fn called(value: Value, language: Language) -> String {
    let name = terms::value(value).to(language);
    match value {
        Value::AirIndex(standard) | Value::AirDay(standard) | Value::AirForecast(standard, _) => {
            format!("{name} ({standard})")
        }
        _ => name.to_owned(),
    }
}

/// Where it is said what a value means: a public vocabulary, or a name of our own.
pub(super) fn definition(value: Value) -> String {
    match cf_name(value) {
        Some(name) => format!("{CF}{name}/"),
        None => format!("urn:citysense:value:{value}"),
    }
}

fn cf_name(value: Value) -> Option<&'static str> {
    let Value::Quantity(quantity) = value else {
        return None;
    };
    match quantity {
        Quantity::Pm2_5 => Some("mass_concentration_of_pm2p5_ambient_aerosol_particles_in_air"),
        Quantity::Pm10 => Some("mass_concentration_of_pm10_ambient_aerosol_particles_in_air"),
        Quantity::O3 => Some("mass_concentration_of_ozone_in_air"),
        Quantity::No2 => Some("mass_concentration_of_nitrogen_dioxide_in_air"),
        Quantity::No => Some("mass_concentration_of_nitrogen_monoxide_in_air"),
        Quantity::So2 => Some("mass_concentration_of_sulfur_dioxide_in_air"),
        Quantity::Co => Some("mass_concentration_of_carbon_monoxide_in_air"),
        Quantity::Temperature => Some("air_temperature"),
        Quantity::RelativeHumidity => Some("relative_humidity"),
        Quantity::Pressure => Some("air_pressure"),
        Quantity::WindSpeed => Some("wind_speed"),
        Quantity::WindDirection => Some("wind_from_direction"),
        _ => None,
    }
}

/// How a pane's figure of a value comes about.
pub(super) fn description(value: Value) -> String {
    let name = called(value, Language::English);
    let how = match value {
        Value::Quantity(quantity) => match quantity.entry().summing {
            Summing::Mean => "the mean of a pane",
            Summing::Vector => "the mean of a pane, as directions",
            Summing::Energy => "the equivalent continuous level of a pane",
            Summing::Delta => "the sum of a pane",
            Summing::Level => "the last of a pane",
        },
        Value::CrowdCount | Value::CrowdDensity => "counted by cameras and gates together",
        Value::AirIndex(_) => "the index of the hour",
        Value::AirDay(_) => "the index of the local day",
        Value::AirForecast(..) => "said an hour to a day before the hour that it speaks of",
        Value::Derived(_) => "computed from the zone's own figures by a published formula",
        Value::Silence => "the time since a node was heard",
    };
    format!("{name}: {how}")
}

/// A code as a part of an address.
fn escaped(code: &str) -> String {
    let mut text = String::new();
    for byte in code.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => text.push(byte.into()),
            _ => text += &format!("%{byte:02X}"),
        }
    }
    text
}
