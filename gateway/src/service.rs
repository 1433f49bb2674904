//! The gateway, wired: broker → link → admission → journal → dataflow → board, topics, page.
//!
//! `run` owns everything it starts and ends it in the order in which it flows: first nothing more comes in, then
//! what is inside goes out, then the last word is said and the broker closes.

mod acts;
mod ends;
mod error;
mod watch;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use pipeline::calendar::{MINUTE, tick_at};
use pipeline::engine::EngineConfig;
use pipeline::input::{Action, Input};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use wire::topic::{AllNodes, Channel};
use wire::{CitySecret, GatewayId, Topic};

use crate::access::{Door, Spans};
use crate::acknowledge::Acknowledger;
use crate::admission::Registry;
use crate::alertmanager;
use crate::anchors::Anchors;
use crate::board::{Board, Face};
use crate::city::LoadedCity;
use crate::clock::Clock;
use crate::events::Events;
use crate::explain::Explainer;
use crate::feed::Feed;
use crate::history::{self, Archive};
use crate::http::tls::Certificate;
use crate::http::{self, HttpState};
use crate::inbox::Inbox;
use crate::ingest::{Accounts, Control, Ingest, Nodes, Saved, Since};
pub use crate::ingest::{History, StartError};
use crate::journal::{CALENDAR, DiskCheck, Journal, NUMBERS};
use crate::limits;
use crate::link::{self, LinkOptions};
use crate::metrics::Metrics;
use crate::outlet::{Arrivals, Confirmations, Outgoing, Outlet, heartbeat_s};
use crate::provision::Orders;
use crate::publish::{GatewayStatus, Published};
use ends::{BrokerEnd, Watcher};
pub use error::ServiceError;

/// What a gateway needs beside its city.
pub struct ServiceConfig {
    /// Journal and snapshots.
    pub data: PathBuf,
    /// What all nodes' keys come from.
    pub secret: CitySecret,
    /// This gateway's name in its status topic.
    pub gateway: GatewayId,
    /// Watched for changes while the gateway runs.
    pub city_dir: Option<PathBuf>,
    /// Told once the gateway takes readings.
    pub ready: Option<oneshot::Sender<Ready>>,
    /// Stands in for the disk before every write, in tests.
    pub disk: Option<DiskCheck>,
}

/// A gateway that takes readings.
#[derive(Clone)]
pub struct Ready {
    pub http: SocketAddr,
    /// Of the embedded broker.
    pub broker: Option<SocketAddr>,
    /// Frames that the journal gave back.
    pub replayed: u64,
    pub metrics: Arc<Metrics>,
    pub board: Arc<RwLock<Board>>,
    /// What people do can be put in here as well as over HTTP.
    pub actions: mpsc::Sender<Action>,
}

/// Runs a gateway until `shutdown`.
///
/// `history` is what a gateway without a journal begins with, as the demo does.
pub async fn run(
    config: ServiceConfig,
    city: LoadedCity,
    clock: Arc<dyn Clock>,
    history: Option<History>,
    shutdown: CancellationToken,
) -> Result<(), ServiceError> {
    let metrics = Arc::new(Metrics::new().map_err(|_| ServiceError::Part("metrics"))?);
    let events = Events::new(metrics.clone());
    let face = Face::from(&city);
    let board = Arc::new(RwLock::new(Board::new(face.clone())));

    // Ports and the directory first: what is most often wrong is said before anything is touched.
    let http_bind = city.settings.http_bind;
    let listener = TcpListener::bind(http_bind)
        .await
        .map_err(|error| ServiceError::Http(http_bind, error))?;
    let http = listener
        .local_addr()
        .map_err(|error| ServiceError::Http(http_bind, error))?;
    let certificate = city.settings.http_tls.as_ref();
    let certificate = certificate.map(Certificate::load).transpose();
    let certificate = certificate.map_err(ServiceError::Certificate)?;
    let mut journal =
        Journal::open(&config.data, events.clone(), config.disk).map_err(ServiceError::Open)?;
    let epoch = next_epoch(&mut journal, clock.as_ref())?;
    let published: Published = journal
        .published()
        .map_err(ServiceError::Read)?
        .unwrap_or_default();
    journal
        .set_meta(NUMBERS, city.numbers())
        .and_then(|()| journal.set_meta(CALENDAR, &city.calendar))
        .map_err(ServiceError::Commit)?;
    let unwritten = journal.unwritten();
    let journal = Arc::new(Mutex::new(journal));
    let door = Door::new(
        city.settings.access.clone(),
        Spans::default(),
        metrics.registry(),
    );
    door.keep_audit(&config.data, city.settings.journal_kept, metrics.registry());
    let name = format!("citysense-{}-{}", city.city.id, config.gateway);
    let house = (city.city.id, &door, &clock, name.as_str());
    let broker = BrokerEnd::start(&city.settings.broker, house).await?;
    let (actions, mut acted) = mpsc::channel::<Action>(limits::INBOX_CONTROL_LEN_MAX);
    let serving = tokio::spawn(http::serve(
        listener,
        HttpState {
            board: board.clone(),
            metrics: metrics.registry().clone(),
            actions: actions.clone(),
            explainer: Some(Explainer::new(journal.clone())),
            archive: Some(Archive::new(journal.clone())),
            clock: clock.clone(),
            door: door.clone(),
            certificate,
        },
        shutdown.clone(),
    ));

    let inbox = Arc::new(Inbox::<Control>::default());
    let link_end = CancellationToken::new();
    let confirmations = Arc::new(Confirmations::default());
    let arrivals = Arc::new(Arrivals::default());
    let stopping = Arc::new(AtomicBool::new(false));
    let live = CancellationToken::new();
    let status_topic = Topic::Gateway {
        city: city.city.id,
        gateway: config.gateway,
    }
    .to_string();
    let will = GatewayStatus::will(config.gateway.as_str(), &face, heartbeat_s()).payload();
    let watcher = Watcher {
        inbox: inbox.clone(),
        board: board.clone(),
        confirmations: confirmations.clone(),
        events: events.clone(),
    };
    let filter = |channel| {
        let city = city.city.id;
        AllNodes { city, channel }.to_string()
    };
    let normal = LinkOptions {
        host: broker.host.clone(),
        port: broker.port,
        tls: broker.tls.clone(),
        login: broker.login.clone(),
        client: name.clone(),
        filter: filter(Channel::Up),
        alarm: false,
        will: Some((status_topic.clone(), will)),
    };
    let alarm = LinkOptions {
        client: format!("{name}-alarm"),
        filter: filter(Channel::Alarm),
        alarm: true,
        will: None,
        ..normal.clone()
    };
    // Nodes are heard only once the journal has been taken up: the gate opens then.
    let gate = CancellationToken::new();
    let (normal, normal_task) = link::start(
        normal,
        inbox.clone(),
        watcher,
        events.clone(),
        (gate.clone(), link_end.clone()),
    );
    let (alarm, alarm_task) = link::start(
        alarm,
        inbox.clone(),
        (),
        events.clone(),
        (gate.clone(), link_end.clone()),
    );

    let (to_outlet, from) = sync_channel(limits::OUTPUT_LEN_MAX);
    let outlet = Outlet {
        from,
        board: board.clone(),
        face,
        journal: journal.clone(),
        link: normal.clone(),
        confirmations,
        arrivals: arrivals.clone(),
        clock: clock.clone(),
        events: events.clone(),
        gateway: config.gateway.to_string(),
        status_topic,
        // A broker that forgets with the gateway gets everything that stands once more.
        published: match broker.forgets() {
            true => published.on_an_empty_broker(),
            false => published,
        },
        restores: broker.forgets(),
        stopping: stopping.clone(),
        live: live.clone(),
    };
    let outlet = std::thread::spawn(move || outlet.run());
    let pushed = alertmanager::Source {
        board: board.clone(),
        journal: journal.clone(),
        clock: clock.clone(),
        events: events.clone(),
        http,
        live,
    };
    let settings = city.settings.alertmanager.as_ref();
    let pushing = alertmanager::start(settings, pushed, shutdown.clone());

    let engine = EngineConfig {
        workers: city.settings.workers,
        calendar: city.calendar.clone(),
        status: city.settings.status,
    };
    let sink = {
        let to_outlet = to_outlet.clone();
        // The outlet is gone only when everything ends.
        Box::new(move |output| {
            unwritten.push(&output);
            drop(to_outlet.send(Outgoing::Tick(Box::new(output))));
        })
    };
    let registry = Registry::new(
        &city.city,
        city.posts(),
        config.secret,
        city.calendar.clone(),
    );
    let today = vec![
        Input::City(city.city.clone()),
        Input::Rules(city.rules.clone()),
        Input::Quality(city.quality.clone()),
    ];
    let (saved, accounts) = {
        let journal = journal.lock().unwrap_or_else(PoisonError::into_inner);
        let saved = Saved::latest(&journal, &city.calendar);
        (saved, Accounts::kept(&journal))
    };
    // Head counts that fell due while nobody was there are made up for.
    let counted_to = match journal
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .floor()
    {
        0 => tick_at(clock.now()),
        floor => floor,
    };
    let restored_to = saved.as_ref().map(Saved::tick);
    let (snapshot, sessions) = saved.map(|saved| (saved.engine, saved.sessions)).unzip();
    let mut ingest = Ingest {
        inbox: inbox.clone(),
        registry,
        journal: journal.clone(),
        feed: Feed::start(engine, snapshot, sink),
        acknowledger: Acknowledger::new(city.city.id, epoch),
        links: [normal, alarm],
        board: board.clone(),
        outlet: to_outlet,
        arrivals,
        clock: clock.clone(),
        events: events.clone(),
        tick_width: city.settings.tick_width,
        kept: history::kept(&city),
        orders: Orders::new(&city),
        nodes: Nodes::restored(sessions.unwrap_or_default(), accounts),
        anchors: Anchors::since(&city, counted_to),
        restored_to,
        since: Since::default(),
    };
    let (taken_up, started) = oneshot::channel();
    let ingest = std::thread::spawn(move || {
        let start = ingest.take_up(today, history);
        let is_up = start.is_ok();
        // Nobody waits for it only when the gateway is being stopped.
        let _ = taken_up.send(start);
        if is_up {
            ingest.run();
        }
    });
    let result = match started.await {
        Ok(Ok(replayed)) => {
            gate.cancel();
            if let Some(ready) = config.ready {
                // Whoever asked may have gone.
                let _ = ready.send(Ready {
                    http,
                    broker: broker.address(),
                    replayed,
                    metrics,
                    board,
                    actions,
                });
            }
            let watch = watch::start(
                config.city_dir,
                city,
                inbox.clone(),
                (door, events.clone()),
                shutdown.clone(),
            );
            acts::pass_on(&mut acted, &inbox, &events, &shutdown).await;
            watch.abort();
            Ok(())
        }
        Ok(Err(error)) => Err(ServiceError::Start(error)),
        Err(_) => Err(ServiceError::Part("writer")),
    };
    inbox.close();
    stopping.store(true, Ordering::Relaxed);
    let ended = tokio::task::spawn_blocking(move || {
        let ingest = ingest.join();
        (ingest, outlet.join())
    });
    let parts = ended.await;
    link_end.cancel();
    gate.cancel();
    // The tasks log what they meet; here only their end matters.
    let _ = tokio::join!(normal_task, alarm_task);
    broker.stop().await;
    shutdown.cancel();
    let _ = tokio::join!(serving, pushing);
    match parts {
        Ok((Ok(()), Ok(()))) => result,
        _ => Err(ServiceError::Part("writer or outlet")),
    }
}

const EPOCH: &str = "epoch";

/// A number that no earlier start of this gateway used, not even one whose data directory was lost.
fn next_epoch(journal: &mut Journal, clock: &dyn Clock) -> Result<u32, ServiceError> {
    let stored: u32 = journal
        .meta(EPOCH)
        .map_err(ServiceError::Read)?
        .unwrap_or_default();
    let seconds = u32::try_from(clock.now() / (MINUTE / 60)).unwrap_or_default();
    let epoch = seconds.max(stored.saturating_add(1));
    journal
        .set_meta(EPOCH, &epoch)
        .map_err(ServiceError::Commit)?;
    Ok(epoch)
}
