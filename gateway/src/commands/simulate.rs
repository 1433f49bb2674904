//! `citysense simulate`: a fleet of simulated nodes against any broker.

use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub struct Args {}

pub fn run(_args: Args) -> anyhow::Result<ExitCode> {
    anyhow::bail!("`citysense simulate` is not available in this build")
}
