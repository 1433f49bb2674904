//! A city as large as a gateway is meant for, on a board filled by hand and served: 200 zones, 2,000 nodes, every value.

use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};

use gateway::access::{Door, Policy, Spans};
use gateway::board::{Board, Face};
use gateway::city::{LoadedCity, Sources};
use gateway::clock::{Clock, ScaledClock};
use gateway::http::{HttpState, serve};
use gateway::metrics::Metrics;
use pipeline::alert::Completeness;
use pipeline::calendar::{HOUR, MINUTE, SECOND};
use pipeline::output::{AirIndex, AirRow, Figures, TickOutput, ZoneValue};
use pipeline::rules::Value;
use pipeline::science::air::Pollutants;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use wire::{Milli, Quantity};

use crate::wall::EVENING;

pub const ZONES: usize = 200;
pub const NODES: usize = 2_000;

/// Two hundred squares side by side, `z0`, `z1`, …
pub fn zones() -> String {
    let zones: Vec<String> = (0..ZONES)
        .map(|zone| {
            let (west, south) = (0.02 * (zone % 20) as f64, 0.02 * (zone / 20) as f64);
            let (east, north) = (west + 0.01, south + 0.01);
            format!(
                r#"{{"type":"Feature","properties":{{"id":"z{zone}","kind":"square","area_m2":1000}},"geometry":
{{"type":"Polygon","coordinates":[[[{west},{south}],[{east},{south}],[{east},{north}],[{west},{north}],[{west},{south}]]]}}}}"#
            )
        })
        .collect();
    format!(
        r#"{{"type":"FeatureCollection","features":[{}]}}"#,
        zones.join(",\n")
    )
}

/// The files of the city; `metrics` are lines of `city.toml` after all others.
pub fn files(metrics: &str) -> Sources {
    let nodes: String = (0..NODES)
        .map(|node| format!("n{node},z{}\n", node % ZONES))
        .collect();
    Sources {
        city_toml: format!("[city]\nid = \"harbour\"\n{metrics}"),
        zones_geojson: zones(),
        nodes_csv: format!("node,zone\n{nodes}"),
        ..Sources::default()
    }
}

/// The served board; ended with this value.
pub struct Metropolis {
    pub address: SocketAddr,
    shutdown: CancellationToken,
}

impl Drop for Metropolis {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

impl Metropolis {
    #[allow(clippy::unwrap_used)]
    pub async fn serve(metrics: &str) -> Metropolis {
        let loaded = LoadedCity::from_sources(&files(metrics), None).unwrap();
        let board = Arc::new(RwLock::new(Board::new(Face::from(&loaded))));
        let clock = Arc::new(ScaledClock::starting_at(EVENING, 1));
        fill(&board, &loaded);
        let (actions, _) = mpsc::channel(1);
        let metrics = Metrics::new().unwrap();
        let state = HttpState {
            board,
            door: Door::new(Policy::default(), Spans::default(), metrics.registry()),
            metrics: metrics.registry().clone(),
            actions,
            explainer: None,
            archive: None,
            clock: clock.clone() as Arc<dyn Clock>,
            certificate: None,
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shutdown = CancellationToken::new();
        tokio::spawn(serve(listener, state, shutdown.clone()));
        Metropolis { address, shutdown }
    }
}

/// Figures of a pane in which `count` readings said the same.
pub fn steady(value: Milli, count: u64) -> Figures {
    Figures {
        mean: value,
        min: value,
        max: value,
        last: value,
        count,
        saturated: false,
    }
}

/// Every value of every zone, fresh; a tenth of the nodes have not been heard.
fn fill(board: &RwLock<Board>, loaded: &LoadedCity) {
    let city = &loaded.city;
    let end = EVENING - SECOND;
    let mut output = TickOutput {
        tick: EVENING as u64,
        ..TickOutput::default()
    };
    for zone in &city.zones {
        let is_shown = |value: &Value| match value {
            Value::Silence | Value::AirDay(_) => false,
            Value::AirIndex(standard) | Value::AirForecast(standard, _) => {
                city.standards.contains(standard)
            }
            _ => true,
        };
        for value in Value::all().filter(is_shown) {
            let mean = Milli(4_000 + i64::from(zone.ix.0));
            output.zone_values.push(ZoneValue {
                zone: zone.ix,
                value,
                pane_start: end - MINUTE,
                pane_end: end,
                figures: Some(steady(mean, 60)),
                completeness: Completeness {
                    heard: 9,
                    expected: 10,
                },
                suspect: 0,
                waits_for: None,
            });
        }
        for &standard in &city.standards {
            let index = 42 + zone.ix.0 % 140;
            output.air.push(AirRow {
                zone: zone.ix,
                hour: (EVENING / HOUR - 1) * HOUR,
                standard,
                index: Some(AirIndex {
                    index,
                    category: standard.category_number(index),
                    primary: Pollutants::only(Quantity::Pm2_5),
                }),
            });
        }
    }
    let mut board = board.write().unwrap_or_else(PoisonError::into_inner);
    board.apply(&output);
    board.link_changed(true);
    board.frontier_reached(EVENING as u64);
    for node in city.nodes.iter().filter(|node| node.ix.0 % 10 > 0) {
        board.node_heard(node.ix, EVENING - SECOND, 300);
    }
}
