//! A city directory and a readings file, in the formats that users write; those that `citysense import` makes.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::ops::Range;
use std::path::Path;

pub use gateway::import::town::TownGate;
use gateway::import::{self, Set};
pub use gateway::import::{Row, Town};
use pipeline::calendar::Millis;

use super::shared;

/// What `citysense import` makes of recorded data inside `span`: the city and its readings.
///
/// Every row must have been read: recorded data of these sets has no bad ones.
pub fn imported(set: &str, folder: &str, span: Range<Millis>) -> (Town, Vec<Row>) {
    let set = Set::named(set).expect("a set");
    let from = [shared(folder)];
    let (town, rows, books) = import::collect(set, &from, span).expect("recorded data");
    assert!(books.is_balanced(), "{books:?}");
    assert_eq!(books.bad_rows + books.bad_cells, 0, "{books:?}");
    assert_eq!(books.readings, rows.len() as u64);
    (town, rows)
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
