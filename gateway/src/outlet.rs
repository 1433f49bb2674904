//! From the dataflow to people: puts every tick's changes on the board and its revisions on their topics.
//!
//! What the broker has confirmed is remembered on disk, so that a restart, which makes the same revisions again
//! from the journal, sends none of them twice. Before a revision leaves, the history has it and the journal covers its
//! tick: what people were told is never taken back by a clock that was set back.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use pipeline::alert::{AlertId, Revision};
use pipeline::calendar::{Millis, Tick};
use pipeline::output::TickOutput;
use tokio_util::sync::CancellationToken;

use crate::board::{Board, Face};
use crate::clock::Clock;
use crate::events::{Event, Events};
use crate::journal::Journal;
use crate::limits;
use crate::link::{Link, Publication};
use crate::publish::observations::{News, UNCONFIRMED_MAX};
use crate::publish::{GatewayStatus, Message, Presence, Published};

/// What the outlet is told, in order.
pub(crate) enum Outgoing {
    /// The changes of one tick.
    Tick(Box<TickOutput>),
    /// The journal has been replayed: from here on everything is new.
    Live,
    /// The city is shown differently.
    Face(Box<Face>),
}

/// What the outlet works with.
pub(crate) struct Outlet {
    pub(crate) from: Receiver<Outgoing>,
    pub(crate) board: Arc<RwLock<Board>>,
    pub(crate) face: Face,
    pub(crate) journal: Arc<Mutex<Journal>>,
    pub(crate) link: Link,
    pub(crate) confirmations: Arc<Confirmations>,
    pub(crate) arrivals: Arc<Arrivals>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) events: Events,
    /// Name and topic of this gateway's own status.
    pub(crate) gateway: String,
    pub(crate) status_topic: String,
    /// What stood on the broker when the gateway last ran.
    pub(crate) published: Published,
    /// The broker forgets with the gateway: what stands is sent again at the start.
    pub(crate) restores: bool,
    /// Set when everything is to end without waiting for the broker.
    pub(crate) stopping: Arc<AtomicBool>,
    /// Told once the board has caught up with the journal.
    pub(crate) live: CancellationToken,
}

/// Tokens that the broker confirmed, from the link's task to the outlet.
#[derive(Default)]
pub(crate) struct Confirmations {
    tokens: Mutex<Vec<u64>>,
    /// A connection stands: the status must be said on it.
    connected: AtomicBool,
}

/// When the first message of a recent tick arrived, in real time.
#[derive(Default)]
pub(crate) struct Arrivals {
    by_tick: Mutex<BTreeMap<Tick, Instant>>,
}

/// Ticks whose arrival is remembered.
const ARRIVALS_LEN_MAX: usize = 4_096;
const TIDY_EVERY: Duration = Duration::from_millis(50);
/// How long a stopping gateway waits for the broker to confirm.
const FAREWELL_MAX: Duration = Duration::from_secs(2);

/// Catching up, or live.
struct Sending {
    live: bool,
    /// While catching up with a broker that forgot: the last message of each topic.
    restored: BTreeMap<String, Message>,
    token: u64,
    unconfirmed: BTreeSet<u64>,
    /// What stood after the message with this token, oldest first.
    stood: VecDeque<(u64, Published)>,
    heartbeat_at: Instant,
    /// New figures on SensorThings' topics.
    news: News,
    failed: bool,
}

impl Outlet {
    /// Works until the dataflow has ended, then says goodbye.
    pub(crate) fn run(mut self) {
        let mut sending = Sending {
            live: false,
            restored: BTreeMap::new(),
            token: 0,
            unconfirmed: BTreeSet::new(),
            stood: VecDeque::new(),
            heartbeat_at: Instant::now(),
            news: News::default(),
            failed: false,
        };
        let mut tidy_at = Instant::now();
        loop {
            match self.from.recv_timeout(TIDY_EVERY) {
                Ok(Outgoing::Tick(output)) => self.tick(&output, &mut sending),
                Ok(Outgoing::Live) => self.go_live(&mut sending),
                Ok(Outgoing::Face(face)) => self.face = *face,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if tidy_at.elapsed() >= TIDY_EVERY {
                self.tidy(&mut sending);
                tidy_at = Instant::now();
            }
        }
        self.say(Presence::Stopped, &mut sending);
        let deadline = Instant::now() + FAREWELL_MAX;
        while self.link.is_connected() && self.link.unconfirmed() > 0 && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(5));
        }
        self.confirm(&mut sending);
    }

    fn tick(&mut self, output: &TickOutput, sending: &mut Sending) {
        self.on_board(|board| board.apply(output));
        if self.face.open_data.mqtt && sending.live {
            sending.news.note(&output.zone_values);
        }
        for (flagged, _) in output.flags.iter().filter(|(_, stand)| *stand) {
            self.events.metrics.flagged(flagged);
        }
        for _ in 0..output.silences_dropped {
            self.events.emit(Event::Dropped { queue: "silence" });
        }
        if output.revisions.is_empty() && output.shadow.is_empty() {
            return;
        }
        // The journal reaches the tick and the history has it, so that nothing admitted later can get in front of
        // what is said now, and nobody is told what cannot be looked up. Also after a failure: nothing piles up.
        let written = {
            let mut journal = self.journal.lock().unwrap_or_else(PoisonError::into_inner);
            journal.write_alerts()
        };
        if let Err(error) = written
            && !sending.failed
        {
            sending.failed = true;
            self.on_board(|board| board.journal_changed(Some(error.to_string())));
        }
        if sending.failed || output.revisions.is_empty() {
            return;
        }
        let arrived = self.arrivals.of(output.tick);
        let revisions = output.revisions.iter();
        let messages: Vec<Message> = revisions
            .flat_map(|revision| self.published.revise(revision, &self.face))
            .collect();
        // Shown before they are sent: who hears a message and asks finds it.
        self.show_trails(output.revisions.iter().map(|revision| revision.id));
        for message in messages {
            if self.restores && !sending.live {
                sending.restored.insert(message.topic.clone(), message);
                continue;
            }
            self.send(message, sending);
            if let Some(arrived) = arrived {
                let latency = arrived.elapsed().as_secs_f64();
                self.events.metrics.alert_latency.observe(latency);
            }
        }
        self.published.told(output.tick);
        self.stands(sending);
    }

    fn go_live(&mut self, sending: &mut Sending) {
        sending.live = true;
        self.live.cancel();
        for removal in self.published.expire(self.clock.now(), self.face.city) {
            match self.restores {
                true => drop(sending.restored.remove(&removal.topic)),
                false => self.send(removal, sending),
            }
        }
        for message in std::mem::take(&mut sending.restored).into_values() {
            self.send(message, sending);
        }
        self.stands(sending);
    }

    /// The board shows the CAP messages as they were sent.
    fn show_trails(&self, told: impl IntoIterator<Item = AlertId>) {
        let trails: Vec<_> = told
            .into_iter()
            .filter_map(|id| Some((id, self.published.trail(id)?.clone())))
            .collect();
        self.on_board(|board| {
            for (id, trail) in trails {
                board.told(id, trail);
            }
        });
    }

    /// Renews the CAP messages of alerts that are still open.
    fn renew(&mut self, now: Millis, sending: &mut Sending) {
        let due = self.published.renewals_due(now);
        if due.is_empty() {
            return;
        }
        let revisions: Vec<Revision> = {
            let board = self.board.read().unwrap_or_else(PoisonError::into_inner);
            let stories = due.iter().filter_map(|id| board.alert(*id, now));
            stories.map(|story| story.latest().clone()).collect()
        };
        let messages: Vec<Message> = revisions
            .iter()
            .filter_map(|revision| self.published.renew(revision, &self.face, now))
            .collect();
        self.show_trails(due);
        for message in messages {
            self.send(message, sending);
        }
        self.stands(sending);
    }

    fn tidy(&mut self, sending: &mut Sending) {
        self.confirm(sending);
        if !sending.live || sending.failed {
            return;
        }
        let now = self.clock.now();
        if self.published.next_removal().is_some_and(|at| at <= now) {
            for removal in self.published.expire(now, self.face.city) {
                self.send(removal, sending);
            }
            self.stands(sending);
        }
        self.renew(now, sending);
        self.tell_news(now, &mut sending.news);
        let connected = self.confirmations.connected.swap(false, Ordering::Relaxed);
        if self.link.is_connected() && (connected || Instant::now() >= sending.heartbeat_at) {
            self.say(Presence::Online, sending);
            sending.heartbeat_at = Instant::now() + limits::HEARTBEAT;
        }
    }

    /// New figures, while the broker owes few confirmations. Their tokens are nobody's: they are not said again.
    fn tell_news(&self, now: Millis, news: &mut News) {
        if !self.face.open_data.mqtt || !self.link.is_connected() {
            news.clear();
            return;
        }
        let room = UNCONFIRMED_MAX.saturating_sub(self.link.unconfirmed());
        let messages = {
            let board = self.board.read().unwrap_or_else(PoisonError::into_inner);
            news.due(&board, &self.face, now, room)
        };
        for Message { topic, payload } in messages {
            let publication = Publication {
                token: u64::MAX,
                topic,
                payload,
                retain: false,
            };
            match self.link.publish(publication) {
                Ok(()) => self.events.metrics.published.inc(),
                Err(_) => self.events.emit(Event::Dropped {
                    queue: "observations",
                }),
            }
        }
    }

    /// The gateway's own retained status.
    fn say(&mut self, presence: Presence, sending: &mut Sending) {
        let now = self.clock.now();
        let (frontier, open) = {
            let board = self.board.read().unwrap_or_else(PoisonError::into_inner);
            let open = board.picture(now).alerts_open().count();
            (board.health().frontier, open)
        };
        let status = GatewayStatus::will(&self.gateway, &self.face, heartbeat_s());
        let payload = status
            .at(presence, self.clock.now(), frontier, open)
            .payload();
        let topic = self.status_topic.clone();
        self.send(Message { topic, payload }, sending);
    }

    /// Hands a message to the link, and waits while the broker owes too many confirmations.
    fn send(&self, message: Message, sending: &mut Sending) {
        sending.token += 1;
        let mut publication = Publication {
            token: sending.token,
            topic: message.topic,
            payload: message.payload,
            retain: true,
        };
        // Unconfirmed from here on: what a stop leaves unsent is sent after the next start.
        sending.unconfirmed.insert(sending.token);
        // Said before anybody can hear the message.
        self.events.metrics.publish_pending.inc();
        while let Err(back) = self.link.publish(publication) {
            if self.stopping.load(Ordering::Relaxed) {
                return;
            }
            publication = back;
            std::thread::sleep(TIDY_EVERY);
        }
        self.events.metrics.published.inc();
    }

    /// Remembers what stands now, for when the broker has confirmed all of it.
    fn stands(&self, sending: &mut Sending) {
        sending
            .stood
            .push_back((sending.token, self.published.clone()));
    }

    fn confirm(&self, sending: &mut Sending) {
        let tokens = std::mem::take(
            &mut *self
                .confirmations
                .tokens
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        );
        for token in tokens {
            sending.unconfirmed.remove(&token);
        }
        let confirmed_below = match sending.unconfirmed.first() {
            Some(first) => *first,
            None => sending.token + 1,
        };
        let mut latest = None;
        while let Some((token, _)) = sending.stood.front()
            && *token < confirmed_below
        {
            latest = sending.stood.pop_front();
        }
        if let Some((_, published)) = latest {
            let mut journal = self.journal.lock().unwrap_or_else(PoisonError::into_inner);
            // A failure is latched in the journal and said there; it costs one repetition at most.
            let _ = journal.set_published(&published);
        }
        let pending = sending.unconfirmed.len() + sending.stood.len();
        self.events.metrics.publish_pending.set(pending as i64);
    }

    fn on_board(&self, change: impl FnOnce(&mut Board)) {
        change(&mut self.board.write().unwrap_or_else(PoisonError::into_inner));
    }
}

/// Seconds between two words of the gateway about itself.
pub(crate) fn heartbeat_s() -> u32 {
    limits::HEARTBEAT.as_secs() as u32
}

impl Confirmations {
    pub(crate) fn confirmed(&self, token: u64) {
        self.tokens
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(token);
    }

    pub(crate) fn connected(&self) {
        self.connected.store(true, Ordering::Relaxed);
    }
}

impl Arrivals {
    /// Something of `tick` arrived `at`; the first one counts.
    pub(crate) fn note(&self, tick: Tick, at: Instant) {
        let mut by_tick = self.by_tick.lock().unwrap_or_else(PoisonError::into_inner);
        by_tick.entry(tick).or_insert(at);
        while by_tick.len() > ARRIVALS_LEN_MAX {
            by_tick.pop_first();
        }
    }

    fn of(&self, tick: Tick) -> Option<Instant> {
        let by_tick = self.by_tick.lock().unwrap_or_else(PoisonError::into_inner);
        by_tick.get(&tick).copied()
    }
}
