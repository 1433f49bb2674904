//! NIST Home Smoke Alarm tests: full-scale house fires with smoke, heat and gas meters in every room.
//!
//! Files `NIST_Smoke_Alarms_<test>.csv`, seconds since ignition in `TIME`; the source has no day, so that of the
//! first test is 2026-01-01 00:00 UTC and each further one begins an hour later. It has no units either; they
//! follow from the values and NIST TN 1455:
//! - smoke meters `SM<room>_1`: optical density a metre, so obscuration = 100 · (1 − 10^−OD) % a metre;
//! - thermocouples `TC<room>_1`, at the ceiling: Celsius, and stand for heat detectors;
//! - `GAS<room>_1`: carbon monoxide in percent by volume; 1 % is 10,000 ppm, 1 ppm is 1.144882 mg/m3 at 25 Celsius.
//!   An instrument is zeroed before a test: its first value is taken off (one starts at 547 ppm).
//!
//! Other columns (lower heights, the alarms' own outputs) are not used. Every room is a zone; the houses stand
//! nowhere in particular.

use std::collections::BTreeMap;

use pipeline::calendar::{HOUR, Millis};
use wire::Quantity;

use super::super::table::{PLAIN, Table};
use super::super::town::Town;
use super::super::{ImportError, Intake, Sources};
use super::Set;

pub static SET: Set = Set {
    name: "nist-smoke-alarms",
    domain: "hazard",
    title: "NIST Home Smoke Alarm tests, full-scale house fires",
    origin: "github.com/firemodels/exp (NIST_Smoke_Alarms), NIST TN 1455",
    terms: "United States Government work, not subject to copyright there.",
    notes: "Files NIST_Smoke_Alarms_<test>.csv; optical density a metre, Celsius, % CO by volume zeroed at its first\n\
            value; seconds since ignition, the first test at 2026-01-01 00:00 UTC and one more an hour.",
    read,
};

const NAMES: &str = "NIST_Smoke_Alarms_<test>.csv";
const MG_PER_M3_PER_PERCENT: f64 = 10_000.0 * 1.144_882;

/// Rooms by the letter in the source's column names; alarms were recorded in A to E.
pub const ROOMS: [char; 6] = ['A', 'B', 'C', 'D', 'E', 'F'];

/// When the fire of a test was lit, by its place among the tests that are imported together.
pub fn ignition(test: usize) -> Millis {
    1_767_225_600_000 + test as Millis * HOUR
}

/// The zone of a room: `sdc02-a`.
pub fn zone(test: &str, room: char) -> String {
    format!("{test}-{room}").to_lowercase()
}

const CITY: &str = r#"[city]
id = "fires"
name = "Fire test houses"

# All instruments speak every two to five seconds.
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
        name.starts_with("NIST_Smoke_Alarms_") && name.ends_with(".csv")
    })?;
    for (number, source) in files.iter().enumerate() {
        let test = source.title().rsplit('_').next().unwrap_or_default();
        for room in ROOMS {
            let name = format!("{test}, room {room}");
            town.somewhere(&zone(test, room), &name, "room", None);
        }
        let mut table = Table::open(source, PLAIN)?;
        let time = table.column("TIME")?;
        let mut instruments = Vec::new();
        for (column, name) in table.header().iter().enumerate() {
            if let Some((room, quantity)) = instrument(name) {
                let zone = zone(test, room);
                let node = format!("{zone}-{}", name.to_lowercase());
                town.node(&node, &zone, None, &[quantity]);
                instruments.push((column, node, quantity));
            }
        }
        let mut zero: BTreeMap<usize, f64> = BTreeMap::new();
        while let Some(line) = table.next(intake)? {
            let seconds = line
                .text(time)
                .parse::<f64>()
                .ok()
                .filter(|seconds| seconds.abs() < 1e6);
            let at = seconds.map(|seconds| ignition(number) + (seconds * 1000.0).round() as Millis);
            let Some(at) = intake.wanted(&line, at) else {
                continue;
            };
            for (column, node, quantity) in &instruments {
                let Some(raw) = intake.number(&line, *column) else {
                    continue;
                };
                let value = match quantity {
                    Quantity::Smoke => 100.0 * (1.0 - 10_f64.powf(-raw)),
                    Quantity::Heat => raw,
                    _ => {
                        let zero = *zero.entry(*column).or_insert(raw);
                        ((raw - zero) * MG_PER_M3_PER_PERCENT).max(0.0)
                    }
                };
                intake.computed((at, node, *quantity, ""), format_args!("{value:.3}"));
            }
        }
    }
    Ok(town)
}

/// Which instrument in which room a column is. Only those at the ceiling count, where alarms hang; other columns
/// are none of these.
fn instrument(column: &str) -> Option<(char, Quantity)> {
    let name = column.strip_suffix("_1")?;
    let room = name
        .chars()
        .next_back()
        .filter(|room| ROOMS.contains(room))?;
    match name.strip_suffix(room)? {
        "SM" => Some((room, Quantity::Smoke)),
        "TC" => Some((room, Quantity::Heat)),
        "GAS" => Some((room, Quantity::Co)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_read_by_room_and_instrument() {
        assert_eq!(instrument("SMA_1"), Some(('A', Quantity::Smoke)));
        assert_eq!(instrument("TCF_1"), Some(('F', Quantity::Heat)));
        assert_eq!(instrument("GASB_1"), Some(('B', Quantity::Co)));
        for other in [
            "GASB_3", "TCF_2", "TCFIRE", "SMF_1O", "SMG", "SMC_B", "Pres_1", "TIME", "_1",
        ] {
            assert_eq!(instrument(other), None, "{other}");
        }
    }
}
