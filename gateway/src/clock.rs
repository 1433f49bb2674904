//! The gateway's only clock. A real city runs on the machine's; the demo runs on a scaled one, so that
//! city time is the same everywhere and only latencies are measured in real time.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use pipeline::calendar::Millis;

/// City time: what readings, ticks, alerts and pages say.
pub trait Clock: Send + Sync {
    /// Milliseconds since 1970 UTC in the city.
    fn now(&self) -> Millis;

    /// How long a span of city time lasts for whoever waits for it.
    fn real_duration(&self, city: Millis) -> Duration;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Millis {
        match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => since.as_millis() as Millis,
            Err(before) => -(before.duration().as_millis() as Millis),
        }
    }

    fn real_duration(&self, city: Millis) -> Duration {
        Duration::from_millis(city.max(0) as u64)
    }
}

/// City time that runs `speed` times as fast as real time.
#[derive(Clone, Copy, Debug)]
pub struct ScaledClock {
    /// The real moment that is `city_start`.
    started_at: Instant,
    city_start: Millis,
    speed: u32,
}

impl ScaledClock {
    /// Starts now at `city_start`; a speed of 0 counts as 1.
    pub fn starting_at(city_start: Millis, speed: u32) -> ScaledClock {
        ScaledClock {
            started_at: Instant::now(),
            city_start,
            speed: speed.max(1),
        }
    }
}

impl Clock for ScaledClock {
    fn now(&self) -> Millis {
        // Microseconds, so that a fast city does not jump by whole real milliseconds times its speed.
        let real_us = self.started_at.elapsed().as_micros() as Millis;
        self.city_start + real_us * Millis::from(self.speed) / 1_000
    }

    fn real_duration(&self, city: Millis) -> Duration {
        Duration::from_micros(city.max(0) as u64 * 1_000 / u64::from(self.speed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scaled_minute_lasts_a_second() {
        let clock = ScaledClock::starting_at(1_000_000, 60);
        assert_eq!(clock.real_duration(60_000), Duration::from_secs(1));
        assert_eq!(clock.real_duration(-5), Duration::ZERO);
        let first = clock.now();
        assert!(first >= 1_000_000 && clock.now() >= first);
    }

    #[test]
    fn the_system_clock_is_past_the_year_2026() {
        assert!(SystemClock.now() > 1_767_225_600_000);
    }
}
