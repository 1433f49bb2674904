//! Alerts and the gateway's own state as topic messages: pure, the link sends them.
//!
//! Every alert has its own retained topic. A revision replaces the message, an ended alert stays for its
//! horizon, then an empty retained message takes it off the broker. What was sent is remembered in
//! [`Published`], which the journal keeps beside its inputs, so that a restart sends nothing twice and still knows
//! what it has to remove.

use std::collections::BTreeMap;

use pipeline::alert::{AlertId, Revision, State, Status};
use pipeline::calendar::{Millis, Tick, rfc3339};
use serde::ser::Error;
use serde::{Deserialize, Serialize, Serializer};
use wire::topic::Topic;
use wire::{CityId, KindId, ZoneId};

use crate::board::Face;
use crate::board::picture::alert_value;
use crate::privacy::Shown;

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
    /// Everything up to this tick was sent; what of it does not stand any more was removed on purpose.
    told_up_to: Tick,
}

/// The retained message of one alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Standing {
    kind: KindId,
    zone: ZoneId,
    revision: u32,
    /// When it is to be removed; `None` while the alert is open.
    removed_at: Option<Millis>,
}

impl Published {
    /// The message of a revision; nothing when it, or a later one, was sent before.
    pub fn revise(&mut self, revision: &Revision, face: &Face) -> Option<Message> {
        if let Some(standing) = self.standing.get(&revision.id)
            && standing.revision >= revision.revision
        {
            return None;
        }
        if revision.tick() <= self.told_up_to {
            return None;
        }
        let retention = face.retention(revision.rule);
        let standing = Standing {
            kind: revision.kind,
            zone: revision.zone,
            revision: revision.revision,
            removed_at: (!revision.state.is_open())
                .then(|| revision.updated.saturating_add(retention)),
        };
        self.standing.insert(revision.id, standing);
        Some(Message {
            topic: alert_topic(face.city, revision.kind, revision.zone, revision.id),
            payload: Public::of(revision, face).json().into_bytes(),
        })
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
                removals.push(Message {
                    topic: alert_topic(city, standing.kind, standing.zone, *id),
                    payload: Vec::new(),
                });
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

/// State of the gateway as its retained topic tells it: a dead gateway must never look like a quiet city.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Presence {
    Online,
    /// It stopped on purpose.
    Stopped,
    /// The broker says this in its name when the connection is lost: the will.
    Lost,
}

/// Payload of the gateway's own topic. A will has no time and no frontier: it is written beforehand.
#[derive(Clone, Debug, Serialize)]
pub struct GatewayStatus<'a> {
    pub state: Presence,
    pub gateway: &'a str,
    pub city: CityId,
    pub status: Status,
    pub version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Everything before this moment is in the alerts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frontier: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alerts_open: Option<usize>,
    /// A reader that hears nothing for several of these should not trust what it has.
    pub heartbeat_seconds: u32,
}

impl<'a> GatewayStatus<'a> {
    /// What the broker is to say when it loses the gateway.
    pub fn will(gateway: &'a str, face: &Face, heartbeat_seconds: u32) -> GatewayStatus<'a> {
        GatewayStatus {
            state: Presence::Lost,
            gateway,
            city: face.city,
            status: face.status,
            version: env!("CARGO_PKG_VERSION"),
            at: None,
            frontier: None,
            alerts_open: None,
            heartbeat_seconds,
        }
    }

    /// The same gateway alive, or stopped on purpose, at `now`.
    pub fn at(self, state: Presence, now: Millis, frontier: Tick, alerts_open: usize) -> Self {
        GatewayStatus {
            state,
            at: Some(rfc3339(now)),
            frontier: Some(rfc3339(frontier as Millis)),
            alerts_open: Some(alerts_open),
            ..self
        }
    }

    pub fn payload(&self) -> Vec<u8> {
        // Strings and numbers only: this cannot fail.
        serde_json::to_vec(self).unwrap_or_default()
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

/// A state in one word, as JSON and metrics have it.
pub fn state_name(state: State) -> &'static str {
    match state {
        State::Raised => "raised",
        State::Updated => "updated",
        State::Unconfirmed => "unconfirmed",
        State::Cleared => "cleared",
        State::Cancelled => "cancelled",
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::board::sample::{NOON, face, revision};
    use pipeline::calendar::HOUR;
    use wire::Milli;

    #[test]
    fn an_alert_is_sent_once_a_revision_and_removed_after_its_horizon() {
        let (face, mut published) = (face(), Published::default());
        let raised = revision(7, 1, State::Raised, NOON);
        let message = published.revise(&raised, &face).unwrap();
        assert_eq!(
            message.topic,
            "city/v1/harbour/alert/crowd/quay/00000000000000000000000000000007"
        );
        let json: serde_json::Value = serde_json::from_slice(&message.payload).unwrap();
        assert_eq!(json["state"], "raised");
        assert_eq!(json["value"], 4.2);
        assert_eq!(json["onset"], "2026-11-22T00:59:00.000Z");
        assert_eq!(published.revise(&raised, &face), None);
        assert_eq!(published.next_removal(), None);

        let cleared = revision(7, 2, State::Cleared, NOON + HOUR);
        assert!(published.revise(&cleared, &face).is_some());
        assert_eq!(published.next_removal(), Some(NOON + 2 * HOUR));
        assert_eq!(published.expire(NOON + 2 * HOUR - 1, face.city), []);
        let removals = published.expire(NOON + 2 * HOUR, face.city);
        assert_eq!(removals[0].topic, message.topic);
        assert!(removals[0].payload.is_empty());
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
        assert_eq!(restored.revise(&again, &face), None);
        let next = revision(7, 4, State::Updated, NOON);
        assert!(restored.revise(&next, &face).is_some());
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

    #[test]
    fn the_will_tells_a_lost_gateway_from_a_stopped_one() {
        let face = face();
        let will = GatewayStatus::will("gw-1", &face, 15);
        let json = |status: &GatewayStatus| -> serde_json::Value {
            serde_json::from_slice(&status.payload()).unwrap()
        };
        assert_eq!(json(&will)["state"], "lost");
        assert_eq!(json(&will).get("at"), None);
        let alive = will.at(Presence::Online, NOON, NOON as Tick, 2);
        assert_eq!(json(&alive)["state"], "online");
        assert_eq!(json(&alive)["status"], "simulated");
        assert_eq!(json(&alive)["frontier"], "2026-11-22T01:00:00.000Z");
        assert_eq!(json(&alive)["alerts_open"], 2);
    }
}
