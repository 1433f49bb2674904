//! `citysense plot` on a replay's files, written by hand: the whole drawing, and what is wrong with wrong files.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use expect_test::expect_file;
use gateway::city;
use gateway::plot::{Plot, PlotError, plot};
use pipeline::rules::Value;

/// A city where water rises over two thresholds, is lost for a while, and falls; one alert never was.
fn replayed(dir: &Path) {
    let write = |name: &str, text: &str| fs::write(dir.join(name), text).unwrap();
    write(
        "city.toml",
        "[city]\nid = \"lee\"\ntime_zone = \"Asia/Kathmandu\"\n",
    );
    let ring = "[[85.3,27.7],[85.301,27.7],[85.301,27.701],[85.3,27.701],[85.3,27.7]]";
    write(
        "zones.geojson",
        &format!(
            "{{\"type\":\"FeatureCollection\",\"features\":[{{\"type\":\"Feature\",\"properties\":\
             {{\"id\":\"ghat\",\"name\":\"Ghat & steps\"}},\"geometry\":{{\"type\":\"Polygon\",\"coordinates\":[{ring}]}}}}]}}"
        ),
    );
    write(
        "nodes.csv",
        "node,zone,quantities\ngauge,ghat,water_level\n",
    );
    let rule = |id: &str, at: &str, severity: &str| {
        format!(
            "[[rule]]\nid = \"{id}\"\nkind = \"flood\"\nvalue = \"water_level\"\nraise_at = {at}\n\
             severity = \"{severity}\"\n\n"
        )
    };
    write(
        "rules.toml",
        &(rule("wet", "0.15", "moderate") + &rule("deep", "0.3", "extreme")),
    );
    let mut zones = "zone,quantity,pane_start,mean,min,max,count,heard,expected\n".to_owned();
    for minute in (0..60).filter(|minute| !(20..30).contains(minute)) {
        let level = 0.4 - f64::from((30 - minute) * (30 - minute)) / 2000.0;
        zones += &format!(
            "ghat,water_level,2026-05-01T18:{minute:02}:00.000Z,{level:.3},{:.3},{:.3},2,1,1\n",
            level - 0.02,
            level + 0.02
        );
    }
    zones += "elsewhere,water_level,2026-05-01T18:00:00.000Z,9,9,9,1,1,1\n";
    write("zones.csv", &zones);
    let alert = |id: &str, state: &str, rule: &str, severity: &str, times: &str| {
        format!(
            "{{\"id\":\"{id}\",\"state\":\"{state}\",\"rule\":\"{rule}\",\"zone\":\"ghat\",\
             \"severity\":\"{severity}\",{times}}}\n"
        )
    };
    let onset = |minute: u32| format!("\"onset\":\"2026-05-01T18:{minute:02}:00.000Z\"");
    let alerts = [
        alert("a", "raised", "wet", "moderate", &onset(8)),
        alert("b", "raised", "deep", "extreme", &onset(16)),
        alert("c", "raised", "deep", "extreme", &onset(1)),
        alert("c", "cancelled", "deep", "extreme", &onset(1)),
        alert(
            "b",
            "cleared",
            "deep",
            "extreme",
            &(onset(16) + ",\"end\":\"2026-05-01T18:45:00.000Z\""),
        ),
    ];
    write("alerts.ndjson", &alerts.concat());
}

fn drawn(dir: &Path, wanted: &Plot) -> Result<String, PlotError> {
    plot(&city::load(dir, None).unwrap(), dir, wanted)
}

fn worst() -> Plot {
    Plot {
        zone: None,
        values: Vec::new(),
        span: i64::MIN..i64::MAX,
        title: None,
        source: Some("invented < for this test >".to_owned()),
    }
}

/// `UPDATE_EXPECT=1` writes the drawing anew; then look at it.
#[test]
fn a_flood_is_drawn_with_thresholds_alerts_and_its_gap() {
    let dir = tempfile::tempdir().unwrap();
    replayed(dir.path());
    let svg = drawn(dir.path(), &worst()).unwrap();
    expect_file!["plot.svg"].assert_eq(&svg);
    // Half of the hour alone: fewer points, the same alerts.
    let half = Plot {
        span: 1_777_658_400_000..1_777_660_200_000,
        ..worst()
    };
    assert!(drawn(dir.path(), &half).unwrap().len() < svg.len());
}

#[test]
fn what_cannot_be_drawn_is_said() {
    let dir = tempfile::tempdir().unwrap();
    replayed(dir.path());
    let said = |wanted: Plot| drawn(dir.path(), &wanted).unwrap_err().to_string();
    let zone = Plot {
        zone: Some("gate".parse().unwrap()),
        ..worst()
    };
    assert_eq!(said(zone), "zones.geojson has no zone `gate`");
    let value = Plot {
        values: vec![Value::CrowdDensity],
        ..worst()
    };
    assert_eq!(
        said(value),
        "zone `ghat` has no figure of crowd_density in that time"
    );
    fs::write(dir.path().join("alerts.ndjson"), "").unwrap();
    assert_eq!(
        said(worst()),
        "there is no alert: say with --zone and --value what to draw"
    );
    fs::write(dir.path().join("alerts.ndjson"), "\n{}\n").unwrap();
    assert!(
        said(worst()).contains("alerts.ndjson:1: "),
        "{}",
        said(worst())
    );
    replayed(dir.path());
    fs::write(
        dir.path().join("zones.csv"),
        "zone\nghat,water_level,noon,\n",
    )
    .unwrap();
    assert!(said(worst()).contains("zones.csv:2: "), "{}", said(worst()));
}
