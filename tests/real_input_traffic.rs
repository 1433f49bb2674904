//! Recorded traffic: what loop detectors of four cities said, through the whole of `citysense replay`, against plain
//! sums over the same rows; and what is found in the anomalies that Numenta's benchmark labels.
//!
//! None of these sets has two stations with occupancy in a row, so California #8 is never asked: it is measured on a
//! simulated road instead.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};

use pipeline::calendar::{DAY, HOUR, MINUTE, Millis};
use tests::real::replayed::{Outcome, moment, replay, replay_raw};
use tests::real::roads::{self, reading};
use wire::Quantity::{LaneOccupancy, VehicleCount, VehicleSpeed};

/// Every minute of every detector: counts are flows, a speed of nobody is none, density is flow over speed and lanes.
#[test]
fn a_street_by_the_minute_has_the_flow_and_level_that_its_rows_add_up_to() {
    let (minutes, lanes) = (roads::montreal(), roads::montreal_lanes());
    let ids: BTreeSet<&str> = minutes.iter().map(|m| m.detector.as_str()).collect();
    let ids: Vec<&str> = ids.into_iter().collect();
    // 38 vehicles in half a minute are chatter on one lane; these detectors add up to three.
    let detector_rules =
        "[[quality]]\nquantity = \"vehicle_count\"\ndetector = true\nchatter = 114\n";
    let town = roads::town(&ids, &[VehicleCount, VehicleSpeed], "60s", detector_rules);
    let mut rows = Vec::new();
    for m in &minutes {
        let (count, speed) = (m.count.to_string(), m.speed_km_h.to_string());
        rows.push(reading(m.at, &m.detector, VehicleCount, &count, ""));
        rows.push(reading(m.at, &m.detector, VehicleSpeed, &speed, ""));
    }
    let outcome = replay_raw(&town, &rows, 2, |city| roads::with_lanes(city, &lanes));
    assert_eq!(outcome.ledger["admitted"], rows.len());

    // Clocks jitter by a second, so some panes hold two of a detector's minutes and some none.
    let mut panes: BTreeMap<(&str, Millis), Vec<(u32, u32)>> = BTreeMap::new();
    for m in &minutes {
        let pane = panes.entry((&m.detector, m.at.div_euclid(MINUTE) * MINUTE));
        pane.or_default().push((m.count, m.speed_km_h));
    }
    let (mut empty, mut levels) = (0, [0; 6]);
    for ((detector, start), said) in &panes {
        let figure = |value: &str| {
            let key = (format!("at-{detector}"), value.to_owned(), *start);
            outcome.panes.get(&key).map(|pane| pane.mean)
        };
        let count: u32 = said.iter().map(|(count, _)| count).sum();
        let speed: u32 = said.iter().map(|(_, speed)| speed).sum();
        let speed = f64::from(speed) / said.len() as f64;
        assert_eq!(figure("traffic_flow"), Some(i64::from(count) * 60_000));
        if count == 0 {
            empty += 1;
            assert_eq!(figure("traffic_speed"), None, "{detector} {start}");
            assert_eq!(figure("traffic_level"), None, "{detector} {start}");
            continue;
        }
        let density = f64::from(count * 60) / f64::from(lanes[*detector]) / speed;
        near(figure("traffic_speed"), speed, 0.001);
        near(figure("traffic_density"), density, 0.002);
        let level = [7.0, 11.0, 16.0, 22.0, 28.0]
            .iter()
            .filter(|bound| density > **bound);
        let level = level.count();
        levels[level] += 1;
        assert_eq!(figure("traffic_level"), Some(level as i64 * 1000 + 1000));
    }
    assert!(empty > 500, "{empty} panes without a vehicle");
    assert!(
        levels[0] > 1_000 && levels[5] > 0,
        "levels A to F: {levels:?}"
    );
    println!(
        "{} panes, {empty} without a vehicle, levels A to F: {levels:?}",
        panes.len()
    );
    // No detector was empty for four hours or counted too much: nobody was set aside.
    let flows = outcome
        .panes
        .keys()
        .filter(|(_, value, _)| value == "traffic_flow");
    assert_eq!(flows.count(), panes.len());
}

/// 98 vehicles in one minute on three lanes: by the limit for one lane that detector is set aside for a day.
#[test]
fn a_detector_of_three_lanes_needs_a_limit_for_three() {
    let minutes = roads::montreal();
    let own: Vec<_> = minutes.iter().filter(|m| m.detector == "00971").collect();
    let most = own.iter().max_by_key(|m| m.count).unwrap();
    assert_eq!((most.count, roads::montreal_lanes()["00971"]), (98, 3));
    let rules = "[[quality]]\nquantity = \"vehicle_count\"\ndetector = true\n";
    let town = roads::town(&["00971"], &[VehicleCount], "60s", rules);
    let count = |m: &&roads::Minute| {
        let count = m.count.to_string();
        reading(m.at, "00971", VehicleCount, &count, "")
    };
    let outcome = replay(&town, &own.iter().map(count).collect::<Vec<_>>(), 1);
    let flows = outcome
        .panes
        .keys()
        .filter(|(_, value, _)| value == "traffic_flow");
    let last = flows.map(|(.., start)| *start).max().unwrap();
    assert!(last < most.at - MINUTE, "what comes after is withdrawn");
    assert!(own.last().unwrap().at - most.at < 24 * HOUR);
}

#[track_caller]
fn near(thousandths: Option<i64>, expected: f64, by: f64) {
    let said = thousandths.unwrap() as f64 / 1000.0;
    assert!((said - expected).abs() <= by, "{said} is not {expected}");
}

/// Miles per hour in, kilometres per hour out, slow traffic told.
#[test]
fn a_week_of_speeds_is_what_was_measured_and_slow_traffic_is_told() {
    let (ids, table) = roads::los_angeles(8);
    let names: Vec<&str> = ids.iter().map(String::as_str).collect();
    let slow = "[[rule]]\nid = \"slow\"\nkind = \"traffic\"\nvalue = \"traffic_speed\"\n\
                direction = \"below\"\nraise_at = 56.327\nclear_at = 56.327\nseverity = \"minor\"\n";
    let town = roads::town(&names, &[VehicleSpeed], "5m", slow);
    let mut rows = Vec::new();
    for (at, speeds) in &table {
        for (id, speed) in ids.iter().zip(speeds) {
            rows.push(reading(*at, id, VehicleSpeed, speed, "[mi_i]/h"));
        }
    }
    let outcome = replay(&town, &rows, 2);
    let (mut slow, mut alerts) = (0, 0);
    for (place, id) in ids.iter().enumerate() {
        let mut before = false;
        for (at, speeds) in &table {
            let km_h = speeds[place].parse::<f64>().unwrap() * 1.609_344;
            let key = (format!("at-{id}"), "traffic_speed".to_owned(), *at);
            near(outcome.panes.get(&key).map(|pane| pane.mean), km_h, 0.001);
            let now = speeds[place].parse::<f64>().unwrap() <= 35.0;
            slow += usize::from(now);
            alerts += usize::from(now && !before);
            before = now;
        }
    }
    let raised = outcome.revisions.iter().filter(|r| r["state"] == "raised");
    assert_eq!(raised.count(), alerts);
    assert!(slow > 100, "{slow} slow panes");
    println!(
        "{} panes, {slow} slow, {alerts} alerts",
        table.len() * ids.len()
    );
}

/// An hour with several kinds of weather is there several times, and ten months are missing altogether.
#[test]
fn years_by_the_hour_count_no_hour_twice_and_a_gap_is_no_all_clear() {
    let whole = roads::interstate();
    let (from, to) = (
        moment("2014-07-01T00:00:00.000Z"),
        moment("2015-07-15T00:00:00.000Z"),
    );
    let volumes: Vec<_> = whole
        .into_iter()
        .filter(|(at, _)| (from..to).contains(at))
        .collect();
    let always = "[[rule]]\nid = \"traffic\"\nkind = \"traffic\"\nvalue = \"traffic_flow\"\n\
                  raise_at = 1\nclear_at = 1\nmax_gap = \"12h\"\nseverity = \"minor\"\n";
    let town = roads::town(&["i94"], &[VehicleCount], "1h", always);
    let rows: Vec<_> = volumes
        .iter()
        .map(|(at, volume)| reading(*at, "i94", VehicleCount, &volume.to_string(), ""))
        .collect();
    let outcome = replay_raw(&town, &rows, 1, |_| ());
    let hours: BTreeMap<Millis, u32> = volumes.iter().copied().collect();
    assert!(rows.len() > hours.len() + 100, "no repeated hour");
    assert_eq!(outcome.ledger["admitted"], hours.len());
    assert_eq!(outcome.ledger["duplicates"], rows.len() - hours.len());
    let said = outcome
        .panes
        .iter()
        .filter(|((_, value, _), _)| value == "traffic_flow");
    let said: BTreeMap<Millis, u32> = said
        .map(|((.., start), pane)| (*start, (pane.mean / 1000) as u32))
        .collect();
    assert_eq!(said, hours);

    let starts: Vec<Millis> = hours.keys().copied().collect();
    let (before, after) = starts
        .windows(2)
        .map(|pair| (pair[0] + HOUR, pair[1]))
        .max_by_key(|(before, after)| after - before)
        .unwrap();
    assert!(after - before > 200 * DAY, "the gap is in the file");
    let at_the_gap = outcome.revisions.iter().find(|r| {
        let updated = moment(r["updated"].as_str().unwrap());
        r["state"] == "cleared" && updated >= before && updated <= after
    });
    assert_eq!(at_the_gap.unwrap()["reason"], "no_data");
}

/// What the system's own rules make of the labelled anomalies, and what two textbook detectors do on the same series.
#[test]
fn labelled_anomalies_are_traffic_that_breaks_down() {
    let rules = "[[rule]]\nid = \"jam\"\nkind = \"traffic\"\nvalue = \"traffic_level\"\n\
                 raise_at = 6\nclear_at = 6\nseverity = \"minor\"\n\
                 [[rule]]\nid = \"slow\"\nkind = \"traffic\"\nvalue = \"traffic_speed\"\n\
                 direction = \"below\"\nraise_at = 48.28\nclear_at = 64.37\nseverity = \"minor\"\n";
    let sets = [
        ("occupancy_6005", LaneOccupancy, "", 4),
        ("speed_6005", VehicleSpeed, "[mi_i]/h", 0),
        ("speed_7578", VehicleSpeed, "[mi_i]/h", 2),
    ];
    for (file, quantity, unit, false_most) in sets {
        let series = roads::numenta(file);
        let windows = roads::numenta_windows(file);
        let town = roads::town(&["loop"], &[LaneOccupancy, VehicleSpeed], "5m", rules);
        let rows: Vec<_> = series
            .iter()
            .map(|(at, value)| reading(*at, "loop", quantity, value, unit))
            .collect();
        let outcome = replay(&town, &rows, 1);
        let alerts = episodes(&outcome);
        let (found, wrong) = score(&alerts, &windows);
        println!(
            "{file}: {found} of {} windows, {wrong} alerts elsewhere",
            windows.len()
        );
        assert_eq!(found, windows.len(), "{file}: {alerts:?}");
        assert!(wrong <= false_most, "{file}: {wrong} alerts elsewhere");
        let has = |value: &str| outcome.panes.keys().any(|(_, name, _)| name == value);
        assert!(!has("traffic_incident"), "one station is no section");
    }
    for file in [
        "occupancy_6005",
        "speed_6005",
        "speed_7578",
        "TravelTime_387",
    ] {
        let series: Vec<(Millis, f64)> = roads::numenta(file)
            .iter()
            .map(|(at, value)| (*at, value.parse().unwrap()))
            .collect();
        let windows = roads::numenta_windows(file);
        for (name, flagged) in [("SND", deviates(&series)), ("EWMA", drifts(&series))] {
            let (found, wrong) = score(&flagged, &windows);
            println!(
                "{file}: {name} {found} of {} windows, {wrong} elsewhere",
                windows.len()
            );
            assert_eq!(found, windows.len(), "{file}: {name}");
        }
    }
}

/// From onset to end of every alert that was not taken back.
fn episodes(outcome: &Outcome) -> Vec<(Millis, Millis)> {
    let mut last = BTreeMap::new();
    for revision in &outcome.revisions {
        last.insert(revision["id"].to_string(), revision);
    }
    let kept = last.values().filter(|r| r["state"] != "cancelled");
    let at = |value: &serde_json::Value| value.as_str().map(moment);
    kept.map(|r| {
        let onset = at(&r["onset"]).unwrap();
        (onset, at(&r["end"]).unwrap_or(onset))
    })
    .collect()
}

/// Windows that some episode reaches into, and episodes that reach into none.
fn score(episodes: &[(Millis, Millis)], windows: &[(Millis, Millis)]) -> (usize, usize) {
    let meet = |a: &(Millis, Millis), b: &(Millis, Millis)| a.0 <= b.1 && b.0 <= a.1;
    let found = windows
        .iter()
        .filter(|w| episodes.iter().any(|e| meet(e, w)));
    let wrong = episodes
        .iter()
        .filter(|e| !windows.iter().any(|w| meet(e, w)));
    (found.count(), wrong.count())
}

/// A day of five minutes, by which the textbook detectors judge.
const BEFORE: usize = 288;

/// Standard normal deviate (x - mean) / sd beyond 3, by the day before; flags less than an hour apart are one.
fn deviates(series: &[(Millis, f64)]) -> Vec<(Millis, Millis)> {
    flags(series, |mean, sd, _, x| (x - mean).abs() > 3.0 * sd)
}

/// Exponentially weighted mean beyond 3 sd √(λ / (2 - λ)), λ = 0.2.
fn drifts(series: &[(Millis, f64)]) -> Vec<(Millis, Millis)> {
    let limit = 3.0 * (0.2_f64 / 1.8).sqrt();
    flags(series, |mean, sd, z, _| (z - mean).abs() > limit * sd)
}

fn flags(
    series: &[(Millis, f64)],
    is_odd: impl Fn(f64, f64, f64, f64) -> bool,
) -> Vec<(Millis, Millis)> {
    let mut episodes: Vec<(Millis, Millis)> = Vec::new();
    let mut z = series[0].1;
    for (place, (at, x)) in series.iter().enumerate() {
        z = 0.2 * x + 0.8 * z;
        let before = &series[place.saturating_sub(BEFORE)..place];
        if before.len() < BEFORE / 2 {
            continue;
        }
        let mean = before.iter().map(|(_, x)| x).sum::<f64>() / before.len() as f64;
        let square = before.iter().map(|(_, x)| (x - mean).powi(2)).sum::<f64>();
        let sd = (square / before.len() as f64).sqrt();
        if is_odd(mean, sd, z, *x) {
            match episodes.last_mut() {
                Some(last) if at - last.1 <= HOUR => last.1 = *at,
                _ => episodes.push((*at, *at)),
            }
        }
    }
    episodes
}
