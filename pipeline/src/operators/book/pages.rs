//! The pages of the book: what stands of each alert, and the revision that says it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Book;
use super::desk::Work;
use crate::alert::{AlertId, Reason, Revision, Span, State};
use crate::calendar::{Millis, Tick};
use crate::incident::Incident;
use crate::names::Known;
use crate::operators::alerts::{Said, Subject};
use crate::operators::incidents::lineage::Grouping;

/// Every alert that may still be revised.
pub type Pages = BTreeMap<AlertId, Page>;

/// One alert in the book.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    revision: u32,
    /// Tick of the last revision, and why it was made.
    pub(super) revised_at: Tick,
    reason: Reason,
    pub(super) said: Said,
    pub(super) acknowledged: Option<String>,
    pub(super) ended_at: Option<Tick>,
    pub(super) work: Work,
}

impl Book {
    /// Takes in what the dataflow says of an alert. Answers why people are to be told, if they are.
    pub(super) fn turn(&mut self, tick: Tick, said: &Said) -> Option<Reason> {
        if let Some(page) = self.alerts.get_mut(&said.content.id) {
            return page.hear(tick, said);
        }
        let page = Page {
            revision: 0,
            revised_at: tick,
            reason: said.content.reason,
            said: said.clone(),
            acknowledged: None,
            ended_at: None,
            work: Work::new(tick, &said.content),
        };
        self.alerts.insert(said.content.id, page);
        Some(said.content.reason)
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

    pub(super) fn revise(
        &mut self,
        tick: Tick,
        id: AlertId,
        reason: Reason,
    ) -> Option<(bool, Revision)> {
        let page = self.alerts.get_mut(&id)?;
        page.revision += 1;
        page.revised_at = tick;
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
        let Known { rule, version } = self.names.rule(rule)?;
        let (zone_id, zone_name) = self.names.zone(zone)?.clone();
        let completeness = self.completeness(zone, condition.value, content.heard);
        let revision = Revision {
            id: content.id,
            revision: page.revision,
            state: page.work.stand.state,
            reason: page.reason,
            rule: rule.id,
            rule_version: *version,
            kind: rule.kind,
            zone: zone_id,
            zone_name,
            node: node.and_then(|node| self.names.node(node)),
            severity: condition.severity,
            value: content.peak,
            unit: condition.value.unit(),
            threshold: condition.raise_at,
            onset: content.onset,
            updated: page.revised_at as Millis,
            end: page.work.stand.end,
            window: Span {
                start: content.window.0,
                end: content.window.1,
            },
            completeness,
            provisional: content.provisional || completeness.heard < completeness.expected,
            oldest_unheard: None,
            merged_into: content.merged_into.filter(|_| page.work.shows_merge()),
            split_from: content.split_from,
            acknowledged: page.acknowledged.clone(),
            desk: page.work.desk(),
            status: self.status,
        };
        Some((condition.shadow, revision))
    }
}
