//! What other rules would have said: two sets of final alerts side by side.
//!
//! Alerts belong together when kind, zone (and node) are the same and their times overlap. Each finds one partner at
//! most: of its own rule before another's, with the same bounds before others, then the one with which it shares most
//! time. What finds none was added or removed.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use pipeline::alert::{Revision, State};
use pipeline::calendar::Millis;
use pipeline::rules::{Rule, Severity, Value};
use wire::{KindId, NodeId, RuleId, ZoneId};

use crate::board::{Face, RuleFace};
use crate::history;
use crate::history::stored::Told;

mod report;
mod retold;

pub use report::{Counts, Moved, Report};
pub use retold::{Retelling, retell};

/// Two sets of final alerts side by side, each part ordered by onset.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// The candidate rules alone say these.
    pub added: Vec<Revision>,
    /// The rules in force alone say these.
    pub removed: Vec<Revision>,
    /// Both say them, with other bounds or another severity: as it was, and as it would have been.
    pub moved: Vec<(Revision, Revision)>,
    /// Both say them alike.
    pub same: Vec<(Revision, Revision)>,
}

/// What of two alerts must be the same for them to be one that moved.
type Place = (KindId, ZoneId, Option<NodeId>);

/// Compares the alerts of the rules in force with those of candidates; cancelled ones count as never said.
pub fn differences(
    in_force: impl IntoIterator<Item = Revision>,
    candidate: impl IntoIterator<Item = Revision>,
) -> Differences {
    let mut places: BTreeMap<Place, [Vec<Revision>; 2]> = BTreeMap::new();
    let both = in_force.into_iter().map(|revision| (0, revision));
    for (side, revision) in both.chain(candidate.into_iter().map(|revision| (1, revision))) {
        if revision.state != State::Cancelled {
            let place = (revision.kind, revision.zone, revision.node);
            places.entry(place).or_default()[side].push(revision);
        }
    }
    let mut found = Differences::default();
    for [olds, news] in places.into_values() {
        pair(olds, news, &mut found);
    }
    let onset = |revision: &Revision| (revision.onset, revision.id);
    found.added.sort_by_key(onset);
    found.removed.sort_by_key(onset);
    found.moved.sort_by_key(|(old, _)| onset(old));
    found.same.sort_by_key(|(old, _)| onset(old));
    found
}

/// The alerts of one place; the best pairs first.
fn pair(mut olds: Vec<Revision>, mut news: Vec<Revision>, found: &mut Differences) {
    let onset = |revision: &Revision| (revision.onset, revision.id);
    olds.sort_by_key(onset);
    news.sort_by_key(onset);
    let mut pairs = Vec::new();
    for (o, old) in olds.iter().enumerate() {
        // Those that begin later than this one ends cannot overlap it.
        let until = news.partition_point(|new| new.onset < history::end(old).max(old.onset + 1));
        for (n, new) in news[..until].iter().enumerate() {
            let shared = shared(old, new);
            if shared > 0 {
                let rank = (old.rule == new.rule, bounds(old) == bounds(new), shared);
                pairs.push((Reverse(rank), o, n));
            }
        }
    }
    pairs.sort_unstable();
    let (mut olds, mut news): (Vec<_>, Vec<_>) = (
        olds.into_iter().map(Some).collect(),
        news.into_iter().map(Some).collect(),
    );
    for (_, o, n) in pairs {
        if olds[o].is_none() || news[n].is_none() {
            continue;
        }
        if let (Some(old), Some(new)) = (olds[o].take(), news[n].take()) {
            match is_same(&old, &new) {
                true => found.same.push((old, new)),
                false => found.moved.push((old, new)),
            }
        }
    }
    found.removed.extend(olds.into_iter().flatten());
    found.added.extend(news.into_iter().flatten());
}

/// Time that both have in common, at least the moment of an alert that ended as it began.
fn shared(a: &Revision, b: &Revision) -> Millis {
    let end = |r: &Revision| history::end(r).max(r.onset.saturating_add(1));
    end(a)
        .min(end(b))
        .saturating_sub(a.onset.max(b.onset))
        .max(0)
}

fn bounds(revision: &Revision) -> (Millis, Option<Millis>) {
    (revision.onset, revision.end)
}

fn is_same(a: &Revision, b: &Revision) -> bool {
    bounds(a) == bounds(b) && a.severity == b.severity
}

/// Whether the alert was going on in the stretch.
pub fn overlaps(revision: &Revision, from: Millis, to: Millis) -> bool {
    let end = history::end(revision).max(revision.onset.saturating_add(1));
    revision.onset < to && from < end
}

/// What two rules must have in common for one to take the other's place.
struct Duty<'a> {
    id: RuleId,
    kind: KindId,
    value: Value,
    severity: Severity,
    is_above: bool,
    zones: &'a [pipeline::city::ZoneIx],
    shadow: bool,
}

impl Duty<'_> {
    /// Another rule that is in force and does the same work in some zone.
    fn is_done_by(&self, other: &Duty<'_>) -> bool {
        let alike = self.kind == other.kind
            && self.value == other.value
            && self.is_above == other.is_above
            && self.id != other.id
            && !other.shadow;
        alike && self.zones.iter().any(|zone| other.zones.contains(zone))
    }
}

impl<'a> From<&'a RuleFace> for Duty<'a> {
    fn from(rule: &'a RuleFace) -> Duty<'a> {
        Duty {
            id: rule.id,
            kind: rule.kind,
            value: rule.value,
            severity: rule.severity,
            is_above: rule.direction == pipeline::rules::Danger::Above,
            zones: &rule.zones,
            shadow: rule.shadow,
        }
    }
}

/// The rules in force that `rule`, which runs in shadow, would take the place of: of its kind, value and direction in
/// one of its zones; where some of those have its severity as well, these alone.
pub fn stands_in_for(rule: &RuleFace, rules: &[RuleFace]) -> Vec<RuleId> {
    let duty = Duty::from(rule);
    let rivals = rules.iter().map(Duty::from);
    let rivals: Vec<Duty<'_>> = rivals.filter(|other| duty.is_done_by(other)).collect();
    let peers = rivals.iter().any(|other| other.severity == duty.severity);
    let chosen = rivals
        .iter()
        .filter(|other| !peers || other.severity == duty.severity);
    chosen.map(|other| other.id).collect()
}

/// The alerts of a rule in shadow against those of the rules whose place it would take, of all that was said in a stretch.
pub fn in_shadow(
    told: &[Told],
    face: &Face,
    rule: &RuleFace,
    (from, to): (Millis, Millis),
) -> Differences {
    let seen = told
        .iter()
        .filter(|told| overlaps(&told.revision, from, to));
    let (shadow, published): (Vec<&Told>, Vec<&Told>) = seen.partition(|told| told.shadow);
    let replaced = stands_in_for(rule, &face.rules);
    let zones = rule.zones.iter().filter_map(|ix| face.zone(*ix));
    let zones: BTreeSet<ZoneId> = zones.map(|zone| zone.id).collect();
    let theirs = published.into_iter().map(|told| &told.revision);
    let theirs = theirs.filter(|r| replaced.contains(&r.rule) && zones.contains(&r.zone));
    let own = shadow.into_iter().map(|told| &told.revision);
    let own = own.filter(|r| r.rule == rule.id && zones.contains(&r.zone));
    differences(theirs.cloned(), own.cloned())
}

/// The rules as they would be with those in shadow in force: each in the place of those that it
/// [stands in for](stands_in_for), in its own zones.
pub fn promoted(rules: &[Rule]) -> Vec<Rule> {
    let faces: Vec<RuleFace> = rules.iter().map(RuleFace::from).collect();
    let mut promoted = rules.to_vec();
    for shadow in faces.iter().filter(|rule| rule.shadow) {
        let replaced = stands_in_for(shadow, &faces);
        for rule in promoted.iter_mut().filter(|r| replaced.contains(&r.id)) {
            rule.zones.retain(|zone| !shadow.zones.contains(zone));
        }
    }
    promoted.retain(|rule| !rule.zones.is_empty());
    for rule in &mut promoted {
        rule.condition.shadow = false;
    }
    promoted
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
