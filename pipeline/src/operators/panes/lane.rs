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

#[derive(Clone, Debug)]
pub struct Lane {
    pub span: Span,
    slots: VecDeque<Slot>,
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
            slots: VecDeque::new(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// The slot for `sampled_at`, made if missing.
    #[inline]
    pub fn place(&mut self, sampled_at: Millis) -> Place {
        if let Some(back) = self.slots.back() {
            let ahead = sampled_at.wrapping_sub(back.summary.start);
            if (0..self.span.width).contains(&ahead) {
                return Place::Existing(self.slots.len() - 1);
            }
        }
        let start = pane_start(sampled_at, self.span.width);
        // A frame's older readings fall into the pane before.
        if let Some(at) = self.slots.len().checked_sub(2)
            && self.slots[at].summary.start == start
        {
            return Place::Existing(at);
        }
        match self
            .slots
            .binary_search_by_key(&start, |slot| slot.summary.start)
        {
            Ok(at) => Place::Existing(at),
            Err(at) => {
                let slot = Slot {
                    summary: Summary::new(start),
                    shown: Shown::No,
                    dirty: false,
                };
                self.slots.insert(at, slot);
                Place::New(at)
            }
        }
    }

    pub fn slot(&mut self, at: usize) -> &mut Slot {
        &mut self.slots[at]
    }

    pub fn find(&mut self, start: Millis) -> Option<&mut Slot> {
        let at = self
            .slots
            .binary_search_by_key(&start, |slot| slot.summary.start)
            .ok()?;
        self.slots.get_mut(at)
    }

    pub fn remove(&mut self, start: Millis) -> Option<Slot> {
        let at = self
            .slots
            .binary_search_by_key(&start, |slot| slot.summary.start)
            .ok()?;
        self.slots.remove(at)
    }

    pub fn slots(&self) -> impl Iterator<Item = &Slot> {
        self.slots.iter()
    }

    /// Puts a pane of a snapshot in; they come in time order.
    pub fn put(&mut self, summary: Summary, shown: Shown) -> &Slot {
        let start = summary.start;
        let at = self
            .slots
            .partition_point(|slot| slot.summary.start < start);
        self.slots.insert(
            at,
            Slot {
                summary,
                shown,
                dirty: false,
            },
        );
        &self.slots[at]
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
