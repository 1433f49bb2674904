//! What was said of a (rule, zone) and under which ids: the part of an alert that is remembered.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use wire::{Milli, NodeId, RuleId, ZoneId};

use super::islands::{Ended, Island};
use crate::alert::{AlertId, Reason, State};
use crate::calendar::{Millis, Tick, tick_at};
use crate::rules::Condition;

/// An alert as it was last said.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Content {
    pub id: AlertId,
    pub state: State,
    pub reason: Reason,
    pub onset: Millis,
    pub end: Option<Millis>,
    pub peak: Milli,
    pub window: (Millis, Millis),
    pub heard: u32,
    /// A node says so, and the zone's own values not yet.
    pub provisional: bool,
    pub merged_into: Option<AlertId>,
    pub split_from: Option<AlertId>,
}

/// An alert that may still be corrected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remembered {
    pub first_tick: Tick,
    /// As people know it.
    pub said: Content,
    /// Where it lies by what is known now: which island is its own is decided by this.
    pub lies: Lies,
    /// What is true now and waits to be told, because too much was told lately.
    pub held: Option<Content>,
    /// When it was told lately, oldest first.
    told: Vec<Tick>,
}

/// A stretch of event time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lies {
    pub onset: Millis,
    pub end: Option<Millis>,
    pub window: (Millis, Millis),
}

/// So many revisions of an alert are told within its rule's `hold`; further ones wait, and are told as one.
const TOLD_AT_ONCE_MAX: usize = 4;

/// How an island is matched with what was said.
pub struct Matching<'a> {
    pub tick: Tick,
    pub rule: RuleId,
    pub zone: ZoneId,
    pub condition: &'a Condition,
    /// The rule or the registry changed at this tick.
    pub rule_changed: bool,
    /// The gap allowed by the rule has passed without data: a safety alert is unconfirmed.
    pub unheard: bool,
    /// So far reaches what left at this tick, when nodes turned out to stand in other zones: it was never about this one.
    pub moved_to: Option<Millis>,
    /// Whether judged panes lie after a moment of event time.
    pub has_data: &'a dyn Fn(Millis) -> bool,
    /// Whether a sensor that the alert may have rested on was withdrawn by itself, and nothing fresh was heard since.
    pub in_doubt: &'a dyn Fn(&Lies) -> bool,
    /// Of a forecast: whether anything came of what was said in this stretch.
    pub came: &'a dyn Fn(Millis, Millis) -> bool,
    /// End of the latest judged pane.
    pub heard_to: Option<Millis>,
}

/// 128-bit stable hash of what an alert is about when it is first raised.
pub fn alert_id(
    rule: RuleId,
    zone: ZoneId,
    node: Option<NodeId>,
    onset: Millis,
    tick: Tick,
) -> AlertId {
    let mut hash = Sha256::new();
    let node = node.as_ref().map_or("", NodeId::as_str);
    for text in [rule.as_str(), zone.as_str(), node] {
        hash.update(text.as_bytes());
        hash.update([0]);
    }
    hash.update(onset.to_be_bytes());
    hash.update(tick.to_be_bytes());
    AlertId(first_bits(hash))
}

/// The first 128 bits of a hash: what an id is made of.
pub(crate) fn first_bits(hash: Sha256) -> u128 {
    let digest = hash.finalize();
    let mut first = [0; 16];
    first.copy_from_slice(&digest[..16]);
    u128::from_be_bytes(first)
}

impl Matching<'_> {
    /// Gives every island its alert, old or new, and settles the alerts that lost theirs.
    /// Answers what has to be said, at most once per alert.
    pub fn apply(&self, islands: &[Island], memory: &mut Vec<Remembered>) -> Vec<Content> {
        memory.sort_by_key(|alert| (alert.first_tick, alert.lies.onset, alert.said.id));
        let doubted: Vec<bool> = memory
            .iter()
            .map(|alert| self.is_doubted(&alert.lies))
            .collect();
        for (alert, doubted) in memory.iter_mut().zip(&doubted) {
            // Whatever is heard next of the same danger confirms it, under its id.
            if *doubted && alert.now().state == State::Unconfirmed {
                let heard_to = self.heard_to.unwrap_or(Millis::MIN);
                alert.lies.window.1 = alert.lies.window.1.max(heard_to);
            }
        }
        // Each island belongs to the oldest alert that it overlaps; each alert keeps its earliest island.
        let mut claimed: Vec<Option<usize>> = vec![None; memory.len()];
        let mut owner: Vec<Option<usize>> = vec![None; islands.len()];
        let mut split_from: Vec<Option<AlertId>> = vec![None; islands.len()];
        for (i, island) in islands.iter().enumerate() {
            for (a, alert) in memory.iter().enumerate() {
                if !alert.overlaps(island) {
                    continue;
                }
                if claimed[a].is_some() {
                    split_from[i] = split_from[i].or(Some(alert.said.id));
                } else {
                    claimed[a] = Some(i);
                    owner[i] = owner[i].or(Some(a));
                }
            }
        }
        let ids: Vec<AlertId> = memory.iter().map(|alert| alert.said.id).collect();
        let mut said = Vec::new();
        for (a, alert) in memory.iter_mut().enumerate() {
            let now = match claimed[a].map(|i| (i, owner[i])) {
                Some((i, oldest)) if oldest == Some(a) => {
                    let island = islands[i];
                    // What a sensor's flaw cuts short is not over by that.
                    let cut_short = alert.now().state.is_open() && island.end.is_some();
                    let island = match doubted[a] && cut_short {
                        true => Island {
                            end: None,
                            unsure: true,
                            ..island
                        },
                        false => island,
                    };
                    self.revise(alert, &island)
                }
                Some((_, oldest)) => self.vanish(alert, oldest.map(|oldest| ids[oldest])),
                None => self.vanish(alert, None),
            };
            said.extend(self.tell(alert, now));
        }
        for (i, island) in islands
            .iter()
            .enumerate()
            .filter(|(i, _)| owner[*i].is_none())
        {
            let alert = self.raise(island, split_from[i]);
            said.push(alert.said.clone());
            memory.push(alert);
        }
        said
    }

    /// A safety alert whose evidence may be gone only because a sensor was withdrawn by itself.
    fn is_doubted(&self, lies: &Lies) -> bool {
        self.condition.value.is_safety() && !self.rule_changed && (self.in_doubt)(lies)
    }

    fn raise(&self, island: &Island, split_from: Option<AlertId>) -> Remembered {
        let id = alert_id(self.rule, self.zone, None, island.onset, self.tick);
        let reason = match split_from {
            Some(_) => Reason::Split,
            None if island.provisional => Reason::NodeAlarm,
            None => Reason::Threshold,
        };
        let state = match self.is_unsure(island) {
            true => State::Unconfirmed,
            false => State::Raised,
        };
        let mut said = self.content(id, island, state, reason);
        said.split_from = split_from;
        if let Some((_, ended)) = island.end {
            // It was over before it was known: people are told once, that it has been.
            said.state = State::Cleared;
            said.reason = match ended {
                Ended::Back => self.back(island),
                Ended::NoData => Reason::NoData,
            };
        }
        Remembered::first(self.tick, said)
    }

    /// Tells what changed, unless too much was told lately: then it waits. What gets worse never does, nor what
    /// people did.
    fn tell(&self, alert: &mut Remembered, now: Option<Content>) -> Option<Content> {
        alert.held = None;
        let now = now?;
        let hold = tick_at(self.condition.hold);
        alert.told.retain(|told| told + hold > self.tick);
        let worse = now.state.is_open() && !alert.said.state.is_open();
        if alert.told.len() >= TOLD_AT_ONCE_MAX && !worse && !self.rule_changed {
            alert.held = Some(now);
            return None;
        }
        alert.tell(self.tick, now.clone());
        Some(now)
    }

    /// Open by what was last heard, which is too old or too saturated to say that it is over or goes on.
    fn is_unsure(&self, island: &Island) -> bool {
        self.unheard || island.unsure
    }

    fn content(&self, id: AlertId, island: &Island, state: State, reason: Reason) -> Content {
        Content {
            id,
            state,
            reason,
            onset: island.onset,
            end: island.end.map(|(end, _)| end),
            peak: island.peak,
            window: island.window,
            heard: island.heard,
            provisional: island.provisional,
            merged_into: None,
            split_from: None,
        }
    }

    /// The alert's island now; something to say only if it changed in what counts.
    fn revise(&self, alert: &mut Remembered, island: &Island) -> Option<Content> {
        alert.lies = Lies::of(island);
        let old = &alert.said;
        let open = island.end.is_none();
        let state = match old.state {
            _ if !open => State::Cleared,
            _ if self.is_unsure(island) => State::Unconfirmed,
            State::Raised => State::Raised,
            _ => State::Updated,
        };
        let mut new = self.content(old.id, island, state, Reason::Threshold);
        new.split_from = old.split_from;
        new.merged_into = None;
        let confirmed = old.provisional && !new.provisional;
        let moved = new.onset != old.onset || (!old.state.is_open() && new.end != old.end);
        new.reason = match (island.end, old.state.is_open()) {
            _ if self.rule_changed => Reason::RuleChange,
            (Some((_, Ended::Back)), true) => self.back(island),
            (Some((_, Ended::NoData)), true) => Reason::NoData,
            (None, true) if state == State::Unconfirmed && old.state != state => Reason::NoData,
            (_, false) => Reason::Correction,
            (None, true) if confirmed => Reason::Confirmed,
            (_, true) if moved => Reason::Correction,
            _ => Reason::Threshold,
        };
        let counts = state != old.state
            || moved
            || confirmed
            || (open && self.rule_changed)
            || new.end != old.end
            || new.merged_into != old.merged_into
            || new.peak.0.abs_diff(old.peak.0) >= self.peak_step();
        if new.state == State::Raised {
            new.state = State::Updated;
        }
        counts.then_some(new)
    }

    /// Why the value came back: a forecast that is not said any more may never have come true.
    fn back(&self, island: &Island) -> Reason {
        let end = island.end.map_or(island.window.1, |(end, _)| end);
        let is_forecast = self.condition.value.ahead() > 0;
        match is_forecast && !(self.came)(island.onset, end) {
            true => Reason::DidNotCome,
            false => Reason::BackToNormal,
        }
    }

    /// By so much a peak has to move, either way, from what was told of it.
    fn peak_step(&self) -> u64 {
        match self.condition.peak_step {
            Milli(0) => (self.condition.raise_at.0.unsigned_abs() / 10).max(1),
            step => step.0.unsigned_abs(),
        }
    }

    /// No island is left for the alert: it is part of another one, or it was never true.
    fn vanish(&self, alert: &Remembered, merged_into: Option<AlertId>) -> Option<Content> {
        let old = &alert.said;
        let merged = merged_into.is_some();
        if old.state == State::Cancelled {
            return None;
        }
        // Evidence that was withdrawn is not evidence that all is well; what has gone to another zone speaks there.
        let moved = self.moved_to.is_some_and(|end| old.onset < end);
        let unheard = !self.rule_changed && !moved && !(self.has_data)(old.onset);
        let withdrawn = unheard || self.is_doubted(&alert.lies);
        let state = match self.condition.value.is_safety() && withdrawn && !merged {
            true if !old.state.is_open() => return None,
            true => State::Unconfirmed,
            false => State::Cancelled,
        };
        if state == old.state {
            return None;
        }
        let reason = match (merged, self.rule_changed) {
            (true, _) => Reason::Merged,
            (false, true) => Reason::RuleChange,
            (false, false) if old.provisional && !withdrawn && !moved => Reason::Refuted,
            (false, false) => Reason::Correction,
        };
        Some(Content {
            state,
            reason,
            window: alert.lies.window,
            merged_into,
            ..old.clone()
        })
    }
}

impl Remembered {
    pub fn first(tick: Tick, said: Content) -> Remembered {
        Remembered {
            first_tick: tick,
            lies: Lies {
                onset: said.onset,
                end: said.end,
                window: said.window,
            },
            said,
            held: None,
            told: vec![tick],
        }
    }

    /// As it is by what is known now, told or not.
    pub fn now(&self) -> &Content {
        self.held.as_ref().unwrap_or(&self.said)
    }

    /// From now on people know it so.
    pub fn tell(&mut self, tick: Tick, now: Content) {
        self.said = now;
        self.held = None;
        self.told.push(tick);
    }

    /// When what is held may be told.
    pub fn told_again_at(&self, hold: Millis) -> Option<Tick> {
        let after = self.told.len().checked_sub(TOLD_AT_ONCE_MAX)?;
        let oldest = self.told.get(after)?;
        self.held.as_ref().map(|_| oldest + tick_at(hold))
    }

    /// The island is where this alert was last seen to lie, and has ended.
    pub fn is_all_of(&self, island: &Island) -> bool {
        let ended = island.end.map(|(end, _)| end);
        (self.lies.onset, self.lies.end) == (island.onset, ended)
    }

    /// They share event time, or touch. What is part of another alert has no island of its own any more.
    fn overlaps(&self, island: &Island) -> bool {
        let now = self.now();
        let other = Lies::of(island);
        now.merged_into.is_none()
            && other.onset <= self.lies.until()
            && self.lies.onset <= other.until()
    }
}

impl Lies {
    fn of(island: &Island) -> Lies {
        Lies {
            onset: island.onset,
            end: island.end.map(|(end, _)| end),
            window: island.window,
        }
    }

    pub fn until(&self) -> Millis {
        self.end.unwrap_or(self.window.1).max(self.onset)
    }
}
