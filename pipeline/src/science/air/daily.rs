//! The index of one local day of a zone, from its hourly means.

use wire::{Milli, Quantity};

use super::Standard;
use super::exact::Exact;
use super::table::Averaging;
use super::worst::{POLLUTANTS, mean};
use crate::output::AirIndex;

/// Hourly means of the day: `hours(quantity, k)` is that of its `k`-th hour, in the quantity's own unit.
type Hours<'a> = &'a dyn Fn(Quantity, usize) -> Option<Milli>;

/// Hours of a running mean, and how many of them it needs (75 %: read for ozone; Chinese rules say six too).
const RUNNING: usize = 8;
const RUNNING_NEEDED: usize = 6;

/// Hours that a Chinese daily mean needs (GB 3095; secondary).
const CN_HOURS_NEEDED: usize = 20;
/// Running means that a Chinese daily maximum needs (*unconfirmed*).
const CN_RUNNING_NEEDED: usize = 14;

/// Index past which eight hours of ozone define nothing, in America and in China of 2012.
const OZONE_8H_TOP: u32 = 300;

/// The index of a day of `length` hours, 23 to 25 as clocks are changed; `k` is asked below `length`.
///
/// `us-epa-2024`, `us-epa-2012`: means of the day for particles and sulphur dioxide; the highest hour for
/// nitrogen dioxide, sulphur dioxide and ozone; the highest running mean of 8 h for ozone and carbon monoxide.
/// Of the hours and of the running means 75 % must be there (of a day 18 of 24: *unconfirmed*).
///
/// `cn-hj633-2012`, `cn-hj633-2026`: the daily report: means of the day, of at least 20 hours, of all but
/// ozone, whose highest running mean of 8 h counts, of at least 14. Of 2012, what is there is published, and
/// ozone past the column of 8 h is judged by its highest hour too. Of 2026, where a pollutant is missing the
/// index is published only when over 100.
///
/// Running means are those whose hours all lie in the day (which hours EPA takes is *unconfirmed*). Negative
/// means count as zero. `eaqi-2025` has no daily index.
pub fn daily_index(standard: Standard, length: usize, hours: Hours<'_>) -> Option<AirIndex> {
    let day = Day { length, hours };
    match standard {
        Standard::UsEpa2024 | Standard::UsEpa2012 => us_epa(standard, &day),
        Standard::CnHj6332026 | Standard::CnHj6332012 => cn_hj633(standard, &day),
        Standard::Eaqi2025 => None,
    }
}

impl Standard {
    /// Whether the standard has a daily index.
    pub fn has_days(self) -> bool {
        self != Standard::Eaqi2025
    }
}

fn us_epa(standard: Standard, day: &Day<'_>) -> Option<AirIndex> {
    let needed = three_quarters(day.length);
    let running_needed = three_quarters(day.runs());
    let mean_index = |quantity| {
        let mean = day.mean(quantity, needed);
        standard.sub_index(quantity, Averaging::Day, mean)
    };
    let hour_index = |quantity| {
        let hour = day.highest_hour(quantity, needed);
        standard.sub_index(quantity, Averaging::OneHour, hour)
    };
    let running = |quantity| day.highest_run(quantity, running_needed);
    let ozone_8h = standard.sub_index_or_top(
        Quantity::O3,
        Averaging::EightHours,
        running(Quantity::O3),
        OZONE_8H_TOP,
    );
    let carbon = running(Quantity::Co);
    standard.worst([
        (Quantity::Pm2_5, mean_index(Quantity::Pm2_5)),
        (Quantity::Pm10, mean_index(Quantity::Pm10)),
        (Quantity::O3, ozone_8h.max(hour_index(Quantity::O3))),
        (Quantity::No2, hour_index(Quantity::No2)),
        (
            Quantity::So2,
            hour_index(Quantity::So2).max(mean_index(Quantity::So2)),
        ),
        (
            Quantity::Co,
            standard.sub_index(Quantity::Co, Averaging::EightHours, carbon),
        ),
    ])
}

fn cn_hj633(standard: Standard, day: &Day<'_>) -> Option<AirIndex> {
    let subs = POLLUTANTS.map(|quantity| {
        let sub_index = match quantity {
            Quantity::O3 => ozone(standard, day),
            _ => {
                let mean = day.mean(quantity, CN_HOURS_NEEDED);
                standard.sub_index(quantity, Averaging::Day, mean)
            }
        };
        (quantity, sub_index)
    });
    let complete = subs.iter().all(|(_, sub_index)| sub_index.is_some());
    let worst = standard.worst(subs)?;
    let published = standard == Standard::CnHj6332012 || complete || worst.index > 100;
    published.then_some(worst)
}

fn ozone(standard: Standard, day: &Day<'_>) -> Option<u32> {
    let quantity = Quantity::O3;
    let run = day.highest_run(quantity, CN_RUNNING_NEEDED)?;
    let eight_hours = standard.sub_index(quantity, Averaging::EightHours, Some(run));
    Some(eight_hours.unwrap_or_else(|| {
        let hour = day.highest_hour(quantity, 1);
        let hour = standard.sub_index(quantity, Averaging::OneHour, hour);
        hour.unwrap_or(0).max(OZONE_8H_TOP)
    }))
}

/// At least 75 %.
fn three_quarters(of: usize) -> usize {
    (of * 3).div_ceil(4)
}

struct Day<'a> {
    length: usize,
    hours: Hours<'a>,
}

impl Day<'_> {
    fn mean(&self, quantity: Quantity, needed: usize) -> Option<Exact> {
        mean((0..self.length).map(|k| (self.hours)(quantity, k)), needed)
    }

    /// The highest hourly mean, when at least so many are there.
    fn highest_hour(&self, quantity: Quantity, needed: usize) -> Option<Exact> {
        let there = (0..self.length).filter_map(|k| (self.hours)(quantity, k));
        let count = there.clone().count();
        let highest = there.max()?;
        (count >= needed).then(|| Exact::from(highest).at_least_zero())
    }

    /// How many running means a day has.
    fn runs(&self) -> usize {
        (self.length + 1).saturating_sub(RUNNING)
    }

    /// The highest running mean, when at least so many are there.
    fn highest_run(&self, quantity: Quantity, needed: usize) -> Option<Exact> {
        let runs = (0..self.runs()).filter_map(|first| {
            let hours = (first..first + RUNNING).map(|k| (self.hours)(quantity, k));
            mean(hours, RUNNING_NEEDED)
        });
        let runs: Vec<Exact> = runs.collect();
        if runs.len() < needed {
            return None;
        }
        runs.into_iter()
            .reduce(|highest, run| if run.is_above(highest) { run } else { highest })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Days as `o3=8*20,16*60`: so many hours of so much; `-` is missing. The length is that of the longest.
    fn index(standard: Standard, text: &str) -> Option<(u32, String)> {
        let series = |text: &str| -> Vec<Option<Milli>> {
            let runs = text.split(',').filter_map(|run| run.split_once('*'));
            runs.flat_map(|(count, mean)| {
                std::iter::repeat_n(mean.parse().ok(), count.parse().unwrap_or(0))
            })
            .collect()
        };
        let day: Vec<_> = text
            .split_whitespace()
            .filter_map(|series| series.split_once('='))
            .map(|(name, text)| (name, series(text)))
            .collect();
        let length = day.iter().map(|(_, hours)| hours.len()).max()?;
        let hours = |quantity: Quantity, k: usize| {
            let (_, hours) = day.iter().find(|(name, _)| *name == quantity.name())?;
            *hours.get(k)?
        };
        let air = daily_index(standard, length, &hours)?;
        Some((air.index, air.primary.to_string()))
    }

    fn is(index: u32, primary: &str) -> Option<(u32, String)> {
        Some((index, primary.to_owned()))
    }

    #[test]
    fn a_mean_of_the_day_needs_its_hours() {
        let us = |text| index(Standard::UsEpa2024, text);
        assert_eq!(us("pm2_5=18*35.9,6*-"), is(102, "pm2_5"));
        assert_eq!(us("pm2_5=17*35.9,7*-"), None);
        // 75 % of the 23 hours of a spring day are 18, of the 25 of an autumn day 19.
        assert_eq!(us("pm2_5=17*35.9,6*-"), None);
        assert_eq!(us("pm2_5=18*35.9,5*-"), is(102, "pm2_5"));
        assert_eq!(us("pm2_5=18*35.9,7*-"), None);
        assert_eq!(us("pm2_5=19*35.9,6*-"), is(102, "pm2_5"));
        let cn = |text| index(Standard::CnHj6332012, text);
        assert_eq!(cn("pm2_5=20*75,4*-"), is(100, "pm2_5"));
        assert_eq!(cn("pm2_5=19*75,5*-"), None);
        assert_eq!(cn("pm2_5=24*-"), None);
    }

    #[test]
    fn american_gases_count_by_their_worst_hours() {
        let us = |text| index(Standard::UsEpa2024, text);
        // One hour of 190 ug/m3 is 101.04 ppb; the mean of the day would be a tenth of it.
        assert_eq!(us("no2=1*190,23*10"), is(101, "no2"));
        // Eight hours of 140 ug/m3 are 71.36 ppb; with four of them it is 35.68, cut to 0.035 ppm.
        assert_eq!(us("o3=8*0,8*140,8*0"), is(101, "o3"));
        assert_eq!(us("o3=10*0,4*140,10*0"), is(32, "o3"));
        assert_eq!(us("o3=8*0,8*500,8*0"), is(300, "o3"));
        assert_eq!(us("co=16*0.1,8*10"), is(93, "co"));
    }

    #[test]
    fn chinese_ozone_counts_by_its_worst_eight_hours() {
        let cn = |text| index(Standard::CnHj6332012, text);
        assert_eq!(cn("o3=8*0,8*160,8*0"), is(100, "o3"));
        // Past 800 the hour says more.
        assert_eq!(cn("o3=8*0,8*900,8*0"), is(350, "o3"));
        assert_eq!(cn("o3=13*160,11*-"), None, "eight running means");
        // Gases count by the day: an hour of 1000 ug/m3 is a mean of 41.7.
        assert_eq!(cn("so2=1*1000,23*0"), is(42, ""));
    }

    #[test]
    fn china_of_2026_wants_all_six_unless_the_air_is_bad() {
        let cn = |text| index(Standard::CnHj6332026, text);
        assert_eq!(cn("pm2_5=24*60"), None);
        assert_eq!(cn("pm2_5=24*75"), is(114, "pm2_5"));
        let all = "pm2_5=24*60 pm10=24*120 o3=24*10 no2=24*10 so2=24*10 co=24*0.1";
        assert_eq!(cn(all), is(100, "pm10,pm2_5"));
    }

    #[test]
    fn europe_has_no_day_and_noise_below_zero_is_nothing() {
        assert_eq!(index(Standard::Eaqi2025, "pm2_5=24*60"), None);
        assert_eq!(index(Standard::UsEpa2024, "pm2_5=24*-2"), is(0, "pm2_5"));
    }
}
