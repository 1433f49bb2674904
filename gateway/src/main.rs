//! `citysense`: parse the command line, set up logging, run one command.

use std::io;
use std::process::ExitCode;

use gateway::city::BadCity;
use gateway::cli::Cli;
use gateway::commands::exit;

fn main() -> ExitCode {
    let cli = Cli::read();
    cli.manners.keep();
    match cli.chosen().run() {
        Ok(code) => code,
        // Whoever reads us has seen enough, as `head` does.
        Err(error) if is_closed_reader(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("citysense: {error:#}");
            ExitCode::from(match error.is::<BadCity>() {
                true => exit::BAD_CONFIGURATION,
                false => exit::FAILURE,
            })
        }
    }
}

/// Only results are written to a pipe whose reader may leave: an outright error of `io`, not one inside another's.
fn is_closed_reader(error: &anyhow::Error) -> bool {
    let written = error.downcast_ref::<io::Error>();
    written.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
