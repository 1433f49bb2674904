//! `citysense replay`: the pipeline over recorded readings.

use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub struct Args {}

pub fn run(_args: Args) -> anyhow::Result<ExitCode> {
    anyhow::bail!("`citysense replay` is not available in this build")
}
