//! Where readings come from: a file, plain or gzip, or standard input.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::row::{Columns, HeaderError};
use super::rows::{Rows, Unsplittable};

/// Why a file of readings cannot be read on.
#[derive(Debug)]
pub struct SourceError {
    /// As it was named on the command line.
    pub name: String,
    pub cause: SourceCause,
}

#[derive(Debug)]
pub enum SourceCause {
    Io(io::Error),
    Header(HeaderError),
    /// Some files say when their rows arrived and some do not: there is no one order.
    MixedReceived,
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.name)?;
        match &self.cause {
            SourceCause::Io(error) => error.fmt(f),
            SourceCause::Header(error) => error.fmt(f),
            SourceCause::MixedReceived => f.write_str(
                "either all files have the column `received` or none: rows cannot be ordered by arrival and by time at once",
            ),
        }
    }
}

impl std::error::Error for SourceError {}

/// A place that can be opened more than once, but for standard input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    StandardInput,
    File(PathBuf),
}

impl Place {
    /// `-` is standard input.
    pub fn named(name: &Path) -> Place {
        match name.as_os_str() == "-" {
            true => Place::StandardInput,
            false => Place::File(name.to_owned()),
        }
    }

    pub fn name(&self) -> String {
        match self {
            Place::StandardInput => "standard input".to_owned(),
            Place::File(path) => path.display().to_string(),
        }
    }

    /// Length in bytes as it lies on the disk, where that can be known.
    pub fn size(&self) -> Option<u64> {
        match self {
            Place::StandardInput => None,
            Place::File(path) => std::fs::metadata(path)
                .ok()
                .filter(std::fs::Metadata::is_file)
                .map(|meta| meta.len()),
        }
    }

    pub fn error(&self, cause: SourceCause) -> SourceError {
        SourceError {
            name: self.name(),
            cause,
        }
    }

    /// Opens the place and reads its header; `progress` counts the bytes that were taken from the disk.
    pub fn open(&self, progress: &Arc<AtomicU64>) -> Result<Opened, SourceError> {
        let failed = |error| self.error(SourceCause::Io(error));
        let raw: Box<dyn Read + Send> = match self {
            Place::StandardInput => Box::new(io::stdin()),
            Place::File(path) => Box::new(File::open(path).map_err(failed)?),
        };
        let counted = Counted {
            input: raw,
            count: progress.clone(),
        };
        let mut buffered = BufReader::with_capacity(BUFFER_LEN, counted);
        let is_gzip = buffered
            .fill_buf()
            .map_err(failed)?
            .starts_with(&GZIP_MAGIC);
        let bytes: Box<dyn Read + Send> = match is_gzip {
            true => Box::new(flate2::bufread::MultiGzDecoder::new(buffered)),
            false => Box::new(buffered),
        };
        let mut rows = Rows::new(bytes);
        let header = match rows.next().map_err(failed)? {
            Some(Ok(cells)) => Columns::from_header(&cells),
            Some(Err(Unsplittable)) | None => Err(HeaderError::Empty),
        };
        let columns = header.map_err(|error| self.error(SourceCause::Header(error)))?;
        Ok(Opened { rows, columns })
    }
}

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
const BUFFER_LEN: usize = 256 * 1024;

/// A place whose header has been read.
pub struct Opened {
    pub rows: Rows<Box<dyn Read + Send>>,
    pub columns: Columns,
}

/// Counts what goes through, for a progress bar.
struct Counted<R> {
    input: R,
    count: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(into)?;
        self.count.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}
