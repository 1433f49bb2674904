//! One run of `citysense replay` over recorded rows, and what its output files say.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use gateway::commands::replay;
use pipeline::calendar::{DAY, Millis};
use serde_json::Value as Json;
use wire::Milli;

use super::days_since_1970;
use super::town::{Row, Town, write_rows};

/// What a run left behind, by names.
#[derive(Debug, Default)]
pub struct Outcome {
    /// `zones.csv`: (zone, value, pane start) → figures.
    pub panes: BTreeMap<(String, String, Millis), Pane>,
    /// `air.csv`: (zone, standard, hour) → index and primary pollutants.
    pub air: BTreeMap<(String, String, Millis), (u32, String)>,
    /// `air_days.csv`: (zone, standard, local date) → start, index and primary pollutants.
    pub air_days: BTreeMap<(String, String, String), (Millis, u32, String)>,
    /// `alerts.ndjson`: every revision, in order.
    pub revisions: Vec<Json>,
    /// `ledger.json`.
    pub ledger: Json,
    /// `metrics.prom`.
    pub metrics: String,
}

/// Figures in thousandths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pane {
    pub mean: i64,
    pub min: i64,
    pub max: i64,
    pub count: u64,
    pub heard: u32,
    pub expected: u32,
}

/// Writes the town and its readings, replays them through the command, and reads all output files.
///
/// Every row must have been admitted: recorded data is clean before it comes here.
pub fn replay(town: &Town, rows: &[Row], workers: u16) -> Outcome {
    let outcome = replay_raw(town, rows, workers, |_| ());
    assert_eq!(outcome.ledger["rows"], rows.len(), "{}", outcome.ledger);
    assert_eq!(outcome.ledger["admitted"], rows.len(), "{}", outcome.ledger);
    outcome
}

/// The same for data as it was recorded, which need not be clean; `finish` may add to the city directory.
pub fn replay_raw(town: &Town, rows: &[Row], workers: u16, finish: impl FnOnce(&Path)) -> Outcome {
    let scratch = tempfile::tempdir().expect("a temporary directory");
    let place = |name: &str| scratch.path().join(name);
    town.write(&place("city")).expect("a city directory");
    finish(&place("city"));
    write_rows(&place("readings.csv"), rows).expect("a readings file");
    let code = replay::run(replay::Args {
        city: place("city"),
        journal: None,
        readings: vec![place("readings.csv")],
        out: place("out"),
        workers: Some(workers),
        no_privacy_floor: true,
        json: false,
    })
    .expect("a replay");
    assert_eq!(code, std::process::ExitCode::SUCCESS);
    Outcome::read(&place("out"))
}

impl Outcome {
    /// Reads the output directory of a replay.
    pub fn read(directory: &Path) -> Outcome {
        let mut outcome = Outcome::default();
        for row in rows_of(&directory.join("zones.csv")) {
            let figure = |place: usize| row[place].parse::<Milli>().expect("a decimal").0;
            let key = (row[0].to_owned(), row[1].to_owned(), moment(&row[2]));
            let pane = Pane {
                mean: figure(3),
                min: figure(4),
                max: figure(5),
                count: row[6].parse().expect("a count"),
                heard: row[7].parse().expect("a count"),
                expected: row[8].parse().expect("a count"),
            };
            let before = outcome.panes.insert(key, pane);
            assert_eq!(before, None, "a pane is there once: {row:?}");
        }
        for row in rows_of(&directory.join("air.csv")) {
            let key = (row[0].to_owned(), row[2].to_owned(), moment(&row[1]));
            let index = row[3].parse().expect("an index");
            let before = outcome.air.insert(key, (index, row[5].to_owned()));
            assert_eq!(before, None, "an hour is there once: {row:?}");
        }
        for row in rows_of(&directory.join("air_days.csv")) {
            let key = (row[0].to_owned(), row[3].to_owned(), row[1].to_owned());
            let index = row[4].parse().expect("an index");
            let day = (moment(&row[2]), index, row[6].to_owned());
            let before = outcome.air_days.insert(key, day);
            assert_eq!(before, None, "a day is there once: {row:?}");
        }
        let text = |name: &str| fs::read_to_string(directory.join(name)).expect(name);
        let json = |text: &str| serde_json::from_str(text).expect("JSON");
        outcome.revisions = text("alerts.ndjson").lines().map(json).collect();
        outcome.ledger = json(&text("ledger.json"));
        outcome.metrics = text("metrics.prom");
        outcome
    }
}

fn rows_of(path: &Path) -> impl Iterator<Item = csv::StringRecord> {
    let reader = csv::Reader::from_path(path).expect("an output file");
    reader.into_records().map(|row| row.expect("a row"))
}

/// `2016-01-31T23:59:59.000Z`, the only form in which citysense writes a moment.
pub fn moment(text: &str) -> Millis {
    let number = |from: usize, to: usize| -> i64 {
        let digits = text.get(from..to).and_then(|digits| digits.parse().ok());
        digits.unwrap_or_else(|| panic!("no moment: {text}"))
    };
    let day = days_since_1970(number(0, 4), number(5, 7), number(8, 10));
    let seconds = (number(11, 13) * 60 + number(14, 16)) * 60 + number(17, 19);
    day * DAY + seconds * 1000 + number(20, 23)
}
