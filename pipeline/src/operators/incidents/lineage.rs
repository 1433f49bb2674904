//! Which incident a group of alerts is: the one with the longest history keeps its name.
//!
//! An incident goes on where the oldest of its alerts that is still open is. Where several meet, the
//! oldest incident keeps its id and the others say into which they merged; what parts from it begins
//! a new one that says from which it split.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use wire::KindId;

use super::Age;
use super::open::OpenAlert;
use crate::alert::AlertId;
use crate::calendar::{Calendar, DAY, Millis, Tick, tick_at};
use crate::city::ZoneIx;
use crate::incident::{IncidentId, IncidentState};
use crate::operators::alerts::memory::first_bits;
use crate::operators::fold::Fold;
use crate::rules::Severity;

/// An open alert with the label of its group: the age of the oldest alert in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Member {
    pub label: Age,
    pub alert: OpenAlert,
    pub zone: ZoneIx,
}

/// One revision of an incident, still without names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Grouping {
    pub id: IncidentId,
    pub revision: u32,
    pub state: IncidentState,
    pub kind: KindId,
    /// By number.
    pub zones: Vec<ZoneIx>,
    /// Oldest first.
    pub alerts: Vec<AlertId>,
    pub severity: Severity,
    pub since: Millis,
    pub updated: Tick,
    pub merged_into: Option<IncidentId>,
    pub split_from: Option<IncidentId>,
}

/// An incident that may still be revised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    first_tick: Tick,
    said: Grouping,
}

/// Everything remembered of one kind.
#[derive(Default)]
pub struct Incidents {
    members: BTreeSet<Member>,
    known: Vec<Known>,
}

impl Incidents {
    /// Those of a snapshot; their alerts come again.
    pub fn restored(known: Vec<Known>) -> Incidents {
        Incidents {
            known,
            ..Incidents::default()
        }
    }

    pub fn known(&self) -> Vec<Known> {
        self.known.clone()
    }
}

pub struct Lineage {
    /// An incident that has ended is remembered so long: until then a corrected alert brings it back under its id.
    kept: Tick,
}

impl Lineage {
    /// A day, longer than any pane, beyond the horizon in which an alert of it can be corrected.
    pub fn new(calendar: &Calendar) -> Lineage {
        Lineage {
            kept: tick_at(calendar.horizon_max() + DAY),
        }
    }

    fn forgotten_at(&self, known: &Known) -> Option<Tick> {
        let has_ended = known.said.state != IncidentState::Open;
        has_ended.then_some(known.said.updated + self.kept)
    }
}

impl Fold for Lineage {
    type Key = KindId;
    type Item = Member;
    type Out = Grouping;
    type State = Incidents;

    fn step(
        &mut self,
        tick: Tick,
        kind: &KindId,
        state: &mut Incidents,
        changes: &[(Member, isize)],
        emit: &mut dyn FnMut(Grouping, isize),
    ) -> Option<Tick> {
        for (member, diff) in changes {
            if *diff > 0 {
                state.members.insert(*member);
            } else {
                state.members.remove(member);
            }
        }
        state
            .known
            .retain(|known| self.forgotten_at(known).is_none_or(|at| tick < at));
        for said in state.revise(tick, *kind) {
            emit(said, 1);
        }
        let known = state.known.iter();
        known.filter_map(|known| self.forgotten_at(known)).min()
    }

    /// The last word on each is said again, under its old number and tick.
    fn revive(&mut self, _kind: &KindId, state: &Incidents, emit: &mut dyn FnMut(Grouping, isize)) {
        for known in &state.known {
            emit(known.said.clone(), 1);
        }
    }

    fn is_idle(state: &Incidents) -> bool {
        state.members.is_empty() && state.known.is_empty()
    }
}

/// Alerts that hang together now.
struct Group {
    alerts: BTreeSet<OpenAlert>,
    zones: BTreeSet<ZoneIx>,
}

impl Group {
    fn worst(&self) -> Severity {
        let severities = self.alerts.iter().map(|alert| alert.severity);
        severities.max().unwrap_or(Severity::Minor)
    }

    fn since(&self) -> Millis {
        let onsets = self.alerts.iter().map(|alert| alert.onset);
        onsets.min().unwrap_or_default()
    }

    fn holds(&self, id: AlertId) -> bool {
        self.alerts.iter().any(|alert| alert.id == id)
    }

    /// Tells `said` anew as this group.
    fn told(&self, said: &Grouping) -> Grouping {
        Grouping {
            state: IncidentState::Open,
            zones: self.zones.iter().copied().collect(),
            alerts: self.alerts.iter().map(|alert| alert.id).collect(),
            severity: self.worst(),
            since: said.since.min(self.since()),
            merged_into: None,
            ..said.clone()
        }
    }
}

impl Incidents {
    /// Gives every group its incident, old or new. Answers what has to be said, at most once per incident.
    fn revise(&mut self, tick: Tick, kind: KindId) -> Vec<Grouping> {
        let groups = self.groups();
        self.known
            .sort_by_key(|known| (known.first_tick, known.said.since, known.said.id));
        let places: BTreeMap<AlertId, usize> = groups
            .iter()
            .enumerate()
            .flat_map(|(place, group)| group.alerts.iter().map(move |alert| (alert.id, place)))
            .collect();
        // An incident goes on with the oldest of its alerts that is still open.
        let heir = |known: &Known| {
            known
                .said
                .alerts
                .iter()
                .find_map(|id| places.get(id).copied())
        };
        let heirs: Vec<Option<usize>> = self.known.iter().map(heir).collect();
        let oldest = |place: usize, state: IncidentState| {
            let mut known = self.known.iter().zip(&heirs);
            known.position(|(known, heir)| known.said.state == state && *heir == Some(place))
        };
        // One that had ended comes back where no other goes on.
        let keepers: Vec<Option<usize>> = (0..groups.len())
            .map(|place| {
                oldest(place, IncidentState::Open).or_else(|| oldest(place, IncidentState::Closed))
            })
            .collect();

        let mut said = Vec::new();
        for (group, keeper) in groups.iter().zip(&keepers) {
            if keeper.is_none() {
                said.push(self.begin(tick, kind, group));
            }
        }
        for (at, known) in self.known.iter().enumerate() {
            let keeper = heirs[at].and_then(|place| keepers[place]);
            let new = match heirs[at] {
                Some(place) if keeper == Some(at) => groups[place].told(&known.said),
                _ if known.said.state != IncidentState::Open => continue,
                // Every group that an open incident goes on in has a keeper.
                _ => Grouping {
                    state: match keeper {
                        Some(_) => IncidentState::Merged,
                        None => IncidentState::Closed,
                    },
                    merged_into: keeper.map(|oldest| self.known[oldest].said.id),
                    ..known.said.clone()
                },
            };
            if new != known.said {
                said.push(Grouping {
                    revision: known.said.revision + 1,
                    updated: tick,
                    ..new
                });
            }
        }
        for revision in &said {
            let mut known = self.known.iter_mut();
            match known.find(|known| known.said.id == revision.id) {
                Some(known) => known.said = revision.clone(),
                None => self.known.push(Known {
                    first_tick: tick,
                    said: revision.clone(),
                }),
            }
        }
        said
    }

    fn groups(&self) -> Vec<Group> {
        let mut groups: BTreeMap<Age, Group> = BTreeMap::new();
        for Member { label, alert, zone } in &self.members {
            let group = groups.entry(*label).or_insert_with(|| Group {
                alerts: BTreeSet::new(),
                zones: BTreeSet::new(),
            });
            group.alerts.insert(*alert);
            group.zones.insert(*zone);
        }
        groups.into_values().collect()
    }

    /// A group that no incident goes on in: new, or parted from the oldest that had an alert of it.
    fn begin(&self, tick: Tick, kind: KindId, group: &Group) -> Grouping {
        let parent = self.known.iter().find(|known| {
            let had = known.said.alerts.iter().any(|id| group.holds(*id));
            had && known.said.state == IncidentState::Open
        });
        let oldest = group.alerts.first().map(|alert| alert.id);
        let new = Grouping {
            id: incident_id(kind, oldest, tick),
            revision: 1,
            state: IncidentState::Open,
            kind,
            zones: Vec::new(),
            alerts: Vec::new(),
            severity: Severity::Minor,
            since: group.since(),
            updated: tick,
            merged_into: None,
            split_from: parent.map(|parent| parent.said.id),
        };
        group.told(&new)
    }
}

/// 128-bit stable hash of what an incident began with.
fn incident_id(kind: KindId, oldest: Option<AlertId>, tick: Tick) -> IncidentId {
    let mut hash = Sha256::new();
    hash.update(kind.as_str().as_bytes());
    hash.update([0]);
    hash.update(oldest.map_or(0, |id| id.0).to_be_bytes());
    hash.update(tick.to_be_bytes());
    IncidentId(first_bits(hash))
}
