//! METR-LA: speeds at loop detectors on Los Angeles' freeways, every five minutes (Li et al. 2018, DCRNN).
//!
//! Files `los_speed*.csv`: one column a detector, headed by its number, in miles an hour; with a first column
//! `time` the rows say their time, without it (as T-GCN hands the file out) the first row is 2012-03-01 00:00 and
//! each is five minutes later. Times are those of Los Angeles, with summer time. Gaps were filled by whoever made
//! the file; an empty cell, or a speed of 0, is missing. `graph_sensor_locations.csv`: latitude and longitude of
//! each detector. A zone is what lies around one detector, at most 60 metres square.

use std::collections::HashMap;

use pipeline::calendar::{MINUTE, Millis};
use wire::Quantity;

use super::super::clock::Clock;
use super::super::sources::Source;
use super::super::table::{PLAIN, Table};
use super::super::town::{Town, id_of, side_between};
use super::super::{ImportError, Intake, Sources};
use super::Set;

pub static SET: Set = Set {
    name: "metr-la",
    domain: "traffic",
    title: "METR-LA, speeds at 207 loop detectors in Los Angeles, March 2012",
    origin: "github.com/lehaifeng/T-GCN (data/los_speed.csv), after Li et al. 2018 (DCRNN)",
    terms: "Published with the DCRNN and T-GCN papers (repository: MIT); measured by LA Metro.",
    notes: "Files los_speed*.csv (mph, a column a detector, five minutes a row, clock of Los Angeles) and\n\
            graph_sensor_locations.csv. An empty cell or a speed of 0 is missing.",
    read,
};

const NAMES: &str = "los_speed*.csv and graph_sensor_locations.csv";
const STEP: Millis = 5 * MINUTE;
const FORMAT: &str = "%Y-%m-%d %H:%M";
const FIRST: &str = "2012-03-01 00:00";
const SIDE_M: f64 = 60.0;

const CITY: &str = r#"[city]
id = "los-angeles"
name = "Los Angeles"
time_zone = "America/Los_Angeles"

# The loops speak every five minutes.
[panes]
vehicle_speed = "5m"

# A jam spans several detectors of a road.
[incidents]
distance_m = 800

[silence]
after = "off"
"#;

fn read(sources: &Sources, intake: &mut Intake<'_>) -> Result<Town, ImportError> {
    let mut town = Town {
        city_toml: CITY.to_owned(),
        rules_toml: include_str!("rules/metr_la.toml").to_owned(),
        ..Town::default()
    };
    let clock = Clock::of("America/Los_Angeles", FORMAT);
    let places = positions(sources, intake)?;
    let side = side_between(places.values().copied(), SIDE_M);
    for source in sources.named(NAMES, |name| {
        name.starts_with("los_speed") && name.ends_with(".csv")
    })? {
        let mut table = Table::open(&source, PLAIN)?;
        let timed = table.header().first().is_some_and(|name| name == "time");
        let ids: Vec<String> = table.header().iter().map(|name| id_of(name)).collect();
        let detectors = usize::from(timed)..ids.len();
        for id in &ids[detectors.clone()] {
            if town.nodes.iter().any(|node| node.id == *id) {
                continue;
            }
            let place = places.get(id).copied();
            let name = format!("Detector {id}");
            match place {
                Some(place) => town.square(id, &name, "road", place, side),
                None => town.somewhere(id, &name, "road", None),
            }
            town.node(id, id, place, &[Quantity::VehicleSpeed]);
        }
        let mut next = clock.read(FIRST);
        while let Some(line) = table.next(intake)? {
            let at = match timed {
                true => clock.read(&line.text(0)),
                false => next,
            };
            next = next.map(|at| at + STEP);
            let Some(at) = intake.wanted(&line, at) else {
                continue;
            };
            for column in detectors.clone() {
                if line.text(column).parse() == Ok(0.0) {
                    intake.absent();
                    continue;
                }
                let id = &ids[column];
                intake.cell(&line, column, (at, id, Quantity::VehicleSpeed, "[mi_i]/h"));
            }
        }
    }
    Ok(town)
}

/// Longitude and latitude of the detectors.
fn positions(
    sources: &Sources,
    intake: &mut Intake<'_>,
) -> Result<HashMap<String, (f64, f64)>, ImportError> {
    let mut places = HashMap::new();
    let found = sources.named(NAMES, |name| name == "graph_sensor_locations.csv");
    for source in found.unwrap_or_default() {
        read_positions(
            &source,
            ["sensor_id", "latitude", "longitude"],
            intake,
            &mut places,
        )?;
    }
    Ok(places)
}

/// A table of places: columns of the id, of latitude and of longitude.
pub(super) fn read_positions(
    source: &Source,
    columns: [&str; 3],
    intake: &mut Intake<'_>,
    places: &mut HashMap<String, (f64, f64)>,
) -> Result<(), ImportError> {
    let mut table = Table::open(source, PLAIN)?;
    let [id, lat, lon] = [
        table.column(columns[0])?,
        table.column(columns[1])?,
        table.column(columns[2])?,
    ];
    while let Some(line) = table.next(intake)? {
        let degrees = |column| {
            line.text(column)
                .parse::<f64>()
                .ok()
                .filter(|degrees| degrees.abs() <= 180.0)
        };
        match (degrees(lon), degrees(lat)) {
            (Some(lon), Some(lat)) if lat.abs() < 89.0 => {
                intake.take_row();
                places.insert(id_of(&line.text(id)), (lon, lat));
            }
            _ => intake.bad_row(&line, "no longitude and latitude"),
        }
    }
    Ok(())
}
