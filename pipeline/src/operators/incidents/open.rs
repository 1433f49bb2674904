//! From what is said of alerts and done about them, one after the other, to the collection of those that
//! stand open.

use serde::{Deserialize, Serialize};

use super::Age;
use crate::alert::AlertId;
use crate::calendar::{DAY, Millis, Tick, tick_at};
use crate::city::ZoneIx;
use crate::input::Action;
use crate::operators::alerts::Said;
use crate::operators::fold::Fold;
use crate::operators::stand::Stand;
use crate::rules::{RuleIx, Severity};

/// An ended alert that was somebody's work, or that somebody ended, may come back so long: no horizon is longer.
const KEPT: Millis = 33 * DAY;

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

/// What bears on whether an alert stands open. What is said sorts before what people do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Word {
    Said(Said),
    Acted(Action),
}

/// `None` for alerts of silent nodes, which are no part of incidents.
pub fn told(said: Said) -> Option<(AlertId, Word)> {
    let is_zones = said.subject.node.is_none();
    is_zones.then_some((said.content.id, Word::Said(said)))
}

/// `None` for what does not change whether an alert is open.
pub fn done(action: Action) -> Option<(AlertId, Word)> {
    match action {
        Action::Assign { alert, .. } | Action::Settle { alert, .. } => {
            Some((alert, Word::Acted(action)))
        }
        _ => None,
    }
}

/// An alert that is open, or may come to be so again by what people did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    rule: RuleIx,
    zone: ZoneIx,
    /// A rule in shadow: its alerts are told to nobody.
    is_shadow: bool,
    stand: Stand,
    open: OpenAlert,
    ended_at: Option<Tick>,
}

impl Standing {
    fn row(&self) -> Option<(RuleIx, (ZoneIx, OpenAlert))> {
        let is_open = self.stand.is_open() && !self.is_shadow;
        is_open.then_some((self.rule, (self.zone, self.open)))
    }
}

pub struct Openings;

impl Fold for Openings {
    type Key = AlertId;
    type Item = Word;
    type Out = (RuleIx, (ZoneIx, OpenAlert));
    type State = Option<Standing>;

    fn step(
        &mut self,
        tick: Tick,
        _id: &AlertId,
        state: &mut Self::State,
        changes: &[(Word, isize)],
        emit: &mut dyn FnMut(Self::Out, isize),
    ) -> Option<Tick> {
        let before = state.as_ref().and_then(Standing::row);
        for (word, _) in changes {
            match (word, state.as_mut()) {
                (Word::Said(said), Some(standing)) => standing.hear(tick, said),
                (Word::Said(said), None) => *state = Some(Standing::new(tick, said)),
                (Word::Acted(action), Some(standing)) => drop(standing.stand.act(tick, action)),
                // Nobody has heard of it, or it ended long ago.
                (Word::Acted(_), None) => {}
            }
        }
        let forgotten_at = state
            .as_mut()
            .and_then(|standing| standing.forgotten_at(tick));
        if forgotten_at.is_some_and(|at| at <= tick) {
            *state = None;
        }
        let now = state.as_ref().and_then(Standing::row);
        if before != now {
            before.into_iter().for_each(|row| emit(row, -1));
            now.into_iter().for_each(|row| emit(row, 1));
        }
        forgotten_at
    }

    fn revive(
        &mut self,
        _id: &AlertId,
        state: &Self::State,
        emit: &mut dyn FnMut(Self::Out, isize),
    ) {
        let row = state.as_ref().and_then(Standing::row);
        row.into_iter().for_each(|row| emit(row, 1));
    }

    fn is_idle(state: &Self::State) -> bool {
        state.is_none()
    }
}

impl Standing {
    fn new(tick: Tick, said: &Said) -> Standing {
        let content = &said.content;
        Standing {
            rule: said.subject.rule,
            zone: said.subject.zone,
            is_shadow: said.condition.shadow,
            stand: Stand::new(content),
            open: OpenAlert {
                first: tick,
                id: content.id,
                onset: content.onset,
                severity: said.condition.severity,
            },
            ended_at: None,
        }
    }

    fn hear(&mut self, tick: Tick, said: &Said) {
        if self.is_shadow != said.condition.shadow {
            // What people did about it went away with it, or comes to nothing that was told.
            *self = Standing::new(tick, said);
            return;
        }
        let was_open = self.stand.is_open();
        // Why people are told is the book's matter.
        let _ = self.stand.hear(&said.content);
        self.open.onset = said.content.onset;
        self.open.severity = said.condition.severity;
        if !was_open {
            self.open.first = tick;
        }
    }

    /// Whether a snapshot at `tick` may leave it out: it ended too long ago to come back.
    pub fn is_over(&self, tick: Tick) -> bool {
        self.ended_at.is_some_and(|at| at + tick_at(KEPT) <= tick)
    }

    /// When it need not be remembered any more; `None` while it is open.
    fn forgotten_at(&mut self, tick: Tick) -> Option<Tick> {
        if self.stand.is_open() {
            self.ended_at = None;
            return None;
        }
        let ended_at = *self.ended_at.get_or_insert(tick);
        let kept = if self.stand.is_peoples() {
            tick_at(KEPT)
        } else {
            0
        };
        Some(ended_at + kept)
    }
}
