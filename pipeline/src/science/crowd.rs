//! Crowd science: how crowded a walkway feels, by its density.

use std::fmt;

use wire::Milli;
use wire::milli::divide_rounded;

/// Thousandths of persons per square metre of usable ground, rounded half away from zero; 0 where there is no ground.
pub fn density(people: Milli, area: Milli) -> Milli {
    Milli(divide_rounded(i128::from(people.0) * 1000, i128::from(area.0)) as i64)
}

/// Level of service of a walkway after Fruin (Pedestrian Planning and Design, 1971), by area per person.
///
/// Bounds are 35, 25, 15, 10 and 5 square feet per person (secondary: read in two transcriptions, not in
/// the book); a density exactly on a bound still has the better level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LevelOfService {
    A,
    B,
    C,
    D,
    E,
    F,
}

/// Area per person at the lower end of each level, in square feet.
const BOUNDS_SQUARE_FEET: [(i128, LevelOfService); 5] = [
    (35, LevelOfService::A),
    (25, LevelOfService::B),
    (15, LevelOfService::C),
    (10, LevelOfService::D),
    (5, LevelOfService::E),
];

/// One square foot in units of 10⁻⁸ m²: exact, because a foot is 0.3048 m.
const SQUARE_FOOT: i128 = 9_290_304;

impl LevelOfService {
    /// The level of a density in (thousandths of) persons per square metre of usable ground.
    pub fn of(density: Milli) -> LevelOfService {
        // density ≤ 1 / (n ft²), without leaving the integers.
        BOUNDS_SQUARE_FEET
            .into_iter()
            .find(|(feet, _)| i128::from(density.0) * feet * SQUARE_FOOT <= 1_000 * 100_000_000)
            .map_or(LevelOfService::F, |(_, level)| level)
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
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// The domain file's walkway rows, at and just past each upper bound.
    #[test]
    fn walkway_levels_end_where_the_domain_file_says() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../shared/domain/crowd_los.csv"
        );
        let mut checked = 0;
        for row in csv::Reader::from_path(path).unwrap().records() {
            let row = row.unwrap();
            if (&row[0], &row[1]) != ("fruin", "walkway") || row[4].is_empty() {
                continue;
            }
            let density: f64 = row[4].parse().unwrap();
            let below = Milli((density * 1000.0).floor() as i64);
            assert_eq!(LevelOfService::of(below).to_string(), row[2], "{row:?}");
            assert!(
                *LevelOfService::of(Milli(below.0 + 1)).to_string() > row[2],
                "{row:?}"
            );
            checked += 1;
        }
        assert_eq!(checked, 5);
    }

    #[test]
    fn nobody_is_free_and_any_number_has_a_level() {
        assert_eq!(LevelOfService::of(Milli::ZERO), LevelOfService::A);
        assert_eq!(LevelOfService::of(Milli(i64::MIN)), LevelOfService::A);
        assert_eq!(LevelOfService::of(Milli(i64::MAX)), LevelOfService::F);
    }
}
