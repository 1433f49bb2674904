//! Recorded hazards beside the house fires: burning training houses, gas sensors in smoke and perfume, a river, rain on
//! slopes, an earthquake; each as rows that `citysense replay` reads.

use std::io::Read;

use pipeline::calendar::{DAY, HOUR, MINUTE, Millis, SECOND};
use wire::Quantity;

use super::town::{Row, Town};
use super::{days_since_1970, open};

/// 2026-01-01T00:00Z, for sources that only count seconds.
pub const BEGIN: Millis = 1_767_225_600_000;

/// Live-fire training structures (UL/NIST DelCo) that are read.
pub const BURNS: [&str; 2] = ["2", "3"];

/// A city of such zones, with rules and no silence.
pub fn town(rules: &str, zones: &[&str]) -> Town {
    let mut town = Town {
        city_toml: "[city]\nid = \"hazards\"\n[silence]\nafter = \"off\"\n".to_owned(),
        rules_toml: rules.to_owned(),
        ..Town::default()
    };
    for zone in zones {
        town.somewhere(zone, zone, "", None);
    }
    town
}

/// One rule, as it stands in a file.
pub fn rule(id: &str, value: &str, raise_at: f64, clear_at: f64, more: &str) -> String {
    format!(
        "[[rule]]\nid = \"{id}\"\nkind = \"hazard\"\nvalue = \"{value}\"\nraise_at = {raise_at}\n\
         clear_at = {clear_at}\nseverity = \"severe\"\n{more}\n"
    )
}

fn row(at: Millis, node: &str, quantity: Quantity, value: f64) -> Row {
    Row {
        at,
        node: node.to_owned(),
        quantity,
        value: format!("{value:.6}"),
        unit: "",
    }
}

/// Declares every node of `rows` in the zone that its name begins with, up to the dot.
pub fn place_nodes(town: &mut Town, rows: &[Row]) {
    let mut known = std::collections::BTreeSet::new();
    for row in rows {
        if known.insert((row.node.clone(), row.quantity)) {
            let zone = row.node.split_once("--").expect("zone and node").0;
            town.node(&row.node, zone, None, &[row.quantity]);
        }
    }
}

/// Ceiling thermocouples (the uppermost of each array) and carbon monoxide in mol/mol of one burn, an hour apart;
/// failed channels are NaN.
pub fn burn(place: usize) -> Vec<Row> {
    let zone = format!("burn{}", BURNS[place]);
    let file = format!("data/hazard_fire_delco_livefire/Test_{}.csv", BURNS[place]);
    let reader = csv::Reader::from_reader(open(&file));
    let mut reader = reader;
    let header = reader.headers().expect("a header").clone();
    let mut rows = Vec::new();
    // The second line says units.
    for record in reader.records().skip(1) {
        let record = record.expect("a row");
        let number = |place: usize| record[place].trim().parse::<f64>().ok();
        let seconds = number(0).expect("seconds");
        let at = BEGIN + place as Millis * 2 * HOUR + (seconds * 1000.0) as Millis;
        for (column, name) in header.iter().enumerate() {
            let Some(value) = number(column).filter(|value| value.is_finite()) else {
                continue;
            };
            let node = format!("{zone}--{}", name.to_lowercase());
            if name.starts_with("TC_") && name.ends_with("_1") {
                rows.push(row(at, &node, Quantity::Heat, value));
            } else if name.starts_with("CO_") {
                // At 25 Celsius a ppm is 1.144882 mg/m3; the sensor ends at 2000.
                let mass = (value * 1e6 * 1.144_882).clamp(0.0, 2000.0);
                rows.push(row(at, &node, Quantity::Co, mass));
            }
        }
    }
    rows
}

/// What the gas sensor array stood in.
pub const AIRS: [&str; 4] = ["NoGas", "Perfume", "Smoke", "Mixture"];

/// Counts of the air quality sensor (MQ135) fall in smoke. How far below its median in clean air it is becomes an
/// obscuration: 18 % below it is taken for the 5 % a foot by which UL 268 wants an alarm. One count a second.
pub fn gas_array() -> Vec<Row> {
    let mut reader =
        csv::Reader::from_reader(open("data/hazard_gas_mq/Gas_Sensors_Measurements.csv"));
    let counts: Vec<(String, f64)> = reader
        .records()
        .map(|record| record.expect("a row"))
        .map(|record| (record[8].to_owned(), record[7].parse().expect("a count")))
        .collect();
    let clean = counts.iter().filter(|(air, _)| air == AIRS[0]);
    let mut clean: Vec<f64> = clean.map(|(_, count)| *count).collect();
    clean.sort_by(f64::total_cmp);
    let clean = clean[clean.len() / 2];
    let mut rows = Vec::new();
    for (place, (air, count)) in counts.iter().enumerate() {
        let fall = ((clean - count) / clean).max(0.0);
        let smoke = (15.49 * fall / 0.18).min(100.0);
        let at = BEGIN + (place as Millis % 1600) * SECOND;
        let node = format!("{}--mq135", air.to_lowercase());
        rows.push(row(at, &node, Quantity::Smoke, smoke));
    }
    rows.sort_by_key(|row| row.at);
    rows
}

/// Gauges of the River Calder: zone and file; metres above each gauge's own datum, every quarter of an hour.
pub const GAUGES: [(&str, &str); 2] = [
    ("todmorden", "Todmorden-Callis-Bridge-level-15min.csv"),
    ("hebden", "Hebden-Bridge-level-15min.csv"),
];

pub fn river() -> Vec<Row> {
    let mut rows = Vec::new();
    for (zone, file) in GAUGES {
        let path = format!("data/hazard_river_calder/{file}");
        for record in csv::Reader::from_reader(open(&path)).records() {
            let record = record.expect("a row");
            if let Ok(level) = record[1].parse::<f64>() {
                let node = format!("{zone}--gauge");
                rows.push(row(moment(&record[0]), &node, Quantity::WaterLevel, level));
            }
        }
    }
    rows.sort_by_key(|row| row.at);
    rows
}

/// Rain gauges near Seattle, hourly, in inches of the hour; Pacific standard time.
pub const AIRPORTS: [&str; 2] = ["ksea", "kbfi"];

/// (airport, moment, millimetres) of every hour that was recorded.
pub fn rain(airport: &str) -> Vec<(Millis, f64)> {
    let file = airport.to_uppercase();
    let path = format!("data/hazard_landslide_usgs/{file}_hourly_precip_2010_2011.csv");
    let mut reader = csv::Reader::from_reader(open(&path));
    let records = reader.records().map(|record| record.expect("a row"));
    let hours = records.filter_map(|record| {
        let inches: f64 = record[1].parse().ok()?;
        Some((moment(&record[0]) + 8 * HOUR, inches * 25.4))
    });
    hours.collect()
}

pub fn rain_rows(airport: &str) -> Vec<Row> {
    let hours = rain(airport).into_iter();
    let node = format!("{airport}--gauge");
    hours
        .map(|(at, mm)| row(at, &node, Quantity::Rain, mm))
        .collect()
}

/// `2025-08-16T00:15:00` or `2010-07-24 01:00`, as if it were UTC.
fn moment(text: &str) -> Millis {
    let number = |from: usize, to: usize| text[from..to].parse::<i64>().expect("a number");
    let day = days_since_1970(number(0, 4), number(5, 7), number(8, 10));
    day * DAY + number(11, 13) * HOUR + number(14, 16) * MINUTE
}

/// NIED K-NET AKT013, east-west, 100 Hz, in m/s2 with the instrument's offset; and the published peak in gal.
pub fn shaking() -> (Vec<Row>, f64) {
    let mut text = String::new();
    open("data/hazard_earthquake/test.knet")
        .read_to_string(&mut text)
        .expect("text");
    let published = text
        .lines()
        .find_map(|line| line.strip_prefix("Max. Acc. (gal)"));
    let published = published.expect("a peak").trim().parse().expect("gal");
    let counts = text.lines().skip(17).flat_map(str::split_whitespace);
    let rows = counts.enumerate().map(|(place, count)| {
        let gal = count.parse::<f64>().expect("a count") * 2000.0 / 8_388_608.0;
        let at = BEGIN + place as Millis * 10;
        row(at, "ground--akt013", Quantity::Acceleration, gal / 100.0)
    });
    (rows.collect(), published)
}
