//! River Calder (Yorkshire): water levels and rain every quarter of an hour, Environment Agency.
//!
//! Files `<place>-level-15min.csv` in metres over the gauge's own datum and `<place>-rainfall-15min.csv` in mm since the
//! row before; `dateTime` is UTC, an empty `value` is missing. The files have no positions; every gauge is a zone, drawn
//! beside the others. Other files beside them (a private weather station's text) are left alone.

use wire::Quantity;

use super::super::clock::Clock;
use super::super::table::{PLAIN, Table};
use super::super::town::{Town, id_of};
use super::super::{ImportError, Intake, Sources};
use super::Set;

pub static SET: Set = Set {
    name: "calder",
    domain: "hazard",
    title: "River Calder, water levels and rain every 15 minutes",
    origin: "Environment Agency Hydrology API, by github.com/bogsnork/river_weather",
    terms: "Open Government Licence v3.",
    notes: "Files <place>-level-15min.csv (m over the gauge's datum) and <place>-rainfall-15min.csv (mm); UTC.",
    read,
};

const NAMES: &str = "<place>-level-15min.csv and <place>-rainfall-15min.csv";

const CITY: &str = r#"[city]
id = "calder"
name = "River Calder"
time_zone = "Europe/London"

[panes]
water_level = "15m"
rain = "15m"

[silence]
after = "off"
"#;

fn read(sources: &Sources, intake: &mut Intake<'_>) -> Result<Town, ImportError> {
    let mut town = Town {
        city_toml: CITY.to_owned(),
        rules_toml: include_str!("rules/calder.toml").to_owned(),
        ..Town::default()
    };
    let clock = Clock::ahead_by(0, "%Y-%m-%dT%H:%M:%S");
    let kind = |name: &str| match name {
        name if name.ends_with("-level-15min.csv") => Some((Quantity::WaterLevel, "m")),
        name if name.ends_with("-rainfall-15min.csv") => Some((Quantity::Rain, "mm")),
        _ => None,
    };
    for source in sources.named(NAMES, |name| kind(name).is_some())? {
        let Some((quantity, unit)) = kind(&source.stem) else {
            continue;
        };
        let place = source.title().trim_end_matches("-15min");
        let place = place
            .trim_end_matches("-level")
            .trim_end_matches("-rainfall");
        let zone = id_of(place);
        if !town.zones.iter().any(|known| known.id == zone) {
            town.somewhere(&zone, &place.replace('-', " "), "river", None);
        }
        let node = id_of(source.title().trim_end_matches("-15min"));
        town.node(&node, &zone, None, &[quantity]);
        let mut table = Table::open(&source, PLAIN)?;
        let [time, value] = [table.column("dateTime")?, table.column("value")?];
        while let Some(line) = table.next(intake)? {
            let at = clock.read(&line.text(time));
            if let Some(at) = intake.wanted(&line, at) {
                intake.cell(&line, value, (at, &node, quantity, unit));
            }
        }
    }
    Ok(town)
}
