//! The files that were named on the command line, and those of the directories that were.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use indicatif::ProgressBar;

use super::ImportError;
use crate::terminal::{self, Measure};

/// Files of a set, ordered by path.
#[derive(Clone, Debug)]
pub struct Sources {
    files: Vec<PathBuf>,
    /// Of what is read of them, by bytes as they lie on the disk.
    bar: ProgressBar,
}

/// Directories below a named one that are looked into: published sets are not deep.
const DEPTH_MAX: usize = 4;

impl Sources {
    pub fn find(named: &[PathBuf]) -> Result<Sources, ImportError> {
        let mut files = Vec::new();
        for path in named {
            walk(path, 0, &mut files)?;
        }
        files.sort();
        files.dedup();
        let bar = terminal::progress("import", Some(0), Measure::Bytes);
        Ok(Sources { files, bar })
    }

    /// Files whose name (without `.gz`) is one of the set's; `names` tells people which those are.
    pub(super) fn named(
        &self,
        names: &'static str,
        is_one: impl Fn(&str) -> bool,
    ) -> Result<Vec<Source>, ImportError> {
        let found: Vec<Source> = self.all().filter(|source| is_one(&source.stem)).collect();
        match found.is_empty() {
            true => Err(ImportError::NoFiles { names }),
            false => {
                let sizes = found.iter().map(Source::size);
                self.bar.inc_length(sizes.sum());
                Ok(found)
            }
        }
    }

    /// Nothing is left to watch.
    pub(super) fn are_read(&self) {
        self.bar.finish_and_clear();
    }

    fn all(&self) -> impl Iterator<Item = Source> {
        self.files.iter().map(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            Source {
                stem: name.strip_suffix(".gz").unwrap_or(&name).to_owned(),
                path: path.clone(),
                bar: self.bar.clone(),
            }
        })
    }
}

fn walk(path: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), ImportError> {
    let failed = |error| ImportError::Read(path.to_owned(), error);
    if !std::fs::metadata(path).map_err(failed)?.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    if depth >= DEPTH_MAX {
        return Ok(());
    }
    for entry in std::fs::read_dir(path).map_err(failed)? {
        walk(&entry.map_err(failed)?.path(), depth + 1, files)?;
    }
    Ok(())
}

/// One file of a set.
#[derive(Clone, Debug)]
pub(super) struct Source {
    path: PathBuf,
    /// Its name without `.gz`.
    pub(super) stem: String,
    bar: ProgressBar,
}

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

impl Source {
    fn size(&self) -> u64 {
        std::fs::metadata(&self.path).map_or(0, |file| file.len())
    }

    /// As people are told of it.
    pub(super) fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// The file's name without its last ending: `speed_6005` of `speed_6005.csv`.
    pub(super) fn title(&self) -> &str {
        self.stem
            .rsplit_once('.')
            .map_or(&self.stem, |(title, _)| title)
    }

    /// The bytes, unpacked, without a mark of UTF-8 in front.
    pub(super) fn open(&self) -> Result<Box<dyn BufRead>, ImportError> {
        let failed = |error| self.failed(error);
        let raw = File::open(&self.path).map_err(failed)?;
        let mut raw = BufReader::new(self.bar.wrap_read(raw));
        let is_gzip = raw.fill_buf().map_err(failed)?.starts_with(&GZIP_MAGIC);
        let mut bytes: Box<dyn BufRead> = match is_gzip {
            true => Box::new(BufReader::new(flate2::bufread::MultiGzDecoder::new(raw))),
            false => Box::new(raw),
        };
        if bytes
            .fill_buf()
            .map_err(failed)?
            .starts_with(b"\xef\xbb\xbf")
        {
            bytes.consume(3);
        }
        Ok(bytes)
    }

    /// The whole file as text; bytes that are none become a mark.
    pub(super) fn text(&self) -> Result<String, ImportError> {
        let mut bytes = Vec::new();
        let read = self.open()?.read_to_end(&mut bytes);
        read.map_err(|error| self.failed(error))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    pub(super) fn failed(&self, error: std::io::Error) -> ImportError {
        ImportError::Read(self.path.clone(), error)
    }

    pub(super) fn format(&self, why: impl Into<String>) -> ImportError {
        ImportError::Format {
            file: self.name(),
            why: why.into(),
        }
    }
}
