//! Four of Beijing's air stations through the pipeline, against plain loops and the printed tables.
//!
//! Goal: what `citysense replay` writes about a real network is what anyone would compute from its files by
//! hand: every pane of every zone with its count and mean, and an air index for every hour that has data.
//! Method: winter weeks with two smog episodes and the network's own gaps, two zones with unequal weights;
//! panes are compared exactly, indices with a computation in floats that shares no code with the pipeline.
//! A sensor that speaks every minute tests how readings become hours.

use std::collections::BTreeMap;

use pipeline::calendar::{DAY, HOUR, Millis};
use tests::real::air_by_hand::{Hours, STANDARDS, Tables};
use tests::real::beijing::{self, FIRST_HOUR, ZONES};
use tests::real::replayed::{Outcome, replay};
use tests::real::{air_days_by_hand, minutes};

/// 2015-11-20, ten days before a smog alert; short enough for an unoptimised build.
const FROM: Millis = FIRST_HOUR + 994 * DAY;
const TO: Millis = FROM + 30 * DAY;

#[test]
fn a_winter_of_beijing_is_what_its_rows_say() {
    let hours = beijing::hours(FROM, TO);
    let rows: Vec<_> = beijing::rows(&hours).collect();
    let outcome = replay(&beijing::town(), &rows, 2);
    panes_agree(&hours, &outcome);
    // A station speaks once an hour, so an hour's mean is that of its one pane.
    let means = outcome
        .panes
        .iter()
        .map(|(key, pane)| (key.clone(), pane.mean))
        .collect();
    let worst = indices_agree(&ZONES, &means, &outcome);
    assert!(worst > 300, "no smog: {worst}");
    // Both begin at midnight of a city whose days are all as long.
    let days = (FROM..TO).step_by(DAY as usize).map(|day| (day, 24));
    let agreed = days_agree(&ZONES, days, &means, &outcome);
    assert!(agreed > 150, "{agreed} days");
}

/// Every pane of the source is there with its count and its figures, and no other.
fn panes_agree(hours: &[beijing::Hour], outcome: &Outcome) {
    let by_hand = beijing::panes_by_hand(hours);
    for ((zone, quantity, start), expected) in &by_hand {
        let key = ((*zone).to_owned(), (*quantity).to_owned(), *start);
        let got = outcome.panes.get(&key);
        let got = got.unwrap_or_else(|| panic!("no pane {key:?}"));
        let seen = beijing::PaneByHand {
            mean: got.mean,
            min: got.min,
            max: got.max,
            count: got.count,
            heard: got.heard,
        };
        assert_eq!(&seen, expected, "{key:?}");
        assert_eq!(got.expected, 2, "{key:?}");
    }
    let measured = outcome
        .panes
        .keys()
        .filter(|(_, value, _)| beijing::COLUMNS.contains(&value.as_str()));
    assert_eq!(measured.count(), by_hand.len());
    println!("{} panes agree", by_hand.len());
}

/// Hourly means by zone, quantity and hour, in thousandths.
type Means = BTreeMap<(String, String, Millis), i64>;

/// An index for every hour that has data, by the tables and nothing else; the highest is answered.
fn indices_agree(zones: &[&str], means: &Means, outcome: &Outcome) -> u32 {
    let tables = Tables::read();
    let first = means.keys().map(|(.., hour)| *hour).min();
    let last = means.keys().map(|(.., hour)| *hour).max();
    let (first, last) = first.zip(last).expect("hourly means");
    let mut by_hand = BTreeMap::new();
    for zone in zones {
        for hour in (first..=last).step_by(HOUR as usize) {
            let mean = |quantity: &str, at: Millis| {
                let key = ((*zone).to_owned(), quantity.to_owned(), at);
                means.get(&key).map(|mean| *mean as f64 / 1000.0)
            };
            let quantities = ["pm2_5", "pm10", "o3", "no2", "so2", "co"];
            let window: Hours = quantities
                .into_iter()
                .map(|quantity| {
                    let back = |k: usize| mean(quantity, hour - k as Millis * HOUR);
                    (quantity, std::array::from_fn(back))
                })
                .collect();
            for standard in STANDARDS {
                if let Some(index) = tables.index(standard, &window) {
                    by_hand.insert(((*zone).to_owned(), standard.to_owned(), hour), index);
                }
            }
        }
    }
    for (key, (index, names)) in &by_hand {
        let got = outcome.air.get(key);
        let (got, primary) = got.unwrap_or_else(|| panic!("no index {key:?}"));
        assert_eq!(got, index, "{key:?}");
        assert_eq!(primary, names, "{key:?}");
    }
    assert_eq!(outcome.air.len(), by_hand.len());
    println!("{} indices agree", by_hand.len());
    let worst = by_hand.values().map(|(index, _)| *index).max();
    worst.unwrap_or_default()
}

/// An index for every day (start, hours) that has enough hours, and for no other; answers how many.
fn days_agree(
    zones: &[&str],
    days: impl Iterator<Item = (Millis, usize)> + Clone,
    means: &Means,
    outcome: &Outcome,
) -> usize {
    let tables = Tables::read();
    let mut agreed = 0;
    for zone in zones {
        for (start, hours) in days.clone() {
            let day = |quantity: &str| -> Vec<Option<f64>> {
                let hours = (0..hours as Millis).map(|k| start + k * HOUR);
                let key = |hour| ((*zone).to_owned(), quantity.to_owned(), hour);
                let mean = |hour| Some(*means.get(&key(hour))? as f64 / 1000.0);
                hours.map(mean).collect()
            };
            for standard in STANDARDS {
                let by_hand = air_days_by_hand::index(&tables, standard, &day);
                let got = outcome.air_days.iter().find(|((at, by, _), (from, ..))| {
                    at == zone && by == standard && *from == start
                });
                let got = got.map(|(_, (_, index, primary))| (*index, primary.clone()));
                assert_eq!(got, by_hand, "{zone} {standard} {start}");
                agreed += usize::from(got.is_some());
            }
        }
    }
    assert_eq!(outcome.air_days.len(), agreed);
    println!("{agreed} days agree");
    agreed
}

/// Sixty readings an hour, in ppb, become hourly means and then indices.
#[test]
fn minutes_add_up_to_hours() {
    let rows = minutes::rows(3);
    let outcome = replay(&minutes::town(), &rows, 1);
    let means = minutes::hourly_means(&rows);
    indices_agree(&[minutes::ZONE], &means, &outcome);
    // The month began at midnight of Eastern standard time, which is one o'clock in summer.
    let first = minutes::first() - HOUR;
    let days = (0..=3).map(|day| (first + day * DAY, 24));
    days_agree(&[minutes::ZONE], days, &means, &outcome);
    assert!(outcome.air.len() > 60, "{}", outcome.air.len());
}
