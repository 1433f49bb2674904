//! Fire by several criteria together, as multi-criteria detectors judge it.
//!
//! Each criterion says what share of an alarm it is; their sum is the score, and 1 is an alarm:
//! - smoke: its obscuration over 15.49 %/m (5 %/ft), by which UL 268 wants an alarm of flaming foam; so cooking up to
//!   1.5 %/ft, at which there must be none, is a third of one (secondary);
//! - rate of rise: over 8.3 °C a minute, at which rate-of-rise detectors alarm (secondary);
//! - heat: from 54 °C on, the least static response of class A1 of EN 54-5 (secondary), an alarm of its own; below
//!   it nothing, because summers differ;
//! - carbon monoxide: over 200 ppm, the NIOSH ceiling (secondary), but at most half an alarm: engines and
//!   boilers make it too, analysers are noisy, and it has alarms of its own;
//! - a flame detector that sees a flame: half an alarm, because the sun and welders are seen too.
//!
//! So smoke at a third of its line with a ceiling that warms at two thirds of its own is a fire, and neither alone is.
//! The weights are the standards' own lines; only the halves and [`RISE_REACH`] were chosen, on three of the NIST
//! home smoke alarm tests.

use wire::Milli;
use wire::milli::divide_rounded;

use super::trend::Reach;
use crate::calendar::{MINUTE, SECOND};

/// 5 % a foot in thousandths of a percent a metre.
pub const SMOKE: Milli = Milli(15_490);
/// Thousandths of a degree a minute.
pub const RISE: Milli = Milli(8_300);
/// Thousandths of a degree.
pub const HEAT: Milli = Milli(54_000);
/// 200 ppm at 25 °C and one atmosphere, in thousandths of a mg/m3.
pub const CARBON_MONOXIDE: Milli = Milli(228_976);
/// What a criterion that other things cause too can bring at most.
const SUPPORT: i64 = 500;

/// What the detectors of a zone say; `None` where there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Criteria {
    /// %/m.
    pub smoke: Option<Milli>,
    /// °C.
    pub heat: Option<Milli>,
    /// °C by minute.
    pub rise: Option<Milli>,
    /// mg/m3.
    pub carbon_monoxide: Option<Milli>,
    /// 1 where a flame is seen.
    pub flame: Option<Milli>,
}

/// Shares of an alarm, added up; at least 1 is a fire. A criterion that is missing or negative adds nothing.
pub fn score(criteria: &Criteria) -> Milli {
    let share = |value: Option<Milli>, line: Milli| {
        let value = i128::from(value.map_or(0, |value| value.0.max(0)));
        i64::try_from(divide_rounded(value * 1000, i128::from(line.0))).unwrap_or(i64::MAX)
    };
    let heat = criteria.heat.filter(|heat| *heat >= HEAT);
    let shares = [
        share(criteria.smoke, SMOKE),
        share(criteria.rise, RISE),
        share(heat, HEAT),
        share(criteria.carbon_monoxide, CARBON_MONOXIDE).min(SUPPORT),
        share(criteria.flame, Milli::ONE).min(SUPPORT),
    ];
    Milli(shares.into_iter().fold(0, i64::saturating_add))
}

/// From what a detector's rate of rise is told.
pub const RISE_REACH: Reach = Reach {
    least: 20 * SECOND,
    most: 5 * MINUTE,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_halves_of_evidence_are_a_fire_and_each_alone_is_none() {
        let smoke = Some(Milli(7_750));
        let rise = Some(Milli(4_200));
        let alone = |criteria| score(&criteria) < Milli::ONE;
        let smoke_alone = Criteria {
            smoke,
            ..Criteria::default()
        };
        let rise_alone = Criteria {
            rise,
            ..Criteria::default()
        };
        assert!(alone(smoke_alone) && alone(rise_alone));
        let both = Criteria {
            smoke,
            rise,
            ..Criteria::default()
        };
        assert!(score(&both) >= Milli::ONE, "{}", score(&both));
    }

    #[test]
    fn each_standards_line_alone_is_an_alarm_but_gas_and_flame_only_support() {
        let score = |criteria: Criteria| score(&criteria).0;
        assert_eq!(
            score(Criteria {
                smoke: Some(SMOKE),
                ..Criteria::default()
            }),
            1000
        );
        assert_eq!(
            score(Criteria {
                rise: Some(RISE),
                ..Criteria::default()
            }),
            1000
        );
        assert_eq!(
            score(Criteria {
                heat: Some(HEAT),
                ..Criteria::default()
            }),
            1000
        );
        assert_eq!(
            score(Criteria {
                heat: Some(Milli(53_999)),
                ..Criteria::default()
            }),
            0
        );
        let gas = Some(Milli::whole(2000));
        assert_eq!(
            score(Criteria {
                carbon_monoxide: gas,
                ..Criteria::default()
            }),
            500
        );
        assert_eq!(
            score(Criteria {
                flame: Some(Milli::ONE),
                ..Criteria::default()
            }),
            500
        );
        let nuisance = Some(Milli(4_838));
        assert_eq!(
            score(Criteria {
                smoke: nuisance,
                ..Criteria::default()
            }),
            312
        );
        let cooling = Some(Milli(-9_000));
        assert_eq!(
            score(Criteria {
                rise: cooling,
                ..Criteria::default()
            }),
            0
        );
        let absurd = Some(Milli(i64::MAX));
        let all = Criteria {
            smoke: absurd,
            heat: absurd,
            rise: absurd,
            carbon_monoxide: absurd,
            flame: absurd,
        };
        assert!(score(all) > 1_000_000);
    }
}
