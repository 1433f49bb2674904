//! Incidents between two detector stations, by the California algorithms #7 and #8 (Payne and Tignor 1978).
//!
//! An incident dams traffic up at the upstream station and drains the downstream one. Once a minute three features are
//! made of the stations' occupancies, in percent:
//!
//! - OCCDF = upstream − downstream;
//! - OCCRDF = OCCDF / upstream;
//! - DOCCTD = (downstream two minutes ago − downstream) / downstream two minutes ago.
//!
//! Where all three are large, traffic parted just now: a tentative incident, which a large OCCRDF confirms in the next
//! minute and continues from then on. #8 looks at #7's weak spot: a wave of slow traffic that runs against the road looks
//! like an incident when it leaves the downstream station. So for five minutes after the downstream station filled up
//! suddenly (DOCCTD < −0.4 at 30 % or more) nothing is suspected.
//!
//! Trees and thresholds are those of the traffic centre OTC's classes after B. L. Smith, «Alternative Approaches to
//! Condition Monitoring in Freeway Management Systems» (2002), figure 10: secondary. Payne and Tignor's own #7 tests the
//! downstream occupancy itself in the third place: unconfirmed. Thresholds need calibration on the road they watch.

use serde::{Deserialize, Serialize};
use wire::Milli;

/// What the algorithms look at: percent of the time in which the loops are occupied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occupancies {
    pub upstream: Milli,
    pub downstream: Milli,
    /// Downstream two minutes before.
    pub downstream_before: Milli,
}

/// The last minutes of the two stations, as the algorithms remember them.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum State {
    #[default]
    Free,
    /// A compression wave reached the downstream station so many minutes ago less one, 1 to 5.
    CompressionWave(u8),
    /// Suspected a minute ago.
    Tentative,
    /// Confirmed now.
    Confirmed,
    /// Confirmed before, and it goes on.
    Continuing,
}

/// Thresholds of California #8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Thresholds {
    /// T1, least OCCDF of an incident, percent.
    pub occdf: Milli,
    /// T2, DOCCTD below which the downstream station filled up suddenly.
    pub docctd_wave: Milli,
    /// T3, least OCCRDF of an incident.
    pub occrdf: Milli,
    /// T4, least DOCCTD of an incident.
    pub docctd: Milli,
    /// T5, least downstream occupancy of a compression wave, percent.
    pub docc: Milli,
}

impl Default for Thresholds {
    /// As in OTC's `CaliforniaAlgorithm8` (secondary).
    fn default() -> Thresholds {
        Thresholds {
            occdf: Milli::whole(8),
            docctd_wave: Milli(-400),
            occrdf: Milli(500),
            docctd: Milli(300),
            docc: Milli::whole(30),
        }
    }
}

/// Minutes that a compression wave is remembered.
pub const WAVE_MINUTES: u8 = 5;

impl State {
    /// What the rule watches: 0 free, 1 tentative, 2 confirmed, 3 continuing.
    pub fn number(self) -> i64 {
        match self {
            State::Free | State::CompressionWave(_) => 0,
            State::Tentative => 1,
            State::Confirmed => 2,
            State::Continuing => 3,
        }
    }

    fn is_suspected(self) -> bool {
        matches!(
            self,
            State::Tentative | State::Confirmed | State::Continuing
        )
    }

    /// The state of California #7 a minute later.
    pub fn next_by_7(self, now: &Occupancies, t: &Thresholds) -> State {
        match self {
            _ if !self.is_suspected() => now.first_suspicion(t),
            _ if now.occrdf_is_at_least(t.occrdf) => self.gone_on(),
            _ => State::Free,
        }
    }

    /// The state of California #8 a minute later.
    pub fn next_by_8(self, now: &Occupancies, t: &Thresholds) -> State {
        let wave = now.downstream >= t.docc && !now.docctd_is_at_least(t.docctd_wave);
        if self.is_suspected() {
            return match self {
                _ if now.occrdf_is_at_least(t.occrdf) => self.gone_on(),
                State::Tentative if wave => State::CompressionWave(1),
                _ => State::Free,
            };
        }
        match self {
            _ if wave => State::CompressionWave(1),
            State::CompressionWave(minutes) if minutes < WAVE_MINUTES => {
                State::CompressionWave(minutes + 1)
            }
            State::CompressionWave(_) => State::Free,
            _ if now.downstream >= t.docc => State::Free,
            _ => now.first_suspicion(t),
        }
    }

    fn gone_on(self) -> State {
        match self {
            State::Tentative => State::Confirmed,
            _ => State::Continuing,
        }
    }
}

impl Occupancies {
    fn first_suspicion(&self, t: &Thresholds) -> State {
        let parted = self.occdf() >= i128::from(t.occdf.0)
            && self.occrdf_is_at_least(t.occrdf)
            && self.docctd_is_at_least(t.docctd);
        match parted {
            true => State::Tentative,
            false => State::Free,
        }
    }

    fn occdf(&self) -> i128 {
        i128::from(self.upstream.0) - i128::from(self.downstream.0)
    }

    fn occrdf_is_at_least(&self, limit: Milli) -> bool {
        is_part_of(self.occdf(), self.upstream, limit)
    }

    fn docctd_is_at_least(&self, limit: Milli) -> bool {
        let fallen = i128::from(self.downstream_before.0) - i128::from(self.downstream.0);
        is_part_of(fallen, self.downstream_before, limit)
    }
}

/// `part / whole ≥ limit` without a division; of an empty whole the part is 0.
fn is_part_of(part: i128, whole: Milli, limit: Milli) -> bool {
    match whole > Milli::ZERO {
        true => part * 1000 >= i128::from(limit.0) * i128::from(whole.0),
        false => limit <= Milli::ZERO,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Upstream and downstream occupancy minute by minute.
    fn states(minutes: &[(i64, i64)]) -> Vec<State> {
        let t = Thresholds::default();
        let mut state = State::default();
        let windows = minutes.windows(3);
        windows
            .map(|window| {
                let now = Occupancies {
                    upstream: Milli::whole(window[2].0),
                    downstream: Milli::whole(window[2].1),
                    downstream_before: Milli::whole(window[0].1),
                };
                state = state.next_by_8(&now, &t);
                state
            })
            .collect()
    }

    #[test]
    fn a_suspicion_that_meets_a_wave_becomes_the_wave() {
        use State::*;
        let minutes = [(20, 20), (20, 20), (30, 12), (30, 35), (32, 33)];
        assert_eq!(
            states(&minutes),
            [Tentative, CompressionWave(1), CompressionWave(1)]
        );
    }

    #[test]
    fn a_confirmed_incident_ends_with_the_difference_and_leaves_no_wave() {
        use State::*;
        let minutes = [(20, 20), (20, 20), (30, 12), (30, 12), (30, 31)];
        assert_eq!(states(&minutes), [Tentative, Confirmed, Free]);
    }

    #[test]
    fn no_number_panics() {
        for odd in [i64::MIN, -1, 0, i64::MAX].map(Milli) {
            let now = Occupancies {
                upstream: odd,
                downstream: Milli(!odd.0),
                downstream_before: odd,
            };
            let t = Thresholds::default();
            let _ = (
                State::Free.next_by_7(&now, &t),
                State::Free.next_by_8(&now, &t),
            );
        }
    }
}
