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
use crate::privacy::Shown;

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
        let mut trail = match self.standing.remove(&revision.id) {
            Some(standing) => standing.trail,
            None => self.forgotten.remove(&revision.id).unwrap_or_default(),
        };
        trail.tell(revision, face);
        let mut messages = vec![Message {
            topic: alert_topic(face.city, revision.kind, revision.zone, revision.id),
            payload: Public::of(revision, face).json().into_bytes(),
        }];
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
                let topics = [alert_topic, cap_topic];
                removals.extend(topics.map(|topic| Message {
                    topic: topic(city, standing.kind, standing.zone, *id),
                    payload: Vec::new(),
                }));
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
}

impl<'a> Public<'a> {
    pub fn of(revision: &'a Revision, face: &Face) -> Public<'a> {
        let value = alert_value(face, revision);
        Public { revision, value }
    }

    pub fn json(self) -> String {
        // Strings, numbers and plain structs: there is nothing in a revision that JSON cannot say.
        serde_json::to_string(&self).unwrap_or_default()
    }
}

impl Serialize for Public<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Shown::Under(limit) = self.value else {
            return self.revision.serialize(serializer);
        };
        let mut json = serde_json::to_value(self.revision).map_err(S::Error::custom)?;
        json["value"] = serde_json::Value::Null;
        json["value_under"] = limit.to_f64().into();
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

/// Nothing while the alert's history is told again: only its last message stands.
fn cap_message(revision: &Revision, trail: &Trail, face: &Face) -> Option<Message> {
    let message = cap::Message::standing(revision, trail, face)?;
    Some(Message {
        topic: cap_topic(face.city, revision.kind, revision.zone, revision.id),
        payload: message.xml(),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::board::sample::{NOON, face, revision};
    use pipeline::alert::State;
    use pipeline::calendar::HOUR;
    use wire::Milli;

    #[test]
    fn an_alert_is_sent_once_a_revision_and_removed_after_its_horizon() {
        let (face, mut published) = (face(), Published::default());
        let raised = revision(7, 1, State::Raised, NOON);
        let [message, cap] = &published.revise(&raised, &face)[..] else {
            panic!("JSON and CAP")
        };
        assert_eq!(
            message.topic,
            "city/v1/harbour/alert/crowd/quay/00000000000000000000000000000007"
        );
        assert_eq!(
            cap.topic,
            "city/v1/harbour/cap/crowd/quay/00000000000000000000000000000007"
        );
        assert!(cap.payload.starts_with(b"<?xml"));
        let json: serde_json::Value = serde_json::from_slice(&message.payload).unwrap();
        assert_eq!(json["state"], "raised");
        assert_eq!(json["value"], 4.2);
        assert_eq!(json["onset"], "2026-11-22T00:59:00.000Z");
        assert_eq!(published.revise(&raised, &face), []);
        assert_eq!(published.next_removal(), None);

        let cleared = revision(7, 2, State::Cleared, NOON + HOUR);
        assert_eq!(published.revise(&cleared, &face).len(), 2);
        assert_eq!(published.next_removal(), Some(NOON + 2 * HOUR));
        assert_eq!(published.expire(NOON + 2 * HOUR - 1, face.city), []);
        let removals = published.expire(NOON + 2 * HOUR, face.city);
        let topics: Vec<&String> = removals.iter().map(|removal| &removal.topic).collect();
        assert_eq!(topics, [&message.topic, &cap.topic]);
        assert!(removals.iter().all(|removal| removal.payload.is_empty()));
        assert!(published.is_empty());
    }

    #[test]
    fn a_restart_remembers_what_stands_on_the_broker() {
        let (face, mut published) = (face(), Published::default());
        published.revise(&revision(7, 3, State::Updated, NOON), &face);
        let config = bincode::config::standard();
        let bytes = bincode::serde::encode_to_vec(&published, config).unwrap();
        let (mut restored, _): (Published, usize) =
            bincode::serde::decode_from_slice(&bytes, config).unwrap();
        assert_eq!(restored, published);
        let again = revision(7, 3, State::Updated, NOON);
        assert_eq!(restored.revise(&again, &face), []);
        let next = revision(7, 4, State::Updated, NOON);
        assert_eq!(restored.revise(&next, &face).len(), 2);
    }

    #[test]
    fn a_broker_that_forgot_hears_the_same_names_again() {
        let (face, mut published) = (face(), Published::default());
        let raised = revision(7, 1, State::Raised, NOON);
        let updated = revision(7, 2, State::Updated, NOON + HOUR);
        published.revise(&raised, &face);
        let said = published.revise(&updated, &face);
        published.told(updated.tick());
        // The journal tells the whole story again: of CAP only the message that stood.
        let mut restored = published.on_an_empty_broker();
        assert_eq!(restored.revise(&raised, &face).len(), 1);
        assert_eq!(restored.revise(&updated, &face), said);
        let cap = String::from_utf8_lossy(&said[1].payload);
        assert!(cap.contains(&format!("<references>citysense,{}.1,", raised.id)));
    }

    #[test]
    fn an_open_alert_is_renewed_before_its_message_expires_and_an_ended_one_is_not() {
        let (face, mut published) = (face(), Published::default());
        let raised = revision(7, 1, State::Raised, NOON);
        published.revise(&raised, &face);
        published.revise(&revision(8, 1, State::Cleared, NOON), &face);
        let due = NOON + 4 * HOUR + HOUR / 2;
        assert_eq!(published.renewals_due(due - 1), []);
        assert_eq!(published.renewals_due(due), [raised.id]);
        let renewed = published.renew(&raised, &face, due).unwrap();
        let cap = String::from_utf8_lossy(&renewed.payload);
        assert!(cap.contains("<msgType>Update</msgType>"), "{cap}");
        assert!(
            cap.contains("<expires>2026-11-22T19:30:00+08:00</expires>"),
            "{cap}"
        );
        assert_eq!(published.renewals_due(due), []);
        // Another revision came in between: its own message is the renewal.
        assert_eq!(
            published.renew(&revision(7, 2, State::Updated, due), &face, due),
            None
        );
    }

    #[test]
    fn a_value_about_few_people_is_withheld() {
        let mut few = revision(1, 1, State::Raised, NOON);
        few.value = Milli(40);
        let json = Public::of(&few, &face()).json();
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["value"], serde_json::Value::Null);
        assert_eq!(json["value_under"], 0.05);
        assert_eq!(json["zone"], "quay");
    }
}
