//! All vectors and bounds of the domain files about traffic, from beside the repository.
#![allow(clippy::unwrap_used)]

use serde_json::Value as Json;
use wire::{Milli, Quantity};

use super::incident::{Occupancies, State, Thresholds};
use super::level::{LevelOfService, PER_KILOMETRE, PER_MILE};
use super::loops::{EffectiveLength, density, flow, speed};
use crate::calendar::{HOUR, MINUTE, Millis, SECOND};
use crate::quality::{DETECTOR_RECOVERS_AFTER, DetectorLimits};

fn path(file: &str) -> String {
    format!("{}/../../shared/domain/{file}", env!("CARGO_MANIFEST_DIR"))
}

fn rows(file: &str) -> Vec<csv::StringRecord> {
    let mut reader = csv::Reader::from_path(path(file)).unwrap();
    reader.records().map(Result::unwrap).collect()
}

fn milli(text: &str) -> Milli {
    text.parse().unwrap()
}

#[test]
fn every_single_loop_vector_comes_out() {
    let rows = rows("single_loop_vectors.csv");
    for row in &rows {
        let occupancy = Milli(milli(&row[1]).0 * 100);
        let feet = milli(&row[3]).0 / 100;
        let length = EffectiveLength::of_tenths_of_feet(feet).unwrap();
        let lane_flow = flow(milli(&row[0]), milli(&row[2]).0);
        assert_eq!(lane_flow, milli(&row[4]), "{row:?}");
        let per_mile: f64 = row[5].parse().unwrap();
        let expected = Milli::from_f64(per_mile / 1.609_344).unwrap();
        assert_eq!(density(occupancy, length), expected, "{row:?}");
        let expected = Some(&row[7]).filter(|text| !text.is_empty()).map(milli);
        assert_eq!(speed(lane_flow, occupancy, length), expected, "{row:?}");
    }
    assert_eq!(rows.len(), 7);
}

/// Each bound belongs to its level; a thousandth more is the next.
#[test]
fn every_level_ends_where_the_domain_file_says() {
    let rows = rows("hcm_los.csv");
    for row in &rows {
        let bounds = match &row[1] {
            "pc/km/ln" => PER_KILOMETRE,
            "pc/mi/ln" => PER_MILE,
            other => panic!("{other}"),
        };
        let level = |density| LevelOfService::of(density, &bounds).to_string();
        let above = Milli(milli(&row[3]).0 + 1);
        assert_eq!(level(above), row[2], "{row:?}");
        if !row[4].is_empty() {
            assert_eq!(level(milli(&row[4])), row[2], "{row:?}");
        }
    }
    assert_eq!(rows.len(), 12);
    for odd in [i64::MIN, 0].map(Milli) {
        assert_eq!(LevelOfService::of(odd, &PER_KILOMETRE), LevelOfService::A);
    }
}

#[test]
fn the_thresholds_are_those_of_the_domain_file() {
    let t = Thresholds::default();
    let own = |algorithm: &str, parameter: &str| match (algorithm, parameter) {
        ("CA7", "T1") | ("CA8", "T1") => Some(t.occdf),
        ("CA7", "T2") | ("CA8", "T3") => Some(t.occrdf),
        ("CA7", "T3") | ("CA8", "T4") => Some(t.docctd),
        ("CA8", "T2") => Some(t.docctd_wave),
        ("CA8", "T5") => Some(t.docc),
        _ => None,
    };
    let rows = rows("california_params.csv");
    let known = rows
        .iter()
        .filter_map(|row| Some((row, own(&row[0], &row[1])?)));
    let checked = known.map(|(row, own)| assert_eq!(own, milli(&row[3]), "{row:?}"));
    assert_eq!(checked.count(), 8);
}

/// The domain file's texts, each with the numbers that stand in it.
#[test]
fn detectors_are_held_to_the_limits_of_the_domain_file() {
    let limits = |quantity| DetectorLimits::main_road(quantity).unwrap();
    let (counts, occupancy) = (
        limits(Quantity::VehicleCount),
        limits(Quantity::LaneOccupancy),
    );
    let rows = rows("detector_autofail.csv");
    let said = |rule: &str, text: &str, clear: &str| {
        let row = rows.iter().find(|row| &row[0] == rule).unwrap();
        assert!(row[1].contains(text), "{row:?}: {text}");
        assert_eq!(&row[2], clear, "{row:?}");
    };
    let hours = |time: Option<Millis>| time.unwrap() / HOUR;
    said(
        "no_hits",
        &format!("0 vehicles for {} h mainline", hours(counts.no_hits)),
        "first hit",
    );
    let recovers = format!("{} h", DETECTOR_RECOVERS_AFTER / HOUR);
    said(
        "chatter",
        &format!(">= {} vehicles in 30 s", counts.chatter.unwrap()),
        &recovers,
    );
    let minutes = occupancy.locked_on.unwrap() / MINUTE;
    said(
        "locked_on",
        &format!("100 % occupancy for {minutes} min"),
        &recovers,
    );
    said(
        "no_change",
        &format!("same occupancy value for {} h", hours(occupancy.no_change)),
        "first change",
    );
    let seconds = occupancy.occupancy_spikes.unwrap() / SECOND;
    said("occ_spike", &format!("trigger over {seconds} s"), &recovers);
    assert_eq!(rows.len(), 5);
    assert_eq!(DetectorLimits::main_road(Quantity::VehicleSpeed), None);
}

fn name(state: State) -> String {
    match state {
        State::CompressionWave(minutes) => format!("CW{minutes}"),
        state => format!("{state:?}").to_uppercase(),
    }
}

#[test]
fn every_published_sequence_has_its_states() {
    let text = std::fs::read_to_string(path("california_vectors.json")).unwrap();
    let file: Json = serde_json::from_str(&text).unwrap();
    let sequences = file["sequences"].as_array().unwrap();
    let t = Thresholds::default();
    for sequence in sequences {
        let rows = sequence["rows"].as_array().unwrap();
        let occupancy = |row: &Json, place: usize| Milli::whole(row[place].as_i64().unwrap());
        let (mut by_7, mut by_8) = (State::default(), State::default());
        for window in rows.windows(3) {
            let now = Occupancies {
                upstream: occupancy(&window[2], 1),
                downstream: occupancy(&window[2], 2),
                downstream_before: occupancy(&window[0], 2),
            };
            by_7 = by_7.next_by_7(&now, &t);
            by_8 = by_8.next_by_8(&now, &t);
            let said = [name(by_7), name(by_8)];
            let expected = [&window[2][6], &window[2][7]].map(|text| text.as_str().unwrap());
            assert_eq!(said, expected, "{}: {}", sequence["name"], window[2]);
        }
        assert!(rows.len() >= 4, "{}", sequence["name"]);
    }
    assert_eq!(sequences.len(), 5);
}
