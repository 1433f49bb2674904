//! Alerts on the board: the open ones and those that ended a while ago, with their revisions.

use std::collections::BTreeMap;

use pipeline::alert::{AlertId, Revision};
use pipeline::calendar::Millis;

use crate::cap::trail::Trail;

/// Most revisions kept of one alert: the first ones tell how it began, the last ones what it is.
pub const REVISIONS_MAX: usize = 256;
/// Most alerts kept; beyond it ended ones leave early, longest ended first.
pub const ALERTS_MAX: usize = 10_000;
/// So many of the first revisions survive when the middle of a long history is dropped.
pub const FIRST_KEPT: usize = 16;

/// One alert with its history.
#[derive(Clone, Debug)]
pub struct AlertStory {
    /// Ordered by revision; never empty.
    revisions: Vec<Revision>,
    /// Revisions that were dropped from the middle.
    pub dropped: u64,
    /// When it leaves the board; `None` while it is open.
    pub leaves_at: Option<Millis>,
    /// Its CAP messages as they were sent; empty until the first is.
    pub trail: Trail,
    /// What each Alertmanager took of it last, by address, since this process started; `None`: it was tried in vain.
    pub pushes: BTreeMap<String, Option<Pushed>>,
}

/// An Alertmanager took this revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pushed {
    pub revision: u32,
    /// City time.
    pub at: Millis,
}

impl AlertStory {
    /// One that has left the board, as the history keeps it; `None` without revisions.
    pub fn archived(revisions: Vec<Revision>, dropped: u64) -> Option<AlertStory> {
        let leaves_at = Some(revisions.last()?.updated);
        Some(AlertStory {
            revisions,
            dropped,
            leaves_at,
            trail: Trail::default(),
            pushes: BTreeMap::new(),
        })
    }

    /// As it stands.
    pub fn latest(&self) -> &Revision {
        // Made with one revision and only ever added to.
        &self.revisions[self.revisions.len() - 1]
    }

    pub fn revisions(&self) -> &[Revision] {
        &self.revisions
    }

    /// Number of the last revision in which what is known changed, and not only what people do about it.
    pub fn judged_last(&self) -> u32 {
        let mut judged = self.revisions.iter().rev();
        let judged = judged.find(|revision| !revision.reason.is_about_people());
        judged.map_or(0, |revision| revision.revision)
    }

    /// When the CAP message of an alert that is open at `now` expired without being renewed.
    pub fn expired(&self, now: Millis) -> Option<Millis> {
        let (told, _) = self.trail.standing()?;
        let is_stale = self.latest().state.is_open() && told.expires.at <= now;
        is_stale.then_some(told.expires.at)
    }
}

/// All alerts by id.
#[derive(Clone, Debug, Default)]
pub struct AlertBook {
    stories: BTreeMap<AlertId, AlertStory>,
    /// Alerts that left before their time, because there were too many.
    pub pushed_out: u64,
}

impl AlertBook {
    /// Takes a revision; `retention` is how long the alert stays once it has ended. Says whether it is new.
    pub fn apply(&mut self, revision: &Revision, retention: Millis) -> bool {
        let leaves_at =
            (!revision.state.is_open()).then(|| revision.updated.saturating_add(retention));
        match self.stories.get_mut(&revision.id) {
            Some(story) if story.latest().revision >= revision.revision => return false,
            Some(story) => {
                story.revisions.push(revision.clone());
                story.leaves_at = leaves_at;
                if story.revisions.len() > REVISIONS_MAX {
                    story.revisions.remove(FIRST_KEPT);
                    story.dropped += 1;
                }
            }
            None => {
                self.make_room();
                let story = AlertStory {
                    revisions: vec![revision.clone()],
                    dropped: 0,
                    leaves_at,
                    trail: Trail::default(),
                    pushes: BTreeMap::new(),
                };
                self.stories.insert(revision.id, story);
            }
        }
        true
    }

    /// CAP messages of an alert were sent under these names.
    pub fn told(&mut self, id: AlertId, trail: Trail) {
        if let Some(story) = self.stories.get_mut(&id) {
            story.trail = trail;
        }
    }

    /// The Alertmanager at `address` took what it was told of an alert, or did not.
    pub fn pushed(&mut self, id: AlertId, address: &str, pushed: Option<Pushed>) {
        let Some(story) = self.stories.get_mut(&id) else {
            return;
        };
        // What it has, it has, whether or not it can be reached now.
        let known = story.pushes.entry(address.to_owned()).or_default();
        *known = pushed.or(*known);
    }

    pub fn expire(&mut self, now: Millis) {
        self.stories
            .retain(|_, story| story.leaves_at.is_none_or(|at| at > now));
    }

    pub fn get(&self, id: AlertId) -> Option<&AlertStory> {
        self.stories.get(&id)
    }

    pub fn stories(&self) -> impl Iterator<Item = &AlertStory> {
        self.stories.values()
    }

    /// Ended alerts go first; when all are open the oldest update goes, which is counted and shown.
    fn make_room(&mut self) {
        if self.stories.len() < ALERTS_MAX {
            return;
        }
        let least = self
            .stories
            .iter()
            .min_by_key(|(_, story)| (story.latest().state.is_open(), story.latest().updated))
            .map(|(id, _)| *id);
        if let Some(id) = least {
            self.stories.remove(&id);
            self.pushed_out += 1;
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::board::sample::revision;
    use pipeline::alert::State;
    use pipeline::calendar::HOUR;

    #[test]
    fn an_alert_is_raised_cleared_and_leaves_after_its_horizon() {
        let mut book = AlertBook::default();
        let raised = revision(7, 1, State::Raised, 1_000);
        let cleared = revision(7, 2, State::Cleared, 9_000);
        assert!(book.apply(&raised, HOUR));
        assert!(!book.apply(&raised, HOUR), "twice is once");
        book.expire(100 * HOUR);
        assert!(book.get(raised.id).is_some(), "open alerts stay");
        assert!(book.apply(&cleared, HOUR));
        assert!(
            !book.apply(&raised, HOUR),
            "an older revision comes too late"
        );
        assert_eq!(book.get(raised.id).unwrap().revisions().len(), 2);
        book.expire(9_000 + HOUR - 1);
        assert!(book.get(raised.id).is_some());
        book.expire(9_000 + HOUR);
        assert!(book.get(raised.id).is_none());
    }

    #[test]
    fn a_long_history_keeps_its_ends() {
        let mut book = AlertBook::default();
        for number in 1..=1_000 {
            book.apply(
                &revision(1, number, State::Updated, i64::from(number)),
                HOUR,
            );
        }
        let story = book.stories().next().unwrap();
        assert_eq!(story.revisions().len(), REVISIONS_MAX);
        assert_eq!(story.dropped, 1_000 - REVISIONS_MAX as u64);
        assert_eq!(story.revisions()[0].revision, 1);
        assert_eq!(story.latest().revision, 1_000);
    }

    #[test]
    fn when_there_are_too_many_the_ended_ones_leave_first() {
        let mut book = AlertBook::default();
        for id in 0..=ALERTS_MAX as u128 {
            let state = if id == 5 {
                State::Cleared
            } else {
                State::Raised
            };
            book.apply(&revision(id, 1, state, id as i64), HOUR);
        }
        assert_eq!(book.pushed_out, 1);
        assert!(book.get(AlertId(5)).is_none());
        assert!(book.get(AlertId(0)).is_some());
    }
}
