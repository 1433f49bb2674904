//! `citysense simulate`: a fleet of simulated nodes against any broker.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use pipeline::calendar::SECOND;
use tokio_util::sync::CancellationToken;
use wire::seal::CitySecret;

use crate::city;
use crate::clock::{Clock, SystemClock};
use crate::commands::stop::told_to_stop;
use crate::config::{Outside, parse_broker_url};
use crate::fleet::{Fleet, FleetOptions, FleetState, Pace};
use crate::story::Story;
use crate::terminal;

const AFTER: &str = "\
Examples:
  citysense simulate --city harbour --broker mqtt://127.0.0.1:1883             beside `citysense run --city harbour`
  citysense simulate --city harbour --broker mqtt://127.0.0.1:1883 --nodes 20 --rate 500 --for 2m";

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub struct Args {
    /// City directory; its nodes are simulated
    #[arg(long, value_name = "DIR")]
    pub city: PathBuf,
    /// The broker, such as mqtt://127.0.0.1:1883
    #[arg(long, value_name = "URL", value_parser = plain_broker)]
    pub broker: Outside,
    /// Only the first N nodes of nodes.csv [default: all]
    #[arg(long, value_name = "N")]
    pub nodes: Option<usize>,
    /// Readings a second of all nodes together [default: each quantity once a pane]
    #[arg(long, value_name = "R")]
    pub rate: Option<f64>,
    /// What the sensors read follows from it
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Stop by itself after this time [default: Ctrl-C]
    #[arg(long = "for", value_name = "TIME", value_parser = real_duration)]
    pub duration: Option<Duration>,
    /// Data directory of the gateway, for the city's secret [default: as in city.toml]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

/// How often the fleet's state is printed.
const PRINT_EVERY: Duration = Duration::from_secs(10);

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let loaded = city::load(&args.city, None)?;
    let known = loaded.city.nodes.len();
    if let Some(wanted) = args.nodes.filter(|&wanted| wanted > known) {
        anyhow::bail!("nodes.csv has {known} nodes, not {wanted}; add rows to it or ask for fewer");
    }
    let pace = match args.rate {
        None => Pace::Natural,
        Some(rate) if rate.is_finite() && rate > 0.0 => Pace::Rate(rate),
        Some(rate) => {
            anyhow::bail!("--rate {rate}: a positive number of readings a second is expected")
        }
    };
    let data = args.data.as_ref().unwrap_or(&loaded.settings.data);
    let options = FleetOptions {
        host: args.broker.host.clone(),
        port: args.broker.port,
        login: None,
        secret: CitySecret::new(city::secret(data)?),
        nodes: args.nodes,
        pace,
        boot: boot_now(),
        world: Arc::new(Story::new(args.seed)),
    };
    let runtime = tokio::runtime::Runtime::new().context("cannot start the runtime")?;
    runtime.block_on(async {
        let shutdown = CancellationToken::new();
        let fleet = Fleet::start(options, &loaded, Arc::new(SystemClock), shutdown.clone());
        let begun = terminal::tell(&format!(
            "{} simulated nodes of {} speak to {}; Ctrl-C stops them",
            fleet.state().nodes,
            loaded.settings.name,
            format_args!("mqtt://{}:{}", args.broker.host, args.broker.port)
        ));
        // A reader that left (`| head`) is a wish to stop.
        let told = match begun {
            Ok(()) => watch(&fleet, args.duration).await,
            Err(error) => Err(error),
        };
        shutdown.cancel();
        let told = told.and_then(|()| print(&fleet.state()));
        fleet.stopped().await;
        told
    })?;
    Ok(ExitCode::SUCCESS)
}

fn plain_broker(url: &str) -> Result<Outside, String> {
    let outside = parse_broker_url(url, None, None)?;
    match outside.tls {
        None => Ok(outside),
        Some(_) => Err("simulated nodes speak mqtt:// only, not mqtts://".to_owned()),
    }
}

/// The number of a start: seconds since 1970, so it grows from start to start without being stored.
pub(super) fn boot_now() -> u32 {
    u32::try_from(SystemClock.now() / SECOND).unwrap_or(u32::MAX)
}

/// A time on the command line, which is real time whatever the city's clock does.
pub(super) fn real_duration(text: &str) -> Result<Duration, String> {
    match crate::config::parse_duration(text)? {
        0 => Err("must be longer than nothing".to_owned()),
        ms => Ok(Duration::from_millis(ms.unsigned_abs())),
    }
}

/// Prints the fleet's state until Ctrl-C or the end of `duration`.
async fn watch(fleet: &Fleet, duration: Option<Duration>) -> io::Result<()> {
    let end = async {
        match duration {
            Some(duration) => tokio::time::sleep(duration).await,
            None => std::future::pending().await,
        }
    };
    tokio::pin!(end);
    let mut every = tokio::time::interval(PRINT_EVERY);
    every.tick().await;
    loop {
        tokio::select! {
            _ = every.tick() => print(&fleet.state())?,
            () = &mut end => return Ok(()),
            () = told_to_stop() => return Ok(()),
        }
    }
}

fn print(state: &FleetState) -> io::Result<()> {
    terminal::tell(&format!(
        "{} of {} nodes connected, {} frames acknowledged, {} kept for later, {} lost",
        state.connected, state.nodes, state.acknowledged, state.kept, state.overwritten
    ))
}
