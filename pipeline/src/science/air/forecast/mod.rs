//! The next hours of an air index, from the last day of a zone's hourly means.
//!
//! First every pollutant's concentration, then the index of the standard over measured and forecast hours together, so
//! that each standard averages as it always does.
//!
//! **Concentration.** A weighted sum of the zone's own last day ([`weights`] says of what), plus how unusual the weather
//! is, where the zone measures it. All weights are shares of concentrations, none is a concentration: the formula does
//! not know how dirty a city is, and is the same in any unit. The weights were fitted on two of Beijing's stations, 2013
//! to 2015, and are to be taken as defaults: on two other stations of 2016 they beat persistence ("it stays as
//! it is") at every horizon, and so they do for the index of a monitor in Shanghai. No published model; the yardstick is
//! `tests/air_forecast.rs`, and `citysense_forecast_*` of a running gateway for its own city.
//!
//! **Bounds.** Nominally four of five hours lie within, one of ten below and one of ten above. They widen with the
//! changes that the zone's own last day has seen, and with the concentration.
//!
//! Treatment of bad input: a pollutant without this hour, or with fewer than [`HOURS_NEEDED`] of the last 24, has no
//! forecast; a missing hour counts as the next one heard after it; negative means count as zero; a saturated mean counts
//! as it is. Weather that is missing counts as usual weather. Weather is cut at what weather does in a day, and a
//! forecast at twice the day's highest hour, so a broken sensor next door cannot run away with it.

use std::fmt;

use serde::{Deserialize, Serialize};
use wire::{Milli, Quantity};

use self::weights::{STEPS, Step, WEIGHTS};
use super::hourly::Hours;
use super::worst::POLLUTANTS;
use super::{HOURS, Standard, hourly_index};
use crate::output::AirIndex;

mod weights;

/// How far ahead an index is forecast. The hour that is spoken of ends so long after the one that is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Ahead {
    OneHour,
    ThreeHours,
    SixHours,
    Day,
}

/// A forecast index and the bounds within which it comes four times of five.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forecast {
    pub index: AirIndex,
    pub low: u32,
    pub high: u32,
}

/// A forecast mean and its bounds, in the pollutant's own unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    pub mean: Milli,
    pub low: Milli,
    pub high: Milli,
}

/// Of the last 24 hours so many must be there.
pub const HOURS_NEEDED: usize = 12;

/// Bounds are meant to hold for this share of all hours.
pub const COVERAGE: f64 = 0.8;

/// What a concentration can at most become, as a multiple of the highest hour of the last day.
const GROWTH_MAX: f64 = 2.0;

/// The share of a concentration by which bounds widen, beside the changes of the last day.
const SPREAD_OF_LEVEL: f64 = 0.2;

/// Farthest ahead for which the changes of a day say anything about the spread.
const SPREAD_HOURS: usize = 6;

/// The coming hours of one zone: what is expected of each pollutant.
pub struct Outlook {
    /// In the order of [`POLLUTANTS`] and of [`STEPS`].
    expected: [Option<[Expected; STEPS.len()]>; POLLUTANTS.len()],
}

impl Outlook {
    /// After the hour for which `hours(_, 0)` answers, in each quantity's own unit; asked up to 23 hours back, also for
    /// wind speed, temperature, pressure and humidity. `None` where nothing can be forecast.
    pub fn after(hours: Hours<'_>) -> Option<Outlook> {
        let weather = weather(hours);
        let expected = std::array::from_fn(|place| {
            let day = Day::of(hours, POLLUTANTS[place])?;
            Some(std::array::from_fn(|step| {
                day.expected(&WEIGHTS[place][step], &weather)
            }))
        });
        let any = expected.iter().any(Option::is_some);
        any.then_some(Outlook { expected })
    }

    /// The mean of the pollutant so many hours ahead, 1 to 24.
    pub fn expected(&self, quantity: Quantity, ahead: usize) -> Option<Expected> {
        let place = POLLUTANTS.iter().position(|of| *of == quantity)?;
        let steps = self.expected[place].as_ref()?;
        let after = STEPS.iter().position(|step| *step >= ahead)?;
        if STEPS[after] == ahead || after == 0 {
            return (ahead > 0).then_some(steps[after]);
        }
        // Between two steps on the straight line.
        let (from, to) = (STEPS[after - 1], STEPS[after]);
        let between = |a: Milli, b: Milli| {
            let (done, all) = ((ahead - from) as i128, (to - from) as i128);
            let sum = i128::from(a.0) * (all - done) + i128::from(b.0) * done;
            Milli((sum / all) as i64)
        };
        let (a, b) = (steps[after - 1], steps[after]);
        Some(Expected {
            mean: between(a.mean, b.mean),
            low: between(a.low, b.low),
            high: between(a.high, b.high),
        })
    }

    /// The index by a standard; `hours` as they were given to [`Outlook::after`]. `None` where the standard gives the
    /// hour none.
    pub fn index(&self, standard: Standard, ahead: Ahead, hours: Hours<'_>) -> Option<Forecast> {
        let ahead = ahead.hours();
        let of = |pick: fn(Expected) -> Milli| {
            let both = |quantity: Quantity, back: usize| match ahead.checked_sub(back) {
                Some(coming) if coming > 0 => self.expected(quantity, coming).map(pick),
                _ => hours(quantity, back - ahead),
            };
            hourly_index(standard, &both)
        };
        let index = of(|expected| expected.mean)?;
        // What a standard publishes only when it is high may have no lower bound: then nothing is excluded.
        let low = of(|expected| expected.low).map_or(0, |low| low.index);
        let high = of(|expected| expected.high).map_or(index.index, |high| high.index);
        Some(Forecast {
            index,
            low: low.min(index.index),
            high: high.max(index.index),
        })
    }
}

/// The last day of a pollutant, newest hour first, gaps filled, in thousandths of its unit.
struct Day([f64; HOURS]);

impl Day {
    fn of(hours: Hours<'_>, quantity: Quantity) -> Option<Day> {
        let mean = |back| hours(quantity, back).map(|mean| mean.0.max(0) as f64);
        let mut day = [mean(0)?; HOURS];
        let mut heard = 1;
        for back in 1..HOURS {
            let there = mean(back);
            heard += usize::from(there.is_some());
            day[back] = there.unwrap_or(day[back - 1]);
        }
        (heard >= HOURS_NEEDED).then_some(Day(day))
    }

    fn mean(&self, hours: usize) -> f64 {
        self.0[..hours].iter().sum::<f64>() / hours as f64
    }

    /// Whether the hours went on as they began (1), at random (0), or back and forth (−½): how far the last change is to
    /// be trusted. A noisy monitor shows here.
    fn persistence_of_changes(&self) -> f64 {
        let change = |back: usize| self.0[back] - self.0[back + 1];
        let pairs: f64 = (0..HOURS - 2)
            .map(|back| change(back) * change(back + 1))
            .sum();
        let squares: f64 = (0..HOURS - 1).map(|back| change(back) * change(back)).sum();
        if squares > 0.0 { pairs / squares } else { 0.0 }
    }

    /// Mean change within so many hours.
    fn spread(&self, hours: usize) -> f64 {
        let changes = (0..HOURS - hours).map(|back| (self.0[back] - self.0[back + hours]).abs());
        changes.sum::<f64>() / (HOURS - hours) as f64
    }

    fn expected(&self, step: &Step, weather: &Weather) -> Expected {
        let day = &self.0;
        let (a_day_before, beside) = step.yesterday();
        let trust = self.persistence_of_changes();
        let of_day = [
            day[0],
            day[1],
            day[2],
            self.mean(6),
            self.mean(HOURS),
            day[a_day_before],
            day[beside],
            (day[0] - day[1]) * trust,
            (day[0] - self.mean(6)) * trust,
        ];
        let own: f64 = step
            .day
            .iter()
            .zip(of_day)
            .map(|(w, x)| share(*w) * x)
            .sum();
        let by_weather: f64 = step
            .weather
            .iter()
            .zip(weather)
            .map(|(w, x)| share(*w) * x)
            .sum();
        let highest = day.iter().copied().fold(0.0, f64::max);
        let mean = (own + day[0] * by_weather).clamp(0.0, GROWTH_MAX * highest);
        let spread = self.spread(step.ahead.min(SPREAD_HOURS)) + SPREAD_OF_LEVEL * mean;
        let (below, above) = (step.below(), step.above());
        let milli = |value: f64| Milli(value.max(0.0).round() as i64);
        Expected {
            mean: milli(mean),
            low: milli(mean - below * spread),
            high: milli(mean + above * spread),
        }
    }
}

fn share(ten_thousandths: i16) -> f64 {
    f64::from(ten_thousandths) / 10_000.0
}

/// How unusual the weather is, in the order of [`Step::weather`]; zero: as usual, or not known.
type Weather = [f64; 7];

/// Against the mean of the last day, and against three hours ago; cut at what a day of weather can do.
fn weather(hours: Hours<'_>) -> Weather {
    let unusual = |quantity: Quantity, most: f64| {
        let heard = (0..HOURS).filter_map(|back| hours(quantity, back));
        let (sum, count) = heard.fold((0.0, 0), |(sum, count), mean| {
            (sum + mean.to_f64(), count + 1)
        });
        let now = hours(quantity, 0).map(Milli::to_f64);
        let against = |then: Option<f64>| match (now, then) {
            (Some(now), Some(then)) => (now - then).clamp(-most, most),
            _ => 0.0,
        };
        let day = (count >= HOURS_NEEDED).then(|| sum / count as f64);
        let before = hours(quantity, 3).map(Milli::to_f64);
        (against(day), against(before))
    };
    let (wind, _) = unusual(Quantity::WindSpeed, 10.0);
    let (warm, warming) = unusual(Quantity::Temperature, 15.0);
    let (pressure, rising) = unusual(Quantity::Pressure, 20.0);
    let (humid, moistening) = unusual(Quantity::RelativeHumidity, 60.0);
    [wind, warm, warming, pressure, rising, humid, moistening]
}

impl Ahead {
    pub const ALL: [Ahead; 4] = [
        Ahead::OneHour,
        Ahead::ThreeHours,
        Ahead::SixHours,
        Ahead::Day,
    ];

    pub fn hours(self) -> usize {
        match self {
            Ahead::OneHour => 1,
            Ahead::ThreeHours => 3,
            Ahead::SixHours => 6,
            Ahead::Day => 24,
        }
    }

    /// As rules, metrics and people name it.
    pub fn name(self) -> &'static str {
        match self {
            Ahead::OneHour => "1h",
            Ahead::ThreeHours => "3h",
            Ahead::SixHours => "6h",
            Ahead::Day => "24h",
        }
    }

    pub fn from_name(name: &str) -> Option<Ahead> {
        Ahead::ALL.into_iter().find(|ahead| ahead.name() == name)
    }
}

impl fmt::Display for Ahead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
