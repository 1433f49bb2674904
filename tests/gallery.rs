//! The README's gallery, run as it is written there: `citysense import`, `replay` and `plot` of a recorded public set
//! for each domain.
//!
//! Goal: every example runs, accounts for every row, finds what the gallery says, and draws the figure that is shown.
//! Method: the program itself, on recorded data beside the repository. `UPDATE_EXPECT=1` writes figures and findings
//! anew; then they are to be looked at.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use expect_test::{Expect, expect, expect_file};
use serde_json::Value as Json;
use tests::real::shared;

/// One figure of the gallery.
struct Example {
    set: &'static str,
    /// Of the recorded data.
    folder: &'static str,
    /// More of `import`'s arguments.
    span: &'static [&'static str],
    /// Zone and values of the plot.
    plot: &'static [&'static str],
    title: &'static str,
}

#[test]
fn air() {
    let example = Example {
        set: "beijing-prsa",
        folder: "data/aq_beijing_prsa",
        span: &[
            "--since",
            "2015-11-20T00:00:00+08:00",
            "--until",
            "2015-12-05T00:00:00+08:00",
        ],
        plot: &[
            "--zone",
            "dongsi",
            "--value",
            "air_index:us-epa-2024",
            "pm2_5",
        ],
        title: "Two weeks of smog in Beijing, Dongsi",
    };
    expect_file!["../dashboards/gallery/air.svg"].assert_eq(&example.run(expect![[r#"
        15599 rows, 0 refused
        air-hazardous: 10 in 4 zones, 346 to 1192
        air-unhealthy: 27 in 4 zones, 152 to 1192
        air-very-unhealthy: 10 in 4 zones, 208 to 1192
    "#]]));
}

#[test]
fn crowd() {
    let example = Example {
        set: "juelich",
        folder: "data/crowd_juelich_reference",
        span: &[],
        plot: &["--value", "crowd_density", "crowd_level", "walking_speed"],
        title: "348 people through a bottleneck of three metres",
    };
    expect_file!["../dashboards/gallery/crowd.svg"].assert_eq(&example.run(expect![[r#"
        5643 rows, 0 refused
        crowd-danger: 1 in 1 zones, 4.139 to 4.139
        crowd-dense: 1 in 1 zones, 4.139 to 4.139
    "#]]));
}

#[test]
fn traffic() {
    let example = Example {
        set: "metr-la",
        folder: "data/traffic_metr_la_week",
        span: &[
            "--since",
            "2012-03-01T00:00:00-08:00",
            "--until",
            "2012-03-02T00:00:00-08:00",
        ],
        plot: &["--zone", "716339", "--value", "vehicle_speed"],
        title: "A Thursday at a loop detector in Los Angeles",
    };
    expect_file!["../dashboards/gallery/traffic.svg"].assert_eq(&example.run(expect![[r#"
        59616 rows, 0 refused
        congested: 255 in 150 zones, 3.219 to 53.108
        standstill: 104 in 87 zones, 3.219 to 23.335
    "#]]));
}

#[test]
fn fire() {
    let example = Example {
        set: "nist-smoke-alarms",
        folder: "data/hazard_fire_nist_alarms",
        span: &[],
        plot: &["--zone", "sdc02-a", "--value", "fire", "smoke", "heat"],
        title: "A house on fire, room A of NIST's test SDC02",
    };
    expect_file!["../dashboards/gallery/fire.svg"].assert_eq(&example.run(expect![[r#"
        5152 rows, 0 refused
        co: 7 in 2 zones, 310.034 to 1751.669
        fire: 20 in 18 zones, 1.339 to 74.266
        heat: 13 in 13 zones, 54.8 to 519
        heat-rise: 20 in 18 zones, 11.4 to 483
        smoke: 20 in 17 zones, 20.182 to 99.935
        smoke-early: 19 in 17 zones, 10.649 to 99.935
    "#]]));
}

#[test]
fn river() {
    let example = Example {
        set: "calder",
        folder: "data/hazard_river_calder",
        span: &[],
        plot: &[
            "--zone",
            "hebden-bridge",
            "--value",
            "water_level",
            "water_rise",
        ],
        title: "The Calder at Hebden Bridge, August and September 2025",
    };
    expect_file!["../dashboards/gallery/river.svg"].assert_eq(&example.run(expect![[r#"
        10985 rows, 0 refused
        river-high: 2 in 2 zones, 0.15 to 0.281
        river-rising: 7 in 1 zones, 0.102 to 0.178
    "#]]));
}

#[test]
fn earthquake() {
    let example = Example {
        set: "cosmos",
        folder: "data/hazard_earthquake",
        span: &[],
        plot: &["--value", "peak_acceleration"],
        title: "The Ridgecrest earthquake at China Lake",
    };
    expect_file!["../dashboards/gallery/earthquake.svg"].assert_eq(&example.run(expect![[r#"
        96202 rows, 0 refused
        shaking: 2 in 1 zones, 0.575 to 5.009
        shaking-strong: 1 in 1 zones, 5.009 to 5.009
    "#]]));
}

/// A figure is looked at by people who scroll past: it must not weigh more than a photograph's thumbnail.
const FIGURE_BYTES_MAX: usize = 40 * 1024;

impl Example {
    /// Runs the example, compares what it found, and returns its figure.
    fn run(&self, finding: Expect) -> String {
        let dir = tempfile::tempdir().unwrap();
        let place = |name: &str| dir.path().join(name).display().to_string();
        let (city, readings, out) = (place("city"), place("city/readings.csv"), place("out"));
        let from = shared(self.folder).display().to_string();
        let import = ["import", self.set, "--from", &from, "--out", &city];
        let imported = citysense(&[&import[..], self.span].concat());
        citysense(&["check", "--city", &city]);
        citysense(&[
            "replay",
            "--city",
            &city,
            "--readings",
            &readings,
            "--out",
            &out,
        ]);
        let svg = place("figure.svg");
        let plot = [
            "plot", "--city", &city, "--from", &out, "--title", self.title, "--out", &svg,
        ];
        citysense(&[&plot[..], self.plot].concat());

        balanced(&imported, &dir.path().join("out"));
        finding.assert_eq(&found(&dir.path().join("out")));
        let figure = fs::read_to_string(svg).unwrap();
        assert!(figure.len() <= FIGURE_BYTES_MAX, "{} bytes", figure.len());
        roxmltree::Document::parse(&figure).unwrap();
        figure
    }
}

/// What was imported was replayed, and every row of it is in the ledger once.
fn balanced(imported: &str, out: &Path) {
    let ledger: Json =
        serde_json::from_str(&fs::read_to_string(out.join("ledger.json")).unwrap()).unwrap();
    let count = |name: &str| ledger[name].as_u64().unwrap();
    let refused = ledger["refused"].as_object().unwrap();
    let refused: u64 = refused.values().map(|count| count.as_u64().unwrap()).sum();
    assert_eq!(
        count("rows"),
        count("admitted") + count("duplicates") + refused,
        "{ledger}"
    );
    let readings = format!(" {} readings,", count("rows"));
    assert!(imported.contains(&readings), "{imported}{ledger}");
}

/// Rows, and alerts by rule: `rule: how many, in how many zones, peak`; cancelled ones are left out.
fn found(out: &Path) -> String {
    let ledger: Json =
        serde_json::from_str(&fs::read_to_string(out.join("ledger.json")).unwrap()).unwrap();
    let mut last: BTreeMap<String, Json> = BTreeMap::new();
    for line in fs::read_to_string(out.join("alerts.ndjson"))
        .unwrap()
        .lines()
    {
        let revision: Json = serde_json::from_str(line).unwrap();
        last.insert(revision["id"].to_string(), revision);
    }
    let mut rules: BTreeMap<String, (usize, Vec<String>, Vec<f64>)> = BTreeMap::new();
    for alert in last.values().filter(|alert| alert["state"] != "cancelled") {
        let (alerts, zones, peaks) = rules
            .entry(alert["rule"].as_str().unwrap().to_owned())
            .or_default();
        *alerts += 1;
        zones.push(alert["zone"].to_string());
        peaks.extend(alert["value"].as_f64());
    }
    let mut text = format!(
        "{} rows, {} refused\n",
        ledger["rows"], ledger["refused"]["implausible"]
    );
    for (rule, (alerts, mut zones, peaks)) in rules {
        zones.sort();
        zones.dedup();
        let least = peaks.iter().copied().fold(f64::INFINITY, f64::min);
        let most = peaks.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        text += &format!(
            "{rule}: {alerts} in {} zones, {least} to {most}\n",
            zones.len()
        );
    }
    text
}

/// What the program printed; it must have gone well.
fn citysense(args: &[&str]) -> String {
    let output = Command::new(program()).args(args).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "citysense {args:?}: {said}{complained}"
    );
    said
}

/// The program that was built with this test.
fn program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let folder = test.parent().and_then(Path::parent).unwrap();
    let program = folder.join("citysense");
    assert!(
        program.is_file(),
        "{} is missing: build with -p gateway or --workspace",
        program.display()
    );
    program
}
