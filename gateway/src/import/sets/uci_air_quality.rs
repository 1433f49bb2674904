//! Air Quality (UCI): an analyser station beside a road in an Italian city, hourly, 2004-03-10 to 2005-04-04.
//!
//! File `AirQualityUCI.csv`: cells between semicolons, decimal commas, -200 is missing, dates `dd/mm/yyyy` and times
//! `HH.MM.SS`. The hours run on without a gap in March and without a double one in October, so they are standard
//! time, UTC+1, all year. Read are the certified analysers `CO(GT)` in mg/m3 and `NO2(GT)` in ug/m3, `T` in Celsius
//! and `RH` in %; the raw responses of the metal-oxide sensors have no unit. The place is not told.

use wire::Quantity;

use super::super::clock::Clock;
use super::super::table::{Dialect, PLAIN, Table};
use super::super::town::Town;
use super::super::{ImportError, Intake, Sources};
use super::Set;

pub static SET: Set = Set {
    name: "uci-air-quality",
    domain: "air",
    title: "Air Quality, a roadside station in an Italian city, hourly, 2004 and 2005",
    origin: "UCI Machine Learning Repository, data set 360 (doi:10.24432/C59K5F)",
    terms: "CC BY 4.0; De Vito et al. 2008, Sensors and Actuators B 129:750.",
    notes: "File AirQualityUCI.csv: semicolons, decimal commas, -200 is missing; hours of UTC+1. Read are the analysers\n\
            (GT) of CO in mg/m3 and NO2 in ug/m3, temperature and humidity.",
    read,
};

const NAMES: &str = "AirQualityUCI.csv";
const DIALECT: Dialect = Dialect {
    delimiter: b';',
    decimal_comma: true,
    missing: Some(-200.0),
    ..PLAIN
};
const COLUMNS: [(&str, Quantity, &str); 4] = [
    ("CO(GT)", Quantity::Co, "mg/m3"),
    ("NO2(GT)", Quantity::No2, "ug/m3"),
    ("T", Quantity::Temperature, "Cel"),
    ("RH", Quantity::RelativeHumidity, "%"),
];

const CITY: &str = r#"[city]
id = "roadside"
name = "Roadside"
time_zone = "Europe/Rome"

[air]
standards = ["us-epa-2024", "cn-hj633-2026"]

[panes]
co = "1h"
no2 = "1h"
temperature = "1h"
relative_humidity = "1h"

[silence]
after = "off"
"#;

fn read(sources: &Sources, intake: &mut Intake<'_>) -> Result<Town, ImportError> {
    let mut town = Town {
        city_toml: CITY.to_owned(),
        rules_toml: include_str!("rules/uci_air_quality.toml").to_owned(),
        ..Town::default()
    };
    town.somewhere("roadside", "Roadside", "station", None);
    town.node(
        "station",
        "roadside",
        None,
        &COLUMNS.map(|(_, quantity, _)| quantity),
    );
    let clock = Clock::ahead_by(1, "%d/%m/%Y %H.%M.%S");
    for source in sources.named(NAMES, |name| name == NAMES)? {
        let mut table = Table::open(&source, DIALECT)?;
        let [date, time] = [table.column("Date")?, table.column("Time")?];
        let mut columns = [0; COLUMNS.len()];
        for (place, (name, ..)) in columns.iter_mut().zip(COLUMNS) {
            *place = table.column(name)?;
        }
        while let Some(line) = table.next(intake)? {
            let at = clock.read(&format!("{} {}", line.text(date), line.text(time)));
            let Some(at) = intake.wanted(&line, at) else {
                continue;
            };
            for (column, (_, quantity, unit)) in columns.into_iter().zip(COLUMNS) {
                intake.cell(&line, column, (at, "station", quantity, unit));
            }
        }
    }
    Ok(town)
}
