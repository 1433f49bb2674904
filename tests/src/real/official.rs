//! What agencies published about the air: their own indices beside the concentrations that they made them of.
//!
//! Every file of a directory is read, so that another year put beside it is judged by the same rules.

use std::collections::BTreeMap;

use wire::{Milli, Quantity};

use super::{open, shared};

/// The data files of a recorded set, in order of name.
pub fn files(set: &str) -> Vec<String> {
    let directory = format!("data/{set}");
    let entries = std::fs::read_dir(shared(&directory)).expect("a data set");
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    let mut files: Vec<String> = names
        .map(|name| name.into_string().expect("a plain name"))
        .filter(|name| name.ends_with(".csv") || name.ends_with(".csv.gz"))
        .map(|name| format!("{directory}/{name}"))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{directory} is empty");
    files
}

/// The rows of a file by the names in its header.
fn rows(file: &str) -> impl Iterator<Item = BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(open(file));
    let header = reader.headers().expect("a header").clone();
    reader.into_records().map(move |row| {
        let row = row.expect("a row");
        let cells = header.iter().zip(&row);
        cells
            .map(|(name, cell)| (name.to_owned(), cell.to_owned()))
            .collect()
    })
}

/// One station of the Chinese national network for one hour.
#[derive(Debug)]
pub struct Station {
    pub code: String,
    /// The hour's own means, in the unit of readings.
    pub means: BTreeMap<Quantity, Milli>,
    pub index: u32,
    /// As citysense names pollutants, in the network's order, comma between.
    pub primary: String,
    pub category: String,
}

/// The stations with a published index.
pub fn network(file: &str) -> Vec<Station> {
    let columns = ["so2", "no2", "pm10", "co", "o3", "pm2_5"];
    let stations = rows(file).filter(|row| !row["official_aqi"].is_empty());
    stations
        .map(|row| Station {
            code: row["station_code"].clone(),
            means: columns
                .into_iter()
                .filter_map(|name| {
                    let mean = row[&format!("{name}_1h")].parse().ok()?;
                    Some((name.parse().expect("a quantity"), mean))
                })
                .collect(),
            index: row["official_aqi"].parse::<f64>().expect("an index") as u32,
            primary: in_our_words(&row["official_primary_pollutant"]),
            category: row["official_category"].clone(),
        })
        .collect()
}

fn in_our_words(pollutants: &str) -> String {
    let names = pollutants.split(',').filter(|name| !name.is_empty());
    let names = names.map(|name| match name {
        "细颗粒物(PM2.5)" => "pm2_5",
        "颗粒物(PM10)" => "pm10",
        "二氧化硫" => "so2",
        "二氧化氮" => "no2",
        "一氧化碳" => "co",
        ozone if ozone.starts_with("臭氧") => "o3",
        other => panic!("an unknown pollutant: {other}"),
    });
    names.collect::<Vec<_>>().join(",")
}

/// One site's day of fine particles in the United States.
#[derive(Debug)]
pub struct SiteDay {
    /// Year, month, day.
    pub date: (u16, u8, u8),
    pub site: String,
    /// ug/m3, as printed.
    pub mean: String,
    pub index: u32,
}

pub fn site_days(file: &str) -> Vec<SiteDay> {
    let days = rows(file).map(|row| {
        let date = &row["Date"];
        let part = |from: usize, to: usize| date[from..to].parse::<u16>().expect("a date");
        SiteDay {
            date: (part(6, 10), part(0, 2) as u8, part(3, 5) as u8),
            site: row["Site Name"].clone(),
            mean: row["Daily Mean PM2.5 Concentration"].clone(),
            index: row["DAILY_AQI_VALUE"].parse().expect("an index"),
        }
    });
    days.collect()
}

/// A day of a low-cost sensor beside a reference instrument, in ug/m3 and %.
#[derive(Clone, Copy, Debug)]
pub struct SensorDay {
    pub reference: f64,
    pub raw: f64,
    pub humidity: f64,
}

pub fn sensor_days() -> Vec<SensorDay> {
    let file = "data/aq_lowcost_purpleair_daily/purpleair_vs_aqs_daily.csv";
    let days = rows(file).map(|row| {
        let number = |name: &str| row[name].parse::<f64>().expect("a number");
        SensorDay {
            reference: number("conc"),
            raw: number("A_B_Avg"),
            humidity: number("humidity_a"),
        }
    });
    days.collect()
}
