//! Two clocks: what was known at a moment, and what is known to have been true at a moment.
//!
//! *Known at* T are the revisions that had been said by T, as a list of alerts would have shown them then. *True at*
//! T is every alert that, by the latest revision, was going on at T, whether or not anybody knew it then. Asked
//! together, they say what was known at one moment to have been true at another.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use pipeline::alert::{AlertId, Revision, State};
use pipeline::calendar::{HOUR, Millis, Tick, rfc3339, tick_at};
use pipeline::input::Input;

use crate::access::Areas;
use crate::admission::CLOCK_AHEAD_MAX;
use crate::board::Face;
use crate::board::alerts::FIRST_KEPT;
use crate::board::picture::list_order;
use crate::city::LoadedCity;
use crate::journal::{Alerts, Journal, Kept, ReadError};
use crate::language::{Said, said};
use crate::readings::Moments;

pub mod stored;

/// The history of a gateway that runs.
#[derive(Clone)]
pub struct Archive {
    journal: Arc<Mutex<Journal>>,
}

impl Archive {
    pub fn new(journal: Arc<Mutex<Journal>>) -> Archive {
        Archive { journal }
    }

    /// The history with everything that has left the dataflow. Touches the disk: not for a thread that serves others.
    pub fn open(&self) -> Result<Alerts, ReadError> {
        let mut journal = self.journal.lock().unwrap_or_else(PoisonError::into_inner);
        journal
            .write_alerts()
            .map_err(|error| ReadError::new(error.to_string()))?;
        Ok(journal.alerts())
    }

    /// Every version of the rules that is kept, in order of time. Touches the disk, too.
    pub fn versions(&self) -> Result<Vec<(Tick, Input)>, ReadError> {
        let journal = self.journal.lock().unwrap_or_else(PoisonError::into_inner);
        journal.versions()
    }
}

/// Most alerts in one answer.
pub const LIMIT_MAX: usize = 10_000;
/// Alerts in an answer where nobody asked for another number.
pub const LIMIT_DEFAULT: usize = 1_000;
/// Most revisions of one alert in an answer.
pub const REVISIONS_MAX: usize = 1_000;
/// An end is not known longer than this before it has come: a clock that is ahead, and a pane that is not over yet.
const AHEAD_MAX: Millis = CLOCK_AHEAD_MAX + HOUR;

/// How long inputs and alerts are kept: as `city.toml` says, but no shorter than anything may still be corrected.
/// Revisions stay on disk as much longer as an ended alert stays on the list, so that the list of the earliest moment
/// that is kept is whole.
pub(crate) fn kept(city: &LoadedCity) -> Kept {
    let lingering = tick_at(Face::from(city).retention_max());
    let inputs = tick_at(city.settings.journal_kept).max(lingering);
    Kept {
        inputs,
        revisions: inputs + lingering,
    }
}

/// The first moment that can be asked about.
pub fn begins(history: &Alerts, face: &Face) -> Tick {
    match history.from() {
        0 => 0,
        from => from + tick_at(face.retention_max().max(AHEAD_MAX)),
    }
}

/// A question to both clocks; at least one is set, or it is about what is known now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Question {
    pub known_at: Option<Millis>,
    pub true_at: Option<Millis>,
}

/// Why a question has no answer.
#[derive(Debug)]
pub enum Unanswered {
    /// The moment is not over yet; everything below the second is known.
    Future(Millis, Millis),
    /// It is older than what is kept, which begins at the second.
    Forgotten(Millis, Millis),
    Read(ReadError),
}

impl Unanswered {
    /// For people as well.
    pub fn said(&self) -> Said {
        match self {
            Unanswered::Future(at, frontier) => {
                let (at, frontier) = (rfc3339(*at), rfc3339(*frontier));
                said(
                    format!(
                        "{at} is not over yet: everything is known below {frontier}; ask for an earlier moment"
                    ),
                    format!("{at}尚未结束：{frontier}之前的情况已全部知晓，请查询更早的时刻"),
                )
            }
            Unanswered::Forgotten(at, from) => {
                let (at, from) = (rfc3339(*at), rfc3339(*from));
                said(
                    format!("{at} is before what is kept: the history of alerts begins at {from}"),
                    format!("{at}早于保留期：警报历史始于{from}"),
                )
            }
            Unanswered::Read(error) => error.to_string().into(),
        }
    }
}

impl fmt::Display for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.said().english())
    }
}

impl std::error::Error for Unanswered {}

impl From<ReadError> for Unanswered {
    fn from(error: ReadError) -> Unanswered {
        Unanswered::Read(error)
    }
}

/// The answer: ordered as the live list is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    pub alerts: Vec<Revision>,
    /// How many there are; more than `alerts` when these were cut.
    pub total: usize,
}

/// Answers `question`; `frontier` is the first tick of which not everything is known yet.
pub fn answer(
    history: &Alerts,
    face: &Face,
    question: Question,
    frontier: Tick,
    limit: usize,
) -> Result<Answer, Unanswered> {
    answer_within(history, face, question, frontier, (&Areas::All, limit))
}

/// The same to somebody who may know of `areas` only.
pub fn answer_within(
    history: &Alerts,
    face: &Face,
    question: Question,
    frontier: Tick,
    (areas, limit): (&Areas, usize),
) -> Result<Answer, Unanswered> {
    let Question { known_at, true_at } = question;
    for at in [known_at, true_at].into_iter().flatten() {
        if tick_at(at) >= frontier {
            return Err(Unanswered::Future(at, frontier as Millis));
        }
        let begins = begins(history, face);
        if tick_at(at) < begins {
            return Err(Unanswered::Forgotten(at, begins as Millis));
        }
    }
    let known = known_at.map_or(frontier.saturating_sub(1), tick_at);
    let published = |value: &[u8]| !stored::is_shadow(value);
    let mut alerts: Vec<Revision> = match true_at {
        None => {
            let now = known as Millis;
            let since = tick_at(now.saturating_sub(face.retention_max()));
            let latest = history.latest(since, known, published)?;
            let latest = latest.into_iter().map(|told| told.revision);
            latest.filter(|r| is_shown(r, face, now)).collect()
        }
        Some(at) => {
            let going_on = |value: &[u8]| {
                let span = stored::span(value);
                published(value) && span.is_some_and(|(onset, end)| onset <= at && at < end)
            };
            let latest = history.latest(begin(at), known, going_on)?;
            let latest = latest.into_iter().map(|told| told.revision);
            latest.filter(|revision| is_true(revision, at)).collect()
        }
    };
    alerts.retain(|revision| areas.contains(revision.zone));
    let total = alerts.len();
    alerts.sort_by_key(list_order);
    alerts.truncate(limit);
    Ok(Answer { alerts, total })
}

/// Where to begin to look for alerts that were going on at `at` or after.
pub fn begin(at: Millis) -> Tick {
    tick_at(at.saturating_sub(AHEAD_MAX))
}

/// On the list at `now`: open, or ended so recently that late readings may still revise it.
fn is_shown(revision: &Revision, face: &Face, now: Millis) -> bool {
    revision.state.is_open()
        || revision
            .updated
            .saturating_add(face.retention(revision.rule))
            > now
}

/// By this revision the alert was going on at `at`.
pub fn is_true(revision: &Revision, at: Millis) -> bool {
    revision.state != State::Cancelled && revision.onset <= at && at < end(revision)
}

/// When it ended, by this revision; far away while it is open.
pub fn end(revision: &Revision) -> Millis {
    match revision.end {
        Some(end) => end,
        None if revision.state.is_open() => Millis::MAX,
        None => revision.updated,
    }
}

/// One alert from its first revision that is kept, as people were told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Story {
    /// Never empty.
    pub revisions: Vec<Revision>,
    /// Revisions that are missing: left out of the middle, or forgotten.
    pub dropped: u64,
}

/// The story of an alert that people were told of, if it is kept.
pub fn story(history: &Alerts, alert: AlertId) -> Result<Option<Story>, ReadError> {
    let told = history.of(alert)?.into_iter();
    let published = told.filter(|told| !told.shadow);
    let mut revisions: Vec<Revision> = published.map(|told| told.revision).collect();
    let Some(last) = revisions.last() else {
        return Ok(None);
    };
    let numbered = u64::from(last.revision);
    if revisions.len() > REVISIONS_MAX {
        let surplus = revisions.len() - REVISIONS_MAX;
        revisions.drain(FIRST_KEPT..FIRST_KEPT + surplus);
    }
    let dropped = numbered.saturating_sub(revisions.len() as u64);
    Ok(Some(Story { revisions, dropped }))
}

/// A moment as people write it: RFC 3339 with an offset, or milliseconds.
pub fn moment(text: &str) -> Result<Millis, String> {
    // In a query `+` stands for a space unless it is written `%2B`; a moment has no other use for one.
    let text = text.trim().replace(' ', "+");
    let parsed = Moments::default().parse(text.as_bytes());
    parsed.map_err(|error| format!("`{text}`: {error}"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
