//! The index of one hour of a zone, from its hourly means.

use wire::{Milli, Quantity};

use super::Standard;
use super::exact::Exact;
use super::nowcast::{NOWCAST_HOURS, nowcast};
use super::table::{Averaging, Column};
use super::units::{Reference, Unit, convert};
use crate::output::AirIndex;

/// Hours that an hourly index may look at: the hour itself and those before it.
pub const HOURS: usize = 24;

/// Hourly means of a zone: `hours(quantity, k)` is that of `k` hours before the hour in question, in the
/// quantity's own unit.
type Hours<'a> = &'a dyn Fn(Quantity, usize) -> Option<Milli>;

/// The index of the hour for which `hours(_, 0)` answers; `k` is asked up to [`HOURS`] − 1.
///
/// An hour in which none of the standard's pollutants was heard has no index, whatever the hours before
/// it say: nothing is not clean air, and a look back never runs past the last reading.
///
/// `us-epa-2024`: particles by NowCast through the daily columns; ozone by the higher of 8 h and 1 h;
/// carbon monoxide by 8 h; nitrogen dioxide by 1 h; sulphur dioxide by the higher of 1 h and 24 h.
/// A mean of 8 h needs 6 hours (75 %: read for ozone), of 24 h it needs 18 (*unconfirmed*). Windows end
/// with the hour. The pollutant with the highest sub-index is named.
///
/// `cn-hj633-2026`: the hourly report: the hour's own mean of all six pollutants. Where one is missing the
/// index is published only when over 100. A pollutant is named only when the index is over 50.
///
/// Of equal sub-indices the lower wire code is named.
pub fn hourly_index(standard: Standard, hours: Hours<'_>) -> Option<AirIndex> {
    POLLUTANTS
        .iter()
        .any(|&quantity| hours(quantity, 0).is_some())
        .then(|| match standard {
            Standard::UsEpa2024 => us_epa(hours),
            Standard::CnHj6332026 => cn_hj633(hours),
        })?
}

/// The six of both standards, by wire code.
const POLLUTANTS: [Quantity; 6] = [
    Quantity::Pm2_5,
    Quantity::Pm10,
    Quantity::O3,
    Quantity::No2,
    Quantity::So2,
    Quantity::Co,
];

/// Hours that a mean needs to stand for its averaging time.
const EIGHT_HOURS_NEEDED: usize = 6;
const DAY_HOURS_NEEDED: usize = 18;

/// Index past which eight hours of ozone define nothing.
const US_OZONE_8H_TOP: u32 = 300;

fn us_epa(hours: Hours<'_>) -> Option<AirIndex> {
    let standard = Standard::UsEpa2024;
    let sub_index = |quantity: Quantity, averaging, mean: Option<Exact>| {
        of_reading(standard.column(quantity, averaging)?, mean?)
    };
    let particles = |quantity| {
        let means: Vec<_> = (0..NOWCAST_HOURS).map(|k| hours(quantity, k)).collect();
        sub_index(quantity, Averaging::Day, nowcast(&means).map(Exact::from))
    };
    let hour = |quantity| sub_index(quantity, Averaging::OneHour, mean(hours, quantity, 1, 1));
    let eight_hours = |quantity| mean(hours, quantity, 8, EIGHT_HOURS_NEEDED);
    let day = |quantity| mean(hours, quantity, 24, DAY_HOURS_NEEDED);

    // Past its column, 8 h of ozone say nothing, and the hour alone may have fallen below its own column.
    // Dropping ozone then would read as clean air: it counts as the column's top.
    let ozone_8h = eight_hours(Quantity::O3).map(|mean| {
        sub_index(Quantity::O3, Averaging::EightHours, Some(mean)).unwrap_or(US_OZONE_8H_TOP)
    });

    worst(
        standard,
        [
            (Quantity::Pm2_5, particles(Quantity::Pm2_5)),
            (Quantity::Pm10, particles(Quantity::Pm10)),
            (Quantity::O3, ozone_8h.max(hour(Quantity::O3))),
            (Quantity::No2, hour(Quantity::No2)),
            (
                Quantity::So2,
                hour(Quantity::So2).max(sub_index(
                    Quantity::So2,
                    Averaging::Day,
                    day(Quantity::So2),
                )),
            ),
            (
                Quantity::Co,
                sub_index(
                    Quantity::Co,
                    Averaging::EightHours,
                    eight_hours(Quantity::Co),
                ),
            ),
        ],
    )
}

fn cn_hj633(hours: Hours<'_>) -> Option<AirIndex> {
    let standard = Standard::CnHj6332026;
    let subs = POLLUTANTS.map(|quantity| {
        let sub_index = standard
            .column(quantity, Averaging::OneHour)
            .zip(mean(hours, quantity, 1, 1))
            .and_then(|(column, mean)| of_reading(column, mean));
        (quantity, sub_index)
    });
    let complete = subs.iter().all(|(_, sub_index)| sub_index.is_some());
    let worst = worst(standard, subs)?;
    (complete || worst.index > 100).then_some(worst)
}

/// The sub-index of a mean in the unit of readings.
fn of_reading(column: &Column, mean: Exact) -> Option<u32> {
    let units = (Unit::of_readings(column.quantity), column.unit);
    let converted = convert(mean, column.quantity, units, Reference::AT_25_CELSIUS)?;
    column.sub_index(converted)
}

/// Mean of the last `window` hours when at least `needed` are there; negative ones count as zero.
fn mean(hours: Hours<'_>, quantity: Quantity, window: usize, needed: usize) -> Option<Exact> {
    let (sum, count) = (0..window)
        .filter_map(|k| hours(quantity, k))
        .fold((0, 0), |(sum, count), mean| {
            (sum + i128::from(mean.0.max(0)), count + 1)
        });
    (count >= needed).then(|| Exact::mean_of_millis(sum, count))
}

/// The overall index: the highest sub-index, and whose it is.
fn worst(standard: Standard, subs: [(Quantity, Option<u32>); 6]) -> Option<AirIndex> {
    let mut worst: Option<(u32, Quantity)> = None;
    for (quantity, sub_index) in subs {
        let Some(sub_index) = sub_index else { continue };
        if worst.is_none_or(|(index, _)| sub_index > index) {
            worst = Some((sub_index, quantity));
        }
    }
    let (index, quantity) = worst?;
    Some(AirIndex {
        index,
        category: standard.category_number(index),
        primary: standard.names_primary(index).then_some(quantity),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// Hourly means newest first, as `o3=100,100,-,80 co=1`; an hour not written is missing.
    fn index(standard: Standard, text: &str) -> Option<(u32, u8, Option<&'static str>)> {
        let hours = |quantity: Quantity, k: usize| {
            let (_, means) = text
                .split_whitespace()
                .filter_map(|series| series.split_once('='))
                .find(|(name, _)| *name == quantity.name())?;
            means.split(',').nth(k)?.parse().ok()
        };
        let answer = hourly_index(standard, &hours)?;
        Some((
            answer.index,
            answer.category,
            answer.primary.map(Quantity::name),
        ))
    }

    fn us(text: &str) -> Option<(u32, u8, Option<&'static str>)> {
        index(Standard::UsEpa2024, text)
    }

    fn cn(text: &str) -> Option<(u32, u8, Option<&'static str>)> {
        index(Standard::CnHj6332026, text)
    }

    #[test]
    fn us_particles_follow_the_nowcast() {
        // AirNow's own example: NowCast 28.4 → 51 + 49/26.3 · 19.3.
        let hours = "pm2_5=21,-,35,49.2,48.6,53.7,66.2,69.2,64.9,50,43,34.9";
        assert_eq!(us(hours), Some((87, 2, Some("pm2_5"))));
        assert_eq!(us("pm2_5=21"), None, "one hour is no NowCast");
    }

    #[test]
    fn us_ozone_needs_six_of_eight_hours_or_a_very_high_one() {
        // 140 ug/m3 is 71.36 ppb.
        let day = Some((101, 3, Some("o3")));
        assert_eq!(us("o3=140,140,140,140,140,140"), day);
        assert_eq!(us("o3=140,-,140,140,-,140,140,140"), day);
        assert_eq!(us("o3=140,140,140,140,140"), None);
        // 245.3 ug/m3 is 125.04 ppb: the hour's own column begins at 125.
        assert_eq!(us("o3=245.3"), Some((101, 3, Some("o3"))));
    }

    #[test]
    fn us_ozone_past_its_eight_hour_column_is_never_dropped() {
        let fallen = "o3=200,500,500,500,500,500,500,500";
        assert_eq!(us(fallen), Some((300, 5, Some("o3"))));
        let rising = "o3=800,500,500,500,500,500,500,500";
        assert_eq!(us(rising), Some((303, 6, Some("o3"))));
    }

    #[test]
    fn us_sulphur_dioxide_goes_on_by_the_day() {
        // 900 ug/m3 is 343.7 ppb, 1000 is 381.9.
        assert_eq!(us("so2=900"), Some((200, 4, Some("so2"))));
        let day = format!("so2={}", ["1000"; 18].join(","));
        assert_eq!(us(&day), Some((226, 5, Some("so2"))));
    }

    #[test]
    fn us_carbon_monoxide_is_converted_from_mg() {
        // 10.0 mg/m3 is 8.734 ppm, truncated to 8.7.
        let hours = format!("co={}", ["10"; 8].join(","));
        assert_eq!(us(&hours), Some((93, 2, Some("co"))));
    }

    #[test]
    fn an_hour_that_heard_nothing_has_no_index() {
        assert_eq!(us("pm2_5=-,20,20 o3=-,140,140,140,140,140,140"), None);
        assert_eq!(cn("pm2_5=-,20,20"), None);
        assert!(us("pm2_5=-,20,20 no2=1").is_some_and(|(index, ..)| index > 60));
    }

    #[test]
    fn china_takes_the_hour_itself() {
        let clean = "pm2_5=17 pm10=25 o3=80 no2=20 so2=10 co=0.5";
        assert_eq!(cn(clean), Some((25, 1, None)));
        let hazy = "pm2_5=75 pm10=90 o3=80 no2=20 so2=10 co=0.5";
        assert_eq!(cn(hazy), Some((114, 3, Some("pm2_5"))));
    }

    #[test]
    fn china_publishes_incomplete_hours_only_when_over_a_hundred() {
        assert_eq!(cn("pm2_5=60"), None);
        assert_eq!(cn("pm2_5=61"), Some((101, 3, Some("pm2_5"))));
    }

    #[test]
    fn negative_means_count_as_zero() {
        let clean = "pm2_5=-3 pm10=-1 o3=-2 no2=-1 so2=-5 co=-0.1";
        assert_eq!(cn(clean), Some((0, 1, None)));
    }
}
