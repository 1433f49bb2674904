//! `citysense check`: every error of a city directory, then what it amounts to.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::json;

use super::exit;
use crate::city::{self, BadCity, LoadedCity};
use crate::terminal::{self, Paint, painted};

const AFTER: &str = "\
Examples:
  citysense check --city harbour              every error with file and line, else what the files amount to
  citysense check --city harbour --json | jq '.errors[]'
  citysense check --city new && rsync -a new/ harbour/     only what is valid goes live";

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub struct Args {
    /// City directory: city.toml, zones.geojson, nodes.csv, gates.csv, rules.toml
    #[arg(long, value_name = "DIR")]
    pub city: PathBuf,
    /// JSON
    #[arg(long)]
    pub json: bool,
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let loaded = city::load(&args.city, None);
    let said = match (args.json, &loaded) {
        (true, loaded) => serde_json::to_string_pretty(&as_json(loaded))? + "\n",
        (false, Ok(city)) => {
            let mut said = Vec::new();
            report(city, &mut said)?;
            String::from_utf8_lossy(&said).into_owned()
        }
        (false, Err(bad)) => errors(bad, &args.city.display().to_string()),
    };
    terminal::print(&said)?;
    Ok(match loaded {
        Ok(_) => ExitCode::SUCCESS,
        Err(_) => ExitCode::from(exit::BAD_CONFIGURATION),
    })
}

fn errors(bad: &BadCity, dir: &str) -> String {
    let mut said = String::new();
    for error in &bad.0 {
        said += &format!("{error}\n");
    }
    let plural = if bad.0.len() == 1 { "" } else { "s" };
    let sum = format!("{} error{plural} in {dir}", bad.0.len());
    said + &painted(Paint::Bad, &sum) + "\n"
}

/// The same for programs.
fn as_json(loaded: &Result<LoadedCity, BadCity>) -> serde_json::Value {
    let city = match loaded {
        Ok(city) => city,
        Err(bad) => {
            let error = |error: &city::ConfigError| json!({ "file": error.file, "line": error.line, "message": error.message });
            let errors: Vec<_> = bad.0.iter().map(error).collect();
            return json!({ "valid": false, "errors": errors });
        }
    };
    let registry = &city.city;
    let rules = city.rules.iter().map(city::describe_rule);
    let quality = city.quality.iter().map(city::describe_quality);
    json!({
        "valid": true,
        "errors": [],
        "notes": city.notes,
        "city": registry.id,
        "name": city.settings.name,
        "time_zone": city.time_zone_name(),
        "zones": registry.zones.len(),
        "nodes": registry.nodes.len(),
        "gates": registry.gates.len(),
        "rules": rules.map(|rule| rule.to_string()).collect::<Vec<_>>(),
        "quality": quality.map(|rule| rule.to_string()).collect::<Vec<_>>(),
        "panes": city.horizons(),
    })
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
