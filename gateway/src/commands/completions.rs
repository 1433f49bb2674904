//! `citysense completions`: what a shell needs to complete commands and arguments.

use std::process::ExitCode;

use clap_complete::Shell;

use crate::{cli, terminal};

const AFTER: &str = "\
Examples:
  source <(citysense completions bash)                                        in this shell
  citysense completions bash > ~/.local/share/bash-completion/completions/citysense
  citysense completions zsh > \"${fpath[1]}/_citysense\"
  citysense completions fish > ~/.config/fish/completions/citysense.fish";

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub struct Args {
    /// Of which shell: bash, zsh, fish, elvish or powershell
    #[arg(value_name = "SHELL", hide_possible_values = true)]
    pub shell: Shell,
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut cli::command(), "citysense", &mut script);
    terminal::print(&String::from_utf8_lossy(&script))?;
    Ok(ExitCode::SUCCESS)
}
