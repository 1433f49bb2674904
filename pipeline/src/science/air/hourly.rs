//! The index of one hour of a zone, from its hourly means.

use wire::{Milli, Quantity};

use super::Standard;
use super::exact::Exact;
use super::nowcast::{NOWCAST_HOURS, nowcast};
use super::table::Averaging;
use super::worst::{POLLUTANTS, mean};
use crate::output::AirIndex;

/// Hours that an hourly index may look at: the hour itself and those before it.
pub const HOURS: usize = 24;

/// Hourly means of a zone: `hours(quantity, k)` is that of `k` hours before the hour in question, in the
/// quantity's own unit.
pub(crate) type Hours<'a> = &'a dyn Fn(Quantity, usize) -> Option<Milli>;

/// The index of the hour for which `hours(_, 0)` answers; `k` is asked up to [`HOURS`] − 1.
///
/// An hour in which none of the standard's pollutants was heard has no index, whatever the hours before
/// it say: nothing is not clean air, and a look back never runs past the last reading.
///
/// `us-epa-2024`, `us-epa-2012`: particles by NowCast through the daily columns; ozone by the higher of 8 h
/// and 1 h; carbon monoxide by 8 h; nitrogen dioxide by 1 h; sulphur dioxide by the higher of 1 h and 24 h.
/// A mean of 8 h needs 6 hours (75 %: read for ozone), of 24 h it needs 18 (*unconfirmed*). Windows end
/// with the hour. The pollutant with the highest sub-index is named, of equals the lower wire code.
///
/// `cn-hj633-2012`, `cn-hj633-2026`: the hourly report: the hour's own mean of all six pollutants. Of 2012,
/// what is there is published, as the national network did it, and sulphur dioxide past 800 is judged by
/// the day too. Of 2026, where one is missing the index is published only when over 100. Pollutants are
/// named only when the index is over 50, and then all that reach it.
///
/// `eaqi-2025`: the worst band of the hour's own means; which pollutants must be there is *unconfirmed*.
pub fn hourly_index(standard: Standard, hours: Hours<'_>) -> Option<AirIndex> {
    POLLUTANTS
        .iter()
        .any(|&quantity| hours(quantity, 0).is_some())
        .then(|| match standard {
            Standard::UsEpa2024 | Standard::UsEpa2012 => us_epa(standard, hours),
            Standard::CnHj6332026 => cn_hj633_2026(hours),
            Standard::CnHj6332012 => cn_hj633_2012(hours),
            Standard::Eaqi2025 => standard.worst(own(standard, hours)),
        })?
}

/// Hours that a mean needs to stand for its averaging time.
const EIGHT_HOURS_NEEDED: usize = 6;
const DAY_HOURS_NEEDED: usize = 18;
/// The same for a day by Chinese rules (GB 3095).
const CN_DAY_HOURS_NEEDED: usize = 20;

/// Index past which eight hours of ozone define nothing.
const US_OZONE_8H_TOP: u32 = 300;
/// Index past which an hour of sulphur dioxide defines nothing.
const CN_SULPHUR_DIOXIDE_1H_TOP: u32 = 200;

fn us_epa(standard: Standard, hours: Hours<'_>) -> Option<AirIndex> {
    let particles = |quantity| {
        let means: Vec<_> = (0..NOWCAST_HOURS).map(|k| hours(quantity, k)).collect();
        standard.sub_index(quantity, Averaging::Day, nowcast(&means).map(Exact::from))
    };
    let hour = |quantity| {
        let mean = last(hours, quantity, 1, 1);
        standard.sub_index(quantity, Averaging::OneHour, mean)
    };
    let eight_hours = |quantity| last(hours, quantity, 8, EIGHT_HOURS_NEEDED);
    // Past the column of 8 h, the hour alone may have fallen below its own column.
    let ozone_8h = standard.sub_index_or_top(
        Quantity::O3,
        Averaging::EightHours,
        eight_hours(Quantity::O3),
        US_OZONE_8H_TOP,
    );
    let day = last(hours, Quantity::So2, 24, DAY_HOURS_NEEDED);
    let sulphur_day = standard.sub_index(Quantity::So2, Averaging::Day, day);
    let carbon = eight_hours(Quantity::Co);
    standard.worst([
        (Quantity::Pm2_5, particles(Quantity::Pm2_5)),
        (Quantity::Pm10, particles(Quantity::Pm10)),
        (Quantity::O3, ozone_8h.max(hour(Quantity::O3))),
        (Quantity::No2, hour(Quantity::No2)),
        (Quantity::So2, hour(Quantity::So2).max(sulphur_day)),
        (
            Quantity::Co,
            standard.sub_index(Quantity::Co, Averaging::EightHours, carbon),
        ),
    ])
}

fn cn_hj633_2026(hours: Hours<'_>) -> Option<AirIndex> {
    let standard = Standard::CnHj6332026;
    let subs = own(standard, hours);
    let complete = subs.iter().all(|(_, sub_index)| sub_index.is_some());
    let worst = standard.worst(subs)?;
    (complete || worst.index > 100).then_some(worst)
}

fn cn_hj633_2012(hours: Hours<'_>) -> Option<AirIndex> {
    let standard = Standard::CnHj6332012;
    let mut subs = own(standard, hours);
    for (quantity, sub_index) in &mut subs {
        if *quantity == Quantity::So2 && sub_index.is_none() {
            let mean = last(hours, *quantity, 1, 1);
            let hour = standard.sub_index_or_top(
                *quantity,
                Averaging::OneHour,
                mean,
                CN_SULPHUR_DIOXIDE_1H_TOP,
            );
            let day = last(hours, *quantity, 24, CN_DAY_HOURS_NEEDED);
            let day = standard.sub_index(*quantity, Averaging::Day, day);
            *sub_index = hour.map(|hour| hour.max(day.unwrap_or(0)));
        }
    }
    standard.worst(subs)
}

/// The hour's own means through the columns of one hour.
fn own(standard: Standard, hours: Hours<'_>) -> [(Quantity, Option<u32>); 6] {
    POLLUTANTS.map(|quantity| {
        let mean = last(hours, quantity, 1, 1);
        (
            quantity,
            standard.sub_index(quantity, Averaging::OneHour, mean),
        )
    })
}

/// Mean of the last `window` hours when at least `needed` are there.
fn last(hours: Hours<'_>, quantity: Quantity, window: usize, needed: usize) -> Option<Exact> {
    mean((0..window).map(|k| hours(quantity, k)), needed)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// Hourly means newest first, as `o3=100,100,-,80 co=1`; an hour not written is missing.
    fn index(standard: Standard, text: &str) -> Option<(u32, u8, String)> {
        let hours = |quantity: Quantity, k: usize| {
            let (_, means) = text
                .split_whitespace()
                .filter_map(|series| series.split_once('='))
                .find(|(name, _)| *name == quantity.name())?;
            means.split(',').nth(k)?.parse().ok()
        };
        let answer = hourly_index(standard, &hours)?;
        Some((answer.index, answer.category, answer.primary.to_string()))
    }

    fn us(text: &str) -> Option<(u32, u8, String)> {
        index(Standard::UsEpa2024, text)
    }

    fn cn(text: &str) -> Option<(u32, u8, String)> {
        index(Standard::CnHj6332026, text)
    }

    fn is(index: u32, category: u8, primary: &str) -> Option<(u32, u8, String)> {
        Some((index, category, primary.to_owned()))
    }

    #[test]
    fn us_particles_follow_the_nowcast() {
        // AirNow's own example: NowCast 28.4 → 51 + 49/26.3 · 19.3.
        let hours = "pm2_5=21,-,35,49.2,48.6,53.7,66.2,69.2,64.9,50,43,34.9";
        assert_eq!(us(hours), is(87, 2, "pm2_5"));
        assert_eq!(us("pm2_5=21"), None, "one hour is no NowCast");
    }

    #[test]
    fn us_ozone_needs_six_of_eight_hours_or_a_very_high_one() {
        // 140 ug/m3 is 71.36 ppb.
        let day = is(101, 3, "o3");
        assert_eq!(us("o3=140,140,140,140,140,140"), day);
        assert_eq!(us("o3=140,-,140,140,-,140,140,140"), day);
        assert_eq!(us("o3=140,140,140,140,140"), None);
        // 245.3 ug/m3 is 125.04 ppb: the hour's own column begins at 125.
        assert_eq!(us("o3=245.3"), is(101, 3, "o3"));
    }

    #[test]
    fn us_ozone_past_its_eight_hour_column_is_never_dropped() {
        let fallen = "o3=200,500,500,500,500,500,500,500";
        assert_eq!(us(fallen), is(300, 5, "o3"));
        let rising = "o3=800,500,500,500,500,500,500,500";
        assert_eq!(us(rising), is(303, 6, "o3"));
    }

    #[test]
    fn us_sulphur_dioxide_goes_on_by_the_day() {
        // 900 ug/m3 is 343.7 ppb, 1000 is 381.9.
        assert_eq!(us("so2=900"), is(200, 4, "so2"));
        let day = format!("so2={}", ["1000"; 18].join(","));
        assert_eq!(us(&day), is(226, 5, "so2"));
    }

    #[test]
    fn us_carbon_monoxide_is_converted_from_mg() {
        // 10.0 mg/m3 is 8.734 ppm, truncated to 8.7.
        let hours = format!("co={}", ["10"; 8].join(","));
        assert_eq!(us(&hours), is(93, 2, "co"));
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
        assert_eq!(cn(clean), is(25, 1, ""));
        let hazy = "pm2_5=75 pm10=90 o3=80 no2=20 so2=10 co=0.5";
        assert_eq!(cn(hazy), is(114, 3, "pm2_5"));
    }

    #[test]
    fn china_publishes_incomplete_hours_only_when_over_a_hundred() {
        assert_eq!(cn("pm2_5=60"), None);
        assert_eq!(cn("pm2_5=61"), is(101, 3, "pm2_5"));
    }

    #[test]
    fn negative_means_count_as_zero() {
        let clean = "pm2_5=-3 pm10=-1 o3=-2 no2=-1 so2=-5 co=-0.1";
        assert_eq!(cn(clean), is(0, 1, ""));
    }

    #[test]
    fn china_of_2012_publishes_what_is_there_and_names_all_that_tie() {
        let cn = |text| index(Standard::CnHj6332012, text);
        // The hour's own particles through the columns of the day.
        assert_eq!(cn("pm2_5=75,500,500 pm10=150"), is(100, 2, "pm10,pm2_5"));
        assert_eq!(cn("so2=10"), is(4, 1, ""));
        // Past its column an hour of sulphur dioxide counts as 200, and the day may say more.
        assert_eq!(cn("so2=801 pm2_5=20"), is(200, 4, "so2"));
        let day = format!("so2={}", ["1600"; 20].join(","));
        assert_eq!(cn(&day), is(300, 5, "so2"));
    }

    #[test]
    fn europe_takes_the_worst_band_and_has_none_for_carbon_monoxide() {
        let eu = |text| index(Standard::Eaqi2025, text);
        assert_eq!(eu("pm2_5=4 pm10=15 o3=61"), is(2, 2, "o3"));
        assert_eq!(eu("pm2_5=140.001 no2=151 co=90"), is(6, 6, "no2,pm2_5"));
        assert_eq!(eu("co=90"), None);
        assert_eq!(eu("pm2_5=-,90"), None);
    }
}
