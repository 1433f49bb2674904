//! A city whose time stands still until its gateway has taken in the history: the story waits for its audience.

use std::sync::OnceLock;
use std::time::Duration;

use pipeline::calendar::Millis;

use crate::clock::{Clock, ScaledClock};

/// A scaled clock that is started later.
pub(super) struct HeldClock {
    start: Millis,
    speed: u32,
    running: OnceLock<ScaledClock>,
}

impl HeldClock {
    pub(super) fn at(start: Millis, speed: u32) -> HeldClock {
        HeldClock {
            start,
            speed,
            running: OnceLock::new(),
        }
    }

    /// From now on time passes; a second call changes nothing.
    pub(super) fn release(&self) {
        self.running
            .get_or_init(|| ScaledClock::starting_at(self.start, self.speed));
    }
}

impl Clock for HeldClock {
    fn now(&self) -> Millis {
        self.running.get().map_or(self.start, Clock::now)
    }

    fn real_duration(&self, city: Millis) -> Duration {
        // What a clock that starts at this moment would say.
        let clock = ScaledClock::starting_at(self.start, self.speed);
        self.running.get().unwrap_or(&clock).real_duration(city)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_stands_still_until_it_is_released() {
        let clock = HeldClock::at(1_000, 60_000);
        assert_eq!(clock.now(), 1_000);
        assert_eq!(clock.now(), 1_000);
        assert_eq!(clock.real_duration(60_000), Duration::from_millis(1));
        clock.release();
        while clock.now() == 1_000 {
            std::thread::yield_now();
        }
        assert!(clock.now() > 1_000);
    }
}
