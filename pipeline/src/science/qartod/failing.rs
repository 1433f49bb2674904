//! When failing panes withdraw a sensor's readings: so many of them within a time.

use serde::{Deserialize, Serialize};

use super::pane::Fails;
use crate::calendar::Millis;
use crate::quality::{Flaw, SPIKES_MAX};
use crate::science::quality::{Seen, Spell};

/// Where the count stands after some pane.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failing {
    /// The last failing panes in order, as many as the rule counts: start and end.
    fails: Vec<(Millis, Millis)>,
    /// The last pane, while it may still turn out to fail: it is a spike when its successor is known.
    last: Option<(Millis, Millis)>,
    open: Option<Open>,
}

/// A spell that lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Open {
    from: Millis,
    /// End of the last failing pane.
    bad_until: Millis,
    decided: Millis,
}

/// What is known of a pane and the one before it, now that the pane is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// The pane fails, whatever comes after it.
    pub own: bool,
    /// The one before was a spike.
    pub before: bool,
}

impl Failing {
    /// Counts the next pane in time; answers a spell that ended before it. Readings stay withdrawn for `recover` after the
    /// last failing pane, or as long as the rule looks.
    pub fn step(
        &mut self,
        rule: &Fails,
        recover: Option<Millis>,
        pane: &Seen,
        found: Found,
    ) -> Option<Spell> {
        let recover = recover.unwrap_or(rule.within);
        let mut bad: Option<(Millis, Millis)> = None;
        let last = self.last.take().filter(|_| found.before);
        self.last = (!found.own).then_some((pane.start, pane.end));
        for (start, end) in last
            .into_iter()
            .chain(found.own.then_some((pane.start, pane.end)))
        {
            if let Some(run) = self.add(rule, start, end) {
                bad = Some((bad.map_or(run.0, |(from, _)| from), run.1));
            }
        }
        // A spell that this pane goes on with does not end before it.
        let goes_on = |open: &Open| bad.is_some_and(|(from, _)| from < open.bad_until + recover);
        let is_over = |open: &mut Open| !goes_on(open) && pane.start >= open.bad_until + recover;
        let over = self.open.take_if(is_over);
        if let Some((from, bad_until)) = bad {
            let open = self.open.get_or_insert(Open {
                from,
                bad_until,
                decided: pane.end,
            });
            open.bad_until = open.bad_until.max(bad_until);
        }
        over.map(|open| open.spell(Some(open.bad_until + recover)))
    }

    /// The spell that lasts.
    pub fn lasting(&self) -> Option<Spell> {
        self.open.map(|open| open.spell(None))
    }

    /// Start and end of the run that this failing pane completes.
    fn add(&mut self, rule: &Fails, start: Millis, end: Millis) -> Option<(Millis, Millis)> {
        let count = rule.count.clamp(1, SPIKES_MAX) as usize;
        self.fails.push((start, end));
        if self.fails.len() > count {
            self.fails.remove(0);
        }
        let from = self.fails[0].0;
        (self.fails.len() == count && end - from <= rule.within).then_some((from, end))
    }
}

impl Open {
    fn spell(&self, until: Option<Millis>) -> Spell {
        Spell {
            flaw: Flaw::Failing,
            from: self.from,
            until,
            decided: self.decided,
        }
    }
}
