//! Flags: every pane of a sensor that a rule flags, by QARTOD's tests, before anything of it is withdrawn.
//!
//! Rows are of panes in which a test found something, within their horizon: a late reading changes them, and those of the
//! panes after it. Failing panes that are too many withdraw the sensor's readings like any other flaw. The fold of one
//! (node, quantity) goes on from its newest pane, walks anew after a correction, and keeps of what is sealed off as much
//! as a test looks back on.

mod stream;

use std::sync::Arc;

use differential_dataflow::VecCollection;
use serde::{Deserialize, Serialize};
use wire::Quantity;

use super::evidence::{self, Item, Rule};
use super::{Verdict, expires};
use crate::calendar::{Calendar, Millis, Tick, tick_at};
use crate::city::{NodeIx, ZoneIx};
use crate::operators::fold::{Fold, Kept, fold};
use crate::operators::panes::NodePanes;
use crate::science::qartod::pane::{FlagRule, Flags};
use crate::science::quality::{Seen, Spell};
pub use stream::{SealedStream, Stream};

/// The tests that a node's sensor of one quantity is put to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Flagging {
    pub zone: Option<ZoneIx>,
    pub quantity: Quantity,
    pub rule: Arc<FlagRule>,
    pub recover: Option<Millis>,
    /// A person released the node then: panes that start before are no evidence against it.
    pub trusted_until: Option<Millis>,
}

/// A pane of a node in which a test found something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Flagged {
    pub node: NodeIx,
    pub zone: Option<ZoneIx>,
    pub quantity: Quantity,
    pub start: Millis,
    pub flags: Flags,
}

/// What is said of a sensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Word {
    Flagged(Flagged),
    Verdict(Verdict),
}

/// Flags the panes of every sensor that a rule flags.
pub fn words<'scope>(
    node_panes: NodePanes<'scope>,
    rules: VecCollection<'scope, Tick, (NodeIx, Flagging), isize>,
    calendar: &Calendar,
    kept: Kept<Flagger>,
    restored_at: Tick,
) -> VecCollection<'scope, Tick, Word, isize> {
    let rows = evidence::rows(node_panes, rules, calendar, "flaggings");
    let calendar = calendar.clone();
    fold(rows, "flags", Flagger { calendar }, kept, restored_at)
}

impl Rule for Flagging {
    fn quantity(&self) -> Quantity {
        self.quantity
    }

    fn beside(&self) -> Option<ZoneIx> {
        let neighbour = self.rule.neighbour;
        let looks = neighbour.suspect.or(neighbour.fail).is_some();
        self.zone.filter(|_| looks)
    }
}

/// The fold that flags.
pub struct Flagger {
    calendar: Calendar,
}

impl Fold for Flagger {
    type Key = (NodeIx, Quantity);
    type Item = Item<Flagging>;
    type Out = Word;
    type State = Stream;

    fn step(
        &mut self,
        tick: Tick,
        (node, quantity): &Self::Key,
        state: &mut Stream,
        changes: &[(Item<Flagging>, isize)],
        emit: &mut dyn FnMut(Word, isize),
    ) -> Option<Tick> {
        let before = state.evidence.rule.clone();
        let horizon = self.calendar.span(*quantity).horizon;
        let is_sealed = |pane: &Seen| tick_at(pane.end + horizon) <= tick;
        let (sealed, changed_from) = state.evidence.apply(changes, is_sealed);
        for pane in &sealed {
            if let Some(flagged) = state.said.remove(&pane.start) {
                emit(Word::Flagged(flagged), -1);
            }
        }
        let judged_by = |rule: &Flagging| (rule.rule.clone(), rule.recover, rule.trusted_until);
        let is_other = before.is_some()
            && before.as_ref().map(judged_by) != state.evidence.rule.as_ref().map(judged_by);
        if is_other {
            // Another rule, or a person's word: what was found by the old one is taken back.
            state.begin_anew();
            state.walk(None, &self.calendar);
        } else {
            state.seal(sealed, &self.calendar);
            state.walk(changed_from, &self.calendar);
        }
        let flag_from = match before == state.evidence.rule {
            true => changed_from,
            false => Some(Millis::MIN),
        };
        if let Some(from) = flag_from {
            state.flag(from, *node, *quantity, &self.calendar, emit);
        }
        let expires = |spell: &Spell| expires(&self.calendar, *quantity, spell);
        let stands = |spell: &Spell| expires(spell).is_none_or(|expiry| expiry > tick);
        state.ended.retain(stands);
        state.found.retain(stands);
        let now = state.verdicts(*node, *quantity);
        let said = std::mem::replace(&mut state.verdicts, now);
        let gone = said.difference(&state.verdicts);
        gone.for_each(|old| emit(Word::Verdict(*old), -1));
        let new = state.verdicts.difference(&said);
        new.for_each(|new| emit(Word::Verdict(*new), 1));
        let spells = state.verdicts.iter().map(|verdict| &verdict.spell);
        spells.filter_map(expires).min()
    }

    fn revive(&mut self, _: &Self::Key, state: &Stream, emit: &mut dyn FnMut(Word, isize)) {
        let verdicts = state.verdicts.iter();
        verdicts.for_each(|verdict| emit(Word::Verdict(*verdict), 1));
    }

    fn is_idle(state: &Stream) -> bool {
        state.evidence.rule.is_none()
            && state.evidence.panes.is_empty()
            && state.verdicts.is_empty()
    }
}
