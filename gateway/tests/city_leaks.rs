//! Sources that may leak and places that are named: read, laid out, and every mistake said with file and line.
#![allow(clippy::unwrap_used)]

use expect_test::expect;
use gateway::city::{LoadedCity, Reload, Sources};
use pipeline::input::Input;
use pipeline::science::plume::Terrain;
use pipeline::science::plume::stability::Stability;
use wire::{Milli, Quantity};

/// Two zones of some hundred metres, a detector in the first.
const ZONES: &str = r#"{"type": "FeatureCollection", "features": [
{"type": "Feature", "properties": {"id": "works"}, "geometry": {"type": "Polygon",
 "coordinates": [[[0, 0], [0.001, 0], [0.001, 0.001], [0, 0.001], [0, 0]]]}},
{"type": "Feature", "properties": {"id": "alley"}, "geometry": {"type": "Polygon",
 "coordinates": [[[0.002, 0], [0.00200001, 0], [0.00200001, 0.001], [0.002, 0.001], [0.002, 0]]]}}
]}"#;

fn sources(city: &str, places: &str) -> Sources {
    Sources {
        city_toml: format!("[city]\nid = \"stage\"\n{city}"),
        zones_geojson: ZONES.to_owned(),
        nodes_csv: "node,lon,lat,quantities\ngas,0.0005,0.0004,h2s\n".to_owned(),
        rules_toml: Some(String::new()),
        places_geojson: (!places.is_empty()).then(|| places.to_owned()),
        ..Sources::default()
    }
}

const VALVE: &str = r#"
[[source]]
id = "valve"
name = "The valve"
lon = 0.0005
lat = 0.0005
height_m = 2.5
terrain = "rural"
stability = "F"
quantities = ["h2s", "co"]
[[source]]
id = "kitchen"
lon = 0.0
lat = 0.01
quantities = ["smoke"]
levels = [5, 20.5]
"#;

const PLACES: &str = r#"{"type": "FeatureCollection", "features": [
{"type": "Feature", "properties": {"id": "ward", "name": "St. Ann", "kind": "hospital"},
 "geometry": {"type": "Point", "coordinates": [0.0009, 0.0005]}}
]}"#;

#[test]
fn sources_stations_places_and_ground_lie_in_one_plane() {
    let city = LoadedCity::from_sources(&sources(VALVE, PLACES), None)
        .unwrap()
        .city;
    let leaks = &city.leaks;
    let valve = &leaks.sources[0];
    assert_eq!(
        (valve.height, valve.terrain),
        (Milli(2_500), Terrain::Rural)
    );
    assert_eq!(
        (valve.stability, valve.zone),
        (Some(Stability::F), Some(city.zones[0].ix))
    );
    assert_eq!(valve.degrees, (500, 500));
    let levels = |source: usize, gas: usize| {
        let (gas, levels) = &leaks.sources[source].gases[gas];
        let levels = levels.iter().map(|l| format!("{} {}", l.name, l.from));
        (*gas, levels.collect::<Vec<_>>().join(", "))
    };
    assert_eq!(
        levels(0, 0),
        (
            Quantity::H2s,
            "AEGL-1 0.51, AEGL-2 27, AEGL-3 50".to_owned()
        )
    );
    assert_eq!(levels(0, 1).1, "AEGL-2 95.025, AEGL-3 377.811");
    assert_eq!(levels(1, 0).1, "level-1 5, level-2 20.5");
    let kitchen = &leaks.sources[1];
    assert_eq!(
        (kitchen.zone, kitchen.name.as_str(), kitchen.stability),
        (None, "kitchen", None)
    );
    // A ten-thousandth of a degree is 11.1 m here.
    let (_, station) = leaks.stations[0];
    let (east, north) = station.metres_from(valve.at);
    assert!(
        east.abs() < 0.1 && (north + 11.1).abs() < 0.1,
        "{east} {north}"
    );
    let (east, north) = leaks.places[0].at.metres_from(valve.at);
    assert!(
        (east - 44.5).abs() < 0.2 && north.abs() < 0.1,
        "{east} {north}"
    );
    let back = valve.degrees_at((east, north));
    assert!(
        (back.0 - 900).abs() <= 1 && (back.1 - 500).abs() <= 1,
        "{back:?}"
    );
    let (works, ground) = &leaks.grounds[0];
    assert_eq!(*works, city.zones[0].ix);
    assert!(
        (150..=260).contains(&ground.len()),
        "{} parts",
        ground.len()
    );
    assert!(
        !leaks.grounds[1].1.is_empty(),
        "an alley of a metre has a middle too"
    );
}

#[test]
fn a_city_without_sources_carries_no_ground_and_a_new_source_is_an_input() {
    let bare = LoadedCity::from_sources(&sources("", PLACES), None).unwrap();
    assert_eq!(bare.city.leaks, Default::default());
    let leaking = LoadedCity::from_sources(&sources(VALVE, PLACES), Some(&bare)).unwrap();
    let reload = Reload::between(&bare, leaking);
    assert!(matches!(reload.inputs[..], [Input::City(_)]));
    assert!(reload.needs_restart.is_empty());
}

#[test]
fn every_mistake_has_its_file_and_line() {
    let city = r#"
[[source]]
id = "a b"
lon = 200
lat = "north"
quantities = ["h2s", "pm10"]
terrain = "suburb"
[[source]]
id = "valve"
lon = 0
lat = 0
height_m = -1
stability = "G"
quantities = ["ch4"]
levels = [10]
[[source]]
id = "oven"
lon = 0
lat = 0
quantities = ["smoke"]
[[source]]
id = "valve"
lon = 0
lat = 0
quantities = ["h2s", "cl2"]
levels = [3, 2]
height = 3
[[source]]
id = "far"
lon = 10
lat = 0
quantities = ["h2s"]
"#;
    let places = r#"{"type": "FeatureCollection", "features": [
{"type": "Feature", "properties": {"name": "x"}, "geometry": {"type": "Point", "coordinates": [0, 0]}},
{"type": "Feature", "properties": {"id": "x"}, "geometry": {"type": "Point", "coordinates": [0, 0]}},
{"type": "Feature", "properties": {"id": "y", "name": "Y"}, "geometry": {"type": "Point", "coordinates": [0, 91]}},
{"type": "Feature", "properties": {"id": "z", "name": "Z"}, "geometry": null},
{"type": "Feature", "properties": {"id": "s", "name": "S"}, "geometry": {"type": "Point", "coordinates": [0, 0]}},
{"type": "Feature", "properties": {"id": "s", "name": "S"}, "geometry": {"type": "Point", "coordinates": [0, 0]}}
]}"#;
    let bad = LoadedCity::from_sources(&sources(city, places), None).map(|city| city.city);
    expect![[r#"
        17 errors in the city directory
          city.toml:5: id: id has a character outside A-Z a-z 0-9 _ - at position 2: `a b`
          city.toml:6: lon: degrees from -180 to 180 are expected
          city.toml:7: lat: degrees from -90 to 90 are expected
          city.toml:8: quantities: `pm10` does not spread as a plume: h2s, nh3, cl2, co, so2, no2, ch4, smoke
          city.toml:9: terrain: urban or rural is expected, not `suburb`
          city.toml:14: height_m: metres from 0 to 500 are expected
          city.toml:15: stability: a class from A to F is expected, or auto (by wind and light), not `G`
          city.toml:18: [source oven] there is no AEGL for smoke: give it levels, such as levels = [5, 20], in %/m
          city.toml:23: [source valve] the source `valve` is there twice
          city.toml:28: levels: a list of rising numbers above zero is expected
          city.toml:29: unknown key `height` in [source valve] (did you mean `height_m`?)
          city.toml:30: [source far] it lies 1112 km from the middle of the city
          places.geojson:2: the place has no property `id`
          places.geojson:3: place `x` has no property `name`: what would it be called?
          places.geojson:4: place `y`: [0, 91] is no longitude and latitude in degrees (longitude comes first)
          places.geojson:5: place `z`: a Point is expected
          places.geojson:7: place `s` is there twice; first in line 6"#]].assert_eq(&bad.unwrap_err().to_string());
}
