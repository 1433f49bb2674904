//! One row into one reading: the node by its id, the quantity by its name, the value in the quantity's unit.

use std::fmt;

use pipeline::calendar::Millis;
use pipeline::city::{City, Node, NodeIx};
use rustc_hash::FxHashMap;
use wire::{Milli, Quantity};

use super::ledger::Refusal;
use super::rows::Cells;
use super::time::Moments;
use super::units::Conversion;
use crate::config::nearest;

/// A row that could be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    pub sampled_at: Millis,
    /// When it arrived; `sampled_at` where the file does not say.
    pub received: Millis,
    pub value: Milli,
    pub node: NodeIx,
    pub quantity: Quantity,
}

/// Which cell is what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Columns {
    pub time: usize,
    node: usize,
    quantity: usize,
    value: usize,
    unit: Option<usize>,
    received: Option<usize>,
    len: usize,
}

/// The header is not one of readings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeaderError {
    Missing(&'static str),
    Unknown { name: String, hint: String },
    Twice(String),
    Empty,
}

impl fmt::Display for HeaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HeaderError::Missing(name) => write!(f, "the header lacks the column `{name}`")?,
            HeaderError::Unknown { name, hint } => write!(f, "unknown column `{name}`{hint}")?,
            HeaderError::Twice(name) => write!(f, "column `{name}` is there twice")?,
            HeaderError::Empty => f.write_str("the file has no header")?,
        }
        f.write_str("; readings have time,node,quantity,value and may have unit and received")
    }
}

impl std::error::Error for HeaderError {}

const NAMES: [&str; 6] = ["time", "node", "quantity", "value", "unit", "received"];

impl Columns {
    pub fn from_header(cells: &Cells<'_>) -> Result<Columns, HeaderError> {
        let mut places = [None; NAMES.len()];
        for at in 0..cells.len() {
            let name = String::from_utf8_lossy(cells.get(at)).into_owned();
            match NAMES.iter().position(|known| *known == name) {
                Some(known) if places[known].is_some() => return Err(HeaderError::Twice(name)),
                Some(known) => places[known] = Some(at),
                None => {
                    let hint = nearest(&name, NAMES);
                    return Err(HeaderError::Unknown { name, hint });
                }
            }
        }
        let [time, node, quantity, value, unit, received] = places;
        let need = |place: Option<usize>, name| place.ok_or(HeaderError::Missing(name));
        Ok(Columns {
            time: need(time, "time")?,
            node: need(node, "node")?,
            quantity: need(quantity, "quantity")?,
            value: need(value, "value")?,
            unit,
            received,
            len: cells.len(),
        })
    }

    /// The file says when its rows arrived.
    pub fn has_received(&self) -> bool {
        self.received.is_some()
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

/// The city's nodes by the bytes of their ids.
pub struct Registry {
    /// Places in `ids` by id.
    places: FxHashMap<Box<[u8]>, u32>,
    ids: Vec<(Box<[u8]>, NodeIx)>,
    quantities: FxHashMap<&'static [u8], Quantity>,
}

impl Registry {
    pub fn new(city: &City) -> Registry {
        let id = |node: &Node| Box::<[u8]>::from(node.id.as_str().as_bytes());
        let places = city.nodes.iter().zip(0..);
        let quantities = Quantity::all().map(|quantity| (quantity.name().as_bytes(), quantity));
        Registry {
            places: places.map(|(node, place)| (id(node), place)).collect(),
            ids: city.nodes.iter().map(|node| (id(node), node.ix)).collect(),
            quantities: quantities.collect(),
        }
    }
}

/// Finds nodes in the order in which a file names them: whoever followed a node the last time probably
/// follows it again, and a comparison costs less than a hash.
#[derive(Default)]
struct Followers {
    /// By place in the registry: place of the node that came next.
    next: Vec<u32>,
    last: usize,
}

impl Followers {
    fn find(&mut self, id: &[u8], registry: &Registry) -> Option<NodeIx> {
        if self.next.is_empty() {
            self.next = vec![0; registry.ids.len()];
        }
        let guess = *self.next.get(self.last)? as usize;
        let (guessed, ix) = &registry.ids[guess];
        if **guessed == *id {
            self.last = guess;
            return Some(*ix);
        }
        let place = *registry.places.get(id)?;
        self.next[self.last] = place;
        self.last = place as usize;
        Some(registry.ids[self.last].1)
    }
}

/// Reads the rows of one file.
pub struct RowReader {
    columns: Columns,
    nodes: Followers,
    /// Two, because `received` can lie on another day than `time`.
    times: Moments,
    arrivals: Moments,
    /// Rows of a file nearly always share few units; the text of each stands beside its conversion.
    conversions: FxHashMap<(Quantity, Box<[u8]>), Option<Conversion>>,
    last_conversion: (Quantity, Vec<u8>, Conversion),
}

impl RowReader {
    pub fn new(columns: Columns) -> RowReader {
        RowReader {
            columns,
            nodes: Followers::default(),
            times: Moments::default(),
            arrivals: Moments::default(),
            conversions: FxHashMap::default(),
            last_conversion: (Quantity::Pm2_5, Vec::new(), Conversion::Own),
        }
    }

    pub fn read(&mut self, cells: &Cells<'_>, registry: &Registry) -> Result<Reading, Refusal> {
        let columns = self.columns;
        if cells.len() != columns.len {
            return Err(Refusal::Columns);
        }
        let sampled_at = self
            .times
            .parse(cells.get(columns.time))
            .map_err(Refusal::Time)?;
        let received = match columns.received.map(|place| cells.get(place)) {
            None | Some(b"") => sampled_at,
            Some(text) => self.arrivals.parse(text).map_err(Refusal::Received)?,
        };
        let id = cells.get(columns.node);
        let node = self.nodes.find(id, registry);
        let node = node.ok_or(Refusal::UnknownNode)?;
        let name = cells.get(columns.quantity);
        let quantity = *registry
            .quantities
            .get(name)
            .ok_or(Refusal::UnknownQuantity)?;
        let text = cells.get(columns.value);
        let value = match columns.unit.map(|place| cells.get(place)) {
            None | Some(b"") => Milli::parse_bytes(text).ok(),
            Some(unit) => self.conversion(unit, quantity)?.read(text),
        };
        let value = value.ok_or(Refusal::Value)?;
        if !quantity.is_plausible(value) {
            return Err(Refusal::Implausible);
        }
        Ok(Reading {
            sampled_at,
            received,
            value,
            node,
            quantity,
        })
    }

    fn conversion(&mut self, unit: &[u8], quantity: Quantity) -> Result<Conversion, Refusal> {
        let (last_quantity, last_unit, conversion) = &self.last_conversion;
        if *last_quantity == quantity && last_unit == unit {
            return Ok(*conversion);
        }
        // A file of nothing but different strange units must not fill the memory.
        if self.conversions.len() > CONVERSIONS_MAX {
            self.conversions.clear();
        }
        let known = self
            .conversions
            .entry((quantity, unit.into()))
            .or_insert_with(|| {
                let unit = std::str::from_utf8(unit).ok()?;
                Conversion::between(unit, quantity)
            });
        let conversion = known.ok_or(Refusal::Unit)?;
        self.last_conversion = (quantity, unit.to_vec(), conversion);
        Ok(conversion)
    }
}

const CONVERSIONS_MAX: usize = 1024;
