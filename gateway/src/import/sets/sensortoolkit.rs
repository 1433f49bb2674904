//! Low-cost air sensors beside a regulatory station, Burden's Creek (North Carolina), August 2019: the example of
//! EPA's sensortoolkit.
//!
//! Files `toco_toucan_<unit>_raw.csv`: a mark of UTF-8 and six lines before the header, a reading a minute; NO2 and O3
//! in ppb, PM2.5 in ug/m3, TEMP in Celsius, RH in %; times `m/d/yyyy h:mm` of Eastern standard time (UTC-5) all month.
//! `airnowtech_reference_hourly.csv`: a parameter a row, PPB, UG/M3, C or PERCENT, read by its UTC columns. Small
//! negative values go on as they are; `replay` refuses and counts them. All stand in one zone.

use wire::Quantity;

use super::super::clock::Clock;
use super::super::sources::Source;
use super::super::table::{Dialect, PLAIN, Table};
use super::super::town::{Town, id_of};
use super::super::{ImportError, Intake, Sources};
use super::Set;

pub static SET: Set = Set {
    name: "sensortoolkit",
    domain: "air",
    title: "Low-cost air sensors beside a regulatory station, every minute, August 2019",
    origin: "github.com/USEPA/sensortoolkit (example_datasets)",
    terms: "MIT, Samuel Frederick (EPA); the sensors' name is fictitious.",
    notes: "Files toco_toucan_<unit>_raw.csv (six lines before the header, ppb, ug/m3, Celsius, %; UTC-5) and\n\
            airnowtech_reference_hourly.csv (a parameter a row, UTC).",
    read,
};

const NAMES: &str = "toco_toucan_<unit>_raw.csv and airnowtech_reference_hourly.csv";
const RAW: Dialect = Dialect {
    preface: 6,
    ..PLAIN
};
/// Beginning of the header, quantity, unit.
const COLUMNS: [(&str, Quantity, &str); 5] = [
    ("NO2", Quantity::No2, "[ppb]"),
    ("O3", Quantity::O3, "[ppb]"),
    ("PM2.5", Quantity::Pm2_5, "ug/m3"),
    ("TEMP", Quantity::Temperature, "Cel"),
    ("RH", Quantity::RelativeHumidity, "%"),
];
const ZONE: &str = "creek";
const PLACE: (f64, f64) = (-78.8747, 35.8894);

const CITY: &str = r#"[city]
id = "durham"
name = "Durham"
time_zone = "America/New_York"

[silence]
after = "off"
"#;

fn read(sources: &Sources, intake: &mut Intake<'_>) -> Result<Town, ImportError> {
    let mut town = Town {
        city_toml: CITY.to_owned(),
        rules_toml: include_str!("rules/beijing_prsa.toml").to_owned(),
        ..Town::default()
    };
    town.square(ZONE, "Burden's Creek", "station", PLACE, 200.0);
    let is_raw = |name: &str| name.ends_with("_raw.csv");
    let files = sources.named(NAMES, |name| {
        is_raw(name) || name == "airnowtech_reference_hourly.csv"
    })?;
    for source in files {
        match is_raw(&source.stem) {
            true => sensor(&source, &mut town, intake)?,
            false => reference(&source, &mut town, intake)?,
        }
    }
    Ok(town)
}

fn sensor(source: &Source, town: &mut Town, intake: &mut Intake<'_>) -> Result<(), ImportError> {
    let unit = source.stem.trim_end_matches("_raw.csv").rsplit('_').next();
    let id = id_of(unit.unwrap_or_default());
    town.node(
        &id,
        ZONE,
        Some(PLACE),
        &COLUMNS.map(|(_, quantity, _)| quantity),
    );
    let clock = Clock::ahead_by(-5, "%m/%d/%Y %H:%M");
    let mut table = Table::open(source, RAW)?;
    let time = table.column("Time")?;
    let mut columns = Vec::new();
    for (place, name) in table.header().iter().enumerate() {
        let known = COLUMNS
            .iter()
            .find(|(begin, ..)| name.split(' ').next() == Some(*begin));
        columns.extend(known.map(|(_, quantity, unit)| (place, *quantity, *unit)));
    }
    while let Some(line) = table.next(intake)? {
        let at = clock.read(&line.text(time));
        let Some(at) = intake.wanted(&line, at) else {
            continue;
        };
        for &(column, quantity, unit) in &columns {
            intake.cell(&line, column, (at, &id, quantity, unit));
        }
    }
    Ok(())
}

fn reference(source: &Source, town: &mut Town, intake: &mut Intake<'_>) -> Result<(), ImportError> {
    let id = "reference";
    town.node(
        id,
        ZONE,
        Some(PLACE),
        &COLUMNS.map(|(_, quantity, _)| quantity),
    );
    let clock = Clock::ahead_by(0, "%m/%d/%Y %H:%M");
    let mut table = Table::open(source, PLAIN)?;
    let [date, time] = [table.column("Date (UTC)")?, table.column("Time (UTC)")?];
    let [parameter, unit, value] = [
        table.column("Param")?,
        table.column("Unit")?,
        table.column("Value")?,
    ];
    while let Some(line) = table.next(intake)? {
        let quantity = match &*line.text(parameter) {
            "NO2" => Quantity::No2,
            "O3" => Quantity::O3,
            "PM2.5-88101" => Quantity::Pm2_5,
            "TEMP" => Quantity::Temperature,
            "RHUM" => Quantity::RelativeHumidity,
            _ => {
                intake.bad_row(&line, "a parameter that nothing here measures");
                continue;
            }
        };
        let unit = match &*line.text(unit) {
            "PPB" => "[ppb]",
            "UG/M3" => "ug/m3",
            "C" => "Cel",
            "PERCENT" => "%",
            _ => {
                intake.bad_row(&line, "an unknown unit");
                continue;
            }
        };
        let at = clock.read(&format!("{} {}", line.text(date), line.text(time)));
        if let Some(at) = intake.wanted(&line, at) {
            intake.cell(&line, value, (at, id, quantity, unit));
        }
    }
    Ok(())
}
