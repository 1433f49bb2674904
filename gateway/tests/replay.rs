//! `citysense replay` on files as people have them: out of order, in foreign units, zipped, with rows that
//! make no sense. Every row is accounted for and the outputs are the same for any number of workers.
#![allow(clippy::unwrap_used)]

use std::io::Write;
use std::path::Path;

use expect_test::{Expect, expect};
use gateway::city::{LoadedCity, Sources};
use gateway::readings::Ledger;
use gateway::readings::Place;
use gateway::replay::{self, Books, Recording, Replay};

const ZONES: &str = r#"{ "type": "FeatureCollection", "features": [
{ "type": "Feature", "properties": { "id": "square", "area_m2": 10 },
  "geometry": { "type": "Polygon", "coordinates": [[[0, 0], [0.001, 0], [0.001, 0.001], [0, 0.001], [0, 0]]] } },
{ "type": "Feature", "properties": { "id": "quay" },
  "geometry": { "type": "Polygon", "coordinates": [[[1, 0], [1.001, 0], [1.001, 0.001], [1, 0.001], [1, 0]]] } }
] }"#;

const RULES: &str = r#"
[[rule]]
id = "crowd-danger"
kind = "crowd"
value = "crowd_density"
raise_at = 4.0
clear_at = 3.5
severity = "severe"
"#;

fn city() -> LoadedCity {
    let sources = Sources {
        city_toml: "[horizon]\ndefault = \"10m\"\nair = \"2h\"".to_owned(),
        zones_geojson: ZONES.to_owned(),
        nodes_csv: "node,zone,quantities\ncam,square,person_count\nair,quay,pm2_5 o3 temperature\n"
            .to_owned(),
        rules_toml: Some(RULES.to_owned()),
        ..Sources::default()
    };
    LoadedCity::from_sources(&sources, None).unwrap()
}

/// Replays files with the given contents and returns the output directory with the summary.
fn replay(files: &[&[u8]], workers: usize, floor: u32) -> (tempfile::TempDir, Ledger) {
    let dir = tempfile::tempdir().unwrap();
    let mut readings = Vec::new();
    for (at, bytes) in files.iter().enumerate() {
        let path = dir.path().join(format!("{at}.csv"));
        std::fs::write(&path, bytes).unwrap();
        readings.push(Place::named(&path));
    }
    let replay = Replay {
        recording: Recording::Readings(readings),
        out: dir.path().join("out"),
        workers,
        privacy_floor: floor,
    };
    let summary = replay::run(&replay, &city(), |_| {}).unwrap();
    let Books::Rows(ledger) = summary.books else {
        panic!("readings have rows")
    };
    assert!(ledger.is_balanced());
    (dir, ledger)
}

fn read(dir: &Path, name: &str) -> String {
    std::fs::read_to_string(dir.join("out").join(name)).unwrap()
}

fn check(files: &[&str], name: &str, expected: Expect) {
    let files: Vec<&[u8]> = files.iter().map(|text| text.as_bytes()).collect();
    let (dir, _) = replay(&files, 1, 0);
    expected.assert_eq(&read(dir.path(), name));
}

#[test]
fn units_formats_and_orders_of_files_come_to_the_same_figures() {
    let plain = "\
time,node,quantity,value
2026-11-22T00:00:00Z,air,pm2_5,10
2026-11-22T00:00:20Z,air,pm2_5,20
2026-11-22T00:01:00Z,air,o3,105.939
2026-11-22T00:02:00Z,air,temperature,20
";
    let expected = expect![[r#"
        zone,quantity,pane_start,mean,min,max,count,heard,expected
        quay,o3,2026-11-22T00:01:00.000Z,105.939,105.939,105.939,1,1,1
        quay,pm2_5,2026-11-22T00:00:00.000Z,15,10,20,2,1,1
        quay,temperature,2026-11-22T00:02:00.000Z,20,20,20,1,1,1
    "#]];
    check(&[plain], "zones.csv", expected);

    let strange = "\
node,value,unit,quantity,time\r
air, 0.02 ,mg/m3,pm2_5,1795305620000\r
\"air\",\"10\",,pm2_5,2026-11-22 08:00:00.0+08:00\r
air,68,[degF],temperature,2026-11-21T19:02:00-05:00\r
";
    let zipped = {
        let mut zip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        zip.write_all(b"time,node,quantity,value,unit\n1795305660000,air,o3,54,[ppb]")
            .unwrap();
        zip.finish().unwrap()
    };
    let (one, _) = replay(&[plain.as_bytes()], 1, 0);
    let (other, _) = replay(&[strange.as_bytes(), &zipped], 2, 0);
    assert_eq!(
        read(one.path(), "zones.csv"),
        read(other.path(), "zones.csv")
    );
}

#[test]
fn bad_rows_are_counted_shown_and_never_fatal() {
    let (dir, ledger) = replay(
        &[b"\
time,node,quantity,value,unit
2026-11-22T00:00:00Z,air,pm2_5,10,
2026-11-22T00:00:00Z,air,pm2_5,11,
2026-11-22T00:00:10Z,air,pm2_5,,
2026-11-22T00:00:20,air,pm2_5,10,
2026-11-22T00:00:30Z,ghost,pm2_5,10,

2026-11-22T00:00:40Z,air,pm25,10,
2026-11-22T00:00:50Z,air,pm2_5,10,furlong
2026-11-22T00:01:00Z,air,pm2_5,99999,
2026-11-22T00:01:10Z,air,pm2_5
2026-11-22T00:01:20Z,air,\"pm2_5,10,
\xff\xfe,air,pm2_5,10,
2026-11-22T00:01:30Z,air,pm2_5,12,ug/m3
"],
        1,
        0,
    );
    let shown = ledger
        .shown
        .join("\n")
        .replace(&dir.path().display().to_string(), "DIR");
    expect![[r#"
        DIR/0.csv:4: the value is not a decimal number
        DIR/0.csv:5: time has no offset: end it with Z or +08:00
        DIR/0.csv:6: nodes.csv has no such node
        DIR/0.csv:8: no quantity has this name
        DIR/0.csv:9: the unit does not measure this quantity
        DIR/0.csv:10: no working sensor says this value
        DIR/0.csv:11: the row has not the columns of the header
        DIR/0.csv:12: the row has not the columns of the header
        DIR/0.csv:13: time is neither like 2026-11-22T01:30:00Z nor integer milliseconds"#]]
    .assert_eq(&shown);
    expect![[r#"
        {
          "rows": 12,
          "admitted": 2,
          "late": 0,
          "too_late": 0,
          "duplicates": 1,
          "refused": {
            "columns": 2,
            "time": 2,
            "unknown_node": 1,
            "unknown_quantity": 1,
            "value": 1,
            "unit": 1,
            "implausible": 1
          },
          "written": {
            "alerts": 0,
            "revisions": 0,
            "zone_values": 2,
            "air_rows": 0,
            "air_day_rows": 0
          }
        }
    "#]]
    .assert_eq(&read(dir.path(), "ledger.json"));
    expect![[r##"
        # HELP citysense_readings_total Readings admitted.
        # TYPE citysense_readings_total counter
        citysense_readings_total 2
        # HELP citysense_readings_late_total Readings that corrected a judged pane.
        # TYPE citysense_readings_late_total counter
        citysense_readings_late_total 0
        # HELP citysense_readings_too_late_total Readings of sealed-off panes.
        # TYPE citysense_readings_too_late_total counter
        citysense_readings_too_late_total 0
        # HELP citysense_readings_duplicate_total Repeated readings.
        # TYPE citysense_readings_duplicate_total counter
        citysense_readings_duplicate_total 1
        # HELP citysense_refusals_total Rows or readings not admitted.
        # TYPE citysense_refusals_total counter
        citysense_refusals_total{reason="columns"} 2
        citysense_refusals_total{reason="time"} 2
        citysense_refusals_total{reason="unknown_node"} 1
        citysense_refusals_total{reason="unknown_quantity"} 1
        citysense_refusals_total{reason="value"} 1
        citysense_refusals_total{reason="unit"} 1
        citysense_refusals_total{reason="implausible"} 1
        # HELP citysense_alerts Alerts by their last state.
        # TYPE citysense_alerts gauge
        # HELP citysense_time_to_danger_false_alarms_total Warnings of a dangerous density within 15 minutes that did not come true by their upper bound
        # TYPE citysense_time_to_danger_false_alarms_total counter
        citysense_time_to_danger_false_alarms_total 0
        # HELP citysense_time_to_danger_hits_total Dangerous densities that were warned of
        # TYPE citysense_time_to_danger_hits_total counter
        citysense_time_to_danger_hits_total 0
        # HELP citysense_time_to_danger_misses_total Dangerous densities that nobody was warned of
        # TYPE citysense_time_to_danger_misses_total counter
        citysense_time_to_danger_misses_total 0
    "##]]
    .assert_eq(&read(dir.path(), "metrics.prom"));
}

#[test]
fn rows_with_an_arrival_correct_what_was_said_before() {
    let rows = "\
time,node,quantity,value,received
2026-11-22T00:00:00Z,cam,person_count,50,2026-11-22T00:00:01Z
2026-11-22T00:00:10Z,cam,person_count,60,2026-11-22T00:00:11Z
2026-11-22T00:00:20Z,cam,person_count,10,2026-11-22T00:00:21Z
2026-11-22T00:00:05Z,cam,person_count,6,2026-11-22T00:01:00Z
2026-11-22T00:00:05Z,cam,person_count,99,2026-11-22T00:01:01Z
2026-11-22T00:01:00Z,cam,person_count,0,2026-11-22T00:30:00Z
2026-11-22T00:30:00Z,cam,person_count,0,
2026-11-22T00:01:30Z,cam,person_count,70,2026-11-22T00:20:00Z
";
    let (dir, ledger) = replay(&[rows.as_bytes()], 1, 0);
    assert_eq!((ledger.rows, ledger.admitted, ledger.duplicates), (8, 7, 1));
    assert_eq!((ledger.late, ledger.too_late), (1, 2));
    expect![[r#"
        zone,quantity,pane_start,mean,min,max,count,heard,expected
        square,crowd_count,2026-11-22T00:00:00.000Z,28,25.2,30.8,2,1,1
        square,crowd_count,2026-11-22T00:00:10.000Z,60,54,66,1,1,1
        square,crowd_count,2026-11-22T00:00:20.000Z,10,9,11,1,1,1
        square,crowd_count,2026-11-22T00:30:00.000Z,0,0,0,1,1,1
        square,crowd_density,2026-11-22T00:00:00.000Z,2.8,2.52,3.08,2,1,1
        square,crowd_density,2026-11-22T00:00:10.000Z,6,5.4,6.6,1,1,1
        square,crowd_density,2026-11-22T00:00:20.000Z,1,0.9,1.1,1,1,1
        square,crowd_density,2026-11-22T00:30:00.000Z,0,0,0,1,1,1
        square,crowd_level,2026-11-22T00:00:00.000Z,6,6,6,2,1,1
        square,crowd_level,2026-11-22T00:00:10.000Z,6,6,6,1,1,1
        square,crowd_level,2026-11-22T00:00:20.000Z,4,4,5,1,1,1
        square,crowd_level,2026-11-22T00:30:00.000Z,1,1,1,1,1,1
        square,person_count,2026-11-22T00:00:00.000Z,28,6,50,2,1,1
        square,person_count,2026-11-22T00:00:10.000Z,60,60,60,1,1,1
        square,person_count,2026-11-22T00:00:20.000Z,10,10,10,1,1,1
        square,person_count,2026-11-22T00:30:00.000Z,0,0,0,1,1,1
    "#]]
    .assert_eq(&read(dir.path(), "zones.csv"));
    expect![[r#"
        {"id":"86f22da8ad2da8db2ea1ac04c45f790f","revision":1,"state":"raised","reason":"threshold","rule":"crowd-danger","rule_version":1,"kind":"crowd","zone":"square","zone_name":"square","severity":"severe","value":5.0,"unit":"{person}/m2","threshold":4.0,"onset":"2026-11-22T00:00:00.000Z","updated":"2026-11-22T00:00:12.000Z","window":{"start":"2026-11-22T00:00:00.000Z","end":"2026-11-22T00:00:10.000Z"},"completeness":{"heard":1,"expected":1},"provisional":false,"status":"actual"}
        {"id":"86f22da8ad2da8db2ea1ac04c45f790f","revision":2,"state":"updated","reason":"threshold","rule":"crowd-danger","rule_version":1,"kind":"crowd","zone":"square","zone_name":"square","severity":"severe","value":6.0,"unit":"{person}/m2","threshold":4.0,"onset":"2026-11-22T00:00:00.000Z","updated":"2026-11-22T00:00:22.000Z","window":{"start":"2026-11-22T00:00:10.000Z","end":"2026-11-22T00:00:20.000Z"},"completeness":{"heard":1,"expected":1},"provisional":false,"status":"actual"}
        {"id":"86f22da8ad2da8db2ea1ac04c45f790f","revision":3,"state":"cleared","reason":"back_to_normal","rule":"crowd-danger","rule_version":1,"kind":"crowd","zone":"square","zone_name":"square","severity":"severe","value":6.0,"unit":"{person}/m2","threshold":4.0,"onset":"2026-11-22T00:00:00.000Z","updated":"2026-11-22T00:00:32.000Z","end":"2026-11-22T00:00:20.000Z","window":{"start":"2026-11-22T00:00:20.000Z","end":"2026-11-22T00:00:30.000Z"},"completeness":{"heard":1,"expected":1},"provisional":false,"status":"actual"}
        {"id":"86f22da8ad2da8db2ea1ac04c45f790f","revision":4,"state":"cleared","reason":"correction","rule":"crowd-danger","rule_version":1,"kind":"crowd","zone":"square","zone_name":"square","severity":"severe","value":6.0,"unit":"{person}/m2","threshold":4.0,"onset":"2026-11-22T00:00:10.000Z","updated":"2026-11-22T00:01:00.000Z","end":"2026-11-22T00:00:20.000Z","window":{"start":"2026-11-22T00:00:20.000Z","end":"2026-11-22T00:00:30.000Z"},"completeness":{"heard":1,"expected":1},"provisional":false,"status":"actual"}
    "#]].assert_eq(&read(dir.path(), "alerts.ndjson"));
}

#[test]
fn few_people_are_a_range_unless_somebody_asks() {
    let rows = b"time,node,quantity,value\n0,cam,person_count,3\n10000,cam,person_count,45\n20000,cam,person_count,0\n";
    let (dir, _) = replay(&[rows], 1, 5);
    expect![[r#"
        zone,quantity,pane_start,mean,min,max,count,heard,expected
        square,crowd_count,1970-01-01T00:00:00.000Z,<5,<5,<5,1,1,1
        square,crowd_count,1970-01-01T00:00:10.000Z,45,40.5,49.5,1,1,1
        square,crowd_count,1970-01-01T00:00:20.000Z,0,0,0,1,1,1
        square,crowd_density,1970-01-01T00:00:00.000Z,<0.5,<0.5,<0.5,1,1,1
        square,crowd_density,1970-01-01T00:00:10.000Z,4.5,4.05,4.95,1,1,1
        square,crowd_density,1970-01-01T00:00:20.000Z,0,0,0,1,1,1
        square,crowd_level,1970-01-01T00:00:00.000Z,<4,<4,<4,1,1,1
        square,crowd_level,1970-01-01T00:00:10.000Z,6,6,6,1,1,1
        square,crowd_level,1970-01-01T00:00:20.000Z,<4,<4,<4,1,1,1
        square,person_count,1970-01-01T00:00:00.000Z,<5,<5,<5,1,1,1
        square,person_count,1970-01-01T00:00:10.000Z,45,45,45,1,1,1
        square,person_count,1970-01-01T00:00:20.000Z,0,0,0,1,1,1
    "#]]
    .assert_eq(&read(dir.path(), "zones.csv"));
}

#[test]
fn any_number_of_workers_writes_the_same_bytes() {
    let mut rows = "time,node,quantity,value,received\n".to_owned();
    let mut noise = 7_u64;
    for step in 0..3_000_i64 {
        noise = noise
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let (delay, value) = ((noise >> 33) % 90_000, (noise >> 40) % 60);
        let received = 1_795_305_600_000 + step * 5_000;
        let time = received - delay as i64;
        let (node, quantity) = if step % 3 == 0 {
            ("air", "pm2_5")
        } else {
            ("cam", "person_count")
        };
        rows += &format!("{time},{node},{quantity},{value},{received}\n");
    }
    let (one, _) = replay(&[rows.as_bytes()], 1, 0);
    for workers in [2, 4] {
        let (many, _) = replay(&[rows.as_bytes()], workers, 0);
        for name in [
            "alerts.ndjson",
            "zones.csv",
            "air.csv",
            "ledger.json",
            "metrics.prom",
        ] {
            assert_eq!(
                read(one.path(), name),
                read(many.path(), name),
                "{name} with {workers}"
            );
        }
    }
    assert!(read(one.path(), "alerts.ndjson").lines().count() > 100);
}

#[test]
fn files_that_are_no_readings_are_refused_before_anything_is_written() {
    let try_files = |files: &[&[u8]]| {
        let dir = tempfile::tempdir().unwrap();
        let paths: Vec<_> = (0..files.len())
            .map(|at| dir.path().join(format!("{at}.csv")))
            .collect();
        for (path, text) in paths.iter().zip(files) {
            std::fs::write(path, text).unwrap();
        }
        let out = dir.path().join("out");
        let replay = Replay {
            recording: Recording::Readings(paths.iter().map(|path| Place::named(path)).collect()),
            out: out.clone(),
            workers: 1,
            privacy_floor: 0,
        };
        let error = replay::run(&replay, &city(), |_| {}).unwrap_err();
        assert!(!out.exists());
        error
            .to_string()
            .replace(&dir.path().display().to_string(), "DIR")
    };
    let good = b"time,node,quantity,value\n";
    let errors = [
        try_files(&[good, b"zeit,node,quantity,value\n"]),
        try_files(&[good, b"time,node,quantity\n"]),
        try_files(&[b"time,node,quantity,value,recieved\n"]),
        try_files(&[b"time,node,time,quantity,value\n"]),
        try_files(&[b""]),
        try_files(&[good, b"time,node,quantity,value,received\n"]),
        try_files(&[b"\x1f\x8b\x08"]),
    ];
    expect![[r#"
        DIR/1.csv: unknown column `zeit` (did you mean `unit`?); readings have time,node,quantity,value and may have unit and received
        DIR/1.csv: the header lacks the column `value`; readings have time,node,quantity,value and may have unit and received
        DIR/0.csv: unknown column `recieved` (did you mean `received`?); readings have time,node,quantity,value and may have unit and received
        DIR/0.csv: column `time` is there twice; readings have time,node,quantity,value and may have unit and received
        DIR/0.csv: the file has no header; readings have time,node,quantity,value and may have unit and received
        DIR/1.csv: either all files have the column `received` or none: rows cannot be ordered by arrival and by time at once
        DIR/0.csv: unexpected end of file"#]].assert_eq(&errors.join("\n"));
}
