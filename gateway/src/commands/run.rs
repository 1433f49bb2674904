//! `citysense run`: the gateway for a real city.

mod manager;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use wire::{CitySecret, GatewayId};

use crate::city::{self, LoadedCity, Numbers};
use crate::clock::SystemClock;
use crate::commands::stop::told_to_stop;
use crate::events::Events;
use crate::journal::{Journal, NUMBERS};
use crate::metrics::Metrics;
use crate::service::{self, Ready, ServiceConfig};
use manager::Manager;

const AFTER: &str = "\
Examples:
  citysense run --city /etc/citysense --data /var/lib/citysense
  citysense run --city harbour --name gateway-2 --log json 2>> gateway.log

It runs until Ctrl-C or a request to terminate, and reads the city's files again when they change. A service manager
that asks for it (Type=notify) is told when readings are taken, and gets signs of life.";

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub struct Args {
    /// City directory: city.toml, zones.geojson, nodes.csv, gates.csv, rules.toml
    #[arg(long, value_name = "DIR")]
    pub city: PathBuf,
    /// Data directory: journal and secret [default: data inside the city directory]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// This gateway's name in its status topic
    #[arg(long, value_name = "NAME", default_value = "gateway-1")]
    pub name: GatewayId,
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let first = city::load(&args.city, None)?;
    let data = args.data.unwrap_or_else(|| first.settings.data.clone());
    // Numbers outlive the files: a node that left and came back is the same node.
    let city = match numbers(&data)? {
        Some(numbers) => city::load_numbered(&args.city, numbers)?,
        None => first,
    };
    for note in &city.notes {
        tracing::info!("{note}");
    }
    let secret = city::secret(&data)?;
    let runtime = tokio::runtime::Runtime::new().context("cannot start the runtime")?;
    runtime.block_on(serve(
        args.city,
        data,
        args.name,
        city,
        CitySecret::new(secret),
    ))?;
    Ok(ExitCode::SUCCESS)
}

async fn serve(
    city_dir: PathBuf,
    data: PathBuf,
    gateway: GatewayId,
    city: LoadedCity,
    secret: CitySecret,
) -> anyhow::Result<()> {
    let manager = Arc::new(Manager::of_environment());
    let shutdown = CancellationToken::new();
    let (ready, started) = oneshot::channel::<Ready>();
    tokio::spawn({
        let (shutdown, manager) = (shutdown.clone(), manager.clone());
        async move {
            told_to_stop().await;
            manager.stopping();
            shutdown.cancel();
        }
    });
    tokio::spawn(async move {
        if let Ok(ready) = started.await {
            let broker = ready.broker.map(tracing::field::display);
            tracing::info!(http = %ready.http, broker, replayed = ready.replayed, "ready");
            manager.ready(&format!("takes readings; page at http://{}", ready.http));
            manager.live().await;
        }
    });
    let config = ServiceConfig {
        data,
        secret,
        gateway,
        city_dir: Some(city_dir),
        ready: Some(ready),
        disk: None,
    };
    service::run(config, city, Arc::new(SystemClock), None, shutdown).await?;
    tracing::info!("stopped; everything that was acknowledged is on disk");
    Ok(())
}

/// The numbering that the journal was written with, if there is one.
fn numbers(data: &Path) -> anyhow::Result<Option<Numbers>> {
    if !data.exists() {
        return Ok(None);
    }
    let events = Events::new(Arc::new(Metrics::new()?));
    let journal = Journal::open(data, events, None)?;
    Ok(journal.meta(NUMBERS)?)
}
