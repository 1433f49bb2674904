//! Indices against what agencies published for the same concentrations.
//!
//! Goal: the number that people saw is the number that we compute, by the table that was in force that day.
//! Method: every row of every file of a recorded set is judged; what differs is told, with its reason. Sets: the Chinese national network for an hour (index, category
//! and primary pollutants), daily fine particles of Minnesota with EPA's daily index, hourly fine particles at
//! consulates with AirNow's NowCast and index. Beside them, low-cost sensors against reference instruments:
//! what their correction for humidity is worth.

use std::collections::BTreeMap;

use pipeline::calendar::{HOUR, Millis};
use pipeline::science::air::correction::Correction;
use pipeline::science::air::exact::Exact;
use pipeline::science::air::nowcast::{NOWCAST_HOURS, nowcast};
use pipeline::science::air::table::{Averaging, Column};
use pipeline::science::air::{Standard, hourly_index};
use tests::real::consulates;
use tests::real::official::{SensorDay, files, network, sensor_days, site_days};
use wire::{Milli, Quantity};

/// `agreeing` of `all` are at least so many in a thousand.
#[track_caller]
fn at_least(per_mille: usize, agreeing: usize, all: usize, what: &str) {
    println!("{what}: {agreeing} of {all}");
    assert!(all > 1_000, "{what}: only {all} rows");
    assert!(
        agreeing * 1_000 >= all * per_mille,
        "{what}: {agreeing} of {all}"
    );
}

/// Index, category and all pollutants named, of every station with an official index.
#[test]
fn the_national_network_published_what_hj633_of_2012_says() {
    for file in files("aq_china_cnemc_official") {
        let stations = network(&file);
        let mut misses = Vec::new();
        for station in &stations {
            let hour = |quantity, back| match back {
                0 => station.means.get(&quantity).copied(),
                _ => None,
            };
            let standard = Standard::CnHj6332012;
            let air = hourly_index(standard, &hour).expect("an index");
            // Some rows have an index and no category.
            let category = standard.category(air.category).name;
            let same = air.index == station.index
                && air.primary.to_string() == station.primary
                && (station.category.is_empty() || category == station.category);
            if !same {
                misses.push(format!("{station:?}: {air:?}"));
            }
        }
        let agreeing = stations.len() - misses.len();
        println!("{}", misses.join("\n"));
        at_least(999, agreeing, stations.len(), &file);
    }
}

/// The table of fine particles in force in a year, month and day.
fn in_force(date: (u16, u8, u8)) -> &'static Column {
    let standard = match date < (2024, 5, 6) {
        true => Standard::UsEpa2012,
        false => Standard::UsEpa2024,
    };
    let column = standard.column(Quantity::Pm2_5, Averaging::Day);
    column.expect("a column of fine particles")
}

#[test]
fn epa_published_the_daily_index_of_its_daily_means() {
    for file in files("aq_epa_daily_aqi") {
        let days = site_days(&file);
        let mut misses = Vec::new();
        for day in &days {
            let mean: Exact = day.mean.parse().expect("a mean");
            let index = in_force(day.date).sub_index(mean);
            if index != Some(day.index) {
                misses.push(format!("{day:?}: {index:?}"));
            }
        }
        println!("{}", misses.join("\n"));
        at_least(999, days.len() - misses.len(), days.len(), &file);
    }
}

/// AirNow's own figures: the index of every published NowCast, and the NowCast to the tenth.
///
/// Three reasons are known for another NowCast, and at most one hour in a thousand may lack one: AirNow uses negative means as they
/// are (here, as in AirMonitor, they count as zero); its clock jumped with Washington's summer time; and
/// where there are too few hours it goes on saying the last one for a while.
#[test]
fn airnow_published_the_nowcast_of_its_hours_and_its_index() {
    for file in files("aq_us_embassy_nowcast") {
        let hours = consulates::hours(&file);
        let raw: BTreeMap<Millis, Milli> = hours
            .iter()
            .filter_map(|hour| Some((hour.at, hour.raw?)))
            .collect();
        let (mut published, mut near, mut indexed) = (0, 0, 0);
        let mut reasons = BTreeMap::<&str, usize>::new();
        let mut last = None;
        for (number, hour) in hours.iter().enumerate() {
            let window: Vec<_> = (0..NOWCAST_HOURS as Millis)
                .map(|back| raw.get(&(hour.at - back * HOUR)).copied())
                .collect();
            let ours = nowcast(&window).map(|figure| figure.0.div_euclid(100) * 100);
            if let Some(theirs) = hour.nowcast {
                published += 1;
                let within = ours.is_some_and(|ours| (ours - theirs.0).abs() <= 100);
                near += usize::from(within);
                if !within {
                    let negative = window.iter().flatten().any(|mean| *mean < Milli::ZERO);
                    let reason = if !consulates::is_contiguous(&hours, number, NOWCAST_HOURS) {
                        "clock change or first hours"
                    } else if ours.is_none() && last == hour.nowcast {
                        "the last one said again"
                    } else if negative {
                        "negative mean"
                    } else {
                        println!("{file}: {hour:?}: {ours:?} of {window:?}");
                        "unknown"
                    };
                    *reasons.entry(reason).or_default() += 1;
                }
                if let Some(index) = hour.index {
                    let ours = in_force((hour.year, 1, 1)).sub_index(theirs.into());
                    assert_eq!(ours.map(i64::from), Some(index), "{file}: {hour:?}");
                    indexed += 1;
                }
            }
            last = hour.nowcast;
        }
        println!("{indexed} indices agree; other NowCasts: {reasons:?}");
        assert!(indexed > 4_000, "{file}: {indexed} indices");
        let unknown = reasons.get("unknown").copied().unwrap_or(0);
        assert!(
            unknown * 1_000 <= published,
            "{file}: {unknown} without a reason"
        );
        at_least(970, near, published, &file);
    }
}

/// Bias and root mean square error against the reference instrument.
fn errors(days: &[SensorDay], of: impl Fn(&SensorDay) -> f64) -> (f64, f64) {
    let differences: Vec<f64> = days.iter().map(|day| of(day) - day.reference).collect();
    let mean = |values: &mut dyn Iterator<Item = f64>| values.sum::<f64>() / days.len() as f64;
    let bias = mean(&mut differences.iter().copied());
    let square = mean(&mut differences.iter().map(|difference| difference * difference));
    (bias, square.sqrt())
}

/// Florida's moist air makes these sensors read half as much again as there is; both forms of the correction
/// take most of that away, as the same formula in floats does.
#[test]
fn the_correction_for_humidity_brings_low_cost_sensors_close_to_the_reference() {
    let days = sensor_days();
    assert_eq!(days.len(), 5_666);
    let us_wide = |day: &SensorDay| 0.524 * day.raw - 0.0862 * day.humidity + 5.75;
    let raw = errors(&days, |day| day.raw);
    let by_hand = errors(&days, us_wide);
    println!("raw: bias, root mean square error {raw:.3?}; by hand {by_hand:.3?}");
    for correction in Correction::ALL {
        let corrected = errors(&days, |day| {
            let milli = |value: f64| Milli::from_f64(value).expect("a value");
            correction.of(milli(day.raw), milli(day.humidity)).to_f64()
        });
        println!("{correction}: {corrected:.3?}");
        assert!(corrected.0.abs() < raw.0.abs() / 3.0, "{correction}: bias");
        assert!(corrected.1 < raw.1 / 2.0, "{correction}: error");
        if correction == Correction::EpaBarkjohn2021 {
            let same = (corrected.0 - by_hand.0).abs() < 0.001;
            assert!(
                same && (corrected.1 - by_hand.1).abs() < 0.001,
                "{corrected:?}"
            );
        }
    }
}
