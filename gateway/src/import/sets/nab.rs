//! Numenta Anomaly Benchmark: loop detectors of the Twin Cities (2015) and an office's temperature (2013).
//!
//! Files `occupancy_<site>.csv` and `speed_<site>.csv` (set `nab-traffic`), `ambient_temperature_system_failure.csv` (set
//! `nab-temperature`): `timestamp,value`. No units are told; from the values they are % of the time, miles an hour and
//! Fahrenheit. Times have no offset: the loops' are taken for those of Minneapolis with summer time, the office's
//! for UTC. `TravelTime_*` measures nothing that a zone has. Loops of one number share a zone; places are not told.

use wire::Quantity;

use super::super::clock::Clock;
use super::super::table::{PLAIN, Table};
use super::super::town::{Town, id_of};
use super::super::{ImportError, Intake, Sources};
use super::Set;

pub static TRAFFIC: Set = Set {
    name: "nab-traffic",
    domain: "traffic",
    title: "Numenta Anomaly Benchmark, loop detectors of the Twin Cities, 2015",
    origin: "github.com/numenta/NAB (data/realTraffic)",
    terms: "MIT, Numenta Inc.",
    notes: "Files occupancy_<site>.csv (%) and speed_<site>.csv (mph), clock of Minneapolis; units are not published.",
    read: traffic,
};

pub static TEMPERATURE: Set = Set {
    name: "nab-temperature",
    domain: "hazard",
    title: "Numenta Anomaly Benchmark, temperature of an office, 2013 and 2014",
    origin: "github.com/numenta/NAB (data/realKnownCause)",
    terms: "MIT, Numenta Inc.",
    notes: "File ambient_temperature_system_failure.csv: Fahrenheit by its values, times taken for UTC.",
    read: temperature,
};

const FORMAT: &str = "%Y-%m-%d %H:%M:%S";

const TWIN_CITIES: &str = r#"[city]
id = "twin-cities"
name = "Twin Cities"
time_zone = "America/Chicago"

[panes]
lane_occupancy = "5m"
vehicle_speed = "5m"

[silence]
after = "off"
"#;

const OFFICE: &str = r#"[city]
id = "office"
name = "Office"

[panes]
temperature = "1h"

[silence]
after = "off"
"#;

fn traffic(sources: &Sources, intake: &mut Intake<'_>) -> Result<Town, ImportError> {
    let mut town = Town {
        city_toml: TWIN_CITIES.to_owned(),
        rules_toml: include_str!("rules/nab_traffic.toml").to_owned(),
        ..Town::default()
    };
    let clock = Clock::of("America/Chicago", FORMAT);
    let kind = |name: &str| match name.split('_').next() {
        Some("occupancy") => Some((Quantity::LaneOccupancy, "%")),
        Some("speed") => Some((Quantity::VehicleSpeed, "[mi_i]/h")),
        _ => None,
    };
    let names = "occupancy_<site>.csv and speed_<site>.csv";
    for source in sources.named(names, |name| name.ends_with(".csv") && kind(name).is_some())? {
        let Some((quantity, unit)) = kind(&source.stem) else {
            continue;
        };
        let zone = id_of(&format!(
            "loop-{}",
            source.title().rsplit('_').next().unwrap_or_default()
        ));
        if !town.zones.iter().any(|known| known.id == zone) {
            town.somewhere(&zone, &zone, "road", None);
        }
        let node = id_of(source.title());
        town.node(&node, &zone, None, &[quantity]);
        series(&source, &clock, (&node, quantity, unit), intake)?;
    }
    Ok(town)
}

fn temperature(sources: &Sources, intake: &mut Intake<'_>) -> Result<Town, ImportError> {
    let mut town = Town {
        city_toml: OFFICE.to_owned(),
        rules_toml: include_str!("rules/nab_temperature.toml").to_owned(),
        ..Town::default()
    };
    town.somewhere("office", "Office", "building", None);
    town.node("thermometer", "office", None, &[Quantity::Temperature]);
    let name = "ambient_temperature_system_failure.csv";
    for source in sources.named(name, |known| known == name)? {
        let reading = ("thermometer", Quantity::Temperature, "[degF]");
        series(&source, &Clock::ahead_by(0, FORMAT), reading, intake)?;
    }
    Ok(town)
}

fn series(
    source: &super::super::sources::Source,
    clock: &Clock,
    (node, quantity, unit): (&str, Quantity, &'static str),
    intake: &mut Intake<'_>,
) -> Result<(), ImportError> {
    let mut table = Table::open(source, PLAIN)?;
    let [time, value] = [table.column("timestamp")?, table.column("value")?];
    while let Some(line) = table.next(intake)? {
        let at = clock.read(&line.text(time));
        if let Some(at) = intake.wanted(&line, at) {
            intake.cell(&line, value, (at, node, quantity, unit));
        }
    }
    Ok(())
}
