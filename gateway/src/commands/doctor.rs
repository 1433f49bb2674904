//! `citysense doctor`: what is wrong with a running installation, and what to do about it.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;

use super::exit;
use crate::doctor::finding::Verdict;
use crate::doctor::http::Server;
use crate::doctor::{Questions, examine};
use crate::terminal;

const AFTER: &str = "\
Each check is ok, a warning (it works, and somebody should look at it) or wrong; below what is not ok stands what to do.
Nothing is changed, and the journal is not opened: it may be asked at any time, of a gateway that runs or one that does not.

Examples:
  citysense doctor --city /etc/citysense --data /var/lib/citysense
  citysense doctor --url http://192.0.2.7:8080                         a gateway elsewhere, from outside
  citysense doctor --city harbour --json | jq '.findings[] | select(.verdict != \"ok\")'";

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub struct Args {
    /// City directory, for configuration, broker, certificates and where the gateway serves
    #[arg(long, value_name = "DIR")]
    pub city: Option<PathBuf>,
    /// Where the gateway serves [default: as city.toml says, else http://127.0.0.1:8080]
    #[arg(long, value_name = "URL", value_parser = Server::parse)]
    pub url: Option<Server>,
    /// Data directory of the gateway [default: as city.toml says]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Certificate authorities (PEM) to go by for https:// [default: the system's]
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// File with a token, where the gateway tells nothing to strangers
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// JSON
    #[arg(long)]
    pub json: bool,
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let token = match &args.token_file {
        None => None,
        Some(file) => Some(super::read_text(file)?.trim().to_owned()),
    };
    let questions = Questions {
        city: args.city,
        url: args.url,
        data: args.data,
        ca: args.ca,
        token,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    let report = runtime.block_on(examine(&questions));
    let said = match args.json {
        true => serde_json::to_string_pretty(&report)? + "\n",
        false => report.text(),
    };
    terminal::print(&said)?;
    Ok(match report.verdict {
        Verdict::Ok | Verdict::Warning => ExitCode::SUCCESS,
        Verdict::Wrong => ExitCode::from(exit::NOT_IN_ORDER),
    })
}
