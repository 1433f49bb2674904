//! Time: ticks, panes and how long a pane may be corrected.
//!
//! Two times never mix: a [`Tick`] is gateway time, the dataflow's timestamp; event time is a plain
//! `i64` of milliseconds UTC inside a reading, and only panes of it are compared.

use serde::{Deserialize, Serialize};
use wire::Quantity;
use wire::quantity::{Group, TABLE};

pub use crate::local_time::LocalTime;

/// Milliseconds since 1970 UTC.
pub type Millis = i64;

pub const SECOND: Millis = 1_000;
pub const MINUTE: Millis = 60 * SECOND;
pub const QUARTER: Millis = 15 * MINUTE;
pub const HOUR: Millis = 60 * MINUTE;
pub const DAY: Millis = 24 * HOUR;

/// Gateway time at which the journal took an input, in milliseconds since 1970 UTC: the dataflow's timestamp.
pub type Tick = u64;

/// The tick of a moment; moments before 1970 all share tick 0.
pub fn tick_at(moment: Millis) -> Tick {
    moment.max(0) as Tick
}

/// Start of the pane of `width` that holds `moment`; panes are multiples of the width since 1970.
pub fn pane_start(moment: Millis, width: Millis) -> Millis {
    moment.div_euclid(width) * width
}

/// Widths and lifetimes of panes by quantity; fixed for the life of a dataflow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calendar {
    /// By [`Quantity::place`].
    spans: Vec<Span>,
    /// The city's clock, for days and nights.
    pub local: LocalTime,
}

/// How one quantity's panes live, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// Pane width; divides a quarter hour or is a multiple of one.
    pub width: Millis,
    /// After its end a pane waits so long for stragglers before it is judged.
    pub grace: Millis,
    /// After its end a pane may still be corrected so long; then it is sealed off.
    pub horizon: Millis,
}

impl Span {
    /// When a pane that starts at `start` is sealed off: from that tick on nothing corrects it.
    pub fn sealed_at(self, start: Millis) -> Tick {
        tick_at(start + self.width + self.horizon)
    }
}

pub const GRACE_DEFAULT: Millis = 2 * SECOND;
pub const HORIZON_DEFAULT: Millis = HOUR;
/// Lateness that air stations are given.
pub const HORIZON_AIR_DEFAULT: Millis = 26 * HOUR;
/// What hourly means are made of: pollutants, and the weather by which they are forecast.
pub fn has_hours(quantity: Quantity) -> bool {
    use Quantity::*;
    let is_weather = matches!(
        quantity,
        Temperature | RelativeHumidity | Pressure | WindSpeed
    );
    quantity.entry().group == Group::Air || is_weather
}

/// Longest window over hours that an air index uses.
pub const AIR_WINDOW: Millis = 24 * HOUR;

impl Default for Calendar {
    fn default() -> Calendar {
        let span = |group| match group {
            Group::Air => HORIZON_AIR_DEFAULT,
            _ => HORIZON_DEFAULT,
        };
        Calendar {
            spans: TABLE
                .iter()
                .map(|entry| Span {
                    width: Millis::from(entry.pane_width_s) * SECOND,
                    grace: GRACE_DEFAULT,
                    horizon: span(entry.group),
                })
                .collect(),
            local: LocalTime::default(),
        }
    }
}

impl Calendar {
    pub fn span(&self, quantity: Quantity) -> Span {
        self.spans[quantity.place()]
    }

    pub fn set(&mut self, quantity: Quantity, span: Span) {
        self.spans[quantity.place()] = span;
    }

    /// The quarter-hour panes of an air quantity, on which hours are built: they must outlive the
    /// longest window that looks back on them. Those of the weather live as long as the air's, whose forecast needs
    /// both.
    pub fn quarter_span(&self, quantity: Quantity) -> Span {
        let Span {
            grace, mut horizon, ..
        } = self.span(quantity);
        if quantity.entry().group == Group::Weather {
            horizon = horizon.max(self.span(Quantity::Pm2_5).horizon);
        }
        Span {
            width: QUARTER,
            grace,
            horizon: horizon + AIR_WINDOW + HOUR,
        }
    }

    /// The hours of an air index. An hour leaves with its first quarter, which is that much earlier than the
    /// horizon of quarters after its own end.
    pub fn index_span(&self) -> Span {
        let quarter = self.quarter_span(Quantity::Pm2_5);
        Span {
            width: HOUR,
            grace: quarter.grace,
            horizon: quarter.horizon - (HOUR - QUARTER),
        }
    }

    /// The local days of an air index, which leave with their first hour; the longest has 25. The width is
    /// that of most days.
    pub fn day_span(&self) -> Span {
        let quarter = self.quarter_span(Quantity::Pm2_5);
        Span {
            width: DAY,
            grace: quarter.grace,
            horizon: quarter.horizon + QUARTER - (DAY + HOUR),
        }
    }

    /// The month of the local year, 0 is January.
    pub fn month(&self, moment: Millis) -> u32 {
        let local = moment.saturating_add(self.local.offset(moment));
        let (_, month, _) = civil_from_days(local.div_euclid(DAY));
        u32::try_from(month - 1).unwrap_or(0)
    }

    /// Lets humidity outlive the particles that are corrected by it, for a city with nodes to be corrected.
    pub fn keep_humidity(&mut self) {
        let longest = self.quarter_span(Quantity::Pm2_5).horizon + HOUR;
        let span = self.span(Quantity::RelativeHumidity);
        let horizon = span.horizon.max(longest);
        self.set(Quantity::RelativeHumidity, Span { horizon, ..span });
    }

    /// How long after its end the slowest of all values may still be corrected.
    pub fn horizon_max(&self) -> Millis {
        let horizons = Quantity::all().map(|quantity| self.quarter_span(quantity).horizon);
        horizons.max().unwrap_or_default()
    }
}

/// RFC 3339 in UTC with milliseconds: `2026-11-22T01:30:00.000Z`.
pub fn rfc3339(moment: Millis) -> String {
    let (days, in_day) = (moment.div_euclid(DAY), moment.rem_euclid(DAY));
    let (year, month, day) = civil_from_days(days);
    let (hour, minute) = (in_day / HOUR, in_day / MINUTE % 60);
    let (second, milli) = (in_day / SECOND % 60, in_day % SECOND);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z")
}

/// Proleptic Gregorian date of a day number since 1970-01-01 (H. Hinnant, "chrono-Compatible Low-Level
/// Date Algorithms").
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_in_utc() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(rfc3339(951_827_696_789), "2000-02-29T12:34:56.789Z");
        assert_eq!(rfc3339(-1), "1969-12-31T23:59:59.999Z");
        assert_eq!(rfc3339(1_795_309_200_000), "2026-11-22T01:00:00.000Z");
    }

    #[test]
    fn panes_are_multiples_of_their_width_before_1970_too() {
        assert_eq!(pane_start(59_999, MINUTE), 0);
        assert_eq!(pane_start(60_000, MINUTE), 60_000);
        assert_eq!(pane_start(-1, MINUTE), -60_000);
    }
}
