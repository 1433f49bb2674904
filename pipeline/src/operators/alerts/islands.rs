//! Islands: runs of breaches in event time, judged with hysteresis and duration.
//!
//! A pure fold over judged panes in time order, with the rule core that the nodes have too. It does not know ids, ticks
//! or what was said before.

use serde::{Deserialize, Serialize};
use wire::rule::{self, Danger, Evidence, Threshold, Turn, Weight};
use wire::{Measurement, Milli};

use crate::calendar::Millis;
use crate::rules::Condition;

/// A pane as a rule sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Judged {
    pub start: Millis,
    pub end: Millis,
    /// `None` while nothing but a node's alarm is known of it.
    pub value: Option<Milli>,
    pub heard: u32,
    /// Still open: may raise, never clears.
    pub open: bool,
    /// The true value is at least (or at most) this: for safety values no evidence of calm.
    pub saturated: bool,
    /// The worst value by which a node raised its own alarm in this pane.
    pub alarm: Option<Milli>,
}

/// The readings of one pane with which nodes of the zone raised their own alarms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Alarmed {
    pub start: Millis,
    pub end: Millis,
    pub least: Milli,
    pub greatest: Milli,
    /// Nodes that did.
    pub heard: u32,
}

impl Alarmed {
    /// Its pane, before the zone has a value for it.
    pub fn alone(&self) -> Judged {
        Judged {
            start: self.start,
            end: self.end,
            value: None,
            heard: self.heard,
            open: true,
            saturated: false,
            alarm: None,
        }
    }

    /// The reading that is furthest past a threshold on this side.
    pub fn worst(&self, danger: Danger) -> Milli {
        match danger {
            Danger::Above => self.greatest,
            Danger::Below => self.least,
        }
    }
}

/// Why an island ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Ended {
    /// The value came back.
    Back,
    /// Nothing was heard for longer than the rule allows.
    NoData,
}

/// A raised run of breaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Island {
    pub onset: Millis,
    /// `None` while it lasts.
    pub end: Option<(Millis, Ended)>,
    /// Worst value from onset to end.
    pub peak: Milli,
    /// The latest pane that was judged in it.
    pub window: (Millis, Millis),
    pub heard: u32,
    /// The latest pane would have been calm, had it not been saturated.
    pub unsure: bool,
    /// A node says so, and the zone's own values not yet.
    pub provisional: bool,
}

/// Where the fold stands after some pane: the rule core, and what of the panes is told beside it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    core: rule::Machine,
    seen: Option<Seen>,
}

/// What the panes of the run have shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Seen {
    /// While the run is provisional, the alarm's.
    peak: Milli,
    /// Worst of the zone's own values since they raise without a break.
    own: Option<Milli>,
    window: (Millis, Millis),
    heard: u32,
    unsure: bool,
}

impl Machine {
    /// Judges the next pane; answers a raised island that ended before or in it.
    pub fn step(&mut self, condition: &Condition, pane: &Judged) -> Option<Island> {
        let ended = self.end_by_gap(condition, pane.start);
        let before = self.island();
        let threshold = condition.threshold();
        let weight = pane.weight(condition, &threshold);
        let evidence = Evidence {
            start_ms: pane.start,
            end_ms: pane.end,
            weight,
            open: pane.open,
            alarm: pane.alarm.is_some_and(|value| threshold.raises(value)),
        };
        match self.core.step(&threshold, &evidence) {
            Turn::Quiet => {}
            Turn::Began | Turn::Went | Turn::Confirmed => {
                let provisional = self.core.run().is_some_and(|run| run.is_provisional());
                let seen = self.seen.get_or_insert_with(|| Seen::first(pane));
                seen.go_on(pane, weight, &threshold, provisional);
                let past = pane.value.is_none_or(|value| threshold.holds(value));
                seen.unsure = condition.value.is_safety() && pane.saturated && !past;
            }
            Turn::Dropped => self.seen = None,
            Turn::Ended { since_ms } => {
                self.seen = None;
                let island = before.map(|island| Island {
                    end: Some((since_ms, Ended::Back)),
                    window: (pane.start, pane.end),
                    heard: pane.heard,
                    unsure: false,
                    ..island
                });
                return ended.or(island);
            }
        }
        ended
    }

    /// The run that still lasts, if it is raised.
    pub fn lasting(&self) -> Option<Island> {
        self.island()
    }

    /// End of the latest pane of the run that lasts, raised or not.
    pub fn last_end(&self) -> Option<Millis> {
        self.core.run().map(|run| run.last_ms)
    }

    /// Nothing was heard for longer than the rule allows up to `now`: the run ends where data ended.
    pub fn end_by_gap(&mut self, condition: &Condition, now: Millis) -> Option<Island> {
        let last = self.last_end()?;
        if condition.value.is_safety() || now - last <= condition.gap_max {
            return None;
        }
        let island = self.island();
        *self = Machine::default();
        island.map(|island| Island {
            end: Some((last, Ended::NoData)),
            ..island
        })
    }

    fn island(&self) -> Option<Island> {
        let run = self.core.run().filter(|run| run.is_raised())?;
        let seen = self.seen?;
        Some(Island {
            onset: run.onset_ms,
            end: None,
            peak: seen.peak,
            window: seen.window,
            heard: seen.heard,
            unsure: seen.unsure,
            provisional: run.is_provisional(),
        })
    }
}

impl Judged {
    /// What it proves. A saturated value of a safety quantity is a bound: it never proves calm.
    fn weight(&self, condition: &Condition, threshold: &Threshold) -> Weight {
        let Some(value) = self.value else {
            return Weight::Between;
        };
        match threshold.weigh(Measurement::Value(value)) {
            Weight::Calm if self.saturated && condition.value.is_safety() => Weight::Between,
            weight => weight,
        }
    }
}

impl Seen {
    fn first(pane: &Judged) -> Seen {
        Seen {
            peak: pane.value.or(pane.alarm).unwrap_or_default(),
            own: None,
            window: (pane.start, pane.end),
            heard: pane.heard,
            unsure: false,
        }
    }

    fn go_on(&mut self, pane: &Judged, weight: Weight, threshold: &Threshold, provisional: bool) {
        let worse = |a: Option<Milli>, b: Option<Milli>| match (a, b) {
            (Some(a), Some(b)) => Some(threshold.worse(a, b)),
            (a, b) => a.or(b),
        };
        match weight {
            Weight::Raises => self.own = worse(self.own, pane.value),
            // What a raised run has seen stays its own.
            Weight::Between if !provisional => self.own = worse(self.own, pane.value),
            Weight::Between if pane.value.is_none() => {}
            _ if provisional && !pane.open => self.own = None,
            _ => {}
        }
        self.peak = match (provisional, pane.alarm, self.own) {
            (true, Some(alarm), _) => threshold.worse(self.peak, alarm),
            (true, None, _) => self.peak,
            // The values of all stand for themselves: what an alarm alone said counts no more.
            (false, _, Some(own)) => own,
            (false, _, None) => self.peak,
        };
        self.window = (pane.start, pane.end);
        self.heard = pane.heard;
    }
}
