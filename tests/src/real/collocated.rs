//! Sensors that stood beside a reference: EPA's example, PurpleAirs beside regulatory monitors, an Italian roadside.
//!
//! Every source is written down as `citysense performance` reads it: `time,value` or `time,node,value`.

use std::fmt::Write as _;
use std::io::Read as _;

use super::open;

/// Sensor and reference as CSV.
pub struct Pair {
    pub sensor: String,
    pub reference: String,
}

/// EPA's example (USEPA/sensortoolkit): a sensor that speaks every minute in Eastern standard time, five hours behind UTC,
/// and an hourly reference, whose rows with a quality code of 9 are no values. `offset`: what the sensor's clock is
/// said to be, `-05:00` being the truth.
pub fn toco_toucan(offset: &str) -> Pair {
    let mut text = String::new();
    let mut file = open("data/aq_lowcost_sensortoolkit/toco_toucan_RT01_raw.csv.gz");
    file.read_to_string(&mut text).expect("the sensor's file");
    let mut sensor = "time,value\n".to_owned();
    // Five lines about the instrument and an empty one.
    let mut lines = text.lines().skip(6);
    let header: Vec<&str> = lines.next().expect("a header").split(',').collect();
    let place = header
        .iter()
        .position(|head| head.starts_with("PM2.5"))
        .expect("particles");
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        let (date, time) = cells[0].split_once(' ').expect("a date and a time");
        let _ = writeln!(sensor, "{}{offset},{}", us_moment(date, time), cells[place]);
    }
    let mut reference = "time,value\n".to_owned();
    let mut rows = csv::Reader::from_reader(open(
        "data/aq_lowcost_sensortoolkit/airnowtech_reference_hourly.csv",
    ));
    for row in rows.records().map(|row| row.expect("a row")) {
        if &row[3] == "PM2.5-88101" && &row[15] != "9" {
            let _ = writeln!(reference, "{}Z,{}", us_moment(&row[8], &row[9]), &row[13]);
        }
    }
    Pair { sensor, reference }
}

/// Daily means of 18 PurpleAirs, each beside a monitor of its own.
pub fn purple_air() -> Pair {
    let mut pair = ["time,node,value\n"; 2].map(str::to_owned);
    let mut rows = csv::Reader::from_reader(open(
        "data/aq_lowcost_purpleair_daily/purpleair_vs_aqs_daily.csv",
    ));
    for row in rows.records().map(|row| row.expect("a row")) {
        for (text, place) in pair.iter_mut().zip([3, 2]) {
            let _ = writeln!(text, "{}T00:00:00Z,{},{}", &row[1], &row[0], &row[place]);
        }
    }
    let [sensor, reference] = pair;
    Pair { sensor, reference }
}

/// A metal-oxide sensor and a certified analyser of carbon monoxide by the hour, in local time without summer time:
/// decimal commas become points, -200 stays what it is.
pub fn roadside() -> Pair {
    let mut text = String::new();
    let mut file = open("data/aq_uci_italy/AirQualityUCI.csv");
    file.read_to_string(&mut text).expect("the file");
    let mut pair = ["time,value\n"; 2].map(str::to_owned);
    for line in text.lines().skip(1) {
        let cells: Vec<String> = line.split(';').map(|cell| cell.replace(',', ".")).collect();
        // The file ends with empty rows.
        let Some((day, rest)) = cells[0].split_once('/') else {
            continue;
        };
        let (month, year) = rest.split_once('/').expect("a date");
        let time = cells[1].replace('.', ":");
        for (text, place) in pair.iter_mut().zip([3, 2]) {
            let _ = writeln!(text, "{year}-{month}-{day}T{time}+01:00,{}", cells[place]);
        }
    }
    let [sensor, reference] = pair;
    Pair { sensor, reference }
}

/// `8/1/2019` and `7:11` as `2019-08-01T07:11:00`, without an offset.
fn us_moment(date: &str, time: &str) -> String {
    let number = |text: &str| text.parse::<i64>().expect("a number");
    let date: Vec<i64> = date.split('/').map(number).collect();
    let time: Vec<i64> = time.split(':').map(number).collect();

    format!(
        "{}-{:02}-{:02}T{:02}:{:02}:00",
        date[2], date[0], date[1], time[0], time[1]
    )
}
