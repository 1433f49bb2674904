//! Open alerts pushed to Prometheus Alertmanagers (API v2), said again while they stand, resolved when they end.
//!
//! A task of its own for each address, that reads the board, so that a slow or dead Alertmanager holds up nothing, no
//! other one either: what it misses is not queued but still on the board when it comes back, and one request of a bounded
//! size is on its way to it at a time. In reading order: [`ledger`] what they were told and what is due · [`message`] an
//! alert in their words · [`client`] the request · here the rounds.
//!
//! Everything firing carries an end, [`LIVES`] resends away: what a dead gateway left open ends by itself. What was
//! told is remembered beside the journal, so that an alert which ended while no gateway ran is resolved by the next. It
//! is one memory for all of them: they may keep each other company, and must know an alert by the same labels.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use pipeline::alert::{AlertId, Revision};
use pipeline::calendar::Millis;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::board::Board;
use crate::clock::Clock;
use crate::config::{AlertmanagerSettings, Credentials};
use crate::events::{Event, Events};
use crate::journal::Journal;
use crate::limits;
use client::{Client, Failure};
use ledger::{Ledger, Now};

mod client;
mod ledger;
mod message;

/// So many resends without a word and an alert ends by itself.
const LIVES: Millis = 4;
/// Most alerts of one request.
const BATCH_LEN_MAX: usize = 256;
/// What comes together is told together, in real time.
const GATHER: Duration = Duration::from_millis(100);
/// Name in the journal's store of what Alertmanager was told.
const TOLD: &str = "alertmanager";

/// What the gateway shows of itself, as the header `Authorization` says it.
pub(crate) async fn shown(credentials: &Credentials) -> Result<String, String> {
    let shown = client::authorization(credentials).await;
    let shown = shown.map_err(|failure| failure.to_string())?;
    let shown = shown.to_str().map_err(|error| error.to_string())?;
    Ok(shown.to_owned())
}

/// What the pushes are made of.
pub(crate) struct Source {
    pub(crate) board: Arc<RwLock<Board>>,
    pub(crate) journal: Arc<Mutex<Journal>>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) events: Events,
    /// Where the page is served.
    pub(crate) http: SocketAddr,
    /// The board has caught up with the journal: what is not on it is not.
    pub(crate) live: CancellationToken,
}

/// Pushes until `shutdown`; nothing when the city names no Alertmanager.
pub(crate) fn start(
    settings: Option<&AlertmanagerSettings>,
    source: Source,
    shutdown: CancellationToken,
) -> JoinHandle<()> {
    let settings = settings.cloned();
    tokio::spawn(async move {
        let Some(settings) = settings else {
            return;
        };
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = push(settings, source) => {}
        }
    })
}

/// One task an address; they end with this.
async fn push(settings: AlertmanagerSettings, source: Source) {
    source.live.cancelled().await;
    let ledger = source.on_journal(|journal| journal.meta(TOLD));
    let ledger: Ledger = match ledger {
        Ok(ledger) => ledger.unwrap_or_default(),
        // What they were told then ends there by itself.
        Err(error) => {
            tracing::warn!(%error, "what Alertmanager was told before cannot be read");
            Ledger::default()
        }
    };
    let page = match &settings.page {
        Some(page) => page.clone(),
        None => format!("http://{}", source.http),
    };
    let ledger = ledger.for_addresses(settings.urls.len());
    let shared = Arc::new(Shared {
        page,
        ledger: tokio::sync::Mutex::new(ledger),
        settings,
        source,
    });
    let mut pushers = JoinSet::new();
    for (place, url) in shared.settings.urls.iter().enumerate() {
        let pusher = Pusher {
            place,
            address: client::address(url),
            client: None,
            pause: None,
            shared: shared.clone(),
        };
        pushers.spawn(pusher.run());
    }
    while pushers.join_next().await.is_some() {}
}

impl Source {
    /// A part that panicked while it held one of them left it whole.
    fn on_journal<T>(&self, work: impl FnOnce(&mut Journal) -> T) -> T {
        work(&mut self.journal.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts on the board that somebody took this, or did not.
    fn show(&self, address: &str, said: &[(AlertId, Option<u32>)], is_taken: bool) {
        let at = is_taken.then(|| self.clock.now());
        let mut board = self.board.write().unwrap_or_else(PoisonError::into_inner);
        board.pushed(address, said, at);
    }
}

/// What all pushers go by.
struct Shared {
    settings: AlertmanagerSettings,
    page: String,
    /// Held until the disk has it, so that nobody tells what may still be forgotten.
    ledger: tokio::sync::Mutex<Ledger>,
    source: Source,
}

struct Pusher {
    /// The address's number among all.
    place: usize,
    /// Without scheme and path, as the metrics name it.
    address: String,
    /// Made when it is first needed, and again after its files could not be read.
    client: Option<Client>,
    /// After a failure: how long to leave it alone.
    pause: Option<Duration>,
    shared: Arc<Shared>,
}

/// Alerts of one request, and how far each is told by it.
struct Batch {
    alerts: Vec<serde_json::Value>,
    said: Vec<(AlertId, Option<u32>)>,
}

impl Pusher {
    async fn run(mut self) {
        let mut news = {
            let board = self.shared.source.board.read();
            board.unwrap_or_else(PoisonError::into_inner).subscribe()
        };
        loop {
            let wait = self.round().await;
            // Nobody is asked again before its pause is over, whatever happens.
            let hears = self.pause.is_none();
            tokio::select! {
                () = sleep(wait) => {}
                heard = wait_for(&mut news), if hears => match heard {
                    true => sleep(GATHER).await,
                    false => return,
                },
            }
        }
    }

    /// Tells everything that is due, and answers how long nothing else will be.
    async fn round(&mut self) -> Duration {
        let shared = self.shared.clone();
        let clock = shared.source.clock.clone();
        let every = shared.every();
        let now = Now::read(clock.as_ref());
        for batch in shared.due(self.place, now).await {
            let outcome = match self.client() {
                Ok(client) => client.post(&batch.alerts).await,
                Err(failure) => Err(failure),
            };
            let address = self.address.as_str();
            shared.source.show(address, &batch.said, outcome.is_ok());
            match outcome {
                Ok(()) => shared.source.events.emit(Event::Pushed { address }),
                Err(failure) => {
                    shared.source.events.emit(Event::PushFailed {
                        address,
                        refused: failure.is_refusal(),
                        cause: &failure.to_string(),
                    });
                    // Asked again, the same request would be refused again; the next resend is another.
                    if !matches!(failure, Failure::Refused { status: 400, .. }) {
                        let pause = match self.pause {
                            Some(pause) => (pause * 2).min(limits::BACKOFF_MAX),
                            None => limits::BACKOFF_MIN,
                        };
                        self.pause = Some(pause);
                        return pause + pause.mul_f64(rand::random::<f64>() / 2.0);
                    }
                }
            }
            let mut ledger = shared.ledger.lock().await;
            ledger.said(self.place, &batch.said, now);
        }
        self.pause = None;
        let ledger = shared.ledger.lock().await;
        ledger.next_due(self.place, every, Now::read(clock.as_ref()))
    }

    fn client(&mut self) -> Result<&Client, Failure> {
        let settings = &self.shared.settings;
        let client = match self.client.take() {
            Some(client) => client,
            None => Client::new(&settings.urls[self.place], settings)?,
        };
        Ok(self.client.insert(client))
    }
}

impl Shared {
    /// Takes what is on the board, and answers what an address is to be told now.
    async fn due(&self, place: usize, now: Now<'_>) -> Vec<Batch> {
        let mut ledger = self.ledger.lock().await;
        let is_changed = {
            let board = self.source.board.read();
            let board = board.unwrap_or_else(PoisonError::into_inner);
            ledger.take(board.stories(now.city), board.face(), now)
        };
        // On disk before it is told: what was told is never forgotten.
        if is_changed {
            self.remember(&ledger).await;
        }
        let due = ledger.due(place, self.every(), now);
        due.chunks(BATCH_LEN_MAX)
            .map(|ids| self.batch(&ledger, ids, now))
            .collect()
    }

    fn every(&self) -> Duration {
        Duration::from_millis(self.settings.every.max(1) as u64)
    }

    fn batch(&self, ledger: &Ledger, ids: &[AlertId], now: Now<'_>) -> Batch {
        let (face, latest): (_, BTreeMap<AlertId, Revision>) = {
            let board = self.source.board.read();
            let board = board.unwrap_or_else(PoisonError::into_inner);
            let stories = ids.iter().filter_map(|id| board.alert(*id, now.city));
            let latest = stories.map(|story| (story.latest().id, story.latest().clone()));
            (board.face().clone(), latest.collect())
        };
        let lives_until = now.real + LIVES * self.settings.every;
        let told = ids.iter().filter_map(|id| Some((*id, ledger.told(*id)?)));
        let (alerts, said) = told
            .map(|(id, told)| {
                let shown = latest.get(&id).map(|revision| (revision, face.as_ref()));
                let alert = message::of(id, told, shown, lives_until, &self.page);
                (alert, (id, told.revision()))
            })
            .unzip();
        Batch { alerts, said }
    }

    async fn remember(&self, ledger: &Ledger) {
        let (journal, ledger) = (self.source.journal.clone(), ledger.clone());
        let write = move || {
            let mut journal = journal.lock().unwrap_or_else(PoisonError::into_inner);
            // A failure is latched in the journal and said there; people are told all the same.
            let _ = journal.set_meta(TOLD, &ledger);
        };
        // Only a stop ends it early, and then nothing is told either.
        let _ = tokio::task::spawn_blocking(write).await;
    }
}

/// Waits for a revision, and takes all that came with it; false when there will be none any more.
async fn wait_for(news: &mut Receiver<Arc<Revision>>) -> bool {
    match news.recv().await {
        // What was missed is on the board.
        Ok(_) | Err(RecvError::Lagged(_)) => {
            *news = news.resubscribe();
            true
        }
        Err(RecvError::Closed) => false,
    }
}
