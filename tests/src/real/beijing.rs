//! Four of Beijing's air stations, 2013-03-01 to 2017-02-28, hourly (UCI, Beijing Multi-Site Air Quality).

use std::collections::{BTreeMap, HashMap};

use pipeline::calendar::{DAY, HOUR, Millis};

use wire::Quantity;

use super::town::{Row, Town, imported};

/// Station, zone and weight in thousandths: two zones of two stations, one of them unevenly weighted.
pub const STATIONS: [(&str, &str, i64); 4] = [
    ("Dongsi", "plain", 1000),
    ("Wanliu", "plain", 500),
    ("Changping", "hills", 1000),
    ("Huairou", "hills", 1000),
];

pub const ZONES: [&str; 2] = ["plain", "hills"];

/// Quantities of the source that are looked at here, in the order of its columns.
pub const COLUMNS: [&str; 9] = [
    "pm2_5",
    "pm10",
    "so2",
    "no2",
    "co",
    "o3",
    "temperature",
    "pressure",
    "rain",
];

/// Beijing's clock is eight hours ahead of UTC, all year.
const OFFSET: Millis = 8 * HOUR;

/// 2013-03-01 00:00 in Beijing: the first row of every station.
pub const FIRST_HOUR: Millis = 15_765 * DAY - OFFSET;

/// One row of the source: what a station said for an hour, missing values left out.
#[derive(Clone, Debug)]
pub struct Hour {
    pub at: Millis,
    pub station: usize,
    /// Place in [`COLUMNS`] and the number as the source writes it.
    pub values: Vec<(usize, String)>,
}

/// All hours of all stations inside `[from, to)`, ordered by time and station.
pub fn hours(from: Millis, to: Millis) -> Vec<Hour> {
    let (_, rows) = imported("beijing-prsa", "data/aq_beijing_prsa", from..to);
    let mut hours: BTreeMap<(Millis, usize), Vec<(usize, String)>> = BTreeMap::new();
    for row in rows {
        let is_it = |(name, ..): &(&str, &str, i64)| name.to_lowercase() == row.node;
        let station = STATIONS.iter().position(is_it).expect("a station");
        let values = hours.entry((row.at, station)).or_default();
        let column = COLUMNS.iter().position(|name| *name == row.quantity.name());
        values.extend(column.map(|column| (column, row.value)));
    }
    let hour = |((at, station), values)| Hour {
        at,
        station,
        values,
    };
    hours.into_iter().map(hour).collect()
}

/// The rows of a readings file.
pub fn rows(hours: &[Hour]) -> impl Iterator<Item = Row> {
    hours.iter().flat_map(|hour| {
        hour.values.iter().map(|(column, value)| {
            let quantity: Quantity = COLUMNS[*column].parse().expect("a quantity");
            Row {
                at: hour.at,
                node: STATIONS[hour.station].0.to_owned(),
                quantity,
                value: value.clone(),
                // Carbon monoxide too is in ug/m3.
                unit: if quantity == Quantity::Co {
                    "ug/m3"
                } else {
                    ""
                },
            }
        })
    })
}

/// The city directory. Pollutants keep their own panes; weather is summed over longer ones.
pub fn town() -> Town {
    let mut town = Town {
        city_toml: super::air_by_hand::standards_of(
            "[city]\nid = \"beijing\"\ntime_zone = \"Asia/Shanghai\"\n\
                    [panes]\ntemperature = \"6h\"\nrain = \"24h\"\n\
                    [silence]\nafter = \"off\"\n",
        ),
        ..Town::default()
    };
    for id in ZONES {
        town.somewhere(id, id, "", None);
    }
    let quantities = COLUMNS.map(|name| name.parse().expect("a quantity"));
    for (id, zone, weight_milli) in STATIONS {
        town.node(id, zone, None, &quantities);
        if let Some(node) = town.nodes.last_mut() {
            node.weight_milli = weight_milli;
        }
    }
    town
}

/// What a zone's pane must say: the same words as `zones.csv`, figures in thousandths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaneByHand {
    pub mean: i64,
    pub min: i64,
    pub max: i64,
    pub count: u64,
    pub heard: u32,
}

/// Every pane of every zone and quantity, from the source's rows alone, by the plainest loops.
pub fn panes_by_hand(hours: &[Hour]) -> HashMap<(&'static str, &'static str, Millis), PaneByHand> {
    // (zone, quantity, pane) → weight and values of each node.
    type Nodes = HashMap<usize, Vec<i64>>;
    let mut gathered: HashMap<(&'static str, &'static str, Millis), Nodes> = HashMap::new();
    for hour in hours {
        for (column, value) in &hour.values {
            let quantity = COLUMNS[*column];
            let width = match quantity {
                "temperature" => 6 * HOUR,
                "rain" => DAY,
                _ => HOUR / 60,
            };
            let pane = hour.at.div_euclid(width) * width;
            let zone = STATIONS[hour.station].1;
            gathered
                .entry((zone, quantity, pane))
                .or_default()
                .entry(hour.station)
                .or_default()
                .push(thousandths(quantity, value));
        }
    }
    gathered
        .into_iter()
        .map(|(key, nodes)| {
            let figures = nodes.iter().map(|(station, values)| {
                let sum: i64 = values.iter().sum();
                let figure = match key.1 {
                    "rain" => sum,
                    _ => rounded(sum, values.len() as i64),
                };
                (STATIONS[*station].2, figure)
            });
            let (mut weights, mut weighted) = (0, 0);
            for (weight, figure) in figures {
                weights += weight;
                weighted += weight * figure;
            }
            let all = || nodes.values().flatten().copied();
            let pane = PaneByHand {
                mean: rounded(weighted, weights),
                min: all().min().unwrap_or_default(),
                max: all().max().unwrap_or_default(),
                count: all().count() as u64,
                heard: nodes.len() as u32,
            };
            (key, pane)
        })
        .collect()
}

/// A number of the source in thousandths of the quantity's own unit.
fn thousandths(quantity: &str, value: &str) -> i64 {
    let value: f64 = value.parse().expect("a number");
    match quantity {
        // ug/m3 are thousandths of mg/m3.
        "co" => value.round() as i64,
        _ => (value * 1000.0).round() as i64,
    }
}

/// To the nearest, half away from zero.
fn rounded(sum: i64, count: i64) -> i64 {
    let magnitude = (2 * sum.abs() + count) / (2 * count);
    magnitude * sum.signum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_of_the_source_is_read_as_it_stands() {
        let day = hours(FIRST_HOUR, FIRST_HOUR + DAY);
        assert_eq!(day.len(), 4 * 24);
        let first = &day[0];
        assert_eq!(first.at, 1_362_067_200_000, "2013-02-28T16:00Z");
        let value = |column: usize| {
            let found = first.values.iter().find(|(place, _)| *place == column);
            found.map(|(_, value)| value.as_str())
        };
        assert_eq!((value(0), value(4)), (Some("9"), Some("300")));
        // Dongsi's sulphur dioxide of 02:00 is missing.
        let third = day
            .iter()
            .filter(|hour| hour.station == 0)
            .nth(2)
            .unwrap_or(first);
        assert!(third.values.iter().all(|(column, _)| *column != 2));
    }

    #[test]
    fn panes_by_hand_weigh_their_stations() {
        let day = hours(FIRST_HOUR, FIRST_HOUR + HOUR);
        let panes = panes_by_hand(&day);
        // Dongsi 9 and Wanliu 8, weighted 2 to 1.
        let plain = &panes[&("plain", "pm2_5", FIRST_HOUR)];
        assert_eq!((plain.mean, plain.count, plain.heard), (8_667, 2, 2));
        assert_eq!(panes[&("plain", "co", FIRST_HOUR)].max, 400);
    }
}
