//! How an alert stands for people, beside what the dataflow says of it.
//!
//! The two differ while the alert is somebody's work and the figures would end it (it proposes), and
//! while a named person's word holds. Nothing here changes what is true of the figures. The book tells
//! alerts by it and incidents are made of what stands open by it; each keeps its own.

use serde::{Deserialize, Serialize};

use super::alerts::memory::Content;
use crate::alert::{Reason, State};
use crate::calendar::{Millis, Tick};
use crate::input::{Action, Verdict};

/// One alert, as people know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stand {
    pub state: State,
    pub end: Option<Millis>,
    /// How the dataflow would have ended it.
    pub proposed: Option<State>,
    /// Whose work it is.
    pub assigned: Option<String>,
    /// What the dataflow says.
    word: Word,
    /// A person has spoken since the dataflow began to say so: until it says something else, that holds.
    is_settled: bool,
}

/// What settles an alert for the dataflow; the rest of a revision may change without reopening the question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Word {
    state: State,
    onset: Millis,
    end: Option<Millis>,
}

impl Word {
    fn of(content: &Content) -> Word {
        let state = match content.state {
            // That it was told before is no news.
            State::Raised => State::Updated,
            state => state,
        };
        let (onset, end) = (content.onset, content.end);
        Word { state, onset, end }
    }
}

impl Stand {
    /// Of an alert that is told for the first time.
    pub fn new(content: &Content) -> Stand {
        Stand {
            state: content.state,
            end: content.end,
            proposed: None,
            assigned: None,
            word: Word::of(content),
            is_settled: false,
        }
    }

    pub fn is_open(&self) -> bool {
        self.state.is_open()
    }

    /// Whether people can still bring about that it differs from what the dataflow says.
    pub fn is_peoples(&self) -> bool {
        self.assigned.is_some() || self.is_settled
    }

    /// Takes in what the dataflow says. Answers why people are to be told, if they are.
    pub fn hear(&mut self, content: &Content) -> Option<Reason> {
        let (before, word) = (self.word, Word::of(content));
        self.word = word;
        if self.is_settled && word == before {
            // The person has said what is to be said of this; what else changed is told while it is open.
            return self.is_open().then_some(content.reason);
        }
        self.is_settled = false;
        if self.is_open() && !word.state.is_open() && self.assigned.is_some() {
            let proposed = Some(word.state);
            let is_known = self.proposed == proposed;
            self.proposed = proposed;
            return (!is_known).then_some(Reason::Proposed);
        }
        (self.state, self.end, self.proposed) = (content.state, content.end, None);
        Some(content.reason)
    }

    /// Takes in what a person does about it. Answers why others are to be told, if anything changed.
    pub fn act(&mut self, tick: Tick, action: &Action) -> Option<Reason> {
        if !self.is_open() {
            return None;
        }
        match action {
            Action::Assign { to, .. } => {
                let is_news = self.assigned != *to;
                self.assigned.clone_from(to);
                if to.is_none() && self.proposed.is_some() {
                    self.end_as_said();
                }
                is_news.then_some(Reason::Assigned)
            }
            Action::Settle { verdict, .. } => {
                self.settle(tick, *verdict).then_some(Reason::Settled)
            }
            _ => None,
        }
    }

    /// A named person's word on what is in question; answers whether anything was.
    fn settle(&mut self, tick: Tick, verdict: Verdict) -> bool {
        let in_question = self.proposed.is_some() || self.state == State::Unconfirmed;
        match verdict {
            Verdict::Stands if in_question => {
                (self.state, self.proposed) = (State::Updated, None);
            }
            // Also where the figures say that it is over and it stands by an earlier word alone.
            Verdict::Ended if !self.word.state.is_open() => self.end_as_said(),
            // Nothing in the figures says when it ended: by now it has.
            Verdict::Ended if self.word.state == State::Unconfirmed => {
                (self.state, self.end) = (State::Cleared, Some(tick as Millis));
            }
            Verdict::Stands | Verdict::Ended => return false,
        }
        self.is_settled = true;
        true
    }

    fn end_as_said(&mut self) {
        (self.state, self.end, self.proposed) = (self.word.state, self.word.end, None);
    }
}
