//! Full-scale house fires (NIST Home Smoke Alarm tests) as smoke, heat and gas nodes, with the times at which
//! real alarms in the same rooms went off.
//!
//! - Smoke meters give optical density OD a metre: obscuration = 100 · (1 − 10^−OD) % a metre.
//! - Thermocouples at the ceiling stand for heat detectors.
//! - Gas columns give carbon monoxide in percent by volume: 1 % is 10,000 ppm, 1 ppm is 1.144882 mg/m3 at
//!   25 Celsius. An instrument is zeroed before a test: the first value is taken off (one starts at 547 ppm).
//!
//! The source has no unit row; these units are inferred by the data's own notes.

use std::collections::BTreeMap;

use pipeline::calendar::{HOUR, Millis};

use super::open;
use super::town::{Row, Town, TownNode, TownZone};

pub const TESTS: [&str; 3] = ["SDC02", "SDC07", "SDC33"];

/// Rooms by the letter in the source's column names; alarms were recorded in A to E.
pub const ROOMS: [char; 6] = ['A', 'B', 'C', 'D', 'E', 'F'];

const MG_PER_M3_PER_PERCENT: f64 = 10_000.0 * 1.144_882;

/// 2026-01-01T00:00Z; the source has only seconds since ignition. One fire an hour.
pub fn ignition(test: usize) -> Millis {
    1_767_225_600_000 + test as Millis * HOUR
}

/// The zone of a room: `sdc02-a`.
pub fn zone(test: usize, room: char) -> String {
    format!("{}-{room}", TESTS[test]).to_lowercase()
}

/// All instruments' readings of one fire, ordered by time.
pub fn rows(test: usize) -> Vec<Row> {
    let path = format!(
        "data/hazard_fire_nist_alarms/NIST_Smoke_Alarms_{}.csv",
        TESTS[test]
    );
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(open(&path));
    let header = reader.headers().expect("a header").clone();
    let mut zero: BTreeMap<usize, f64> = BTreeMap::new();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.expect("a row");
        let number = |place: usize| record[place].parse::<f64>().ok().filter(|n| n.is_finite());
        let Some(seconds) = number(0) else { continue };
        let at = ignition(test) + (seconds * 1000.0).round() as Millis;
        for (place, column) in header.iter().enumerate() {
            let Some((room, kind)) = instrument(column) else {
                continue;
            };
            let Some(raw) = number(place) else { continue };
            let (quantity, value) = match kind {
                Kind::Smoke => ("smoke", 100.0 * (1.0 - 10_f64.powf(-raw))),
                Kind::Heat => ("heat", raw),
                Kind::Gas => {
                    let zero = *zero.entry(place).or_insert(raw);
                    ("co", ((raw - zero) * MG_PER_M3_PER_PERCENT).max(0.0))
                }
            };
            rows.push(Row {
                at,
                node: node(test, room, column),
                quantity,
                value: format!("{value:.3}"),
                unit: "",
            });
        }
    }
    rows
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Smoke,
    Heat,
    Gas,
}

/// Which instrument in which room a column is: smoke meters `SMA_1`, thermocouples `TCA_1`, carbon monoxide
/// `GASA_1`. Only those at the ceiling count, where alarms hang; other columns are none of these.
fn instrument(column: &str) -> Option<(char, Kind)> {
    let (name, height) = column.split_once('_')?;
    if !height.chars().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let (prefix, room) = name.split_at_checked(name.len().checked_sub(1)?)?;
    let room = room.chars().next().filter(|room| ROOMS.contains(room))?;
    match (prefix, height) {
        ("SM", "1") => Some((room, Kind::Smoke)),
        ("TC", "1") => Some((room, Kind::Heat)),
        ("GAS", "1") => Some((room, Kind::Gas)),
        _ => None,
    }
}

fn node(test: usize, room: char, column: &str) -> String {
    format!("{}-{}", zone(test, room), column.to_lowercase())
}

/// Seconds after ignition at which real alarms in a room went off, ascending.
pub fn alarms(test: usize) -> BTreeMap<char, Vec<i64>> {
    let mut alarms: BTreeMap<char, Vec<i64>> = BTreeMap::new();
    let mut reader =
        csv::Reader::from_reader(open("data/hazard_fire_nist_alarms/activation_times.csv"));
    for record in reader.records() {
        let record = record.expect("a row");
        if &record[0] == TESTS[test] {
            let room = record[4].chars().next().expect("a room");
            let seconds = record[5].parse().expect("seconds");
            alarms.entry(room).or_default().push(seconds);
        }
    }
    alarms.values_mut().for_each(|times| times.sort_unstable());
    alarms
}

/// A rule of the town.
#[derive(Clone, Copy, Debug)]
pub struct FireRule {
    pub id: &'static str,
    value: &'static str,
    statistic: &'static str,
    raise_at: f64,
}

/// Smoke: UL 268 wants no alarm below 1.5 % a foot and one by 5 % a foot, which are 4.84 and 15.5 % a metre.
/// Heat: the lower end of class A1 of EN 54-5.
/// Carbon monoxide: the NIOSH ceiling of 200 ppm, as a mean, because analysers are noisy; one of the source
/// (SDC07, room A) swings between 0 and 450 ppm from the start and raises it all the same.
pub const RULES: [FireRule; 4] = [
    rule("smoke-early", "smoke", "max", 4.84),
    rule("smoke", "smoke", "max", 15.5),
    rule("heat", "heat", "max", 54.0),
    rule("co", "co", "mean", 229.0),
];

const fn rule(
    id: &'static str,
    value: &'static str,
    statistic: &'static str,
    raise_at: f64,
) -> FireRule {
    FireRule {
        id,
        value,
        statistic,
        raise_at,
    }
}

/// Every room of every house is a zone with its instruments.
pub fn town() -> Town {
    let mut town = Town {
        city_toml: "[city]\nid = \"fires\"\n[silence]\nafter = \"off\"\n".to_owned(),
        ..Town::default()
    };
    for rule in RULES {
        let FireRule {
            id,
            value,
            statistic,
            raise_at,
        } = rule;
        town.rules_toml += &format!(
            "[[rule]]\nid = \"{id}\"\nkind = \"fire\"\nvalue = \"{value}\"\nstatistic = \"{statistic}\"\n\
             raise_at = {raise_at}\nclear_at = {}\nseverity = \"severe\"\n\n",
            raise_at / 2.0
        );
    }
    for (test, _) in TESTS.iter().enumerate() {
        let mut nodes: BTreeMap<(String, String), &'static str> = BTreeMap::new();
        for row in rows(test) {
            let room = row.node.rsplit_once('-').expect("zone and column").0;
            nodes.insert((room.to_owned(), row.node.clone()), row.quantity);
        }
        for room in ROOMS {
            town.zones.push(TownZone {
                id: zone(test, room),
                area_m2: None,
            });
        }
        town.nodes
            .extend(nodes.into_iter().map(|((zone, id), quantity)| TownNode {
                id,
                zone,
                quantities: vec![quantity],
                weight_milli: 1000,
            }));
    }
    town
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_read_by_room_and_instrument() {
        assert_eq!(instrument("SMA_1"), Some(('A', Kind::Smoke)));
        assert_eq!(instrument("TCF_1"), Some(('F', Kind::Heat)));
        assert_eq!(instrument("GASB_1"), Some(('B', Kind::Gas)));
        for other in [
            "GASB_3", "TCF_2", "TCFIRE", "SMF_1O", "SMG", "SMC_B", "Pres_1", "TIME", "_1",
        ] {
            assert_eq!(instrument(other), None, "{other}");
        }
    }

    #[test]
    fn every_fire_has_smoke_heat_and_gas_in_plausible_bounds() {
        for (test, name) in TESTS.iter().enumerate() {
            let rows = rows(test);
            for quantity in ["smoke", "heat", "co"] {
                let known: wire::Quantity = quantity.parse().expect("a quantity");
                let mut count = 0;
                for row in rows.iter().filter(|row| row.quantity == quantity) {
                    let value = row.value.parse().expect("a decimal");
                    assert!(known.is_plausible(value), "{row:?}");
                    count += 1;
                }
                assert!(count > 200, "{quantity} in {}: {count}", name);
            }
        }
    }

    #[test]
    fn recorded_alarms_are_read_by_room() {
        let alarms = alarms(0);
        assert_eq!(alarms.keys().copied().collect::<String>(), "ABCDE");
        assert_eq!(alarms[&'E'], [24, 28, 78]);
    }
}
