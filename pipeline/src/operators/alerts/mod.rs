//! Alerts: breaches of a rule in a zone, kept true while readings, rules and the registry change.
//!
//! The fold of one (rule, zone) holds the judged panes within the horizon, walks them anew at every
//! change ([`islands`]), and compares with what was said ([`memory`]). What is sealed off goes on as
//! the machine's state after it, so a breach of three days stays one island.

pub mod doubt;
pub mod islands;
mod item;
pub mod memory;

use std::collections::{BTreeMap, BTreeSet};

use differential_dataflow::VecCollection;
use serde::{Deserialize, Serialize};
use wire::{Milli, NodeId};

use self::doubt::Doubt;
use self::islands::{Alarmed, Island, Judged, Machine};
pub use self::item::{Item, Subject, Watch};
use self::memory::{Content, Lies, Matching, Remembered, alert_id};
use super::fold::{Fold, Kept, fold};
use crate::alert::{Reason, State};
use crate::calendar::{Millis, Tick, tick_at};
use crate::outlet::Settle;
use crate::rules::{Condition, Value};

/// A change of an alert, still without names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Said {
    pub subject: Subject,
    pub condition: Condition,
    pub content: Content,
}

pub fn alerts<'scope>(
    items: VecCollection<'scope, Tick, (Subject, Item), isize>,
    settle: Settle,
    kept: Kept<Alerts>,
    restored_at: Tick,
) -> VecCollection<'scope, Tick, Said, isize> {
    fold(items, "alerts", Alerts { settle }, kept, restored_at)
}

pub struct Alerts {
    settle: Settle,
}

/// Everything remembered of one subject.
#[derive(Default)]
pub struct Standing {
    watch: Option<Watch>,
    panes: BTreeMap<(Millis, bool), Judged>,
    /// By the start of their pane.
    alarms: BTreeMap<Millis, Alarmed>,
    /// The fold after all that is sealed off.
    carried: Machine,
    memory: Vec<Remembered>,
    silent: Option<(NodeId, Millis)>,
    /// Sensors of the zone that were withdrawn by a quality rule.
    doubts: BTreeSet<Doubt>,
    /// What came of forecasts, by the pane in which they were said.
    came: BTreeMap<Millis, Milli>,
}

impl Fold for Alerts {
    type Key = Subject;
    type Item = Item;
    type Out = Said;
    type State = Standing;

    fn step(
        &mut self,
        tick: Tick,
        subject: &Subject,
        state: &mut Standing,
        changes: &[(Item, isize)],
        emit: &mut dyn FnMut(Said, isize),
    ) -> Option<Tick> {
        let before = state.watch;
        let horizon = before.map_or(Millis::MAX / 2, |watch| watch.horizon);
        let silent_before = state.silent;
        let mut sealed = Vec::new();
        let mut left_to = None;
        // Retractions first, so that a replaced row leaves before its successor comes.
        for (item, _) in changes.iter().filter(|(_, diff)| *diff < 0) {
            let settled = state.retract(item, tick, horizon);
            left_to = left_to.max(item.end().filter(|_| settled.is_none()));
            sealed.extend(settled);
        }
        let is_move = |(item, diff): &(Item, isize)| *diff > 0 && *item == Item::MovedOut(tick);
        let moved_to = left_to.filter(|_| changes.iter().any(is_move));
        for (item, _) in changes.iter().filter(|(_, diff)| *diff > 0) {
            state.insert(item);
        }
        let watch = state.watch.or(before)?;
        // Deadlines come before what is admitted at their tick: the rule as it was judges for good.
        let mut said = state.seal(&before.unwrap_or(watch), sealed);
        state.forget(&watch, tick);
        said.extend(match watch.condition.value {
            Value::Silence => state.judge_silence(tick, &watch, silent_before),
            _ => state.judge_panes(self.settle.clamp(tick), tick, &watch, before, moved_to),
        });
        for content in said {
            emit(
                Said {
                    subject: *subject,
                    condition: watch.condition,
                    content,
                },
                1,
            );
        }
        if state.watch.is_none() {
            (state.memory, state.carried) = (Vec::new(), Machine::default());
        }
        let overdue = state.wake(&watch).filter(|at| self.settle.is_live(*at));
        // A gap that has passed asks for nothing any more, and must not stand before what is held.
        let due = overdue.into_iter().chain(state.told_again_at(&watch));
        due.filter(|at| *at > tick).min()
    }

    fn is_idle(state: &Standing) -> bool {
        state.watch.is_none()
            && state.panes.is_empty()
            && state.alarms.is_empty()
            && state.memory.is_empty()
            && state.silent.is_none()
            && state.doubts.is_empty()
            && state.came.is_empty()
    }
}

/// What a subject's fold carries beyond its panes: all that a snapshot needs of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carried {
    machine: Machine,
    memory: Vec<Remembered>,
}

impl Standing {
    /// A subject of a snapshot; its rule and panes come again.
    pub fn restored(carried: Carried) -> Standing {
        Standing {
            carried: carried.machine,
            memory: carried.memory,
            ..Standing::default()
        }
    }

    pub fn carried(&self) -> Carried {
        Carried {
            machine: self.carried,
            memory: self.memory.clone(),
        }
    }

    fn insert(&mut self, item: &Item) {
        match item {
            Item::Watch(watch) => self.watch = Some(*watch),
            Item::Pane(pane) => drop(self.panes.insert((pane.start, pane.open), *pane)),
            Item::Alarm(alarmed) => drop(self.alarms.insert(alarmed.start, *alarmed)),
            Item::Silent { node, since } => self.silent = Some((*node, *since)),
            Item::Doubt(doubt) => drop(self.doubts.insert(*doubt)),
            // It says something of its own tick only.
            Item::MovedOut(_) => {}
            Item::Came { start, value } => drop(self.came.insert(*start, *value)),
        }
    }

    /// Takes a row out; answers the pane if it left because it was sealed off.
    fn retract(&mut self, item: &Item, tick: Tick, horizon: Millis) -> Option<Judged> {
        match item {
            Item::Watch(watch) => {
                self.watch = self.watch.filter(|now| now != watch);
                None
            }
            Item::Silent { .. } => {
                self.silent = None;
                None
            }
            Item::Doubt(doubt) => {
                self.doubts.remove(doubt);
                None
            }
            Item::MovedOut(_) => None,
            Item::Came { start, value } => {
                if self.came.get(start) == Some(value) {
                    self.came.remove(start);
                }
                None
            }
            Item::Alarm(alarmed) => {
                if self.alarms.get(&alarmed.start) == Some(alarmed) {
                    self.alarms.remove(&alarmed.start);
                }
                None
            }
            Item::Pane(pane) => {
                let key = (pane.start, pane.open);
                if self.panes.get(&key) == Some(pane) {
                    self.panes.remove(&key);
                }
                let sealed = !pane.open && tick_at(pane.end + horizon) <= tick;
                sealed.then(|| self.marked(pane))
            }
        }
    }

    /// The pane with what turned nodes' own alarms in it.
    fn marked(&self, pane: &Judged) -> Judged {
        let danger = self.watch.map(|watch| watch.condition.direction);
        let alarmed = self.alarms.get(&pane.start).zip(danger);
        Judged {
            alarm: alarmed.map(|(alarmed, danger)| alarmed.worst(danger)),
            ..*pane
        }
    }

    /// Folds sealed panes into the carried state, in time order. An island that ends there is final:
    /// its alert need not be remembered any more, and [`Standing::walk`] does not find it again. What was still
    /// held of it is told now.
    fn seal(&mut self, watch: &Watch, mut sealed: Vec<Judged>) -> Vec<Content> {
        sealed.sort();
        let mut said = Vec::new();
        for pane in sealed {
            if let Some(island) = self.carried.step(&watch.condition, &pane) {
                let final_ones = self.memory.extract_if(.., |alert| alert.is_all_of(&island));
                said.extend(final_ones.filter_map(|alert| alert.held));
            }
        }
        said
    }

    /// When something that is held may be told.
    fn told_again_at(&self, watch: &Watch) -> Option<Tick> {
        let hold = watch.condition.hold;
        let alerts = self.memory.iter();
        alerts.filter_map(|alert| alert.told_again_at(hold)).min()
    }

    /// All islands that can still change, the machine after them, and whether data is overdue.
    fn walk(&self, watch: &Watch, now: Tick) -> (Vec<Island>, Machine, bool) {
        let mut machine = self.carried;
        let mut islands = Vec::new();
        let threshold = watch.condition.threshold();
        let raises = |value: Option<Milli>| value.is_some_and(|value| threshold.raises(value));
        let mut step = |pane: Judged| {
            // An open pane may only raise.
            if !pane.open || raises(pane.value) || raises(pane.alarm) {
                islands.extend(machine.step(&watch.condition, &pane));
            }
        };
        // An alarm whose pane has no value yet stands for the pane.
        let alone = self.alarms.values().map(Alarmed::alone);
        let mut alone = alone.filter(|pane| !self.has_pane(pane.start)).peekable();
        for pane in self.panes.values() {
            while let Some(first) = alone.next_if(|first| first.start < pane.start) {
                step(self.marked(&first));
            }
            step(self.marked(pane));
        }
        alone.for_each(|pane| step(self.marked(&pane)));
        // Data is due one pane after the last one at the latest, plus the gap that is allowed.
        let now = now as Millis - watch.grace;
        islands.extend(machine.end_by_gap(&watch.condition, now));
        let overdue = machine
            .last_end()
            .is_some_and(|last| now - last > watch.condition.gap_max);
        islands.extend(machine.lasting());
        (islands, machine, overdue)
    }

    fn has_pane(&self, start: Millis) -> bool {
        let mut ranges = self.panes.range((start, false)..=(start, true));
        ranges.next().is_some()
    }

    fn judge_panes(
        &mut self,
        now: Tick,
        tick: Tick,
        watch: &Watch,
        before: Option<Watch>,
        moved_to: Option<Millis>,
    ) -> Vec<Content> {
        let rule_changed = before.is_some() && before != self.watch;
        let (islands, machine, unheard) = match self.watch {
            Some(watch) => self.walk(&watch, now),
            None => (Vec::new(), Machine::default(), false),
        };
        let panes = &self.panes;
        let has_data = |from: Millis| panes.values().any(|pane| from < pane.end);
        let in_doubt = |lies: &Lies| doubt::stands(&self.doubts, panes.values(), &machine, lies);
        let came = |from: Millis, to: Millis| {
            let mut came = self.came.range(from..to.max(from));
            came.any(|(_, value)| watch.condition.threshold().raises(*value))
        };
        let matching = Matching {
            tick,
            rule: watch.rule,
            zone: watch.zone,
            condition: &watch.condition,
            rule_changed,
            unheard,
            moved_to,
            has_data: &has_data,
            in_doubt: &in_doubt,
            came: &came,
            heard_to: panes.values().next_back().map(|pane| pane.end),
        };
        let mut memory = std::mem::take(&mut self.memory);
        let said = matching.apply(&islands, &mut memory);
        self.memory = memory;
        said
    }

    fn judge_silence(
        &mut self,
        tick: Tick,
        watch: &Watch,
        before: Option<(NodeId, Millis)>,
    ) -> Vec<Content> {
        let standing = self.silent.filter(|_| self.watch.is_some());
        let open = self
            .memory
            .first_mut()
            .filter(|alert| alert.said.state.is_open());
        match (standing, open) {
            (Some((node, since)), None) => {
                let id = alert_id(watch.rule, watch.zone, Some(node), since, tick);
                let length = wire::Milli::whole((tick as Millis - since) / 1000);
                let said = Content {
                    id,
                    state: State::Raised,
                    reason: Reason::Silence,
                    onset: since,
                    end: None,
                    peak: length,
                    window: (since, tick as Millis),
                    heard: 0,
                    provisional: false,
                    merged_into: None,
                    split_from: None,
                };
                self.memory = vec![Remembered::first(tick, said.clone())];
                vec![said]
            }
            (None, Some(alert)) => {
                let gone = before.is_some() && self.watch.is_none();
                let said = &mut alert.said;
                said.end = (!gone).then_some(tick as Millis);
                said.state = if gone {
                    State::Cancelled
                } else {
                    State::Cleared
                };
                said.reason = if gone {
                    Reason::RuleChange
                } else {
                    Reason::Silence
                };
                said.window.1 = tick as Millis;
                vec![said.clone()]
            }
            _ => Vec::new(),
        }
    }

    /// Drops cancelled alerts that nothing can bring back, and silences that are over.
    fn forget(&mut self, watch: &Watch, tick: Tick) {
        let silence = watch.condition.value == Value::Silence;
        self.memory.retain(|alert| match alert.said.state {
            State::Cancelled => tick_at(alert.said.window.1 + watch.horizon) > tick,
            State::Cleared => !silence,
            State::Raised | State::Updated | State::Unconfirmed => true,
        });
    }

    /// When the run that lasts will have been without data for too long.
    fn wake(&self, watch: &Watch) -> Option<Tick> {
        let standing = self.watch?;
        if standing.condition.value == Value::Silence {
            return None;
        }
        let (_, machine, overdue) = self.walk(&standing, 0);
        let last = machine.last_end().filter(|_| !overdue)?;
        Some(tick_at(last + watch.condition.gap_max + watch.grace + 1))
    }
}
