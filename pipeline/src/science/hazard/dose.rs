//! Concentration times time: what was breathed over a stretch, and what the gaps in it count as.
//!
//! A gap between two panes counts as the lesser of what was measured on both its sides, so that missing data alone
//! never lowers a dose that goes on, and a spike after a silence never stands for the silence. A gap longer than
//! [`BRIDGED_MAX`], and the time before anything was measured, count as nothing: what is not known is not claimed.

use wire::Milli;

use crate::calendar::{HOUR, Millis};

/// Longest gap that is bridged; stations that speak once an hour leave gaps just shorter.
pub const BRIDGED_MAX: Millis = HOUR;

/// What was measured from a moment on for some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    pub start: Millis,
    /// For how long it was measured.
    pub lasting: Millis,
    pub value: Milli,
}

/// A stretch of one value, as a dose counts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// How long before the end of the window it ends.
    pub ago: Millis,
    pub lasting: Millis,
    pub value: Milli,
    /// Not measured: a gap between two samples.
    pub is_bridged: bool,
}

/// The stretches of the last `span` up to `end`, newest first; what counts as nothing is left out, and what is
/// negative, which is noise around nothing, counts as nothing.
pub fn stretches(
    samples: &[Sample],
    end: Millis,
    span: Millis,
) -> impl Iterator<Item = Stretch> + '_ {
    let from = end - span;
    let stretch = move |start: Millis, to: Millis, value: Milli, is_bridged| {
        let (start, to) = (start.max(from), to.min(end));
        (to > start && value > Milli::ZERO).then_some(Stretch {
            ago: end - to,
            lasting: to - start,
            value,
            is_bridged,
        })
    };
    let mut later: Option<&Sample> = None;
    let newest_first = samples.iter().rev();
    newest_first.flat_map(move |sample| {
        let heard_to = sample.start + sample.lasting;
        let gap = later.replace(sample).and_then(|next| {
            let is_short = next.start - heard_to <= BRIDGED_MAX;
            let lesser = sample.value.min(next.value);
            is_short.then(|| stretch(heard_to, next.start, lesser, true))?
        });
        let heard = stretch(sample.start, heard_to, sample.value, false);
        gap.into_iter().chain(heard)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::MINUTE;

    fn sample(minute: i64, value: i64) -> Sample {
        Sample {
            start: minute * MINUTE,
            lasting: MINUTE,
            value: Milli::whole(value),
        }
    }

    fn dose(samples: &[Sample], end: i64, span: i64) -> (i64, i64) {
        let all: Vec<_> = stretches(samples, end * MINUTE, span * MINUTE).collect();
        let sum = |bridged: bool| {
            let own = all.iter().filter(|stretch| stretch.is_bridged == bridged);
            own.map(|stretch| stretch.lasting / MINUTE * stretch.value.0 / 1000)
                .sum()
        };
        (sum(false), sum(true))
    }

    #[test]
    fn a_gap_counts_as_the_lesser_of_its_sides() {
        let samples = [sample(0, 10), sample(5, 4), sample(6, 8)];
        assert_eq!(dose(&samples, 7, 7), (22, 16));
        // Only what lies in the window counts, of gaps too.
        assert_eq!(dose(&samples, 7, 4), (12, 8));
    }

    #[test]
    fn long_silence_and_the_time_before_the_first_word_count_as_nothing() {
        let samples = [sample(0, 10), sample(62, 10)];
        assert_eq!(dose(&samples, 63, 100), (20, 0));
        assert_eq!(dose(&[], 63, 100), (0, 0));
        let hourly = [sample(0, 10), sample(60, 10)];
        assert_eq!(dose(&hourly, 61, 100), (20, 590));
    }

    #[test]
    fn what_is_below_nothing_counts_as_nothing() {
        assert_eq!(dose(&[sample(0, -5), sample(3, 5)], 4, 10), (5, 0));
    }
}
