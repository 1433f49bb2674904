//! What became of every row: rows = admitted + duplicates + refused, always.

use std::fmt;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::time::TimeError;

/// Why a row was not admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Not as many cells as the header, or none that could be told apart.
    Columns,
    Time(TimeError),
    /// `received` is no moment.
    Received(TimeError),
    /// No node of the city has this id.
    UnknownNode,
    UnknownQuantity,
    /// Not a decimal number.
    Value,
    /// Not a unit that the quantity can be converted from.
    Unit,
    /// No working sensor says this.
    Implausible,
}

impl Refusal {
    /// Every reason's name, by [`Refusal::place`].
    pub const REASONS: [&'static str; 7] = [
        "columns",
        "time",
        "unknown_node",
        "unknown_quantity",
        "value",
        "unit",
        "implausible",
    ];

    fn place(self) -> usize {
        match self {
            Refusal::Columns => 0,
            Refusal::Time(_) | Refusal::Received(_) => 1,
            Refusal::UnknownNode => 2,
            Refusal::UnknownQuantity => 3,
            Refusal::Value => 4,
            Refusal::Unit => 5,
            Refusal::Implausible => 6,
        }
    }

    pub fn reason(self) -> &'static str {
        Refusal::REASONS[self.place()]
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Columns => f.write_str("the row has not the columns of the header"),
            Refusal::Time(error) => error.fmt(f),
            Refusal::Received(error) => write!(f, "received: {error}"),
            Refusal::UnknownNode => f.write_str("nodes.csv has no such node"),
            Refusal::UnknownQuantity => f.write_str("no quantity has this name"),
            Refusal::Value => f.write_str("the value is not a decimal number"),
            Refusal::Unit => f.write_str("the unit does not measure this quantity"),
            Refusal::Implausible => f.write_str("no working sensor says this value"),
        }
    }
}

/// Bad rows that are shown; all are counted.
const SHOWN_MAX: usize = 20;

/// The books of one reading of files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    pub rows: u64,
    pub admitted: u64,
    /// Of the admitted: after their pane was judged, but within its horizon.
    pub late: u64,
    /// Of the admitted: after their pane was sealed off; they change nothing.
    pub too_late: u64,
    /// A second reading of one node, quantity and time; the first one stands.
    pub duplicates: u64,
    refused: [u64; Refusal::REASONS.len()],
    /// The first refused rows, `file:line: why`.
    pub shown: Vec<String>,
}

impl Ledger {
    /// Counts a refused row; the caller has counted it as a row.
    pub(crate) fn refuse(&mut self, file: &str, line: u64, refusal: Refusal) {
        self.refused[refusal.place()] += 1;
        if self.shown.len() < SHOWN_MAX {
            self.shown.push(format!("{file}:{line}: {refusal}"));
        }
    }

    pub fn refused(&self) -> u64 {
        self.refused.iter().sum()
    }

    pub fn refused_by_reason(&self) -> impl Iterator<Item = (&'static str, u64)> {
        Refusal::REASONS.into_iter().zip(self.refused)
    }

    /// Every row is in exactly one column.
    pub fn is_balanced(&self) -> bool {
        self.rows == self.admitted + self.duplicates + self.refused()
    }

    /// So many rows are bad that the files are probably not what they were taken for.
    pub fn is_mostly_refused(&self) -> bool {
        self.refused() * 2 > self.rows
    }
}

/// Fixed order of keys.
impl Serialize for Ledger {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Refused<'l>(&'l Ledger);
        impl Serialize for Refused<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_map(self.0.refused_by_reason())
            }
        }
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("rows", &self.rows)?;
        map.serialize_entry("admitted", &self.admitted)?;
        map.serialize_entry("late", &self.late)?;
        map.serialize_entry("too_late", &self.too_late)?;
        map.serialize_entry("duplicates", &self.duplicates)?;
        map.serialize_entry("refused", &Refused(self))?;
        map.end()
    }
}
