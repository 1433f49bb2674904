//! One run of the pipeline over recorded rows, and what it said.

use std::collections::BTreeMap;

use gateway::city::LoadedCity;
use pipeline::calendar::Millis;
use pipeline::input::Input;
use pipeline::observation::Observation;
use serde_json::Value as Json;
use wire::{Milli, Quantity};

use super::town::{Row, Town};
use crate::history::{Event, History};

/// What a run left behind, by names.
#[derive(Debug, Default)]
pub struct Outcome {
    /// (zone, value, pane start) → figures.
    pub panes: BTreeMap<(String, String, Millis), Pane>,
    /// (zone, standard, hour) → index and primary pollutant.
    pub air: BTreeMap<(String, String, Millis), (u32, Option<String>)>,
    /// Every revision, in order.
    pub revisions: Vec<Json>,
}

/// Figures in thousandths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pane {
    pub mean: i64,
    pub min: i64,
    pub max: i64,
    pub count: u64,
    pub heard: u32,
    pub expected: u32,
}

pub fn replay(town: &Town, rows: &[Row], workers: usize) -> Outcome {
    let directory = tempfile::tempdir().expect("a temporary directory");
    town.write(directory.path()).expect("a city directory");
    let city = gateway::city::load(directory.path(), None).expect("a sound city");
    let mut events = vec![
        (0, Event::Input(Input::City(city.city.clone()))),
        (0, Event::Input(Input::Rules(city.rules.clone()))),
    ];
    let mut until = 0;
    for (sequence, row) in rows.iter().enumerate() {
        let tick = row.at as u64 / 100 * 100;
        until = tick;
        events.push((tick, Event::Observe(observation(&city, row, sequence))));
    }
    let history = History {
        calendar: city.calendar.clone(),
        events,
        until,
    };
    let mut outcome = Outcome::default();
    let zone_name = |ix| {
        let zone = city.city.zones.iter().find(|zone| zone.ix == ix);
        zone.expect("a zone").id.to_string()
    };
    for output in history.run(workers) {
        for row in output.zone_values {
            let key = (zone_name(row.zone), row.value.to_string(), row.pane_start);
            match row.figures {
                None => drop(outcome.panes.remove(&key)),
                Some(figures) => drop(outcome.panes.insert(
                    key,
                    Pane {
                        mean: figures.mean.0,
                        min: figures.min.0,
                        max: figures.max.0,
                        count: figures.count,
                        heard: row.completeness.heard,
                        expected: row.completeness.expected,
                    },
                )),
            }
        }
        for row in output.air {
            let key = (zone_name(row.zone), row.standard.to_string(), row.hour);
            match row.index {
                None => drop(outcome.air.remove(&key)),
                Some(index) => drop(outcome.air.insert(
                    key,
                    (index.index, index.primary.map(|q| q.name().to_owned())),
                )),
            }
        }
        for revision in output.revisions {
            outcome
                .revisions
                .push(serde_json::to_value(&revision).expect("JSON"));
        }
    }
    outcome
}

fn observation(city: &LoadedCity, row: &Row, sequence: usize) -> Observation {
    let node = city
        .city
        .nodes
        .iter()
        .find(|node| node.id.as_str() == row.node);
    let value: Milli = row.value.parse().expect("a decimal");
    let quantity: Quantity = row.quantity.parse().expect("a quantity");
    Observation {
        node: node.expect("a node").ix,
        quantity,
        saturated: false,
        index: 0,
        sampled_at: row.at,
        value: match (quantity, row.unit) {
            (Quantity::Co, "ug/m3") => Milli(value.0 / 1000),
            _ => value,
        },
        sequence: sequence as u64,
    }
}
