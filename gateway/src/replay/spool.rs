//! Rows that belong together on disk but come apart in time: a scratch file holds what is final.
//!
//! `zones.csv` is ordered by zone and quantity, figures become final by time. Keeping all of four years in
//! memory until the end would need gigabytes; so each series fills a page, and full pages go to one file.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Bytes of a series that are kept before they go to the scratch file.
const PAGE_LEN: usize = 16 * 1024;

/// The scratch file; removed when it is dropped.
pub(super) struct Spool {
    path: PathBuf,
    file: File,
    len: u64,
}

/// The text of one series: pages on disk, then what is still in memory.
#[derive(Debug, Default)]
pub(super) struct Series {
    pages: Vec<(u64, usize)>,
    pub(super) page: Vec<u8>,
}

impl Spool {
    pub(super) fn create(path: &Path) -> io::Result<Spool> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(true);
        let file = options.open(path)?;
        Ok(Spool {
            path: path.to_owned(),
            file,
            len: 0,
        })
    }

    /// Writes the page of a series away if it is full.
    pub(super) fn turn(&mut self, series: &mut Series) -> io::Result<()> {
        if series.page.len() < PAGE_LEN {
            return Ok(());
        }
        self.file.write_all(&series.page)?;
        series.pages.push((self.len, series.page.len()));
        self.len += series.page.len() as u64;
        series.page.clear();
        Ok(())
    }

    /// Copies a whole series to `out`.
    pub(super) fn copy(&mut self, series: &Series, out: &mut impl Write) -> io::Result<()> {
        let mut page = Vec::new();
        for &(at, len) in &series.pages {
            page.resize(len, 0);
            self.file.seek(SeekFrom::Start(at))?;
            self.file.read_exact(&mut page)?;
            out.write_all(&page)?;
        }
        out.write_all(&series.page)
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        // It held nothing that anybody needs; a file that stays behind is only untidy.
        let _ = std::fs::remove_file(&self.path);
    }
}
