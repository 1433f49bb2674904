//! One revision as it lies on disk: its key says when and of whom, its value the rest, both ways without loss.
//!
//! A value is a version, a byte of marks, onset and end (big-endian, so that a search need not read the rest), and then
//! sections: [`Core`], [`People`], [`Reached`], [`Evidence`], [`Ahead`], [`Hands`], and whatever comes to be said of an alert later. A section that is missing at the end was not known when the value was written and is read as
//! nothing, so a new field goes into a new section and no stored revision has to be written again.

use std::fmt;

use pipeline::alert::{
    AlertId, Completeness, Desk, Note, Reason, Revision, Silenced, Span, State, Status,
};
use pipeline::calendar::{Millis, Tick};
use pipeline::early::{Certainty, Early};
use pipeline::exposure::Exposed;
use pipeline::rules::{Severity, Value};
use serde::{Deserialize, Serialize};
use wire::{KindId, Milli, NodeId, RuleId, ZoneId};

use sections::{next, or_nothing, section};

mod sections;

/// Raised only when a section changes its meaning; a larger one is not read.
const VERSION: u8 = 1;
/// The rule ran in shadow: nobody was told.
const SHADOW: u8 = 1;
/// Still to be dealt with.
const OPEN: u8 = 2;
/// It was never true.
const CANCELLED: u8 = 4;
/// Version, marks, onset, end.
const HEAD_LEN: usize = 18;

/// A revision, and whether people were told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Its rule ran in shadow: it was not published.
    pub shadow: bool,
    pub revision: Revision,
}

/// Where a revision stands: big-endian in its key, so that the order of keys is the order of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// Tick of the revision, in milliseconds.
    pub updated: Tick,
    pub alert: AlertId,
    /// What a rule in shadow says is numbered apart from what is published.
    pub shadow: bool,
    pub revision: u32,
}

/// A stored revision that this build cannot read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredError(String);

impl fmt::Display for StoredError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for StoredError {}

impl Place {
    pub fn of(shadow: bool, revision: &Revision) -> Place {
        Place {
            updated: revision.tick(),
            alert: revision.id,
            shadow,
            revision: revision.revision,
        }
    }

    /// By time.
    pub fn key(self) -> [u8; 29] {
        let mut key = [0; 29];
        key[..8].copy_from_slice(&self.updated.to_be_bytes());
        key[8..].copy_from_slice(&self.alert_key());
        key
    }

    pub fn from_key(key: &[u8]) -> Option<Place> {
        let (updated, alert_key) = key.split_first_chunk()?;
        Place::from_alert_key(alert_key, Tick::from_be_bytes(*updated))
    }

    /// By alert; what stands under it is [`Place::updated`].
    pub fn alert_key(self) -> [u8; 21] {
        let mut key = [0; 21];
        key[..16].copy_from_slice(&self.alert.0.to_be_bytes());
        key[16] = u8::from(self.shadow);
        key[17..].copy_from_slice(&self.revision.to_be_bytes());
        key
    }

    pub fn from_alert_key(key: &[u8], updated: Tick) -> Option<Place> {
        let (alert, rest) = key.split_first_chunk()?;
        let (&shadow, revision) = rest.split_first()?;
        Some(Place {
            updated,
            alert: AlertId(u128::from_be_bytes(*alert)),
            shadow: match shadow {
                0 => false,
                1 => true,
                _ => return None,
            },
            revision: u32::from_be_bytes(revision.try_into().ok()?),
        })
    }
}

/// What every revision says; what its key says is not said again.
#[derive(Serialize, Deserialize)]
struct Core {
    state: State,
    reason: Reason,
    rule: RuleId,
    rule_version: u32,
    kind: KindId,
    zone: ZoneId,
    zone_name: String,
    node: Option<NodeId>,
    severity: Severity,
    value: Milli,
    unit: String,
    threshold: Milli,
    onset: Millis,
    end: Option<Millis>,
    window: (Millis, Millis),
    completeness: Completeness,
    provisional: bool,
    node_alarm: bool,
    oldest_unheard: Option<NodeId>,
    merged_into: Option<AlertId>,
    split_from: Option<AlertId>,
    status: Status,
}

/// What people did about it.
#[derive(Default, Serialize, Deserialize)]
struct People {
    acknowledged: Option<String>,
    assigned: Option<String>,
    proposed: Option<State>,
    /// By whom, and the text.
    note: Option<(String, String)>,
    /// Until when, and by whom.
    silenced: Option<(Millis, String)>,
    escalated_to: Vec<String>,
}

/// Whom the leak that it is about reaches.
#[derive(Default, Serialize, Deserialize)]
struct Reached {
    exposed: Option<Exposed>,
}

/// How good the readings were that it rests on.
#[derive(Default, Serialize, Deserialize)]
struct Evidence {
    suspect: u32,
}

/// What came to be said of what people did.
#[derive(Default, Serialize, Deserialize)]
struct Hands {
    assigned_by: Option<String>,
}

/// Start and end of what a warning ahead of its time speaks of, its lead in minutes, and whether it is likely.
type Ahead = (Millis, Millis, u32, bool);

/// Whether a stored value is of a rule in shadow, without reading the rest.
pub fn is_shadow(value: &[u8]) -> bool {
    value.get(1).is_some_and(|marks| marks & SHADOW != 0)
}

/// Whether a stored value is of an alert that was open.
pub fn is_open(value: &[u8]) -> bool {
    value.get(1).is_some_and(|marks| marks & OPEN != 0)
}

/// Onset and end by a stored value ([`end`](super::end)); `None` for one that was cancelled.
pub fn span(value: &[u8]) -> Option<(Millis, Millis)> {
    let ([_, marks], rest) = value.split_first_chunk()?;
    let (onset, rest) = rest.split_first_chunk()?;
    let end = rest.first_chunk()?;
    let span = (Millis::from_be_bytes(*onset), Millis::from_be_bytes(*end));
    (marks & CANCELLED == 0).then_some(span)
}

/// The bytes of a revision's value.
pub fn encode(shadow: bool, revision: &Revision) -> Result<Vec<u8>, StoredError> {
    // Every field by name: one that is new does not compile until it has a section.
    let Revision {
        id: _,
        revision: _,
        updated: _,
        state,
        reason,
        rule,
        rule_version,
        kind,
        zone,
        zone_name,
        node,
        severity,
        value,
        unit,
        threshold,
        onset,
        end,
        window,
        early,
        completeness,
        suspect,
        provisional,
        node_alarm,
        oldest_unheard,
        merged_into,
        split_from,
        acknowledged,
        desk,
        exposed,
        status,
    } = revision.clone();
    let Desk {
        assigned,
        assigned_by,
        proposed,
        note,
        silenced,
        escalated_to,
    } = desk;
    let core = Core {
        state,
        reason,
        rule,
        rule_version,
        kind,
        zone,
        zone_name,
        node,
        severity,
        value,
        unit: unit.to_owned(),
        threshold,
        onset,
        end,
        window: (window.start, window.end),
        completeness,
        provisional,
        node_alarm,
        oldest_unheard,
        merged_into,
        split_from,
        status,
    };
    let people = People {
        acknowledged,
        assigned,
        proposed,
        note: note.map(|note| (note.by, note.text)),
        silenced: silenced.map(|silenced| (silenced.until, silenced.by)),
        escalated_to,
    };
    let marks = [
        (SHADOW, shadow),
        (OPEN, state.is_open()),
        (CANCELLED, state == State::Cancelled),
    ];
    let marks = marks.iter().filter(|(_, set)| *set);
    let mut bytes = vec![VERSION, marks.map(|(mark, _)| mark).sum()];
    bytes.extend(onset.to_be_bytes());
    bytes.extend(super::end(revision).to_be_bytes());
    section(&mut bytes, &core)?;
    section(&mut bytes, &people)?;
    section(&mut bytes, &Reached { exposed })?;
    section(&mut bytes, &Evidence { suspect })?;
    let ahead: Option<Ahead> = early.map(|early| {
        let Span { start, end } = early.speaks_of;
        let likely = early.certainty == Certainty::Likely;
        (start, end, early.lead_minutes, likely)
    });
    section(&mut bytes, &ahead)?;
    section(&mut bytes, &Hands { assigned_by })?;
    Ok(bytes)
}

/// The revision that stands at `place`.
pub fn decode(place: Place, bytes: &[u8]) -> Result<Told, StoredError> {
    let wrong = |message: String| {
        StoredError(format!(
            "revision {} of alert {}: {message}",
            place.revision, place.alert
        ))
    };
    let [VERSION, _, rest @ ..] = bytes else {
        let version = bytes.first().copied().unwrap_or_default();
        return Err(wrong(format!(
            "stored in form {version}, this build reads form {VERSION}"
        )));
    };
    // The two bytes before are version and marks.
    let Some(mut rest) = rest.get(HEAD_LEN - 2..) else {
        return Err(wrong("it ends too early".to_owned()));
    };
    let core: Core = match next(&mut rest) {
        Ok(core) => core.ok_or_else(|| wrong("it ends too early".to_owned()))?,
        Err(error) => return Err(wrong(error.to_string())),
    };
    let people: People = or_nothing(next(&mut rest)).map_err(wrong)?;
    let Reached { exposed } = or_nothing(next(&mut rest)).map_err(wrong)?;
    let evidence: Evidence = or_nothing(next(&mut rest)).map_err(wrong)?;
    let ahead: Option<Ahead> = or_nothing(next(&mut rest)).map_err(wrong)?;
    let hands: Hands = or_nothing(next(&mut rest)).map_err(wrong)?;
    let early = ahead.map(|(start, end, lead_minutes, likely)| Early {
        speaks_of: Span { start, end },
        lead_minutes,
        certainty: match likely {
            true => Certainty::Likely,
            false => Certainty::Possible,
        },
    });
    let unit =
        unit(&core.unit).ok_or_else(|| wrong(format!("nothing has the unit `{}`", core.unit)))?;
    let revision = Revision {
        id: place.alert,
        revision: place.revision,
        state: core.state,
        reason: core.reason,
        rule: core.rule,
        rule_version: core.rule_version,
        kind: core.kind,
        zone: core.zone,
        zone_name: core.zone_name,
        node: core.node,
        severity: core.severity,
        value: core.value,
        unit,
        threshold: core.threshold,
        onset: core.onset,
        updated: place.updated as Millis,
        end: core.end,
        window: Span {
            start: core.window.0,
            end: core.window.1,
        },
        early,
        completeness: core.completeness,
        suspect: evidence.suspect,
        provisional: core.provisional,
        node_alarm: core.node_alarm,
        oldest_unheard: core.oldest_unheard,
        merged_into: core.merged_into,
        split_from: core.split_from,
        acknowledged: people.acknowledged,
        desk: Desk {
            assigned: people.assigned,
            assigned_by: hands.assigned_by,
            proposed: people.proposed,
            note: people.note.map(|(by, text)| Note { by, text }),
            silenced: people.silenced.map(|(until, by)| Silenced { until, by }),
            escalated_to: people.escalated_to,
        },
        exposed,
        status: core.status,
    };
    let shadow = is_shadow(bytes);
    Ok(Told { shadow, revision })
}

/// The unit's own text, of all that an alert can have.
fn unit(text: &str) -> Option<&'static str> {
    let mut units = Value::all().map(Value::unit);
    units.find(|unit| *unit == text)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
