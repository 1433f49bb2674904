//! The node's own alarm: the rule core of the city, judged where the sensor is, so that it needs no network.

use wire::Measurement;
use wire::rule::{Evidence, Machine, Threshold};

/// Whether one sensor is in alarm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LocalAlarm {
    machine: Machine,
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
    pub fn judge(
        &mut self,
        threshold: &Threshold,
        uptime_ms: u64,
        measurement: Measurement,
    ) -> Change {
        let before = self.is_raised();
        if let Measurement::Fault(_) = measurement {
            return Change::None;
        }
        let at_ms = i64::try_from(uptime_ms).unwrap_or(i64::MAX);
        let reading = Evidence {
            start_ms: at_ms,
            end_ms: at_ms,
            weight: threshold.weigh(measurement),
            open: false,
            alarm: false,
        };
        self.machine.step(threshold, &reading);
        match self.is_raised() == before {
            true => Change::None,
            false => Change::Turned,
        }
    }

    pub fn is_raised(&self) -> bool {
        self.machine.run().is_some_and(|run| run.is_raised())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Measurement::{AtLeast, AtMost, Value};
    use wire::rule::Danger;
    use wire::{Fault, Milli};

    /// A reading a second.
    #[track_caller]
    fn check(threshold: &Threshold, story: &[(Measurement, bool)]) {
        let mut alarm = LocalAlarm::default();
        for (second, &(measurement, raised)) in (0..).zip(story) {
            let before = alarm.is_raised();
            let change = alarm.judge(threshold, second * 1_000, measurement);
            assert_eq!(alarm.is_raised(), raised, "{second}: {measurement:?}");
            assert_eq!(change == Change::Turned, before != raised, "{second}");
        }
    }

    const GAS: Threshold = Threshold {
        danger: Danger::Above,
        raise_at: Milli(20_000),
        clear_at: Milli(10_000),
        raise_after_ms: 0,
        clear_after_ms: 0,
    };

    #[test]
    fn gas_rises_saturates_goes_silent_and_falls() {
        check(
            &GAS,
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
    fn a_puff_is_no_alarm_and_a_moment_of_fresh_air_no_end() {
        let lasting = Threshold {
            raise_after_ms: 2_000,
            clear_after_ms: 1_000,
            ..GAS
        };
        let (gas, air) = (Value(Milli(25_000)), Value(Milli(0)));
        check(
            &lasting,
            &[
                (gas, false),
                (gas, false),
                (air, false),
                (gas, false),
                (Measurement::Fault(Fault::Timeout), false),
                (gas, true),
                (air, true),
                (gas, true),
                (air, true),
                (air, false),
            ],
        );
    }

    #[test]
    fn oxygen_is_dangerous_when_low() {
        let oxygen = Threshold {
            danger: Danger::Below,
            raise_at: Milli(4_000),
            clear_at: Milli(5_000),
            ..GAS
        };
        check(
            &oxygen,
            &[
                (Value(Milli(4_001)), false),
                (AtMost(Milli(4_000)), true),
                (Value(Milli(5_000)), true),
                (AtLeast(Milli(6_000)), false),
            ],
        );
    }
}
