//! Fine particles at United States embassies and consulates, hourly (AirNow's historical files).
//!
//! Files `<City>_PM2.5_<year>_YTD.csv`. `Raw Conc.` in ug/m3 is read, where `QC Name` is `Valid` and it is not -999;
//! the published NowCast and index are no readings. `Date (LT)` is a 12-hour clock of the site's standard time; it
//! leaves an hour out in March although these cities have no summer time, which stays a missing hour. The files
//! have no positions: the sites are drawn at their consulates, to a kilometre, two kilometres square.

use wire::Quantity;

use super::super::clock::Clock;
use super::super::table::{Dialect, PLAIN, Table};
use super::super::town::{Town, id_of};
use super::super::{ImportError, Intake, Sources};
use super::Set;

pub static SET: Set = Set {
    name: "airnow",
    domain: "air",
    title: "PM2.5 at United States embassies and consulates, hourly",
    origin: "AirNow.gov, US Embassies and Consulates, historical files",
    terms: "United States Government data, preliminary and not fully validated.",
    notes: "Files <City>_PM2.5_<year>_YTD.csv: Raw Conc. in ug/m3 where QC Name is Valid, -999 is missing; 12-hour\n\
            clock of local standard time.",
    read,
};

const NAMES: &str = "<City>_PM2.5_<year>_YTD.csv";
const DIALECT: Dialect = Dialect {
    missing: Some(-999.0),
    ..PLAIN
};

/// Site, longitude, latitude, hours ahead of UTC.
const SITES: [(&str, f64, f64, i8); 5] = [
    ("Beijing", 116.466, 39.955, 8),
    ("Chengdu", 104.066, 30.634, 8),
    ("Guangzhou", 113.321, 23.121, 8),
    ("Shanghai", 121.448, 31.210, 8),
    ("Shenyang", 123.432, 41.781, 8),
];

const CITY: &str = r#"[city]
id = "consulates"
name = "Consulates"
time_zone = "Asia/Shanghai"

[air]
standards = ["us-epa-2024", "cn-hj633-2026"]

[panes]
pm2_5 = "1h"

[silence]
after = "off"
"#;

fn read(sources: &Sources, intake: &mut Intake<'_>) -> Result<Town, ImportError> {
    let mut town = Town {
        city_toml: CITY.to_owned(),
        rules_toml: include_str!("rules/beijing_prsa.toml").to_owned(),
        ..Town::default()
    };
    for source in sources.named(NAMES, |name| {
        name.contains("_PM2.5_") && name.ends_with(".csv")
    })? {
        let mut table = Table::open(&source, DIALECT)?;
        let [site, time] = [table.column("Site")?, table.column("Date (LT)")?];
        let [raw, quality] = [table.column("Raw Conc.")?, table.column("QC Name")?];
        while let Some(line) = table.next(intake)? {
            let name = line.text(site);
            let Some(&(name, lon, lat, ahead)) = SITES.iter().find(|(known, ..)| *known == name)
            else {
                intake.bad_row(&line, "no site whose clock is known");
                continue;
            };
            let at = Clock::ahead_by(ahead, "%Y-%m-%d %I:%M %p").read(&line.text(time));
            let Some(at) = intake.wanted(&line, at) else {
                continue;
            };
            let id = id_of(name);
            if !town.nodes.iter().any(|node| node.id == id) {
                town.square(&id, name, "station", (lon, lat), 2000.0);
                town.node(&id, &id, Some((lon, lat)), &[Quantity::Pm2_5]);
            }
            match &*line.text(quality) {
                "Valid" => intake.cell(&line, raw, (at, &id, Quantity::Pm2_5, "ug/m3")),
                _ => intake.absent(),
            }
        }
    }
    Ok(town)
}
