//! A low-cost air sensor that speaks every minute (EPA sensortoolkit, Burden's Creek, August 2019), with its
//! gaps and its noise: what hourly means of many readings are tested on.

use std::collections::BTreeMap;

use pipeline::calendar::{DAY, HOUR, MINUTE, Millis};

use super::town::{Row, Town};
use super::{days_since_1970, open};
use wire::Quantity;

pub const ZONE: &str = "creek";

/// Column of the source, quantity, unit, and ug/m3 of one such unit at 25 Celsius (from molar masses).
const COLUMNS: [(usize, &str, &str, f64); 3] = [
    (1, "no2", "[ppb]", 46.005 / MOLAR_VOLUME),
    (2, "o3", "[ppb]", 47.997 / MOLAR_VOLUME),
    (3, "pm2_5", "ug/m3", 1.0),
];

/// Litres of a mole of gas at 25 Celsius and one atmosphere.
const MOLAR_VOLUME: f64 = 8.314_462_618 * 298.15 / 101.325;

/// Eastern standard time, in which the source is written.
const OFFSET: Millis = -5 * HOUR;

/// Midnight at the beginning of the month in which the source begins, by its own clock.
pub fn first() -> Millis {
    days_since_1970(2019, 8, 1) * DAY - OFFSET
}

/// Readings of the first `days` days. Those below zero are left out: admission refuses them as implausible.
pub fn rows(days: i64) -> Vec<Row> {
    let end = first() + days * DAY;
    let reader = csv::ReaderBuilder::new().flexible(true).from_reader(open(
        "data/aq_lowcost_sensortoolkit/toco_toucan_RT01_raw.csv.gz",
    ));
    let mut rows = Vec::new();
    for record in reader.into_records() {
        let record = record.expect("a row");
        // The lines before the table have no such date in front.
        let Some(at) = moment(&record[0]) else {
            assert!(rows.is_empty(), "{record:?}");
            continue;
        };
        if at >= end {
            break;
        }
        for (place, quantity, unit, _) in COLUMNS {
            let value = record.get(place).unwrap_or_default();
            if value.parse::<f64>().is_ok_and(|value| value >= 0.0) {
                rows.push(Row {
                    at,
                    node: "toucan".to_owned(),
                    quantity: quantity.parse().expect("a quantity"),
                    value: value.to_owned(),
                    unit,
                });
            }
        }
    }
    rows
}

/// `8/1/2019 7:11` → milliseconds UTC.
fn moment(text: &str) -> Option<Millis> {
    let (date, time) = text.split_once(' ')?;
    let (hour, minute) = time.split_once(':')?;
    let mut date = date.split('/').map(|part| part.parse::<i64>().ok());
    let (month, day, year) = (date.next()??, date.next()??, date.next()??);
    let (hour, minute) = (hour.parse::<i64>().ok()?, minute.parse::<i64>().ok()?);
    let day = days_since_1970(year, month, day);
    Some(day * DAY + hour * HOUR + minute * MINUTE - OFFSET)
}

pub fn town() -> Town {
    let mut town = Town {
        city_toml: super::air_by_hand::standards_of(
            "[city]\nid = \"durham\"\ntime_zone = \"America/New_York\"\n\
                    [silence]\nafter = \"off\"\n",
        ),
        ..Town::default()
    };
    let quantities: [Quantity; 3] =
        COLUMNS.map(|(_, quantity, ..)| quantity.parse().expect("a quantity"));
    town.somewhere(ZONE, ZONE, "", None);
    town.node("toucan", ZONE, None, &quantities);
    town
}

/// Hourly means in thousandths, each the plain mean of the hour's readings.
pub fn hourly_means(rows: &[Row]) -> BTreeMap<(String, String, Millis), i64> {
    let mut sums: BTreeMap<(String, String, Millis), (i64, i64)> = BTreeMap::new();
    for row in rows {
        let (.., factor) = COLUMNS
            .into_iter()
            .find(|(_, quantity, ..)| *quantity == row.quantity.name())
            .expect("a column");
        let value: f64 = row.value.parse().expect("a number");
        let hour = row.at.div_euclid(HOUR) * HOUR;
        let key = (ZONE.to_owned(), row.quantity.to_string(), hour);
        let (sum, count) = sums.entry(key).or_default();
        *sum += (value * factor * 1000.0).round() as i64;
        *count += 1;
    }
    sums.into_iter()
        .map(|(key, (sum, count))| (key, (2 * sum + count) / (2 * count)))
        .collect()
}
