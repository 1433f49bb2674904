//! A small CSV file of the city directory: named columns in any order, every row with its line.

use crate::config::{Problems, nearest};

/// One row; cells are trimmed and stand in the order of the known columns.
pub(crate) struct Row {
    pub(crate) line: u32,
    cells: Vec<String>,
}

impl Row {
    /// Text of the column with this place among the known ones; empty when the file lacks the column.
    pub(crate) fn cell(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }
}

/// Reads `text`; `columns` are the known ones, of which the first must be there.
pub(crate) fn rows(file: &str, text: &str, columns: &[&str], problems: &Problems) -> Vec<Row> {
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let header = match reader.headers() {
        Ok(header) => header.clone(),
        Err(error) => {
            problems.add(file, Some(1), format!("the header cannot be read: {error}"));
            return Vec::new();
        }
    };
    let Some(places) = places(file, &header, columns, problems) else {
        return Vec::new();
    };

    let mut lines = Lines {
        text,
        at: 0,
        line: 1,
    };
    let mut rows = Vec::new();
    for record in reader.into_records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let line = error.position().map(|place| lines.at(place.byte()));
                problems.add(file, line, "the row is not valid UTF-8 CSV");
                continue;
            }
        };
        let line = lines.at(record.position().map_or(0, csv::Position::byte));
        if record.len() != header.len() {
            let (fields, named) = (record.len(), header.len());
            let message = format!(
                "the row has {fields} fields, the header {named}; quote texts that hold a comma"
            );
            problems.add(file, Some(line), message);
            continue;
        }
        let cell = |place: &Option<usize>| place.and_then(|at| record.get(at)).unwrap_or("");
        let cells = places.iter().map(|place| cell(place).to_owned()).collect();
        rows.push(Row { line, cells });
    }
    rows
}

/// Where each known column stands in the header; `None` when the file cannot be read at all.
fn places(
    file: &str,
    header: &csv::StringRecord,
    columns: &[&str],
    problems: &Problems,
) -> Option<Vec<Option<usize>>> {
    for (at, name) in header.iter().enumerate() {
        if !columns.contains(&name) {
            let hint = nearest(name, columns.iter().copied());
            let known = columns.join(",");
            let message = format!("unknown column `{name}`{hint}; known columns: {known}");
            problems.add(file, Some(1), message);
        } else if header.iter().take(at).any(|earlier| earlier == name) {
            problems.add(file, Some(1), format!("column `{name}` is there twice"));
        }
    }
    let place = |column: &&str| header.iter().position(|name| name == *column);
    let places: Vec<Option<usize>> = columns.iter().map(place).collect();
    if places.first().copied().flatten().is_none() {
        let message = format!("column `{}` is missing from the header", columns[0]);
        problems.add(file, Some(1), message);
        return None;
    }
    Some(places)
}

/// Line numbers of ascending byte positions. The CSV reader's own count stops at blank lines before a row.
struct Lines<'t> {
    text: &'t str,
    at: usize,
    line: u32,
}

impl Lines<'_> {
    fn at(&mut self, byte: u64) -> u32 {
        let bytes = self.text.as_bytes();
        let mut to = (byte as usize).clamp(self.at, bytes.len());
        while matches!(bytes.get(to), Some(b'\n' | b'\r')) {
            to += 1;
        }
        self.line += bytes[self.at..to]
            .iter()
            .filter(|&&byte| byte == b'\n')
            .count() as u32;
        self.at = to;
        self.line
    }
}
