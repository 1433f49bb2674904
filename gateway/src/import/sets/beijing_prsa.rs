//! Beijing Multi-Site Air-Quality (UCI): twelve national stations, hourly, 2013-03-01 to 2017-02-28.
//!
//! Files `PRSA_Data_<station>_<from>-<to>.csv`. Columns and units: PM2.5, PM10, SO2, NO2, CO, O3 in ug/m3 (carbon
//! monoxide too), TEMP in Celsius, PRES in hPa, RAIN in mm, wd as one of 16 points of the compass that the wind
//! comes from, WSPM in m/s; DEWP is not used. `NA` is missing. Hours are those of Beijing, UTC+8 all year, and
//! stand for the hour that begins. The set has no positions: those of the stations are of the national network's
//! list (China National Environmental Monitoring Centre). Every station is a zone, two kilometres square.

use wire::Quantity;

use super::super::clock::Clock;
use super::super::table::{PLAIN, Table};
use super::super::town::{Town, id_of};
use super::super::{ImportError, Intake, Sources};
use super::Set;

pub static SET: Set = Set {
    name: "beijing-prsa",
    domain: "air",
    title: "Beijing Multi-Site Air-Quality, hourly, 2013 to 2017",
    origin: "UCI Machine Learning Repository, data set 501 (doi:10.24432/C5RK5G)",
    terms: "CC BY 4.0; Zhang et al. 2017, Proc. R. Soc. A 473:20170457.",
    notes: "Files PRSA_Data_<station>_<from>-<to>.csv; ug/m3 (CO too), Celsius, hPa, mm, m/s, 16 wind directions;\n\
            hours of UTC+8; NA is missing. Positions are those of the national network's stations.",
    read,
};

const NAMES: &str = "PRSA_Data_<station>_<from>-<to>.csv";

/// Station, longitude and latitude.
const STATIONS: [(&str, f64, f64); 12] = [
    ("Aotizhongxin", 116.407, 40.0031),
    ("Changping", 116.230, 40.1952),
    ("Dingling", 116.170, 40.2865),
    ("Dongsi", 116.434, 39.9522),
    ("Guanyuan", 116.361, 39.9425),
    ("Gucheng", 116.225, 39.9279),
    ("Huairou", 116.644, 40.3937),
    ("Nongzhanguan", 116.473, 39.9716),
    ("Shunyi", 116.720, 40.1438),
    ("Tiantan", 116.434, 39.8745),
    ("Wanliu", 116.315, 39.9934),
    ("Wanshouxigong", 116.366, 39.8673),
];

/// Column of the source, quantity, and unit as the source has it.
const COLUMNS: [(&str, Quantity, &str); 10] = [
    ("PM2.5", Quantity::Pm2_5, "ug/m3"),
    ("PM10", Quantity::Pm10, "ug/m3"),
    ("SO2", Quantity::So2, "ug/m3"),
    ("NO2", Quantity::No2, "ug/m3"),
    ("CO", Quantity::Co, "ug/m3"),
    ("O3", Quantity::O3, "ug/m3"),
    ("TEMP", Quantity::Temperature, "Cel"),
    ("PRES", Quantity::Pressure, "hPa"),
    ("RAIN", Quantity::Rain, "mm"),
    ("WSPM", Quantity::WindSpeed, "m/s"),
];

const SIDE_M: f64 = 2000.0;

const CITY: &str = r#"[city]
id = "beijing"
name = "Beijing"
time_zone = "Asia/Shanghai"

[air]
standards = ["us-epa-2024", "cn-hj633-2026"]

# The stations speak once an hour.
[panes]
pm2_5 = "1h"
pm10 = "1h"
so2 = "1h"
no2 = "1h"
co = "1h"
o3 = "1h"
temperature = "1h"
pressure = "1h"
rain = "1h"
wind_speed = "1h"
wind_direction = "1h"

[silence]
after = "off"
"#;

fn read(sources: &Sources, intake: &mut Intake<'_>) -> Result<Town, ImportError> {
    let mut town = Town {
        city_toml: CITY.to_owned(),
        rules_toml: include_str!("rules/beijing_prsa.toml").to_owned(),
        ..Town::default()
    };
    let clock = Clock::ahead_by(8, "");
    let mut declared: Vec<Quantity> = COLUMNS.iter().map(|(_, quantity, _)| *quantity).collect();
    declared.push(Quantity::WindDirection);
    for source in sources.named(NAMES, |name| {
        name.starts_with("PRSA_Data_") && name.ends_with(".csv")
    })? {
        let station = source.stem.split('_').nth(2).unwrap_or_default();
        let id = id_of(station);
        let place = STATIONS.iter().find(|(name, ..)| *name == station);
        match place {
            Some(&(name, lon, lat)) => town.square(&id, name, "station", (lon, lat), SIDE_M),
            None => town.somewhere(&id, station, "station", None),
        }
        town.node(&id, &id, place.map(|&(_, lon, lat)| (lon, lat)), &declared);

        let mut table = Table::open(&source, PLAIN)?;
        let mut columns = [(0, Quantity::Pm2_5, ""); COLUMNS.len()];
        for (place, (name, quantity, unit)) in columns.iter_mut().zip(COLUMNS) {
            *place = (table.column(name)?, quantity, unit);
        }
        let wind = table.column("wd")?;
        let mut date = [0; 4];
        for (place, name) in date.iter_mut().zip(["year", "month", "day", "hour"]) {
            *place = table.column(name)?;
        }
        while let Some(line) = table.next(intake)? {
            let parts = date.map(|column| line.whole(column));
            let at = match parts {
                [Some(year), Some(month), Some(day), Some(hour)] => {
                    clock.hour([year, month, day, hour])
                }
                _ => None,
            };
            let Some(at) = intake.wanted(&line, at) else {
                continue;
            };
            for (column, quantity, unit) in columns {
                intake.cell(&line, column, (at, &id, quantity, unit));
            }
            match direction(&line.text(wind)) {
                Some(degrees) => intake.computed((at, &id, Quantity::WindDirection, ""), degrees),
                None => intake.absent(),
            }
        }
    }
    Ok(town)
}

/// Degrees clockwise from north of a point of the compass: `NNW` → 337.5.
fn direction(point: &str) -> Option<f64> {
    const POINTS: [&str; 16] = [
        "N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW",
        "NW", "NNW",
    ];
    let place = POINTS.iter().position(|known| *known == point)?;
    Some(place as f64 * 22.5)
}
