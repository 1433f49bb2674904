//! The forecast of the air index, scored by its own predictions, by standard and by how far it looks ahead.
//!
//! A forecast counts as people first heard it, and only if they heard it before the hour that it speaks of had ended. The
//! truth is the index of that hour as it is known an hour after its end. Beside it stands persistence: that the index
//! stays what it was in the hour in which the forecast was made.

use std::collections::BTreeMap;

use pipeline::calendar::{HOUR, Millis};
use pipeline::city::ZoneIx;
use pipeline::output::{TickOutput, ZoneValue};
use pipeline::rules::Value;
use pipeline::science::air::Standard;
use pipeline::science::air::forecast::Ahead;
use wire::Milli;

use super::Family;
use super::numbers::{Numbers, Predicted, Tally};

/// An index is taken for known so long after the end of its hour.
const KNOWN_AFTER: Millis = HOUR;
/// Indices are kept for persistence and truth; the farthest forecast needs those of a day and two hours.
const KEPT: Millis = 30 * HOUR;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    zone: ZoneIx,
    standard: Standard,
    ahead: Ahead,
    /// The hour in which it was said.
    hour: Millis,
}

#[derive(Clone, Debug, Default)]
pub struct ForecastScores {
    indices: BTreeMap<(Millis, ZoneIx, Standard), Milli>,
    open: Numbers<Key>,
    tallies: BTreeMap<(Standard, Ahead), Tally>,
}

impl ForecastScores {
    pub fn take(&mut self, output: &TickOutput) {
        let now = output.tick as Millis;
        for row in &output.air {
            let key = (row.hour, row.zone, row.standard);
            match row.index {
                Some(index) => {
                    let index = Milli::whole(i64::from(index.index));
                    self.indices.insert(key, index);
                }
                None => drop(self.indices.remove(&key)),
            }
        }
        for value in &output.zone_values {
            if let Value::AirForecast(standard, ahead) = value.value {
                let key = Key {
                    zone: value.zone,
                    standard,
                    ahead,
                    hour: value.pane_start,
                };
                self.hear(now, key, value);
            }
        }
        for (key, predicted) in self.open.due(now) {
            let hour = key.hour + key.value().ahead();
            if let Some(came) = self.indices.get(&(hour, key.zone, key.standard)) {
                let tally = self.tallies.entry((key.standard, key.ahead)).or_default();
                tally.score(&predicted, *came);
            }
        }
        let old = |hour: &Millis| hour + KEPT < now;
        while let Some(first) = self
            .indices
            .first_entry()
            .filter(|first| old(&first.key().0))
        {
            first.remove();
        }
    }

    fn hear(&mut self, now: Millis, key: Key, value: &ZoneValue) {
        let ends = value.pane_end + value.value.ahead();
        if now >= ends {
            return;
        }
        let before = self.indices.get(&(key.hour, key.zone, key.standard));
        match (value.figures, before) {
            (Some(figures), Some(before)) => {
                let predicted = Predicted {
                    value: figures.mean,
                    low: figures.min,
                    high: figures.max,
                    before: *before,
                };
                self.open.predict(key, ends + KNOWN_AFTER, predicted);
            }
            (None, _) => self.open.withdraw(key),
            (Some(_), None) => {}
        }
    }

    pub fn tally(&self, standard: Standard, ahead: Ahead) -> Tally {
        let tally = self.tallies.get(&(standard, ahead));
        tally.copied().unwrap_or_default()
    }

    pub fn families(&self) -> Vec<Family> {
        const LABELS: &[&str] = &["standard", "ahead"];
        let counter = |name, help, sample: fn(&Tally) -> f64| {
            let samples = self.tallies.iter();
            let samples = samples.map(|((standard, ahead), tally)| {
                let labels = vec![standard.to_string(), ahead.to_string()];
                (labels, sample(tally))
            });
            Family {
                name,
                help,
                counter: true,
                labels: LABELS,
                samples: samples.collect(),
            }
        };
        vec![
            counter(
                "citysense_forecast_absolute_error_total",
                "Index points by which forecasts were off, added up",
                |tally| tally.absolute_error,
            ),
            counter(
                "citysense_forecast_inside_bounds_total",
                "Forecasts within whose bounds the index came",
                |tally| tally.inside as f64,
            ),
            counter(
                "citysense_forecast_persistence_absolute_error_total",
                "Index points by which the guess that nothing changes was off for the same hours, added up",
                |tally| tally.absolute_error_before,
            ),
            counter(
                "citysense_forecast_persistence_squared_error_total",
                "Squares of the same, added up",
                |tally| tally.squared_error_before,
            ),
            counter(
                "citysense_forecast_scored_total",
                "Forecasts of the air index whose hour has come",
                |tally| tally.scored as f64,
            ),
            counter(
                "citysense_forecast_squared_error_total",
                "Squares of the index points by which forecasts were off, added up",
                |tally| tally.squared_error,
            ),
        ]
    }
}

impl Key {
    fn value(&self) -> Value {
        Value::AirForecast(self.standard, self.ahead)
    }
}

#[cfg(test)]
mod tests {
    use pipeline::alert::Completeness;
    use pipeline::output::{AirIndex, AirRow, Figures};
    use pipeline::science::air::Pollutants;

    use super::*;

    const STANDARD: Standard = Standard::UsEpa2024;

    /// At `minute`: the index of an hour, and what is forecast in it for three hours later (value, low, high).
    fn tick(minute: i64, hour: i64, index: Option<u32>, said: Option<[i64; 3]>) -> TickOutput {
        let start = hour * HOUR;
        let index = index.map(|index| AirIndex {
            index,
            category: 1,
            primary: Pollutants::NONE,
        });
        let figures = |[mean, min, max]: [i64; 3]| Figures {
            mean: Milli::whole(mean),
            min: Milli::whole(min),
            max: Milli::whole(max),
            ..Figures::default()
        };
        let value = said.map(|said| ZoneValue {
            zone: ZoneIx(0),
            value: Value::AirForecast(STANDARD, Ahead::ThreeHours),
            pane_start: start,
            pane_end: start + HOUR,
            figures: (said[0] > 0).then(|| figures(said)),
            completeness: Completeness::default(),
            suspect: 0,
            waits_for: None,
        });
        TickOutput {
            tick: (minute * HOUR / 60) as u64,
            air: vec![AirRow {
                zone: ZoneIx(0),
                hour: start,
                standard: STANDARD,
                index,
            }],
            zone_values: value.into_iter().collect(),
            ..TickOutput::default()
        }
    }

    fn scored(ticks: &[TickOutput]) -> Tally {
        let mut scores = ForecastScores::default();
        ticks.iter().for_each(|output| scores.take(output));
        scores.tally(STANDARD, Ahead::ThreeHours)
    }

    #[test]
    fn the_first_word_is_compared_with_the_index_as_it_is_known_an_hour_later() {
        let tally = scored(&[
            tick(60, 0, Some(100), Some([130, 110, 150])),
            // Said again after a correction: people had heard the other figure.
            tick(70, 0, Some(100), Some([170, 160, 180])),
            tick(240, 3, Some(120), None),
            tick(250, 3, Some(140), None),
            tick(300, 4, Some(500), None),
            tick(301, 3, Some(999), None),
        ]);
        assert_eq!((tally.scored, tally.inside), (1, 1));
        assert_eq!(
            (tally.absolute_error, tally.absolute_error_before),
            (10.0, 40.0)
        );
    }

    #[test]
    fn what_is_said_too_late_or_taken_back_is_not_scored() {
        let late = [
            tick(240, 0, Some(100), Some([130, 110, 150])),
            tick(240, 3, Some(120), None),
            tick(400, 5, Some(1), None),
        ];
        assert_eq!(scored(&late).scored, 0);
        let taken_back = [
            tick(60, 0, Some(100), Some([130, 110, 150])),
            tick(90, 0, None, Some([0, 0, 0])),
            tick(240, 3, Some(120), None),
            tick(400, 5, Some(1), None),
        ];
        assert_eq!(scored(&taken_back).scored, 0);
    }

    #[test]
    fn an_hour_that_never_came_is_not_scored() {
        let silent = [
            tick(60, 0, Some(100), Some([130, 110, 150])),
            tick(400, 5, Some(1), None),
        ];
        assert_eq!(scored(&silent).scored, 0);
    }
}
