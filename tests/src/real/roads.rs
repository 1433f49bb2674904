//! Loop detectors: Montreal's Rue Notre-Dame by the minute (2021), a motorway at Minneapolis with its labelled anomalies
//! (Numenta's benchmark, 2015) and by the hour (I-94, 2012 to 2018), Los Angeles by five minutes (METR-LA, 2012).
//!
//! Times are taken as they are written: nothing here depends on the hour of the day.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use pipeline::calendar::{DAY, Millis};
use serde_json::Value as Json;
use wire::Quantity;

use super::town::{Row, Town};
use super::{days_since_1970, open, shared};

/// One zone a detector.
pub fn town(detectors: &[&str], quantities: &[Quantity], width: &str, rules_toml: &str) -> Town {
    let widths = ["vehicle_count", "vehicle_speed", "lane_occupancy"]
        .map(|quantity| format!("{quantity} = \"{width}\"\n"));
    let mut town = Town {
        city_toml: format!(
            "[city]\nid = \"roads\"\ntime_zone = \"UTC\"\n[silence]\nafter = \"off\"\n[panes]\n{}",
            widths.concat()
        ),
        rules_toml: rules_toml.to_owned(),
        ..Town::default()
    };
    for id in detectors {
        let zone = format!("at-{id}");
        town.somewhere(&zone, &zone, "road", None);
        town.node(id, &zone, None, quantities);
    }
    town
}

/// Says how many lanes each zone's detector counts.
pub fn with_lanes(city: &Path, lanes: &BTreeMap<String, u8>) {
    let path = city.join("zones.geojson");
    let text = fs::read_to_string(&path).expect("zones.geojson");
    let mut zones: Json = serde_json::from_str(&text).expect("JSON");
    for feature in zones["features"].as_array_mut().expect("features") {
        let id = feature["properties"]["id"].as_str().expect("an id");
        let id = id.trim_start_matches("at-").to_owned();
        if let Some(lanes) = lanes.get(&id) {
            feature["properties"]["lanes"] = (*lanes).into();
        }
    }
    fs::write(&path, zones.to_string()).expect("zones.geojson");
}

/// A minute of a detector as Montreal wrote it.
#[derive(Clone, Debug)]
pub struct Minute {
    pub detector: String,
    pub at: Millis,
    pub speed_km_h: u32,
    pub count: u32,
}

pub fn montreal() -> Vec<Minute> {
    rows("data/traffic_montreal_mqtt/readings.csv")
        .map(|row| Minute {
            detector: row[0].to_owned(),
            at: moment(&row[1]),
            speed_km_h: row[2].parse().expect("a speed"),
            count: row[3].parse().expect("a count"),
        })
        .collect()
}

/// One MQTT topic a lane.
pub fn montreal_lanes() -> BTreeMap<String, u8> {
    rows("data/traffic_montreal_mqtt/detectors.csv")
        .map(|row| (row[0].to_owned(), row[5].split(',').count() as u8))
        .collect()
}

/// A series of Numenta's benchmark, as (moment, value as written).
pub fn numenta(file: &str) -> Vec<(Millis, String)> {
    rows(&format!("data/traffic_nab/{file}.csv"))
        .map(|row| (moment(&row[0]), row[1].to_owned()))
        .collect()
}

/// Its labelled windows, from and to.
pub fn numenta_windows(file: &str) -> Vec<(Millis, Millis)> {
    let path = shared("data/traffic_nab/labels.json");
    let text = fs::read_to_string(path).expect("labels.json");
    let labels: Json = serde_json::from_str(&text).expect("JSON");
    let windows = labels[format!("{file}.csv")]["windows"].as_array();
    let end = |window: &Json, place: usize| moment(window[place].as_str().expect("a moment"));
    windows
        .expect("windows")
        .iter()
        .map(|window| (end(window, 0), end(window, 1)))
        .collect()
}

/// Vehicles per hour westbound on the I-94, row by row: an hour with several kinds of weather has several.
pub fn interstate() -> Vec<(Millis, u32)> {
    rows("data/traffic_metro_i94/Metro_Interstate_Traffic_Volume.csv.gz")
        .map(|row| (moment(&row[7]), row[8].parse().expect("a volume")))
        .collect()
}

/// Miles per hour of the first `detectors` of Los Angeles: ids, and rows of (moment, speeds as written).
pub fn los_angeles(detectors: usize) -> (Vec<String>, Vec<(Millis, Vec<String>)>) {
    let mut table = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(open("data/traffic_metr_la_week/los_speed_days1-5.csv.gz"))
        .into_records()
        .map(|row| row.expect("a row"));
    let fields = |row: &csv::StringRecord| -> Vec<String> {
        row.iter()
            .skip(1)
            .take(detectors)
            .map(str::to_owned)
            .collect()
    };
    let ids = fields(&table.next().expect("a head"));
    (
        ids,
        table.map(|row| (moment(&row[0]), fields(&row))).collect(),
    )
}

/// A reading of a detector.
pub fn reading(at: Millis, node: &str, quantity: Quantity, value: &str, unit: &'static str) -> Row {
    Row {
        at,
        node: node.to_owned(),
        quantity,
        value: value.to_owned(),
        unit,
    }
}

fn rows(path: &str) -> impl Iterator<Item = csv::StringRecord> {
    let reader = csv::Reader::from_reader(open(path));
    reader.into_records().map(|row| row.expect("a row"))
}

/// `2015-09-14 17:45:00.000000` or `2021-01-08T22:16:59`; seconds may be left out.
fn moment(text: &str) -> Millis {
    let number = |from: usize, to: usize| -> i64 {
        let digits = text.get(from..to).and_then(|digits| digits.parse().ok());
        digits.unwrap_or_else(|| panic!("no moment: {text}"))
    };
    let seconds = if text.len() > 16 { number(17, 19) } else { 0 };
    let day = days_since_1970(number(0, 4), number(5, 7), number(8, 10));
    day * DAY + ((number(11, 13) * 60 + number(14, 16)) * 60 + seconds) * 1000
}
