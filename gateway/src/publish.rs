//! Alerts and the gateway's own state as topic messages: pure, the link sends them.
//!
//! Every alert has two retained topics of its own, for our JSON and for CAP. A revision replaces both messages, an
//! ended alert stays for its horizon, then empty retained messages take it off the broker. A CAP message expires, so
//! that of an alert which stays open is renewed before. What was sent is remembered in
//! [`Published`], which the journal keeps beside its inputs, so that a restart sends nothing twice and still knows
//! what it has to remove.

use std::collections::BTreeMap;

use pipeline::alert::{AlertId, Revision};
use pipeline::calendar::{Millis, Tick};
use serde::ser::Error;
use serde::{Deserialize, Serialize, Serializer};
use wire::topic::Topic;
use wire::{CityId, KindId, ZoneId};

use crate::board::Face;
use crate::board::picture::alert_value;
use crate::cap::{self, Trail};
use crate::privacy::{Shown, ShownPeople};

pub(crate) mod observations;
mod status;

pub use status::{GatewayStatus, Presence};

/// A message to send with QoS 1, retained; an empty payload removes what is retained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub topic: String,
    pub payload: Vec<u8>,
}

/// What stands on the broker, by alert. Bounded by the open alerts and those that ended within a horizon.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    standing: BTreeMap<AlertId, Standing>,
    /// Trails of messages that stood on a broker which has forgotten them: their names are not given twice.
    #[serde(skip)]
    forgotten: BTreeMap<AlertId, Trail>,
    /// Everything up to this tick was sent; what of it does not stand any more was removed on purpose.
    told_up_to: Tick,
}

/// The retained messages of one alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Standing {
    kind: KindId,
    zone: ZoneId,
    revision: u32,
    /// When it is to be removed; `None` while the alert is open.
    removed_at: Option<Millis>,
    trail: Trail,
}

impl Standing {
    /// Takes both messages off the broker.
    fn removals(&self, city: CityId, id: AlertId) -> [Message; 2] {
        [alert_topic, cap_topic].map(|topic| Message {
            topic: topic(city, self.kind, self.zone, id),
            payload: Vec::new(),
        })
    }
}

impl Published {
    /// The same alerts on a broker that knows nothing of them any more: everything is to be sent again, under the
    /// names that it has.
    pub fn on_an_empty_broker(self) -> Published {
        let trails = self.standing.into_iter();
        Published {
            forgotten: trails.map(|(id, standing)| (id, standing.trail)).collect(),
            ..Published::default()
        }
    }

    /// The messages of a revision; none when it, or a later one, was sent before.
    pub fn revise(&mut self, revision: &Revision, face: &Face) -> Vec<Message> {
        if let Some(standing) = self.standing.get(&revision.id)
            && standing.revision >= revision.revision
        {
            return Vec::new();
        }
        if revision.tick() <= self.told_up_to {
            return Vec::new();
        }
        let retention = face.retention(revision.rule);
        let mut messages = Vec::new();
        let earlier = match self.standing.remove(&revision.id) {
            Some(standing) => {
                // The kind of a rule is part of the topic: under another one nothing would ever take these off.
                if standing.kind != revision.kind {
                    messages.extend(standing.removals(face.city, revision.id));
                }
                Some(standing.trail)
            }
            None => self.forgotten.remove(&revision.id),
        };
        let is_held = is_held(earlier.as_ref(), revision);
        let mut trail = earlier.unwrap_or_default();
        if !is_held {
            trail.tell(revision, face);
        }
        messages.push(Message {
            topic: alert_topic(face.city, revision.kind, revision.zone, revision.id),
            payload: Public::of(revision, face).json().into_bytes(),
        });
        messages.extend(cap_message(revision, &trail, face));
        let standing = Standing {
            kind: revision.kind,
            zone: revision.zone,
            revision: revision.revision,
            removed_at: (!revision.state.is_open())
                .then(|| revision.updated.saturating_add(retention)),
            trail,
        };
        self.standing.insert(revision.id, standing);
        messages
    }

    /// Open alerts whose CAP messages should be renewed by `now`.
    pub fn renewals_due(&self, now: Millis) -> Vec<AlertId> {
        let is_due = |standing: &Standing| {
            standing.removed_at.is_none() && standing.trail.renew_at().is_some_and(|at| at <= now)
        };
        let due = self
            .standing
            .iter()
            .filter(|(_, standing)| is_due(standing));
        due.map(|(id, _)| *id).collect()
    }

    /// The CAP message of `revision` once more, with a new name and a new life; nothing when another one stands.
    pub fn renew(&mut self, revision: &Revision, face: &Face, now: Millis) -> Option<Message> {
        let standing = self.standing.get_mut(&revision.id)?;
        if standing.revision != revision.revision {
            return None;
        }
        standing.trail.renew(now, face);
        cap_message(revision, &standing.trail, face)
    }

    /// The names of an alert's CAP messages.
    pub fn trail(&self, alert: AlertId) -> Option<&Trail> {
        self.standing.get(&alert).map(|standing| &standing.trail)
    }

    /// All revisions of `tick` have been made messages.
    pub fn told(&mut self, tick: Tick) {
        self.told_up_to = self.told_up_to.max(tick);
    }

    /// Removals that are due at `now`.
    pub fn expire(&mut self, now: Millis, city: CityId) -> Vec<Message> {
        let mut removals = Vec::new();
        self.standing.retain(|id, standing| {
            let due = standing.removed_at.is_some_and(|at| at <= now);
            if due {
                removals.extend(standing.removals(city, *id));
            }
            !due
        });
        removals
    }

    /// When the next removal is due, if any.
    pub fn next_removal(&self) -> Option<Millis> {
        self.standing.values().filter_map(|s| s.removed_at).min()
    }

    pub fn len(&self) -> usize {
        self.standing.len()
    }

    pub fn is_empty(&self) -> bool {
        self.standing.is_empty()
    }
}

/// A revision as everyone may see it: a withheld value is `null`, with `value_under` beside it.
#[derive(Clone, Copy, Debug)]
pub struct Public<'a> {
    pub revision: &'a Revision,
    /// Its peak, after [`crate::privacy`].
    pub value: Shown,
    /// The people exposed, likewise.
    pub exposed: Option<ShownPeople>,
}

impl<'a> Public<'a> {
    pub fn of(revision: &'a Revision, face: &Face) -> Public<'a> {
        let value = alert_value(face, revision);
        let exposed = revision.exposed.as_ref();
        Public {
            revision,
            value,
            exposed: exposed.map(|exposed| face.floor.people(&exposed.people)),
        }
    }

    pub fn json(self) -> String {
        // Strings, numbers and plain structs: there is nothing in a revision that JSON cannot say.
        serde_json::to_string(&self).unwrap_or_default()
    }
}

impl Serialize for Public<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let withheld = self.exposed.filter(|exposed| exposed.under.is_some());
        if matches!(self.value, Shown::Exact(_)) && withheld.is_none() {
            return self.revision.serialize(serializer);
        }
        let mut json = serde_json::to_value(self.revision).map_err(S::Error::custom)?;
        if let Shown::Under(limit) = self.value {
            json["value"] = serde_json::Value::Null;
            json["value_under"] = limit.to_f64().into();
        }
        if let Some(ShownPeople {
            people,
            low,
            high,
            under,
        }) = withheld
        {
            let exposed = &mut json["exposed"];
            exposed["people"] = people.into();
            exposed["low"] = low.into();
            exposed["high"] = high.into();
            exposed["under"] = under.into();
        }
        json.serialize(serializer)
    }
}

fn alert_topic(city: CityId, kind: KindId, zone: ZoneId, id: AlertId) -> String {
    let alert = id.0;
    let topic = Topic::Alert {
        city,
        kind,
        zone,
        alert,
    };
    topic.to_string()
}

fn cap_topic(city: CityId, kind: KindId, zone: ZoneId, id: AlertId) -> String {
    let alert = id.0;
    let topic = Topic::Cap {
        city,
        kind,
        zone,
        alert,
    };
    topic.to_string()
}

/// Other systems are not told of a silenced alert that they have not heard of, nor of the end of one that they never
/// heard of. Our own topic always tells the truth, with `silenced` in it.
fn is_held(earlier: Option<&Trail>, revision: &Revision) -> bool {
    let heard_of = earlier.is_some_and(|trail| trail.standing().is_some());
    // Only what was held has a trail without a message.
    let was_held = earlier.is_some() && !heard_of;
    !heard_of && (revision.desk.silenced.is_some() || (was_held && !revision.state.is_open()))
}

/// Nothing while the alert is held back, or its history is told again: only its last message stands.
fn cap_message(revision: &Revision, trail: &Trail, face: &Face) -> Option<Message> {
    let message = cap::Message::standing(revision, trail, face)?;
    Some(Message {
        topic: cap_topic(face.city, revision.kind, revision.zone, revision.id),
        payload: message.xml(),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
