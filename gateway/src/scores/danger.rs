//! Time to danger by its own word: a zone that is told to be dangerous within minutes either is so by then or it is not.
//!
//! A warning is a time of at most [`WARNED_MIN`] minutes. It came true if the zone was dangerous by the upper bound of the
//! time that was told last; it was a false alarm if not. A danger that nobody was warned of is a miss. Once it has begun a
//! danger lasts until it has been away for [`CALM`], so that a crowd about its threshold is not many dangers.

use std::collections::BTreeMap;

use pipeline::calendar::{MINUTE, Millis};
use pipeline::city::ZoneIx;
use pipeline::derived::Derived;
use pipeline::output::{TickOutput, ZoneValue};
use pipeline::rules::Value;
use wire::Milli;

use super::Family;
use super::warnings::Warnings;

/// A longer time is no warning, minutes.
const WARNED_MIN: Milli = Milli::whole(15);

/// A danger is over when it has been away so long.
const CALM: Millis = 5 * MINUTE;

/// What was warned of and what came.
#[derive(Clone, Debug, Default)]
pub struct Dangers {
    warnings: Warnings<ZoneIx>,
    zones: BTreeMap<ZoneIx, Seen>,
}

/// What is known of a zone: corrections of older panes score nothing.
#[derive(Clone, Copy, Debug)]
struct Seen {
    pane_end: Millis,
    /// End of the last pane that was dangerous; `None`: calm.
    dangerous_at: Option<Millis>,
}

impl Dangers {
    pub(super) fn take(&mut self, output: &TickOutput) {
        let told = output.zone_values.iter();
        for row in told.filter(|row| row.value == Value::Derived(Derived::TimeToDanger)) {
            self.zone(row);
        }
    }

    fn zone(&mut self, row: &ZoneValue) {
        let Some(figures) = row.figures else { return };
        let (zone, now) = (row.zone, row.pane_end);
        let is_dangerous = figures.mean <= Milli::ZERO;
        let Some(seen) = self.zones.get_mut(&zone) else {
            // A danger that was there before anybody looked could not be warned of.
            let dangerous_at = is_dangerous.then_some(now);
            let seen = Seen {
                pane_end: now,
                dangerous_at,
            };
            self.zones.insert(zone, seen);
            return;
        };
        if now <= seen.pane_end {
            return;
        }
        seen.pane_end = now;
        seen.dangerous_at = seen.dangerous_at.filter(|at| now - at < CALM);
        self.warnings.expire_of(&zone, now);
        if is_dangerous {
            if seen.dangerous_at.is_none() {
                self.warnings.happened(&zone, now);
            }
            seen.dangerous_at = Some(now);
        } else if seen.dangerous_at.is_none() && figures.mean <= WARNED_MIN {
            // Minutes in thousandths.
            let by = now + figures.max.0 * MINUTE / 1000;
            self.warnings.warn(zone, now, by);
        }
    }

    pub(super) fn families(&self) -> Vec<Family> {
        let warnings = &self.warnings;
        let family = |name, help, counter, sample: Option<f64>| Family {
            name,
            help,
            counter,
            labels: &[],
            samples: sample.into_iter().map(|s| (Vec::new(), s)).collect(),
        };
        let count = |count: u64| Some(count as f64);
        let lead = warnings
            .median_lead_min()
            .map(|minutes| minutes as f64 * 60.0);
        vec![
            family(
                "citysense_time_to_danger_false_alarms_total",
                "Warnings of a dangerous density within 15 minutes that did not come true by their upper bound",
                true,
                count(warnings.false_alarms()),
            ),
            family(
                "citysense_time_to_danger_hits_total",
                "Dangerous densities that were warned of",
                true,
                count(warnings.hits()),
            ),
            family(
                "citysense_time_to_danger_median_lead_seconds",
                "Median time between the first warning and the danger, in whole minutes",
                false,
                lead,
            ),
            family(
                "citysense_time_to_danger_misses_total",
                "Dangerous densities that nobody was warned of",
                true,
                count(warnings.misses()),
            ),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pipeline::alert::Completeness;
    use pipeline::output::Figures;

    fn told(zone: u32, minute: i64, time: i64, high: i64) -> TickOutput {
        let figures = Figures {
            mean: Milli::whole(time),
            max: Milli::whole(high),
            ..Figures::default()
        };
        let row = ZoneValue {
            zone: ZoneIx(zone),
            value: Value::Derived(Derived::TimeToDanger),
            pane_start: (minute - 1) * MINUTE,
            pane_end: minute * MINUTE,
            figures: Some(figures),
            completeness: Completeness::default(),
            suspect: Default::default(),
            waits_for: None,
        };
        TickOutput {
            zone_values: vec![row],
            ..TickOutput::default()
        }
    }

    fn samples(dangers: &Dangers) -> Vec<Option<f64>> {
        let families = dangers.families().into_iter();
        families
            .map(|family| family.samples.first().map(|(_, sample)| *sample))
            .collect()
    }

    #[test]
    fn a_square_that_fills_is_a_hit_with_its_lead_and_one_that_empties_again_a_false_alarm() {
        let mut dangers = Dangers::default();
        // (zone, minute, time to danger, at most): warned at 2, dangerous at 9 and, after a glance away, still so.
        for (zone, minute, time, high) in [
            (0, 1, 60, 60),
            (0, 2, 15, 20),
            (0, 9, 0, 0),
            (0, 10, 1, 60),
            (0, 11, 0, 0),
            // Corrected, and therefore not scored.
            (0, 9, 5, 6),
            // Warned at 3 of danger by 12; calm at 13.
            (1, 1, 60, 60),
            (1, 3, 8, 9),
            (1, 13, 60, 60),
            // Nobody was warned.
            (2, 1, 40, 60),
            (2, 2, 0, 0),
            // It was so when the gateway began.
            (3, 1, 0, 0),
        ] {
            dangers.take(&told(zone, minute, time, high));
        }
        let lead = 7.0 * 60.0;
        assert_eq!(
            samples(&dangers),
            [Some(1.0), Some(1.0), Some(lead), Some(1.0)]
        );
    }
}
