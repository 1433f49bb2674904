//! Acute exposure guideline levels (AEGL): how dangerous a gas is by concentration *and* by how long it is breathed.
//!
//! Level 1 is discomfort, level 2 lasting harm or an impaired escape, level 3 danger to life. Each level has one
//! concentration for each of five averaging times; a level is reached when the mean over any of the times is at or
//! above its concentration. So a leak that stays below every ceiling becomes dangerous by its dose.
//!
//! Source of the table: US EPA AEGL values (secondary). Air quantities are read as mass and compared at 25 °C and one
//! atmosphere ([`Reference::AT_25_CELSIUS`]).

use std::sync::LazyLock;

use wire::{Milli, Quantity};

use super::dose::{Sample, stretches};
use crate::calendar::{HOUR, MINUTE, Millis};
use crate::science::air::exact::Exact;
use crate::science::air::units::{Reference, Unit, convert};

/// Averaging times of the table, shortest first.
pub const TIMES: [Millis; 5] = [10 * MINUTE, 30 * MINUTE, 60 * MINUTE, 4 * HOUR, 8 * HOUR];

/// Levels 1, 2 and 3 of one gas in thousandths of a ppm, one column an averaging time; 0 where none is recommended.
type Levels = [[i64; 5]; 3];

/// The gases that nodes measure.
#[rustfmt::skip] // as the table is printed
pub const TABLE: [(Quantity, Levels); 6] = [
    (Quantity::Nh3, [[30_000, 30_000, 30_000, 30_000, 30_000],
                     [220_000, 220_000, 160_000, 110_000, 110_000],
                     [2_700_000, 1_600_000, 1_100_000, 550_000, 390_000]]),
    (Quantity::Cl2, [[500, 500, 500, 500, 500],
                     [2_800, 2_800, 2_000, 1_000, 710],
                     [50_000, 28_000, 20_000, 10_000, 7_100]]),
    (Quantity::Co,  [[0, 0, 0, 0, 0],
                     [420_000, 150_000, 83_000, 33_000, 27_000],
                     [1_700_000, 600_000, 330_000, 150_000, 130_000]]),
    (Quantity::H2s, [[750, 600, 510, 360, 330],
                     [41_000, 32_000, 27_000, 20_000, 17_000],
                     [76_000, 59_000, 50_000, 37_000, 31_000]]),
    (Quantity::So2, [[200, 200, 200, 200, 200],
                     [750, 750, 750, 750, 750],
                     [30_000, 30_000, 30_000, 19_000, 9_600]]),
    (Quantity::No2, [[500, 500, 500, 500, 500],
                     [20_000, 15_000, 12_000, 8_200, 6_700],
                     [34_000, 25_000, 20_000, 14_000, 11_000]]),
];

/// [`TABLE`] in billionths of the unit in which nodes say the gas.
static LIMITS: LazyLock<[[[i128; 5]; 3]; 6]> = LazyLock::new(|| {
    TABLE.map(|(gas, levels)| levels.map(|level| level.map(|ppm| in_readings(gas, Milli(ppm)))))
});

/// Billionths of the unit of readings that so many ppm are.
pub(in crate::science) fn in_readings(gas: Quantity, ppm: Milli) -> i128 {
    let value = Exact::from(ppm);
    match gas {
        Quantity::Co | Quantity::So2 | Quantity::No2 => {
            let units = (Unit::PartsPerMillion, Unit::of_readings(gas));
            convert(value, gas, units, Reference::AT_25_CELSIUS).map_or(0, |mass| mass.truncated(9))
        }
        _ => value.truncated(9),
    }
}

/// Sums of concentration times time over each of [`TIMES`], in thousandths of the unit times milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Doses {
    /// Gaps counted as [`super::dose`] says.
    pub likely: [i128; 5],
    /// Only what was measured: missing time counts as clean air.
    pub least: [i128; 5],
}

/// What was breathed up to `end`; samples in order of time, in the unit of readings.
pub fn doses(samples: &[Sample], end: Millis) -> Doses {
    let mut doses = Doses::default();
    let (mut likely, mut least) = (0, 0);
    let mut places = TIMES.into_iter().enumerate().peekable();
    // Newest first: a time is over in the stretch that reaches past it.
    for stretch in stretches(samples, end, TIMES[4]) {
        let value = i128::from(stretch.value.0);
        let measured = if stretch.is_bridged { 0 } else { value };
        let reaches = stretch.ago + stretch.lasting;
        while let Some((place, time)) = places.next_if(|(_, time)| *time <= reaches) {
            let inside = i128::from((time - stretch.ago).max(0));
            doses.likely[place] = likely + value * inside;
            doses.least[place] = least + measured * inside;
        }
        likely += value * i128::from(stretch.lasting);
        least += measured * i128::from(stretch.lasting);
    }
    for (place, _) in places {
        (doses.likely[place], doses.least[place]) = (likely, least);
    }
    doses
}

/// Highest level reached, and behind the point how much of the next one: 1.62 is level 1 and 62 % of level 2. Beyond
/// level 3 it is by how much that is passed, at most 3.999. Rounded down, so that a whole number is a level reached.
/// `None` for what has no levels.
pub fn level(gas: Quantity, doses: &[i128; 5]) -> Option<Milli> {
    let place = TABLE.iter().position(|(known, _)| *known == gas)?;
    let shares = LIMITS[place].map(|limits| greatest_share(&limits, doses));
    let reached = shares
        .iter()
        .rposition(|share| share.is_some_and(|share| share >= 1000));
    let passed = reached.map_or(0, |place| place + 1);
    let beyond = match shares[passed.min(2)..].iter().flatten().next() {
        Some(share) if passed == 3 => share - 1000,
        Some(share) => *share,
        None => 0,
    };
    let beyond = i64::try_from(beyond.clamp(0, 999)).unwrap_or(999);
    Some(Milli(passed as i64 * 1000 + beyond))
}

/// The greatest of the five means by its limit, in thousandths; `None` where no limit is recommended.
fn greatest_share(limits: &[i128; 5], doses: &[i128; 5]) -> Option<i128> {
    let columns = limits.iter().zip(doses).zip(TIMES);
    let shares = columns.filter(|((limit, _), _)| **limit > 0);
    // Thousandths over billionths leaves a million; another thousand for the answer.
    shares
        .map(|((limit, dose), time)| dose * 1_000_000_000 / (limit * i128::from(time)))
        .max()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Milli of a unit, from minute to minute.
    fn steady(value: i64, minutes: i64) -> Vec<Sample> {
        let sample = |minute| Sample {
            start: minute * MINUTE,
            lasting: MINUTE,
            value: Milli(value),
        };
        (0..minutes).map(sample).collect()
    }

    fn after(gas: Quantity, value: i64, minutes: i64) -> Milli {
        level(
            gas,
            &doses(&steady(value, minutes), minutes * MINUTE).likely,
        )
        .expect("a gas")
    }

    #[test]
    fn a_concentration_below_every_ceiling_becomes_dangerous_by_its_dose() {
        // 9 ppm of hydrogen sulphide, below the ceiling of 10; level 2 is never reached, level 1 within a minute.
        assert_eq!(after(Quantity::H2s, 9_000, 1), Milli(1_021));
        // 21 ppm: level 2 after so long that the mean of four hours is 20 ppm.
        assert!(after(Quantity::H2s, 21_000, 228) < Milli(2_000));
        assert!(after(Quantity::H2s, 21_000, 229) >= Milli(2_000));
        let levels = [1, 10, 60, 229, 480].map(|minutes| after(Quantity::H2s, 21_000, minutes));
        assert!(levels.is_sorted(), "{levels:?}");
    }

    #[test]
    fn where_level_1_is_not_recommended_the_way_leads_to_level_2() {
        // 33 ppm for four hours are level 2 of carbon monoxide; 37.782 mg/m3.
        assert!(after(Quantity::Co, 37_700, 240) < Milli(1_000));
        assert!(after(Quantity::Co, 37_782, 240) >= Milli(2_000));
    }

    #[test]
    fn levels_end_at_their_cap_and_other_quantities_have_none() {
        assert_eq!(after(Quantity::Cl2, 100_000, 10), Milli(3_999));
        assert_eq!(after(Quantity::Cl2, 60_000, 10), Milli(3_200));
        assert_eq!(level(Quantity::Ch4, &[0; 5]), None);
        assert_eq!(level(Quantity::H2s, &[0; 5]), Some(Milli::ZERO));
        assert!(level(Quantity::Nh3, &[i128::from(i64::MAX); 5]) > Some(Milli(3_000)));
    }

    #[test]
    fn missing_data_alone_never_lowers_a_level() {
        let whole = steady(21_000, 300);
        let full = level(Quantity::H2s, &doses(&whole, 300 * MINUTE).likely);
        for (from, to) in [(1, 2), (100, 150), (240, 299), (1, 60)] {
            let mut holed = whole.clone();
            holed.drain(from..to);
            let doses = doses(&holed, 300 * MINUTE);
            assert_eq!(level(Quantity::H2s, &doses.likely), full);
            assert!(doses.least[4] < doses.likely[4]);
        }
    }

    #[test]
    fn a_spike_after_a_silence_does_not_stand_for_the_silence() {
        let clean_then_spike = [
            steady(0, 1),
            vec![Sample {
                start: 30 * MINUTE,
                lasting: MINUTE,
                value: Milli::whole(100),
            }],
        ]
        .concat();
        let spiked = level(Quantity::H2s, &doses(&clean_then_spike, 31 * MINUTE).likely);
        // One minute of 100 ppm in ten are 10 ppm.
        assert_eq!(spiked, Some(Milli(1_243)));
    }
}
