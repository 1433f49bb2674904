//! Verdicts on sensors: node-panes of quantities with a quality rule are judged before anything of them is withdrawn.
//!
//! Because verdicts rest on un-withdrawn panes only, no verdict is a reason for another. Panes of other quantities are
//! met by nothing here, so they cost nothing. The fold of one (node, quantity) goes on from its newest pane, walks anew
//! after a correction, and carries what is sealed off.

mod beside;
pub mod flags;

use std::collections::{BTreeMap, BTreeSet};

use differential_dataflow::VecCollection;
use serde::{Deserialize, Serialize};
use wire::{Milli, Quantity};

use self::beside::Beside;
use super::fold::{Cells, Fold, Kept, fold};
use super::panes::{Grain, NodePane, NodePanes};
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

/// What the judgement of one (node, quantity) is made of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Item {
    Check(Check),
    /// Still without the others.
    Pane(Seen),
    /// The median of the zone's other nodes in the pane that starts then.
    Others(Millis, (Milli, Milli)),
}

/// Judges every sensor that a rule watches.
pub fn verdicts<'scope>(
    node_panes: NodePanes<'scope>,
    checks: VecCollection<'scope, Tick, (NodeIx, Check), isize>,
    calendar: &Calendar,
    kept: Kept<Verdicts>,
    restored_at: Tick,
) -> VecCollection<'scope, Tick, Verdict, isize> {
    let judged = {
        let calendar = calendar.clone();
        node_panes.join_core(
            checks.clone().arrange_by_key_named("checks"),
            move |node, (key, pane), check| {
                let checked = key.grain == Grain::Fine && key.quantity == check.rule.quantity;
                let zone = check.zone.filter(|_| check.rule.neighbours.is_some());
                checked.then(|| {
                    let width = calendar.span(key.quantity).width;
                    let seen = Seen::of(key.start, width, pane);
                    ((*node, key.quantity), (zone, seen))
                })
            },
        )
    };
    let beside = judged.clone().flat_map(|((node, quantity), (zone, seen))| {
        Some(((zone?, quantity, seen.start), (seen.mean, node)))
    });
    let own = judged.map(|(key, (_, seen))| (key, Item::Pane(seen)));
    let rules = checks.map(|(node, check)| ((node, check.rule.quantity), Item::Check(check)));
    // After a restart the panes say all again, so what lies beside them needs no snapshot.
    let others = fold(beside, "beside", Beside, Cells::empty(), 0);
    let others = others.map(|(key, (start, median))| (key, Item::Others(start, median)));
    let calendar = calendar.clone();
    fold(
        own.concat(others).concat(rules),
        "verdicts",
        Verdicts { calendar },
        kept,
        restored_at,
    )
}

/// The fold that judges.
pub struct Verdicts {
    calendar: Calendar,
}

/// One sensor within the horizon.
#[derive(Default)]
pub struct Sensor {
    check: Option<Check>,
    panes: BTreeMap<Millis, Seen>,
    others: BTreeMap<Millis, (Milli, Milli)>,
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
    type Item = Item;
    type Out = Verdict;
    type State = Sensor;

    fn step(
        &mut self,
        tick: Tick,
        (node, quantity): &Self::Key,
        state: &mut Sensor,
        changes: &[(Item, isize)],
        emit: &mut dyn FnMut(Verdict, isize),
    ) -> Option<Tick> {
        let before = state.check.clone();
        let horizon = self.calendar.span(*quantity).horizon;
        let is_sealed = |pane: &Seen| tick_at(pane.end + horizon) <= tick;
        let mut sealed: Vec<Seen> = Vec::new();
        for (item, diff) in changes {
            match item {
                Item::Pane(pane) if *diff < 0 && is_sealed(pane) => sealed.push(state.seen(pane)),
                _ => {}
            }
        }
        let changed_from = state.apply(changes, &sealed);
        let judged_by = |check: &Check| (check.rule.clone(), check.trusted_until);
        if before.is_some() && before.as_ref().map(judged_by) != state.check.as_ref().map(judged_by)
        {
            // Another rule, or a person's word: what was found by the old one is taken back.
            *state = Sensor {
                check: state.check.take(),
                panes: std::mem::take(&mut state.panes),
                others: std::mem::take(&mut state.others),
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
        state.check.is_none() && state.panes.is_empty() && state.said.is_empty()
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

impl Seen {
    /// A pane of `width` without what lies beside it.
    fn of(start: Millis, width: Millis, pane: &NodePane) -> Seen {
        Seen {
            start,
            end: start + width,
            mean: pane.figure(),
            min: pane.min,
            max: pane.max,
            saturated: pane.saturated,
            others: None,
        }
    }
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

    fn seen(&self, pane: &Seen) -> Seen {
        Seen {
            others: self.others.get(&pane.start).copied(),
            ..*pane
        }
    }

    /// Takes the changes in; answers the start of the first pane that is another now. Panes that are sealed off are not.
    fn apply(&mut self, changes: &[(Item, isize)], sealed: &[Seen]) -> Option<Millis> {
        let gone: BTreeSet<Millis> = sealed.iter().map(|pane| pane.start).collect();
        let mut from: Option<Millis> = None;
        // Retractions first, so that a replaced row leaves before its successor comes.
        let (out, come): (Vec<&(Item, isize)>, Vec<_>) =
            changes.iter().partition(|(_, diff)| *diff < 0);
        for (item, _) in out {
            match item {
                Item::Check(check) => drop(self.check.take_if(|now| now == check)),
                Item::Pane(pane) => drop(self.panes.remove(&pane.start)),
                Item::Others(start, _) => drop(self.others.remove(start)),
            }
            from = earlier(from, item.start().filter(|start| !gone.contains(start)));
        }
        for (item, _) in come {
            match item {
                Item::Check(check) => self.check = Some(check.clone()),
                Item::Pane(pane) => drop(self.panes.insert(pane.start, *pane)),
                Item::Others(start, median) => drop(self.others.insert(*start, *median)),
            }
            from = earlier(from, item.start());
        }
        from
    }

    /// Folds sealed panes into the carried state, in time order.
    fn seal(&mut self, mut sealed: Vec<Seen>) {
        let Some(check) = self.check.clone() else {
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
        let Some(check) = self.check.clone() else {
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
        for (start, pane) in self.panes.range(from..) {
            let pane = self.seen(pane);
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
        let Some(check) = &self.check else {
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

impl Item {
    fn start(&self) -> Option<Millis> {
        match self {
            Item::Check(_) => None,
            Item::Pane(pane) => Some(pane.start),
            Item::Others(start, _) => Some(*start),
        }
    }
}

fn earlier(one: Option<Millis>, other: Option<Millis>) -> Option<Millis> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
