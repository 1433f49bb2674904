//! What a node is told before its first start, as the city's files have it: its keys, how often it samples, and past
//! which value it speaks up by itself. The simulated fleet is told the same.

use std::fmt;

use edge_firmware::limits::SENSORS_MAX;
use edge_firmware::page::{Broker, Fitting, Page};
use edge_firmware::{Keys, Threshold};
use pipeline::city::Node;
use pipeline::rules::{Direction, Rule, Value};
use wire::seal::{CitySecret, Direction as Way, derive_key};
use wire::{NodeId, Quantity};

use crate::city::LoadedCity;

/// The generation of keys that a new city starts with.
pub const GENERATION: u8 = 1;
/// Quantities with panes shorter than a minute are sampled once a pane and reported this often.
const QUICK_REPORT_MS: u32 = 20_000;
const SLOW_MS: u32 = 60_000;

/// How often a node samples each quantity and closes a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Periods {
    pub sample_ms: u32,
    pub report_ms: u32,
}

/// Every quantity once a pane, at most once a minute.
pub fn periods(quantities: &[Quantity]) -> Periods {
    let widths = quantities.iter().map(|q| q.entry().pane_width_s * 1000);
    match widths.min().unwrap_or(SLOW_MS) {
        width_ms if width_ms < SLOW_MS => Periods {
            sample_ms: width_ms,
            report_ms: QUICK_REPORT_MS.max(width_ms),
        },
        _ => Periods {
            sample_ms: SLOW_MS,
            report_ms: SLOW_MS,
        },
    }
}

/// The lowest threshold that a rule has for a detector where it stands; only safety quantities speak up.
pub fn alarm(node: &Node, quantity: Quantity, rules: &[Rule]) -> Option<Threshold> {
    if !quantity.entry().safety {
        return None;
    }
    rules
        .iter()
        .filter(|rule| node.zone.is_some_and(|zone| rule.zones.contains(&zone)))
        .map(|rule| rule.condition)
        .filter(|c| c.value == Value::Quantity(quantity) && c.direction == Direction::Above)
        .map(|condition| Threshold {
            raise_at: condition.raise_at,
            clear_at: condition.clear_at,
        })
        .min_by_key(|threshold| threshold.raise_at)
}

/// A node's keys of one generation.
pub fn keys(secret: &CitySecret, node: &NodeId, generation: u8) -> Keys {
    let key = |way| derive_key(secret, node, generation, way);
    Keys {
        generation,
        up: key(Way::Up),
        down: key(Way::Down),
    }
}

/// What differs between two pages of one node.
#[derive(Clone, Copy, Debug)]
pub struct Choice {
    pub broker: Broker,
    pub generation: u8,
    /// Lowest boot number that the node may use with these keys.
    pub boots_from: u32,
    /// `None`: what suits the quantities.
    pub periods: Option<Periods>,
}

/// Why a node cannot be given a page.
#[derive(Debug, PartialEq, Eq)]
pub enum PageFault {
    /// `nodes.csv` does not say what it measures.
    Undeclared(NodeId),
    /// It measures more than a board has room for.
    TooMany(NodeId, usize),
}

impl fmt::Display for PageFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PageFault::Undeclared(node) => write!(
                f,
                "nodes.csv does not say what node `{node}` measures; name its quantities there"
            ),
            PageFault::TooMany(node, count) => write!(
                f,
                "node `{node}` measures {count} quantities by nodes.csv; a board has room for {SENSORS_MAX}"
            ),
        }
    }
}

impl std::error::Error for PageFault {}

/// The page of one node of the city.
pub fn page(
    city: &LoadedCity,
    node: &Node,
    secret: &CitySecret,
    choice: Choice,
) -> Result<Page, PageFault> {
    if node.quantities.is_empty() {
        return Err(PageFault::Undeclared(node.id));
    }
    let mut sensors = heapless::Vec::new();
    for &quantity in &node.quantities {
        let alarm = alarm(node, quantity, &city.rules);
        let fitting = Fitting {
            quantity,
            alarm: alarm.map(|threshold| (threshold.raise_at.0, threshold.clear_at.0)),
        };
        sensors
            .push(fitting)
            .map_err(|_| PageFault::TooMany(node.id, node.quantities.len()))?;
    }
    let Periods {
        sample_ms,
        report_ms,
    } = choice.periods.unwrap_or_else(|| periods(&node.quantities));
    let keys = keys(secret, &node.id, choice.generation);
    Ok(Page {
        city: city.city.id,
        node: node.id,
        broker: choice.broker,
        sample_period_ms: sample_ms,
        report_period_ms: report_ms,
        generation: choice.generation,
        up: *keys.up.as_bytes(),
        down: *keys.down.as_bytes(),
        boots_from: choice.boots_from,
        sensors,
    })
}
