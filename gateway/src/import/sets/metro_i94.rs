//! Traffic on Interstate 94 westbound between Minneapolis and St Paul, hourly, with weather, 2012 to 2018 (UCI).
//!
//! File `Metro_Interstate_Traffic_Volume.csv`: `traffic_volume` in vehicles an hour, `temp` in kelvin, `rain_1h` in mm,
//! `date_time` on the clock of Minneapolis with summer time. An hour is there once for every kind of weather in it:
//! `replay` takes the first row. Its known outliers (0 K, 9831.3 mm) go on as they are and are refused there. The zone
//! stands about halfway between the cities, where the station is said to be.

use wire::Quantity;

use super::super::clock::Clock;
use super::super::table::{PLAIN, Table};
use super::super::town::Town;
use super::super::{ImportError, Intake, Sources};
use super::Set;

pub static SET: Set = Set {
    name: "metro-i94",
    domain: "traffic",
    title: "Metro Interstate Traffic Volume, I-94 westbound, hourly, 2012 to 2018",
    origin: "UCI Machine Learning Repository, data set 492 (doi:10.24432/C5X60B)",
    terms: "CC BY 4.0; measured by the Minnesota Department of Transportation at station 301.",
    notes: "File Metro_Interstate_Traffic_Volume.csv: vehicles an hour, kelvin, mm, clock of Minneapolis; hours are\n\
            there once for every kind of weather, the first counts.",
    read,
};

const NAMES: &str = "Metro_Interstate_Traffic_Volume.csv";
const COLUMNS: [(&str, Quantity, &str); 3] = [
    ("traffic_volume", Quantity::VehicleCount, "{veh}"),
    ("temp", Quantity::Temperature, "K"),
    ("rain_1h", Quantity::Rain, "mm"),
];

const CITY: &str = r#"[city]
id = "i-94"
name = "Interstate 94"
time_zone = "America/Chicago"

[panes]
vehicle_count = "1h"
temperature = "1h"
rain = "1h"

[silence]
after = "off"
"#;

fn read(sources: &Sources, intake: &mut Intake<'_>) -> Result<Town, ImportError> {
    let mut town = Town {
        city_toml: CITY.to_owned(),
        rules_toml: include_str!("rules/metro_i94.toml").to_owned(),
        ..Town::default()
    };
    town.square(
        "station-301",
        "Station 301",
        "road",
        (-93.185, 44.951),
        100.0,
    );
    town.node(
        "loop",
        "station-301",
        None,
        &COLUMNS.map(|(_, quantity, _)| quantity),
    );
    let clock = Clock::of("America/Chicago", "%Y-%m-%d %H:%M:%S");
    for source in sources.named(NAMES, |name| name == NAMES)? {
        let mut table = Table::open(&source, PLAIN)?;
        let time = table.column("date_time")?;
        let mut columns = [0; COLUMNS.len()];
        for (place, (name, ..)) in columns.iter_mut().zip(COLUMNS) {
            *place = table.column(name)?;
        }
        while let Some(line) = table.next(intake)? {
            let at = clock.read(&line.text(time));
            let Some(at) = intake.wanted(&line, at) else {
                continue;
            };
            for (column, (_, quantity, unit)) in columns.into_iter().zip(COLUMNS) {
                intake.cell(&line, column, (at, "loop", quantity, unit));
            }
        }
    }
    Ok(town)
}
