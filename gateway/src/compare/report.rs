//! A comparison as people and programs get it: privacy applied, bounded, in words.

use std::collections::BTreeMap;

use pipeline::alert::Revision;
use pipeline::calendar::{Millis, rfc3339};
use serde::{Serialize, Serializer};
use wire::RuleId;

use super::Differences;
use crate::board::Face;
use crate::publish::Public;

/// What would have been different in a stretch of event time.
#[derive(Debug, Serialize)]
pub struct Report<'a> {
    #[serde(serialize_with = "moment")]
    pub from: Millis,
    #[serde(serialize_with = "moment")]
    pub to: Millis,
    pub added: Vec<Public<'a>>,
    pub removed: Vec<Public<'a>>,
    pub moved: Vec<Moved<'a>>,
    pub same: usize,
    /// Alerts that found no place in the lists above.
    pub cut: usize,
    /// By rule, in order of their names: of the rules in force and of the candidates.
    pub rules: BTreeMap<RuleId, Counts>,
    pub verdict: String,
}

/// One alert as it was, and as it would have been.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Moved<'a> {
    pub was: Public<'a>,
    pub would_be: Public<'a>,
}

/// Alerts of one rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// With the rules in force.
    pub was: usize,
    /// With the candidates.
    pub would_be: usize,
}

impl<'a> Report<'a> {
    /// `faces`: of the rules in force, of the candidates; each list has `limit` alerts at most.
    pub fn of(
        found: &'a Differences,
        [was, would_be]: [&Face; 2],
        (from, to): (Millis, Millis),
        limit: usize,
    ) -> Report<'a> {
        let mut rules: BTreeMap<RuleId, Counts> = BTreeMap::new();
        let pairs = || found.moved.iter().chain(&found.same);
        for old in found.removed.iter().chain(pairs().map(|(old, _)| old)) {
            rules.entry(old.rule).or_default().was += 1;
        }
        for new in found.added.iter().chain(pairs().map(|(_, new)| new)) {
            rules.entry(new.rule).or_default().would_be += 1;
        }
        let list = |alerts: &'a [Revision], face: &Face| -> Vec<Public<'a>> {
            let listed = alerts.iter().take(limit);
            listed.map(|alert| Public::of(alert, face)).collect()
        };
        let moved = found.moved.iter().take(limit).map(|(old, new)| Moved {
            was: Public::of(old, was),
            would_be: Public::of(new, would_be),
        });
        let lens = [found.added.len(), found.removed.len(), found.moved.len()];
        Report {
            from,
            to,
            added: list(&found.added, would_be),
            removed: list(&found.removed, was),
            moved: moved.collect(),
            same: found.same.len(),
            cut: lens.iter().map(|len| len.saturating_sub(limit)).sum(),
            rules,
            verdict: verdict(found),
        }
    }
}

fn verdict(found: &Differences) -> String {
    let (added, removed) = (found.added.len(), found.removed.len());
    let (moved, same) = (found.moved.len(), found.same.len());
    match added + removed + moved {
        0 => format!("no difference: {same} alike"),
        _ => format!("{added} added, {removed} removed, {moved} moved, {same} alike"),
    }
}

fn moment<S: Serializer>(at: &Millis, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&rfc3339(*at))
}
