//! Open alerts pushed to a Prometheus Alertmanager (API v2), said again while they stand, resolved when they end.
//!
//! A task of its own that reads the board, so that a slow or dead Alertmanager holds up nothing: what it misses is not
//! queued but still on the board when it comes back. In reading order: [`ledger`] what it was told and what is due ·
//! [`message`] an alert in its words · [`client`] the request · here the rounds.
//!
//! Everything firing carries an end, [`LIVES`] resends away: what a dead gateway left open ends by itself. What was
//! told is remembered beside the journal, so that an alert which ended while no gateway ran is resolved by the next.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use pipeline::alert::{AlertId, Revision};
use pipeline::calendar::Millis;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::task::JoinHandle;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::board::Board;
use crate::clock::Clock;
use crate::config::AlertmanagerSettings;
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
        let page = match &settings.page {
            Some(page) => page.clone(),
            None => format!("http://{}", source.http),
        };
        let client = match Client::new(&settings.url) {
            Ok(client) => client,
            Err(cause) => return source.fail(false, &cause),
        };
        let pusher = Pusher {
            settings,
            page,
            client,
            ledger: Ledger::default(),
            pause: None,
            source,
        };
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = pusher.run() => {}
        }
    })
}

impl Source {
    fn fail(&self, refused: bool, cause: &str) {
        self.events.emit(Event::PushFailed { refused, cause });
    }

    /// A part that panicked while it held one of them left it whole.
    fn on_journal<T>(&self, work: impl FnOnce(&mut Journal) -> T) -> T {
        work(&mut self.journal.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

struct Pusher {
    settings: AlertmanagerSettings,
    page: String,
    client: Client,
    ledger: Ledger,
    /// After a failure: how long to leave it alone.
    pause: Option<Duration>,
    source: Source,
}

impl Pusher {
    async fn run(mut self) {
        self.source.live.cancelled().await;
        let mut news = {
            let board = self.source.board.read();
            board.unwrap_or_else(PoisonError::into_inner).subscribe()
        };
        match self.source.on_journal(|journal| journal.meta(TOLD)) {
            Ok(ledger) => self.ledger = ledger.unwrap_or_default(),
            // What it was told then ends there by itself.
            Err(error) => self.source.fail(false, &error.to_string()),
        }
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
        let clock = self.source.clock.clone();
        let now = Now::read(clock.as_ref());
        let is_changed = {
            let board = self.source.board.read();
            let board = board.unwrap_or_else(PoisonError::into_inner);
            self.ledger.take(board.stories(now.city), board.face(), now)
        };
        // On disk before it is told: what was told is never forgotten.
        if is_changed {
            self.remember().await;
        }
        let due = self.ledger.due(self.every(), now);
        for batch in due.chunks(BATCH_LEN_MAX) {
            let alerts = self.messages(batch, now);
            match self.client.post(&alerts).await {
                Ok(()) => self.source.events.emit(Event::Pushed),
                Err(failure) => {
                    self.source.fail(failure.is_refusal(), &failure.to_string());
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
            self.ledger.said(batch, now);
        }
        self.pause = None;
        self.ledger
            .next_due(self.every(), Now::read(clock.as_ref()))
    }

    fn every(&self) -> Duration {
        Duration::from_millis(self.settings.every.max(1) as u64)
    }

    fn messages(&self, batch: &[AlertId], now: Now<'_>) -> Vec<serde_json::Value> {
        let (face, latest): (_, BTreeMap<AlertId, Revision>) = {
            let board = self.source.board.read();
            let board = board.unwrap_or_else(PoisonError::into_inner);
            let stories = batch.iter().filter_map(|id| board.alert(*id, now.city));
            let latest = stories.map(|story| (story.latest().id, story.latest().clone()));
            (board.face().clone(), latest.collect())
        };
        let lives_until = now.real + LIVES * self.settings.every;
        let told = batch
            .iter()
            .filter_map(|id| Some((*id, self.ledger.told(*id)?)));
        told.map(|(id, told)| {
            let shown = latest.get(&id).map(|revision| (revision, face.as_ref()));
            message::of(id, told, shown, lives_until, &self.page)
        })
        .collect()
    }

    async fn remember(&self) {
        let (journal, ledger) = (self.source.journal.clone(), self.ledger.clone());
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
