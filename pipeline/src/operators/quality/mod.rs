//! Verdicts on sensors: node-panes of quantities with a quality rule are judged before anything of them is withdrawn.
//!
//! Because verdicts rest on un-withdrawn panes only, no verdict is a reason for another. Panes of other quantities are
//! met by nothing here, so they cost nothing. The fold of one (node, quantity) goes on from its newest pane, walks anew
//! after a correction, and carries what is sealed off.

mod beside;
mod evidence;
pub mod flags;

use std::collections::BTreeSet;

use differential_dataflow::VecCollection;
use serde::{Deserialize, Serialize};
use wire::Quantity;

pub use self::evidence::Item;
use self::evidence::{Evidence, Rule};
use super::fold::{Fold, Kept, fold};
use super::panes::NodePanes;
use crate::calendar::{Calendar, Millis, QUARTER, Tick, has_hours, tick_at};
use crate::city::{NodeIx, ZoneIx};
use crate::quality::{Cause, QualityRule, Withdrawal};
use crate::science::quality::{Judge, Seen, Spell};

/// The rule that a node's sensor of one quantity is held to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Check {
    /// Whose other nodes it is compared with.
    pub zone: Option<ZoneIx>,
    pub rule: QualityRule,
    /// A person released the node then: panes that start before are no evidence.
    pub trusted_until: Option<Millis>,
}

/// A flaw of one node's sensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Verdict {
    pub node: NodeIx,
    pub zone: Option<ZoneIx>,
    pub quantity: Quantity,
    pub spell: Spell,
}

impl Verdict {
    /// What does not count because of it, with its zone.
    pub fn withdrawals(self) -> impl Iterator<Item = (Option<ZoneIx>, Withdrawal)> {
        let Verdict {
            node, zone, spell, ..
        } = self;
        let quantities = spell.flaw.withdraws(self.quantity).into_iter();
        quantities.map(move |quantity| {
            let withdrawal = Withdrawal {
                node,
                quantity: Some(quantity),
                from: spell.from,
                until: spell.until,
                cause: Cause::Flaw(spell.flaw),
            };
            (zone, withdrawal)
        })
    }
}

/// Judges every sensor that a rule watches.
pub fn verdicts<'scope>(
    node_panes: NodePanes<'scope>,
    checks: VecCollection<'scope, Tick, (NodeIx, Check), isize>,
    calendar: &Calendar,
    kept: Kept<Verdicts>,
    restored_at: Tick,
) -> VecCollection<'scope, Tick, Verdict, isize> {
    let rows = evidence::rows(node_panes, checks, calendar, "checks");
    let calendar = calendar.clone();
    fold(rows, "verdicts", Verdicts { calendar }, kept, restored_at)
}

impl Rule for Check {
    fn quantity(&self) -> Quantity {
        self.rule.quantity
    }

    fn beside(&self) -> Option<ZoneIx> {
        self.zone.filter(|_| self.rule.neighbours.is_some())
    }
}

/// The fold that judges.
pub struct Verdicts {
    calendar: Calendar,
}

/// One sensor within the horizon.
#[derive(Default)]
pub struct Sensor {
    evidence: Evidence<Check>,
    /// After all that is sealed off, and spells that ended there and still withdraw something.
    carried: Judge,
    ended: Vec<Spell>,
    /// After the newest pane, and spells that ended on the way to it.
    tip: Judge,
    found: Vec<Spell>,
    newest: Option<Millis>,
    said: BTreeSet<Verdict>,
}

/// What a snapshot needs of a sensor; its rule and panes come again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedSensor {
    carried: Judge,
    ended: Vec<Spell>,
    said: BTreeSet<Verdict>,
}

impl Fold for Verdicts {
    type Key = (NodeIx, Quantity);
    type Item = Item<Check>;
    type Out = Verdict;
    type State = Sensor;

    fn step(
        &mut self,
        tick: Tick,
        (node, quantity): &Self::Key,
        state: &mut Sensor,
        changes: &[(Item<Check>, isize)],
        emit: &mut dyn FnMut(Verdict, isize),
    ) -> Option<Tick> {
        let before = state.evidence.rule.clone();
        let horizon = self.calendar.span(*quantity).horizon;
        let is_sealed = |pane: &Seen| tick_at(pane.end + horizon) <= tick;
        let (sealed, changed_from) = state.evidence.apply(changes, is_sealed);
        let now = state.evidence.rule.as_ref();
        let judged_by = |check: &Check| (check.rule.clone(), check.trusted_until);
        if before.is_some() && before.as_ref().map(judged_by) != now.map(judged_by) {
            // Another rule, or a person's word: what was found by the old one is taken back.
            *state = Sensor {
                evidence: std::mem::take(&mut state.evidence),
                said: std::mem::take(&mut state.said),
                ..Sensor::default()
            };
            state.walk(None);
        } else {
            state.seal(sealed);
            state.walk(changed_from);
        }
        let expires = |spell: &Spell| expires(&self.calendar, *quantity, spell);
        let stands = |spell: &Spell| expires(spell).is_none_or(|expiry| expiry > tick);
        state.ended.retain(stands);
        state.found.retain(stands);
        let now = state.verdicts(*node, *quantity);
        let said = std::mem::replace(&mut state.said, now);
        said.difference(&state.said).for_each(|old| emit(*old, -1));
        state.said.difference(&said).for_each(|new| emit(*new, 1));
        let spells = state.said.iter().map(|verdict| &verdict.spell);
        spells.filter_map(expires).min()
    }

    fn revive(&mut self, _: &Self::Key, state: &Sensor, emit: &mut dyn FnMut(Verdict, isize)) {
        state.said.iter().for_each(|verdict| emit(*verdict, 1));
    }

    fn is_idle(state: &Sensor) -> bool {
        state.evidence.rule.is_none() && state.evidence.panes.is_empty() && state.said.is_empty()
    }
}

/// When the last pane that a spell withdraws has left; `None` while it lasts.
fn expires(calendar: &Calendar, quantity: Quantity, spell: &Spell) -> Option<Tick> {
    let longest = |quantity: Quantity| {
        let fine = calendar.span(quantity);
        let quarter = calendar.quarter_span(quantity);
        match has_hours(quantity) {
            true => QUARTER.max(fine.width) + quarter.horizon.max(fine.horizon),
            false => fine.width + fine.horizon,
        }
    };
    let withdrawn = spell.flaw.withdraws(quantity).into_iter();
    let longest = withdrawn.map(longest).max().unwrap_or(0);
    spell.until.map(|until| tick_at(until + longest))
}

impl Sensor {
    /// A sensor of a snapshot.
    pub fn restored(from: SealedSensor) -> Sensor {
        Sensor {
            tip: from.carried.clone(),
            carried: from.carried,
            ended: from.ended,
            said: from.said,
            ..Sensor::default()
        }
    }

    pub fn sealed(&self) -> SealedSensor {
        SealedSensor {
            carried: self.carried.clone(),
            ended: self.ended.clone(),
            said: self.said.clone(),
        }
    }

    /// Folds sealed panes into the carried state, in time order.
    fn seal(&mut self, mut sealed: Vec<Seen>) {
        let Some(check) = self.evidence.rule.clone() else {
            return;
        };
        sealed.sort();
        for pane in sealed.iter().filter(|pane| check.heeds(pane)) {
            let ended = &mut self.ended;
            self.carried
                .step(&check.rule, pane, &mut |spell| ended.push(spell));
        }
    }

    /// Judges panes from `changed_from` on: those that are newer than all before go on from there, else all anew.
    fn walk(&mut self, changed_from: Option<Millis>) {
        let Some(check) = self.evidence.rule.clone() else {
            return;
        };
        let goes_on = changed_from.is_some_and(|from| self.newest.is_none_or(|last| last < from));
        let unchanged = changed_from.is_none() && self.newest.is_some();
        if unchanged {
            return;
        }
        let from = match changed_from.filter(|_| goes_on) {
            Some(from) => from,
            None => {
                self.tip = self.carried.clone();
                self.found.clear();
                Millis::MIN
            }
        };
        for (start, pane) in self.evidence.panes.range(from..) {
            let pane = self.evidence.seen(pane);
            if check.heeds(&pane) {
                let found = &mut self.found;
                self.tip
                    .step(&check.rule, &pane, &mut |spell| found.push(spell));
            }
            self.newest = Some(*start);
        }
    }

    /// All that stands. What ended in sealed time was found on the way too: it is one spell.
    fn verdicts(&self, node: NodeIx, quantity: Quantity) -> BTreeSet<Verdict> {
        let Some(check) = &self.evidence.rule else {
            return BTreeSet::new();
        };
        let ended = self.ended.iter().chain(&self.found).copied();
        let verdict = |spell| Verdict {
            node,
            zone: check.zone,
            quantity,
            spell,
        };
        ended.chain(self.tip.lasting()).map(verdict).collect()
    }
}

impl Check {
    fn heeds(&self, pane: &Seen) -> bool {
        self.trusted_until.is_none_or(|until| pane.start >= until)
    }
}
