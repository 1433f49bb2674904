//! Which runs of breaches become alerts: one pass over a zone's judged panes in event time.

use pipeline::calendar::Millis;
use pipeline::output::Figures;
use pipeline::rules::{Condition, Danger, Statistic};
use wire::Milli;

use super::ZonePane;

/// A pane as its rule sees it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Judged {
    start: Millis,
    end: Millis,
    value: Milli,
    saturated: bool,
    /// The worst reading with which a node raised its own alarm, if it is past the threshold.
    alarm: Option<Milli>,
    condition: Condition,
}

impl Judged {
    pub(super) fn new(pane: &ZonePane, condition: Condition) -> Judged {
        Judged {
            start: pane.start,
            end: pane.end,
            value: statistic(&pane.figures, condition.statistic),
            saturated: pane.figures.saturated,
            alarm: pane
                .alarms
                .filter(|_| condition.statistic != Statistic::Count)
                .map(|(least, greatest)| worse(&condition, least, greatest))
                .filter(|&value| raises(&condition, value)),
            condition,
        }
    }
}

/// A raised run of breaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Island {
    pub onset: Millis,
    pub end: End,
    /// Worst value from onset to end.
    pub peak: Milli,
}

/// How a run ended, if it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Open,
    /// A safety alert that nothing is heard about any more.
    Unconfirmed,
    BackToNormal(Millis),
    NoData(Millis),
}

impl End {
    pub(super) fn is_over(self) -> bool {
        matches!(self, End::BackToNormal(_) | End::NoData(_))
    }
}

/// `is_quiet` tells whether nothing newer than a pane ending then was heard for too long.
pub(super) fn find(
    judged: &[Judged],
    safety: bool,
    is_quiet: impl Fn(Millis) -> bool,
) -> Vec<Island> {
    let mut islands = Vec::new();
    let mut run: Option<Run> = None;
    for pane in judged {
        if let Some(current) = run
            && !safety
            && pane.start - current.last_end > pane.condition.gap_max
        {
            islands.extend(current.ended(End::NoData(current.last_end)));
            run = None;
        }
        let mut next = match run {
            None if raises(&pane.condition, pane.value) || pane.alarm.is_some() => {
                Run::starting(pane)
            }
            None => continue,
            Some(current) => match current.taking(pane, safety) {
                Some(next) => next,
                None => {
                    run = None;
                    continue;
                }
            },
        };
        next.last_end = pane.end;
        next.end_of_pane(pane);
        run = match next.back_since {
            Some(back) if pane.end - back >= pane.condition.clear_after => {
                islands.extend(next.ended(End::BackToNormal(back)));
                None
            }
            _ => Some(next),
        };
    }
    if let Some(last) = run {
        islands.extend(last.ended(match (is_quiet(last.last_end), safety) {
            (false, _) if last.unsure => End::Unconfirmed,
            (false, _) => End::Open,
            (true, true) => End::Unconfirmed,
            (true, false) => End::NoData(last.last_end),
        }));
    }
    islands
}

// In words of its own: the oracle does not ask the rule core that it checks.

fn raises(condition: &Condition, value: Milli) -> bool {
    match condition.direction {
        Danger::Above => value >= condition.raise_at,
        Danger::Below => value <= condition.raise_at,
    }
}

fn holds(condition: &Condition, value: Milli) -> bool {
    match condition.direction {
        Danger::Above => value >= condition.clear_at,
        Danger::Below => value <= condition.clear_at,
    }
}

fn worse(condition: &Condition, one: Milli, other: Milli) -> Milli {
    match condition.direction {
        Danger::Above => one.max(other),
        Danger::Below => one.min(other),
    }
}

/// A run of breaches that goes on, raised or still a candidate.
#[derive(Clone, Copy)]
struct Run {
    onset: Millis,
    raised: bool,
    back_since: Option<Millis>,
    last_end: Millis,
    peak: Milli,
    /// The last pane would have been calm, had it not been saturated.
    unsure: bool,
    /// Only nodes' own alarms say so yet.
    alone: bool,
    /// Start of the panes at the end that raise without a break, and the worst of them.
    streak: Option<(Millis, Milli)>,
}

impl Run {
    fn starting(pane: &Judged) -> Run {
        Run {
            onset: pane.start,
            raised: false,
            back_since: None,
            last_end: pane.end,
            peak: pane.value,
            unsure: false,
            alone: false,
            streak: None,
        }
    }

    /// What a pane, taken in, makes of the run: an alarm raises it alone, a streak that lasts makes it the zone's own.
    fn end_of_pane(&mut self, pane: &Judged) {
        let raising = raises(&pane.condition, pane.value);
        self.streak = raising.then(|| match self.streak {
            Some((since, peak)) => (since, worse(&pane.condition, peak, pane.value)),
            None => (pane.start, pane.value),
        });
        let lasting = self
            .streak
            .filter(|(since, _)| pane.end - since >= pane.condition.raise_after);
        if self.raised && !self.alone {
            return;
        }
        if let Some((since, peak)) = lasting {
            (self.raised, self.alone) = (true, false);
            (self.onset, self.peak) = (since, peak);
        } else if let Some(alarm) = pane.alarm {
            (self.raised, self.alone) = (true, true);
            self.peak = worse(&pane.condition, self.peak, alarm);
        }
    }

    /// `None` when a candidate fell short.
    fn taking(mut self, pane: &Judged, safety: bool) -> Option<Run> {
        if self.alone || !self.raised && pane.alarm.is_some() {
            let saturated = safety && pane.saturated;
            let calm = !holds(&pane.condition, pane.value) && !saturated;
            self.unsure = saturated && !holds(&pane.condition, pane.value);
            // The pane of an alarm does not refute it.
            return (!calm || pane.alarm.is_some()).then_some(self);
        }
        // A saturated value is «at least» what it says: it is no evidence of calm.
        let holds = holds(&pane.condition, pane.value);
        self.unsure = safety && pane.saturated && !holds;
        if !self.raised && !raises(&pane.condition, pane.value) {
            return None;
        }
        if holds || self.unsure {
            self.back_since = None;
        } else {
            self.back_since = Some(self.back_since.unwrap_or(pane.start));
        }
        if self.back_since.is_none() {
            self.peak = worse(&pane.condition, self.peak, pane.value);
        }
        Some(self)
    }

    /// Only a raised run was ever an alert.
    fn ended(self, end: End) -> Option<Island> {
        self.raised.then_some(Island {
            onset: self.onset,
            end,
            peak: self.peak,
        })
    }
}

fn statistic(figures: &Figures, statistic: Statistic) -> Milli {
    match statistic {
        Statistic::Mean => figures.mean,
        Statistic::Min => figures.min,
        Statistic::Max => figures.max,
        Statistic::Last => figures.last,
        Statistic::Count => Milli::whole(figures.count as i64),
    }
}
