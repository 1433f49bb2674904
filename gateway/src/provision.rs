//! What a node is told, before its first start and while it runs, as the city's files have it: its keys, how often it
//! samples, and past which value it speaks up by itself. The simulated fleet is told the same.

use std::collections::HashMap;
use std::fmt;

use edge_firmware::Keys;
use edge_firmware::limits::SENSORS_MAX;
use edge_firmware::page::{Broker, Page};
use pipeline::calendar::Millis;
use pipeline::city::{Node, NodeIx};
use pipeline::rules::{Rule, Statistic, Value};
use wire::limits::ALARMS_MAX;
use wire::rule::Danger;
use wire::seal::{CitySecret, Direction, derive_key};
use wire::settings::{Alarm, SettingsError};
use wire::{Milli, NodeId, Quantity, Settings};

use crate::city::LoadedCity;

/// The generation of keys that a node starts with, where `nodes.csv` says no other.
const GENERATION: u8 = 1;

/// The generation of keys that a node is given.
pub fn generation(city: &LoadedCity, node: NodeIx) -> u8 {
    let said = city.post(node).and_then(|post| post.generation);
    said.unwrap_or(GENERATION)
}
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

/// What the node shall go by, as `nodes.csv` and `rules.toml` have it; `None` where they do not say what it measures.
pub fn settings(city: &LoadedCity, node: &Node) -> Option<Settings> {
    let (first, rest) = node.quantities.split_first()?;
    let usual = periods(&node.quantities);
    let post = city.post(node.ix);
    let said = |time: Option<Millis>| time.and_then(|time| u32::try_from(time).ok());
    let sample_ms = said(post.and_then(|post| post.sample));
    let report_ms = said(post.and_then(|post| post.period));
    let sample_ms = sample_ms.unwrap_or(usual.sample_ms.min(report_ms.unwrap_or(u32::MAX)));
    Some(Settings {
        sample_period_ms: sample_ms,
        report_period_ms: report_ms.unwrap_or(usual.report_ms).max(sample_ms),
        alarms: std::iter::once(first)
            .chain(rest)
            .filter_map(|&quantity| alarm(node, quantity, &city.rules))
            .take(ALARMS_MAX)
            .collect(),
    })
}

/// The lowest threshold that a rule has for a detector where it stands; only safety quantities speak up.
///
/// A rule that judges an average or asks for time still has its `for` and `clear_for` here: they are the same rule.
pub fn alarm(node: &Node, quantity: Quantity, rules: &[Rule]) -> Option<Alarm> {
    if !quantity.entry().safety {
        return None;
    }
    let (least, greatest) = quantity.entry().plausible;
    let within = |value: &Milli| (least..=greatest).contains(value);
    rules
        .iter()
        .filter(|rule| node.zone.is_some_and(|zone| rule.zones.contains(&zone)))
        .map(|rule| rule.condition)
        // A rule that is only tried out tells nobody, and makes no node speak up.
        .filter(|condition| !condition.shadow)
        .filter(|c| c.value == Value::Quantity(quantity) && c.statistic != Statistic::Count)
        .map(|condition| condition.threshold())
        .filter(|threshold| within(&threshold.raise_at) && within(&threshold.clear_at))
        .min_by_key(|threshold| match threshold.danger {
            Danger::Above => (threshold.danger, threshold.raise_at.0),
            Danger::Below => (threshold.danger, -threshold.raise_at.0),
        })
        .map(|threshold| Alarm {
            quantity,
            threshold,
        })
}

/// What every node of the city shall go by.
#[derive(Clone, Debug, Default)]
pub struct Orders {
    orders: HashMap<NodeIx, Order>,
}

/// What one node shall go by, with its number.
#[derive(Clone, Debug)]
pub struct Order {
    pub id: u32,
    pub settings: Settings,
}

impl Orders {
    pub fn new(city: &LoadedCity) -> Orders {
        let orders = city.city.nodes.iter().filter_map(|node| {
            let settings = settings(city, node)?;
            // What no node could go by is not asked of any.
            settings.check().ok()?;
            let id = settings.id();
            Some((node.ix, Order { id, settings }))
        });
        Orders {
            orders: orders.collect(),
        }
    }

    pub fn of(&self, node: NodeIx) -> Option<&Order> {
        self.orders.get(&node)
    }
}

/// A node's keys of one generation.
pub fn keys(secret: &CitySecret, node: &NodeId, generation: u8) -> Keys {
    let key = |direction| derive_key(secret, node, generation, direction);
    Keys {
        generation,
        up: key(Direction::Up),
        down: key(Direction::Down),
    }
}

/// What differs between two pages of one node.
#[derive(Clone, Copy, Debug)]
pub struct Choice {
    pub broker: Broker,
    /// Lowest boot number that the node may use with these keys.
    pub boots_from: u32,
}

/// Why a node cannot be given a page.
#[derive(Debug, PartialEq, Eq)]
pub enum PageFault {
    /// `nodes.csv` does not say what it measures.
    Undeclared(NodeId),
    /// It measures more than a board has room for.
    TooMany(NodeId, usize),
    /// The city's files ask for what no node can do.
    Settings(NodeId, SettingsError),
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
            PageFault::Settings(node, error) => {
                write!(f, "the city's files ask of node `{node}` for {error}")
            }
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
    let settings = settings(city, node).ok_or(PageFault::Undeclared(node.id))?;
    settings
        .check()
        .map_err(|error| PageFault::Settings(node.id, error))?;
    let quantities = heapless::Vec::from_slice(&node.quantities)
        .map_err(|_| PageFault::TooMany(node.id, node.quantities.len()))?;
    let generation = generation(city, node.ix);
    let keys = keys(secret, &node.id, generation);
    Ok(Page {
        city: city.city.id,
        node: node.id,
        broker: choice.broker,
        generation,
        up: *keys.up.as_bytes(),
        down: *keys.down.as_bytes(),
        boots_from: choice.boots_from,
        quantities,
        settings,
    })
}
