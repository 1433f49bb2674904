//! DelCo live-fire training structures (UL, NIST): temperatures and gases in burning training buildings.
//!
//! Files `Test_<n>.csv`, a row every ten seconds; the second line holds the unit of each column and is no reading.
//! `TC_<array>_1`, the top of each thermocouple array, in Celsius, stands for a heat detector; `CO_<place>` is mol/mol,
//! so 10⁶ ppm, and 1 ppm is 1.144882 mg/m3 at 25 Celsius, never below zero. `NaN` is a channel that failed. Seconds
//! count from ignition; the first test is lit at 2026-01-01 00:00 UTC, each further one three hours later. A test is
//! a zone, and stands nowhere in particular.

use pipeline::calendar::{HOUR, Millis};
use wire::Quantity;

use super::super::table::{PLAIN, Table};
use super::super::town::{Town, id_of};
use super::super::{ImportError, Intake, Sources};
use super::Set;

pub static SET: Set = Set {
    name: "delco",
    domain: "hazard",
    title: "DelCo live-fire training structures, temperatures and carbon monoxide",
    origin: "github.com/firemodels/exp (DelCo_Trainers), UL and NIST",
    terms: "United States Government work, not subject to copyright there.",
    notes: "Files Test_<n>.csv: second line units; Celsius at the top of each array, CO in mol/mol; seconds since\n\
            ignition, the first test at 2026-01-01 00:00 UTC and one more every three hours.",
    read,
};

const NAMES: &str = "Test_<n>.csv";
const MG_PER_M3: f64 = 1e6 * 1.144_882;
/// 2026-01-01T00:00Z.
const START: Millis = 1_767_225_600_000;

const CITY: &str = r#"[city]
id = "training"
name = "Fire training ground"

[panes]
co = "10s"

[silence]
after = "off"
"#;

fn read(sources: &Sources, intake: &mut Intake<'_>) -> Result<Town, ImportError> {
    let mut town = Town {
        city_toml: CITY.to_owned(),
        rules_toml: include_str!("rules/nist_smoke_alarms.toml").to_owned(),
        ..Town::default()
    };
    let files = sources.named(NAMES, |name| {
        name.starts_with("Test_") && name.ends_with(".csv")
    })?;
    for (number, source) in files.iter().enumerate() {
        let zone = id_of(source.title());
        town.somewhere(&zone, source.title(), "room", None);
        let mut table = Table::open(source, PLAIN)?;
        let time = table.column("Time")?;
        let mut channels = Vec::new();
        for (column, name) in table.header().iter().enumerate() {
            let quantity = match name.split('_').next() {
                Some("TC") if name.ends_with("_1") => Quantity::Heat,
                Some("CO") => Quantity::Co,
                _ => continue,
            };
            let node = id_of(&format!("{zone}-{name}"));
            town.node(&node, &zone, None, &[quantity]);
            channels.push((column, node, quantity));
        }
        let ignition = START + number as Millis * 3 * HOUR;
        while let Some(line) = table.next(intake)? {
            if &*line.text(time) == "s" {
                intake.take_row();
                continue;
            }
            let seconds = line.float(time).filter(|seconds| seconds.abs() < 1e6);
            let at = seconds.map(|seconds| ignition + (seconds * 1000.0).round() as Millis);
            let Some(at) = intake.wanted(&line, at) else {
                continue;
            };
            for (column, node, quantity) in &channels {
                let Some(raw) = intake.number(&line, *column) else {
                    continue;
                };
                let value = match quantity {
                    Quantity::Co => (raw * MG_PER_M3).max(0.0),
                    _ => raw,
                };
                intake.computed((at, node, *quantity, ""), format_args!("{value:.3}"));
            }
        }
    }
    Ok(town)
}
