//! `citysense check`: every error of a city directory.

use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// City directory: city.toml, zones.geojson, nodes.csv, gates.csv, rules.toml
    #[arg(long, value_name = "DIR")]
    pub city: std::path::PathBuf,
}

pub fn run(_args: Args) -> anyhow::Result<ExitCode> {
    anyhow::bail!("`citysense check` is not available in this build")
}
