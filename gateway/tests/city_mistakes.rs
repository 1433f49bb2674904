//! A city directory is checked as a whole: all mistakes at once, each with its file, its line and what was
//! probably meant.
#![allow(clippy::unwrap_used)]

use expect_test::{Expect, expect};
use gateway::city::{LoadedCity, Sources};

fn check_errors(sources: &Sources, expected: Expect) {
    let bad = LoadedCity::from_sources(sources, None).map(|city| city.city);
    expected.assert_eq(&bad.unwrap_err().to_string());
}

#[test]
fn every_mistake_is_said_at_once() {
    let sources = Sources {
        city_toml: r#"
[city]
id = "har bour"
timezone = "Asia/Shanghai"
time_zone = "Asia/Shangai"

[air]
standards = ["us-epa-2014"]

[panes]
pm25 = "60s"
no2 = "7m"
person_count = "30s"

[horizon]
default = "1 fortnight"
hazards = "1h"

[silence]
after = 600

[broker]
bind = "0.0.0.0:1883"

[[crowd.anchor]]
zone = "sqare"
at = "25:00"
count = -1

[htpp]
bind = "127.0.0.1:8080"
"#
        .to_owned(),
        zones_geojson: r#"{ "type": "FeatureCollection", "features": [
{ "type": "Feature", "properties": { "id": "square" },
  "geometry": { "type": "Polygon", "coordinates": [[[0, 0], [0.001, 0], [0.001, 0.001], [0, 0.001], [0, 0]]] } },
{ "type": "Feature", "properties": { "id": "square" },
  "geometry": { "type": "Polygon", "coordinates": [[[5, 0], [5.001, 0], [5.001, 0.001], [5, 0.001], [5, 0]]] } },
{ "type": "Feature", "properties": { "id": "half" },
  "geometry": { "type": "Polygon", "coordinates": [[[0.0005, 0], [0.001, 0], [0.001, 0.001], [0.0005, 0.001], [0.0005, 0]]] } },
{ "type": "Feature", "properties": { "id": "bowtie" },
  "geometry": { "type": "Polygon", "coordinates": [[[2, 0], [2.001, 0.001], [2.001, 0], [2, 0.001], [2, 0]]] } },
{ "type": "Feature", "properties": { "id": "open" },
  "geometry": { "type": "Polygon", "coordinates": [[[3, 0], [3.001, 0], [3.001, 0.001], [3, 0.001]]] } },
{ "type": "Feature", "properties": { "id": "triangle" },
  "geometry": { "type": "Polygon", "coordinates": [[[3, 0], [3.001, 0], [3, 0]]] } },
{ "type": "Feature", "properties": { "id": "swapped" },
  "geometry": { "type": "Polygon", "coordinates": [[[39, 116], [39, 116.1], [39.1, 116], [39, 116]]] } },
{ "type": "Feature", "properties": { "id": "spot" }, "geometry": { "type": "Point", "coordinates": [0, 0] } },
{ "type": "Feature", "properties": { "name": "nameless" }, "geometry": null },
{ "type": "Feature", "properties": { "id": "flat", "area_m2": "large",
    "danger_density": 40, "crowd_levels": "fruin" },
  "geometry": { "type": "Polygon", "coordinates": [[[7, 0], [7.001, 0], [7.001, 0.001], [7, 0.001], [7, 0]]] } }
] }"#
            .to_owned(),
        nodes_csv: "\
node,lon,lat,zones,zone,quantities,weight,period
ok,,,square,pm2_5,,,

bad id,,,,,,,
ok,,,,,,,
far,200,0,,,,,
lost,,,,sqare,pm25 o3,0,often
short,,
"
        .to_owned(),
        gates_csv: Some(
            "node,from_zone,to_zone,width_m\nok,square,square,0\nghost,,square,\nok,,nowhere,\n".to_owned(),
        ),
        rules_toml: Some(
            r#"
[[rule]]
id = "a"
kind = "crowd"
value = "crowd-density"
raise_at = "high"
severity = "bad"

[[rule]]
id = "a"
kind = "gas/leak"
value = "ch4"
statistic = "median"
zones = ["kind:quay", "square"]
raise_at = 120
clear_at = 130
direction = "up"
fore = "30s"
severity = "extreme"

[[rule]]
id = "c"
kind = "air"
value = "air_index:cn-hj633-2026"
zones = ["squares"]
clear_at = 3
severity = "minor"

[[rules]]
"#
            .to_owned(),
        ),
        ..Sources::default()
    };
    check_errors(
        &sources,
        expect![[r#"
            54 errors in the city directory
              city.toml:3: id: id has a character outside A-Z a-z 0-9 _ - at position 4: `har bour`
              city.toml:4: unknown key `timezone` in [city] (did you mean `time_zone`?)
              city.toml:5: time_zone: no time zone has the name `Asia/Shangai`; an IANA name such as "Europe/Berlin" is expected
              city.toml:8: standards: no air index has the name `us-epa-2014` (did you mean `us-epa-2012`?); known: us-epa-2024, cn-hj633-2026, us-epa-2012, cn-hj633-2012, eaqi-2025
              city.toml:10: [panes] person_count, persons_in and persons_out must have panes of one width, because heads are counted from all three
              city.toml:11: no quantity has the name `pm25` (did you mean `pm2_5`?)
              city.toml:12: no2: a pane must be a whole part of 15m (and at least 1s) or a multiple of 15m up to 1d
              city.toml:16: default: a duration such as "30s", "10m", "26h" or "7d" is expected, not `1 fortnight`
              city.toml:17: `hazards` is neither a quantity nor a group (did you mean `hazard`?)
              city.toml:20: after: a text in quotes is expected, not integer
              city.toml:22: [broker] bind = "0.0.0.0:1883" lets anybody in the network connect and hear everything; say access = "city", or name a password file (passwords, and acl), or bind to 127.0.0.1
              city.toml:27: at: a local time such as "04:00" is expected, not `25:00`
              city.toml:28: count: a whole number from 0 to 1000000 is expected
              city.toml:30: unknown key `htpp` (did you mean `http`?)
              gates.csv:2: a gate leads from one zone to another; leave one empty for the world outside
              gates.csv:2: width_m must be a number from 0.3 to 100, not `0`
              gates.csv:3: nodes.csv has no node `ghost` (did you mean `lost`?)
              gates.csv:4: gate `ok` is there twice; first in line 2
              gates.csv:4: zones.geojson has no zone `nowhere`
              nodes.csv:1: unknown column `zones` (did you mean `zone`?); known columns: node,lon,lat,zone,quantities,weight,period,owner,sample,generation,correction
              nodes.csv:2: zones.geojson has no zone `pm2_5`
              nodes.csv:4: node `bad id`: id has a character outside A-Z a-z 0-9 _ - at position 4
              nodes.csv:5: node `ok` is there twice; first in line 2
              nodes.csv:6: `200,0` is no longitude and latitude in degrees
              nodes.csv:7: no quantity has the name `pm25` (did you mean `pm2_5`?)
              nodes.csv:7: period: a duration such as "30s", "10m", "26h" or "7d" is expected, not `often`
              nodes.csv:7: weight must be a number of at least 0.001, not `0`
              nodes.csv:7: zones.geojson has no zone `sqare` (did you mean `square`?)
              nodes.csv:8: the row has 3 fields, the header 8; quote texts that hold a comma
              rules.toml:5: value: `crowd-density` is neither a quantity nor a derived value, crowd_count, crowd_density, air_index:<standard>, air_day:<standard> or silence (did you mean `crowd_density`?)
              rules.toml:6: raise_at: a number is expected, not string
              rules.toml:7: severity: one of minor, moderate, severe, extreme is expected, not `bad`
              rules.toml:9: [rule a] clear_at = 130 must be at or below raise_at = 120, or the alert clears as it is raised
              rules.toml:9: [rule a] raise_at = 120 %{LEL} can never be reached: ch4 is plausible from 0 to 100 %{LEL}
              rules.toml:9: [rule a] this id is there twice; first as rule number 1
              rules.toml:11: kind: id has a character outside A-Z a-z 0-9 _ - at position 4: `gas/leak`
              rules.toml:13: statistic: one of mean, min, max, last, count is expected, not `median`
              rules.toml:14: zones: no zone is of kind `quay`
              rules.toml:17: direction: one of above, below is expected, not `up`
              rules.toml:18: unknown key `fore` in [rule a] (did you mean `for`?)
              rules.toml:21: [rule c] raise_at is missing
              rules.toml:25: zones: zones.geojson has no zone `squares` (did you mean `square`?)
              rules.toml:29: unknown key `rules` (did you mean `rule`?)
              zones.geojson:4: zone `square` is there twice; first in line 2
              zones.geojson:6: zone `half` overlaps zone `square` by 6155 m²; a place belongs to one zone
              zones.geojson:8: zone `bowtie`: the outline is not sound: polygon at index 0 is invalid: exterior ring has a self-intersection
              zones.geojson:10: zone `open`: a ring is open: its last point must equal its first
              zones.geojson:12: zone `triangle`: a ring has 3 points; at least 4 are needed, the last equal to the first
              zones.geojson:14: zone `swapped`: [39, 116] is no longitude and latitude in degrees (longitude comes first)
              zones.geojson:16: zone `spot`: a Polygon or MultiPolygon is expected, not a Point
              zones.geojson:17: the feature has no property `id`
              zones.geojson:18: zone `flat`: area_m2 must be a number of at least 0.1, not "large"
              zones.geojson:18: zone `flat`: crowd_levels must be one of fruin-walkway, fruin-stairs, korean-2013, not "fruin"
              zones.geojson:18: zone `flat`: danger_density must be a number from 0.1 to 10, not 40"#]],
    );
}

#[test]
fn files_that_cannot_be_parsed_are_named() {
    let broken = Sources {
        city_toml: "[city\nid = 3".to_owned(),
        zones_geojson: "{ \"type\": \"FeatureCollection\",\n \"features\": [ {] }".to_owned(),
        nodes_csv: "name,lon\n".to_owned(),
        gates_csv: Some(String::new()),
        rules_toml: Some("rule = 3".to_owned()),
        ..Sources::default()
    };
    check_errors(
        &broken,
        expect![[r#"
            7 errors in the city directory
              city.toml:1: unclosed table, expected `]`
              city.toml:2: unknown key `id`
              gates.csv:1: column `node` is missing from the header
              nodes.csv:1: column `node` is missing from the header
              nodes.csv:1: unknown column `name` (did you mean `node`?); known columns: node,lon,lat,zone,quantities,weight,period,owner,sample,generation,correction
              rules.toml:1: rule must be a list of tables: [[rule]]
              zones.geojson:2: not a GeoJSON feature collection: key must be a string at line 2 column 17"#]],
    );
    let empty = Sources {
        zones_geojson: r#"{"type": "FeatureCollection", "features": []}"#.to_owned(),
        nodes_csv: "node\n".to_owned(),
        ..Sources::default()
    };
    check_errors(
        &empty,
        expect![[r#"
        2 errors in the city directory
          nodes.csv: there is no node; a city needs at least one
          zones.geojson: there is no zone; a city needs at least one"#]],
    );
}

#[test]
fn a_directory_without_files_says_which() {
    let dir = tempfile::tempdir().unwrap();
    let bad = gateway::city::load(dir.path(), None).unwrap_err();
    let text = bad
        .to_string()
        .replace(&dir.path().display().to_string(), "DIR");
    expect![[r#"
        2 errors in the city directory
          nodes.csv: there is no such file in DIR
          zones.geojson: there is no such file in DIR"#]]
    .assert_eq(&text);
}

#[test]
fn what_cap_messages_cannot_say_is_refused() {
    let sources = Sources {
        city_toml: r#"
[cap]
sender = "the city, itself"
scope = "private"
restriction = "staff"
expires = "5s"
send = "x"
"#
        .to_owned(),
        zones_geojson: r#"{ "type": "FeatureCollection", "features": [
{ "type": "Feature", "properties": { "id": "square" },
  "geometry": { "type": "Polygon", "coordinates": [[[0, 0], [0.001, 0], [0.001, 0.001], [0, 0.001], [0, 0]]] } }
] }"#
            .to_owned(),
        nodes_csv: "node,zone\nn0,square\n".to_owned(),
        ..Sources::default()
    };
    check_errors(
        &sources,
        expect![[r#"
        5 errors in the city directory
          city.toml:2: [cap] scope = "restricted" and restriction belong together; one is missing
          city.toml:3: sender: 1 to 128 plain characters without spaces, commas, < and & are expected, such as "alerts@city.example", not `the city, itself`
          city.toml:4: scope: public or restricted is expected, not `private`
          city.toml:6: expires: must be at least 1m and at most 31d
          city.toml:7: unknown key `send` in [cap] (did you mean `sender`?)"#]],
    );
}

#[test]
fn an_escalation_that_tells_nobody_is_refused_step_by_step() {
    let sources = Sources {
        zones_geojson: r#"{ "type": "FeatureCollection", "features": [
{ "type": "Feature", "properties": { "id": "square" },
  "geometry": { "type": "Polygon", "coordinates": [[[0, 0], [0.001, 0], [0.001, 0.001], [0, 0.001], [0, 0]]] } }
] }"#
        .to_owned(),
        nodes_csv: "node,zone\nn0,square\n".to_owned(),
        city_toml: "[incidents]\ndistance_m = -1\ndistance = 3\n".to_owned(),
        rules_toml: Some(
            r#"
[[rule]]
id = "a"
kind = "crowd"
value = "crowd_density"
raise_at = 4
severity = "severe"
escalate = [
  { after = "5m", to = ["duty-officer"] },
  { after = "5m", to = ["mayor"] },
  { after = "soon", to = "mayor" },
  { to = [] },
  { after = "0s", to = [" "], whom = 3 },
  "mayor",
]

[[rule]]
id = "b"
kind = "crowd"
value = "crowd_density"
raise_at = 5
severity = "severe"
escalate = "mayor"
"#
            .to_owned(),
        ),
        ..Sources::default()
    };
    check_errors(
        &sources,
        expect![[r#"
        12 errors in the city directory
          city.toml:2: distance_m: a whole number from 0 to 10000 is expected
          city.toml:3: unknown key `distance` in [incidents] (did you mean `distance_m`?)
          rules.toml:10: [rule a: escalate] another step has the same time; one can tell several
          rules.toml:11: after: a duration such as "30s", "10m", "26h" or "7d" is expected, not `soon`
          rules.toml:11: to: a list of recipients is expected, such as ["duty-officer"]
          rules.toml:12: [rule a: escalate] after is missing
          rules.toml:12: to: nobody is named; leave the step out to tell nobody
          rules.toml:13: after: must be longer than nothing
          rules.toml:13: to: a recipient is 1 to 64 characters on one line, not ` `
          rules.toml:13: unknown key `whom` in [rule a: escalate]
          rules.toml:14: escalate must be a list of tables: [[escalate]]
          rules.toml:23: escalate must be a list of tables: [[escalate]]"#]],
    );
}

#[test]
fn an_alertmanager_that_cannot_be_pushed_to_is_refused() {
    let with = |section: &str| {
        Sources {
        city_toml: section.to_owned(),
        zones_geojson: r#"{ "type": "FeatureCollection", "features": [
{ "type": "Feature", "properties": { "id": "square" },
  "geometry": { "type": "Polygon", "coordinates": [[[0, 0], [0.001, 0], [0.001, 0.001], [0, 0.001], [0, 0]]] } }
] }"#
            .to_owned(),
        nodes_csv: "node,zone\nn0,square\n".to_owned(),
        ..Sources::default()
    }
    };
    check_errors(
        &with("[alertmanager]\nurl = \"ftp://alerts.example\"\nevery = \"0s\"\npage = \"wall\"\n"),
        expect![[r#"
            3 errors in the city directory
              city.toml:2: url: an address such as "http://127.0.0.1:9093" is expected, without user and query
              city.toml:3: every: must be at least 1s and at most 6h
              city.toml:4: page: an address such as "https://wall.example" is expected, not `wall`"#]],
    );
    check_errors(
        &with("[alertmanager]\nurl = \"http://ada:secret@alerts.example:9093\"\neach = \"1m\"\n"),
        expect![[r#"
            2 errors in the city directory
              city.toml:2: url: an address such as "http://127.0.0.1:9093" is expected, without user and query
              city.toml:3: unknown key `each` in [alertmanager]"#]],
    );
    check_errors(
        &with("[alertmanager]\n"),
        expect![[r#"
        1 error in the city directory
          city.toml:1: [alertmanager] url is missing, or urls for several"#]],
    );
    check_errors(
        &with(
            "[alertmanager]\nurl = \"http://127.0.0.1:9093\"\nurls = []\nuser = \"a:b\"\npassword_file = \"p\"\ntoken_file = \"t\"\n\
             [alertmanager.tls]\ncertificate = \"gateway.pem\"\n",
        ),
        expect![[r#"
            4 errors in the city directory
              city.toml:1: [alertmanager] token_file and user with password_file exclude each other
              city.toml:3: urls: 1 to 8 addresses are expected
              city.toml:4: user: a name without `:` is expected
              city.toml:7: [alertmanager.tls] certificate and key belong together; one is missing"#]],
    );
    check_errors(
        &with(
            "[alertmanager]\nurls = [\"http://127.0.0.1:9093\", \"http://alerts.example:9093\"]\ntoken_file = \"t\"\n\
             [metrics]\nseries = 10\nvalues = [\"pm25\"]\n",
        ),
        expect![[r#"
            3 errors in the city directory
              city.toml:1: [alertmanager] a password or token would be read on its way to an http:// address of another machine; use https://
              city.toml:5: series: a whole number from 500 to 100000 is expected
              city.toml:6: values: no zone has a value `pm25` (did you mean `pm2_5`?)"#]],
    );
    let right = with("[alertmanager]\nurl = \"http://127.0.0.1:9093/am/\"\n");
    let city = LoadedCity::from_sources(&right, None).unwrap();
    let alertmanager = city.settings.alertmanager.unwrap();
    assert_eq!(alertmanager.urls, ["http://127.0.0.1:9093/am"]);
    assert_eq!((alertmanager.every, alertmanager.page), (60_000, None));
}
