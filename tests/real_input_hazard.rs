//! Recorded hazards through the whole of `citysense replay`, against what is known of them.
//!
//! Goal: derived values say of real data what a slow answer says of it, fires are seen, perfume is none, a river's rise is
//! told before its depth, rain on slopes is judged as the US Geological Survey does.
//! Method: one replay a source; delays and counts are printed, and what must hold of them is asserted.

use std::collections::BTreeMap;

use pipeline::calendar::{DAY, HOUR, MINUTE, Millis, rfc3339};
use tests::real::hazards::{
    AIRPORTS, AIRS, BEGIN, BURNS, GAUGES, burn, gas_array, place_nodes, rain, rain_rows, river,
    rule, shaking, town,
};
use tests::real::replayed::{Outcome, moment, replay};
use tests::real::town::Row;

/// (zone, rule) → when each of its alerts was first told, by event time of the replay.
fn raised(outcome: &Outcome) -> BTreeMap<(String, String), Vec<Millis>> {
    let mut raised: BTreeMap<(String, String), Vec<Millis>> = BTreeMap::new();
    for revision in &outcome.revisions {
        let text = |field: &str| revision[field].as_str().unwrap_or_default().to_owned();
        if text("state") == "raised" {
            let key = (text("zone"), text("rule"));
            raised
                .entry(key)
                .or_default()
                .push(moment(&text("updated")));
        }
    }
    raised
}

fn at(zone: &str, rule: &str) -> (String, String) {
    (zone.to_owned(), rule.to_owned())
}

#[test]
fn burning_training_houses_are_seen_within_a_pane_of_their_ceilings_being_hot() {
    let rows: Vec<Row> = (0..BURNS.len()).flat_map(burn).collect();
    let zones: Vec<String> = BURNS.iter().map(|test| format!("burn{test}")).collect();
    let zones: Vec<&str> = zones.iter().map(String::as_str).collect();
    let rules = rule("fire", "fire", 1.0, 0.5, "statistic = \"max\"")
        + &rule("heat", "heat", 54.0, 50.0, "statistic = \"max\"")
        + &rule("co-alarm", "co_alarm", 1.0, 0.5, "");
    let mut town = town(&rules, &zones);
    place_nodes(&mut town, &rows);
    let outcome = replay(&town, &rows, 2);
    let raised = raised(&outcome);
    for (place, zone) in zones.iter().enumerate() {
        let begin = BEGIN + place as Millis * 2 * HOUR;
        let seconds = |rule: &str| {
            let told = raised.get(&at(zone, rule)).and_then(|told| told.first());
            told.map(|told| (told - begin) / 1000)
        };
        let (fire, heat) = (seconds("fire"), seconds("heat"));
        println!(
            "{zone}: fire {fire:?} s, 54 Cel {heat:?} s, carbon monoxide {:?} s",
            seconds("co-alarm")
        );
        let (fire, heat) = (fire.expect("a fire"), heat.expect("a hot ceiling"));
        // A pane of ten seconds and its two of grace; the rule on heat may speak while its pane is open.
        assert!(fire <= heat + 12, "{zone}");
    }
}

#[test]
fn smoke_alarms_and_perfume_does_not() {
    let rows = gas_array();
    let zones = AIRS.map(str::to_lowercase);
    let zones: Vec<&str> = zones.iter().map(String::as_str).collect();
    let mut town = town(
        &rule("fire", "fire", 1.0, 0.5, "statistic = \"max\""),
        &zones,
    );
    place_nodes(&mut town, &rows);
    let outcome = replay(&town, &rows, 2);
    let raised = raised(&outcome);
    for zone in &zones {
        let panes = outcome.panes.iter();
        let own = panes.filter(|((of, value, _), _)| of == zone && value == "fire");
        let scores: Vec<i64> = own.map(|(_, pane)| pane.mean).collect();
        let past = scores.iter().filter(|score| **score >= 1000).count();
        let alerts = raised.get(&at(zone, "fire")).map_or(0, Vec::len);
        println!(
            "{zone}: {alerts} alerts; {past} of {} panes past the line, greatest score {}",
            scores.len(),
            scores.iter().max().copied().unwrap_or(0),
        );
        match *zone {
            "smoke" => assert_eq!(past, scores.len()),
            "nogas" | "perfume" => assert_eq!((past, alerts), (0, 0)),
            _ => {}
        }
    }
}

#[test]
fn a_rivers_rise_is_told_before_its_depth() {
    let rows = river();
    let gap = "max_gap = \"2h\"";
    let rules = rule("rising", "water_rise", 0.05, 0.02, gap)
        + &rule("high", "water_level", 0.1, 0.08, gap);
    let mut town = town(&rules, &GAUGES.map(|(zone, _)| zone));
    place_nodes(&mut town, &rows);
    let outcome = replay(&town, &rows, 2);
    let raised = raised(&outcome);
    for (zone, _) in GAUGES {
        let told = |rule: &str| raised.get(&at(zone, rule)).cloned().unwrap_or_default();
        let (rising, high) = (told("rising"), told("high"));
        let flood = *high.first().expect("the flood of 12 September");
        let before = rising
            .iter()
            .rfind(|at| **at <= flood)
            .expect("a rise before it");
        let lead = (flood - before) / MINUTE;
        println!(
            "{zone}: {} rises; high at {}, {lead} min after its rise",
            rising.len(),
            rfc3339(flood)
        );
        assert!(rfc3339(flood).starts_with("2025-09-12"));
        assert!((15..12 * 60).contains(&lead), "{zone}: {lead} min");
    }
    // One gauge rises once in four weeks and has no other alert; the other stands below a weir that is worked.
    assert_eq!(raised[&at("todmorden", "rising")].len(), 1);
}

#[test]
fn rain_on_slopes_is_judged_as_by_the_survey() {
    for airport in AIRPORTS {
        let rows = rain_rows(airport);
        let rules = rule(
            "landslide",
            "rain_excess",
            0.0,
            -10.0,
            "max_gap = \"1d\"\nclear_for = \"6h\"",
        );
        let mut town = town(&rules, &[airport]);
        place_nodes(&mut town, &rows);
        let outcome = replay(&town, &rows, 2);
        let hours = rain(airport);
        let mut checked = 0;
        for (place, (now, _)) in hours.iter().enumerate() {
            // Slow and plain: the last 72 hours, and the 360 before them.
            let sum = |from: Millis, to: Millis| {
                let before = hours[..=place].iter().rev().take(18 * 24 + 2);
                let inside = before.filter(|(at, _)| from <= *at && *at < to);
                inside
                    .map(|(_, mm)| (mm * 1000.0).round() as i64)
                    .sum::<i64>()
            };
            let recent_from = now - 71 * HOUR;
            let recent = sum(recent_from, now + 1);
            let antecedent = sum(recent_from - 15 * DAY, recent_from);
            let expected = recent as f64 - (88_900.0 - 0.67 * antecedent as f64);
            let key = (airport.to_owned(), "rain_excess".to_owned(), *now);
            let Some(pane) = outcome.panes.get(&key) else {
                panic!("{airport}: no figure at {}", rfc3339(*now));
            };
            assert!(
                (pane.mean as f64 - expected).abs() <= 0.51,
                "{airport} at {}: {} against {expected}",
                rfc3339(*now),
                pane.mean
            );
            checked += 1;
        }
        assert!(checked > 12_000, "{airport}: only {checked} hours");
        let raised = raised(&outcome);
        let told = raised
            .get(&at(airport, "landslide"))
            .cloned()
            .unwrap_or_default();
        let days: Vec<String> = told
            .iter()
            .map(|at| rfc3339(*at)[..10].to_owned())
            .collect();
        println!("{airport}: {checked} hours, threshold passed on {days:?}");
        assert!(!days.is_empty(), "{airport}");
    }
}

#[test]
fn an_earthquakes_peak_is_the_published_one() {
    let (rows, published) = shaking();
    let mut town = town(
        &rule("shaking", "peak_acceleration", 0.03, 0.01, ""),
        &["ground"],
    );
    place_nodes(&mut town, &rows);
    let outcome = replay(&town, &rows, 2);
    let panes = outcome.panes.iter();
    let peaks = panes.filter(|((_, value, _), _)| value == "peak_acceleration");
    let peak = peaks.map(|(_, pane)| pane.mean).max().expect("a peak");
    println!("peak {peak} mm/s2, published {published} gal");
    // The record's own mean is its zero line; as it comes in, only the part so far is known.
    assert!((peak as f64 - published * 10.0).abs() <= 2.0);
    assert_eq!(raised(&outcome).len(), 1);
}
