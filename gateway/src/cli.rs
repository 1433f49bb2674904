//! The command line: one variant a command; the arguments of each stand in its own file under [`commands`](crate::commands).

mod manners;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::commands::{
    acl, audit, check, compare, completions, demo, doctor, exit, explain, export, history, import,
    index, man, password, performance, plot, provision, replay, rules, run, simulate, token,
};
pub use manners::{LogFormat, LogLevel, Manners};

const AFTER: &str = "\
Examples:
  citysense                                       the demo city, at http://127.0.0.1:8080
  citysense check --city harbour                  every error of a city directory
  citysense run --city harbour --data /var/lib/citysense
  citysense replay --city harbour --readings june.csv.gz --out june
  citysense import metr-la --from los_speed.csv --out los-angeles

Results go to standard output, everything else to standard error. RUST_LOG sets what is logged in detail
(RUST_LOG=gateway::link=trace). `citysense help COMMAND` has each command's examples.";

/// City sensing that stays true: crowd, air, traffic and hazard alerts, corrected when late or wrong data comes to light.
#[derive(Debug, Parser)]
#[command(name = "citysense", version, about, after_help = AFTER)]
pub struct Cli {
    #[command(subcommand)]
    word: Option<Command>,
    #[command(flatten)]
    pub manners: Manners,
}

impl Cli {
    /// The process's own command line; a wrong one ends it here, with what is wrong and the way out.
    pub fn read() -> Cli {
        match Cli::of(std::env::args_os()) {
            Ok(cli) => cli,
            Err(error) => error.exit(),
        }
    }

    fn of(words: impl IntoIterator<Item = OsString>) -> Result<Cli, clap::Error> {
        let words: Vec<OsString> = words.into_iter().collect();
        let plain = words.iter().map(|word| word.to_string_lossy().into_owned());
        let mut command = command().color(manners::asked_color(plain));
        let matches = command.try_get_matches_from_mut(words)?;
        Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
    }

    /// What to do; without a word it is the demo.
    pub fn chosen(self) -> Command {
        match self.word {
            Some(command) => command,
            // Through the parser, so that the defaults of the demo's arguments stand in one place.
            None => Cli::parse_from(["citysense", "demo"]).chosen(),
        }
    }
}

/// The whole command line as it is parsed, helped with, completed and printed as manual pages: each command's help
/// ends with its exit codes.
pub fn command() -> clap::Command {
    let mut command = Cli::command();
    let names: Vec<String> = command
        .get_subcommands()
        .map(|word| word.get_name().to_owned())
        .collect();
    for name in names {
        command = command.mut_subcommand(&name, |word| with_codes(word, &name));
    }
    with_codes(command, "citysense")
}

fn with_codes(word: clap::Command, name: &str) -> clap::Command {
    let before = word.get_after_help().map(ToString::to_string);
    let before = before.map_or(String::new(), |text| text + "\n\n");
    word.after_help(before + &exit::line(name))
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
    /// The hash of a password, for the people in [access] of city.toml
    Password(password::Args),
    /// A new token for a program, and its row in [access] of city.toml
    Token(token::Args),
    /// Who may hear and say what at the broker, as its access control list
    Acl(acl::Args),
    /// Who came in and what was done, from a gateway's data directory
    Audit(audit::Args),
    /// Air quality index, row by row
    Index(index::Args),
    /// How well sensors agree with a reference that stood beside them
    Performance(performance::Args),
    /// Check a city directory and say every error
    Check(check::Args),
    /// What is wrong with a running installation, and what to do about it
    Doctor(doctor::Args),
    /// The default rules, which are in force where a city directory has no rules.toml
    Rules(rules::Args),
    /// Why an alert stands: its rule, and the readings that it rests on
    Explain(explain::Args),
    /// Alerts by two clocks: as they were known at a moment, and what was true at one
    History(history::Args),
    /// Figures or alerts of a data directory as CSV
    Export(export::Args),
    /// Alerts that other rules, or those in shadow, would have added, removed or moved
    Compare(compare::Args),
    /// What a shell needs to complete commands and arguments
    Completions(completions::Args),
    /// Manual pages, one a command
    Man(man::Args),
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
            Command::Password(args) => password::run(args),
            Command::Token(args) => token::run(args),
            Command::Acl(args) => acl::run(args),
            Command::Audit(args) => audit::run(args),
            Command::Index(args) => index::run(args),
            Command::Performance(args) => performance::run(args),
            Command::Check(args) => check::run(args),
            Command::Doctor(args) => doctor::run(args),
            Command::Rules(args) => rules::run(args),
            Command::Explain(args) => explain::run(args),
            Command::History(args) => history::run(args),
            Command::Export(args) => export::run(args),
            Command::Compare(args) => compare::run(args),
            Command::Completions(args) => completions::run(args),
            Command::Man(args) => man::run(args),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        command().debug_assert();
    }

    #[test]
    fn no_word_means_the_demo() {
        let cli = Cli::of(["citysense".into()]).unwrap();
        assert!(matches!(cli.chosen(), Command::Demo(_)));
    }

    #[test]
    fn every_command_has_examples_and_says_its_exit_codes() {
        for word in command().get_subcommands_mut() {
            let help = word.render_help().to_string();
            let name = word.get_name();
            assert!(
                help.contains("Examples:\n  citysense") || help.contains("Examples:\n  source"),
                "the help of `{name}` has no examples: add them to its `after_help`\n{help}"
            );
            assert!(help.contains("Exit codes: 0 success, "), "{name}: {help}");
        }
    }

    #[test]
    fn what_every_command_understands_stands_before_or_after_its_name() {
        for line in [
            ["citysense", "--quiet", "rules"],
            ["citysense", "rules", "--quiet"],
            ["citysense", "rules", "-q"],
        ] {
            let cli = Cli::of(line.map(OsString::from)).unwrap();
            assert!(cli.manners.quiet, "{line:?}");
        }
    }
}
