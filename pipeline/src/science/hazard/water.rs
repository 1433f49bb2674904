//! Water: how fast it rises, and classes of surface water in the manner of GB 3838-2002.
//!
//! Classes I to V are 1 to 5; what misses class V is 6. The class of water is the worst of its quantities. All limits
//! here are *unconfirmed* (from memory), so they are a table that is handed in; no class is known for turbidity and
//! conductivity, which the standard does not list.

use wire::{Milli, Quantity};

use super::trend::Reach;
use crate::calendar::{HOUR, MINUTE};

/// From what a rise is told: an underpass fills in a quarter of an hour, river gauges speak four times an hour.
pub const RISE_REACH: Reach = Reach {
    least: 10 * MINUTE,
    most: HOUR,
};

/// Limits of one quantity for classes I to V in thousandths of its unit, and on which side of them it is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limits {
    AtMost([Milli; 5]),
    AtLeast([Milli; 5]),
    /// One range for all classes; outside it water has none.
    Within(Milli, Milli),
}

/// What is used where nobody says otherwise; *unconfirmed*.
pub const UNCONFIRMED: [(Quantity, Limits); 3] = [
    (
        Quantity::DissolvedOxygen,
        Limits::AtLeast([
            Milli(7_500),
            Milli(6_000),
            Milli(5_000),
            Milli(3_000),
            Milli(2_000),
        ]),
    ),
    (
        Quantity::AmmoniaNitrogen,
        Limits::AtMost([
            Milli(150),
            Milli(500),
            Milli(1_000),
            Milli(1_500),
            Milli(2_000),
        ]),
    ),
    (Quantity::Ph, Limits::Within(Milli(6_000), Milli(9_000))),
];

/// Worse than class V.
pub const WORST: i64 = 6;

/// The class of one figure.
pub fn class(limits: &Limits, value: Milli) -> i64 {
    let first = |is_met: &dyn Fn(&Milli) -> bool, limits: &[Milli; 5]| {
        limits
            .iter()
            .position(is_met)
            .map_or(WORST, |place| place as i64 + 1)
    };
    match limits {
        Limits::AtMost(limits) => first(&|limit| value <= *limit, limits),
        Limits::AtLeast(limits) => first(&|limit| value >= *limit, limits),
        Limits::Within(low, high) if (low..=high).contains(&&value) => 1,
        Limits::Within(..) => WORST,
    }
}

/// The worst class of what was measured; `None` where nothing with limits was.
pub fn worst(
    table: &[(Quantity, Limits)],
    measured: impl Fn(Quantity) -> Option<Milli>,
) -> Option<i64> {
    let classes = table
        .iter()
        .filter_map(|(quantity, limits)| measured(*quantity).map(|value| class(limits, value)));
    classes.max()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against a table of its own: the built-in numbers are not known to be true.
    #[test]
    fn water_is_as_good_as_its_worst_quantity() {
        let limits = |values: [i64; 5]| values.map(Milli::whole);
        let table = [
            (
                Quantity::DissolvedOxygen,
                Limits::AtLeast(limits([9, 8, 7, 6, 5])),
            ),
            (
                Quantity::AmmoniaNitrogen,
                Limits::AtMost(limits([1, 2, 3, 4, 5])),
            ),
            (
                Quantity::Ph,
                Limits::Within(Milli::whole(6), Milli::whole(9)),
            ),
        ];
        let water = |oxygen: i64, ammonia: i64, ph: i64| {
            worst(&table, |quantity| match quantity {
                Quantity::DissolvedOxygen => Some(Milli::whole(oxygen)),
                Quantity::AmmoniaNitrogen => Some(Milli::whole(ammonia)),
                Quantity::Ph => Some(Milli::whole(ph)),
                _ => None,
            })
        };
        assert_eq!(water(9, 1, 7), Some(1));
        assert_eq!(water(9, 3, 7), Some(3));
        assert_eq!(water(6, 3, 7), Some(4));
        assert_eq!(water(4, 1, 7), Some(WORST));
        assert_eq!(water(9, 1, 10), Some(WORST));
        assert_eq!(worst(&table, |_| None), None);
    }

    #[test]
    fn the_built_in_limits_are_in_order() {
        for (quantity, limits) in UNCONFIRMED {
            match limits {
                Limits::AtMost(limits) => assert!(limits.is_sorted(), "{quantity}"),
                Limits::AtLeast(limits) => assert!(limits.iter().rev().is_sorted(), "{quantity}"),
                Limits::Within(low, high) => assert!(low < high, "{quantity}"),
            }
        }
    }
}
