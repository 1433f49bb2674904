//! `citysense export`: figures or alerts of a data directory as CSV, with a description beside it.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use pipeline::calendar::Millis;

use super::exit;
use crate::board::Face;
use crate::city;
use crate::export::{Stretch, Table, alerts};
use crate::history;
use crate::journal;
use crate::replay;
use crate::terminal;

const AFTER: &str = "\
Examples:
  citysense export --data DIR --city DIR --what zones --out zones.csv
  citysense export --data DIR --city DIR --what alerts --out alerts.csv --from 2026-11-22T00:00:00+08:00

zones are made again from the journal's readings, as a replay does; alerts are those of its history. Figures about few
people are ranges, as everywhere. Beside the file stands FILE-metadata.json (CSV on the Web): what the columns mean,
the licence and whom to name.";

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub struct Args {
    /// Data directory of a gateway that is not running
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// Its city directory: names, privacy floor and [open_data]
    #[arg(long, value_name = "DIR")]
    pub city: PathBuf,
    /// Which table
    #[arg(long, value_enum)]
    pub what: Table,
    /// The file to write
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// From this moment on, event time (RFC 3339) [default: from the beginning]
    #[arg(long, value_name = "TIME", value_parser = history::moment)]
    pub from: Option<Millis>,
    /// Before this moment, event time (RFC 3339) [default: to the end]
    #[arg(long, value_name = "TIME", value_parser = history::moment)]
    pub until: Option<Millis>,
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    if let (Some(from), Some(until)) = (args.from, args.until)
        && from >= until
    {
        eprintln!("citysense: --from must be before --until");
        return Ok(ExitCode::from(exit::BAD_CONFIGURATION));
    }
    let rows = export(&args)?;
    let (what, out) = (args.what.name(), args.out.display());
    terminal::tell(&format!("{rows} rows of {what} in {out}"))?;
    Ok(ExitCode::SUCCESS)
}

/// Writes the table and its description; answers how many rows it has.
pub fn export(args: &Args) -> anyhow::Result<u64> {
    let city = city::load(&args.city, None)?;
    let stretch = Stretch {
        from: args.from,
        until: args.until,
    };
    // Written beside it and moved there when it is whole: a table that was cut short looks like one.
    let part = beside(&args.out, ".part");
    let failed = || format!("cannot write {}", part.display());
    let mut out = BufWriter::new(File::create(&part).with_context(failed)?);
    let outcome = match args.what {
        Table::Zones => {
            let scratch = beside(&args.out, ".scratch");
            let written = replay::export(&args.data, &city, stretch, (&mut out, &scratch));
            written.context("export")
        }
        Table::Alerts => write_alerts(&args.data, &Face::from(&city), stretch, &mut out),
    };
    let outcome = outcome.and_then(|rows| {
        out.flush().with_context(failed)?;
        Ok(rows)
    });
    if outcome.is_err() {
        // What was wrong is said; that half a file stays behind would be no news.
        let _ = fs::remove_file(&part);
    }
    let rows = outcome?;
    fs::rename(&part, &args.out).with_context(failed)?;
    let name = args.out.file_name().unwrap_or_default().to_string_lossy();
    let said = args.what.description(&Face::from(&city), &name);
    let description = beside(&args.out, "-metadata.json");
    fs::write(&description, serde_json::to_string_pretty(&said)? + "\n")
        .with_context(|| format!("cannot write {}", description.display()))?;
    Ok(rows)
}

fn write_alerts(
    data: &Path,
    face: &Face,
    stretch: Stretch,
    out: &mut impl Write,
) -> anyhow::Result<u64> {
    let recorded = journal::recorded(data)?;
    let told = alerts::told(&recorded.alerts(), stretch)?;
    out.write_all(&Table::Alerts.header())?;
    for revision in &told {
        out.write_all(&alerts::row(revision, face))?;
    }
    Ok(told.len() as u64)
}

/// A file of the same name with something after it.
fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(end);
    path.with_file_name(name)
}
