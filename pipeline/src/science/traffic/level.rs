//! Level of service of a freeway, by its density (Highway Capacity Manual).
//!
//! The manual counts passenger cars; a vehicle counts as one here, because loops do not tell lorries from cars.
//! It also calls a road F whenever more want to go than it can carry, which no detector sees.

use std::fmt;

use wire::Milli;

/// How freely traffic moves, from A to F.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LevelOfService {
    A,
    B,
    C,
    D,
    E,
    F,
}

/// Upper ends of the levels A to E, each included, in vehicles per length and lane.
pub type Bounds = [i64; 5];

/// Per kilometre and lane (HCM 2000, metric: secondary). This is what the pipeline judges by.
pub const PER_KILOMETRE: Bounds = [7, 11, 16, 22, 28];
/// Per mile and lane (HCM 6, Exhibit 11-5: secondary).
pub const PER_MILE: Bounds = [11, 18, 26, 35, 45];

impl LevelOfService {
    pub const ALL: [LevelOfService; 6] = [
        LevelOfService::A,
        LevelOfService::B,
        LevelOfService::C,
        LevelOfService::D,
        LevelOfService::E,
        LevelOfService::F,
    ];

    /// The level of a density in the bounds' own unit.
    pub fn of(density: Milli, bounds: &Bounds) -> LevelOfService {
        let above = bounds
            .iter()
            .filter(|bound| density > Milli::whole(**bound));
        LevelOfService::ALL[above.count()]
    }

    /// 1 for A to 6 for F: what a rule compares with.
    pub fn number(self) -> i64 {
        self as i64 + 1
    }
}

impl fmt::Display for LevelOfService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(["A", "B", "C", "D", "E", "F"][*self as usize])
    }
}
