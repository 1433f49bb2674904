//! The stream of one sensor: its panes, what is found in them, and what is kept of those that are sealed off.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use wire::Quantity;

use super::{Flagged, Flagging, Word};
use crate::calendar::{Calendar, Millis};
use crate::city::NodeIx;
use crate::operators::quality::Verdict;
use crate::operators::quality::evidence::Evidence;
use crate::science::qartod::Flag;
use crate::science::qartod::failing::{Failing, Found};
use crate::science::qartod::pane::{flags, spike_of};
use crate::science::quality::{Seen, Spell};

/// The stream of one sensor within the horizon.
#[derive(Default)]
pub struct Stream {
    pub(super) evidence: Evidence<Flagging>,
    /// Panes that are sealed off, as far back as a test looks.
    tail: BTreeMap<Millis, Seen>,
    /// After all that is sealed off, and spells that ended there and still withdraw something.
    carried: Failing,
    pub(super) ended: Vec<Spell>,
    /// After the newest pane, and spells that ended on the way to it.
    tip: Failing,
    pub(super) found: Vec<Spell>,
    newest: Option<Millis>,
    pub(super) said: BTreeMap<Millis, Flagged>,
    pub(super) verdicts: BTreeSet<Verdict>,
}

/// What a snapshot needs of a stream; its rule and panes come again, and with them their flags.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedStream {
    tail: Vec<Seen>,
    carried: Failing,
    ended: Vec<Spell>,
    verdicts: BTreeSet<Verdict>,
}

impl Stream {
    /// A stream of a snapshot.
    pub fn restored(from: SealedStream) -> Stream {
        Stream {
            tip: from.carried.clone(),
            carried: from.carried,
            ended: from.ended,
            verdicts: from.verdicts,
            tail: from
                .tail
                .into_iter()
                .map(|pane| (pane.start, pane))
                .collect(),
            ..Stream::default()
        }
    }

    pub fn sealed(&self) -> SealedStream {
        SealedStream {
            tail: self.tail.values().copied().collect(),
            carried: self.carried.clone(),
            ended: self.ended.clone(),
            verdicts: self.verdicts.clone(),
        }
    }

    /// Keeps what there is, and forgets what was found in it.
    pub(super) fn begin_anew(&mut self) {
        *self = Stream {
            evidence: std::mem::take(&mut self.evidence),
            said: std::mem::take(&mut self.said),
            verdicts: std::mem::take(&mut self.verdicts),
            ..Stream::default()
        };
    }

    /// Panes before a moment, newest first.
    fn before(&self, start: Millis) -> impl Iterator<Item = &Seen> + Clone {
        let own = self
            .evidence
            .panes
            .range(..start)
            .rev()
            .map(|(_, pane)| pane);
        own.chain(self.tail.values().rev())
    }

    /// Folds sealed panes into the carried state, in time order, and keeps as many as are looked back on.
    pub(super) fn seal(&mut self, mut sealed: Vec<Seen>, calendar: &Calendar) {
        let Some(rule) = self.evidence.rule.clone() else {
            return;
        };
        sealed.sort();
        for pane in sealed {
            let older = self.tail.values().rev();
            let found = found(&rule, &pane, older, calendar);
            let mut carried = std::mem::take(&mut self.carried);
            self.ended.extend(rule.count(&mut carried, &pane, found));
            self.carried = carried;
            self.tail.insert(pane.start, pane);
            let looks_back_to = pane.start.saturating_sub(rule.rule.looks_back());
            // One more than that: a line may begin before.
            while self
                .tail
                .keys()
                .nth(1)
                .is_some_and(|second| *second < looks_back_to)
            {
                self.tail.pop_first();
            }
        }
    }

    /// Counts failing panes from `changed_from` on: those that are newer than all before go on from there, else all anew.
    pub(super) fn walk(&mut self, changed_from: Option<Millis>, calendar: &Calendar) {
        let Some(rule) = self.evidence.rule.clone() else {
            return;
        };
        if rule.rule.fails.is_none() {
            return;
        }
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
        let mut tip = std::mem::take(&mut self.tip);
        let mut over = Vec::new();
        for (start, pane) in self.evidence.panes.range(from..) {
            let pane = self.evidence.seen(pane);
            let found = found(&rule, &pane, self.before(*start), calendar);
            over.extend(rule.count(&mut tip, &pane, found));
            self.newest = Some(*start);
        }
        self.tip = tip;
        self.found.extend(over);
    }

    /// Says the flags of the panes from the one before `from` on, where they are others now.
    pub(super) fn flag(
        &mut self,
        from: Millis,
        node: NodeIx,
        quantity: Quantity,
        calendar: &Calendar,
        emit: &mut dyn FnMut(Word, isize),
    ) {
        // Whether it is a spike depends on the pane after it.
        let previous = self.evidence.panes.range(..from).next_back();
        let from = previous.map_or(from, |(start, _)| *start);
        let before = self.said.split_off(&from);
        let mut now: BTreeMap<Millis, Flagged> = BTreeMap::new();
        if let Some(rule) = &self.evidence.rule {
            let mut panes = self.evidence.panes.range(from..).peekable();
            while let Some((start, pane)) = panes.next() {
                let pane = self.evidence.seen(pane);
                let later = panes.peek().map(|(_, pane)| *pane);
                let flags = flags(
                    &rule.rule,
                    &pane,
                    calendar.month(*start),
                    self.before(*start),
                    later,
                );
                let zone = rule.zone;
                let row = Flagged {
                    node,
                    zone,
                    quantity,
                    start: *start,
                    flags,
                };
                if flags.is_news() {
                    now.insert(*start, row);
                }
            }
        }
        for (start, old) in &before {
            if now.get(start) != Some(old) {
                emit(Word::Flagged(*old), -1);
            }
        }
        for (start, new) in &now {
            if before.get(start) != Some(new) {
                emit(Word::Flagged(*new), 1);
            }
        }
        self.said.append(&mut now);
    }

    /// All that stands.
    pub(super) fn verdicts(&self, node: NodeIx, quantity: Quantity) -> BTreeSet<Verdict> {
        let Some(rule) = &self.evidence.rule else {
            return BTreeSet::new();
        };
        let ended = self.ended.iter().chain(&self.found).copied();
        let verdict = |spell| Verdict {
            node,
            zone: rule.zone,
            quantity,
            spell,
        };
        ended.chain(self.tip.lasting()).map(verdict).collect()
    }
}

impl Flagging {
    fn heeds(&self, pane: &Seen) -> bool {
        self.trusted_until.is_none_or(|until| pane.start >= until)
    }

    /// Counts a pane, unless it is no evidence; answers a spell that ended before it.
    fn count(&self, failing: &mut Failing, pane: &Seen, found: Found) -> Option<Spell> {
        let fails = self.rule.fails.as_ref().filter(|_| self.heeds(pane))?;
        failing.step(fails, self.recover, pane, found)
    }
}

/// Whether the pane fails, and whether the one before was a failing spike.
fn found<'a>(
    flagging: &Flagging,
    pane: &Seen,
    older: impl Iterator<Item = &'a Seen> + Clone,
    calendar: &Calendar,
) -> Found {
    let rule = &flagging.rule;
    let mut before = older.clone();
    let (last, second) = (before.next(), before.next());
    let spike = last.map(|last| spike_of(rule, second, last, Some(pane)));
    let own = flags(rule, pane, calendar.month(pane.start), older, None);
    Found {
        own: own.aggregate() == Flag::Fail,
        before: spike == Some(Flag::Fail),
    }
}
