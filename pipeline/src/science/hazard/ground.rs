//! Slopes: how fast they tilt, and rain that loosens them.

use wire::Milli;
use wire::milli::divide_rounded;

use super::trend::Reach;
use crate::calendar::{DAY, HOUR, Millis};

/// From what a rate of tilt is told: hundredths of a degree an hour do not show in less.
pub const TILT_REACH: Reach = Reach {
    least: HOUR,
    most: 3 * HOUR,
};

/// Rain that counts as recent.
pub const RECENT: Millis = 3 * DAY;
/// Rain before that, which decides how much more the ground takes.
pub const ANTECEDENT: Millis = 15 * DAY;

/// 3.5 inches in thousandths of a millimetre.
const INTERCEPT: i128 = 88_900;

/// How far the rain of the last three days is beyond the cumulative threshold of the US Geological Survey for Seattle,
/// P3 = 3.5 − 0.67 · P15 inches, P15 being the rain of the fifteen days before (secondary: the agency's own parameter
/// file). In thousandths of a millimetre; above zero shallow landslides are likely. Made for one region: other ground
/// wants a rule with another line.
pub fn rain_excess(recent: Milli, antecedent: Milli) -> Milli {
    let (recent, antecedent) = (recent.0.max(0), antecedent.0.max(0));
    let spared = divide_rounded(i128::from(antecedent) * 67, 100);
    let excess = i128::from(recent) - INTERCEPT + spared;
    Milli(i64::try_from(excess).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_threshold_falls_with_the_rain_before() {
        assert_eq!(rain_excess(Milli(88_900), Milli::ZERO), Milli::ZERO);
        // 2 inches in fifteen days leave 3.5 − 1.34 = 2.16 inches, 54.864 mm.
        assert_eq!(rain_excess(Milli(54_864), Milli(50_800)), Milli::ZERO);
        assert_eq!(rain_excess(Milli::ZERO, Milli::ZERO), Milli(-88_900));
        assert_eq!(rain_excess(Milli(-5), Milli(-5)), Milli(-88_900));
        assert!(rain_excess(Milli(i64::MAX), Milli(i64::MAX)) > Milli::ZERO);
    }
}
