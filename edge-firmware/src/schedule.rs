//! Periodic work in uptime: due at phase, phase + period, phase + 2 periods, …

use crate::limits::PERIOD_MS_MIN;

/// A frame leaves at most so long after the readings that complete it.
pub const REPORT_AFTER_MS: u32 = 500;

/// How long after a round of readings a frame is closed, so that they are all in it.
pub fn report_after_ms(sample_period_ms: u32) -> u32 {
    REPORT_AFTER_MS.min(sample_period_ms / 2)
}

/// When something is due. The moments do not drift with late calls; moments slept through are skipped, not made up for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    period_ms: u32,
    next_ms: u64,
    /// While `next_ms` is one ahead of them: the first of the regular moments.
    regular_ms: Option<u32>,
}

impl Schedule {
    /// First due at `phase_ms` of uptime, so that a fleet does not speak in chorus.
    pub fn new(period_ms: u32, phase_ms: u32) -> Schedule {
        Schedule {
            period_ms: period_ms.max(PERIOD_MS_MIN),
            next_ms: u64::from(phase_ms),
            regular_ms: None,
        }
    }

    /// Once more, before all regular moments: whoever starts a node wants to see it.
    pub fn and_first_at(mut self, first_ms: u64) -> Schedule {
        // Its moments begin within 49 days, by their type.
        if let Ok(regular_ms) = u32::try_from(self.next_ms)
            && first_ms < self.next_ms
        {
            self.regular_ms = Some(regular_ms);
            self.next_ms = first_ms;
        }
        self
    }

    /// The next of the regular moments.
    pub fn regular_ms(&self) -> u64 {
        self.regular_ms.map_or(self.next_ms, u64::from)
    }

    pub fn next_ms(&self) -> u64 {
        self.next_ms
    }

    pub fn is_due(&self, now_ms: u64) -> bool {
        now_ms >= self.next_ms
    }

    /// Another period from now on: what was due sooner stays due.
    pub fn change(&mut self, period_ms: u32, now_ms: u64) {
        self.period_ms = period_ms.max(PERIOD_MS_MIN);
        let within_ms = now_ms.saturating_add(u64::from(self.period_ms));
        self.next_ms = self.next_ms.min(within_ms);
        let within_ms = u32::try_from(within_ms).unwrap_or(u32::MAX);
        self.regular_ms = self.regular_ms.map(|regular_ms| regular_ms.min(within_ms));
    }

    /// Due at `next_ms` and then every period; what is due ahead of all regular moments stays due.
    pub fn change_from(&mut self, period_ms: u32, next_ms: u64) {
        self.period_ms = period_ms.max(PERIOD_MS_MIN);
        match &mut self.regular_ms {
            Some(regular_ms) => *regular_ms = u32::try_from(next_ms).unwrap_or(u32::MAX),
            None => self.next_ms = next_ms,
        }
    }

    /// Moves on to the first moment after `now_ms`; answers how many moments were slept through.
    pub fn advance(&mut self, now_ms: u64) -> u64 {
        let Some(late_ms) = now_ms.checked_sub(self.next_ms) else {
            return 0;
        };
        if let Some(regular_ms) = self.regular_ms.take() {
            self.next_ms = u64::from(regular_ms);
            if now_ms < self.next_ms {
                return 0;
            }
            return self.advance(now_ms);
        }
        let period_ms = u64::from(self.period_ms);
        let passed = late_ms / period_ms;
        self.next_ms = self
            .next_ms
            .saturating_add((passed + 1).saturating_mul(period_ms));
        passed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_do_not_drift_and_missed_ones_are_counted() {
        let mut schedule = Schedule::new(1000, 300);
        assert!(!schedule.is_due(299));
        assert_eq!(schedule.advance(299), 0);
        assert_eq!(schedule.next_ms(), 300);
        assert_eq!(schedule.advance(700), 0);
        assert_eq!(schedule.next_ms(), 1300);
        assert_eq!(schedule.advance(4400), 3);
        assert_eq!(schedule.next_ms(), 5300);
    }

    #[test]
    fn a_moment_ahead_of_all_others_leaves_them_where_they_were() {
        let mut schedule = Schedule::new(1000, 700).and_first_at(50);
        assert_eq!((schedule.next_ms(), schedule.regular_ms()), (50, 700));
        assert_eq!(schedule.advance(60), 0);
        assert_eq!(schedule.next_ms(), 700);
        let mut late = Schedule::new(1000, 700).and_first_at(50);
        late.change(100, 0);
        assert_eq!(late.advance(350), 2);
        assert_eq!(late.next_ms(), 400);
    }

    #[test]
    fn no_time_and_no_period_does_harm() {
        let mut schedule = Schedule::new(0, u32::MAX);
        assert!(schedule.advance(u64::MAX) > 0);
        assert_eq!(schedule.next_ms(), u64::MAX);
    }
}
