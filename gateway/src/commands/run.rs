//! `citysense run`: the gateway for a real city.

use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// City directory: city.toml, zones.geojson, nodes.csv, gates.csv, rules.toml
    #[arg(long, value_name = "DIR")]
    pub city: std::path::PathBuf,
    /// Data directory: journal and secret [default: data inside the city directory]
    #[arg(long, value_name = "DIR")]
    pub data: Option<std::path::PathBuf>,
}

pub fn run(_args: Args) -> anyhow::Result<ExitCode> {
    anyhow::bail!("`citysense run` is not available in this build")
}
