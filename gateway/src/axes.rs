//! Axes of drawings: time to the right, a value upwards, round numbers beside both.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use pipeline::calendar::{DAY, HOUR, MINUTE, Millis, SECOND};
use wire::Milli;

use crate::page::words::rounded;

/// Where the drawing's own part of a sheet begins and ends, in its units.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame {
    pub(crate) left: f64,
    pub(crate) right: f64,
    pub(crate) top: f64,
    pub(crate) bottom: f64,
}

pub(crate) struct Axes {
    pub(crate) frame: Frame,
    pub(crate) from: Millis,
    pub(crate) to: Millis,
    low: f64,
    high: f64,
    step: f64,
}

impl Axes {
    /// Axes that hold all of `from..to` and, rounded, of `low..high`.
    pub(crate) fn new(frame: Frame, (from, to): (Millis, Millis), (low, high): (f64, f64)) -> Axes {
        // From zero where the figures are near it, so that heights can be compared.
        let low = if low > 0.0 && low < high * 0.7 {
            0.0
        } else {
            low
        };
        let span = (high - low).max(high.abs() * 0.1).max(0.1);
        let step = round_step(span / 4.0);
        let low = (low / step).floor() * step;
        let high = (((low + span) / step).ceil() * step).max(high);
        Axes {
            frame,
            from,
            to,
            low,
            high,
            step,
        }
    }

    pub(crate) fn x(&self, at: Millis) -> f64 {
        let share = (at - self.from) as f64 / (self.to - self.from).max(1) as f64;
        self.frame.left + share.clamp(0.0, 1.0) * (self.frame.right - self.frame.left)
    }

    pub(crate) fn y(&self, value: f64) -> f64 {
        let share = (value - self.low) / (self.high - self.low).max(f64::MIN_POSITIVE);
        self.frame.bottom - share.clamp(0.0, 1.0) * (self.frame.bottom - self.frame.top)
    }

    /// The value that stands at a height.
    pub(crate) fn value_at(&self, y: f64) -> f64 {
        let height = (self.frame.bottom - self.frame.top).max(f64::MIN_POSITIVE);
        self.low + (self.frame.bottom - y) / height * (self.high - self.low)
    }

    /// Height of a threshold, if it is in the picture.
    pub(crate) fn level(&self, value: f64) -> Option<f64> {
        (self.low..=self.high)
            .contains(&value)
            .then(|| self.y(value))
    }

    /// Heights of round values, with their labels.
    pub(crate) fn levels(&self) -> Vec<(f64, String)> {
        let count = ((self.high - self.low) / self.step).round() as i32;
        (0..=count.clamp(0, 12))
            .map(|n| {
                let value = self.low + f64::from(n) * self.step;
                let label = Milli::from_f64(value).map_or_else(String::new, rounded);
                (self.y(value), label)
            })
            .collect()
    }

    /// An SVG path over places in time; empty without any.
    pub(crate) fn line(&self, points: impl Iterator<Item = (Millis, f64)>) -> String {
        let mut path = String::new();
        for (at, value) in points {
            let verb = if path.is_empty() { 'M' } else { 'L' };
            path.push_str(&format!("{verb}{:.1} {:.1}", self.x(at), self.y(value)));
        }
        path
    }
}

/// Multiples of `step` on a clock after `from` and up to `to`; `step` is shorter than a day.
pub(crate) fn every(step: Millis, from: Millis, to: Millis, zone: &TimeZone) -> Vec<Millis> {
    let shift = Timestamp::from_millisecond(to)
        .map_or(0, |at| i64::from(zone.to_offset(at).seconds()) * SECOND);
    let first = (from + shift).div_euclid(step) * step + step - shift;
    (0..)
        .map(|n| first + n * step)
        .take_while(|at| *at <= to)
        .collect()
}

/// A label on the axis of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) at: Millis,
    pub(crate) label: String,
    /// The day, on the first mark of each where marks are hours.
    pub(crate) day: String,
}

/// Round times of a clock between `from` and `to`, at most `most` of them.
pub(crate) fn marks(from: Millis, to: Millis, most: i64, zone: &TimeZone) -> Vec<Mark> {
    let least = (to - from).max(1) / most.max(1);
    const STEPS: [Millis; 17] = [
        SECOND,
        2 * SECOND,
        5 * SECOND,
        10 * SECOND,
        15 * SECOND,
        30 * SECOND,
        MINUTE,
        2 * MINUTE,
        5 * MINUTE,
        10 * MINUTE,
        15 * MINUTE,
        30 * MINUTE,
        HOUR,
        2 * HOUR,
        3 * HOUR,
        6 * HOUR,
        12 * HOUR,
    ];
    let Some(step) = STEPS.into_iter().find(|step| *step >= least) else {
        return days(from, to, least, zone);
    };
    let format = if step < MINUTE { "%H:%M:%S" } else { "%H:%M" };
    let mut marks: Vec<Mark> = Vec::new();
    let mut last = String::new();
    for at in every(step, from - 1, to, zone) {
        let day = written(at, "%-d %b %Y", zone);
        let is_new = day != last;
        marks.push(Mark {
            at,
            label: written(at, format, zone),
            day: if is_new { day.clone() } else { String::new() },
        });
        last = day;
    }
    marks
}

/// Midnights, every so many days or on the first of months.
fn days(from: Millis, to: Millis, least: Millis, zone: &TimeZone) -> Vec<Mark> {
    let days = (least + DAY - 1) / DAY;
    let step = [1, 2, 5, 7, 14].into_iter().find(|step| *step >= days);
    let months = [1, 3, 6, 12, 60, 120]
        .into_iter()
        .find(|months| *months * 30 >= days)
        .unwrap_or(120);
    let Ok(begin) = Timestamp::from_millisecond(from) else {
        return Vec::new();
    };
    let mut date = begin.to_zoned(zone.clone()).date();
    if step.is_none() {
        date = date.first_of_month();
    }
    let mut marks = Vec::new();
    // Twice as many as are asked for, for the months that are passed over.
    for _ in 0..40_000 {
        let Ok(midnight) = date.to_zoned(zone.clone()) else {
            break;
        };
        let at = midnight.timestamp().as_millisecond();
        if at > to {
            break;
        }
        let fits = match step {
            // The last mark of a month keeps its distance from the first of the next.
            Some(step) => {
                let day = i64::from(date.day());
                (day - 1) % step == 0 && day + step <= 32
            }
            None => (i64::from(date.year()) * 12 + i64::from(date.month()) - 1) % months == 0,
        };
        if fits && at >= from {
            let format = if step.is_some() { "%-d %b" } else { "%b %Y" };
            marks.push(Mark {
                at,
                label: written(at, format, zone),
                day: String::new(),
            });
        }
        let next = match step {
            Some(_) => date.tomorrow(),
            None => date.last_of_month().tomorrow(),
        };
        let Ok(next) = next else { break };
        date = next;
    }
    marks
}

/// A moment on a clock, as `strftime` has it; `?` beyond the years that a calendar can write.
pub(crate) fn written(at: Millis, format: &str, zone: &TimeZone) -> String {
    match Timestamp::from_millisecond(at) {
        Ok(at) => at.to_zoned(zone.clone()).strftime(format).to_string(),
        Err(_) => "?".to_owned(),
    }
}

/// 1, 2 or 5 times a power of ten, at least `least`.
fn round_step(least: f64) -> f64 {
    let power = 10f64.powf(least.log10().floor());
    let factor = [1.0, 2.0, 5.0].into_iter().find(|f| f * power >= least);
    factor.unwrap_or(10.0) * power
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(from: &str, to: &str, most: i64) -> Vec<String> {
        let moment = |text: &str| {
            text.parse::<Timestamp>()
                .map_or(0, Timestamp::as_millisecond)
        };
        let zone = TimeZone::get("America/Los_Angeles").unwrap_or(TimeZone::UTC);
        let marks = marks(moment(from), moment(to), most, &zone);
        marks
            .into_iter()
            .map(|mark| format!("{} {}", mark.label, mark.day).trim().to_owned())
            .collect()
    }

    #[test]
    fn times_are_round_on_the_citys_clock() {
        assert_eq!(
            shown("2012-03-01T08:00:00Z", "2012-03-02T12:00:00Z", 8),
            [
                "00:00 1 Mar 2012",
                "06:00",
                "12:00",
                "18:00",
                "00:00 2 Mar 2012"
            ]
        );
        assert_eq!(
            shown("2012-03-01T08:00:00Z", "2012-03-01T08:00:40Z", 4).len(),
            5
        );
        // Midnights stay midnights over the change to summer time.
        assert_eq!(
            shown("2012-03-09T08:00:00Z", "2012-03-13T08:00:00Z", 5),
            ["9 Mar", "10 Mar", "11 Mar", "12 Mar", "13 Mar"]
        );
        assert_eq!(
            shown("2013-03-01T08:00:00Z", "2017-02-28T08:00:00Z", 10),
            [
                "Jul 2013", "Jan 2014", "Jul 2014", "Jan 2015", "Jul 2015", "Jan 2016", "Jul 2016",
                "Jan 2017"
            ]
        );
    }

    #[test]
    fn values_have_round_levels() {
        let frame = Frame {
            left: 0.0,
            right: 100.0,
            top: 0.0,
            bottom: 100.0,
        };
        let axes = Axes::new(frame, (0, 100), (12.0, 483.0));
        let labels: Vec<_> = axes.levels().into_iter().map(|(_, label)| label).collect();
        assert_eq!(labels, ["0", "200", "400", "600"]);
        assert_eq!(axes.level(300.0), Some(50.0));
        assert_eq!(axes.level(700.0), None);
        assert_eq!(
            axes.line([(0, 0.0), (100, 600.0)].into_iter()),
            "M0.0 100.0L100.0 0.0"
        );
    }
}
