//! `[water]` in `city.toml`: the city's own classes of surface water, and their mistakes.
#![allow(clippy::unwrap_used)]

use expect_test::expect;
use gateway::city::{LoadedCity, Sources};
use pipeline::science::hazard::water::Classes;
use wire::Milli;

const ZONES: &str = r#"{ "type": "FeatureCollection", "features": [
{ "type": "Feature", "properties": { "id": "pond" },
  "geometry": { "type": "Polygon", "coordinates": [[[0, 0], [0.001, 0], [0.001, 0.001], [0, 0.001], [0, 0]]] } }
] }"#;

fn sources(water: &str) -> Sources {
    Sources {
        city_toml: format!("[water]\n{water}"),
        zones_geojson: ZONES.to_owned(),
        nodes_csv: "node,zone\nprobe,pond\n".to_owned(),
        rules_toml: Some(String::new()),
        ..Sources::default()
    }
}

#[test]
fn a_citys_own_limits_are_those_of_its_zones() {
    let sources = sources("dissolved_oxygen = [9, 7, 5.5, 4, 2]\n");
    let loaded = LoadedCity::from_sources(&sources, None).unwrap();
    let own = Classes {
        dissolved_oxygen: [9_000, 7_000, 5_500, 4_000, 2_000].map(Milli),
        ..Classes::default()
    };
    assert_eq!(loaded.city.zones[0].settings.water_classes, own);
}

#[test]
fn limits_that_are_no_classes_are_refused_line_by_line() {
    let sources = sources(
        "dissolved_oxygen = [2, 3, 5, 6, 7.5]\nammonia_nitrogen = [0.15, 0.5]\nph = 7\nturbidity = [1, 2, 3, 4, 5]\n",
    );
    let refused = LoadedCity::from_sources(&sources, None).unwrap_err();
    expect![[r#"
        4 errors in the city directory
          city.toml:2: dissolved_oxygen: 5 numbers, each less than the one before, are expected
          city.toml:3: ammonia_nitrogen: 5 numbers, each greater than the one before, are expected
          city.toml:4: ph: 2 numbers, each greater than the one before, are expected
          city.toml:5: unknown key `turbidity` in [water]"#]]
    .assert_eq(&refused.to_string());
}
