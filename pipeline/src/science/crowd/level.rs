//! Level of service: how crowded a way feels, by its density or by its flow.

use std::fmt;

use serde::{Deserialize, Serialize};
use wire::Milli;

/// A published table of levels of service for people on foot. (Fruin's table for queues and that of HCM 2000 are
/// left out: only parts of them were found in a source.)
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum Scheme {
    /// Fruin, Pedestrian Planning and Design, 1971: 35, 25, 15, 10 and 5 square feet per person (secondary).
    #[default]
    FruinWalkway,
    /// The same on stairs: 20, 15, 10, 7 and 4 square feet per person (secondary).
    FruinStairs,
    /// Korean Highway Capacity Manual 2013: 3.3, 2.0, 1.4, 0.9 and 0.38 square metres per person (secondary).
    Korean2013,
}

/// From freest to fullest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LevelOfService {
    A,
    B,
    C,
    D,
    E,
    F,
}

const LEVELS: [LevelOfService; 6] = [
    LevelOfService::A,
    LevelOfService::B,
    LevelOfService::C,
    LevelOfService::D,
    LevelOfService::E,
    LevelOfService::F,
];

/// One square foot in units of 10⁻⁸ m²: exact, because a foot is 0.3048 m.
const SQUARE_FOOT: i128 = 9_290_304;
/// One hundredth of a square metre in the same units.
const SQUARE_DECIMETRE: i128 = 1_000_000;

impl Scheme {
    pub const ALL: [Scheme; 3] = [
        Scheme::FruinWalkway,
        Scheme::FruinStairs,
        Scheme::Korean2013,
    ];

    /// As written in `zones.geojson`.
    pub fn name(self) -> &'static str {
        match self {
            Scheme::FruinWalkway => "fruin-walkway",
            Scheme::FruinStairs => "fruin-stairs",
            Scheme::Korean2013 => "korean-2013",
        }
    }

    /// Area per person at the fuller end of the levels A to E, in 10⁻⁸ m².
    const fn areas(self) -> [i128; 5] {
        let (bounds, unit) = match self {
            Scheme::FruinWalkway => ([35, 25, 15, 10, 5], SQUARE_FOOT),
            Scheme::FruinStairs => ([20, 15, 10, 7, 4], SQUARE_FOOT),
            Scheme::Korean2013 => ([330, 200, 140, 90, 38], SQUARE_DECIMETRE),
        };
        let [a, b, c, d, e] = bounds;
        [a * unit, b * unit, c * unit, d * unit, e * unit]
    }

    /// Flow at which the levels A to E end, in persons per metre and minute; `None` where none was published.
    const fn flows(self) -> Option<[i64; 5]> {
        match self {
            Scheme::FruinWalkway => Some([23, 33, 49, 66, 82]),
            Scheme::FruinStairs => None,
            Scheme::Korean2013 => Some([20, 32, 46, 70, 106]),
        }
    }

    /// The level of a density in (thousandths of) persons per square metre of usable ground; exactly on a bound
    /// still has the better level.
    pub fn level(self, density: Milli) -> LevelOfService {
        // density ≤ 1 / area per person, without leaving the integers.
        let fits = |area: &i128| i128::from(density.0) * area <= 1_000 * 100_000_000;
        let place = self.areas().iter().position(fits);
        place.map_or(LevelOfService::F, |place| LEVELS[place])
    }

    /// The level of a flow in (thousandths of) persons per metre and minute; exactly on a bound has the worse level.
    pub fn level_of_flow(self, flow: Milli) -> Option<LevelOfService> {
        let below = |end: &i64| flow < Milli::whole(*end);
        let place = self.flows()?.iter().position(below);
        Some(place.map_or(LevelOfService::F, |place| LEVELS[place]))
    }
}

impl LevelOfService {
    /// The walkway's level after Fruin of a density in (thousandths of) persons per square metre of usable ground.
    pub fn of(density: Milli) -> LevelOfService {
        Scheme::default().level(density)
    }

    /// 1 for A to 6 for F.
    pub fn number(self) -> u8 {
        self as u8 + 1
    }

    /// What walking is like, for people.
    pub fn description(self) -> &'static str {
        match self {
            LevelOfService::A => "free",
            LevelOfService::B => "slightly restricted",
            LevelOfService::C => "restricted",
            LevelOfService::D => "severely restricted",
            LevelOfService::E => "shuffling",
            LevelOfService::F => "jammed",
        }
    }
}

impl fmt::Display for LevelOfService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            LevelOfService::A => "A",
            LevelOfService::B => "B",
            LevelOfService::C => "C",
            LevelOfService::D => "D",
            LevelOfService::E => "E",
            LevelOfService::F => "F",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_free_and_any_number_has_a_level() {
        assert_eq!(LevelOfService::of(Milli::ZERO), LevelOfService::A);
        assert_eq!(LevelOfService::of(Milli(i64::MIN)), LevelOfService::A);
        assert_eq!(LevelOfService::of(Milli(i64::MAX)), LevelOfService::F);
    }
}
