//! Full-scale house fires (NIST Home Smoke Alarm tests) as smoke, heat and gas nodes, with the times at which
//! real alarms in the same rooms went off. What the instruments say is for the import to explain.

use std::collections::BTreeMap;

use gateway::import::sets::nist_smoke_alarms;
pub use gateway::import::sets::nist_smoke_alarms::{ROOMS, ignition};
use pipeline::calendar::Millis;

use super::open;
use super::town::{Row, Town, imported};

pub const TESTS: [&str; 3] = ["SDC02", "SDC07", "SDC33"];

/// The rules of the imported city.
pub const RULES: [&str; 6] = ["fire", "heat-rise", "smoke-early", "smoke", "heat", "co"];

/// The zone of a room: `sdc02-a`.
pub fn zone(test: usize, room: char) -> String {
    nist_smoke_alarms::zone(TESTS[test], room)
}

fn all() -> (Town, Vec<Row>) {
    let always = Millis::MIN..Millis::MAX;
    imported("nist-smoke-alarms", "data/hazard_fire_nist_alarms", always)
}

/// Every room of every house is a zone with its instruments.
pub fn town() -> Town {
    all().0
}

/// All instruments' readings of one fire, ordered by time.
pub fn rows(test: usize) -> Vec<Row> {
    let mut rows = all().1;
    let prefix = TESTS[test].to_lowercase();
    rows.retain(|row| row.node.starts_with(&prefix));
    rows
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fire_has_smoke_heat_and_gas_in_plausible_bounds() {
        for (test, name) in TESTS.iter().enumerate() {
            let rows = rows(test);
            for quantity in ["smoke", "heat", "co"] {
                let known: wire::Quantity = quantity.parse().expect("a quantity");
                let mut count = 0;
                for row in rows.iter().filter(|row| row.quantity.name() == quantity) {
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
