//! Wall time learnt from acknowledgements.
//!
//! An acknowledgement says the gateway's time when it was sealed; it arrives later, never earlier. So of
//! several estimates of (wall time − uptime) the greatest is nearest to the truth, and one that waited in a
//! stalled connection does no harm. Two spans of estimates are kept, so that a node whose crystal runs fast is
//! drawn back within the hour.

/// Estimates are gathered in spans of this length; the span before counts too.
const SPAN_MS: u64 = 30 * 60 * 1000;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WallClock {
    /// Greatest (wall − uptime) of the running span.
    offset_ms: Option<i64>,
    /// That of the span before.
    offset_before_ms: Option<i64>,
    span_start_ms: u64,
}

impl WallClock {
    /// Learns that the gateway's clock showed `gateway_ms` at or before uptime `now_ms`.
    pub fn learn(&mut self, now_ms: u64, gateway_ms: i64) {
        if now_ms.saturating_sub(self.span_start_ms) >= SPAN_MS {
            self.offset_before_ms = self.offset_ms.take();
            self.span_start_ms = now_ms;
        }
        let offset_ms = gateway_ms.saturating_sub_unsigned(now_ms);
        self.offset_ms = self.offset_ms.max(Some(offset_ms));
    }

    /// Milliseconds since 1970 at uptime `now_ms`; `None` before the first acknowledgement.
    pub fn wall_ms(&self, now_ms: u64) -> Option<i64> {
        let offset_ms = self.offset_ms.max(self.offset_before_ms)?;
        Some(offset_ms.saturating_add_unsigned(now_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_acknowledgement_does_not_turn_the_clock_back() {
        let mut clock = WallClock::default();
        assert_eq!(clock.wall_ms(5), None);
        clock.learn(1_000, 500_900);
        clock.learn(9_000, 501_000);
        assert_eq!(clock.wall_ms(10_000), Some(509_900));
        clock.learn(10_000, 509_950);
        assert_eq!(clock.wall_ms(10_000), Some(509_950));
    }

    #[test]
    fn a_fast_crystal_is_drawn_back() {
        let mut clock = WallClock::default();
        clock.learn(0, 1_000_000);
        // Uptime gains a second in each span.
        for span in 1..=4 {
            let now_ms = span * (SPAN_MS + 1_000);
            clock.learn(now_ms, 1_000_000 + (span * SPAN_MS) as i64);
        }
        let now_ms = 4 * (SPAN_MS + 1_000);
        let truth = 1_000_000 + 4 * SPAN_MS as i64;
        assert_eq!(clock.wall_ms(now_ms), Some(truth + 1_000));
    }
}
