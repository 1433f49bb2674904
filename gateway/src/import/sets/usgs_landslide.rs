//! USGS landslide monitoring near Seattle: rain by the hour and by the quarter of an hour.
//!
//! Files `K<airport>_hourly_precip_<years>.csv` (`time_local,precip_in`: inches in the hour) and `<site>_rain.txt` (year, month,
//! day, hour, minute, inches in the quarter of an hour, between tabs). Clocks are taken for Pacific standard time,
//! UTC-8, all year: hours run on in March and October. A place is a zone two kilometres square; those of the airports
//! are known, sites are drawn beside each other. The loggers' other channels are raw and are not read.

use wire::Quantity;

use super::super::clock::Clock;
use super::super::sources::Source;
use super::super::table::{PLAIN, Table, Words};
use super::super::town::{Town, id_of};
use super::super::{ImportError, Intake, Sources};
use super::Set;

pub static SET: Set = Set {
    name: "usgs-landslide",
    domain: "hazard",
    title: "USGS landslide monitoring near Seattle, rain",
    origin: "github.com/usgs/landslides-thresholds (data)",
    terms: "Public domain, United States Geological Survey.",
    notes: "Files K<airport>_hourly_precip_<years>.csv and <site>_rain.txt: inches an hour or a quarter of one, clock of\n\
            UTC-8.",
    read,
};

const NAMES: &str = "K<airport>_hourly_precip_<years>.csv and <site>_rain.txt";
const AIRPORTS: [(&str, f64, f64); 4] = [
    ("KBFI", -122.302, 47.530),
    ("KPAE", -122.283, 47.906),
    ("KSEA", -122.309, 47.449),
    ("KTIW", -122.578, 47.268),
];

const CITY: &str = r#"[city]
id = "puget-sound"
name = "Puget Sound"
time_zone = "America/Los_Angeles"

[panes]
rain = "1h"

[silence]
after = "off"
"#;

fn read(sources: &Sources, intake: &mut Intake<'_>) -> Result<Town, ImportError> {
    let mut town = Town {
        city_toml: CITY.to_owned(),
        rules_toml: include_str!("rules/usgs_landslide.toml").to_owned(),
        ..Town::default()
    };
    let is_hourly = |name: &str| name.contains("_hourly_precip") && name.ends_with(".csv");
    for source in sources.named(NAMES, |name| is_hourly(name) || name.ends_with("_rain.txt"))? {
        let site = source.stem.split('_').next().unwrap_or_default();
        let id = id_of(site);
        let place = AIRPORTS.iter().find(|(name, ..)| *name == site);
        match place {
            Some(&(_, lon, lat)) => town.square(&id, site, "slope", (lon, lat), 2000.0),
            None => town.somewhere(&id, site, "slope", None),
        }
        town.node(
            &id,
            &id,
            place.map(|&(_, lon, lat)| (lon, lat)),
            &[Quantity::Rain],
        );
        match is_hourly(&source.stem) {
            true => hours(&source, &id, intake)?,
            false => quarters(&source, &id, intake)?,
        }
    }
    Ok(town)
}

fn hours(source: &Source, id: &str, intake: &mut Intake<'_>) -> Result<(), ImportError> {
    let clock = Clock::ahead_by(-8, "%Y-%m-%d %H:%M");
    let mut table = Table::open(source, PLAIN)?;
    let [time, rain] = [table.column("time_local")?, table.column("precip_in")?];
    while let Some(line) = table.next(intake)? {
        let at = clock.read(&line.text(time));
        if let Some(at) = intake.wanted(&line, at) {
            intake.cell(&line, rain, (at, id, Quantity::Rain, "[in_i]"));
        }
    }
    Ok(())
}

fn quarters(source: &Source, id: &str, intake: &mut Intake<'_>) -> Result<(), ImportError> {
    let clock = Clock::ahead_by(-8, "%Y %m %d %H %M");
    let mut words = Words::open(source)?;
    while let Some(line) = words.next(intake)? {
        let parts: Vec<_> = (0..5).map(|column| line.text(column)).collect();
        let at = clock.read(&parts.join(" "));
        if let Some(at) = intake.wanted(&line, at) {
            intake.cell(&line, 5, (at, id, Quantity::Rain, "[in_i]"));
        }
    }
    Ok(())
}
