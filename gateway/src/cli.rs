//! The command line: one variant a command; the arguments of each stand in its own file under [`commands`].

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::commands::{
    check, compare, demo, explain, history, import, index, performance, plot, provision, replay,
    rules, run, simulate,
};

const AFTER: &str = "\
Examples:
  citysense                                       the demo city, at http://127.0.0.1:8080
  citysense check --city harbour                  every error of a city directory
  citysense run --city harbour --data /var/lib/citysense
  citysense replay --city harbour --readings june.csv.gz --out june
  citysense import metr-la --from los_speed.csv --out los-angeles

Exit codes: 0 success, 1 failure, 2 wrong command line or configuration.
RUST_LOG sets what is logged to standard error (RUST_LOG=debug).";

/// City sensing that stays true: crowd, air, traffic and hazard alerts, corrected when late or wrong data comes to light.
#[derive(Debug, Parser)]
#[command(name = "citysense", version, about, after_help = AFTER)]
pub struct Cli {
    #[command(subcommand)]
    word: Option<Command>,
}

impl Cli {
    /// What to do; without a word it is the demo.
    pub fn chosen(self) -> Command {
        match self.word {
            Some(command) => command,
            // Through the parser, so that the defaults of the demo's arguments stand in one place.
            None => Cli::parse_from(["citysense", "demo"]).chosen(),
        }
    }
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// An invented harbour city with a story, simulated (the default)
    Demo(demo::Args),
    /// The gateway for a real city
    Run(run::Args),
    /// The same pipeline over recorded readings, as fast as it can
    Replay(replay::Args),
    /// A recorded public data set as a city directory with its readings
    Import(import::Args),
    /// What a replay found, as a drawing
    Plot(plot::Args),
    /// A fleet of simulated nodes against any broker
    Simulate(simulate::Args),
    /// The configuration page of one node, for its flash
    Provision(provision::Args),
    /// Air quality index, row by row
    Index(index::Args),
    /// How well sensors agree with a reference that stood beside them
    Performance(performance::Args),
    /// Check a city directory and say every error
    Check(check::Args),
    /// The default rules, which are in force where a city directory has no rules.toml
    Rules(rules::Args),
    /// Why an alert stands: its rule, and the readings that it rests on
    Explain(explain::Args),
    /// Alerts by two clocks: as they were known at a moment, and what was true at one
    History(history::Args),
    /// Alerts that other rules, or those in shadow, would have added, removed or moved
    Compare(compare::Args),
}

impl Command {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Command::Demo(args) => demo::run(args),
            Command::Run(args) => run::run(args),
            Command::Replay(args) => replay::run(args),
            Command::Import(args) => import::run(args),
            Command::Plot(args) => plot::run(args),
            Command::Simulate(args) => simulate::run(args),
            Command::Provision(args) => provision::run(args),
            Command::Index(args) => index::run(args),
            Command::Performance(args) => performance::run(args),
            Command::Check(args) => check::run(args),
            Command::Rules(args) => rules::run(args),
            Command::Explain(args) => explain::run(args),
            Command::History(args) => history::run(args),
            Command::Compare(args) => compare::run(args),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn no_word_means_the_demo() {
        let cli = Cli::try_parse_from(["citysense"]).unwrap();
        assert!(matches!(cli.chosen(), Command::Demo(_)));
    }
}
