//! All published and computed vectors of the two standards, from the domain files beside the repository.
#![allow(clippy::unwrap_used)]

use wire::{Milli, Quantity};

use super::exact::Exact;
use super::nowcast::nowcast;
use super::table::Averaging;
use super::units::{Reference, Unit, convert};
use super::{Standard, us_epa_2024};

fn path(file: &str) -> String {
    format!("{}/../../shared/domain/{file}", env!("CARGO_MANIFEST_DIR"))
}

fn rows(file: &str) -> Vec<csv::StringRecord> {
    let mut reader = csv::Reader::from_path(path(file)).unwrap();
    reader.records().map(Result::unwrap).collect()
}

fn quantity(pollutant: &str) -> Quantity {
    pollutant
        .to_lowercase()
        .replace('.', "_")
        .parse()
        .unwrap_or_else(|_| panic!("{pollutant}"))
}

#[test]
fn every_index_vector_comes_out() {
    let (mut checked, mut misses) = (0, Vec::new());
    for row in rows("aqi_vectors.csv") {
        let Some(standard) = Standard::from_name(&row[0]) else {
            continue;
        };
        let column = standard
            .column(quantity(&row[1]), Averaging::from_name(&row[2]).unwrap())
            .unwrap_or_else(|| panic!("no column: {row:?}"));
        assert_eq!(column.unit.name(), &row[4], "{row:?}");
        let got = column.sub_index(row[3].parse::<Exact>().unwrap());
        let class = got.map(|index| standard.category(standard.category_number(index)));
        let got = (
            got.map_or(String::new(), |index| index.to_string()),
            class.map_or(String::new(), |class| class.number.to_string()),
            class.map_or("", |class| class.name),
        );
        let expected = (row[7].to_owned(), row[8].to_owned(), &row[9]);
        if got != expected {
            misses.push(format!("{row:?}: got {got:?}"));
        }
        checked += 1;
    }
    assert!(misses.is_empty(), "{}", misses.join("\n"));
    assert!(checked >= 150, "only {checked} rows read");
}

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

/// The bands as the domain file lists them, end by end, so that no digit of the table is mistyped.
#[test]
fn every_us_band_end_has_its_index() {
    let rows = rows("aqi_us_epa_2024.csv");
    for row in &rows {
        let column = Standard::UsEpa2024
            .column(quantity(&row[0]), Averaging::from_name(&row[1]).unwrap())
            .unwrap();
        assert_eq!(column.decimals.to_string(), row[3], "{row:?}");
        for (concentration, index) in [(4, 6), (5, 7)] {
            let got = column.sub_index(row[concentration].parse().unwrap());
            assert_eq!(
                got.map(|i| i.to_string()).as_deref(),
                Some(&row[index]),
                "{row:?}"
            );
        }
        let class = Standard::UsEpa2024.category(row[8].parse().unwrap());
        assert_eq!((class.name, class.colour), (&row[9], &row[10]));
    }
    assert_eq!(rows.len(), 39);
    assert_eq!(us_epa_2024::COLUMNS.len(), 8);
}

#[test]
fn every_chinese_breakpoint_has_its_index() {
    let rows = rows("aqi_hj633_2026.csv");
    for row in &rows {
        let column = Standard::CnHj6332026
            .column(quantity(&row[0]), Averaging::from_name(&row[1]).unwrap())
            .unwrap();
        assert_eq!(column.unit.name(), &row[2]);
        for (place, index) in [0, 50, 100, 150, 200, 300, 400, 500]
            .into_iter()
            .enumerate()
        {
            if !row[3 + place].is_empty() {
                let got = column.sub_index(row[3 + place].parse().unwrap());
                assert_eq!(got, Some(index), "{row:?}");
            }
        }
    }
    assert_eq!(rows.len(), Standard::CnHj6332026.columns().len());
}
