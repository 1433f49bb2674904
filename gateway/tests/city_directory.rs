//! A sound city directory becomes exactly what the pipeline needs, and keeps its numbers when it is loaded again.
#![allow(clippy::unwrap_used)]

use expect_test::expect;
use gateway::city::{LoadedCity, Reload, Sources};
use pipeline::calendar::{HOUR, MINUTE, SECOND};
use pipeline::city::{NodeIx, ZoneIx};
use pipeline::input::Input;
use wire::{Milli, Quantity};

/// Two squares of about 111 m, side by side, and a lawn further north.
const ZONES: &str = r#"{ "type": "FeatureCollection", "features": [
{ "type": "Feature", "properties": { "id": "square", "name": "Market square", "kind": "square", "area_m2": 5000, "capacity": 8000 },
  "geometry": { "type": "Polygon", "coordinates": [[[0, 0], [0.001, 0], [0.001, 0.001], [0, 0.001], [0, 0]]] } },
{ "type": "Feature", "properties": { "id": "quay", "kind": "street" },
  "geometry": { "type": "Polygon", "coordinates": [[[0.001, 0], [0.002, 0], [0.002, 0.001], [0.001, 0.001], [0.001, 0]]] } },
{ "type": "Feature", "properties": { "id": "lawn", "kind": "square" },
  "geometry": { "type": "Polygon", "coordinates": [[[0, 0.002], [0, 0.003], [0.001, 0.003], [0.001, 0.002], [0, 0.002]]] } }
] }"#;

const NODES: &str = "\
node,lon,lat,zone,quantities,weight,period,owner
cam-1,0.0005,0.0005,,person_count,,10s,\"Port, authority\"
cam-2,0.0005,0.0005,quay,person_count,2,,

air-1,0.0015,0.0005,,pm2_5 o3,0.5,1h,
gate-1,,,square,persons_in persons_out,,,
";

fn sound() -> Sources {
    Sources {
        city_toml: r#"
[city]
id = "harbour"
time_zone = "Asia/Kathmandu"
[panes]
pm2_5 = "15m"
[horizon]
default = "30m"
[[crowd.anchor]]
zone = "square"
at = "04:00"
count = 0
"#
        .to_owned(),
        zones_geojson: ZONES.to_owned(),
        nodes_csv: NODES.to_owned(),
        gates_csv: Some("node,from_zone,to_zone\ngate-1,,square\n".to_owned()),
        rules_toml: Some(
            r#"
[[rule]]
id = "crowd-danger"
kind = "crowd"
value = "crowd_density"
zones = ["kind:square"]
raise_at = 4.0
clear_at = 3.5
for = "30s"
clear_for = "2m"
severity = "severe"
escalate = [{ after = "15m", to = ["mayor", "press"] }, { after = "5m", to = ["duty-officer"] }]

[[rule]]
id = "silent"
kind = "node"
value = "silence"
severity = "minor"
"#
            .to_owned(),
        ),
        ..Sources::default()
    }
}

fn load(sources: &Sources) -> LoadedCity {
    LoadedCity::from_sources(sources, None).unwrap()
}

#[test]
fn a_sound_city_is_what_its_files_say() {
    let loaded = load(&sound());
    let city = &loaded.city;

    assert_eq!(city.zones[0].name, "Market square");
    assert_eq!(
        city.zones[0].area,
        Milli::whole(5000),
        "the file's area wins"
    );
    let computed = city.zones[1].area.to_f64();
    assert!(
        (computed - 12_309.0).abs() < 1.0,
        "{computed}: 110.57 m by 111.32 m at the equator"
    );
    let turned_right = city.zones[2].area.to_f64();
    assert!(
        (turned_right - 12_309.0).abs() < 1.0,
        "{turned_right}: either way round"
    );

    let zones: Vec<_> = city.nodes.iter().map(|node| node.zone).collect();
    let [square, quay] = [Some(ZoneIx(0)), Some(ZoneIx(1))];
    assert_eq!(
        zones,
        [square, quay, quay, square],
        "by outline where the file names none"
    );
    assert_eq!(city.nodes[2].weight, Milli(500));
    assert_eq!(
        city.nodes[0].silent_after,
        Some(30 * SECOND),
        "three periods"
    );
    assert_eq!(city.hour_shift, 45 * MINUTE);
    assert_eq!(loaded.post(NodeIx(0)).unwrap().owner, "Port, authority");
    assert_eq!(loaded.ground(ZoneIx(0)).unwrap().capacity, Some(8000));
    assert_eq!(loaded.settings.anchors[0].at_minute, 240);

    let rule = &loaded.rules[0];
    assert_eq!(rule.zones, [ZoneIx(0), ZoneIx(2)]);
    assert_eq!(rule.condition.gap_max, 30 * SECOND, "three panes");
    let steps = rule
        .escalation
        .iter()
        .map(|step| (step.after, &step.to[..]));
    let [duty, wide] = [
        &["duty-officer".to_owned()][..],
        &["mayor".to_owned(), "press".to_owned()],
    ];
    assert_eq!(
        steps.collect::<Vec<_>>(),
        [(5 * MINUTE, duty), (15 * MINUTE, wide)],
        "in order of time"
    );
    assert_eq!(
        city.neighbours,
        [(ZoneIx(0), ZoneIx(1))],
        "the quay touches the square; the lawn is 111 m away"
    );
    let horizon = |quantity| loaded.calendar.span(quantity).horizon;
    assert_eq!(
        horizon(Quantity::PersonsIn),
        32 * MINUTE,
        "lateness and the longest window"
    );
    assert_eq!(horizon(Quantity::Smoke), 30 * MINUTE);
    assert_eq!(
        horizon(Quantity::O3),
        26 * HOUR,
        "air keeps what its index needs"
    );
    assert_eq!(loaded.calendar.span(Quantity::Pm2_5).width, 15 * MINUTE);

    let mut summary = Vec::new();
    gateway::commands::check::report(&loaded, &mut summary).unwrap();
    expect![[r#"
        city harbour: 3 zones, 4 nodes, 1 gates, 2 rules; Asia/Kathmandu
          rule crowd-danger: mean crowd_density above 4 {person}/m2 for 30s in 2 zones, severe
          rule silent: silent nodes in 3 zones
          panes of 15m, corrected for 1d2h: pm2_5
          panes of 1m, corrected for 1d2h: o3
          panes of 10s, corrected for 32m: person_count persons_in persons_out
          note: nodes.csv:3: node `cam-2` stands outside its zone `quay`
          note: 1 zone has no node, such as `lawn`
        no errors
    "#]]
    .assert_eq(&String::from_utf8(summary).unwrap());
}

#[test]
fn numbers_outlive_rows_that_come_and_go() {
    let first = load(&sound());
    let mut sources = sound();
    sources.nodes_csv = "node,zone\nnew,lawn\ngate-1,square\ncam-2,quay\n".to_owned();
    sources.rules_toml = sources.rules_toml.map(|text| text.replace("4.0", "4.5"));
    let second = LoadedCity::from_sources(&sources, Some(&first)).unwrap();
    let numbers: Vec<_> = second.city.nodes.iter().map(|node| node.ix.0).collect();
    assert_eq!(
        numbers,
        [4, 3, 1],
        "a new node gets a new number, nobody another's"
    );

    let reload = Reload::between(&first, second);
    assert!(
        matches!(&reload.inputs[..], [Input::City(_), Input::Rules(_)]),
        "{:?}",
        reload.inputs
    );
    assert_eq!(reload.needs_restart, [""; 0]);

    let back = LoadedCity::from_sources(&sound(), Some(&reload.city)).unwrap();
    assert_eq!(back.city, first.city);
}

#[test]
fn a_changed_file_is_noticed_and_a_broken_one_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
    let sources = sound();
    write("city.toml", &sources.city_toml);
    write("zones.geojson", &sources.zones_geojson);
    write("nodes.csv", &sources.nodes_csv);
    let running = gateway::city::load(dir.path(), None).unwrap();
    let mut watch = gateway::city::Watch::new(dir.path());
    assert!(!watch.changed());

    write("rules.toml", "[[rule]]\nid = \"x\"");
    assert!(watch.changed());
    assert!(watch.reload(&running).is_err());

    let longer = sources.rules_toml.unwrap().replace("2m", "3h");
    write("rules.toml", &longer);
    assert!(watch.changed());
    let reload = watch.reload(&running).unwrap();
    assert!(matches!(&reload.inputs[..], [Input::Rules(_)]));
    assert_eq!(
        reload.needs_restart,
        ["pane widths, horizons and the time zone"]
    );
    assert!(!watch.changed());
}

/// Borders as they are published: simplified, so that they touch themselves and their neighbours overlap a little.
#[test]
fn published_borders_are_good_enough() {
    for (city, districts) in [("beijing", 16), ("shanghai", 16)] {
        let path = format!(
            "{}/../../shared/data/geo_china_districts/{city}_districts.geojson",
            env!("CARGO_MANIFEST_DIR")
        );
        let mut file: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        for (at, feature) in file["features"]
            .as_array_mut()
            .unwrap()
            .iter_mut()
            .enumerate()
        {
            feature["properties"]["id"] = format!("{city}-{at}").into();
        }
        let sources = Sources {
            zones_geojson: file.to_string(),
            nodes_csv: "node,zone\na,\n".to_owned(),
            ..Sources::default()
        };
        let loaded = load(&sources);
        assert_eq!(loaded.city.zones.len(), districts);
        let total: f64 = loaded
            .city
            .zones
            .iter()
            .map(|zone| zone.area.to_f64() / 1e6)
            .sum();
        assert!((6_000.0..17_500.0).contains(&total), "{city}: {total} km²");
    }
}

#[test]
fn how_near_neighbours_are_is_the_citys_to_say() {
    let mut sources = sound();
    sources.city_toml += "[incidents]\ndistance_m = 150\n";
    let near = load(&sources).city.neighbours.clone();
    let pair = |a, b| (ZoneIx(a), ZoneIx(b));
    // From the quay to the lawn it is the diagonal over a gap of 111 m.
    assert_eq!(near, [pair(0, 1), pair(0, 2), pair(1, 2)]);
}

/// The README's example that begins so.
fn readme_block(first: &str) -> &'static str {
    let readme = include_str!("../../README.md");
    let mut blocks = readme.split("```toml\n").skip(1);
    let block = blocks.find(|block| block.starts_with(first)).unwrap();
    block.split_once("```").unwrap().0
}

#[test]
fn the_readmes_rule_is_one() {
    let sources = Sources {
        rules_toml: Some(readme_block("[[rule]]").to_owned()),
        ..sound()
    };
    let loaded = load(&sources);
    let rule = &loaded.rules[0];
    assert_eq!((rule.zones.len(), rule.escalation.len()), (3, 2));
    assert_eq!(rule.condition.peak_step, Milli(500));
    assert!(!rule.condition.shadow);
}

#[test]
fn the_readmes_quality_rule_is_one() {
    let sources = Sources {
        rules_toml: Some(readme_block("[[quality]]").to_owned()),
        ..sound()
    };
    assert_eq!(load(&sources).quality.len(), 1);
}

#[test]
fn the_readme_says_the_defaults() {
    let block = readme_block("[city]");
    let city = |city_toml: &str| {
        let sources = Sources {
            city_toml: city_toml.to_owned(),
            ..sound()
        };
        LoadedCity::from_sources(&sources, None).unwrap()
    };
    let (said, default) = (city(block), city(""));
    assert_eq!(
        format!("{:?}", said.settings),
        format!("{:?}", default.settings)
    );
    assert_eq!(said.city, default.city);
    assert_eq!(said.calendar, default.calendar);
}
