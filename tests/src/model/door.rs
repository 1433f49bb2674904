//! The gateway's door: admission with the nodes' sessions, and the ledger of what must come of each frame.

use std::collections::BTreeMap;

use gateway::admission::{Outcome, Registry, Session, Spoken, admit};
use gateway::journal::{FrameRecord, Record};
use pipeline::calendar::{Calendar, Millis};
use pipeline::city::{City, NodeIx};
use pipeline::observation::Observation;
use wire::{CitySecret, Direction, Lane, NodeId};

use super::node::Closed;

/// Sessions of all nodes that were ever heard.
pub(super) type Sessions = BTreeMap<NodeIx, Session>;

pub(super) struct Door {
    registry: Registry,
    pub(super) sessions: Sessions,
}

impl Door {
    pub(super) fn new(city: &City, secret: CitySecret, calendar: Calendar) -> Door {
        Door {
            registry: Registry::new(city, &[], secret, calendar),
            sessions: Sessions::new(),
        }
    }

    pub(super) fn city_changed(&mut self, city: &City) {
        self.registry.city_changed(city, &[]);
    }

    /// A frame that was never heard: its records, if its node may speak.
    pub(super) fn fresh(
        &mut self,
        node: NodeId,
        frame: &Closed,
        known: bool,
        now: Millis,
    ) -> Result<Vec<FrameRecord>, String> {
        match (self.hear(node, frame.lane, &frame.bytes, now), known) {
            (Outcome::Accepted { records, .. }, true) => {
                let mut admitted = Vec::new();
                records.iter().for_each(|r| r.observations(&mut admitted));
                match admitted == frame.readings {
                    true => Ok(records),
                    false => Err(format!(
                        "{node} said {:?}, admitted was {admitted:?}",
                        frame.readings
                    )),
                }
            }
            (Outcome::Refused { settled: None, .. }, false) => Ok(Vec::new()),
            (outcome, _) => Err(format!("a fresh frame of {node}: {outcome:?}")),
        }
    }

    /// A frame that was heard before: nothing may come of it.
    pub(super) fn again(
        &mut self,
        node: NodeId,
        frame: &Closed,
        known: bool,
        now: Millis,
    ) -> Result<(), String> {
        match (self.hear(node, frame.lane, &frame.bytes, now), known) {
            (Outcome::Duplicate { .. }, true) | (Outcome::Refused { settled: None, .. }, false) => {
                Ok(())
            }
            (outcome, _) => Err(format!("a frame of {node} heard again: {outcome:?}")),
        }
    }

    /// Bytes that its node never sealed.
    pub(super) fn garbage(
        &mut self,
        node: NodeId,
        lane: Lane,
        bytes: &[u8],
        now: Millis,
    ) -> Result<(), String> {
        match self.hear(node, lane, bytes, now) {
            Outcome::Refused { settled: None, .. } => Ok(()),
            outcome => Err(format!("garbage in the name of {node}: {outcome:?}")),
        }
    }

    /// Sessions as a restart rebuilds them from journaled frames.
    pub(super) fn replay(sessions: &mut Sessions, record: &Record) {
        let Record::Frames(frames) = record else {
            return;
        };
        for frame in frames {
            let session = sessions.entry(frame.node).or_default();
            session.note(frame);
            if frame.offset.is_some() {
                session.release(frame.boot);
            }
        }
    }

    fn hear(&mut self, id: NodeId, lane: Lane, bytes: &[u8], received: Millis) -> Outcome {
        let channel = match lane {
            Lane::Normal => "up",
            Lane::Alarm => "alarm",
        };
        let topic = format!("city/v1/{}/node/{id}/{channel}", self.registry.city());
        let spoken = match self.registry.spoken(&topic, bytes, received) {
            Ok(spoken) => spoken,
            Err(refused) => return refused,
        };
        let Spoken { node, id, .. } = spoken;
        let session = self.sessions.entry(node).or_default();
        let key = |generation| self.registry.key(&id, generation, Direction::Up);
        admit(spoken, &self.registry, key, session)
    }
}

/// All observations of a record's frames.
pub(super) fn observations(frames: &[FrameRecord]) -> Vec<Observation> {
    let mut all = Vec::new();
    frames.iter().for_each(|frame| frame.observations(&mut all));
    all
}
