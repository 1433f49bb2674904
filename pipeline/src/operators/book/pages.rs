//! The pages of the book: what stands of each alert, and the revision that says it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Book, Causes};
use crate::alert::{AlertId, Completeness, Desk, Reason, Revision, Span, State};
use crate::calendar::{Millis, Tick};
use crate::city::NodeIx;
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
    /// As they were at that tick: what was told once is told again in the same words.
    rule_version: u32,
    completeness: Completeness,
    waits_for: Option<NodeIx>,
    pub(super) said: Said,
    pub(super) acknowledged: Option<String>,
    pub(super) ended_at: Option<Tick>,
}

impl Page {
    fn new(tick: Tick, said: &Said) -> Page {
        Page {
            revision: 0,
            revised_at: tick,
            reason: said.content.reason,
            rule_version: 0,
            completeness: Completeness::default(),
            waits_for: None,
            said: said.clone(),
            acknowledged: None,
            ended_at: None,
        }
    }
}

impl Book {
    /// Turns to the alert's page and writes what is said now. When its rule has gone into shadow, people are told that
    /// the alert does not stand for them any more; when it came out of it, they hear of the alert for the first time.
    pub(super) fn turn(&mut self, tick: Tick, said: &Said) -> Option<(bool, Revision)> {
        let id = said.content.id;
        let was_shadow = self.alerts.get(&id).map(|p| p.said.condition.shadow);
        let told = match (was_shadow, said.condition.shadow) {
            (Some(false), true) => self.demote(tick, id),
            _ => None,
        };
        let page = self
            .alerts
            .entry(id)
            .or_insert_with(|| Page::new(tick, said));
        page.said = said.clone();
        if was_shadow.is_some_and(|was| was != said.condition.shadow) {
            *page = Page::new(tick, said);
            if said.content.state == State::Updated {
                page.said.content.state = State::Raised;
            }
        }
        page.ended_at = (!said.content.state.is_open()).then_some(tick);
        told
    }

    /// The last published word about an alert whose rule went into shadow.
    fn demote(&mut self, tick: Tick, id: AlertId) -> Option<(bool, Revision)> {
        let content = &mut self.alerts.get_mut(&id)?.said.content;
        if !content.state.is_open() {
            return None;
        }
        content.state = State::Cancelled;
        self.revise(tick, id, Reason::RuleChange)
    }

    /// Why the alert is revised, by what people changed at this tick.
    pub(super) fn reason(&self, causes: &Causes, said: &Said) -> Reason {
        let reason = said.content.reason;
        if said.content.state == State::Raised {
            return reason;
        }
        let zone = said.subject.zone;
        causes.reason(reason, |node| self.hearing.is_of(zone, node))
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
        let rule_version = self.names.rule(said.subject.rule)?.version;
        let page = self.alerts.get_mut(&id)?;
        page.revision += 1;
        (page.revised_at, page.reason) = (tick, reason);
        (page.completeness, page.waits_for) = (completeness, waits_for);
        page.rule_version = rule_version;
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
        let revision = Revision {
            id: content.id,
            revision: page.revision,
            state: content.state,
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
            updated: page.revised_at as Millis,
            end: content.end,
            window: Span {
                start: content.window.0,
                end: content.window.1,
            },
            completeness: page.completeness,
            provisional: content.provisional || page.waits_for.is_some(),
            node_alarm: content.provisional,
            oldest_unheard: page.waits_for.and_then(|node| self.names.node(node)),
            merged_into: content.merged_into,
            split_from: content.split_from,
            acknowledged: page.acknowledged.clone(),
            desk: Desk::default(),
            status: self.status,
        };
        Some((condition.shadow, revision))
    }
}
