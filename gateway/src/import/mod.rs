//! Recorded public data sets, in the formats in which they are published, as a city directory and its readings.
//!
//! In reading order:
//! - [`sources`]: which files of those that were named belong to a set; [`table`]: rows of any bytes, by column;
//! - [`clock`]: times that say no offset; [`intake`]: readings on their way out, and what became of every row;
//! - [`town`]: what a city directory says;
//! - [`sets`]: one file a set, each a function from its files to a town and its readings. It says there which units
//!   and which clock the source has, and how it marks what is missing.
//!
//! What is common to all: a mark of UTF-8 at the start of a file is skipped; a row or cell that cannot be read is
//! counted, told with file and line, and left out; a cell that is empty, `NA` or `NaN` is missing and counted; a
//! time that is there twice goes on twice, because `replay` takes the first and counts the other.

mod clock;
mod intake;
pub mod sets;
mod sources;
mod table;
pub mod town;

use std::fmt;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use pipeline::calendar::{Millis, rfc3339};

pub use intake::{Books, Intake};
pub use sets::{SETS, Set};
pub use sources::Sources;
pub use town::{Row, Town};

/// Why an import stopped.
#[derive(Debug)]
pub enum ImportError {
    /// None of the named files belongs to the set; what its files are called.
    NoFiles {
        names: &'static str,
    },
    /// A file that lacks a column without which it says nothing.
    Column {
        file: String,
        name: String,
    },
    /// A file that is not what its name says.
    Format {
        file: String,
        why: String,
    },
    /// The files were read, and held no reading of the time that was asked for.
    Empty,
    Read(PathBuf, io::Error),
    Write(PathBuf, io::Error),
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ImportError::NoFiles { names } => {
                write!(
                    f,
                    "no file there belongs to this set; its files are called {names}"
                )
            }
            ImportError::Column { file, name } => {
                write!(f, "{file}: the table has no column `{name}`")
            }
            ImportError::Format { file, why } => write!(f, "{file}: {why}"),
            ImportError::Empty => f.write_str("no reading lies in the time that was asked for"),
            ImportError::Read(path, error) | ImportError::Write(path, error) => {
                write!(f, "{}: {error}", path.display())
            }
        }
    }
}

impl std::error::Error for ImportError {}

/// Every moment.
pub const ALWAYS: Range<Millis> = Millis::MIN..Millis::MAX;

/// Name of the file of readings in the directory that is made.
pub const READINGS: &str = "readings.csv";
/// What the figures come from, for people; its first line goes under plots.
pub const SOURCE: &str = "SOURCE.md";

/// Reads a set and writes its city directory with [`READINGS`] into `out`; rows outside `span` are left out.
pub fn import(
    set: &Set,
    from: &[PathBuf],
    span: Range<Millis>,
    out: &Path,
) -> Result<Books, ImportError> {
    let sources = Sources::find(from)?;
    std::fs::create_dir_all(out).map_err(|error| ImportError::Write(out.to_owned(), error))?;
    let path = out.join(READINGS);
    let failed = |error| ImportError::Write(path.clone(), error);
    let mut file = BufWriter::new(File::create(&path).map_err(failed)?);
    writeln!(file, "time,node,quantity,value,unit").map_err(failed)?;
    let mut sink = |row: &Row| -> io::Result<()> {
        let Row {
            at,
            node,
            quantity,
            value,
            unit,
        } = row;
        writeln!(
            file,
            "{},{node},{},{value},{unit}",
            rfc3339(*at),
            quantity.name()
        )
    };
    let mut intake = Intake::new(span, &mut sink);
    let town = (set.read)(&sources, &mut intake)?;
    let books = intake.close().map_err(failed)?;
    sources.are_read();
    file.flush().map_err(failed)?;
    if books.readings == 0 {
        return Err(ImportError::Empty);
    }
    town.write(out)?;
    let source = out.join(SOURCE);
    std::fs::write(&source, set.source()).map_err(|error| ImportError::Write(source, error))?;
    Ok(books)
}

/// Reads a set into memory.
pub fn collect(
    set: &Set,
    from: &[PathBuf],
    span: Range<Millis>,
) -> Result<(Town, Vec<Row>, Books), ImportError> {
    let sources = Sources::find(from)?;
    let mut rows = Vec::new();
    let mut sink = |row: &Row| {
        rows.push(row.clone());
        Ok(())
    };
    let mut intake = Intake::new(span, &mut sink);
    let town = (set.read)(&sources, &mut intake)?;
    let books = intake
        .close()
        .map_err(|error| ImportError::Write(PathBuf::new(), error))?;
    Ok((town, rows, books))
}
