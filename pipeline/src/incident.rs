//! Incidents: open alerts of one kind in neighbouring zones, told as one thing that grows, merges and splits.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};
use wire::{KindId, ZoneId};

use crate::alert::{AlertId, Status};
use crate::calendar::{Millis, rfc3339};
use crate::rules::Severity;

/// 128 bits, given when the incident begins and stored, never recomputed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IncidentId(pub u128);

impl fmt::Display for IncidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for IncidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IncidentId({self})")
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IncidentState {
    Open,
    /// All its alerts have ended. It opens again where one of them turns out not to have.
    Closed,
    /// It went on as part of another, older one.
    Merged,
}

/// One revision of one incident, as it leaves the pipeline. Its JSON is the public format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Incident {
    #[serde(serialize_with = "text")]
    pub id: IncidentId,
    /// 1 for the first.
    pub revision: u32,
    pub state: IncidentState,
    pub kind: KindId,
    /// Zones of its open alerts, by name; what it last had where it is open no more.
    pub zones: Vec<ZoneId>,
    /// Its open alerts, oldest first; what it last had where it is open no more.
    #[serde(serialize_with = "texts")]
    pub alerts: Vec<AlertId>,
    /// The worst of its alerts.
    pub severity: Severity,
    /// Earliest onset that an alert of it has had, event time.
    #[serde(serialize_with = "moment")]
    pub since: Millis,
    /// Tick of this revision.
    #[serde(serialize_with = "moment")]
    pub updated: Millis,
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "text_or_none"
    )]
    pub merged_into: Option<IncidentId>,
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "text_or_none"
    )]
    pub split_from: Option<IncidentId>,
    pub status: Status,
}

fn text<S: Serializer>(value: &impl fmt::Display, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

fn texts<S: Serializer>(values: &[AlertId], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(values.iter().map(AlertId::to_string))
}

fn text_or_none<S: Serializer>(value: &Option<IncidentId>, s: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(id) => s.collect_str(id),
        None => s.serialize_none(),
    }
}

fn moment<S: Serializer>(value: &Millis, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&rfc3339(*value))
}
