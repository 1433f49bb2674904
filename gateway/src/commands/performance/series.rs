//! Series of values from CSV files.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use anyhow::{Context, bail};
use csv::{ByteRecord, Position};
use pipeline::science::performance::averages::Series;
use wire::Quantity;

use crate::readings::Moments;

/// How files are read.
pub(super) struct Reading {
    pub quantity: Quantity,
    pub missing: Option<f64>,
}

/// What one instrument said.
pub(super) struct Named {
    pub name: String,
    pub series: Series,
}

pub(super) struct File {
    /// In order of their first rows.
    pub series: Vec<Named>,
    /// What was wrong with rows.
    pub complaints: Vec<String>,
}

const COMPLAINTS_MAX: usize = 20;
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Reads a file; more bad rows than good ones are an error.
pub(super) fn read(path: &Path, reading: &Reading) -> anyhow::Result<File> {
    let input: Box<dyn Read> = match path.as_os_str() == "-" {
        true => Box::new(std::io::stdin().lock()),
        false => Box::new(std::fs::File::open(path)?),
    };
    let mut bytes = BufReader::new(input);
    let is_gzip = bytes.fill_buf()?.starts_with(&GZIP_MAGIC);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.split('.').next().unwrap_or_default();
    match is_gzip {
        true => rows(flate2::bufread::MultiGzDecoder::new(bytes), name, reading),
        false => rows(bytes, name, reading),
    }
}

fn rows(input: impl Read, name: &str, reading: &Reading) -> anyhow::Result<File> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(input);
    let header = reader.byte_headers()?.clone();
    let place = |name: &str| {
        let bare = |head: &[u8]| {
            head.strip_prefix(b"\xef\xbb\xbf")
                .unwrap_or(head)
                .to_owned()
        };
        header
            .iter()
            .position(|head| bare(head).trim_ascii() == name.as_bytes())
    };
    let needed =
        |name: &str| place(name).with_context(|| format!("the header has no column `{name}`"));
    let (time, value) = (needed("time")?, needed("value")?);
    let (node, quantity) = (place("node"), place("quantity"));
    let mut series: Vec<Named> = Vec::new();
    let mut moments = Moments::default();
    let (mut good, mut bad) = (0_u64, 0_u64);
    let mut complaints = Vec::new();
    let mut row = ByteRecord::new();
    while reader.read_byte_record(&mut row)? {
        let cell = |place: usize| row.get(place).unwrap_or_default().trim_ascii();
        if quantity.is_some_and(|place| cell(place) != reading.quantity.name().as_bytes()) {
            continue;
        }
        let read = moments.parse(cell(time)).map_err(|error| error.to_string());
        let read = read.and_then(|at| Ok((at, number(cell(value), reading.missing)?)));
        let (at, value) = match read {
            Ok(read) => read,
            Err(what) => {
                bad += 1;
                let line = row.position().map_or(0, Position::line);
                if bad <= COMPLAINTS_MAX as u64 {
                    complaints.push(format!("line {line}: {what}"));
                }
                continue;
            }
        };
        good += 1;
        let name = node.map_or(name.into(), |place| String::from_utf8_lossy(cell(place)));
        let known = series.iter().rposition(|known| known.name == name);
        let known = known.unwrap_or_else(|| {
            let name = name.into_owned();
            series.push(Named {
                name,
                series: Series::default(),
            });
            series.len() - 1
        });
        series[known].series.add(at, value);
    }
    if bad > good {
        let first = complaints.first().map_or("", String::as_str);
        bail!("{bad} of {} rows cannot be read; {first}", bad + good);
    }
    if bad > complaints.len() as u64 {
        complaints.push(format!(
            "and {} more bad rows",
            bad - complaints.len() as u64
        ));
    }
    for Named { name, series } in &series {
        let (twice, unordered) = (series.duplicates, series.unordered);
        if twice > 0 {
            complaints.push(format!(
                "{name}: {twice} values for a moment that had one; the first counts"
            ));
        }
        if unordered > 0 {
            complaints.push(format!(
                "{name}: {unordered} rows were not in the order of time"
            ));
        }
    }
    if series.iter().all(|named| named.series.count() == 0) {
        bail!("there is no value of {} in it", reading.quantity);
    }
    Ok(File { series, complaints })
}

/// `None`: the cell says that there is no value.
fn number(cell: &[u8], missing: Option<f64>) -> Result<Option<f64>, String> {
    if matches!(cell, b"" | b"NA" | b"NaN" | b"nan" | b"null") {
        return Ok(None);
    }
    let text = String::from_utf8_lossy(cell);
    let number = text.parse().ok().filter(|number: &f64| number.is_finite());
    let number = number.ok_or_else(|| format!("`{text}` is no number"))?;
    Ok(Some(number).filter(|number| Some(*number) != missing))
}
