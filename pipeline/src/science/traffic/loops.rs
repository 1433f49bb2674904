//! Flow, density and speed from the counts and the occupancy of inductive loops.
//!
//! A loop is occupied as long as any part of a vehicle is above it, so a vehicle is «as long as» itself and the loop
//! together: the effective length L. From it follow, per lane, density = occupancy / L and speed = flow / density =
//! flow · L / occupancy (Minnesota's IRIS, `docs/vehicle_detection.md` and `DetectorImpl.java`: primary).
//! With few vehicles on the road one long or slow one makes the quotient wild: at 1.2 vehicles per mile and below no
//! speed is given (the same source).

use wire::Milli;
use wire::milli::divide_rounded;

use crate::calendar::{HOUR, Millis};

/// Vehicle and loop together, in tenths of a millimetre: a foot is a whole number of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EffectiveLength(i64);

impl EffectiveLength {
    /// 22 feet, IRIS's average where nobody measured (primary); a car alone is about 19.75 feet (secondary).
    pub const DEFAULT: EffectiveLength = EffectiveLength(67_056);

    /// From metres; `None` unless positive.
    pub fn of_metres(metres: Milli) -> Option<EffectiveLength> {
        let tenths = metres.0.checked_mul(10)?;
        (tenths > 0).then_some(EffectiveLength(tenths))
    }

    /// From tenths of a foot; `None` unless positive.
    pub fn of_tenths_of_feet(feet: i64) -> Option<EffectiveLength> {
        // A tenth of a foot is 30.48 mm.
        let hundredths = feet.checked_mul(30_480)?;
        (hundredths > 0).then_some(EffectiveLength(hundredths / 100))
    }
}

/// Vehicles per hour from those counted in `period` milliseconds; 0 for no period.
pub fn flow(count: Milli, period: Millis) -> Milli {
    milli(divide_rounded(
        i128::from(count.0) * i128::from(HOUR),
        i128::from(period),
    ))
}

/// Vehicles per kilometre of one lane that is occupied for so many percent of the time.
pub fn density(occupancy: Milli, length: EffectiveLength) -> Milli {
    // occupancy / 100 · 1000 m / length, with the length in units of 10⁻⁴ m and occupancy in 10⁻³ %.
    milli(divide_rounded(
        i128::from(occupancy.0) * 100_000,
        i128::from(length.0),
    ))
}

/// Vehicles per kilometre of one lane from the flow of that lane and a measured speed, in km/h; `None` where nothing moves.
pub fn density_of_flow(lane_flow: Milli, speed: Milli) -> Option<Milli> {
    (speed > Milli::ZERO && lane_flow >= Milli::ZERO).then(|| {
        milli(divide_rounded(
            i128::from(lane_flow.0) * 1000,
            i128::from(speed.0),
        ))
    })
}

/// Speed in km/h from one lane's flow (vehicles per hour) and occupancy (percent). `None` where the loop saw nobody, or
/// at a density of 1.2 vehicles per mile or less.
pub fn speed(lane_flow: Milli, occupancy: Milli, length: EffectiveLength) -> Option<Milli> {
    let (occupancy, length) = (i128::from(occupancy.0), i128::from(length.0));
    // occupancy / length · 1609.344 m > 1.2, in whole numbers.
    let is_dense = occupancy * 1_609_344 > 12_000 * length;
    (is_dense && lane_flow > Milli::ZERO).then(|| {
        milli(divide_rounded(
            i128::from(lane_flow.0) * length,
            occupancy * 100,
        ))
    })
}

/// Saturates: no sum of plausible readings comes near the ends of the range.
fn milli(value: i128) -> Milli {
    Milli(value.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_default_length_is_22_feet() {
        assert_eq!(
            EffectiveLength::of_tenths_of_feet(220),
            Some(EffectiveLength::DEFAULT)
        );
        assert_eq!(EffectiveLength::of_metres(Milli::ZERO), None);
        assert_eq!(EffectiveLength::of_metres(Milli(-1)), None);
        assert_eq!(EffectiveLength::of_metres(Milli(i64::MAX)), None);
    }

    #[test]
    fn a_lane_of_waiting_cars_has_a_density_and_no_speed() {
        let length = EffectiveLength::of_metres(Milli::whole(8)).unwrap();
        assert_eq!(density(Milli::whole(100), length), Milli::whole(125));
        assert_eq!(speed(Milli::ZERO, Milli::whole(100), length), None);
        assert_eq!(density_of_flow(Milli::whole(600), Milli::ZERO), None);
    }

    #[test]
    fn speed_and_flow_give_back_the_density() {
        let length = EffectiveLength::DEFAULT;
        let (flow, occupancy) = (Milli::whole(1_800), Milli::whole(12));
        let speed = speed(flow, occupancy, length).unwrap();
        let by_occupancy = density(occupancy, length);
        let by_speed = density_of_flow(flow, speed).unwrap();
        assert!((by_speed.0 - by_occupancy.0).abs() <= 1);
    }

    #[test]
    fn no_number_panics() {
        for odd in [i64::MIN, -1, 0, 1, i64::MAX].map(Milli) {
            let _ = (
                flow(odd, 0),
                density(odd, EffectiveLength::DEFAULT),
                density_of_flow(odd, odd),
                speed(odd, odd, EffectiveLength::DEFAULT),
            );
        }
    }
}
