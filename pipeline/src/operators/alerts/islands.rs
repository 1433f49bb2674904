//! Islands: runs of breaches in event time, judged with hysteresis and duration.
//!
//! A pure fold over judged panes in time order. It does not know ids, ticks or what was said before.

use serde::{Deserialize, Serialize};
use wire::Milli;

use crate::calendar::Millis;
use crate::rules::Condition;

/// A pane as a rule sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Judged {
    pub start: Millis,
    pub end: Millis,
    pub value: Milli,
    pub heard: u32,
    /// Still open: may raise, never clears.
    pub open: bool,
    /// The true value is at least (or at most) this: for safety values no evidence of calm.
    pub saturated: bool,
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
}

/// A run in the making.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Run {
    island: Island,
    raised: bool,
    /// Start of the first of the panes at the end that no longer hold.
    back_since: Option<Millis>,
}

/// Where the fold stands after some pane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    run: Option<Run>,
}

impl Machine {
    /// Judges the next pane; answers a raised island that ended before or in it.
    pub fn step(&mut self, condition: &Condition, pane: &Judged) -> Option<Island> {
        let ended = self.end_by_gap(condition, pane.start);
        match &mut self.run {
            Some(run) if run.raised => {
                run.go_on(condition, pane);
                return ended.or_else(|| self.end_if_back(condition, pane.end));
            }
            Some(run) if condition.raises(pane.value) => run.go_on(condition, pane),
            // While it is not raised, every pane must raise; one that does not ends the run unsaid.
            Some(_) if !pane.open => self.run = None,
            Some(_) => {}
            None if condition.raises(pane.value) => {
                let island = Island {
                    onset: pane.start,
                    end: None,
                    peak: pane.value,
                    window: (pane.start, pane.end),
                    heard: pane.heard,
                    unsure: false,
                };
                self.run = Some(Run {
                    island,
                    raised: false,
                    back_since: None,
                });
            }
            None => {}
        }
        if let Some(run) = &mut self.run {
            run.raised |= run.island.window.1 - run.island.onset >= condition.raise_after;
        }
        ended
    }

    /// The run that still lasts, if it is raised.
    pub fn lasting(&self) -> Option<Island> {
        self.run.filter(|run| run.raised).map(|run| run.island)
    }

    /// End of the latest pane of the run that lasts, raised or not.
    pub fn last_end(&self) -> Option<Millis> {
        self.run.map(|run| run.island.window.1)
    }

    /// Nothing was heard for longer than the rule allows up to `now`: the run ends where data ended.
    pub fn end_by_gap(&mut self, condition: &Condition, now: Millis) -> Option<Island> {
        let run = self.run?;
        let last = run.island.window.1;
        if condition.value.is_safety() || now - last <= condition.gap_max {
            return None;
        }
        self.run = None;
        run.raised.then_some(Island {
            end: Some((last, Ended::NoData)),
            ..run.island
        })
    }

    fn end_if_back(&mut self, condition: &Condition, now: Millis) -> Option<Island> {
        let run = self.run?;
        let since = run
            .back_since
            .filter(|since| now - since >= condition.clear_after)?;
        self.run = None;
        Some(Island {
            end: Some((since, Ended::Back)),
            ..run.island
        })
    }
}

impl Run {
    fn go_on(&mut self, condition: &Condition, pane: &Judged) {
        let holds = condition.holds(pane.value);
        self.island.unsure = !holds && pane.saturated && condition.value.is_safety();
        if holds || self.island.unsure {
            self.back_since = None;
            self.island.peak = condition.worse(self.island.peak, pane.value);
        } else if !pane.open {
            self.back_since = self.back_since.or(Some(pane.start));
        }
        self.island.window = (pane.start, pane.end);
        self.island.heard = pane.heard;
    }
}
