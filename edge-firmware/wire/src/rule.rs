//! The rule core: the one way in which evidence becomes an alarm, with threshold, hysteresis and duration.
//!
//! A node judges its own readings with it, the city's pipeline its zone values: the same code, so the same answer
//! for the same evidence. It is a pure fold over evidence in order of time; it knows no ids, no clock, no units.
//!
//! # From evidence to alarm
//!
//! - Evidence at or past `raise_at` begins a run. The run is *raised* once it has lasted `raise_after` without
//!   evidence to the contrary; before that, one piece of it ends the run unsaid.
//! - A raised run lasts while values stay at or past `clear_at`. It ends where the first calm value began, once
//!   calm has lasted `clear_after`.
//! - A bound proves only what it proves: *at least* neither ends a danger above nor raises one below.
//! - A node's own alarm raises the run at once, *provisionally*: the values of all confirm it by raising for
//!   `raise_after`, or refute it by being calm.

use serde::{Deserialize, Serialize};

use crate::frame::Measurement;
use crate::milli::Milli;

/// On which side of its threshold a value is dangerous.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Danger {
    Above,
    Below,
}

/// When a value is dangerous, and when it is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Threshold {
    pub danger: Danger,
    /// At or past this it begins.
    pub raise_at: Milli,
    /// While it is at or past this it goes on (hysteresis).
    pub clear_at: Milli,
    /// It must last so long before it is raised.
    pub raise_after_ms: u32,
    /// Calm must last so long before it is over.
    pub clear_after_ms: u32,
}

impl Threshold {
    /// At or past the value that raises.
    pub fn raises(&self, value: Milli) -> bool {
        match self.danger {
            Danger::Above => value >= self.raise_at,
            Danger::Below => value <= self.raise_at,
        }
    }

    /// At or past the value that keeps a raised alarm.
    pub fn holds(&self, value: Milli) -> bool {
        match self.danger {
            Danger::Above => value >= self.clear_at,
            Danger::Below => value <= self.clear_at,
        }
    }

    /// Whichever of two values is further past the threshold.
    pub fn worse(&self, a: Milli, b: Milli) -> Milli {
        match self.danger {
            Danger::Above => a.max(b),
            Danger::Below => a.min(b),
        }
    }

    /// The value that ends an alarm is not beyond the one that raises it.
    pub fn is_ordered(&self) -> bool {
        self.holds(self.raise_at)
    }

    /// What one reading proves; a fault proves nothing.
    pub fn weigh(&self, measurement: Measurement) -> Weight {
        let (raises, calm) = match (measurement, self.danger) {
            (Measurement::Value(value), _) => (self.raises(value), !self.holds(value)),
            (Measurement::AtLeast(value), Danger::Above)
            | (Measurement::AtMost(value), Danger::Below) => (self.raises(value), false),
            (Measurement::AtLeast(value), Danger::Below)
            | (Measurement::AtMost(value), Danger::Above) => (false, !self.holds(value)),
            (Measurement::Fault(_), _) => (false, false),
        };
        match (raises, calm) {
            (true, _) => Weight::Raises,
            (_, true) => Weight::Calm,
            _ => Weight::Between,
        }
    }
}

/// What a piece of evidence says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// At or past `raise_at`.
    Raises,
    /// Keeps what is raised and raises nothing: between the two values, or a bound that proves neither.
    Between,
    /// On the safe side of `clear_at`.
    Calm,
}

/// What was seen in one stretch of time: a pane of a zone, or one reading (then it starts where it ends).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evidence {
    pub start_ms: i64,
    pub end_ms: i64,
    pub weight: Weight,
    /// More of it may come: it may raise, never calm.
    pub open: bool,
    /// In this time a node raised its own alarm past this threshold.
    pub alarm: bool,
}

/// A run of evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    pub onset_ms: i64,
    /// End of the latest evidence in it.
    pub last_ms: i64,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Stage {
    /// Dangerous, not yet for long enough.
    Waiting,
    /// Raised by a node's word alone; since when the values of all have said the same without a break.
    Provisional { since_ms: Option<i64> },
    /// Since when it has been calm.
    Raised { calm_since_ms: Option<i64> },
}

impl Run {
    pub fn is_raised(&self) -> bool {
        self.stage != Stage::Waiting
    }

    /// Nobody but a node has said so yet.
    pub fn is_provisional(&self) -> bool {
        matches!(self.stage, Stage::Provisional { .. })
    }
}

/// Where the fold stands after some evidence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    run: Option<Run>,
}

/// What a piece of evidence did to the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// There is none.
    Quiet,
    /// It began with this evidence.
    Began,
    /// It goes on.
    Went,
    /// It was a provisional one, and is now one of its own standing, from its confirmation's beginning.
    Confirmed,
    /// It was never raised, or raised by a node alone and refuted: nothing was.
    Dropped,
    /// It was raised and is over since then.
    Ended { since_ms: i64 },
}

impl Machine {
    pub fn run(&self) -> Option<Run> {
        self.run
    }

    /// Takes in the next evidence in order of time.
    pub fn step(&mut self, threshold: &Threshold, evidence: &Evidence) -> Turn {
        let (raise_after_ms, clear_after_ms) = (
            i64::from(threshold.raise_after_ms),
            i64::from(threshold.clear_after_ms),
        );
        let &Evidence {
            start_ms,
            end_ms,
            weight,
            open,
            alarm,
        } = evidence;
        let raises = weight == Weight::Raises;
        let Some(run) = &mut self.run else {
            if !raises && !alarm {
                return Turn::Quiet;
            }
            let lasted = raises && end_ms - start_ms >= raise_after_ms;
            let stage = match (lasted, alarm) {
                (true, _) => Stage::Raised {
                    calm_since_ms: None,
                },
                (_, true) => Stage::Provisional {
                    since_ms: raises.then_some(start_ms),
                },
                _ => Stage::Waiting,
            };
            self.run = Some(Run {
                onset_ms: start_ms,
                last_ms: end_ms,
                stage,
            });
            return Turn::Began;
        };
        match &mut run.stage {
            Stage::Waiting if raises => {
                if end_ms - run.onset_ms >= raise_after_ms {
                    run.stage = Stage::Raised {
                        calm_since_ms: None,
                    };
                } else if alarm {
                    run.stage = Stage::Provisional {
                        since_ms: Some(run.onset_ms),
                    };
                }
            }
            Stage::Waiting if alarm => run.stage = Stage::Provisional { since_ms: None },
            // Every piece must raise; what is open may still come to it.
            Stage::Waiting if open => return Turn::Went,
            Stage::Waiting => {
                self.run = None;
                return Turn::Dropped;
            }
            Stage::Provisional { since_ms } if raises => {
                let since_ms = *since_ms.get_or_insert(start_ms);
                if end_ms - since_ms >= raise_after_ms {
                    *run = Run {
                        onset_ms: since_ms,
                        last_ms: end_ms,
                        stage: Stage::Raised {
                            calm_since_ms: None,
                        },
                    };
                    return Turn::Confirmed;
                }
            }
            // What surrounds the alarm itself does not refute it: it may have come at the very end.
            Stage::Provisional { .. } if weight == Weight::Calm && !open && !alarm => {
                self.run = None;
                return Turn::Dropped;
            }
            Stage::Provisional { since_ms } => {
                if !open {
                    *since_ms = None;
                }
            }
            Stage::Raised { calm_since_ms } => match weight {
                Weight::Raises | Weight::Between => *calm_since_ms = None,
                Weight::Calm if open => {}
                Weight::Calm => {
                    let since_ms = *calm_since_ms.get_or_insert(start_ms);
                    if end_ms - since_ms >= clear_after_ms {
                        self.run = None;
                        return Turn::Ended { since_ms };
                    }
                }
            },
        }
        run.last_ms = end_ms;
        Turn::Went
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    extern crate std;

    use super::*;
    use std::vec::Vec;

    const GAS: Threshold = Threshold {
        danger: Danger::Above,
        raise_at: Milli(20_000),
        clear_at: Milli(10_000),
        raise_after_ms: 20,
        clear_after_ms: 20,
    };

    /// Panes of ten milliseconds, one word each: `raise`, `keep`, `calm`; `!` an alarm in it, `?` still open.
    #[track_caller]
    fn check(threshold: &Threshold, story: &str, expected: &str) {
        let mut machine = Machine::default();
        let turns: Vec<_> = story
            .split_whitespace()
            .enumerate()
            .map(|(place, word)| {
                let evidence = Evidence {
                    start_ms: place as i64 * 10,
                    end_ms: place as i64 * 10 + 10,
                    weight: match word.trim_end_matches(['!', '?']) {
                        "raise" => Weight::Raises,
                        "keep" => Weight::Between,
                        "calm" => Weight::Calm,
                        other => panic!("{other}"),
                    },
                    open: word.contains('?'),
                    alarm: word.contains('!'),
                };
                let turn = machine.step(threshold, &evidence);
                let stage = match machine.run() {
                    None => std::string::String::from("-"),
                    Some(run) if run.is_provisional() => std::format!("p{}", run.onset_ms),
                    Some(run) if run.is_raised() => std::format!("r{}", run.onset_ms),
                    Some(run) => std::format!("w{}", run.onset_ms),
                };
                match turn {
                    Turn::Ended { since_ms } => std::format!("ended{since_ms}"),
                    Turn::Dropped => std::string::String::from("dropped"),
                    _ => stage,
                }
            })
            .collect();
        assert_eq!(turns.join(" "), expected, "{story}");
    }

    #[test]
    fn a_danger_lasts_to_be_raised_and_calm_lasts_to_end_it() {
        check(&GAS, "calm raise keep raise raise", "- w10 dropped w30 r30");
        check(
            &GAS,
            "raise raise calm keep calm calm",
            "w0 r0 r0 r0 r0 ended40",
        );
        check(&GAS, "raise raise calm? calm calm", "w0 r0 r0 r0 ended30");
        check(&GAS, "raise keep? raise", "w0 w0 r0");
        let at_once = Threshold {
            raise_after_ms: 0,
            clear_after_ms: 0,
            ..GAS
        };
        check(&at_once, "raise keep calm raise?", "r0 r0 ended20 r30");
    }

    #[test]
    fn a_nodes_alarm_is_provisional_until_all_say_the_same_or_the_contrary() {
        check(&GAS, "calm calm?! calm! calm", "- p10 p10 dropped");
        check(&GAS, "calm! raise raise keep", "p0 p0 r10 r10");
        check(&GAS, "raise raise?! raise", "w0 r0 r0");
        check(
            &GAS,
            "raise keep! keep raise keep raise raise",
            "w0 p0 p0 p0 p0 p0 r50",
        );
        check(&GAS, "raise calm! calm", "w0 p0 dropped");
        check(&GAS, "raise raise calm! calm", "w0 r0 r0 ended20");
    }

    #[test]
    fn a_reading_proves_what_it_proves() {
        use Measurement::{AtLeast, AtMost, Value};
        use Weight::{Between, Calm, Raises};
        let oxygen = Threshold {
            danger: Danger::Below,
            raise_at: Milli(4_000),
            clear_at: Milli(5_000),
            ..GAS
        };
        assert!(GAS.is_ordered() && oxygen.is_ordered());
        for (threshold, measurement, weight) in [
            (&GAS, Value(Milli(20_000)), Raises),
            (&GAS, Value(Milli(19_999)), Between),
            (&GAS, Value(Milli(10_000)), Between),
            (&GAS, Value(Milli(9_999)), Calm),
            (&GAS, AtLeast(Milli(20_000)), Raises),
            (&GAS, AtLeast(Milli(5_000)), Between),
            (&GAS, AtMost(Milli(50_000)), Between),
            (&GAS, AtMost(Milli(0)), Calm),
            (&GAS, Measurement::Fault(crate::Fault::Timeout), Between),
            (&oxygen, Value(Milli(4_000)), Raises),
            (&oxygen, Value(Milli(5_001)), Calm),
            (&oxygen, AtMost(Milli(4_000)), Raises),
            (&oxygen, AtMost(Milli(9_000)), Between),
            (&oxygen, AtLeast(Milli(6_000)), Calm),
        ] {
            assert_eq!(threshold.weigh(measurement), weight, "{measurement:?}");
        }
    }
}
