//! `citysense demo`: an invented harbour city with a story.

use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub struct Args {}

pub fn run(_args: Args) -> anyhow::Result<ExitCode> {
    anyhow::bail!("`citysense demo` is not available in this build")
}
