//! Percentile range (a test of `ioos_qc`, not of QARTOD): suspect is what lies outside of the stream's own percentiles.

use wire::Milli;

use super::Flag;

/// The flags of a stream: below the percentile `low` less `pad`, or above the percentile `high` and `pad`. Percentiles
/// lie linearly between the values beside them.
pub fn percentile_range(
    values: &[Option<Milli>],
    (low, high): (u32, u32),
    pad: Milli,
) -> Vec<Flag> {
    let mut sorted: Vec<i128> = values
        .iter()
        .flatten()
        .map(|value| i128::from(value.0))
        .collect();
    sorted.sort_unstable();
    let pad = i128::from(pad.0) * 100;
    let (least, greatest) = (
        percentile(&sorted, low) - pad,
        percentile(&sorted, high) + pad,
    );
    let flag = |value: &Option<Milli>| match value.map(|value| i128::from(value.0) * 100) {
        None => Flag::Missing,
        Some(value) if value < least || value > greatest => Flag::Suspect,
        Some(_) => Flag::Good,
    };
    values.iter().map(flag).collect()
}

/// A hundred times the percentile, which is exact; 0 of nothing.
fn percentile(sorted: &[i128], percent: u32) -> i128 {
    let steps = percent.min(100) as usize * sorted.len().saturating_sub(1);
    let (place, part) = (steps / 100, (steps % 100) as i128);
    let Some(value) = sorted.get(place) else {
        return 0;
    };
    let next = sorted.get(place + 1).unwrap_or(value);
    value * 100 + part * (next - value)
}
