//! The panes of one (node, quantity) at one width, dense and in time order.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use wire::Milli;
use wire::quantity::Summing;

use super::summary::Summary;
use crate::calendar::{Millis, Span, pane_start};
use crate::observation::Observation;

/// What the rest of the dataflow knows of a pane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Shown {
    /// Nothing yet: it waits for its end and grace.
    No,
    /// Ahead of its end, because a reading is past a threshold that may raise on an open pane.
    Open,
    /// Judged; whatever arrives now corrects it.
    Entered,
}

#[derive(Clone, Copy, Debug)]
pub struct Slot {
    pub summary: Summary,
    pub shown: Shown,
    /// Its change of this tick is already announced; the new content follows at the end of the tick.
    pub dirty: bool,
}

/// Slots are numbered by age, the oldest 0.
#[derive(Clone, Debug)]
pub struct Lane {
    pub span: Span,
    older: VecDeque<Slot>,
    /// Nearly every reading falls into it, so it lies here and not behind another pointer.
    newest: Option<Slot>,
}

/// Where an observation falls.
pub enum Place {
    Existing(usize),
    /// A new slot was made there.
    New(usize),
}

impl Lane {
    pub fn new(span: Span) -> Lane {
        Lane {
            span,
            older: VecDeque::new(),
            newest: None,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.newest.is_none()
    }

    /// The slot for `sampled_at`, made if missing.
    #[inline]
    pub fn place(&mut self, sampled_at: Millis) -> Place {
        if let Some(newest) = &self.newest {
            let ahead = sampled_at.wrapping_sub(newest.summary.start);
            if (0..self.span.width).contains(&ahead) {
                return Place::Existing(self.older.len());
            }
        }
        let start = pane_start(sampled_at, self.span.width);
        match self.locate(start) {
            Ok(at) => Place::Existing(at),
            Err(at) => {
                self.insert(at, Summary::new(start), Shown::No);
                Place::New(at)
            }
        }
    }

    /// Where the slot is, or would be. It is mostly one of the newest, or the oldest, which is sealed off next: a
    /// search would touch memory all over the lane.
    #[inline]
    fn locate(&self, start: Millis) -> Result<usize, usize> {
        let len = self.older.len();
        match &self.newest {
            None => return Err(0),
            Some(newest) if newest.summary.start == start => return Ok(len),
            Some(newest) if newest.summary.start < start => return Err(len + 1),
            Some(_) => {}
        }
        let at = |place: usize| self.older.get(place).map(|slot| slot.summary.start);
        match (at(len.wrapping_sub(1)), at(0)) {
            (Some(last), _) if last == start => Ok(len - 1),
            (Some(last), _) if last < start => Err(len),
            (_, Some(first)) if first == start => Ok(0),
            _ => self
                .older
                .binary_search_by_key(&start, |slot| slot.summary.start),
        }
    }

    fn insert(&mut self, at: usize, summary: Summary, shown: Shown) {
        let slot = Slot {
            summary,
            shown,
            dirty: false,
        };
        if self.newest.is_none() || at > self.older.len() {
            self.older.extend(self.newest.replace(slot));
        } else {
            self.older.insert(at, slot);
        }
    }

    #[inline]
    pub fn slot(&mut self, at: usize) -> Option<&mut Slot> {
        if at == self.older.len() {
            self.newest.as_mut()
        } else {
            self.older.get_mut(at)
        }
    }

    pub fn find(&mut self, start: Millis) -> Option<&mut Slot> {
        let at = self.locate(start).ok()?;
        self.slot(at)
    }

    pub fn remove(&mut self, start: Millis) -> Option<Slot> {
        let at = self.locate(start).ok()?;
        if at == self.older.len() {
            std::mem::replace(&mut self.newest, self.older.pop_back())
        } else {
            self.older.remove(at)
        }
    }

    pub fn slots(&self) -> impl Iterator<Item = &Slot> {
        self.older.iter().chain(&self.newest)
    }

    /// Puts a pane of a snapshot in.
    pub fn put(&mut self, summary: Summary, shown: Shown) {
        let (Ok(at) | Err(at)) = self.locate(summary.start);
        self.insert(at, summary, shown);
    }
}

impl Slot {
    #[inline]
    pub fn add(&mut self, observation: &Observation, summing: Summing) {
        self.summary.add(observation, summing);
    }

    /// Past a threshold that may raise ahead of the pane's end.
    pub fn is_early(&self, threshold: Option<Milli>) -> bool {
        threshold.is_some_and(|at| self.summary.max() >= at)
    }
}
