//! `citysense rules`: the default rules as a file, to be copied into a city directory and changed there.

use std::io::{self, Write};
use std::process::ExitCode;

use crate::city::DEFAULT_RULES;

#[derive(Debug, clap::Args)]
pub struct Args {}

pub fn run(_: Args) -> anyhow::Result<ExitCode> {
    io::stdout().lock().write_all(DEFAULT_RULES.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
