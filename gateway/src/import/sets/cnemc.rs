//! China's national network: every station at one hour, as its publishing platform showed it.
//!
//! Files `cnemc_<day>T<hour>.csv` (ChinaAQIData's snapshots as a table, with ozone's swapped columns put right): hourly
//! means `*_1h` in ug/m3, carbon monoxide in mg/m3; empty is missing; `time_local` is UTC+8. Means over longer times
//! and the published index are no readings. A zone is a city with all its stations; zones are drawn side by side,
//! because the network publishes no outlines.

use std::collections::BTreeMap;

use wire::Quantity;

use super::super::clock::Clock;
use super::super::table::{PLAIN, Table};
use super::super::town::{Town, id_of};
use super::super::{ImportError, Intake, Sources};
use super::Set;

pub static SET: Set = Set {
    name: "cnemc",
    domain: "air",
    title: "China's national air network, every station at one hour",
    origin: "China National Environmental Monitoring Centre, by github.com/geoinsights/ChinaAQIData",
    terms: "Terms unclear; cite Lu, Ai, Zhang and He 2017, Atmosphere 8(8):148.",
    notes: "Files cnemc_<day>T<hour>.csv: hourly means in ug/m3 (CO mg/m3), hours of UTC+8; a zone is a city.",
    read,
};

const NAMES: &str = "cnemc_<day>T<hour>.csv";
const COLUMNS: [(&str, Quantity, &str); 6] = [
    ("pm2_5_1h", Quantity::Pm2_5, "ug/m3"),
    ("pm10_1h", Quantity::Pm10, "ug/m3"),
    ("so2_1h", Quantity::So2, "ug/m3"),
    ("no2_1h", Quantity::No2, "ug/m3"),
    ("o3_1h", Quantity::O3, "ug/m3"),
    ("co_1h", Quantity::Co, "mg/m3"),
];

const CITY: &str = r#"[city]
id = "china"
name = "China"
time_zone = "Asia/Shanghai"

[air]
standards = ["cn-hj633-2026"]

[silence]
after = "off"
"#;

fn read(sources: &Sources, intake: &mut Intake<'_>) -> Result<Town, ImportError> {
    let mut town = Town {
        city_toml: CITY.to_owned(),
        rules_toml: include_str!("rules/cnemc.toml").to_owned(),
        ..Town::default()
    };
    let clock = Clock::ahead_by(8, "%Y-%m-%dT%H:%M:%S");
    let mut cities: BTreeMap<String, String> = BTreeMap::new();
    let mut stations = std::collections::BTreeSet::new();
    for source in sources.named(NAMES, |name| {
        name.starts_with("cnemc_") && name.ends_with(".csv")
    })? {
        let mut table = Table::open(&source, PLAIN)?;
        let [code, city, time] = [
            table.column("station_code")?,
            table.column("city")?,
            table.column("time_local")?,
        ];
        let mut columns = [0; COLUMNS.len()];
        for (place, (name, ..)) in columns.iter_mut().zip(COLUMNS) {
            *place = table.column(name)?;
        }
        while let Some(line) = table.next(intake)? {
            let at = clock.read(&line.text(time));
            let Some(at) = intake.wanted(&line, at) else {
                continue;
            };
            let id = id_of(&line.text(code));
            if stations.insert(id.clone()) {
                let name = line.text(city).into_owned();
                let number = cities.len() + 1;
                let zone = cities.entry(name.clone()).or_insert_with(|| {
                    let zone = format!("city-{number}");
                    town.somewhere(&zone, &name, "city", None);
                    zone
                });
                town.node(&id, zone, None, &COLUMNS.map(|(_, quantity, _)| quantity));
            }
            for (column, (_, quantity, unit)) in columns.into_iter().zip(COLUMNS) {
                intake.cell(&line, column, (at, &id, quantity, unit));
            }
        }
    }
    Ok(town)
}
