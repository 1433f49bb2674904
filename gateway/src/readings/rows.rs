//! Bytes into rows of cells: CSV split in place, without a copy where nothing is quoted.

use std::io::{self, Read};

/// Longest row that is read; a longer one is refused as a whole. Readings are far shorter.
pub const ROW_LEN_MAX: usize = 16 * 1024;
/// Most columns that a file can have.
pub const CELLS_MAX: usize = 16;
const BUFFER_LEN: usize = 256 * 1024;
const _: () = assert!(ROW_LEN_MAX < BUFFER_LEN);

/// Splits a stream into rows.
pub struct Rows<R> {
    input: R,
    buffer: Vec<u8>,
    /// Unread bytes are `buffer[start..end]`.
    start: usize,
    end: usize,
    /// Line of the row that was read last, from 1.
    line: u64,
    is_at_end: bool,
    /// Cells of a row with quotes, unquoted.
    unquoted: Vec<u8>,
    /// The row so far is longer than allowed: it is skipped to its end.
    is_too_long: bool,
}

/// The cells of one row.
#[derive(Debug)]
pub struct Cells<'r> {
    bytes: &'r [u8],
    /// End of each cell in `bytes`; the next starts one further.
    ends: [u32; CELLS_MAX],
    len: usize,
}

/// The line cannot be split into cells: an open quote, too many cells, too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unsplittable;

impl<'r> Cells<'r> {
    /// The cell at `place`, without spaces around it.
    pub fn get(&self, place: usize) -> &'r [u8] {
        if place >= self.len {
            return b"";
        }
        let start = match place {
            0 => 0,
            _ => self.ends[place - 1] as usize + 1,
        };
        let cell = &self.bytes[start..self.ends[place] as usize];
        match cell {
            [b' ' | b'\t', ..] | [.., b' ' | b'\t'] => cell.trim_ascii(),
            _ => cell,
        }
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

/// How far a scan of the unread bytes came.
enum Scan {
    /// The row ends before this position; a quote was met.
    Row {
        end: usize,
        has_quote: bool,
        cells: usize,
    },
    Partial,
}

impl<R: Read> Rows<R> {
    pub fn new(input: R) -> Rows<R> {
        Rows {
            input,
            buffer: vec![0; BUFFER_LEN],
            start: 0,
            end: 0,
            line: 0,
            is_at_end: false,
            unquoted: Vec::new(),
            is_too_long: false,
        }
    }

    /// Line of the row that was read last, from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The next row that is not blank; `None` at the end.
    #[allow(clippy::should_implement_trait)] // the row borrows from the reader
    pub fn next(&mut self) -> io::Result<Option<Result<Cells<'_>, Unsplittable>>> {
        let mut ends = [0; CELLS_MAX];
        loop {
            let (start, scan) = (
                self.start,
                scan(&self.buffer[self.start..self.end], &mut ends),
            );
            let (end, has_quote, cells) = match scan {
                Scan::Row {
                    end,
                    has_quote,
                    cells,
                } => (start + end, has_quote, cells),
                Scan::Partial if !self.is_at_end => {
                    self.refill()?;
                    continue;
                }
                Scan::Partial if start == self.end => return Ok(None),
                // The last line has no newline: give it one, for which there is always room.
                Scan::Partial => {
                    self.buffer[self.end] = b'\n';
                    self.end += 1;
                    continue;
                }
            };
            self.start = end + 1;
            self.line += 1;
            if std::mem::take(&mut self.is_too_long) || end - start > ROW_LEN_MAX {
                return Ok(Some(Err(Unsplittable)));
            }
            let mut row = start..end;
            if row.end > row.start && self.buffer[row.end - 1] == b'\r' {
                row.end -= 1;
            }
            if self.line == 1 && self.buffer[row.clone()].starts_with(b"\xef\xbb\xbf") {
                row.start += 3;
                // Cell ends were counted from before the mark.
                ends.iter_mut().for_each(|end| *end = end.saturating_sub(3));
            }
            if self.buffer[row.clone()].trim_ascii().is_empty() {
                continue;
            }
            if has_quote {
                return Ok(Some(unquote(&self.buffer[row], &mut self.unquoted)));
            }
            if cells > CELLS_MAX {
                return Ok(Some(Err(Unsplittable)));
            }
            let bytes = &self.buffer[row];
            ends[cells - 1] = bytes.len() as u32;
            return Ok(Some(Ok(Cells {
                bytes,
                ends,
                len: cells,
            })));
        }
    }

    /// Moves the unread bytes to the front and reads more behind them.
    fn refill(&mut self) -> io::Result<()> {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        if self.end > ROW_LEN_MAX {
            // No newline in sight: forget the beginning, remember that there was one.
            self.is_too_long = true;
            self.end = 0;
        }
        // One byte stays free for the newline that the last line may lack.
        let free = self.buffer.len() - 1;
        loop {
            match self.input.read(&mut self.buffer[self.end..free]) {
                Ok(0) => self.is_at_end = true,
                Ok(count) => self.end += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            }
            return Ok(());
        }
    }
}

/// Looks for the end of the row and, on the way, of its cells; eight bytes at a time, because most bytes of
/// a reading matter to nobody here.
fn scan(bytes: &[u8], ends: &mut [u32; CELLS_MAX]) -> Scan {
    let mut found = Found::default();
    let (words, rest) = bytes.as_chunks::<8>();
    for (word, chunk) in words.iter().enumerate() {
        let mut candidates = low_bytes(u64::from_le_bytes(*chunk));
        while candidates != 0 {
            let within = (candidates.trailing_zeros() / 8) as usize;
            candidates &= candidates - 1;
            if let Some(row) = found.meet(chunk[within], word * 8 + within, ends) {
                return row;
            }
        }
    }
    for (at, &byte) in rest.iter().enumerate() {
        if let Some(row) = found.meet(byte, words.len() * 8 + at, ends) {
            return row;
        }
    }
    Scan::Partial
}

/// The high bit of every byte that is at most `,` (and now and then of one above such a byte, by a borrow):
/// comma, newline and quote are among them, letters and digits are not.
fn low_bytes(word: u64) -> u64 {
    const EACH: u64 = u64::from_le_bytes([1; 8]);
    word.wrapping_sub(EACH * (b',' as u64 + 1)) & !word & (EACH * 0x80)
}

/// What a scan has met of its row.
#[derive(Default)]
struct Found {
    cells: usize,
    has_quote: bool,
}

impl Found {
    fn meet(&mut self, byte: u8, at: usize, ends: &mut [u32; CELLS_MAX]) -> Option<Scan> {
        match byte {
            b',' => {
                if let Some(end) = ends.get_mut(self.cells) {
                    *end = at as u32;
                }
                self.cells += 1;
            }
            b'\n' => {
                return Some(Scan::Row {
                    end: at,
                    has_quote: self.has_quote,
                    cells: self.cells + 1,
                });
            }
            b'"' => self.has_quote = true,
            _ => {}
        }
        None
    }
}

/// Splits a row with quoted cells (RFC 4180); a quote inside a bare cell stands for itself.
fn unquote<'r>(row: &[u8], unquoted: &'r mut Vec<u8>) -> Result<Cells<'r>, Unsplittable> {
    unquoted.clear();
    let mut ends = [0; CELLS_MAX];
    let mut cells = 0;
    let mut rest = row;
    loop {
        let cell = rest.trim_ascii_start();
        if let [b'"', quoted @ ..] = cell {
            rest = quoted;
            loop {
                let quote = rest
                    .iter()
                    .position(|&byte| byte == b'"')
                    .ok_or(Unsplittable)?;
                unquoted.extend_from_slice(&rest[..quote]);
                rest = &rest[quote + 1..];
                match rest {
                    [b'"', after @ ..] => {
                        unquoted.push(b'"');
                        rest = after;
                    }
                    _ => break,
                }
            }
            rest = rest.trim_ascii_start();
            if !matches!(rest, [] | [b',', ..]) {
                return Err(Unsplittable);
            }
        } else {
            let comma = rest
                .iter()
                .position(|&byte| byte == b',')
                .unwrap_or(rest.len());
            unquoted.extend_from_slice(&rest[..comma]);
            rest = &rest[comma..];
        }
        *ends.get_mut(cells).ok_or(Unsplittable)? = unquoted.len() as u32;
        cells += 1;
        match rest {
            [b',', after @ ..] => {
                // Cells are one apart, as they are in a row without quotes.
                unquoted.push(b',');
                rest = after;
            }
            _ => {
                return Ok(Cells {
                    bytes: unquoted,
                    ends,
                    len: cells,
                });
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Gives its bytes a few at a time.
    struct Dribble<'b>(&'b [u8], usize);

    impl Read for Dribble<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let count = self.0.len().min(self.1).min(into.len());
            into[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    /// `line: cell|cell` for every row.
    fn split(bytes: &[u8], at_once: usize) -> Vec<String> {
        let mut rows = Rows::new(Dribble(bytes, at_once));
        let mut shown = Vec::new();
        loop {
            let text = match rows.next().unwrap() {
                None => return shown,
                Some(Err(Unsplittable)) => "unsplittable".to_owned(),
                Some(Ok(cells)) => {
                    let cells = (0..cells.len()).map(|place| cells.get(place));
                    cells
                        .map(|cell| String::from_utf8_lossy(cell))
                        .collect::<Vec<_>>()
                        .join("|")
                }
            };
            shown.push(format!("{}: {text}", rows.line()));
        }
    }

    #[test]
    fn rows_are_split_wherever_the_blocks_end() {
        let text = b"\xef\xbb\xbftime,node\r\n1 , a\n\n \"2\" ,\"b, \"\"c\"\"\"\n\"3,d\n4,\n,\n5,e";
        let expected = [
            "1: time|node",
            "2: 1|a",
            "4: 2|b, \"c\"",
            "5: unsplittable",
            "6: 4|",
            "7: |",
            "8: 5|e",
        ];
        for at_once in [1, 2, 3, 7, 1000] {
            assert_eq!(split(text, at_once), expected, "{at_once} bytes at once");
        }
    }

    #[test]
    fn a_row_without_end_is_skipped_and_the_next_is_read() {
        let mut text = b"a,b\n".to_vec();
        text.extend(std::iter::repeat_n(b'x', 3 * BUFFER_LEN));
        text.extend(b"\nc,d\n");
        text.extend(std::iter::repeat_n(b',', CELLS_MAX));
        text.extend(b"\ne,f");
        let expected = [
            "1: a|b",
            "2: unsplittable",
            "3: c|d",
            "4: unsplittable",
            "5: e|f",
        ];
        assert_eq!(split(&text, usize::MAX), expected);
    }

    proptest! {
        /// The CSV crate is the oracle for well-formed text.
        #[test]
        fn well_formed_text_is_split_as_csv_says(
            cells in proptest::collection::vec(proptest::collection::vec("[a-c \",]{0,6}", 2..5), 1..8),
            at_once in 1_usize..50,
        ) {
            let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
            for row in &cells {
                // Spaces around cells are trimmed here and not there.
                writer.write_record(row.iter().map(|cell| format!("x{cell}x"))).unwrap();
            }
            let text = writer.into_inner().unwrap();
            let expected: Vec<String> = cells
                .iter()
                .enumerate()
                .map(|(at, row)| {
                    let row: Vec<String> = row.iter().map(|cell| format!("x{cell}x")).collect();
                    format!("{}: {}", at + 1, row.join("|"))
                })
                .collect();
            prop_assert_eq!(split(&text, at_once), expected);
        }

        #[test]
        fn any_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..300), at_once in 1_usize..50) {
            split(&bytes, at_once);
        }
    }
}
