//! How fast recorded readings are read: rows a second of the reader alone, one thread, no pipeline behind it.
//!
//! `cargo bench -p gateway --bench readings`
#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Instant;

use gateway::city::{LoadedCity, Sources};
use gateway::readings::{self, Place};

const NODES: usize = 20_000;
const ROUNDS: usize = 250;

fn main() {
    let dir = tempfile::tempdir().unwrap();
    let city = city();
    for (name, in_order_of_time) in [("by time", true), ("by node", false)] {
        let path = dir.path().join("readings.csv");
        let bytes = write(&path, in_order_of_time);
        let (mut best, mut rows) = (f64::INFINITY, 0);
        for _ in 0..3 {
            let started = Instant::now();
            let places = [Place::named(&path)];
            let mut batches = readings::open(&places, &city, &Arc::default()).unwrap();
            while batches.next_batch().unwrap().is_some() {}
            best = best.min(started.elapsed().as_secs_f64());
            rows = batches.ledger.rows;
            assert_eq!(batches.ledger.admitted, rows);
        }
        println!(
            "readings {name}: {:.2} M rows/s, {:.0} MB/s",
            rows as f64 / best / 1e6,
            bytes as f64 / best / 1e6
        );
    }
}

fn city() -> LoadedCity {
    let mut nodes_csv = "node,zone\n".to_owned();
    for node in 0..NODES {
        writeln!(nodes_csv, "node-{node:05},z").unwrap();
    }
    let zones = r#"{ "type": "FeatureCollection", "features": [ { "type": "Feature", "properties": { "id": "z" },
        "geometry": { "type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]] } } ] }"#;
    let sources = Sources {
        zones_geojson: zones.to_owned(),
        nodes_csv,
        ..Sources::default()
    };
    LoadedCity::from_sources(&sources, None).unwrap()
}

/// Every node once a minute; returns the length of the file.
fn write(path: &std::path::Path, in_order_of_time: bool) -> u64 {
    let mut file = std::io::BufWriter::new(std::fs::File::create(path).unwrap());
    writeln!(file, "time,node,quantity,value").unwrap();
    for at in 0..NODES * ROUNDS {
        let (round, node) = match in_order_of_time {
            true => (at / NODES, at % NODES),
            false => (at % ROUNDS, at / ROUNDS),
        };
        let (hour, minute) = (round / 60, round % 60);
        let (whole, part) = (node % 97, round % 10);
        writeln!(
            file,
            "2026-11-22T{hour:02}:{minute:02}:00Z,node-{node:05},pm2_5,{whole}.{part}"
        )
        .unwrap();
    }
    file.into_inner().unwrap().metadata().unwrap().len()
}
