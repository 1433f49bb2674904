//! Montreal, Rue Notre-Dame: nine traffic detectors that spoke over MQTT, every minute, 2021-01-08 and 09.
//!
//! Files `readings.csv` (`detector_id,time_utc,vehicle_speed_kmh,vehicle_count,gap_time_s`: the messages of the city's broker
//! as a table) and `detectors.csv` with their places. Times are UTC and jitter by a second. A speed of 0 with no
//! vehicle is no speed; the gap between vehicles is not read. A zone is what lies around a detector, 60 m square.

use std::collections::HashMap;

use wire::Quantity;

use super::super::clock::Clock;
use super::super::table::{PLAIN, Table};
use super::super::town::{Town, id_of, side_between};
use super::super::{ImportError, Intake, Sources};
use super::Set;
use super::metr_la::read_positions;

pub static SET: Set = Set {
    name: "montreal",
    domain: "traffic",
    title: "Montreal, nine detectors of Rue Notre-Dame over MQTT, every minute, January 2021",
    origin: "github.com/jhanmtl/mtl-realtime-traffic-mqtt (broker mqtt.cgmu.io, City of Montreal)",
    terms: "City of Montreal open data, CC BY 4.0; the repository states no terms.",
    notes: "Files readings.csv (detector, UTC, km/h, vehicles in the minute) and detectors.csv. No vehicle, no speed.",
    read,
};

const NAMES: &str = "readings.csv and detectors.csv";

const CITY: &str = r#"[city]
id = "montreal"
name = "Montreal"
time_zone = "America/Toronto"

# A message a minute, a second early or late.
[panes]
vehicle_count = "5m"
vehicle_speed = "5m"

[silence]
after = "off"
"#;

fn read(sources: &Sources, intake: &mut Intake<'_>) -> Result<Town, ImportError> {
    let mut town = Town {
        city_toml: CITY.to_owned(),
        rules_toml: include_str!("rules/montreal.toml").to_owned(),
        ..Town::default()
    };
    let mut places = HashMap::new();
    for source in sources
        .named(NAMES, |name| name == "detectors.csv")
        .unwrap_or_default()
    {
        read_positions(
            &source,
            ["id", "latitude", "longitude"],
            intake,
            &mut places,
        )?;
    }
    let side = side_between(places.values().copied(), 60.0);
    let clock = Clock::ahead_by(0, "%Y-%m-%dT%H:%M:%S");
    for source in sources.named(NAMES, |name| name == "readings.csv")? {
        let mut table = Table::open(&source, PLAIN)?;
        let [detector, time] = [table.column("detector_id")?, table.column("time_utc")?];
        let [speed, count] = [
            table.column("vehicle_speed_kmh")?,
            table.column("vehicle_count")?,
        ];
        while let Some(line) = table.next(intake)? {
            let at = clock.read(&line.text(time));
            let Some(at) = intake.wanted(&line, at) else {
                continue;
            };
            let id = id_of(&line.text(detector));
            if !town.nodes.iter().any(|node| node.id == id) {
                let (name, place) = (format!("Detector {id}"), places.get(&id).copied());
                match place {
                    Some(place) => town.square(&id, &name, "road", place, side),
                    None => town.somewhere(&id, &name, "road", None),
                }
                town.node(
                    &id,
                    &id,
                    place,
                    &[Quantity::VehicleCount, Quantity::VehicleSpeed],
                );
            }
            intake.cell(&line, count, (at, &id, Quantity::VehicleCount, ""));
            match line.text(speed).parse() == Ok(0.0) {
                true => intake.absent(),
                false => intake.cell(&line, speed, (at, &id, Quantity::VehicleSpeed, "km/h")),
            }
        }
    }
    Ok(town)
}
