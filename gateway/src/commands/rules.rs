//! `citysense rules`: the default rules as a file, to be copied into a city directory and changed there.

use std::process::ExitCode;

use anyhow::Context;

use crate::city::DEFAULT_RULES;
use crate::terminal;

const AFTER: &str = "\
Examples:
  citysense rules > harbour/rules.toml                     to be changed there
  citysense rules --json | jq -r '.rule[] | .id + \": \" + .source'";

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub struct Args {
    /// JSON, with the keys of rules.toml and without its comments
    #[arg(long)]
    pub json: bool,
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    if args.json {
        let rules: serde_json::Value =
            toml::from_str(DEFAULT_RULES).context("the default rules")?;
        terminal::print(&(serde_json::to_string_pretty(&rules)? + "\n"))?;
    } else {
        terminal::print(DEFAULT_RULES)?;
    }
    Ok(ExitCode::SUCCESS)
}
