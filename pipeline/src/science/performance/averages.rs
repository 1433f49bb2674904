//! A series of values, and its means over hours or days.
//!
//! A mean counts when more than three quarters of the values are there that the interval should have, as `sensortoolkit`
//! computes it; its text says that three quarters themselves are enough (18 hours of a day), its code wants one more. How
//! many it should have follows from the step that is most frequent between neighbouring moments, with or without a value.

use std::collections::BTreeMap;

use super::Means;
use crate::calendar::{Millis, pane_start};

/// Values in time order, each moment once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// `None`: the moment was there, its value was not.
    values: BTreeMap<Millis, Option<f64>>,
    /// Values for a moment that already had one; the first stands.
    pub duplicates: u64,
    /// Values whose moment was before one that had been read.
    pub unordered: u64,
}

impl Series {
    /// Takes a value in, in whatever order they come. What is not finite is no value.
    pub fn add(&mut self, at: Millis, value: Option<f64>) {
        let value = value.filter(|value| value.is_finite());
        if self
            .values
            .last_key_value()
            .is_some_and(|(last, _)| at < *last)
        {
            self.unordered += 1;
        }
        let known = self.values.entry(at).or_insert(None);
        match (&known, value) {
            (Some(_), Some(_)) => self.duplicates += 1,
            (None, Some(_)) => *known = value,
            (_, None) => {}
        }
    }

    /// Values that are there.
    pub fn count(&self) -> usize {
        self.values.values().flatten().count()
    }

    /// First and last moment.
    pub fn ends(&self) -> Option<(Millis, Millis)> {
        let first = self.values.first_key_value()?;
        let last = self.values.last_key_value()?;
        Some((*first.0, *last.0))
    }

    /// The most frequent step between neighbouring moments, the shortest of several; `None` with fewer than two.
    pub fn step(&self) -> Option<Millis> {
        let mut counts: BTreeMap<Millis, u64> = BTreeMap::new();
        for (before, after) in self.values.keys().zip(self.values.keys().skip(1)) {
            *counts.entry(after.saturating_sub(*before)).or_default() += 1;
        }
        let most = counts.values().copied().max()?;
        counts
            .into_iter()
            .find(|(_, count)| *count == most)
            .map(|(step, _)| step)
    }

    /// Means over intervals of `width`, which begin at multiples of it in local time, `offset` ahead of UTC. Intervals
    /// with too few values have none; one moment alone is a series of intervals.
    pub fn means(&self, width: Millis, offset: Millis) -> Means {
        let step = self.step().unwrap_or(width).max(1);
        let mut intervals: BTreeMap<Millis, (u64, f64)> = BTreeMap::new();
        for (at, value) in &self.values {
            let Some(value) = value else { continue };
            let start = pane_start(at.saturating_add(offset), width.max(1)).saturating_sub(offset);
            let (count, sum) = intervals.entry(start).or_default();
            *count += 1;
            *sum += value;
        }
        // count > 3/4 · width / step
        let is_complete =
            |count: u64| i128::from(count) * 4 * i128::from(step) > 3 * i128::from(width);
        intervals
            .into_iter()
            .filter(|(_, (count, _))| is_complete(*count))
            .map(|(start, (count, sum))| (start, sum / count as f64))
            .collect()
    }
}
