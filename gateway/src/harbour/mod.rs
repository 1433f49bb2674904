//! The invented harbour city that `citysense demo` shows: ordinary city files, compiled in.
//!
//! They are read by the same loader as anybody's city directory, so a copy of them is a good start for a real one.

use crate::city::{BadCity, LoadedCity, Sources};

const CITY: &str = include_str!("files/city.toml");
const ZONES: &str = include_str!("files/zones.geojson");
const NODES: &str = include_str!("files/nodes.csv");
const GATES: &str = include_str!("files/gates.csv");
const PLACES: &str = include_str!("files/places.geojson");
const MAP: &str = include_str!("files/map.geojson");
const RULES: &str = include_str!("files/rules.toml");

/// The harbour city's files, as a city directory would hold them.
pub fn sources() -> Sources {
    Sources {
        city_toml: CITY.to_owned(),
        zones_geojson: ZONES.to_owned(),
        nodes_csv: NODES.to_owned(),
        gates_csv: Some(GATES.to_owned()),
        rules_toml: Some(RULES.to_owned()),
        places_geojson: Some(PLACES.to_owned()),
        map_geojson: Some(MAP.to_owned()),
        ..Sources::default()
    }
}

/// The harbour city, checked.
pub fn load() -> Result<LoadedCity, BadCity> {
    LoadedCity::from_sources(&sources(), None)
}
