//! What could not be read in a table: said with its line, counted, never fatal.

use std::fmt;
use std::io::Write;

/// Complaints that are printed; the rest is only counted.
const COMPLAINTS_PRINTED_MAX: usize = 100;

/// Says what could not be read, and counts it.
pub(super) struct Complaints<W> {
    to: W,
    count: usize,
}

impl<W: Write> Complaints<W> {
    pub(super) fn to(to: W) -> Complaints<W> {
        Complaints { to, count: 0 }
    }

    /// So far.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    pub(super) fn add(&mut self, line: u64, what: fmt::Arguments<'_>) {
        self.count += 1;
        if self.count <= COMPLAINTS_PRINTED_MAX {
            self.note(format_args!("line {line}: {what}"));
        }
    }

    /// A closed standard error must not stop the table.
    pub(super) fn note(&mut self, what: fmt::Arguments<'_>) {
        let _ = writeln!(self.to, "citysense: {what}");
    }

    pub(super) fn finish(&mut self) {
        if self.count > COMPLAINTS_PRINTED_MAX {
            let more = self.count - COMPLAINTS_PRINTED_MAX;
            self.note(format_args!("and {more} more bad cells or rows"));
        }
    }
}
