//! All published vectors about crowds, from the domain files beside the repository.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use serde_json::Value as Json;
use wire::Milli;

use super::balance::{self, Through};
use super::level::Scheme;
use super::thresholds::CRITICAL;
use super::{Estimate, danger, density, gate, pressure, walking};

fn path(file: &str) -> String {
    format!("{}/../../shared/domain/{file}", env!("CARGO_MANIFEST_DIR"))
}

fn rows(file: &str) -> Vec<csv::StringRecord> {
    let mut reader = csv::Reader::from_path(path(file)).unwrap();
    reader.records().map(Result::unwrap).collect()
}

fn json(file: &str) -> Json {
    serde_json::from_str(&std::fs::read_to_string(path(file)).unwrap()).unwrap()
}

/// Every level of every scheme that is built, at and just past the end of each band; what was not confirmed is
/// in no scheme.
#[test]
fn levels_end_where_their_tables_say() {
    let mut checked = BTreeMap::new();
    for row in rows("crowd_los.csv") {
        let scheme = match (&row[0], &row[1]) {
            ("fruin", "walkway") => Scheme::FruinWalkway,
            ("fruin", "stairs") => Scheme::FruinStairs,
            ("khcm-2013", "walkway") => Scheme::Korean2013,
            _ => continue,
        };
        assert_eq!(&row[8], "confirmed");
        if let Ok(end) = row[4].parse::<f64>() {
            // The table rounds to four decimals what the areas say exactly.
            for (off, level_is) in [(-0.0006, true), (0.0006, false)] {
                let level = scheme.level(Milli::from_f64(end + off).unwrap());
                assert_eq!(level.to_string() == row[2], level_is, "{row:?} {off}");
            }
            *checked.entry((scheme, "density")).or_insert(0) += 1;
        }
        if let Ok(end) = row[7].parse::<i64>() {
            let level = |flow| scheme.level_of_flow(flow).unwrap().to_string();
            assert_eq!(level(Milli(end * 1000 - 1)), row[2], "{row:?}");
            assert!(*level(Milli(end * 1000)) > row[2], "{row:?}");
            *checked.entry((scheme, "flow")).or_insert(0) += 1;
        }
    }
    assert_eq!(checked.values().sum::<i32>(), 5 * 5, "{checked:?}");
}

#[test]
fn critical_densities_and_rates_are_those_of_the_sources() {
    let mut checked = 0;
    for row in rows("crowd_thresholds.csv") {
        if &row[3] != "confirmed" {
            continue;
        }
        let value: f64 = row[1].parse().unwrap();
        let own = match &row[0] {
            "jam_area" => continue,
            "weidmann_jam" => walking::JAM_DENSITY,
            "weidmann_v0" => walking::FREE_SPEED,
            "weidmann_gamma" => walking::GAMMA,
            "helbing_turbulence_onset" => pressure::TURBULENCE.to_f64(),
            "stop_and_go_outflow" => gate::STOP_AND_GO.to_f64() / 60.0,
            "green_guide_flow_level" => gate::GREEN_GUIDE_LEVEL.to_f64(),
            "green_guide_flow_stairs" => gate::GREEN_GUIDE_STAIRS.to_f64(),
            "green_guide_egress_time" => gate::GREEN_GUIDE_EGRESS_MIN as f64,
            // The middle of both is the error that counts are taken to have.
            "camera_count_accuracy_lo" => 0.95 - super::area::ERROR_PERCENT as f64 / 100.0,
            "camera_count_accuracy_hi" => 0.85 + super::area::ERROR_PERCENT as f64 / 100.0,
            name => {
                let found = CRITICAL.iter().find(|threshold| threshold.name == name);
                found.unwrap_or_else(|| panic!("{name}")).density.to_f64()
            }
        };
        assert!((own - value).abs() < 1e-9, "{row:?}: {own}");
        checked += 1;
    }
    assert_eq!(checked, 9 + 10);
    // A worked example of the guide: 1,199 persons in 8 minutes through 1.829 m.
    let eight = gate::GREEN_GUIDE_EGRESS_MIN * 60_000;
    let flow = gate::specific_flow(Milli::whole(1_199), Milli(1_829), eight);
    let off = flow.unwrap_or_default().0 - gate::GREEN_GUIDE_LEVEL.0;
    assert!(off.abs() < 100, "{flow:?}");
}

#[test]
fn walking_speed_and_flow_are_weidmanns() {
    let rows = rows("weidmann_vectors.csv");
    assert_eq!(rows.len(), 19);
    for row in rows {
        let number = |place: usize| row[place].parse::<f64>().unwrap();
        let density = number(0);
        let speed = walking::weidmann(density);
        assert!((speed - number(1)).abs() < 1e-9, "{row:?}: {speed}");
        assert!((speed * density - number(2)).abs() < 2e-9, "{row:?}");
        let rounded = walking::expected_speed(Milli::from_f64(density).unwrap());
        assert!((rounded.to_f64() - number(1)).abs() <= 0.0005, "{row:?}");
    }
    assert_eq!(walking::expected_speed(Milli(-1)), Milli(1_340));
    assert_eq!(walking::expected_speed(Milli(i64::MAX)), Milli::ZERO);
    assert_eq!(
        walking::speed_ratio(Milli(600), Milli(1_200)),
        Some(Milli(500))
    );
    assert_eq!(walking::speed_ratio(Milli(600), Milli::ZERO), None);
}

#[test]
fn crowd_pressure_is_density_times_variance() {
    let cases = json("crowd_pressure_vectors.json");
    let cases = cases.as_array().unwrap();
    assert_eq!(cases.len(), 5);
    for case in cases {
        let number = |name: &str| case[name].as_f64().unwrap_or_else(|| panic!("{case}"));
        let variance = number("var_v");
        if let Some(velocities) = case["velocities"].as_array() {
            let velocities: Vec<_> = velocities
                .iter()
                .map(|v| (v[0].as_f64().unwrap(), v[1].as_f64().unwrap()))
                .collect();
            assert!(
                (pressure::variance(&velocities) - variance).abs() < 1e-12,
                "{case}"
            );
        }
        let of = |value: f64| Milli::from_f64(value).unwrap();
        let got = pressure::pressure(of(number("density")), of(variance * 10_000.0));
        assert!(
            (got.to_f64() - number("pressure")).abs() <= 0.0005,
            "{case}"
        );
        if let Some(over) = case["over_0_02"].as_bool() {
            assert_eq!(got >= pressure::TURBULENCE, over, "{case}");
        }
    }
}

#[test]
fn density_is_people_on_the_ground() {
    let case = json("density_pedpy.json");
    let inside = case["positions"].as_array().unwrap().iter().filter(|at| {
        // Measurement area: the square from 0 to 2.
        (0..2).all(|axis| at[axis].as_f64().unwrap() < 2.0)
    });
    let got = density(Milli::whole(inside.count() as i64), Milli::whole(4));
    assert_eq!(got.to_f64(), case["classic_density"].as_f64().unwrap());
    assert_eq!(density(Milli::ONE, Milli::ZERO), Milli::ZERO);
}

#[test]
fn occupancy_is_anchor_and_gates_and_never_negative() {
    let cases = json("occupancy_vectors.json");
    let mut checked = 0;
    for case in cases.as_array().unwrap() {
        // Scaling to a closing balance is nobody's published rule: not built.
        let Some(steps) = case["steps"].as_array() else {
            continue;
        };
        let whole = |value: &Json| Milli::whole(value.as_i64().unwrap());
        let mut people = Estimate::exact(whole(&case["n0"]));
        for (place, (step, expected)) in steps
            .iter()
            .zip(case["occupancy"].as_array().unwrap())
            .enumerate()
        {
            let (entered, left) = (whole(&step[0]), whole(&step[1]));
            let through = Through {
                net: Milli(entered.0 - left.0),
                passages: Milli(entered.0 + left.0),
            };
            people = balance::step(people, through);
            // The vector's anchor is the number after its step.
            if let Some(count) = case["anchor"].get(place.to_string()) {
                people = Estimate::exact(whole(count));
            }
            assert_eq!(people.value, whole(expected), "{case} {place}");
            assert!(Milli::ZERO <= people.low && people.low <= people.value);
            assert!(people.value <= people.high);
        }
        checked += 1;
    }
    assert_eq!(checked, 3);
}

/// Nothing that is said here takes any of it past its range.
#[test]
fn absurd_numbers_do_not_panic() {
    let ends = [Milli(i64::MIN), Milli::ZERO, Milli(i64::MAX)];
    for a in ends {
        for b in ends {
            density(a, b);
            pressure::pressure(a, b);
            walking::speed_ratio(a, b);
            gate::specific_flow(a, b, 1);
            let around = Estimate::around(a, b);
            let through = Through {
                net: a,
                passages: b,
            };
            let stepped = balance::step(around, through);
            for (heard, expected) in [(0, 0), (1, u32::MAX), (3, 2)] {
                let count = super::area::Count {
                    people: a,
                    heard,
                    expected,
                    at_least: heard == 3,
                };
                let fused = super::fusion::fuse(stepped, count);
                assert!(Milli::ZERO <= fused.low && fused.low <= fused.value);
                count.alone();
            }
            let trend = danger::Trend { rate: a, doubt: b };
            danger::time_to_danger(a, b, trend);
        }
    }
}
