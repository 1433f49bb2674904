//! Rows of a delimited file, whatever its bytes: columns by name, decimals as the source writes them.

use std::borrow::Cow;
use std::io::{BufRead, Read};

use super::sources::Source;
use super::{ImportError, Intake};

/// How a source writes its tables.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dialect {
    pub(super) delimiter: u8,
    pub(super) has_header: bool,
    /// `2,6` is two and six tenths.
    pub(super) decimal_comma: bool,
    /// The number that stands for no value, such as -999.
    pub(super) missing: Option<f64>,
    /// Lines before the header.
    pub(super) preface: usize,
}

/// Commas, a header, points in decimals.
pub(super) const PLAIN: Dialect = Dialect {
    delimiter: b',',
    has_header: true,
    decimal_comma: false,
    missing: None,
    preface: 0,
};

/// A file that is being read.
pub(super) struct Table {
    file: String,
    rows: csv::Reader<Box<dyn BufRead>>,
    header: Vec<String>,
    record: csv::ByteRecord,
    dialect: Dialect,
    source: Source,
}

impl Table {
    pub(super) fn open(source: &Source, dialect: Dialect) -> Result<Table, ImportError> {
        let mut bytes = source.open()?;
        for _ in 0..dialect.preface {
            let mut line = Vec::new();
            bytes
                .read_until(b'\n', &mut line)
                .map_err(|error| source.failed(error))?;
        }
        let mut rows = csv::ReaderBuilder::new()
            .delimiter(dialect.delimiter)
            .has_headers(dialect.has_header)
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(bytes);
        let header = match dialect.has_header {
            true => {
                let header = rows
                    .byte_headers()
                    .map_err(|error| source.failed(error.into()))?;
                header
                    .iter()
                    .map(|cell| String::from_utf8_lossy(cell).into_owned())
                    .collect()
            }
            false => Vec::new(),
        };
        let record = csv::ByteRecord::new();
        Ok(Table {
            file: source.name(),
            rows,
            header,
            record,
            dialect,
            source: source.clone(),
        })
    }

    pub(super) fn header(&self) -> &[String] {
        &self.header
    }

    /// Place of a column that must be there.
    pub(super) fn column(&self, name: &str) -> Result<usize, ImportError> {
        let place = self.header.iter().position(|known| known == name);
        place.ok_or_else(|| ImportError::Column {
            file: self.file.clone(),
            name: name.to_owned(),
        })
    }

    /// The next row, counted; rows without any text are none.
    pub(super) fn next(
        &mut self,
        intake: &mut Intake<'_>,
    ) -> Result<Option<Line<'_>>, ImportError> {
        loop {
            intake.check()?;
            let more = self.rows.read_byte_record(&mut self.record);
            if !more.map_err(|error| self.source.failed(error.into()))? {
                return Ok(None);
            }
            if self.record.iter().any(|cell| !cell.is_empty()) {
                break;
            }
        }
        intake.count_row();
        let number = self.record.position().map_or(0, csv::Position::line);
        Ok(Some(Line {
            file: &self.file,
            number: number + self.dialect.preface as u64,
            record: &self.record,
            dialect: self.dialect,
        }))
    }
}

/// A file whose cells stand between spaces or tabs; lines that begin with `#` are remarks.
pub(super) struct Words {
    file: String,
    bytes: Box<dyn BufRead>,
    number: u64,
    text: Vec<u8>,
    record: csv::ByteRecord,
    source: Source,
}

/// Longest line of words that is looked at; what is beyond is cut off.
const LINE_LEN_MAX: u64 = 64 * 1024;

impl Words {
    pub(super) fn open(source: &Source) -> Result<Words, ImportError> {
        Ok(Words {
            file: source.name(),
            bytes: source.open()?,
            number: 0,
            text: Vec::new(),
            record: csv::ByteRecord::new(),
            source: source.clone(),
        })
    }

    /// The next line that is neither blank nor a remark, counted.
    pub(super) fn next(
        &mut self,
        intake: &mut Intake<'_>,
    ) -> Result<Option<Line<'_>>, ImportError> {
        loop {
            intake.check()?;
            self.text.clear();
            let read = (&mut self.bytes)
                .take(LINE_LEN_MAX)
                .read_until(b'\n', &mut self.text);
            if read.map_err(|error| self.source.failed(error))? == 0 {
                return Ok(None);
            }
            self.number += 1;
            let text = self.text.trim_ascii();
            if !text.is_empty() && !text.starts_with(b"#") {
                break;
            }
        }
        intake.count_row();
        self.record.clear();
        for word in self
            .text
            .split(u8::is_ascii_whitespace)
            .filter(|word| !word.is_empty())
        {
            self.record.push_field(word);
        }
        Ok(Some(Line {
            file: &self.file,
            number: self.number,
            record: &self.record,
            dialect: PLAIN,
        }))
    }
}

/// One row.
pub(super) struct Line<'t> {
    pub(super) file: &'t str,
    /// From 1, as an editor counts.
    pub(super) number: u64,
    record: &'t csv::ByteRecord,
    dialect: Dialect,
}

impl Line<'_> {
    /// The cell's text; empty where the row is too short.
    pub(super) fn text(&self, column: usize) -> Cow<'_, str> {
        String::from_utf8_lossy(self.record.get(column).unwrap_or_default())
    }

    /// Cells of the row.
    pub(super) fn len(&self) -> usize {
        self.record.len()
    }

    /// All cells, a space between them.
    pub(super) fn joined(&self) -> String {
        let cells: Vec<_> = (0..self.len()).map(|column| self.text(column)).collect();
        cells.join(" ")
    }

    /// A whole number, as years and hours are.
    pub(super) fn whole(&self, column: usize) -> Option<i64> {
        self.text(column).parse().ok()
    }

    pub(super) fn float(&self, column: usize) -> Option<f64> {
        self.text(column)
            .parse()
            .ok()
            .filter(|number: &f64| number.is_finite())
    }

    /// The cell's text with a point in its decimals.
    pub(super) fn decimal(&self, column: usize) -> Cow<'_, str> {
        let text = self.text(column);
        match self.dialect.decimal_comma && text.contains(',') {
            true => Cow::Owned(text.replacen(',', ".", 1)),
            false => text,
        }
    }

    pub(super) fn is_missing(&self, text: &str) -> bool {
        if text.is_empty() || text.eq_ignore_ascii_case("na") || text.eq_ignore_ascii_case("nan") {
            return true;
        }
        self.dialect
            .missing
            .is_some_and(|mark| text.parse() == Ok(mark))
    }
}
