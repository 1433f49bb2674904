//! The pure judgement of a sensor by what it says: its flaws, each judged over a run of panes in event time.
//!
//! - *stuck*: every reading of at least three panes is the same to the thousandth, for so long. A gap longer than that
//!   begins anew; shorter ones do not help a stuck sensor.
//! - *spiking*: a pane spikes when its greatest and least reading are so far apart, or its mean lies so far above (or
//!   below) those of both panes beside it in time. So many such panes within a time are a flaw.
//! - *out of range*: a reading that this sensor cannot say. Saturation is no flaw: it is a bound on the true value.
//! - *disagreeing*: the pane's mean is further than so much from the median of the zone's other nodes, of which at least
//!   two were heard, for so long. Of an even number both in the middle count: whoever lies between them, or near one
//!   of them, agrees. So one wild node of three does not make the other two look wild.
//! - a loop detector's own failures: [`super::traffic::detector`].
//!
//! A flaw's *spell* reaches from the first bad pane to the last one and some time to recover; it is decided at the end of
//! the pane with which the evidence is complete, and lasts until a pane after it is good. Nothing here depends on when
//! panes arrive.

use serde::{Deserialize, Serialize};
use wire::Milli;

use super::traffic::detector::{Detector, chatter};
use crate::calendar::Millis;
use crate::quality::{DETECTOR_RECOVERS_AFTER, Flaw, Neighbours, QualityRule, SPIKES_MAX, Spike};

/// Panes that a stuck sensor must have said.
const STUCK_PANES: u32 = 3;

/// One pane of a node as it is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Seen {
    pub start: Millis,
    pub end: Millis,
    pub mean: Milli,
    pub min: Milli,
    pub max: Milli,
    /// A reading stood at the end of the sensor's range: the true values are at least (or at most) these.
    pub saturated: bool,
    /// The other nodes' median (the two in the middle, of an even number); `None` with fewer than two others.
    pub others: Option<(Milli, Milli)>,
}

/// A stretch of bad behaviour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Spell {
    pub flaw: Flaw,
    pub from: Millis,
    /// `None` while it lasts.
    pub until: Option<Millis>,
    /// End of the pane with which the evidence was complete, event time.
    pub decided: Millis,
}

/// Where the judgement stands after some pane.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judge {
    stuck: Option<Held>,
    /// The last spiking panes in order, as many as the rule counts: start and end.
    spikes: Vec<(Millis, Millis)>,
    /// Its jump is judged when its successor is known.
    last: Option<Last>,
    apart: Option<Run>,
    detector: Detector,
    /// By [`Flaw::ALL`].
    spells: [Option<Open>; Flaw::ALL.len()],
}

/// The last pane and the mean before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Last {
    start: Millis,
    end: Millis,
    before: Option<Milli>,
    mean: Milli,
    /// It is a spike whatever comes after it.
    spreads: bool,
}

/// A run of panes with one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Held {
    value: Milli,
    run: Run,
}

/// Bad panes in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Run {
    pub(super) from: Millis,
    pub(super) end: Millis,
    panes: u32,
}

/// A spell that lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Open {
    from: Millis,
    /// End of the last bad pane.
    bad_until: Millis,
    decided: Millis,
}

impl Judge {
    /// Judges the next pane in time; `over` hears of spells that ended before it.
    pub fn step(&mut self, rule: &QualityRule, pane: &Seen, over: &mut dyn FnMut(Spell)) {
        for flaw in Flaw::ALL {
            let (bad, recover) = self.judge(flaw, rule, pane);
            let open = &mut self.spells[flaw as usize];
            // A spell that a pane goes on with does not end before it.
            let goes_on =
                |open: &Open| bad.is_some_and(|(from, _)| from < open.bad_until + recover);
            if let Some(ended) =
                open.take_if(|open| !goes_on(open) && pane.start >= open.bad_until + recover)
            {
                over(ended.spell(flaw, Some(ended.bad_until + recover)));
            }
            if let Some((from, bad_until)) = bad {
                let decided = pane.end;
                let open = open.get_or_insert(Open {
                    from,
                    bad_until,
                    decided,
                });
                open.bad_until = open.bad_until.max(bad_until);
            }
        }
    }

    /// Start and end of the bad panes that the pane completes, and how long after them the sensor stays withdrawn.
    fn judge(
        &mut self,
        flaw: Flaw,
        rule: &QualityRule,
        pane: &Seen,
    ) -> (Option<(Millis, Millis)>, Millis) {
        let limits = rule.detector.unwrap_or_default();
        let detector = &mut self.detector;
        // How long is looked for this flaw is also how long it stays withdrawn, if the rule does not say.
        let (bad, looked) = match flaw {
            Flaw::Stuck => (
                rule.stuck.and_then(|lasting| self.stuck(lasting, pane)),
                rule.stuck,
            ),
            Flaw::Spiking => (
                rule.spike.and_then(|spike| self.spiking(&spike, pane)),
                rule.spike.map(|spike| spike.within),
            ),
            Flaw::OutOfRange => (
                rule.range.and_then(|range| out_of_range(range, pane)),
                rule.range.map(|_| pane.end - pane.start),
            ),
            Flaw::Disagreeing => (
                rule.neighbours.and_then(|limit| self.apart(&limit, pane)),
                rule.neighbours.map(|limit| limit.lasting),
            ),
            // Counted beside its flags.
            Flaw::Failing => return (None, 0),
            Flaw::NoHits => {
                let bad = limits
                    .no_hits
                    .and_then(|limit| detector.no_hits(limit, pane));
                return (bad, 0);
            }
            Flaw::NoChange => {
                let bad = limits
                    .no_change
                    .and_then(|limit| detector.no_change(limit, pane));
                return (bad, 0);
            }
            Flaw::Chatter => (
                limits.chatter.and_then(|limit| chatter(limit, pane)),
                Some(DETECTOR_RECOVERS_AFTER),
            ),
            Flaw::LockedOn => (
                limits
                    .locked_on
                    .and_then(|limit| detector.locked_on(limit, pane)),
                Some(DETECTOR_RECOVERS_AFTER),
            ),
            Flaw::OccupancySpikes => (
                limits
                    .occupancy_spikes
                    .and_then(|limit| detector.occupancy_spikes(limit, pane)),
                Some(DETECTOR_RECOVERS_AFTER),
            ),
        };
        (bad, rule.recover.or(looked).unwrap_or(0))
    }

    /// The spells that last.
    pub fn lasting(&self) -> impl Iterator<Item = Spell> {
        Flaw::ALL
            .into_iter()
            .filter_map(|flaw| Some(self.spells[flaw as usize]?.spell(flaw, None)))
    }

    /// Nothing is remembered that a later pane could be judged by.
    pub fn is_idle(&self) -> bool {
        *self == Judge::default()
    }

    /// Start and end of the stuck run that the pane goes on, if it is complete.
    fn stuck(&mut self, lasting: Millis, pane: &Seen) -> Option<(Millis, Millis)> {
        let constant = pane.min == pane.max;
        let held = self
            .stuck
            .filter(|held| constant && held.value == pane.max && held.run.reaches(pane, lasting));
        let run = Run::going_on(held.map(|held| held.run), pane);
        let value = pane.max;
        self.stuck = constant.then_some(Held { value, run });
        let complete = constant && run.panes >= STUCK_PANES && run.end - run.from >= lasting;
        complete.then_some((run.from, run.end))
    }

    /// Start and end of the last spikes, if with this pane they are as many as the rule counts.
    fn spiking(&mut self, spike: &Spike, pane: &Seen) -> Option<(Millis, Millis)> {
        let spreads = pane.max.0.saturating_sub(pane.min.0) >= spike.by.0;
        // The last pane's neighbours are known now; a pane is one spike, not two.
        let jumped = self
            .last
            .filter(|last| !last.spreads && last.jumps(spike, pane.mean));
        let bad = jumped.and_then(|last| self.add_spike(spike, last.start, last.end));
        let own = spreads
            .then(|| self.add_spike(spike, pane.start, pane.end))
            .flatten();
        self.last = Some(Last {
            start: pane.start,
            end: pane.end,
            before: self.last.map(|last| last.mean),
            mean: pane.mean,
            spreads,
        });
        match (bad, own) {
            (Some((from, _)), Some((_, end))) => Some((from, end)),
            (bad, own) => bad.or(own),
        }
    }

    fn add_spike(&mut self, spike: &Spike, start: Millis, end: Millis) -> Option<(Millis, Millis)> {
        let count = spike.count.clamp(1, SPIKES_MAX) as usize;
        self.spikes.push((start, end));
        if self.spikes.len() > count {
            self.spikes.remove(0);
        }
        let from = self.spikes[0].0;
        (self.spikes.len() == count && end - from <= spike.within).then_some((from, end))
    }

    /// Start and end of the run of disagreement that the pane goes on, if it is complete.
    fn apart(&mut self, limit: &Neighbours, pane: &Seen) -> Option<(Millis, Millis)> {
        let (low, high) = pane.others?;
        let disagrees = pane.mean.0 > high.0.saturating_add(limit.by.0)
            || pane.mean.0 < low.0.saturating_sub(limit.by.0);
        let before = self.apart.filter(|run| run.reaches(pane, limit.lasting));
        self.apart = disagrees.then(|| Run::going_on(before, pane));
        let run = self.apart?;
        (run.end - run.from >= limit.lasting).then_some((run.from, run.end))
    }
}

impl Last {
    /// Above the means of both panes beside it, or below both, by so much.
    fn jumps(&self, spike: &Spike, after: Milli) -> bool {
        let Some(before) = self.before else {
            return false;
        };
        let up = self.mean.0.saturating_sub(before.0.max(after.0));
        let down = before.0.min(after.0).saturating_sub(self.mean.0);
        up.max(down) >= spike.by.0
    }
}

impl Run {
    /// Whether the run goes on to the pane: a gap of more than `lasting` ends it.
    pub(super) fn reaches(&self, pane: &Seen, lasting: Millis) -> bool {
        pane.start - self.end <= lasting
    }

    pub(super) fn going_on(before: Option<Run>, pane: &Seen) -> Run {
        Run {
            from: before.map_or(pane.start, |run| run.from),
            end: pane.end,
            panes: before.map_or(1, |run| run.panes.saturating_add(1)),
        }
    }
}

impl Open {
    fn spell(&self, flaw: Flaw, until: Option<Millis>) -> Spell {
        Spell {
            flaw,
            from: self.from,
            until,
            decided: self.decided,
        }
    }
}

fn out_of_range((low, high): (Milli, Milli), pane: &Seen) -> Option<(Millis, Millis)> {
    (pane.min < low || pane.max > high).then_some((pane.start, pane.end))
}

/// The median of all figures but the one at `place`: the two in the middle of an even number, one and the same of an
/// odd one. `figures` ascend; `None` with fewer than two others.
pub fn median_of_others(figures: &[Milli], place: usize) -> Option<(Milli, Milli)> {
    let others = figures.len().checked_sub(1).filter(|others| *others >= 2)?;
    let nth = |n: usize| figures.get(n + usize::from(n >= place)).copied();
    Some((nth((others - 1) / 2)?, nth(others / 2)?))
}
