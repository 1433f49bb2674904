//! The published numbers of the domain files, and recorded strong motion with its published peaks.
#![allow(clippy::unwrap_used)]

use std::io::Read;

use wire::{Milli, Quantity};

use super::carbon_monoxide::{EN_50291, Response, UL_2034};
use super::dose::Sample;
use super::{gas, heat, motion};
use crate::calendar::MINUTE;

fn shared(file: &str) -> String {
    format!("{}/../../shared/{file}", env!("CARGO_MANIFEST_DIR"))
}

fn rows(file: &str) -> Vec<csv::StringRecord> {
    let mut reader = csv::Reader::from_path(shared(file)).unwrap();
    reader.records().map(Result::unwrap).collect()
}

#[test]
fn the_exposure_levels_are_the_published_ones() {
    let mut checked = 0;
    for row in rows("domain/aegl_erpg.csv") {
        let Some(level) = row[2].strip_prefix("AEGL-") else {
            continue;
        };
        let Ok(quantity) = row[0].to_lowercase().parse::<Quantity>() else {
            assert_eq!(&row[0], "HCN", "no node measures it");
            continue;
        };
        let (_, levels) = gas::TABLE.iter().find(|(gas, _)| *gas == quantity).unwrap();
        let published = (4..9).map(|column| match &row[column] {
            "NR" => 0,
            text => text.parse::<Milli>().unwrap().0,
        });
        let level: usize = level.parse().unwrap();
        assert_eq!(
            levels[level - 1].to_vec(),
            published.collect::<Vec<_>>(),
            "{row:?}"
        );
        checked += 1;
    }
    assert_eq!(checked, 18);
}

/// A steady concentration reaches a level of the table when it has been breathed for the column's time.
#[test]
fn every_published_level_is_reached_by_its_own_concentration_and_time() {
    for (quantity, levels) in gas::TABLE {
        for (place, level) in levels.iter().enumerate() {
            for (ppm, time) in level.iter().zip(gas::TIMES) {
                if *ppm == 0 {
                    continue;
                }
                let mass = match quantity {
                    Quantity::Co => 1.144_881_988,
                    Quantity::So2 => 2_618.309_55,
                    Quantity::No2 => 1_880.410_42,
                    _ => 1.0,
                };
                let reached = |factor: f64| {
                    let sample = Sample {
                        start: 0,
                        lasting: time,
                        value: Milli((*ppm as f64 * mass * factor).round() as i64),
                    };
                    gas::level(quantity, &gas::doses(&[sample], time).likely).unwrap()
                };
                let level = Milli::whole(place as i64 + 1);
                assert!(reached(1.005) >= level, "{quantity} {ppm} {time}");
                // The same level may stand under a longer time too, but never under a lower concentration.
                assert!(reached(0.995) < level, "{quantity} {ppm} {time}");
            }
        }
    }
}

/// When a response to a steady concentration first is an alarm, minute by minute.
fn alarms_after(response: &Response, ppm: f64, minutes_max: i64) -> Option<i64> {
    let value = Milli::from_f64(ppm * 1.144_881_987).unwrap();
    let mut samples = Vec::new();
    for minute in 1..=minutes_max {
        samples.push(Sample {
            start: (minute - 1) * MINUTE,
            lasting: MINUTE,
            value,
        });
        let from = samples.len().saturating_sub(300);
        if response.share(&samples[from..], minute * MINUTE).0 >= Milli::ONE {
            return Some(minute);
        }
    }
    None
}

#[test]
fn domestic_detectors_keep_every_bound_of_their_standard() {
    let mut checked = 0;
    for row in rows("domain/thresholds.csv") {
        if &row[0] != "co-domestic" {
            continue;
        }
        let response = match &row[2] {
            name if name.starts_with("EN 50291") => EN_50291,
            name if name.starts_with("UL 2034") => UL_2034,
            other => panic!("{other}"),
        };
        let ppm: f64 = row[4].parse().unwrap();
        let bound = row[6].trim_end_matches(" min");
        match (&row[7], bound.split_once("..")) {
            ("must not alarm", None) => {
                let hours = match bound {
                    "30 d" => 30 * 24,
                    "no alarm before 120" => 2,
                    other => panic!("{other}"),
                };
                // What it remembers is full after four hours; from then on nothing changes.
                let minutes = (hours * 60).min(5 * 60);
                assert_eq!(alarms_after(&response, ppm, minutes), None, "{row:?}");
            }
            ("must alarm inside the window", Some((from, to))) => {
                let from: i64 = if from.is_empty() {
                    0
                } else {
                    from.parse().unwrap()
                };
                let to: i64 = to.parse().unwrap();
                let after = alarms_after(&response, ppm, 300).unwrap();
                assert!((from..=to).contains(&after), "{row:?}: after {after} min");
            }
            other => panic!("{other:?}"),
        }
        checked += 1;
    }
    assert_eq!(checked, 8);
}

#[test]
fn heat_vectors_come_out() {
    let rows = rows("domain/heat_vectors.csv");
    for row in &rows {
        let number = |column: usize| row[column].parse::<f64>().unwrap();
        let (fahrenheit, humidity) = (number(0), number(1));
        let index = heat::heat_index_fahrenheit(fahrenheit, humidity);
        assert!((index - number(2)).abs() < 1e-6, "{row:?}: {index}");
        let celsius = (fahrenheit - 32.0) / 1.8;
        let wbgt = heat::wbgt_celsius(celsius, humidity);
        assert!((wbgt - number(5)).abs() < 1e-6, "{row:?}: {wbgt}");
        // And through thousandths, which is what nodes say.
        let (t, r) = (
            Milli::from_f64(celsius).unwrap(),
            Milli::from_f64(humidity).unwrap(),
        );
        let index = heat::heat_index(t, r).unwrap().to_f64() * 1.8 + 32.0;
        assert!((index - number(2)).abs() < 0.02, "{row:?}: {index}");
        let wbgt = heat::wbgt(t, r).unwrap().to_f64();
        assert!((wbgt - number(5)).abs() < 0.002, "{row:?}: {wbgt}");
    }
    assert_eq!(rows.len(), 18);
}

/// NIED K-NET: counts times 2000/8388608 gal, the record's mean taken off; the header says the peak.
#[test]
fn the_japanese_record_has_its_published_peak() {
    let text = std::fs::read_to_string(shared("data/hazard_earthquake/test.knet")).unwrap();
    let published = text
        .lines()
        .find_map(|line| line.strip_prefix("Max. Acc. (gal)"));
    let published: Milli = published.unwrap().trim().parse().unwrap();
    let counts = text.lines().skip(17).flat_map(str::split_whitespace);
    let counts: Vec<i64> = counts.map(|count| count.parse().unwrap()).collect();
    assert_eq!(counts.len(), 5_900);
    let peak = motion::peak_from_mean(&counts).unwrap();
    let gal = wire::milli::divide_rounded(peak * 2000, 8_388_608);
    assert_eq!(gal, i128::from(published.0));
}

/// CSMIP volume 1: three channels in g; each header says its peak to three places.
#[test]
fn the_californian_record_has_its_published_peaks() {
    let file = std::fs::File::open(shared("data/hazard_earthquake/CICLC.v1.gz")).unwrap();
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(file)
        .read_to_string(&mut text)
        .unwrap();
    let (mut published, mut peaks) = (Vec::new(), Vec::new());
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some((_, rest)) = line.split_once("Max  =") {
            let magnitude = rest.split_once(" g,").unwrap().0.trim();
            published.push(magnitude.parse::<Milli>().unwrap());
        }
        if let Some((count, _)) = line.split_once("Accelerogram points") {
            let count: usize = count.trim().parse().unwrap();
            let mut samples = Vec::with_capacity(count);
            while samples.len() < count {
                // Eight fields of nine characters, in millionths of g.
                let line = lines.next().unwrap().as_bytes();
                for field in line.chunks(9).filter(|field| field.len() == 9) {
                    let field = std::str::from_utf8(field).unwrap().trim();
                    samples.push((field.parse::<f64>().unwrap() * 1e6).round() as i64);
                }
            }
            let (least, greatest) = (samples.iter().min().unwrap(), samples.iter().max().unwrap());
            let peak = motion::peak(Milli(*least), Milli(*greatest), Milli::ZERO);
            peaks.push(Milli(
                wire::milli::divide_rounded(i128::from(peak.0), 1000) as i64
            ));
        }
    }
    assert_eq!(peaks.len(), 3);
    assert_eq!(peaks, published);
}
