//! The air index of the next hours, held against what came.
//!
//! Goal: at every horizon that is published the forecast is better than persistence, its bounds hold as often as they
//! say, and both are true of stations and years that it was not fitted on. The gateway's own score says the same.
//! Method: the formula was fitted on Dongsi and Huairou up to mid-December 2015. Here it forecasts from then to February
//! 2017 at Wanliu and Changping, which it has never seen, with and without their weather, and a year of a consulate's
//! monitor in Shanghai. A replay of a month then scores itself, and its figures are compared with what its own files say.

use std::collections::BTreeMap;

use gateway::scores::numbers::{Predicted, Tally};
use pipeline::calendar::{DAY, HOUR, Millis};
use pipeline::science::air::forecast::{Ahead, COVERAGE, Outlook};
use pipeline::science::air::{Standard, hourly_index};
use tests::real::beijing::{self, FIRST_HOUR};
use tests::real::consulates;
use tests::real::hours::{Station, Weather};
use tests::real::replayed::{Outcome, replay};
use wire::{Milli, Quantity};

/// Hours of the record that the formula was fitted on: 70 %, the rest is unseen.
const FITTED: usize = 24_544;
/// Hours between two forecasts: all times of the day come up, and an unoptimised build is quick.
const EVERY: usize = 7;

const STANDARDS: [Standard; 2] = [Standard::UsEpa2024, Standard::CnHj6332026];

type Tallies = BTreeMap<(Standard, Ahead), Tally>;

/// Forecasts of a station's hours, and what came.
fn score(station: &Station, hours: impl Iterator<Item = usize>, weather: Weather) -> Tallies {
    let mut tallies = Tallies::new();
    for hour in hours {
        let back = station.back(hour, weather);
        let Some(outlook) = Outlook::after(&back) else {
            continue;
        };
        for standard in STANDARDS {
            let Some(now) = hourly_index(standard, &back) else {
                continue;
            };
            for ahead in Ahead::ALL {
                let then = station.back(hour + ahead.hours(), weather);
                let forecast = outlook.index(standard, ahead, &back);
                let Some((said, came)) = forecast.zip(hourly_index(standard, &then)) else {
                    continue;
                };
                let predicted = Predicted {
                    value: whole(said.index.index),
                    low: whole(said.low),
                    high: whole(said.high),
                    before: whole(now.index),
                };
                let tally = tallies.entry((standard, ahead)).or_default();
                tally.score(&predicted, whole(came.index));
            }
        }
    }
    tallies
}

fn whole(index: u32) -> Milli {
    Milli::whole(i64::from(index))
}

/// Each horizon beats persistence by so much at least (1 − RMSE/RMSE), in the order of [`Ahead::ALL`], and its bounds
/// hold as often as they say, within five hundredths.
#[track_caller]
fn check(name: &str, tallies: &Tallies, standard: Standard, least: [f64; 4]) {
    for (ahead, least) in Ahead::ALL.into_iter().zip(least) {
        let tally = tallies[&(standard, ahead)];
        let (skill, absolute) = (tally.skill(), tally.absolute_skill());
        let (skill, absolute) = skill.zip(absolute).expect("an index that moves");
        let coverage = tally.coverage().expect("hours");
        println!(
            "{name} {standard} {ahead}: {} hours, skill {skill:.3}, of absolute errors {absolute:.3}, within bounds {coverage:.3}",
            tally.scored
        );
        assert!(tally.scored > 1_000, "{name} {standard} {ahead}");
        assert!(skill > least, "{name} {standard} {ahead}: {skill}");
        let off = (coverage - COVERAGE).abs();
        assert!(off < 0.05, "{name} {standard} {ahead}: {coverage}");
    }
}

#[test]
fn stations_and_years_that_were_never_seen_are_forecast_better_than_by_persistence() {
    for name in ["Wanliu", "Changping"] {
        let station = Station::of_beijing(name);
        let hours = || (FITTED..station.len()).step_by(EVERY);
        let with = score(&station, hours(), Weather::Measured);
        let us = [0.14, 0.08, 0.05, 0.08];
        let cn = [0.015, 0.03, 0.04, 0.06];
        check(&format!("{name}, weather"), &with, Standard::UsEpa2024, us);
        check(
            &format!("{name}, weather"),
            &with,
            Standard::CnHj6332026,
            cn,
        );
        for tally in with.values() {
            let better = tally.absolute_skill();
            assert!(
                better.is_some_and(|better| better > 0.0),
                "{name} {tally:?}"
            );
        }
        let without = score(&station, hours(), Weather::Unknown);
        let us = [0.13, 0.07, 0.04, 0.07];
        let cn = [0.01, 0.01, 0.02, 0.05];
        check(name, &without, Standard::UsEpa2024, us);
        check(name, &without, Standard::CnHj6332026, cn);
    }
}

#[test]
fn another_city_is_forecast_better_than_by_persistence_too() {
    let published = consulates::hours("data/aq_us_embassy_nowcast/Shanghai_PM2.5_2016_YTD.csv.gz");
    let first = published.first().expect("hours").at;
    let last = published.last().expect("hours").at;
    let raw: BTreeMap<Millis, Milli> = published
        .iter()
        .filter_map(|hour| Some((hour.at, hour.raw?)))
        .collect();
    let means = (first..=last).step_by(HOUR as usize);
    let means = means.map(|at| raw.get(&at).copied()).collect();
    let station = Station::of_one(Quantity::Pm2_5, means);
    let hours = (24..station.len()).step_by(3);
    let tallies = score(&station, hours, Weather::Unknown);
    for ahead in Ahead::ALL {
        let tally = tallies[&(Standard::UsEpa2024, ahead)];
        println!(
            "Shanghai {ahead}: {:?} {:?} {:?}",
            tally.skill(),
            tally.absolute_skill(),
            tally.coverage()
        );
        assert!(tally.scored > 2_000);
        assert!(
            tally.skill().is_some_and(|skill| skill > 0.015),
            "{ahead} {tally:?}"
        );
        let coverage = tally.coverage().expect("hours");
        assert!((0.75..0.97).contains(&coverage), "{ahead}: {coverage}");
    }
}

/// 2015-11-20 and three weeks.
const FROM: Millis = FIRST_HOUR + 994 * DAY;
const TO: Millis = FROM + 21 * DAY;

#[test]
fn a_replay_scores_its_own_forecasts_by_what_it_says_itself() {
    let hours = beijing::hours(FROM, TO);
    let rows: Vec<_> = beijing::rows(&hours).collect();
    let outcome = replay(&beijing::town(), &rows, 2);
    for standard in STANDARDS {
        for ahead in Ahead::ALL {
            let tally = by_hand(&outcome, standard, ahead);
            assert!(tally.scored > 700, "{standard} {ahead}: {}", tally.scored);
            let said = |name: &str| {
                let labels = format!("{{standard=\"{standard}\",ahead=\"{ahead}\"}}");
                let start = format!("citysense_forecast_{name}_total{labels} ");
                let line = outcome
                    .metrics
                    .lines()
                    .find_map(|line| line.strip_prefix(&start));
                let line = line.unwrap_or_else(|| panic!("no {start}"));
                line.parse::<f64>().expect("a number")
            };
            assert_eq!(said("scored"), tally.scored as f64, "{standard} {ahead}");
            assert_eq!(said("inside_bounds"), tally.inside as f64);
            assert_eq!(said("absolute_error"), tally.absolute_error);
            let before = said("persistence_absolute_error");
            assert_eq!(before, tally.absolute_error_before);
            println!(
                "{standard} {ahead}: {:?} {:?}",
                tally.skill(),
                tally.coverage()
            );
        }
    }
}

/// The same from `zones.csv` and `air.csv`: the index of the hour that a forecast speaks of.
fn by_hand(outcome: &Outcome, standard: Standard, ahead: Ahead) -> Tally {
    let value = format!("air_forecast:{standard}:{ahead}");
    let mut tally = Tally::default();
    for ((zone, name, hour), pane) in &outcome.panes {
        let target = hour + ahead.hours() as Millis * HOUR;
        if *name != value {
            continue;
        }
        let index = |hour: Millis| {
            let key = (zone.clone(), standard.to_string(), hour);
            outcome.air.get(&key).map(|(index, _)| whole(*index))
        };
        let Some((before, came)) = index(*hour).zip(index(target)) else {
            continue;
        };
        let predicted = Predicted {
            value: Milli(pane.mean),
            low: Milli(pane.min),
            high: Milli(pane.max),
            before,
        };
        tally.score(&predicted, came);
    }
    tally
}
