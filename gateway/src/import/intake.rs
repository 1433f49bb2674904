//! Readings on their way out of a source, and the books: what became of every row and of every cell.

use std::fmt::{self, Write as _};
use std::io;
use std::ops::Range;

use pipeline::calendar::Millis;
use wire::{Milli, Quantity};

use super::ImportError;
use super::table::Line;
use super::town::Row;

/// Bad rows and cells that are shown; all are counted.
const SHOWN_MAX: usize = 20;

/// What became of a source: rows = taken + outside + bad rows, cells = readings + missing + bad cells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Books {
    /// Lines of tables, headers not counted.
    pub rows: u64,
    pub taken: u64,
    /// Outside the time that was asked for.
    pub outside: u64,
    pub bad_rows: u64,
    /// Cells that could hold a reading.
    pub cells: u64,
    pub readings: u64,
    /// Empty, or the source's mark for no value.
    pub missing: u64,
    pub bad_cells: u64,
    /// The first bad rows and cells, `file:line: why`.
    pub shown: Vec<String>,
}

impl Books {
    pub fn is_balanced(&self) -> bool {
        self.rows == self.taken + self.outside + self.bad_rows
            && self.cells == self.readings + self.missing + self.bad_cells
    }
}

impl fmt::Display for Books {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Books {
            rows,
            taken,
            outside,
            bad_rows,
            readings,
            missing,
            bad_cells,
            ..
        } = self;
        write!(
            f,
            "{rows} rows: {taken} taken, {outside} outside the time asked for, {bad_rows} bad; \
             {readings} readings, {missing} missing values, {bad_cells} bad ones"
        )
    }
}

/// Where a set's function puts what it reads.
pub struct Intake<'s> {
    span: Range<Millis>,
    books: Books,
    sink: &'s mut dyn FnMut(&Row) -> io::Result<()>,
    /// One row for all: there are millions.
    row: Row,
    /// The first write that failed; what comes after it is not written.
    failed: Option<io::Error>,
}

impl<'s> Intake<'s> {
    pub fn new(span: Range<Millis>, sink: &'s mut dyn FnMut(&Row) -> io::Result<()>) -> Intake<'s> {
        let row = Row {
            at: 0,
            node: String::new(),
            quantity: Quantity::Pm2_5,
            value: String::new(),
            unit: "",
        };
        Intake {
            span,
            books: Books::default(),
            sink,
            row,
            failed: None,
        }
    }

    pub fn close(self) -> io::Result<Books> {
        match self.failed {
            Some(error) => Err(error),
            None => Ok(self.books),
        }
    }

    pub(super) fn count_row(&mut self) {
        self.books.rows += 1;
    }

    /// The moment of a row, if it can be read and is asked for; else the row is done with.
    pub(super) fn wanted(&mut self, line: &Line<'_>, at: Option<Millis>) -> Option<Millis> {
        let Some(at) = at else {
            self.bad_row(line, "no time that can be read");
            return None;
        };
        self.is_wanted(at).then_some(at)
    }

    /// A row that says no reading and was used: where something stands, a point of a path.
    pub(super) fn take_row(&mut self) {
        self.books.taken += 1;
    }

    /// Whether the row of this moment is taken.
    pub(super) fn is_wanted(&mut self, at: Millis) -> bool {
        let wanted = self.span.contains(&at);
        match wanted {
            true => self.books.taken += 1,
            false => self.books.outside += 1,
        }
        wanted
    }

    pub(super) fn bad_row(&mut self, line: &Line<'_>, why: &str) {
        self.bad_line(line.file, line.number, why);
    }

    /// A bad row of a file that is no table.
    pub(super) fn bad_line(&mut self, file: &str, number: u64, why: &str) {
        self.books.bad_rows += 1;
        self.show(file, number, why);
    }

    /// The reading in a cell of a taken row, its text as it stands.
    pub(super) fn cell(
        &mut self,
        line: &Line<'_>,
        column: usize,
        reading: (Millis, &str, Quantity, &'static str),
    ) {
        let Some(text) = self.text(line, column) else {
            return;
        };
        self.put(reading, text);
    }

    /// The number in a cell of a taken row, for a set that has to compute; what comes of it is for the caller to put.
    pub(super) fn number(&mut self, line: &Line<'_>, column: usize) -> Option<f64> {
        let text = self.text(line, column)?;
        self.books.cells -= 1;
        text.parse().ok()
    }

    /// A cell that could be read and is no reading all the same, such as the speed of no vehicle.
    pub(super) fn absent(&mut self) {
        self.books.cells += 1;
        self.books.missing += 1;
    }

    /// Counts the cell, and it as missing or bad where it is.
    fn text<'l>(&mut self, line: &'l Line<'_>, column: usize) -> Option<std::borrow::Cow<'l, str>> {
        self.books.cells += 1;
        let text = line.decimal(column);
        if line.is_missing(&text) {
            self.books.missing += 1;
            return None;
        }
        // What a reading's value may look like is for the reader of readings to say.
        if text.parse::<Milli>().is_err() {
            self.books.bad_cells += 1;
            self.show(
                line.file,
                line.number,
                &format!(
                    "`{}` in column {} is no number",
                    printable(&text),
                    column + 1
                ),
            );
            return None;
        }
        Some(text)
    }

    /// A reading that was computed, or stands in no table.
    pub(super) fn computed(
        &mut self,
        reading: (Millis, &str, Quantity, &'static str),
        value: impl fmt::Display,
    ) {
        self.books.cells += 1;
        self.put(reading, value);
    }

    fn put(
        &mut self,
        (at, node, quantity, unit): (Millis, &str, Quantity, &'static str),
        value: impl fmt::Display,
    ) {
        self.books.readings += 1;
        let row = &mut self.row;
        row.at = at;
        row.node.clear();
        row.node.push_str(node);
        row.quantity = quantity;
        row.unit = unit;
        row.value.clear();
        // Writing to memory cannot fail.
        let _ = write!(row.value, "{value}");
        if self.failed.is_none() {
            self.failed = (self.sink)(&self.row).err();
        }
    }

    fn show(&mut self, file: &str, number: u64, why: &str) {
        if self.books.shown.len() < SHOWN_MAX {
            self.books.shown.push(format!("{file}:{number}: {why}"));
        }
    }

    /// Whether writing failed: there is no point in reading on.
    pub(super) fn check(&mut self) -> Result<(), ImportError> {
        match self.failed.take() {
            Some(error) => Err(ImportError::Write(super::READINGS.into(), error)),
            None => Ok(()),
        }
    }
}

/// Text of a strange file, short and without control characters.
fn printable(text: &str) -> String {
    text.chars().take(30).filter(|c| !c.is_control()).collect()
}
