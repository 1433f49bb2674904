//! `citysense demo`: an invented harbour city with a story, from its nodes to its page, on one scaled clock.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use pipeline::calendar::{MINUTE, Millis};
use tokio_util::sync::CancellationToken;
use wire::seal::CitySecret;

use crate::access::{self, Hashed, Policy, Reach, Role, User, random};
use crate::city::{self, LoadedCity};
use crate::clock::{Clock, SystemClock};
use crate::commands::simulate::{boot_now, real_duration};
use crate::commands::stop::told_to_stop;
use crate::config::{AlertmanagerSettings, Broker, Embedded};
use crate::fleet::{Fleet, FleetOptions, Pace};
use crate::harbour;
use crate::service::History;
use crate::story::{Diary, Story};

mod gateway;
mod held;
mod narrator;
mod place;
mod teller;

use gateway::Gateway;
use held::HeldClock;
use place::Place;
use teller::{Alerts, Teller};

/// Who may act in the demo.
const OPERATOR: &str = "operator";

const AFTER: &str = "\
Examples:
  citysense demo                                  http://127.0.0.1:8080, until Ctrl-C
  citysense demo --speed 600 --for 2m             twenty hours of the story in two minutes
  citysense demo --port 0 --http 0                where other servers hold the usual ports";

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub struct Args {
    /// How many times as fast as real time the city lives
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub speed: u32,
    /// Details of the story follow from it
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Stop by itself after this (real) time, such as 2m [default: Ctrl-C]
    #[arg(long = "for", value_name = "TIME", value_parser = real_duration)]
    pub duration: Option<Duration>,
    /// Port of the MQTT broker on 127.0.0.1; 0: any free one
    #[arg(long, value_name = "PORT", default_value_t = 1883)]
    pub port: u16,
    /// Port of page, API and metrics on 127.0.0.1; 0: any free one
    #[arg(long, value_name = "PORT", default_value_t = 8080)]
    pub http: u16,
    /// Push open alerts to this Prometheus Alertmanager, such as http://127.0.0.1:9093
    #[arg(long, value_name = "URL", value_parser = AlertmanagerSettings::at)]
    pub alertmanager: Option<AlertmanagerSettings>,
    /// Keep the journal in this directory [default: a temporary one, removed in the end]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Begin at this minute of the story
    #[arg(long, value_name = "MINUTE", default_value_t = 0, hide = true)]
    pub begin: u16,
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    run_telling(&args, &mut std::io::stdout())
}

/// The demo with its lines on `terminal`; when that is closed, so is the demo.
pub fn run_telling(args: &Args, terminal: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let broker = free(args.port, "the broker", "--port")?;
    let http = free(args.http, "the page", "--http")?;
    let place = Place::new(args.data.clone()).context("no place for the demo's data")?;
    let mut loaded = harbour::load()?;
    loaded.settings.broker = Broker::Embedded(Embedded {
        bind: broker,
        tls: None,
        access: None,
    });
    loaded.settings.http_bind = http;
    let password = random::password();
    loaded.settings.access = one_operator(&password)?;
    loaded.settings.alertmanager = args.alertmanager.clone();
    loaded.settings.data = place.path().to_owned();
    let runtime = tokio::runtime::Runtime::new().context("cannot start the runtime")?;
    runtime.block_on(live(args, loaded, (&place, &password), terminal))?;
    Ok(ExitCode::SUCCESS)
}

/// Everybody reads, and whoever started the demo acts.
fn one_operator(password: &str) -> anyhow::Result<Policy> {
    let hash = access::password::hash(password).map_err(anyhow::Error::msg)?;
    Ok(Policy {
        is_declared: true,
        users: vec![User {
            name: OPERATOR.to_owned(),
            role: Role::Operator,
            reach: Reach::default(),
            password: Hashed(hash),
        }],
        ..Policy::default()
    })
}

/// The loopback address with this port, if nobody else has it.
fn free(port: u16, what: &str, option: &str) -> anyhow::Result<SocketAddr> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    match TcpListener::bind(address) {
        Ok(_) => Ok(address),
        Err(error) => anyhow::bail!(
            "port {port} on 127.0.0.1, for {what}: {error}; choose another, such as {option} {}, or {option} 0 for any free one",
            port.checked_add(1).unwrap_or(port - 1)
        ),
    }
}

/// The city from its first moment to its last.
async fn live(
    args: &Args,
    loaded: LoadedCity,
    (place, password): (&Place, &str),
    terminal: &mut dyn Write,
) -> anyhow::Result<()> {
    let story = Story::new(args.seed);
    let (first_act, has_past) = place.city_start(SystemClock.now());
    let start = first_act + Millis::from(args.begin) * MINUTE;
    let secret = CitySecret::new(city::secret(place.path())?);
    let mut teller = Teller::new(terminal, &loaded, start);
    teller.begin(&loaded)?;

    let history = || Diary::new(story, loaded.city.clone()).history(start);
    let history = (!has_past).then(|| Box::new(history()) as History);
    let city_clock = Arc::new(HeldClock::at(start, args.speed));
    let clock: Arc<dyn Clock> = city_clock.clone();
    let starting = Gateway::start(loaded.clone(), secret.clone(), clock.clone(), history);
    let gateway = tokio::select! {
        started = starting => started?,
        // Stopped before it began: there is nothing yet to end in order.
        () = told_to_stop() => return Ok(()),
    };
    city_clock.release();
    let addresses = gateway.addresses();
    let nodes = CancellationToken::new();
    let options = FleetOptions {
        host: addresses.broker.ip().to_string(),
        port: addresses.broker.port(),
        login: None,
        secret,
        nodes: None,
        pace: Pace::Natural,
        boot: boot_now(),
        world: Arc::new(story),
    };
    let fleet = Fleet::start(options, &loaded, clock.clone(), nodes.clone());
    let mut alerts = Alerts::subscribe(addresses, loaded.city.id);
    teller.introduce(args, &loaded, addresses, password)?;
    let end = end(args.duration, gateway.ended());
    let told = teller.tell(&mut alerts.messages, clock.as_ref(), end).await;

    // Nodes first: the gateway then has nothing left to do.
    let state = fleet.state();
    nodes.cancel();
    fleet.stopped().await;
    drop(alerts);
    let lived = clock.now() - start;
    gateway.stop().await?;
    place
        .ended_at(clock.now())
        .context("cannot note the city's time")?;
    // A terminal that was closed (`| head`) is a wish to stop, not a failure.
    if told.is_ok() {
        teller.take_leave(lived, &state)?;
    }
    Ok(())
}

/// Ctrl-C, a request to terminate, the end of `duration`, or the gateway's own end.
async fn end(duration: Option<Duration>, ended: CancellationToken) {
    let elapsed = async {
        match duration {
            Some(duration) => tokio::time::sleep(duration).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = elapsed => {}
        () = ended.cancelled() => {}
        () = told_to_stop() => {}
    }
}
