//! Strong-motion records of K-NET (NIED, Japan), a channel a file.
//!
//! Files `*.knet`, `*.EW`, `*.NS`, `*.UD`: 17 lines of header, then counts. `Scale Factor` gives gal for counts; the mean of
//! a record is taken off, as NIED's own maximum has it. `Record Time` is Japan standard time (UTC+9) and fifteen
//! seconds late, because the recorder keeps what was before the trigger. A station is a zone, 200 m square.

use pipeline::calendar::{Millis, SECOND};
use wire::Quantity;

use super::super::clock::Clock;
use super::super::sources::Source;
use super::super::table::Words;
use super::super::town::{Town, id_of};
use super::super::{ImportError, Intake, Sources};
use super::Set;

pub static SET: Set = Set {
    name: "knet",
    domain: "hazard",
    title: "K-NET strong-motion record, 1996-08-11, magnitude 5.9",
    origin: "NIED K-NET, kyoshin.bosai.go.jp; a sample in PyPI obspy",
    terms: "NIED's terms: cite the National Research Institute for Earth Science and Disaster Resilience.",
    notes: "Files *.knet, *.EW, *.NS, *.UD: counts by the header's scale factor, mean taken off; Record Time is UTC+9,\n\
            less fifteen seconds.",
    read,
};

const NAMES: &str = "*.knet, *.EW, *.NS or *.UD";
const DELAY: Millis = 15 * SECOND;
/// Samples that are read of one record: an hour at 200 a second.
const SAMPLES_MAX: usize = 720_000;

pub(super) const CITY: &str = r#"[city]
id = "strong-motion"
name = "Strong motion"

[panes]
acceleration = "1s"

[silence]
after = "off"
"#;

fn read(sources: &Sources, intake: &mut Intake<'_>) -> Result<Town, ImportError> {
    let mut town = Town {
        city_toml: CITY.to_owned(),
        rules_toml: include_str!("rules/strong_motion.toml").to_owned(),
        ..Town::default()
    };
    let endings = [".knet", ".EW", ".NS", ".UD"];
    for source in sources.named(NAMES, |name| {
        endings.iter().any(|ending| name.ends_with(ending))
    })? {
        record(&source, &mut town, intake)?;
    }
    Ok(town)
}

fn record(source: &Source, town: &mut Town, intake: &mut Intake<'_>) -> Result<(), ImportError> {
    let lacking = |what: &str| source.format(format!("the header has no {what} that can be read"));
    let clock = Clock::ahead_by(9, "%Y/%m/%d %H:%M:%S");
    let (mut station, mut direction) = (String::new(), String::new());
    let (mut lat, mut lon, mut start, mut hertz, mut scale) = (None, None, None, None, None);
    let mut counts: Vec<f64> = Vec::new();
    let mut words = Words::open(source)?;
    let mut is_header = true;
    while let Some(line) = words.next(intake)? {
        if is_header {
            intake.take_row();
            // Names and values stand in columns of 18 letters.
            let text = line.joined();
            let value = |name: &str| text.strip_prefix(name).map(str::trim);
            let number = |name: &str| value(name).and_then(|text| text.parse::<f64>().ok());
            station = value("Station Code").map_or(station, id_of);
            direction = value("Dir.").map_or(direction, id_of);
            lat = number("Station Lat.").or(lat);
            lon = number("Station Long.").or(lon);
            start = value("Record Time")
                .and_then(|text| clock.read(text))
                .or(start);
            let rate = value("Sampling Freq(Hz)").map(|text| text.trim_end_matches("Hz"));
            hertz = rate.and_then(|text| text.parse::<f64>().ok()).or(hertz);
            scale = value("Scale Factor").and_then(factor).or(scale);
            is_header = !text.starts_with("Memo.");
            continue;
        }
        let before = counts.len();
        counts.extend((0..line.len()).filter_map(|column| line.float(column)));
        if counts.len() - before == line.len() && counts.len() <= SAMPLES_MAX {
            intake.take_row();
        } else {
            counts.truncate(before);
            intake.bad_row(&line, "not whole numbers alone");
        }
    }
    let start = start.ok_or_else(|| lacking("Record Time"))? - DELAY;
    let hertz = hertz
        .filter(|hertz| (1.0..=1000.0).contains(hertz))
        .ok_or_else(|| lacking("Sampling Freq"))?;
    let scale = scale.ok_or_else(|| lacking("Scale Factor"))?;
    let place = lon
        .zip(lat)
        .filter(|(lon, lat)| lon.abs() <= 180.0 && lat.abs() < 89.0);
    if !town.zones.iter().any(|zone| zone.id == station) {
        match place {
            Some(place) => town.square(&station, &station.to_uppercase(), "station", place, 200.0),
            None => town.somewhere(&station, &station.to_uppercase(), "station", None),
        }
    }
    let node = id_of(&format!("{station}-{direction}"));
    town.node(&node, &station, place, &[Quantity::Acceleration]);
    let mean = counts.iter().sum::<f64>() / counts.len().max(1) as f64;
    for (number, count) in counts.iter().enumerate() {
        let at = start + (number as f64 * 1000.0 / hertz).round() as Millis;
        let gal = (count - mean) * scale;
        intake.computed(
            (at, &node, Quantity::Acceleration, "Gal"),
            format_args!("{gal:.4}"),
        );
    }
    Ok(())
}

/// Gal of a count: `2000(gal)/8388608`.
fn factor(text: &str) -> Option<f64> {
    let (full, counts) = text.split_once("(gal)/")?;
    let (full, counts) = (
        full.trim().parse::<f64>().ok()?,
        counts.trim().parse::<f64>().ok()?,
    );
    (counts != 0.0).then_some(full / counts)
}
