//! The gateway's one writer: takes what came in, admits it, commits it, then feeds the dataflow and answers the
//! nodes. In this order, so that nothing is shown or acknowledged that the disk does not have.

mod nodes;
mod snapshot;
mod start;

use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use pipeline::calendar::{Millis, Tick, tick_at};
use pipeline::city::NodeIx;
use pipeline::input::Input;

use crate::acknowledge::Acknowledger;
use crate::admission::{Outcome, Registry};
use crate::anchors::Anchors;
use crate::board::nodes::NodeBook;
use crate::board::{Board, Face};
use crate::city::LoadedCity;
use crate::clock::Clock;
use crate::events::{Event, Events};
use crate::feed::Feed;
use crate::history;
use crate::inbox::{Inbox, Message, Taken};
use crate::journal::{CommitError, FrameRecord, Journal, Kept, NUMBERS, Record};
use crate::limits;
use crate::link::Link;
use crate::metrics::SettingsOutcome;
use crate::outlet::{Arrivals, Outgoing};
use crate::provision::Orders;
use nodes::Ledger;
pub(crate) use nodes::{Accounts, Nodes};
pub(crate) use snapshot::{Saved, Since};
pub use start::{History, StartError};

/// Rare inputs, in order with the frames.
#[derive(Debug)]
pub(crate) enum Control {
    Input(Input),
    /// The city's files changed.
    City {
        city: Box<LoadedCity>,
        inputs: Vec<Input>,
    },
}

/// What the writer works with.
pub(crate) struct Ingest {
    pub(crate) inbox: Arc<Inbox<Control>>,
    pub(crate) registry: Registry,
    pub(crate) journal: Arc<Mutex<Journal>>,
    pub(crate) feed: Feed,
    pub(crate) acknowledger: Acknowledger,
    /// Readings, alarms.
    pub(crate) links: [Link; 2],
    pub(crate) board: Arc<RwLock<Board>>,
    pub(crate) outlet: std::sync::mpsc::SyncSender<Outgoing>,
    pub(crate) arrivals: Arc<Arrivals>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) events: Events,
    pub(crate) tick_width: Millis,
    /// How long the journal and the history of alerts are kept.
    pub(crate) kept: Kept,
    pub(crate) nodes: Nodes,
    pub(crate) orders: Orders,
    pub(crate) anchors: Anchors,
    /// Entries up to here are in the snapshot that the feed and the nodes started from.
    pub(crate) restored_to: Option<Tick>,
    pub(crate) since: Since,
}

/// A promise moves the dataflow, which has a cost of its own: not more often than this in real time.
const PROMISE_EVERY_MIN: Duration = Duration::from_millis(20);

impl Ingest {
    /// Works until the inbox is closed and empty, or the journal fails; then it only keeps taking, so that
    /// the link lives and the gateway can say how it is.
    pub(crate) fn run(mut self) {
        let mut promise_at = Instant::now();
        let mut measure_at = Instant::now();
        loop {
            let until = match self.acknowledger.due() {
                Some(due) => due.min(promise_at),
                None => promise_at,
            };
            let mut taken = self.inbox.take(until, limits::COMMIT_DELAY_MAX / 2);
            let counts = self.anchors.due(self.now()).into_iter();
            let counts = counts.map(|(_, action)| Control::Input(Input::Action(action)));
            taken.control.extend(counts);
            let closed = taken.closed && taken.messages.is_empty() && taken.control.is_empty();
            if let Err(error) = self.take(taken) {
                self.fail(&error);
                return;
            }
            let now = Instant::now();
            if now >= promise_at {
                let frontier = self.now();
                self.feed.promise(frontier);
                let reached = self.feed.frontier();
                self.on_board(|board| board.frontier_reached(reached));
                promise_at = now + self.until_next_tick().max(PROMISE_EVERY_MIN);
            }
            if self.acknowledger.due().is_some_and(|due| now >= due) || closed {
                self.answer();
            }
            if let Err(error) = self.save_if_due() {
                self.fail(&error);
                return;
            }
            if now >= measure_at {
                self.measure();
                if let Err(error) = self.forget() {
                    self.fail(&error);
                    return;
                }
                measure_at = now + Duration::from_secs(1);
            }
            if closed {
                // A restart then takes up nothing but this; without it, the journal says the same.
                if let Err(error) = self.save() {
                    self.fail(&error);
                }
                return;
            }
        }
    }

    /// Admits, commits, feeds.
    fn take(&mut self, taken: Taken<Control>) -> Result<(), CommitError> {
        let Taken {
            messages,
            control,
            since,
            ..
        } = taken;
        if messages.is_empty() && control.is_empty() {
            return Ok(());
        }
        let mut ledger = Ledger::default();
        let frames = self.admit(&messages, &mut ledger);
        self.since.journaled(frames.len());
        let mut records = Vec::new();
        if !frames.is_empty() {
            records.push(Record::Frames(frames));
        }
        for control in control {
            let inputs = match control {
                Control::Input(input) => vec![input],
                Control::City { city, inputs } => self.city_changed(*city, inputs)?,
            };
            records.extend(inputs.into_iter().map(Record::Input));
        }
        let tick = self.commit(&records)?;
        if let Some(since) = since {
            self.arrivals.note(tick, since);
        }
        for record in &records {
            self.feed.record(tick, record);
        }
        // Shown before it is counted: who sees it in the metrics finds it in the accounts.
        self.show(&ledger);
        ledger.publish(&self.events);
        for node in ledger.answered {
            self.acknowledger.note(node);
        }
        for link in &self.links {
            link.receipts(messages.iter().filter_map(|message| message.receipt));
        }
        Ok(())
    }

    fn admit(&mut self, messages: &[Message], ledger: &mut Ledger) -> Vec<FrameRecord> {
        let received = self.clock.now();
        let mut frames = Vec::with_capacity(messages.len());
        for message in messages {
            let Message { topic, payload, .. } = message;
            let outcome = self
                .nodes
                .admit(&self.registry, topic, payload, received, ledger);
            ledger.count(&self.registry, &outcome);
            match outcome {
                Outcome::Accepted { records, .. } => frames.extend(records),
                Outcome::Refused {
                    settled: Some(record),
                    ..
                } => frames.push(*record),
                Outcome::Refused { .. } | Outcome::Duplicate { .. } => {}
            }
        }
        frames
    }

    fn commit(&self, records: &[Record]) -> Result<Tick, CommitError> {
        let now = self.now().max(self.feed.promised());
        self.locked(|journal| journal.commit(now, records))
    }

    /// The clock's tick, quantised.
    fn now(&self) -> Tick {
        let width = self.tick_width.max(1) as Tick;
        tick_at(self.clock.now()) / width * width
    }

    /// How long the tick of now lasts, for whoever waits. What was journaled in a tick is told when it has ended: a
    /// promise at any other moment would let it wait for up to a tick more.
    fn until_next_tick(&self) -> Duration {
        let width = self.tick_width.max(1);
        let now = self.clock.now();
        self.clock.real_duration(width - now.rem_euclid(width))
    }

    fn city_changed(
        &mut self,
        city: LoadedCity,
        inputs: Vec<Input>,
    ) -> Result<Vec<Input>, CommitError> {
        // Before the first frame under a new number: after a restart each number must mean the same node.
        self.locked(|journal| journal.set_meta(NUMBERS, city.numbers()))?;
        self.registry.city_changed(&city.city, city.posts());
        self.orders = Orders::new(&city);
        self.anchors.city_changed(&city);
        self.kept = history::kept(&city);
        let face = Face::from(&city);
        self.on_board(|board| board.city_changed(face.clone()));
        // Orders may be others.
        self.show_all();
        // The outlet is gone only when everything ends.
        let _ = self.outlet.send(Outgoing::Face(Box::new(face)));
        Ok(inputs)
    }

    fn answer(&mut self) {
        let now = self.clock.now();
        let (nodes, registry, orders) = (&mut self.nodes, &self.registry, &self.orders);
        let mut sent = Vec::new();
        let answers = self.acknowledger.round(now, |ix| {
            let word = nodes.answer(registry, orders, ix)?;
            sent.extend(word.settings.is_some().then_some(word.node));
            Some(word)
        });
        for node in sent {
            let outcome = SettingsOutcome::Sent;
            self.events.emit(Event::Settings { outcome, node });
        }
        self.events
            .metrics
            .acknowledgements
            .inc_by(answers.len() as u64);
        let [normal, _] = &self.links;
        normal.send(answers);
    }

    /// Puts on the board what is known of the nodes that the batch was about.
    fn show(&self, ledger: &Ledger) {
        let all = ledger.answered.iter().chain(&ledger.refused_nodes);
        let mut touched: Vec<NodeIx> = all.copied().collect();
        touched.sort_unstable();
        touched.dedup();
        self.put(touched);
    }

    /// The same of all nodes.
    pub(crate) fn show_all(&self) {
        self.put(self.nodes.heard_of().collect());
    }

    fn put(&self, nodes: Vec<NodeIx>) {
        let books = nodes.into_iter();
        let books: Vec<(NodeIx, NodeBook)> = books
            .map(|node| (node, self.nodes.book(&self.orders, node)))
            .collect();
        self.on_board(|board| board.nodes_told(books, self.nodes.nobody()));
    }

    fn measure(&self) {
        let metrics = &self.events.metrics;
        let frontier = self.feed.frontier();
        let lag = self.now().saturating_sub(frontier);
        metrics.frontier_lag.set(lag as f64 / 1_000.0);
        let (bytes, free) = self.locked(|journal| (journal.bytes(), journal.free_bytes()));
        metrics.journal_bytes.set(bytes as i64);
        // What the disk does not say is no series' value; the one before stays.
        if let Some(free) = free {
            metrics.disk_free.set(free as f64);
        }
    }

    /// One step of forgetting what is kept no longer.
    fn forget(&self) -> Result<(), CommitError> {
        let now = self.now();
        let forgotten = self.locked(|journal| journal.forget(now, self.kept))?;
        self.events.metrics.forgot(forgotten);
        Ok(())
    }

    fn fail(&self, error: &CommitError) {
        self.on_board(|board| board.journal_changed(Some(error.to_string())));
        while !self
            .inbox
            .take(Instant::now() + Duration::from_secs(1), Duration::ZERO)
            .closed
        {}
    }

    fn locked<T>(&self, work: impl FnOnce(&mut Journal) -> T) -> T {
        work(&mut self.journal.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn on_board(&self, change: impl FnOnce(&mut Board)) {
        change(&mut self.board.write().unwrap_or_else(PoisonError::into_inner));
    }
}
