//! Noise against the limits of a zone's class, by day and by night.
//!
//! GB 3096-2008 (secondary; class 4 in part): equivalent levels in dB(A), day from 06:00 to 22:00 local time, night
//! from 22:00 to 06:00. The standard judges a whole day or night; people want to know earlier, so the level here is
//! that of at most the last hour, within one of the two.

use wire::Milli;

use crate::calendar::{HOUR, Millis};
use crate::city::NoiseClass;

/// A level is told over so much of the day or night at most.
pub const LOOK_BACK: Millis = HOUR;

/// Whether a local hour, 0 to 23, is of the night.
pub fn is_night(hour: u8) -> bool {
    !(6..22).contains(&hour)
}

/// Greatest equivalent level that a class allows, in thousandths of a dB(A).
pub fn limit(class: NoiseClass, is_night: bool) -> Milli {
    let (day, night) = match class {
        NoiseClass::Class0 => (50, 40),
        NoiseClass::Class1 => (55, 45),
        NoiseClass::Class2 => (60, 50),
        NoiseClass::Class3 => (65, 55),
        NoiseClass::Class4a => (70, 55),
        NoiseClass::Class4b => (70, 60),
    };
    Milli::whole(if is_night { night } else { day })
}

/// Equivalent continuous level of stretches of equal length (ISO 1996-1: 10 lg of the mean energy); `None` of none.
pub fn equivalent(levels: impl Iterator<Item = Milli>) -> Option<Milli> {
    let (mut energy, mut count) = (0.0, 0_u32);
    for level in levels {
        energy += 10_f64.powf(level.to_f64() / 10.0);
        count += 1;
    }
    (count > 0).then(|| Milli::from_f64(10.0 * (energy / f64::from(count)).log10()))?
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_the_published_ones() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../shared/domain/thresholds.csv"
        );
        let mut checked = 0;
        for row in csv::Reader::from_path(path).unwrap().records() {
            let row = row.unwrap();
            let Some(name) = row[2].strip_prefix("GB 3096-2008 class ") else {
                continue;
            };
            let (class, time) = name.split_once(' ').unwrap();
            let class = NoiseClass::ALL
                .into_iter()
                .find(|known| known.name() == class);
            let published: Milli = row[4].parse().unwrap();
            assert_eq!(limit(class.unwrap(), time == "night"), published, "{row:?}");
            checked += 1;
        }
        assert_eq!(checked, 12);
    }

    #[test]
    fn nights_last_from_ten_to_six() {
        let nights: Vec<u8> = (0..24).filter(|hour| is_night(*hour)).collect();
        assert_eq!(nights, [0, 1, 2, 3, 4, 5, 22, 23]);
    }

    #[test]
    fn levels_are_averaged_by_their_energy() {
        let level = |levels: &[i64]| equivalent(levels.iter().map(|&level| Milli::whole(level)));
        assert_eq!(level(&[60, 60, 60]), Some(Milli::whole(60)));
        // A minute of 80 dB among nine of 50 is 70 dB, not 53.
        assert_eq!(
            level(&[80, 50, 50, 50, 50, 50, 50, 50, 50, 50]),
            Some(Milli(70_039))
        );
        assert_eq!(level(&[]), None);
    }
}
