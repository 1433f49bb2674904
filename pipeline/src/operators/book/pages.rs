//! The pages of the book: what stands of each alert, and the revision that says it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::desk::Work;
use super::{Book, Causes};
use crate::alert::{AlertId, Completeness, Reason, Revision, Span, State};
use crate::calendar::{Millis, Tick};
use crate::city::{NodeIx, ZoneIx};
use crate::early::Early;
use crate::exposure::Exposed;
use crate::incident::Incident;
use crate::names::Known;
use crate::operators::alerts::{Said, Subject};
use crate::operators::incidents::lineage::Grouping;
use crate::rules::Value;

/// Every alert that may still be revised.
pub type Pages = BTreeMap<AlertId, Page>;

/// One alert in the book.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    revision: u32,
    /// What is published and what is said in shadow are numbered apart: the number of the other one.
    other_revision: u32,
    /// Tick of the last revision, and why it was made.
    pub(super) revised_at: Tick,
    reason: Reason,
    /// As they were at that tick: what was told once is told again in the same words.
    rule_version: u32,
    completeness: Completeness,
    suspect: u32,
    waits_for: Option<NodeIx>,
    pub(super) said: Said,
    pub(super) acknowledged: Option<String>,
    pub(super) ended_at: Option<Tick>,
    pub(super) work: Work,
    /// As it was last told.
    pub(super) exposed: Option<Exposed>,
}

impl Page {
    fn new(tick: Tick, said: &Said) -> Page {
        Page {
            revision: 0,
            other_revision: 0,
            revised_at: tick,
            reason: said.content.reason,
            rule_version: 0,
            completeness: Completeness::default(),
            suspect: 0,
            waits_for: None,
            said: said.clone(),
            acknowledged: None,
            ended_at: None,
            work: Work::new(tick, &said.content),
            exposed: None,
        }
    }
}

impl Book {
    /// Takes in what the dataflow says of an alert. Answers why people are to be told, if they are.
    ///
    /// When its rule has gone into shadow, they are told first (`told`) that the alert does not stand for them any more;
    /// when it came out of it, they hear of the alert for the first time.
    pub(super) fn turn(
        &mut self,
        tick: Tick,
        said: &Said,
        causes: &Causes,
        told: &mut Vec<(bool, Revision)>,
    ) -> Option<Reason> {
        let id = said.content.id;
        let reason = self.reason(causes, said);
        match self.alerts.get_mut(&id) {
            Some(page) if page.said.condition.shadow == said.condition.shadow => {
                let why = page.hear(tick, said)?;
                Some(if why == said.content.reason {
                    reason
                } else {
                    why
                })
            }
            Some(_) => {
                if said.condition.shadow {
                    told.extend(self.demote(tick, id));
                }
                let before = self.alerts.get(&id);
                let (numbers, others) = before.map_or((0, 0), |p| (p.other_revision, p.revision));
                let mut page = Page::new(tick, said);
                (page.revision, page.other_revision) = (numbers, others);
                if page.work.stand.state == State::Updated {
                    page.work.stand.state = State::Raised;
                }
                self.alerts.insert(id, page);
                Some(reason)
            }
            None => {
                self.alerts.insert(id, Page::new(tick, said));
                Some(reason)
            }
        }
    }

    /// The last published word about an alert whose rule went into shadow.
    fn demote(&mut self, tick: Tick, id: AlertId) -> Option<(bool, Revision)> {
        let page = self.alerts.get_mut(&id).filter(|page| page.is_open())?;
        page.work.stand.state = State::Cancelled;
        self.revise(tick, id, Reason::RuleChange)
    }

    /// Why the alert is revised, by what people changed at this tick.
    fn reason(&self, causes: &Causes, said: &Said) -> Reason {
        if said.content.state == State::Raised {
            return said.content.reason;
        }
        let zone = said.subject.zone;
        causes.reason(&said.content, |node| self.hearing.is_of(zone, node))
    }

    /// An incident as it is told.
    pub(super) fn incident(&self, said: &Grouping) -> Incident {
        let names = said.zones.iter().filter_map(|zone| self.names.zone(*zone));
        Incident {
            id: said.id,
            revision: said.revision,
            state: said.state,
            kind: said.kind,
            zones: names.map(|(id, _)| *id).collect(),
            alerts: said.alerts.clone(),
            severity: said.severity,
            since: said.since,
            updated: said.updated as Millis,
            merged_into: said.merged_into,
            split_from: said.split_from,
            status: self.status,
        }
    }

    /// So many more nodes of a zone's pane are suspect.
    pub(super) fn suspect(&mut self, pane: (ZoneIx, Value, Millis), more: i64) {
        if more != 0 {
            let count = self.suspects.entry(pane).or_default();
            *count += more;
            if *count == 0 {
                self.suspects.remove(&pane);
            }
        }
    }

    pub(super) fn revise(
        &mut self,
        tick: Tick,
        id: AlertId,
        reason: Reason,
    ) -> Option<(bool, Revision)> {
        let said = &self.alerts.get(&id)?.said;
        let (zone, value) = (said.subject.zone, said.condition.value);
        let (heard, end) = (said.content.heard, said.content.window.1);
        let completeness = self.hearing.completeness(zone, value, heard);
        let waits_for = self.waits_for(tick, zone, value, end);
        let judged = (zone, value, said.content.window.0);
        let suspect = self.suspects.get(&judged).copied().unwrap_or(0);
        let rule_version = self.names.rule(said.subject.rule)?.version;
        let page = self.alerts.get_mut(&id)?;
        page.revision += 1;
        page.revised_at = tick;
        (page.completeness, page.waits_for) = (completeness, waits_for);
        page.suspect = u32::try_from(suspect).unwrap_or(0);
        page.rule_version = rule_version;
        page.reason = match reason {
            // Taken back, or taken, within the tick.
            Reason::Proposed if page.work.stand.proposed.is_none() => page.said.content.reason,
            reason => reason,
        };
        if page.revision > 1 && page.work.stand.state == State::Raised {
            page.work.stand.state = State::Updated;
        }
        page.ended_at = (!page.is_open()).then_some(tick);
        self.last_revision(self.alerts.get(&id)?)
    }

    /// Whether its rule runs in shadow, and the last revision.
    pub(super) fn last_revision(&self, page: &Page) -> Option<(bool, Revision)> {
        let Said {
            subject,
            condition,
            content,
        } = &page.said;
        let Subject { rule, zone, node } = *subject;
        let Known { rule, .. } = self.names.rule(rule)?;
        let (zone_id, zone_name) = self.names.zone(zone)?.clone();
        let until = page.work.stand.end.unwrap_or(content.window.1);
        let updated = page.revised_at as Millis;
        let early = Early::of(condition, content.onset, until, updated);
        let to_come = early.is_some_and(|early| early.speaks_of.end > updated);
        let revision = Revision {
            id: content.id,
            revision: page.revision,
            state: page.work.stand.state,
            reason: page.reason,
            rule: rule.id,
            rule_version: page.rule_version,
            kind: rule.kind,
            zone: zone_id,
            zone_name,
            node: node.and_then(|node| self.names.node(node)),
            severity: condition.severity,
            value: content.peak,
            unit: condition.value.unit(),
            threshold: condition.raise_at,
            onset: content.onset,
            updated,
            end: page.work.stand.end,
            window: Span {
                start: content.window.0,
                end: content.window.1,
            },
            early,
            completeness: page.completeness,
            suspect: page.suspect,
            provisional: content.provisional || page.waits_for.is_some() || to_come,
            node_alarm: content.provisional,
            oldest_unheard: page.waits_for.and_then(|node| self.names.node(node)),
            merged_into: content.merged_into.filter(|_| page.work.shows_merge()),
            split_from: content.split_from,
            acknowledged: page.acknowledged.clone(),
            desk: page.work.desk(),
            exposed: page.exposed.clone(),
            status: self.status,
        };
        Some((condition.shadow, revision))
    }
}
