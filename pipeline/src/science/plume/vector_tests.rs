//! All published and computed plume vectors, from the domain files beside the repository.

use super::Terrain;
use super::concentration::{dilution, wind_exponent};
use super::sigma::{Sigma, briggs, isc3};
use super::stability::{Sky, Stability, stability};

fn rows(file: &str) -> Vec<csv::StringRecord> {
    let path = format!("{}/../../shared/domain/{file}", env!("CARGO_MANIFEST_DIR"));
    let mut reader = csv::Reader::from_path(path).unwrap();
    reader.records().map(Result::unwrap).collect()
}

fn number(text: &str) -> f64 {
    text.parse().unwrap_or_else(|_| panic!("{text}"))
}

/// Within 1e-9 of what is printed, and of the half unit of its last digit that printing took.
fn assert_printed(got: f64, printed: &str, row: &csv::StringRecord) {
    let expected = number(printed);
    let (mantissa, power) = printed.split_once('e').unwrap_or((printed, "0"));
    let decimals = mantissa.split_once('.').map_or(0, |(_, d)| d.len()) as i32;
    let cut = 0.5 * 10f64.powi(power.parse::<i32>().unwrap() - decimals);
    let off = (got - expected).abs();
    assert!(off <= 1e-9 * expected.abs() + cut, "{row:?}: got {got}");
}

fn class(name: &str) -> Stability {
    Stability::from_name(name).unwrap()
}

fn terrain(name: &str) -> Terrain {
    Terrain::from_name(name).unwrap()
}

#[test]
fn every_width_and_height_comes_out() {
    let rows = rows("sigma_vectors.csv");
    for row in &rows {
        let (class, x) = (class(&row[2]), number(&row[3]));
        let sigma = match &row[0] {
            "briggs" => briggs(terrain(&row[1]), class, x),
            "isc3" => isc3(class, x),
            other => panic!("{other}"),
        };
        assert_printed(sigma.y, &row[4], row);
        assert_printed(sigma.z, &row[5], row);
    }
    assert_eq!(rows.len(), 90);
}

#[test]
fn every_concentration_comes_out() {
    let mut checked = 0;
    for row in rows("plume_vectors.csv") {
        if row[0].contains("unconfirmed") {
            continue;
        }
        let [strength, wind] = [1, 2].map(|at| number(&row[at]));
        let [x, y, z, height] = [5, 6, 7, 8].map(|at| number(&row[at]));
        let sigma = match &row[4] {
            "briggs-rural" => briggs(Terrain::Rural, class(&row[3]), x),
            "briggs-urban" => briggs(Terrain::Urban, class(&row[3]), x),
            "ccps-default" => Sigma {
                y: 0.0674 * x.powf(0.9),
                z: 0.01122 * x.powf(1.4024) * (-0.054 * x.ln().powi(2)).exp(),
            },
            other => panic!("{other}"),
        };
        assert_printed(sigma.y, &row[9], &row);
        assert_printed(sigma.z, &row[10], &row);
        let got = strength * dilution(wind, sigma, (y, z), height);
        assert!(
            (got / number(&row[11]) - 1.0).abs() < 1e-9,
            "{row:?}: {got}"
        );
        checked += 1;
    }
    assert_eq!(checked, 11);
}

/// The coefficients as the domain file lists them, so that no digit of a table is mistyped.
#[test]
fn every_coefficient_is_that_of_the_file() {
    let briggs_rows = rows("briggs.csv");
    for row in &briggs_rows {
        for x in [1.0, 30.0, 777.0, 9_000.0] {
            let sigma = briggs(terrain(&row[0]), class(&row[1]), x);
            let grown = |at: usize| {
                let [a, b, p] = [0, 1, 2].map(|n| number(&row[at + n]));
                a * x * (1.0 + b * x).powf(p)
            };
            assert!((sigma.y / grown(2) - 1.0).abs() < 1e-12, "{row:?}");
            assert!((sigma.z / grown(5) - 1.0).abs() < 1e-12, "{row:?}");
        }
    }
    let isc3_rows = rows("isc3_rural.csv");
    let mut from_km = 0.0;
    for row in &isc3_rows {
        let to_km = if row[3].is_empty() {
            100.0
        } else {
            number(&row[3])
        };
        let x_km: f64 = (from_km + to_km) / 2.0;
        let sigma = isc3(class(&row[0]), x_km * 1_000.0);
        let angle = 0.017453293 * (number(&row[1]) - number(&row[2]) * x_km.ln());
        let width = 465.11628 * x_km * angle.tan();
        assert!((sigma.y / width - 1.0).abs() < 1e-12, "{row:?}");
        let height = number(&row[4]) * x_km.powf(number(&row[5]));
        let cap = row[6].parse().unwrap_or(f64::INFINITY);
        assert!((sigma.z / height.min(cap) - 1.0).abs() < 1e-12, "{row:?}");
        from_km = if row[3].is_empty() { 0.0 } else { to_km };
    }
    assert_eq!((briggs_rows.len(), isc3_rows.len()), (12, 37));
}

#[test]
fn wind_profiles_and_stability_are_those_of_the_file() {
    let mut checked = 0;
    for row in rows("wind_profile_exponents.csv") {
        if &row[0] == "Irwin/CCPS" {
            continue; // the other opinion on urban E and F
        }
        for (place, class) in Stability::ALL.into_iter().enumerate() {
            let exponent = wind_exponent(terrain(&row[1]), class);
            assert_eq!(exponent, number(&row[2 + place]), "{row:?}");
            checked += 1;
        }
    }
    assert_eq!(checked, 12);
    let skies = [
        Sky::DayStrong,
        Sky::DayModerate,
        Sky::DaySlight,
        Sky::NightCloudy,
        Sky::NightClear,
    ];
    let rows = rows("pasquill_stability.csv");
    for row in &rows {
        let from = number(&row[0]);
        let below = row[1].parse::<f64>().unwrap_or(30.0) - 1e-9;
        for (place, sky) in skies.into_iter().enumerate() {
            // Of two classes the calmer one.
            let expected = row[2 + place].split('-').next_back().unwrap();
            for wind in [from, below] {
                assert_eq!(stability(wind, Some(sky)).to_string(), expected, "{row:?}");
            }
        }
    }
    assert_eq!(rows.len(), 5);
    assert_eq!(
        stability(1.0, None),
        Stability::D,
        "nothing known of the sky"
    );
    let seen = [0.0, 399.0, 400.0, 42_000.0, 84_000.0].map(Sky::of_illuminance);
    assert_eq!(seen, [skies[4], skies[4], skies[2], skies[1], skies[0]]);
}
