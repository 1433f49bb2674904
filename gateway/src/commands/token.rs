//! `citysense token`: a new token for a program, and its row of `[access]` in `city.toml`.

use std::io::{self, Write};
use std::process::ExitCode;

use crate::access::{Digest, NAME_LEN_MAX, is_name, random};

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  citysense token prometheus                      the token, and its row for city.toml

The token is shown once: it goes to the program, which sends it as «Authorization: Bearer …».
Only its digest stands in city.toml.")]
pub struct Args {
    /// Name of the program
    #[arg(value_parser = name)]
    pub name: String,
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let token = random::token();
    let digest = Digest::of(token.as_bytes());
    let mut out = io::stdout().lock();
    writeln!(out, "{token}\n")?;
    writeln!(out, "[[access.token]]")?;
    writeln!(out, "name = \"{}\"", args.name)?;
    writeln!(
        out,
        "role = \"viewer\"        # or operator; areas = [\"square\", \"kind:park\"] for a part of the city"
    )?;
    writeln!(out, "token = \"{digest}\"")?;
    Ok(ExitCode::SUCCESS)
}

fn name(text: &str) -> Result<String, String> {
    match is_name(text) {
        true => Ok(text.to_owned()),
        false => Err(format!(
            "a name is 1 to {NAME_LEN_MAX} letters, digits and . - _ @, without blanks"
        )),
    }
}
