//! The node's own alarm: a threshold with hysteresis, judged where the sensor is, so that it needs no network.

use wire::{Measurement, Milli};

/// Raises at one value and ends at another; which is higher says which way danger lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threshold {
    pub raise_at: Milli,
    /// Beyond it on the safe side the alarm is over. Equal to `raise_at`: danger is above.
    pub clear_at: Milli,
}

/// Whether one sensor is in alarm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LocalAlarm {
    raised: bool,
}

/// What a reading does to the alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    None,
    /// Raised or over: the reading travels in the alarm lane.
    Turned,
}

impl LocalAlarm {
    /// A fault changes nothing, and a bound only what it proves: silence never ends an alarm.
    pub fn judge(&mut self, threshold: &Threshold, measurement: Measurement) -> Change {
        let turns = if self.raised {
            threshold.is_over(measurement)
        } else {
            threshold.is_reached(measurement)
        };
        if !turns {
            return Change::None;
        }
        self.raised = !self.raised;
        Change::Turned
    }

    pub fn is_raised(&self) -> bool {
        self.raised
    }
}

impl Threshold {
    fn danger_is_above(&self) -> bool {
        self.raise_at >= self.clear_at
    }

    fn is_reached(&self, measurement: Measurement) -> bool {
        match measurement {
            Measurement::Value(value) if self.danger_is_above() => value >= self.raise_at,
            Measurement::Value(value) => value <= self.raise_at,
            Measurement::AtLeast(value) => self.danger_is_above() && value >= self.raise_at,
            Measurement::AtMost(value) => !self.danger_is_above() && value <= self.raise_at,
            Measurement::Fault(_) => false,
        }
    }

    fn is_over(&self, measurement: Measurement) -> bool {
        match measurement {
            Measurement::Value(value) if self.danger_is_above() => value < self.clear_at,
            Measurement::Value(value) => value > self.clear_at,
            Measurement::AtLeast(value) => !self.danger_is_above() && value > self.clear_at,
            Measurement::AtMost(value) => self.danger_is_above() && value < self.clear_at,
            Measurement::Fault(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Measurement::{AtLeast, AtMost, Value};
    use wire::Fault;

    #[track_caller]
    fn check(threshold: (i64, i64), story: &[(Measurement, bool)]) {
        let threshold = Threshold {
            raise_at: Milli(threshold.0),
            clear_at: Milli(threshold.1),
        };
        let mut alarm = LocalAlarm::default();
        for &(measurement, raised) in story {
            let before = alarm.is_raised();
            let change = alarm.judge(&threshold, measurement);
            assert_eq!(alarm.is_raised(), raised, "{measurement:?}");
            assert_eq!(
                change == Change::Turned,
                before != raised,
                "{measurement:?}"
            );
        }
    }

    #[test]
    fn gas_rises_saturates_goes_silent_and_falls() {
        check(
            (20_000, 10_000),
            &[
                (Value(Milli(19_999)), false),
                (AtMost(Milli(50_000)), false),
                (Value(Milli(20_000)), true),
                (AtLeast(Milli(100_000)), true),
                (Measurement::Fault(Fault::Timeout), true),
                (AtLeast(Milli(5_000)), true),
                (Value(Milli(10_000)), true),
                (Value(Milli(9_999)), false),
                (AtLeast(Milli(20_000)), true),
                (AtMost(Milli(0)), false),
            ],
        );
    }

    #[test]
    fn oxygen_is_dangerous_when_low() {
        check(
            (4_000, 5_000),
            &[
                (Value(Milli(4_001)), false),
                (AtMost(Milli(4_000)), true),
                (Value(Milli(5_000)), true),
                (AtLeast(Milli(6_000)), false),
            ],
        );
    }
}
