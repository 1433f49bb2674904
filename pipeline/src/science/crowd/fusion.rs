//! One number of people from area counters and in/out counters together.

use wire::Milli;
use wire::milli::divide_rounded;

use super::area::Count;
use super::{Estimate, clamp};

/// The mean of both, each weighted by the inverse of its variance (its doubt squared), as in a scalar Kalman filter.
///
/// The area count weighs less the fewer of its counters were heard ([`Count::doubt_beside`]), the balance the more people
/// went through since it was last put right ([`super::balance::step`]); one without doubt stands alone. The result is as
/// doubtful as the better of the two and not less, although independent errors would allow it: a camera that counts
/// too few does so all evening, and saying it again makes nothing surer. Where both cannot be right within their
/// doubts, the bounds hold both.
pub fn fuse(balance: Estimate, count: Count) -> Estimate {
    let (counted, known) = (count.of_the_whole(), balance.value);
    let of_count = count.doubt_beside(known);
    let of_balance = balance.doubt();
    let square = |doubt: Milli| i128::from(doubt.0.min(DOUBT_MAX)).pow(2);
    let (count_weight, balance_weight) = (square(of_balance), square(of_count));
    let weights = count_weight + balance_weight;
    let value = match weights {
        // Nobody there by both.
        0 => known,
        _ => clamp(
            i128::from(known.0)
                + divide_rounded(
                    (i128::from(counted.0) - i128::from(known.0)) * count_weight,
                    weights,
                ),
        ),
    };
    // «At least so many» is no evidence that there are fewer.
    let value = match count.at_least {
        true => value.max(count.people),
        false => value,
    };
    let fused = Estimate::around(value, of_count.min(of_balance));
    let apart = i128::from(counted.0.abs_diff(known.0));
    if apart <= i128::from(of_count.0) + i128::from(of_balance.0) {
        return fused;
    }
    Estimate {
        low: fused.low.min(counted.min(known)),
        high: fused.high.max(counted.max(known)),
        ..fused
    }
}

/// A billion persons in thousandths: no doubt is greater, and its square times any count fits.
const DOUBT_MAX: i64 = 1_000_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn count(people: i64, heard: u32, expected: u32) -> Count {
        Count {
            people: Milli::whole(people),
            heard,
            expected,
            at_least: false,
        }
    }

    fn balance(people: i64, doubt: i64) -> Estimate {
        Estimate::around(Milli::whole(people), Milli::whole(doubt))
    }

    #[test]
    fn the_surer_of_the_two_weighs_more() {
        // Equal doubts: the middle. 10 % of 1,000 are 100.
        let fused = fuse(balance(1_000, 100), count(900, 2, 2));
        assert_eq!(fused, balance(950, 100));
        // Just anchored: the balance alone.
        assert_eq!(fuse(balance(1_000, 0), count(900, 2, 2)), balance(1_000, 0));
        // Drifted by half: 100² against 500², 1000 − 100 · 25/26.
        let fused = fuse(balance(1_000, 500), count(900, 2, 2));
        assert_eq!(fused.value, Milli(903_846));
        assert_eq!(fused.doubt(), Milli::whole(100));
    }

    #[test]
    fn a_counter_that_was_not_heard_lowers_the_counts_weight_and_not_the_crowd() {
        // Half of the counters saw half of the crowd, and may be off by all others: 500 + 100 against 50.
        let fused = fuse(balance(1_000, 50), count(450, 1, 2));
        // 1000 − 100 · 50² / (50² + 600²)
        assert_eq!(fused.value, Milli(999_310));
        assert_eq!(fused.doubt(), Milli::whole(50));
        let alone = count(450, 1, 2).alone();
        assert_eq!(
            (alone.value, alone.low, alone.high),
            (Milli::whole(450), Milli::whole(405), Milli::whole(990))
        );
    }

    #[test]
    fn a_saturated_count_takes_nobody_away_and_adds_those_it_saw() {
        let at_least = |people| Count {
            at_least: true,
            ..count(people, 2, 2)
        };
        let fused = fuse(balance(1_000, 0), at_least(1_100));
        assert_eq!(fused.value, Milli::whole(1_100));
    }

    #[test]
    fn a_blind_camera_does_not_empty_a_square() {
        let fused = fuse(balance(1_000, 50), count(0, 2, 2));
        let all = (fused.value, fused.low, fused.high);
        assert_eq!(all, (Milli::whole(800), Milli::ZERO, Milli::whole(1_000)));
        assert_eq!(fuse(balance(0, 0), count(0, 2, 2)), balance(0, 0));
    }
}
