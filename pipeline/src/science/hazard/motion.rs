//! Strong motion: the peak acceleration of a record.

use wire::Milli;
use wire::milli::divide_rounded;

/// The greatest acceleration of `samples` either way from their mean, times a thousand: a record's zero line is its own.
/// `None` for an empty record.
pub fn peak_from_mean(samples: &[i64]) -> Option<i128> {
    let count = samples.len() as i128;
    let sum: i128 = samples.iter().map(|&sample| i128::from(sample)).sum();
    let away = |&sample: &i64| (i128::from(sample) * count - sum).abs();
    let peak = samples.iter().map(away).max()?;
    Some(divide_rounded(peak * 1000, count))
}

/// The greatest acceleration of a pane, either way from the instrument's zero line.
pub fn peak(least: Milli, greatest: Milli, zero: Milli) -> Milli {
    let away = |value: Milli| value.0.saturating_sub(zero.0).saturating_abs();
    Milli(away(least).max(away(greatest)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peaks_point_either_way_from_the_zero_line() {
        assert_eq!(peak_from_mean(&[1, 1, 1, -7]), Some(6_000));
        assert_eq!(peak_from_mean(&[]), None);
        assert_eq!(peak(Milli(-300), Milli(200), Milli::ZERO), Milli(300));
        assert_eq!(peak(Milli(9_700), Milli(10_100), Milli(9_810)), Milli(290));
        assert_eq!(peak(Milli(i64::MIN), Milli(0), Milli(5)), Milli(i64::MAX));
    }
}
