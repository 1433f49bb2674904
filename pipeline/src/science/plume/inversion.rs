//! How much leaks, from what stations read.
//!
//! A plume model errs by a factor, not by an amount, so the strength is fitted on the logarithm: it is the geometric mean
//! of what each station alone would say. Its bounds are the model's factor of two to three, more when the stations
//! disagree by more.

/// One station as the model sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// What it reads, as a quantity that mixes.
    pub reading: f64,
    /// What it would read of a source of strength one, s/m³; positive.
    pub dilution: f64,
    /// Its sensor was at the end of its range: the truth is at least this.
    pub saturated: bool,
}

/// What a source gives off: reading's unit times m³/s. With ppm that is millilitres of gas a second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Strength {
    pub value: f64,
    pub low: f64,
    pub high: f64,
}

/// The model's factor where wind and readings fit it,
pub const FACTOR_GOOD: f64 = 2.0;
/// and where they do not, or a single station says it all.
pub const FACTOR_POOR: f64 = 3.0;

/// The strength that fits the stations best; `None` without any. `is_sure`: the wind is fresh and has a direction in
/// which the readings lie. What a station reads is at least `floor`, since the logarithm knows no zero.
pub fn strength(samples: &[Sample], floor: f64, is_sure: bool) -> Option<Strength> {
    let said = |sample: &Sample| (sample.reading.max(floor) / sample.dilution).ln();
    let (bounds, points): (Vec<Sample>, Vec<Sample>) =
        samples.iter().copied().partition(|sample| sample.saturated);
    let mut logs: Vec<f64> = points.iter().map(said).collect();
    // A bound says something only where it lies above what the others say.
    let others = mean(&logs);
    logs.extend(
        bounds
            .iter()
            .map(said)
            .filter(|log| others.is_none_or(|o| *log > o)),
    );
    let centre = mean(&logs)?;
    let squares: f64 = logs.iter().map(|log| (log - centre).powi(2)).sum();
    let spread = (squares / logs.len() as f64).sqrt().exp();
    let is_good = is_sure && logs.len() > 1 && bounds.is_empty();
    let factor = match is_good {
        true => FACTOR_GOOD.max(spread),
        false => FACTOR_POOR.max(spread),
    };
    let value = centre.exp();
    Some(Strength {
        value,
        low: value / factor,
        high: value * factor,
    })
}

fn mean(of: &[f64]) -> Option<f64> {
    (!of.is_empty()).then(|| of.iter().sum::<f64>() / of.len() as f64)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn sample(reading: f64, dilution: f64) -> Sample {
        Sample {
            reading,
            dilution,
            saturated: false,
        }
    }

    #[test]
    fn stations_that_agree_are_right_within_two_and_a_lone_one_within_three() {
        let two = [sample(8.0, 0.004), sample(2.0, 0.001)];
        let found = strength(&two, 0.01, true).unwrap();
        assert!((found.value - 2_000.0).abs() < 1e-9);
        assert!((found.high / found.low - 4.0).abs() < 1e-9);
        for (samples, is_sure) in [(&two[..1], true), (&two[..], false)] {
            let found = strength(samples, 0.01, is_sure).unwrap();
            assert!((found.high / found.low - 9.0).abs() < 1e-9);
        }
        assert_eq!(strength(&[], 0.01, true), None);
    }

    #[test]
    fn stations_that_disagree_widen_the_bounds_beyond_the_model_s_own() {
        let torn = [sample(10.0, 0.001), sample(0.0, 0.001)];
        let found = strength(&torn, 0.1, true).unwrap();
        assert!(
            (found.value - 1_000.0).abs() < 1e-9,
            "nothing counts as the floor"
        );
        assert!((found.high / found.value - 10.0).abs() < 1e-9);
    }

    #[test]
    fn a_saturated_station_pulls_up_and_never_down() {
        let bound = |reading| Sample {
            saturated: true,
            ..sample(reading, 0.001)
        };
        let exact = sample(8.0, 0.001);
        let with = |other| strength(&[exact, other], 0.01, true).unwrap().value;
        assert!((with(bound(2.0)) - 8_000.0).abs() < 1e-9);
        assert!((with(bound(32.0)) - 16_000.0).abs() < 1e-9);
        let alone = strength(&[bound(5.0)], 0.01, true).unwrap();
        assert!((alone.value - 5_000.0).abs() < 1e-9);
    }
}
