//! Shapes over time, in integers so that every machine draws the same city: broken lines over a cycle of the
//! story, broken lines over a day, and noise from a seed.

use pipeline::calendar::{DAY, HOUR, MINUTE, Millis};

/// Corners of a broken line: (minutes, value), minutes rising.
pub(super) type Corners = [(Millis, i64)];

/// The value of a broken line at `offset` (milliseconds); flat before its first corner and after its last.
pub(super) fn along(corners: &Corners, offset: Millis) -> i64 {
    let after = corners.partition_point(|(minute, _)| minute * MINUTE <= offset);
    match (
        after.checked_sub(1).and_then(|before| corners.get(before)),
        corners.get(after),
    ) {
        (Some(&(from, low)), Some(&(to, high))) => {
            low + (high - low) * (offset - from * MINUTE) / ((to - from) * MINUTE)
        }
        (Some(&(_, value)), None) | (None, Some(&(_, value))) => value,
        (None, None) => 0,
    }
}

/// A day as eight values, three hours apart from local midnight, joined by straight lines.
pub(super) fn over_the_day(eighths: [i64; 8], local: Millis) -> i64 {
    const STEP: Millis = 3 * HOUR;
    let in_day = local.rem_euclid(DAY);
    let place = (in_day / STEP) as usize;
    let (low, high) = (eighths[place], eighths[(place + 1) % 8]);
    low + (high - low) * (in_day % STEP) / STEP
}

/// A number that looks drawn by lot but follows from `key` alone (splitmix64).
pub(super) fn lot(key: u64) -> u64 {
    let mut x = key.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// Noise between `-reach` and `reach`, the middle likelier than the ends.
pub(super) fn noise(key: u64, reach: i64) -> i64 {
    let drawn = lot(key);
    let half = |bits: u64| (bits & 0xffff) as i64 * reach / 0xffff;
    half(drawn) - half(drawn >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_line_passes_its_corners() {
        let line = [(10, 0), (20, 100), (30, 50)];
        for (minute, value) in [
            (0, 0),
            (10, 0),
            (15, 50),
            (20, 100),
            (25, 75),
            (30, 50),
            (99, 50),
        ] {
            assert_eq!(along(&line, minute * MINUTE), value, "minute {minute}");
        }
        assert_eq!(along(&[], 5), 0);
    }

    #[test]
    fn a_day_closes_on_itself() {
        let day = [0, 10, 20, 30, 40, 50, 60, 70];
        assert_eq!(over_the_day(day, 0), 0);
        assert_eq!(over_the_day(day, DAY + 90 * MINUTE), 5);
        assert_eq!(over_the_day(day, 22 * HOUR + 30 * MINUTE), 35);
    }

    #[test]
    fn noise_stays_in_reach_and_around_zero() {
        let drawn: Vec<i64> = (0..10_000).map(|key| noise(key, 500)).collect();
        assert!(drawn.iter().all(|n| n.abs() <= 500));
        assert!(drawn.iter().sum::<i64>().abs() / 10_000 < 10);
    }
}
