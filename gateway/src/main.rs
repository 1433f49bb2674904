//! `citysense`: parse the command line, set up logging, run one command.

use std::process::ExitCode;

use clap::Parser;
use gateway::city::BadCity;
use gateway::cli::Cli;
use gateway::commands::EXIT_BAD_CONFIGURATION;
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let command = Cli::parse().chosen();
    log_to_stderr();
    match command.run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("citysense: {error:#}");
            match error.is::<BadCity>() {
                true => ExitCode::from(EXIT_BAD_CONFIGURATION),
                false => ExitCode::FAILURE,
            }
        }
    }
}

/// Standard output is for results; what happens on the way goes to standard error, as much as `RUST_LOG` asks for.
fn log_to_stderr() {
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,gateway=info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .init();
}
