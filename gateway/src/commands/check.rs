//! `citysense check`: every error of a city directory, then what it amounts to.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use super::EXIT_BAD_CONFIGURATION;
use crate::city::{self, LoadedCity};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// City directory: city.toml, zones.geojson, nodes.csv, gates.csv, rules.toml
    #[arg(long, value_name = "DIR")]
    pub city: PathBuf,
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let mut out = io::stdout().lock();
    match city::load(&args.city, None) {
        Ok(city) => {
            report(&city, &mut out)?;
            Ok(ExitCode::SUCCESS)
        }
        Err(bad) => {
            for error in &bad.0 {
                writeln!(out, "{error}")?;
            }
            let plural = if bad.0.len() == 1 { "" } else { "s" };
            writeln!(
                out,
                "{} error{plural} in {}",
                bad.0.len(),
                args.city.display()
            )?;
            Ok(ExitCode::from(EXIT_BAD_CONFIGURATION))
        }
    }
}

/// A summary for people; `check` prints it, tests read it.
pub fn report(city: &LoadedCity, out: &mut impl Write) -> io::Result<()> {
    let registry = &city.city;
    writeln!(
        out,
        "city {}: {} zones, {} nodes, {} gates, {} rules; {}",
        registry.id,
        registry.zones.len(),
        registry.nodes.len(),
        registry.gates.len(),
        city.rules.len(),
        city.time_zone_name(),
    )?;
    for rule in city.rules.iter() {
        writeln!(out, "  rule {}", city::describe_rule(rule))?;
    }
    for rule in city.quality.iter() {
        writeln!(out, "  quality {}", city::describe_quality(rule))?;
    }
    for line in city.horizons() {
        writeln!(out, "  {line}")?;
    }
    for note in &city.notes {
        writeln!(out, "  note: {note}")?;
    }
    writeln!(out, "no errors")
}
