//! A city directory and a readings file, in the formats that users write.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use pipeline::calendar::Millis;

/// What a city directory says.
#[derive(Debug, Default)]
pub struct Town {
    pub city_toml: String,
    pub rules_toml: String,
    pub zones: Vec<TownZone>,
    pub nodes: Vec<TownNode>,
}

#[derive(Clone, Debug)]
pub struct TownZone {
    pub id: String,
    /// Usable ground; `None`: of the drawn outline.
    pub area_m2: Option<f64>,
}

#[derive(Clone, Debug)]
pub struct TownNode {
    pub id: String,
    pub zone: String,
    /// Declared quantities.
    pub quantities: Vec<&'static str>,
    /// In the zone's mean; thousandths.
    pub weight_milli: i64,
}

/// One row of a readings file.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Event time, milliseconds UTC since 1970.
    pub at: Millis,
    pub node: String,
    pub quantity: &'static str,
    /// As the source writes it.
    pub value: String,
    /// UCUM; empty: the quantity's own.
    pub unit: &'static str,
}

impl Town {
    /// Writes the files into `directory`; zones are drawn side by side, because their place does not matter.
    pub fn write(&self, directory: &Path) -> io::Result<()> {
        fs::create_dir_all(directory)?;
        fs::write(directory.join("city.toml"), &self.city_toml)?;
        fs::write(directory.join("rules.toml"), &self.rules_toml)?;
        fs::write(directory.join("zones.geojson"), self.zones_geojson())?;
        let mut nodes = String::from("node,zone,quantities,weight\n");
        for node in &self.nodes {
            let (id, zone, quantities) = (&node.id, &node.zone, node.quantities.join(" "));
            let (whole, thousandths) = (node.weight_milli / 1000, node.weight_milli % 1000);
            let _ = writeln!(nodes, "{id},{zone},{quantities},{whole}.{thousandths:03}");
        }
        fs::write(directory.join("nodes.csv"), nodes)
    }

    fn zones_geojson(&self) -> String {
        let features: Vec<_> = self.zones.iter().enumerate().map(feature).collect();
        serde_json::json!({ "type": "FeatureCollection", "features": features }).to_string()
    }
}

fn feature((place, zone): (usize, &TownZone)) -> serde_json::Value {
    // About 90 m by 110 m, with a gap to the next.
    let west = 10.0 + 0.002 * place as f64;
    let (east, south, north) = (west + 0.001, 45.0, 45.001);
    let ring = [
        [west, south],
        [east, south],
        [east, north],
        [west, north],
        [west, south],
    ];
    let mut properties = serde_json::json!({ "id": zone.id, "name": zone.id });
    if let Some(area) = zone.area_m2 {
        properties["area_m2"] = area.into();
    }
    serde_json::json!({
        "type": "Feature",
        "properties": properties,
        "geometry": { "type": "Polygon", "coordinates": [ring] },
    })
}

/// Writes a readings file.
pub fn write_rows<'a>(path: &Path, rows: impl IntoIterator<Item = &'a Row>) -> io::Result<()> {
    let mut file = BufWriter::new(fs::File::create(path)?);
    writeln!(file, "time,node,quantity,value,unit")?;
    for row in rows {
        let Row {
            at,
            node,
            quantity,
            value,
            unit,
        } = row;
        writeln!(file, "{at},{node},{quantity},{value},{unit}")?;
    }
    file.flush()
}
