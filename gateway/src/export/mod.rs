//! Figures and alerts as CSV (RFC 4180) for whoever works with tables: the same columns from a journal and over HTTP.
//!
//! Each file has a description beside it, by the W3C's «CSV on the Web»: what its columns mean, whose the figures are
//! and on which terms. [`zones`] and [`alerts`] are the two tables.

use std::borrow::Cow;

use pipeline::calendar::Millis;
use serde_json::{Value as Json, json};

use crate::board::Face;

pub mod alerts;
pub mod zones;

/// A table that is given away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Table {
    /// Every pane of every zone's figures
    Zones,
    /// Every alert as it last stood
    Alerts,
}

/// One column: its name, its XSD type, and what it says.
pub(crate) struct Column {
    name: &'static str,
    datatype: &'static str,
    says: &'static str,
}

pub(crate) const fn column(
    name: &'static str,
    datatype: &'static str,
    says: &'static str,
) -> Column {
    Column {
        name,
        datatype,
        says,
    }
}

/// A stretch of event time; without an end it is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stretch {
    pub from: Option<Millis>,
    pub until: Option<Millis>,
}

impl Stretch {
    pub fn contains(self, at: Millis) -> bool {
        self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until)
    }

    /// Whether anything of `start` to `end` lies in it.
    pub fn touches(self, start: Millis, end: Millis) -> bool {
        self.from.is_none_or(|from| from < end.max(start + 1))
            && self.until.is_none_or(|until| start < until)
    }
}

impl Table {
    pub fn name(self) -> &'static str {
        match self {
            Table::Zones => "zones",
            Table::Alerts => "alerts",
        }
    }

    fn columns(self) -> &'static [Column] {
        match self {
            Table::Zones => &zones::COLUMNS,
            Table::Alerts => &alerts::COLUMNS,
        }
    }

    /// The table's first line.
    pub fn header(self) -> Vec<u8> {
        let names = self.columns().iter();
        line(names.map(|column| Cow::Borrowed(column.name)))
    }

    /// What stands beside the file `url`.
    pub fn description(self, face: &Face, url: &str) -> Json {
        let columns = self.columns().iter().map(|column| {
            json!({
                "name": column.name,
                "titles": column.name,
                "datatype": column.datatype,
                "dc:description": column.says,
            })
        });
        let terms = &face.open_data;
        let mut said = json!({
            "@context": ["http://www.w3.org/ns/csvw", { "@language": "en" }],
            "url": url,
            "dc:title": format!("{} of {}", self.name(), face.name),
            "dc:publisher": terms.publisher,
            "dc:rights": rights(face),
            "dialect": { "delimiter": ",", "header": true, "lineTerminators": ["\r\n"], "quoteChar": "\"" },
            "tableSchema": { "columns": columns.collect::<Vec<_>>() },
        });
        if let Some(licence) = &terms.licence {
            said["dc:license"] = json!({ "@id": licence.url });
        }
        said
    }
}

/// How the source is to be named, and what is allowed.
pub(crate) fn rights(face: &Face) -> String {
    let terms = &face.open_data;
    let simulated = match face.status {
        pipeline::alert::Status::Simulated => " Everything is simulated.",
        _ => "",
    };
    match &terms.licence {
        Some(licence) => format!(
            "{}. Licence: {}.{simulated}",
            terms.attribution, licence.name
        ),
        None => format!(
            "{}. No licence is given: ask the publisher.{simulated}",
            terms.attribution
        ),
    }
}

/// One line, quoted where it must be.
pub(crate) fn line<'c>(cells: impl Iterator<Item = Cow<'c, str>>) -> Vec<u8> {
    let mut line = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    let cells: Vec<Cow<'c, str>> = cells.collect();
    // Writing to memory cannot fail.
    let _ = line.write_record(cells.iter().map(|cell| cell.as_bytes()));
    line.into_inner().unwrap_or_default()
}

/// Somebody's words as a cell that no spreadsheet takes for a formula: with a quote before them, as those show it.
pub(crate) fn words(text: &str) -> Cow<'_, str> {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
    match is_formula {
        true => Cow::Owned(format!("'{text}")),
        false => Cow::Borrowed(text),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn words_of_people_are_no_formulas_and_commas_are_quoted() {
        let cells = ["=1+1", "+49", "-", "@a", "quay, old", "he said \"no\"", "3"];
        let line = line(cells.into_iter().map(words));
        let text = String::from_utf8(line).unwrap();
        assert_eq!(
            text,
            "'=1+1,'+49,'-,'@a,\"quay, old\",\"he said \"\"no\"\"\",3\r\n"
        );
    }

    #[test]
    fn a_stretch_takes_its_beginning_and_not_its_end() {
        let stretch = Stretch {
            from: Some(10),
            until: Some(20),
        };
        assert_eq!(
            [9, 10, 19, 20].map(|at| stretch.contains(at)),
            [false, true, true, false]
        );
        let touched = [(0, 10), (0, 11), (19, 99), (20, 21), (10, 10)];
        assert_eq!(
            touched.map(|(start, end)| stretch.touches(start, end)),
            [false, true, true, false, true]
        );
        assert!(Stretch::default().touches(0, 0));
    }
}
