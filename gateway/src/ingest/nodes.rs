//! All nodes' sessions and keys, and the ledger of what became of their frames.

use pipeline::calendar::{Millis, Tick};
use pipeline::city::NodeIx;
use serde::{Deserialize, Serialize};
use wire::seal::peek_header;
use wire::{Direction, Key, NodeId};

use crate::acknowledge::Word;
use crate::admission::{Account, Asked, Outcome, Refusal, Registry, Session, Spoken, Tally, admit};
use crate::board::nodes::{Followed, NodeBook};
use crate::events::{Event, Events};
use crate::journal::FrameRecord;
use crate::metrics::SettingsOutcome;
use crate::provision::Orders;

/// By node number, which is dense.
#[derive(Default)]
pub(crate) struct Nodes {
    known: Vec<Known>,
    /// What came in no node's name.
    nobody: Account,
    /// Accounts have counted what the journal has up to here.
    counted_to: Tick,
}

#[derive(Default)]
struct Known {
    session: Session,
    account: Account,
    /// Keys of the session's generation: deriving costs more than opening.
    keys: Option<Keys>,
    asked: Asked,
}

struct Keys {
    generation: u8,
    up: Key,
    down: Key,
}

impl Nodes {
    /// One message through the door.
    pub(crate) fn admit(
        &mut self,
        registry: &Registry,
        topic: &str,
        bytes: &[u8],
        received: Millis,
        ledger: &mut Ledger,
    ) -> Outcome {
        let spoken = match registry.spoken(topic, bytes, received) {
            Ok(spoken) => spoken,
            Err(refused) => {
                if let Outcome::Refused { reason, .. } = refused {
                    self.nobody.refuse(reason, received);
                }
                return refused;
            }
        };
        let Spoken { node, id, .. } = spoken;
        let Known {
            session,
            account,
            keys,
            asked,
        } = self.known(node);
        let key = |generation| match keys {
            Some(keys) if keys.generation == generation => keys.up.clone(),
            _ => registry.key(&id, generation, Direction::Up),
        };
        let went_by = session.goes_by();
        let outcome = admit(spoken, registry, key, session);
        ledger.note_settings(id, went_by, session.goes_by());
        match &outcome {
            Outcome::Accepted {
                records,
                tally,
                clock,
                ..
            } => account.accept(records, tally, *clock),
            Outcome::Duplicate { .. } => account.duplicate(received),
            Outcome::Refused { reason, .. } => account.refuse(*reason, received),
        }
        if outcome.is_answered()
            && let Ok(header) = peek_header(bytes)
        {
            asked.note(header.lane, header.place());
        }
        let opened = matches!(
            outcome,
            Outcome::Accepted { .. } | Outcome::Duplicate { .. }
        );
        let is_new = keys
            .as_ref()
            .is_none_or(|keys| keys.generation != session.generation);
        if opened && is_new {
            *keys = Some(Keys {
                generation: session.generation,
                up: registry.key(&id, session.generation, Direction::Up),
                down: registry.key(&id, session.generation, Direction::Down),
            });
        }
        outcome
    }

    /// All sessions as a snapshot left them, and all accounts as they were last written.
    pub(crate) fn restored(sessions: Vec<(NodeIx, Session)>, accounts: Accounts) -> Nodes {
        let mut nodes = Nodes {
            nobody: accounts.nobody,
            counted_to: accounts.counted_to,
            ..Nodes::default()
        };
        for (node, session) in sessions {
            nodes.known(node).session = session;
        }
        for (node, account) in accounts.nodes {
            nodes.known(node).account = account;
        }
        nodes
    }

    /// All accounts, which have counted what the journal has up to `counted_to`.
    pub(crate) fn accounts(&self, counted_to: Tick) -> Accounts {
        let numbered = (0..).map(NodeIx).zip(&self.known);
        let accounts = numbered.map(|(node, known)| (node, known.account.clone()));
        Accounts {
            counted_to,
            nobody: self.nobody.clone(),
            nodes: accounts
                .filter(|(_, account)| account.since.is_some())
                .collect(),
        }
    }

    /// Sessions of all nodes that were ever heard, for a snapshot.
    pub(crate) fn sessions(&self) -> Vec<(NodeIx, Session)> {
        let heard = |session: &Session| *session != Session::default();
        let numbered = (0..).map(NodeIx).zip(&self.known);
        let sessions = numbered.map(|(node, known)| (node, known.session.clone()));
        sessions.filter(|(_, session)| heard(session)).collect()
    }

    /// Takes note of a frame that was journaled at `tick`, as a restart does.
    pub(crate) fn replay(&mut self, registry: &Registry, tick: Tick, frame: &FrameRecord) {
        let is_counted = tick <= self.counted_to;
        let Known {
            session, account, ..
        } = self.known(frame.node);
        let lost = session.note(frame);
        if !is_counted {
            account.replay(frame, lost, &registry.calendar);
        }
        if frame.offset.is_some() {
            // The records that follow give them their time.
            session.release(frame.boot);
        }
    }

    /// What the node is to hear: how far it is settled, and what it shall go by if that is something else.
    pub(crate) fn answer(
        &mut self,
        registry: &Registry,
        orders: &Orders,
        node: NodeIx,
    ) -> Option<Word> {
        let id = registry.id(node)?;
        let Known {
            session,
            keys,
            asked,
            ..
        } = self.known.get_mut(node.0 as usize)?;
        let generation = session.generation;
        let key = match keys {
            Some(keys) if keys.generation == generation => keys.down.clone(),
            _ => registry.key(&id, generation, Direction::Down),
        };
        let other = orders
            .of(node)
            .filter(|order| session.is_to_be_told(order.id));
        Some(Word {
            node: id,
            key,
            generation,
            settled: session.settled(&std::mem::take(asked)),
            settings: other.map(|order| order.settings.clone()),
        })
    }

    /// What is known of a node beside what it measures.
    pub(crate) fn book(&self, orders: &Orders, node: NodeIx) -> NodeBook {
        let Some(known) = self.known.get(node.0 as usize) else {
            return NodeBook::default();
        };
        let Known {
            session, account, ..
        } = known;
        let followed = match (orders.of(node), session.goes_by()) {
            (None, _) => Followed::Nothing,
            (Some(_), None) => Followed::Unknown,
            (Some(order), Some((settings, _))) if settings == order.id => Followed::All,
            (Some(order), Some((_, refused))) if refused == order.id => Followed::Refused,
            (Some(_), Some(_)) => Followed::Sent,
        };
        NodeBook {
            account: account.clone(),
            generation: session.generation,
            started: session.started(),
            missing: session.missing(),
            settings: followed,
        }
    }

    /// What came in no node's name.
    pub(crate) fn nobody(&self) -> &Account {
        &self.nobody
    }

    /// Everybody of whom anything is known.
    pub(crate) fn heard_of(&self) -> impl Iterator<Item = NodeIx> {
        let numbered = (0..).map(NodeIx).zip(&self.known);
        let heard_of = numbered.filter(|(_, known)| known.account.since.is_some());
        heard_of.map(|(node, _)| node)
    }

    fn known(&mut self, node: NodeIx) -> &mut Known {
        let place = node.0 as usize;
        if self.known.len() <= place {
            self.known.resize_with(place + 1, Known::default);
        }
        &mut self.known[place]
    }
}

/// Every node's account, as it is kept over a restart.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Accounts {
    /// They have counted what the journal has up to this tick.
    counted_to: Tick,
    nobody: Account,
    nodes: Vec<(NodeIx, Account)>,
}

/// What became of a batch of frames: counted together, because a counter's label costs more than a frame.
#[derive(Default)]
pub(crate) struct Ledger {
    accepted: u64,
    duplicate: u64,
    refused: Vec<(Refusal, Option<NodeId>)>,
    tally: Tally,
    /// Nodes that are to be answered once this is on disk.
    pub(crate) answered: Vec<NodeIx>,
    pub(crate) refused_nodes: Vec<NodeIx>,
    settings: Vec<(SettingsOutcome, NodeId)>,
}

impl Ledger {
    pub(crate) fn count(&mut self, registry: &Registry, outcome: &Outcome) {
        match outcome {
            Outcome::Accepted { node, tally, .. } => {
                self.accepted += 1;
                self.tally.add(tally);
                self.answered.push(*node);
            }
            Outcome::Duplicate { node } => {
                self.duplicate += 1;
                self.answered.push(*node);
            }
            Outcome::Refused {
                reason,
                node,
                settled,
            } => {
                let id = node.and_then(|node| registry.id(node));
                self.refused.push((*reason, id));
                self.refused_nodes.extend(*node);
                if settled.is_some() {
                    self.answered.extend(*node);
                }
            }
        }
    }

    /// What the node went by before a frame and after it.
    fn note_settings(
        &mut self,
        node: NodeId,
        before: Option<(u32, u32)>,
        after: Option<(u32, u32)>,
    ) {
        let (Some((settings, refused)), Some((now, refused_now))) = (before, after) else {
            return;
        };
        if now != settings {
            self.settings.push((SettingsOutcome::Followed, node));
        }
        if refused_now != refused && refused_now != 0 {
            self.settings.push((SettingsOutcome::Refused, node));
        }
    }

    /// Into metrics and log.
    pub(crate) fn publish(&mut self, events: &Events) {
        let (metrics, tally) = (&events.metrics, &self.tally);
        let add = |counters: &prometheus::IntCounterVec, label, count: u64| {
            if count > 0 {
                counters.with_label_values(&[label]).inc_by(count);
            }
        };
        add(&metrics.frames, "accepted", self.accepted);
        add(&metrics.frames, "duplicate", self.duplicate);
        for (reason, node) in self.refused.drain(..) {
            let reason = reason.name();
            events.emit(Event::FrameRefused { reason, node });
        }
        for (outcome, node) in self.settings.drain(..) {
            events.emit(Event::Settings { outcome, node });
        }
        let refused = tally.unknown_quantity + tally.implausible;
        add(&metrics.readings, "admitted", tally.admitted.into());
        add(&metrics.readings, "fault", tally.faults.into());
        add(&metrics.readings, "refused", refused.into());
        for (reason, count) in [
            ("unknown_quantity", tally.unknown_quantity),
            ("implausible", tally.implausible),
        ] {
            add(&metrics.refusals, reason, count.into());
        }
        for (mark, count) in [
            ("late", tally.late),
            ("too_late", tally.too_late),
            ("restamped", tally.restamped),
            ("held", tally.held),
            ("timeless", tally.timeless),
        ] {
            add(&metrics.readings_marked, mark, count.into());
        }
        metrics.frames_lost.inc_by(tally.frames_lost.into());
    }
}

impl Tally {
    fn add(&mut self, other: &Tally) {
        // By name, so that a new count cannot be forgotten here.
        let Tally {
            readings,
            admitted,
            late,
            too_late,
            restamped,
            held,
            timeless,
            unknown_quantity,
            implausible,
            faults,
            frames_lost,
        } = other;
        self.readings += readings;
        self.admitted += admitted;
        self.late += late;
        self.too_late += too_late;
        self.restamped += restamped;
        self.held += held;
        self.timeless += timeless;
        self.unknown_quantity += unknown_quantity;
        self.implausible += implausible;
        self.faults += faults;
        self.frames_lost = self.frames_lost.saturating_add(*frames_lost);
    }
}
