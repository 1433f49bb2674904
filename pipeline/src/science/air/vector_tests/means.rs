//! Means that stand for others, and units.
#![allow(clippy::unwrap_used)]

use wire::Milli;

use super::{path, quantity, rows};
use crate::science::air::exact::Exact;
use crate::science::air::nowcast::nowcast;
use crate::science::air::ozone_nowcast::ozone_nowcast;
use crate::science::air::units::{Reference, Unit, convert, molar_mass_milli};

#[test]
fn every_nowcast_vector_comes_out() {
    let text = std::fs::read_to_string(path("nowcast_vectors.json")).unwrap();
    let vectors: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    for vector in &vectors {
        let hours: Vec<Option<Milli>> = vector["hours_oldest_first"]
            .as_array()
            .unwrap()
            .iter()
            .rev()
            .map(|hour| hour.as_f64().and_then(Milli::from_f64))
            .collect();
        let got = nowcast(&hours);
        let expected = vector["nowcast"]
            .as_f64()
            .map(|value| Milli((value * 1000.0 + 1e-6).floor() as i64));
        assert_eq!(got, expected, "{vector}");
        for (field, step) in [("pm25_truncated", 100), ("pm10_truncated", 1000)] {
            let truncated = vector[field].as_str().map(|text| text.parse().unwrap());
            assert_eq!(
                got.map(|value| Milli(value.0 / step * step)),
                truncated,
                "{field} of {vector}"
            );
        }
    }
    assert_eq!(vectors.len(), 15);
}

#[test]
fn every_ozone_surrogate_comes_out() {
    let text = std::fs::read_to_string(path("o3_nowcast_surrogate.json")).unwrap();
    let file: serde_json::Value = serde_json::from_str(&text).unwrap();
    let vectors = file["vectors"].as_array().unwrap();
    for vector in vectors {
        let hour = vector["o3_1h_ppb"].as_f64().and_then(Milli::from_f64);
        let expected = vector["surrogate_nowcast_ppb"].as_f64().unwrap();
        // Other hours there keep the paper's rule on zeros alone out of it.
        let hours = [hour, Some(Milli(30_000))].map(|hour| hour.map(Exact::from));
        let got = ozone_nowcast(&hours).unwrap().truncated(6);
        assert_eq!(got, (expected * 1e6).round() as i128, "{vector}");
    }
    assert_eq!(vectors.len(), 9);
}

#[test]
fn every_conversion_vector_comes_out_and_goes_back() {
    let rows = rows("unit_conversion_vectors.csv");
    for row in &rows {
        let gas = quantity(&row[0]);
        let units = (
            Unit::from_name(&row[2]).unwrap(),
            Unit::from_name(&row[3]).unwrap(),
        );
        let air = Reference {
            kelvin_hundredths: 27_315 + row[4].parse::<i128>().unwrap() * 100,
            pascal: row[5].trim_end_matches(".0").parse().unwrap(),
        };
        let value: Exact = row[1].parse().unwrap();
        let there = convert(value, gas, units, air).unwrap();
        let got = there.truncated(9) as f64 / 1e9;
        let expected: f64 = row[6].parse().unwrap();
        assert!((got / expected - 1.0).abs() < 5e-9, "{row:?}: got {got}");
        let back = convert(there, gas, (units.1, units.0), air).unwrap();
        assert_eq!(back.truncated(3), value.truncated(3), "{row:?} back");
    }
    assert_eq!(rows.len(), 8);
}

/// The factors that agencies publish are this formula's, to the digits that they print.
#[test]
fn every_published_factor_is_the_gas_law_at_its_stated_temperature() {
    let (mut gases, mut published) = (0, 0);
    for row in rows("unit_conversion.csv") {
        // Benzene no node measures, and methane only by its explosive limit.
        let Ok(gas) = row[0].to_lowercase().parse() else {
            continue;
        };
        let Some(molar_mass) = molar_mass_milli(gas) else {
            continue;
        };
        let expected: f64 = row[1].parse().unwrap();
        assert_eq!(molar_mass, (expected * 1000.0).round() as i128);
        let factor = |kelvin_hundredths| {
            let air = Reference {
                kelvin_hundredths,
                pascal: 101_325,
            };
            let units = (Unit::PartsPerBillion, Unit::MicrogramPerCubicMetre);
            convert("1".parse().unwrap(), gas, units, air).map(|one| one.truncated(9) as f64 / 1e9)
        };
        for (place, kelvin_hundredths, digits) in [
            (2, Reference::AT_25_CELSIUS.kelvin_hundredths, 6e-7),
            (3, Reference::AT_20_CELSIUS.kelvin_hundredths, 6e-7),
            (4, 27_315, 6e-7),
            (7, 29_815, 1.2e-4),
            (8, 29_315, 1.2e-4),
        ] {
            if row[place].is_empty() {
                continue;
            }
            let expected: f64 = row[place].parse().unwrap();
            let got = factor(kelvin_hundredths).unwrap();
            assert!((got - expected).abs() < digits, "{row:?}: got {got}");
            published += usize::from(place > 4);
        }
        gases += 1;
    }
    assert_eq!((gases, published), (8, 12));
}
