//! Alerts: what people are told, revision by revision, under one id.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize, Serializer};
use wire::{KindId, Milli, NodeId, RuleId, ZoneId};

use crate::calendar::{Millis, Tick, rfc3339};
use crate::early::Early;
use crate::exposure::{Exposed, ExposedJson};
use crate::rules::Severity;

/// 128 bits, given when the alert is first raised and stored, never recomputed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AlertId(pub u128);

impl fmt::Display for AlertId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for AlertId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AlertId({self})")
    }
}

/// The text is not 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlertIdError;

impl fmt::Display for AlertIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an alert id has 32 hexadecimal digits")
    }
}

impl std::error::Error for AlertIdError {}

impl FromStr for AlertId {
    type Err = AlertIdError;
    fn from_str(text: &str) -> Result<AlertId, AlertIdError> {
        if text.len() != 32 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(AlertIdError);
        }
        u128::from_str_radix(text, 16)
            .map(AlertId)
            .map_err(|_| AlertIdError)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Raised,
    Updated,
    /// A safety alert whose evidence fell silent, saturated or was withdrawn: still open.
    Unconfirmed,
    /// It was true and has ended.
    Cleared,
    /// It was never true, by what is known now.
    Cancelled,
}

impl State {
    /// As topics, metrics and the API write it.
    pub fn name(self) -> &'static str {
        match self {
            State::Raised => "raised",
            State::Updated => "updated",
            State::Unconfirmed => "unconfirmed",
            State::Cleared => "cleared",
            State::Cancelled => "cancelled",
        }
    }

    /// Still to be dealt with.
    pub fn is_open(self) -> bool {
        matches!(self, State::Raised | State::Updated | State::Unconfirmed)
    }
}

/// Why a revision was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The value passed the threshold for as long as the rule asks.
    Threshold,
    /// A node raised its own alarm; the zone's values are to confirm or refute it.
    NodeAlarm,
    /// The zone's own values say what a node's alarm said.
    Confirmed,
    /// The zone's own values do not bear out what a node's alarm said.
    Refuted,
    /// The value came back for as long as the rule asks.
    BackToNormal,
    /// Nothing was heard any more: not an all-clear.
    NoData,
    /// Late or withdrawn readings changed what was true.
    Correction,
    /// The rule changed, or is gone.
    RuleChange,
    /// The city changed: a node, its zone or its weight, a zone's ground.
    Registry,
    /// A node's readings were withdrawn, or came back.
    Quarantine,
    /// A person acknowledged it.
    Acknowledged,
    /// A person wrote something about it.
    Commented,
    /// A person took it on, or gave it back.
    Assigned,
    /// It would have ended, but it is somebody's work: a person has to confirm.
    Proposed,
    /// A named person confirmed it, or its end.
    Settled,
    /// A silence began, or ended.
    Silenced,
    /// Nobody acknowledged it in time: more people are told.
    Escalated,
    /// A node fell silent, or spoke again.
    Silence,
    /// A leak reaches other people or places than before.
    Exposure,
    /// Two alerts turned out to be one.
    Merged,
    /// One alert turned out to be two.
    Split,
    /// It was forecast, is not any more, and none of it had come.
    DidNotCome,
}

impl Reason {
    /// It tells what people do about the alert, and leaves what is known of it as it was.
    pub fn is_about_people(self) -> bool {
        use Reason::{Acknowledged, Assigned, Commented, Escalated, Silenced};
        matches!(
            self,
            Acknowledged | Assigned | Commented | Escalated | Silenced
        )
    }
}

/// One revision of one alert, as it leaves the pipeline. Its JSON is the public format.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Revision {
    #[serde(serialize_with = "text")]
    pub id: AlertId,
    /// 1 for the first.
    pub revision: u32,
    pub state: State,
    pub reason: Reason,
    pub rule: RuleId,
    /// 1 for the rule as the journal first knew it; one more with every change of it.
    pub rule_version: u32,
    pub kind: KindId,
    pub zone: ZoneId,
    pub zone_name: String,
    /// The silent node, for alerts about a node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node: Option<NodeId>,
    pub severity: Severity,
    /// The peak so far.
    #[serde(serialize_with = "decimal")]
    pub value: Milli,
    pub unit: &'static str,
    #[serde(serialize_with = "decimal")]
    pub threshold: Milli,
    /// Start of the breach, event time.
    #[serde(serialize_with = "moment")]
    pub onset: Millis,
    /// Tick of this revision.
    #[serde(serialize_with = "moment")]
    pub updated: Millis,
    /// End of the breach, event time.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "moment_or_none"
    )]
    pub end: Option<Millis>,
    pub window: Span,
    /// What a warning ahead of its time speaks of.
    #[serde(flatten)]
    pub early: Option<Early>,
    pub completeness: Completeness,
    /// Nodes heard in the window whose readings a quality test finds suspect; left out where there is none.
    #[serde(skip_serializing_if = "is_zero")]
    pub suspect: u32,
    /// Some expected nodes have not been heard past the window yet, what is forecast has not come yet, or a single node's own alarm says so.
    pub provisional: bool,
    /// People exposed to the leak that it is about, by a plume model.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "exposed_or_none"
    )]
    pub exposed: Option<Exposed>,
    /// A single node's own alarm says so, and its zone's values not yet.
    #[serde(skip_serializing_if = "is_false")]
    pub node_alarm: bool,
    /// Of the expected nodes that were not heard past the window yet, the one that was last heard longest ago.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oldest_unheard: Option<NodeId>,
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "text_or_none"
    )]
    pub merged_into: Option<AlertId>,
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "text_or_none"
    )]
    pub split_from: Option<AlertId>,
    /// Who acknowledged it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledged: Option<String>,
    #[serde(flatten)]
    pub desk: Desk,
    pub status: Status,
}

/// What people did about an alert, beside acknowledging it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Desk {
    /// Whose work it is: while somebody's, it does not end by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assigned: Option<String>,
    /// Who gave it to them, or took it back from them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assigned_by: Option<String>,
    /// How it would have ended; a person is to confirm.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proposed: Option<State>,
    /// The latest word of a person about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Note>,
    /// The silence that it falls under.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub silenced: Option<Silenced>,
    /// Everybody whom its escalation has reached so far.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub escalated_to: Vec<String>,
}

/// A person's word.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Note {
    pub by: String,
    pub text: String,
}

/// Nobody new is told until then.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Silenced {
    #[serde(serialize_with = "moment")]
    pub until: Millis,
    pub by: String,
}

impl Revision {
    /// The tick at which it was made.
    pub fn tick(&self) -> Tick {
        crate::calendar::tick_at(self.updated)
    }

    /// Order of `alerts.ndjson`.
    pub fn order(&self) -> (Millis, KindId, ZoneId, AlertId, u32) {
        (self.updated, self.kind, self.zone, self.id, self.revision)
    }
}

/// CAP status; everything the demo says is `simulated`.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    #[default]
    Actual,
    Exercise,
    Test,
    Simulated,
}

impl Status {
    /// As JSON, labels and `city.toml` write it.
    pub fn name(self) -> &'static str {
        match self {
            Status::Actual => "actual",
            Status::Exercise => "exercise",
            Status::Test => "test",
            Status::Simulated => "simulated",
        }
    }
}

/// The latest pane that the revision rests on, event time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Span {
    #[serde(serialize_with = "moment")]
    pub start: Millis,
    #[serde(serialize_with = "moment")]
    pub end: Millis,
}

/// Nodes heard of nodes expected in a window.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Completeness {
    pub heard: u32,
    pub expected: u32,
}

fn is_false(flag: &bool) -> bool {
    !flag
}

fn is_zero(count: &u32) -> bool {
    *count == 0
}

fn text<S: Serializer>(value: &impl fmt::Display, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

fn text_or_none<S: Serializer>(value: &Option<AlertId>, s: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(id) => s.collect_str(id),
        None => s.serialize_none(),
    }
}

fn exposed_or_none<S: Serializer>(exposed: &Option<Exposed>, s: S) -> Result<S::Ok, S::Error> {
    match exposed {
        Some(exposed) => ExposedJson(exposed).serialize(s),
        None => s.serialize_none(),
    }
}

fn decimal<S: Serializer>(value: &Milli, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(value.to_f64())
}

fn moment<S: Serializer>(value: &Millis, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&rfc3339(*value))
}

fn moment_or_none<S: Serializer>(value: &Option<Millis>, s: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(at) => moment(at, s),
        None => s.serialize_none(),
    }
}
