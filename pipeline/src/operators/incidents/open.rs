//! From what is said of alerts, one word after the other, to the collection of those that stand open.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Age;
use crate::alert::AlertId;
use crate::calendar::{Millis, Tick};
use crate::city::ZoneIx;
use crate::operators::alerts::{Said, Subject};
use crate::operators::fold::Fold;
use crate::rules::{RuleIx, Severity};

/// An open alert, as far as incidents go by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct OpenAlert {
    /// Tick at which it was raised, or came back from an end.
    pub first: Tick,
    pub id: AlertId,
    pub onset: Millis,
    pub severity: Severity,
}

impl OpenAlert {
    pub fn age(&self) -> Age {
        (self.first, self.id)
    }
}

/// The word on an alert: onset and severity while it is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Told {
    id: AlertId,
    open: Option<(Millis, Severity)>,
}

/// `None` for alerts of silent nodes, which are no part of incidents; those of rules in shadow count as not open.
pub fn told(said: &Said) -> Option<(Subject, Told)> {
    let (content, condition) = (&said.content, &said.condition);
    let is_open = content.state.is_open() && !condition.shadow;
    let told = Told {
        id: content.id,
        open: is_open.then_some((content.onset, condition.severity)),
    };
    said.subject.node.is_none().then_some((said.subject, told))
}

pub struct Openings;

impl Fold for Openings {
    type Key = Subject;
    type Item = Told;
    type Out = (RuleIx, (ZoneIx, OpenAlert));
    type State = BTreeMap<AlertId, OpenAlert>;

    fn step(
        &mut self,
        tick: Tick,
        subject: &Subject,
        state: &mut Self::State,
        changes: &[(Told, isize)],
        emit: &mut dyn FnMut(Self::Out, isize),
    ) -> Option<Tick> {
        let row = |alert: OpenAlert| (subject.rule, (subject.zone, alert));
        for (Told { id, open }, _) in changes {
            let before = state.remove(id);
            let now = open.map(|(onset, severity)| OpenAlert {
                first: before.map_or(tick, |before| before.first),
                id: *id,
                onset,
                severity,
            });
            state.extend(now.map(|now| (*id, now)));
            if before != now {
                before.into_iter().for_each(|alert| emit(row(alert), -1));
                now.into_iter().for_each(|alert| emit(row(alert), 1));
            }
        }
        None
    }

    fn revive(
        &mut self,
        subject: &Subject,
        state: &Self::State,
        emit: &mut dyn FnMut(Self::Out, isize),
    ) {
        for alert in state.values() {
            emit((subject.rule, (subject.zone, *alert)), 1);
        }
    }

    fn is_idle(state: &Self::State) -> bool {
        state.is_empty()
    }
}
