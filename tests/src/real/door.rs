//! The main door of the CalIt2 building, people in and out by half hours, from 2005-07-24 on.

use std::io::{BufRead, BufReader};

use pipeline::calendar::{Millis, SECOND};
use wire::Quantity;

use super::town::Row;
use super::{days_since_1970, open};

/// Both directions in order of time, and how many more came in than went out. Local time is taken for UTC.
pub fn rows() -> (Vec<Row>, i64) {
    let (mut rows, mut net) = (Vec::new(), 0);
    for (file, quantity, sign) in [
        ("inflow", Quantity::PersonsIn, 1),
        ("outflow", Quantity::PersonsOut, -1),
    ] {
        let file = open(&format!("data/ped_calit2_door/cal-{file}.csv"));
        for line in BufReader::new(file).lines() {
            let line = line.expect("text").replace('"', "");
            if line.trim().is_empty() {
                continue;
            }
            let (at, count) = line.trim().split_once(',').expect("two cells");
            net += sign * count.parse::<i64>().expect("a count");
            rows.push(Row {
                at: moment(at),
                node: "door".to_owned(),
                quantity,
                value: count.to_owned(),
                unit: "",
            });
        }
    }
    rows.sort_by_key(|row| row.at);
    (rows, net)
}

/// `07/24/05 00:30:00`.
fn moment(text: &str) -> Millis {
    let part = |from: usize| text[from..from + 2].parse::<i64>().expect("two digits");
    let days = days_since_1970(2000 + part(6), part(0), part(3));
    let seconds = part(9) * 3600 + part(12) * 60 + part(15);
    (days * 86_400 + seconds) * SECOND
}
