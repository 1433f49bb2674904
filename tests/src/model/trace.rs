//! All that the engine has said in its lives, and whether each revision had the right to be said.

use std::collections::{BTreeMap, BTreeSet};

use pipeline::alert::{AlertId, Revision, State};
use pipeline::calendar::{Millis, Tick, tick_at};
use pipeline::output::TickOutput;
use wire::RuleId;

use crate::verdict::{Held, ZoneValues};

/// What is told of an alert within its rule's `hold` before further revisions wait.
const TOLD_AT_ONCE: usize = 4;

/// The streams of revisions, and the last word on every zone pane.
#[derive(Default)]
pub(super) struct Trace {
    /// By alert, in order of their numbers.
    revisions: BTreeMap<AlertId, Vec<Revision>>,
    /// In the order in which they were first said.
    pub(super) lines: Vec<String>,
    pub(super) zones: ZoneValues,
    /// What a life after a restart has to say again.
    owed: BTreeSet<(AlertId, u32)>,
    /// Tick of the snapshot that the present life began from: alerts from before it may be said again.
    began_at: Option<Tick>,
}

impl Trace {
    /// A new life begins, from a snapshot at a tick or from nothing: it must say all that came after, again.
    pub(super) fn restart(&mut self, snapshot: Option<Tick>) {
        let after =
            |revision: &&Revision| snapshot.is_none_or(|tick| tick_at(revision.updated) > tick);
        let again = self.revisions.values().flatten().filter(after);
        self.owed = again
            .map(|revision| (revision.id, revision.revision))
            .collect();
        self.began_at = snapshot;
    }

    /// Takes in what was said; answers what was said that must not be.
    pub(super) fn take(&mut self, outputs: Vec<TickOutput>) -> Result<(), String> {
        for output in outputs {
            for row in output.zone_values {
                self.zones
                    .insert((row.zone, row.value, row.pane_start), row);
            }
            let named: Vec<(AlertId, AlertId)> = output
                .revisions
                .iter()
                .flat_map(|r| {
                    r.merged_into
                        .into_iter()
                        .chain(r.split_from)
                        .map(|of| (r.id, of))
                })
                .collect();
            for revision in output.revisions {
                self.say(output.tick, revision)?;
            }
            for (id, of) in named {
                if !self.revisions.contains_key(&of) {
                    return Err(format!("alert {id} names {of}, which never was"));
                }
            }
        }
        self.zones.retain(|_, row| row.figures.is_some());
        Ok(())
    }

    /// The present life has come to the end of what was said before: nothing may be left out.
    pub(super) fn caught_up(&self) -> Result<(), String> {
        match self.owed.first() {
            None => Ok(()),
            Some((id, number)) => Err(format!(
                "after the restart revision {number} of {id} was not said again ({} in all)",
                self.owed.len()
            )),
        }
    }

    /// Subjects with an alert of which so much was told lately that what changed since may still be held back.
    pub(super) fn held(&self, until: Tick, holds: &BTreeMap<RuleId, Millis>) -> Held {
        let lately = |all: &&Vec<Revision>| {
            let last = &all[all.len().saturating_sub(TOLD_AT_ONCE)..];
            last.first().is_some_and(|first| {
                let hold = holds.get(&first.rule).copied().unwrap_or(0);
                last.len() == TOLD_AT_ONCE && tick_at(first.updated + hold) > until
            })
        };
        let held = self.revisions.values().filter(lately);
        held.map(|all| (all[0].rule, all[0].zone)).collect()
    }

    pub(super) fn last(&self) -> BTreeMap<AlertId, Revision> {
        let last = |(id, all): (&AlertId, &Vec<Revision>)| Some((*id, all.last()?.clone()));
        self.revisions.iter().filter_map(last).collect()
    }

    fn say(&mut self, tick: Tick, revision: Revision) -> Result<(), String> {
        let all = self.revisions.entry(revision.id).or_default();
        let place = revision.revision as usize;
        if let Some(known) = place.checked_sub(1).and_then(|place| all.get(place)) {
            self.owed.remove(&(revision.id, revision.revision));
            // What a snapshot holds is said again with the completeness and names of now.
            let from_snapshot = self.began_at.is_some_and(|at| tick_at(known.updated) <= at);
            let same = match from_snapshot {
                true => stands_alike(known, &revision),
                false => *known == revision,
            };
            return match same {
                true => Ok(()),
                false => Err(format!(
                    "after a restart revision {place} of {} reads otherwise\n  was {}\n  is  {}",
                    revision.id,
                    line(known),
                    line(&revision)
                )),
            };
        }
        if place != all.len() + 1 {
            let (id, before) = (revision.id, all.len());
            return Err(format!("alert {id}: revision {place} came after {before}"));
        }
        if tick_at(revision.updated) != tick {
            return Err(format!("at tick {tick}: {}", line(&revision)));
        }
        well_formed(all.last(), &revision).map_err(|what| {
            let before = all.last().map_or("nothing".to_owned(), line);
            format!("{what}\n  was {before}\n  is  {}", line(&revision))
        })?;
        self.lines.push(line(&revision));
        all.push(revision);
        Ok(())
    }
}

pub(super) fn line(revision: &Revision) -> String {
    serde_json::to_string(revision).unwrap_or_else(|error| error.to_string())
}

fn stands_alike(one: &Revision, other: &Revision) -> bool {
    let other = Revision {
        completeness: one.completeness,
        provisional: one.provisional,
        oldest_unheard: one.oldest_unheard,
        rule_version: one.rule_version,
        ..other.clone()
    };
    *one == other
}

/// Whether a revision may follow the one before it.
fn well_formed(before: Option<&Revision>, now: &Revision) -> Result<(), &'static str> {
    let cleared = now.state == State::Cleared;
    if cleared != now.end.is_some() && now.state != State::Cancelled {
        return Err("an end belongs to what is cleared");
    }
    if now.merged_into.is_some() && now.state != State::Cancelled {
        return Err("merged into another, and not cancelled");
    }
    if [now.merged_into, now.split_from].contains(&Some(now.id)) {
        return Err("an alert of its own lineage");
    }
    if now.end.is_some_and(|end| end < now.onset) {
        return Err("ended before it began");
    }
    let Some(before) = before else {
        return match now.state {
            State::Raised | State::Unconfirmed | State::Cleared => Ok(()),
            State::Updated => Err("updated before it was raised"),
            State::Cancelled => Err("cancelled before anybody was told"),
        };
    };
    let what = |r: &Revision| (r.rule, r.zone, r.kind, r.node);
    if what(before) != what(now) {
        return Err("an id was used for something else");
    }
    if now.updated <= before.updated {
        return Err("two revisions at one tick");
    }
    if now.state == State::Raised {
        return Err("raised twice");
    }
    let step = (now.threshold.0.abs() / 10).max(1);
    let peak_moved = (now.value.0 - before.value.0).abs() >= step;
    if !peak_moved && counts(before) == counts(now) {
        return Err("nothing changed that counts");
    }
    Ok(())
}

/// What of a revision is worth telling people, beside its peak: without a change in it there is none.
fn counts(r: &Revision) -> impl PartialEq + use<> {
    let state = match r.state {
        State::Raised => State::Updated,
        state => state,
    };
    (
        (state, r.severity, r.onset, r.end, r.threshold),
        (r.merged_into, r.split_from),
        (r.acknowledged.clone(), r.desk.clone()),
        (r.rule_version, r.node_alarm),
    )
}
