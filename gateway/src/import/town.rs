//! What a city directory says, and how it is written down.

use std::fmt::Write as _;
use std::path::Path;

use pipeline::calendar::Millis;
use serde_json::{Value as Json, json};
use wire::Quantity;

use super::ImportError;

/// A city directory in the making.
#[derive(Clone, Debug, Default)]
pub struct Town {
    pub city_toml: String,
    pub rules_toml: String,
    pub zones: Vec<TownZone>,
    pub nodes: Vec<TownNode>,
    pub gates: Vec<TownGate>,
}

#[derive(Clone, Debug)]
pub struct TownZone {
    pub id: String,
    pub name: String,
    pub kind: &'static str,
    /// West, south, east, north in degrees.
    pub bounds: [f64; 4],
    /// Usable ground; `None`: of the drawn outline.
    pub area_m2: Option<f64>,
}

#[derive(Clone, Debug)]
pub struct TownNode {
    pub id: String,
    pub zone: String,
    /// Longitude and latitude in degrees.
    pub position: Option<(f64, f64)>,
    /// Declared quantities.
    pub quantities: Vec<Quantity>,
    /// In the zone's mean; thousandths.
    pub weight_milli: i64,
}

/// An in/out counter between two zones; an empty name is the world outside.
#[derive(Clone, Debug)]
pub struct TownGate {
    pub node: String,
    pub from_zone: String,
    pub to_zone: String,
}

/// One row of a readings file.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Event time, milliseconds UTC since 1970.
    pub at: Millis,
    pub node: String,
    pub quantity: Quantity,
    /// As the source writes it.
    pub value: String,
    /// UCUM; empty: the quantity's own.
    pub unit: &'static str,
}

/// Metres of a degree of latitude.
const METRES_PER_DEGREE: f64 = 111_195.0;

impl Town {
    /// A zone around a place: a square of `side` metres.
    pub fn square(
        &mut self,
        id: &str,
        name: &str,
        kind: &'static str,
        (lon, lat): (f64, f64),
        side: f64,
    ) {
        let north = side / 2.0 / METRES_PER_DEGREE;
        let east = north / lat.to_radians().cos().max(0.01);
        self.zones.push(TownZone {
            id: id.to_owned(),
            name: name.to_owned(),
            kind,
            bounds: [lon - east, lat - north, lon + east, lat + north],
            area_m2: None,
        });
    }

    /// A zone whose place the source does not tell: drawn beside those before it, at 45° N 10° E.
    pub fn somewhere(&mut self, id: &str, name: &str, kind: &'static str, area_m2: Option<f64>) {
        let west = 10.0 + 0.002 * self.zones.len() as f64;
        self.zones.push(TownZone {
            id: id.to_owned(),
            name: name.to_owned(),
            kind,
            // About 80 m by 110 m, with a gap to the next.
            bounds: [west, 45.0, west + 0.001, 45.001],
            area_m2,
        });
    }

    /// A node of plain weight in a zone that is there already.
    pub fn node(
        &mut self,
        id: &str,
        zone: &str,
        position: Option<(f64, f64)>,
        quantities: &[Quantity],
    ) {
        self.nodes.push(TownNode {
            id: id.to_owned(),
            zone: zone.to_owned(),
            position,
            quantities: quantities.to_vec(),
            weight_milli: 1000,
        });
    }

    /// Writes the files into `directory`, and takes away a `gates.csv` of another city.
    pub fn write(&self, directory: &Path) -> Result<(), ImportError> {
        let write = |name: &str, text: &str| {
            let path = directory.join(name);
            std::fs::write(&path, text).map_err(|error| ImportError::Write(path, error))
        };
        std::fs::create_dir_all(directory)
            .map_err(|error| ImportError::Write(directory.to_owned(), error))?;
        write("city.toml", &self.city_toml)?;
        write("rules.toml", &self.rules_toml)?;
        write("zones.geojson", &self.zones_geojson())?;
        write("nodes.csv", &self.nodes_csv())?;
        match self.gates.is_empty() {
            true => {
                // It is not there most of the time.
                let _ = std::fs::remove_file(directory.join("gates.csv"));
                Ok(())
            }
            false => write("gates.csv", &self.gates_csv()),
        }
    }

    fn nodes_csv(&self) -> String {
        let mut text = String::from("node,lon,lat,zone,quantities,weight\n");
        for node in &self.nodes {
            let TownNode {
                id,
                zone,
                position,
                quantities,
                weight_milli,
            } = node;
            let place =
                position.map_or_else(|| ",".to_owned(), |(lon, lat)| format!("{lon:.6},{lat:.6}"));
            let names: Vec<_> = quantities.iter().map(|quantity| quantity.name()).collect();
            let (whole, thousandths) = (weight_milli / 1000, weight_milli % 1000);
            let _ = writeln!(
                text,
                "{id},{place},{zone},{},{whole}.{thousandths:03}",
                names.join(" ")
            );
        }
        text
    }

    fn gates_csv(&self) -> String {
        let mut text = String::from("node,from_zone,to_zone\n");
        for TownGate {
            node,
            from_zone,
            to_zone,
        } in &self.gates
        {
            let _ = writeln!(text, "{node},{from_zone},{to_zone}");
        }
        text
    }

    /// One zone a line, so that a mistake has its line.
    fn zones_geojson(&self) -> String {
        let features: Vec<_> = self
            .zones
            .iter()
            .map(|zone| feature(zone).to_string())
            .collect();
        format!(
            "{{\"type\":\"FeatureCollection\",\"features\":[\n{}\n]}}\n",
            features.join(",\n")
        )
    }
}

fn feature(zone: &TownZone) -> Json {
    let degrees = |degrees: f64| (degrees * 1e7).round() / 1e7;
    let [west, south, east, north] = zone.bounds.map(degrees);
    let ring = [
        [west, south],
        [east, south],
        [east, north],
        [west, north],
        [west, south],
    ];
    let mut properties = json!({ "id": zone.id, "name": zone.name });
    if !zone.kind.is_empty() {
        properties["kind"] = zone.kind.into();
    }
    if let Some(area) = zone.area_m2 {
        properties["area_m2"] = area.into();
    }
    json!({
        "type": "Feature",
        "properties": properties,
        "geometry": { "type": "Polygon", "coordinates": [ring] },
    })
}

/// Side of the squares that can be drawn around places without touching each other, at most `side_max` metres.
pub(super) fn side_between(places: impl Iterator<Item = (f64, f64)>, side_max: f64) -> f64 {
    let places: Vec<(f64, f64)> = places.collect();
    let mut nearest = f64::INFINITY;
    for (number, (lon, lat)) in places.iter().enumerate() {
        for (other_lon, other_lat) in &places[number + 1..] {
            let north = (lat - other_lat).abs() * METRES_PER_DEGREE;
            let east = (lon - other_lon).abs() * METRES_PER_DEGREE * lat.to_radians().cos();
            // Squares touch when they are near in both directions.
            nearest = nearest.min(north.max(east));
        }
    }
    (nearest * 0.9).clamp(0.5, side_max)
}

/// An id out of free text: what an id cannot hold becomes a hyphen.
pub(super) fn id_of(text: &str) -> String {
    let mut id = String::new();
    for c in text.chars() {
        match c.is_ascii_alphanumeric() {
            true => id.push(c.to_ascii_lowercase()),
            false if !id.is_empty() && !id.ends_with('-') => id.push('-'),
            false => {}
        }
    }
    id.truncate(32);
    let id = id.trim_end_matches('-');
    match id.is_empty() {
        true => "unnamed".to_owned(),
        false => id.to_owned(),
    }
}
