//! Leaks on the board: the minutes of each gas from each source; the latest is shown while it is fresh, playback looks back
//! on the others.

use std::collections::BTreeMap;

use pipeline::calendar::{MINUTE, Millis};
use pipeline::exposure::{Exposure, WIDTH};
use wire::{Quantity, SourceId};

use super::series::{HISTORY, is_kept};

/// A footprint is shown as live for so long after its minute; then nobody knows where the gas is.
const LIVE: Millis = 15 * MINUTE;

/// Minutes of leaks that may still be shown; of older ones as many as of other figures.
#[derive(Debug, Default)]
pub(super) struct Exposures {
    minutes: BTreeMap<(SourceId, Quantity), BTreeMap<Millis, Exposure>>,
}

impl Exposures {
    /// Minutes that stand no more come before new ones. What leaves the dataflow because it `is_over` stays here.
    pub(super) fn apply(&mut self, exposure: &Exposure, stands: bool, is_over: bool) {
        let key = (exposure.source, exposure.quantity);
        let minutes = self.minutes.entry(key).or_default();
        match stands {
            true => drop(minutes.insert(exposure.start, exposure.clone())),
            false if is_over => {}
            false => drop(minutes.remove(&exposure.start)),
        }
    }

    pub(super) fn expire(&mut self, now: Millis) {
        self.minutes.retain(|_, minutes| {
            minutes.retain(|start, _| {
                let age = now - start;
                age <= HISTORY && is_kept(*start, start + WIDTH, age)
            });
            !minutes.is_empty()
        });
    }

    /// The latest of each source and gas that is still live.
    pub(super) fn live(&self, now: Millis) -> Vec<Exposure> {
        self.latest(now, Millis::MAX)
    }

    /// The same at `at`: the latest minute that was over then.
    pub(super) fn stood(&self, at: Millis) -> Vec<Exposure> {
        self.latest(at, at - WIDTH)
    }

    /// Of each source and gas the last minute up to `last`, if it was live at `now`.
    fn latest(&self, now: Millis, last: Millis) -> Vec<Exposure> {
        let minutes = self.minutes.values();
        let latest = minutes.filter_map(|minutes| minutes.range(..=last).next_back());
        let live = latest.filter(|(start, _)| now - **start <= WIDTH + LIVE);
        live.map(|(_, exposure)| exposure.clone()).collect()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use pipeline::calendar::HOUR;
    use pipeline::exposure::PlumeFacts;
    use pipeline::science::plume::stability::Stability;
    use wire::Milli;

    use super::*;

    const NOON: Millis = 1_795_309_200_000;

    fn minute(start: Millis, strength: i64) -> Exposure {
        Exposure {
            source: "valve".parse().unwrap(),
            quantity: Quantity::H2s,
            start,
            zones: Vec::new(),
            plume: PlumeFacts {
                stability: Stability::D,
                wind: None,
                from: None,
                strength: Milli(strength),
                factor: Milli::whole(2),
            },
            footprints: Vec::new(),
        }
    }

    fn strength(exposures: &[Exposure]) -> Option<i64> {
        exposures.first().map(|exposure| exposure.plume.strength.0)
    }

    #[test]
    fn a_leak_of_the_past_is_played_back_as_it_is_known_now() {
        let mut board = Exposures::default();
        // A leak of half an hour, three hours ago; what it said of each minute is corrected, taken back of one.
        let begun = NOON - 3 * HOUR;
        for (n, start) in (0..30).map(|n| (n, begun + n * MINUTE)) {
            board.apply(&minute(start, 0), true, false);
            board.apply(&minute(start, 0), false, false);
            board.apply(&minute(start, n), true, false);
        }
        board.apply(&minute(begun + 29 * MINUTE, 29), false, false);
        // Beyond the horizon it leaves the dataflow, and nothing is untrue because of that.
        for (n, start) in (0..29).map(|n| (n, begun + n * MINUTE)) {
            board.apply(&minute(start, n), false, true);
        }
        let at = |board: &Exposures, minutes| strength(&board.stood(begun + minutes * MINUTE));
        assert_eq!(at(&board, 0), None, "the first minute is not over yet");
        assert_eq!(at(&board, 11), Some(10));
        assert_eq!(at(&board, 29), Some(28));
        assert_eq!(
            at(&board, 40),
            Some(28),
            "nobody knows yet that it has ended"
        );
        assert_eq!(at(&board, 45), None);
        assert_eq!(strength(&board.live(begun + 12 * MINUTE)), Some(28));
        assert!(board.live(NOON).is_empty());
        // Thinned like other figures: one in two minutes is left, in the end none.
        board.expire(NOON);
        let left: usize = board.minutes.values().map(BTreeMap::len).sum();
        assert_eq!(left, 15);
        assert!([9, 10].contains(&at(&board, 11).unwrap()));
        board.expire(NOON + HISTORY);
        assert!(board.minutes.is_empty());
    }
}
