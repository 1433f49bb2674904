//! Warnings that something will happen: how many came true, how many did not, what came without one, and how long before
//! it people were warned.

use std::collections::BTreeMap;

use pipeline::calendar::{MINUTE, Millis};

/// Lead times are counted by whole minutes up to here; longer ones count as this.
const LEAD_MAX_MIN: usize = 24 * 60;

/// Warnings that stand, by what they are about, and the tally of the others.
#[derive(Clone, Debug)]
pub struct Warnings<K> {
    standing: BTreeMap<K, Warning>,
    hits: u64,
    false_alarms: u64,
    misses: u64,
    /// Hits by minutes of lead.
    leads: BTreeMap<usize, u64>,
}

#[derive(Clone, Copy, Debug)]
struct Warning {
    since: Millis,
    /// Nothing happened by then: it was a false alarm.
    by: Millis,
}

impl<K> Default for Warnings<K> {
    fn default() -> Warnings<K> {
        Warnings {
            standing: BTreeMap::new(),
            hits: 0,
            false_alarms: 0,
            misses: 0,
            leads: BTreeMap::new(),
        }
    }
}

impl<K: Ord> Warnings<K> {
    /// At `now` people are told that it will happen by `by`. Said again, it stands since it was first said, and the
    /// latest moment counts.
    pub fn warn(&mut self, key: K, now: Millis, by: Millis) {
        let standing = self
            .standing
            .entry(key)
            .or_insert(Warning { since: now, by });
        standing.by = standing.by.max(by);
    }

    /// It did happen, at `at`: a hit if a warning stood, else a miss. Call it once for each time that it begins.
    pub fn happened(&mut self, key: &K, at: Millis) {
        match self.standing.remove(key) {
            Some(warning) => {
                self.hits += 1;
                let lead = (at - warning.since).max(0) / MINUTE;
                let lead = usize::try_from(lead).unwrap_or(0).min(LEAD_MAX_MIN);
                *self.leads.entry(lead).or_default() += 1;
            }
            None => self.misses += 1,
        }
    }

    /// Warnings whose time has passed by `now` were false alarms.
    pub fn expire(&mut self, now: Millis) {
        let before = self.standing.len();
        self.standing.retain(|_, warning| warning.by >= now);
        self.false_alarms += (before - self.standing.len()) as u64;
    }

    /// The same of the warning about `key` alone, where each has its own time.
    pub fn expire_of(&mut self, key: &K, now: Millis) {
        if self
            .standing
            .get(key)
            .is_some_and(|warning| warning.by < now)
        {
            self.standing.remove(key);
            self.false_alarms += 1;
        }
    }

    pub fn hits(&self) -> u64 {
        self.hits
    }

    pub fn false_alarms(&self) -> u64 {
        self.false_alarms
    }

    pub fn misses(&self) -> u64 {
        self.misses
    }

    /// Half of the hits were warned of at least so many whole minutes before (the lower middle of an even number).
    pub fn median_lead_min(&self) -> Option<usize> {
        let half = self.hits.div_ceil(2);
        let mut seen = 0;
        let reached = |(_, count): &(&usize, &u64)| {
            seen += **count;
            seen >= half
        };
        self.leads.iter().find(reached).map(|(lead, _)| *lead)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_is_a_hit_or_a_false_alarm_and_what_comes_without_one_a_miss() {
        let mut warnings = Warnings::default();
        let minutes = |n: i64| n * MINUTE;
        warnings.warn("quay", minutes(0), minutes(10));
        warnings.warn("quay", minutes(5), minutes(15));
        warnings.expire(minutes(12));
        warnings.happened(&"quay", minutes(12));
        warnings.happened(&"quay", minutes(40));
        warnings.warn("mole", minutes(50), minutes(55));
        warnings.expire(minutes(55));
        assert_eq!(warnings.false_alarms(), 0, "its last minute still counts");
        warnings.expire(minutes(56));
        assert_eq!(
            (warnings.hits(), warnings.misses(), warnings.false_alarms()),
            (1, 1, 1)
        );
        assert_eq!(warnings.median_lead_min(), Some(12));
    }

    #[test]
    fn the_median_lead_is_that_of_the_middle_hit() {
        let mut warnings = Warnings::default();
        assert_eq!(warnings.median_lead_min(), None);
        for (key, lead) in [(1, 30), (2, 3), (3, 8), (4, 100_000)] {
            warnings.warn(key, 0, Millis::MAX);
            warnings.happened(&key, lead * MINUTE);
        }
        assert_eq!(warnings.median_lead_min(), Some(8));
        assert_eq!(warnings.leads.keys().last(), Some(&LEAD_MAX_MIN));
    }
}
