//! The pages of the book: what stands of each alert, and the revision that says it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Book;
use crate::alert::{AlertId, Desk, Reason, Revision, Span};
use crate::calendar::{Millis, Tick};
use crate::names::Known;
use crate::operators::alerts::{Said, Subject};

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
}

impl Book {
    pub(super) fn turn(&mut self, tick: Tick, said: &Said) {
        let page = self.alerts.entry(said.content.id).or_insert_with(|| Page {
            revision: 0,
            revised_at: tick,
            reason: said.content.reason,
            said: said.clone(),
            acknowledged: None,
            ended_at: None,
        });
        page.said = said.clone();
        page.ended_at = (!said.content.state.is_open()).then_some(tick);
    }

    pub(super) fn revise(
        &mut self,
        tick: Tick,
        id: AlertId,
        reason: Reason,
    ) -> Option<(bool, Revision)> {
        let page = self.alerts.get_mut(&id)?;
        page.revision += 1;
        (page.revised_at, page.reason) = (tick, reason);
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
            state: content.state,
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
            end: content.end,
            window: Span {
                start: content.window.0,
                end: content.window.1,
            },
            completeness,
            provisional: content.provisional || completeness.heard < completeness.expected,
            oldest_unheard: None,
            merged_into: content.merged_into,
            split_from: content.split_from,
            acknowledged: page.acknowledged.clone(),
            desk: Desk::default(),
            status: self.status,
        };
        Some((condition.shadow, revision))
    }
}
