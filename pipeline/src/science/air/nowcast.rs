//! PM NowCast: what the last twelve hours say about the day that is still going on.
//!
//! AirNow's method (secondary: EPA fact sheet and three implementations that agree). With c₁ the newest
//! of twelve hourly means:
//! - at least two of c₁, c₂, c₃ must be there, else there is no NowCast;
//! - w = max(½, c_min / c_max) over the hours there, 1 where all are zero;
//! - NowCast = Σ wⁱ⁻¹ cᵢ / Σ wⁱ⁻¹ over the hours there; negative means count as zero.
//!
//! Exact: w is a fraction of integers, so both sums are computed as integers over the same power of its
//! denominator. Truncating a float instead would now and then land a tenth too low; floats decide only where they are far
//! from any thousandth.

use wire::Milli;

/// Hours that a NowCast looks back on.
pub const NOWCAST_HOURS: usize = 12;

/// Of the newest hours so many must be there, of so many.
const NEWEST: (usize, usize) = (2, 3);

/// Hourly means are cut here (4.3 million ug/m3), which bounds the integers below.
const MEAN_MAX: i64 = u32::MAX as i64;

/// The NowCast of hourly means, newest first, truncated to a thousandth; hours past the twelfth are not
/// looked at.
pub fn nowcast(newest_first: &[Option<Milli>]) -> Option<Milli> {
    let hours: Vec<(usize, u64)> = newest_first
        .iter()
        .take(NOWCAST_HOURS)
        .enumerate()
        .filter_map(|(age, mean)| Some((age, (*mean)?.0.clamp(0, MEAN_MAX).unsigned_abs())))
        .collect();
    let (needed, newest) = NEWEST;
    if hours.iter().filter(|(age, _)| *age < newest).count() < needed {
        return None;
    }
    let least = hours.iter().map(|(_, mean)| *mean).min()?;
    let greatest = hours.iter().map(|(_, mean)| *mean).max()?;
    if least == greatest {
        return Some(Milli(greatest as i64));
    }
    // w = p / q
    let (p, q) = if least * 2 >= greatest {
        (least, greatest)
    } else {
        (1, 2)
    };
    if let Some(sure) = surely(&hours, p as f64 / q as f64) {
        return Some(sure);
    }
    // Σ p^age q^(11 − age) c and the same without c, oldest hour first: both are the sums above times q¹¹.
    let (mut weighted, mut weights) = (Wide::ZERO, Wide::ZERO);
    let mut power = Wide::ONE;
    for age in (0..NOWCAST_HOURS).rev() {
        (weighted, weights) = (weighted.times(p), weights.times(p));
        if let Some((_, mean)) = hours.iter().find(|(there, _)| *there == age) {
            weighted = weighted.plus(power.times(*mean));
            weights = weights.plus(power);
        }
        power = power.times(q);
    }
    // A weighted mean lies between the least and the greatest: the quotient is found by halving.
    let (mut low, mut high) = (least, greatest);
    while low < high {
        let middle = (low + high).div_ceil(2);
        if weights.times(middle) <= weighted {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    Some(Milli(low as i64))
}

/// The same in floats, where they leave no doubt about the last thousandth.
///
/// Every term is positive, so the quotient is off by less than 60 half units in its last place: below 2³² that is less than
/// 3·10⁻⁵. Farther than that from a whole number it lies between the same two as the exact one.
fn surely(hours: &[(usize, u64)], w: f64) -> Option<Milli> {
    const DOUBT: f64 = 1e-3;
    let mut powers = [1.0; NOWCAST_HOURS];
    for age in 1..NOWCAST_HOURS {
        powers[age] = powers[age - 1] * w;
    }
    let (weighted, weights) = hours
        .iter()
        .fold((0.0, 0.0), |(weighted, weights), (age, mean)| {
            let power = powers[*age];
            (weighted + power * *mean as f64, weights + power)
        });
    let quotient = weighted / weights;
    let beyond = quotient - quotient.floor();
    (DOUBT..1.0 - DOUBT)
        .contains(&beyond)
        .then(|| Milli(quotient.floor() as i64))
}

/// An unsigned integer of 448 bits, most significant word first so that the derived order is right.
///
/// Enough for the sums: twelve terms of at most 32·11 bits of weight, 32 of mean and 4 of their number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Wide([u64; 7]);

impl Wide {
    const ZERO: Wide = Wide([0; 7]);
    const ONE: Wide = Wide([0, 0, 0, 0, 0, 0, 1]);

    fn times(self, factor: u64) -> Wide {
        let mut product = [0; 7];
        let mut carry: u128 = 0;
        for (out, word) in product.iter_mut().zip(self.0).rev() {
            let sum = u128::from(word) * u128::from(factor) + carry;
            *out = sum as u64;
            carry = sum >> 64;
        }
        Wide(product)
    }

    fn plus(self, other: Wide) -> Wide {
        let mut total = [0; 7];
        let mut carry: u128 = 0;
        for ((out, a), b) in total.iter_mut().zip(self.0).zip(other.0).rev() {
            let sum = u128::from(a) + u128::from(b) + carry;
            *out = sum as u64;
            carry = sum >> 64;
        }
        Wide(total)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn millis(text: &str) -> Vec<Option<Milli>> {
        text.split(' ').map(|mean| mean.parse().ok()).collect()
    }

    #[test]
    fn exact_tenths_are_not_lost() {
        // w = 2/3: (21 + 14 · 2/3) / (5/3) = 18.2 exactly.
        assert_eq!(nowcast(&millis("21 14 -")), Some(Milli(18_200)));
        // w = 1/2: (9.3 + 0) · 2/3 = 6.2 exactly.
        assert_eq!(nowcast(&millis("9.3 0 -")), Some(Milli(6_200)));
    }

    #[test]
    fn any_numbers_have_an_answer_between_their_ends() {
        let ends = [i64::MIN, -1, 0, 1, 1_000, u32::MAX as i64, i64::MAX];
        for a in ends {
            for b in ends {
                let hours: Vec<_> = (0..12)
                    .map(|k| Some(Milli(if k % 2 == 0 { a } else { b })))
                    .collect();
                let got = nowcast(&hours).unwrap().0;
                assert!(got >= a.min(b).clamp(0, MEAN_MAX) && got <= a.max(b).clamp(0, MEAN_MAX));
            }
        }
    }

    #[test]
    fn two_of_the_newest_three_hours_are_needed() {
        assert_eq!(nowcast(&[]), None);
        assert_eq!(nowcast(&millis("5 - - 5 5 5 5 5 5 5 5 5")), None);
        assert_eq!(nowcast(&millis("- 5 5")), Some(Milli(5_000)));
    }
}
