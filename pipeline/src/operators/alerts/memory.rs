//! What was said of a (rule, zone) and under which ids: the part of an alert that is remembered.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use wire::{Milli, NodeId, RuleId, ZoneId};

use super::islands::{Ended, Island};
use crate::alert::{AlertId, Reason, State};
use crate::calendar::{Millis, Tick};
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
    pub said: Content,
}

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
    /// Whether judged panes lie after a moment of event time.
    pub has_data: &'a dyn Fn(Millis) -> bool,
    /// Whether a sensor that the alert may have rested on was withdrawn by itself, and nothing fresh was heard since.
    pub in_doubt: &'a dyn Fn(&Content) -> bool,
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
    let digest = hash.finalize();
    let mut first = [0; 16];
    first.copy_from_slice(&digest[..16]);
    AlertId(u128::from_be_bytes(first))
}

impl Matching<'_> {
    /// Gives every island its alert, old or new, and settles the alerts that lost theirs.
    /// Answers what has to be said, at most once per alert.
    pub fn apply(&self, islands: &[Island], memory: &mut Vec<Remembered>) -> Vec<Content> {
        memory.sort_by_key(|alert| (alert.first_tick, alert.said.onset, alert.said.id));
        let doubted: Vec<bool> = memory
            .iter()
            .map(|alert| self.is_doubted(&alert.said))
            .collect();
        for (alert, doubted) in memory.iter_mut().zip(&doubted) {
            // Whatever is heard next of the same danger confirms it, under its id.
            if *doubted && alert.said.state == State::Unconfirmed {
                alert.said.window.1 = alert
                    .said
                    .window
                    .1
                    .max(self.heard_to.unwrap_or(Millis::MIN));
            }
        }
        // Each island belongs to the oldest alert that it overlaps; each alert keeps its earliest island.
        let mut claimed: Vec<Option<usize>> = vec![None; memory.len()];
        let mut owner: Vec<Option<usize>> = vec![None; islands.len()];
        let mut split_from: Vec<Option<AlertId>> = vec![None; islands.len()];
        for (i, island) in islands.iter().enumerate() {
            for (a, alert) in memory.iter().enumerate() {
                if !overlaps(island, &alert.said) {
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
        let mut said = Vec::new();
        for (a, alert) in memory.iter_mut().enumerate() {
            match claimed[a] {
                Some(i) if owner[i] == Some(a) => {
                    let island = islands[i];
                    // What a sensor's flaw cuts short is not over by that.
                    let cut_short = alert.said.state.is_open() && island.end.is_some();
                    let island = match doubted[a] && cut_short {
                        true => Island {
                            end: None,
                            unsure: true,
                            ..island
                        },
                        false => island,
                    };
                    said.extend(self.revise(alert, &island));
                }
                Some(i) => {
                    let kept = owner[i].map(|oldest| oldest as u64);
                    said.extend(self.vanish(alert, kept.is_some()));
                }
                None => said.extend(self.vanish(alert, false)),
            }
        }
        // Names of those merged into need the owner's id, known only now.
        for (a, claim) in claimed.iter().enumerate() {
            let Some(oldest) = claim.and_then(|i| owner[i]).filter(|oldest| *oldest != a) else {
                continue;
            };
            let (id, into) = (memory[a].said.id, memory[oldest].said.id);
            memory[a].said.merged_into = Some(into);
            said.iter_mut()
                .filter(|c| c.id == id)
                .for_each(|c| c.merged_into = Some(into));
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
    fn is_doubted(&self, said: &Content) -> bool {
        self.condition.value.is_safety() && !self.rule_changed && (self.in_doubt)(said)
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
                Ended::Back => Reason::BackToNormal,
                Ended::NoData => Reason::NoData,
            };
        }
        Remembered {
            first_tick: self.tick,
            said,
        }
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

    /// The alert's island now; a revision only if it changed in what counts.
    fn revise(&self, alert: &mut Remembered, island: &Island) -> Option<Content> {
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
            (Some((_, Ended::Back)), true) => Reason::BackToNormal,
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
            || new.end != old.end
            || new.merged_into != old.merged_into
            || self.peak_step(new.peak) != self.peak_step(old.peak);
        if counts && new.state == State::Raised {
            new.state = State::Updated;
        }
        if counts {
            alert.said = new.clone();
        } else {
            // Not said, but it decides which alert a later island belongs to.
            alert.said.window = new.window;
        }
        counts.then_some(new)
    }

    /// Tenths of the threshold: a peak is said again when it has risen by one.
    fn peak_step(&self, peak: Milli) -> i64 {
        let step = (self.condition.raise_at.0.abs() / 10).max(1);
        (peak.0 - self.condition.raise_at.0).div_euclid(step)
    }

    /// No island is left for the alert.
    fn vanish(&self, alert: &mut Remembered, merged: bool) -> Option<Content> {
        let old = &alert.said;
        if old.state == State::Cancelled {
            return None;
        }
        // Evidence that was withdrawn is not evidence that all is well.
        let unheard = !self.rule_changed && !(self.has_data)(old.onset);
        let withdrawn = unheard || self.is_doubted(old);
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
            (false, false) if old.provisional && !withdrawn => Reason::Refuted,
            (false, false) => Reason::Correction,
        };
        alert.said = Content {
            state,
            reason,
            ..old.clone()
        };
        Some(alert.said.clone())
    }
}

/// They share event time, or touch.
fn overlaps(island: &Island, said: &Content) -> bool {
    let end = |end: Option<Millis>, window: (Millis, Millis)| end.unwrap_or(window.1);
    if said.merged_into.is_some() {
        return false;
    }
    island.onset <= end(said.end, said.window).max(said.onset)
        && said.onset <= end(island.end.map(|(at, _)| at), island.window)
}
