//! `citysense replay`: the same pipeline over recorded readings, deterministic, as fast as it can.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context;
use indicatif::ProgressBar;
use serde_json::json;

use super::exit;
use crate::city;
use crate::readings::{Ledger, Place};
use crate::replay::{self, Books, Recording, Replay, Summary};
use crate::terminal::{self, Measure};

const AFTER: &str = "\
Readings are CSV, plain or gzip, with the header time,node,quantity,value and, optionally, unit (UCUM) and
received. time is RFC 3339 with an offset, or integer milliseconds. Rows without `received` are merged by time.

Written to --out: alerts.ndjson, zones.csv, air.csv, ledger.json, metrics.prom.
A row that is refused is told on standard error with its line.

Examples:
  citysense replay --city harbour --readings june.csv.gz july.csv.gz --out summer
  zcat june.csv.gz | citysense replay --city harbour --readings - --out june --json
  citysense replay --city harbour --journal /var/lib/citysense --out again      what a gateway took, byte for byte";

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub struct Args {
    /// City directory: city.toml, zones.geojson, nodes.csv, gates.csv, rules.toml
    #[arg(long, value_name = "DIR")]
    pub city: PathBuf,
    /// CSV files, plain or gzip; `-` is standard input
    #[arg(long, value_name = "FILE", num_args = 1.., required_unless_present = "journal")]
    pub readings: Vec<PathBuf>,
    /// Data directory of a gateway that is not running: its journal, byte for byte, instead of readings
    #[arg(long, value_name = "DIR", conflicts_with = "readings")]
    pub journal: Option<PathBuf>,
    /// Directory for the results
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Threads of the pipeline [default: as city.toml says]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub workers: Option<u16>,
    /// Show figures about few persons as they are
    #[arg(long)]
    pub no_privacy_floor: bool,
    /// The summary as JSON
    #[arg(long)]
    pub json: bool,
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let city = city::load(&args.city, None)?;
    let replay = Replay {
        recording: match args.journal {
            Some(dir) => Recording::Journal(dir),
            None => Recording::Readings(
                args.readings
                    .iter()
                    .map(|path| Place::named(path))
                    .collect(),
            ),
        },
        out: args.out,
        workers: args.workers.map_or(city.settings.workers, usize::from),
        privacy_floor: match args.no_privacy_floor {
            true => 0,
            false => city.settings.privacy_floor,
        },
    };
    let bar = progress_bar(&replay.recording);
    let started = Instant::now();
    let outcome = replay::run(&replay, &city, |bytes| bar.set_position(bytes));
    bar.finish_and_clear();
    let summary = outcome.context("replay")?;
    report(&summary, started.elapsed().as_secs_f64(), args.json)?;

    let Books::Rows(ledger) = &summary.books else {
        return Ok(ExitCode::SUCCESS);
    };
    anyhow::ensure!(
        ledger.is_balanced(),
        "the ledger does not balance: {ledger:?}"
    );
    if ledger.is_mostly_refused() {
        eprintln!(
            "citysense: more than half of the rows were refused: are these readings of this city?"
        );
        return Ok(ExitCode::from(exit::NOT_IN_ORDER));
    }
    Ok(ExitCode::SUCCESS)
}

/// By bytes of the files; hidden where their length is unknown.
fn progress_bar(recording: &Recording) -> ProgressBar {
    let total = match recording {
        Recording::Readings(places) => places.iter().map(Place::size).sum(),
        Recording::Journal(_) => None,
    };
    terminal::progress("replay", total, Measure::Bytes)
}

/// Refused rows to standard error, the outcome in two lines or as JSON to standard output.
fn report(summary: &Summary, seconds: f64, json: bool) -> anyhow::Result<()> {
    if let Books::Rows(ledger) = &summary.books {
        tell_refused(ledger);
    }
    if json {
        let json = json!({
            "books": summary.books,
            "written": summary.written,
            "seconds": (seconds * 1000.0).round() / 1000.0,
        });
        terminal::print(&(serde_json::to_string_pretty(&json)? + "\n"))?;
        return Ok(());
    }
    match &summary.books {
        Books::Rows(ledger) => terminal::tell(&rows(ledger, seconds))?,
        Books::Journal(books) => terminal::tell(&format!(
            "{} frames: {} readings admitted, {} refused; {} observations of history; {} other inputs",
            books.frames, books.readings, books.refused, books.history, books.inputs
        ))?,
    }
    let written = &summary.written;
    terminal::tell(&format!(
        "{} alerts in {} revisions, {} zone values, {} air index hours",
        written.alerts, written.revisions, written.zone_values, written.air_rows
    ))?;
    Ok(())
}

fn tell_refused(ledger: &Ledger) {
    for row in &ledger.shown {
        eprintln!("{row}");
    }
    let (refused, shown) = (ledger.refused(), ledger.shown.len() as u64);
    if refused > shown {
        eprintln!("… and {} more refused rows", refused - shown);
    }
}

fn rows(ledger: &Ledger, seconds: f64) -> String {
    format!(
        "{} rows: {} admitted ({} late, {} too late), {} duplicates, {} refused; {:.2} million rows/s",
        ledger.rows,
        ledger.admitted,
        ledger.late,
        ledger.too_late,
        ledger.duplicates,
        ledger.refused(),
        ledger.rows as f64 / seconds.max(1e-9) / 1e6,
    )
}
