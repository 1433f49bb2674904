//! What can happen to the city: one enum, one table of weights.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// One random action. It carries all its own chance, so that others can be left out around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Act {
    pub kind: Kind,
    pub seed: u64,
}

/// What it does; each picks its node, rule or moment by the action's own chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Some nodes send what they measured since they last did: some of it saturated, implausible or faulty.
    Report,
    /// A node closes a frame and keeps it.
    Keep,
    /// Frames that were kept arrive, in any order: late, or too late.
    Deliver,
    /// A node's own alarm.
    Alarm,
    /// The same frames again and again.
    Storm,
    /// Bytes that nobody sealed, and frames that were cut or changed on the way.
    Garbage,
    /// Nothing, for a while.
    Wait,
    /// A node starts anew.
    Reboot,
    Quarantine,
    Release,
    AddRule,
    ChangeRule,
    RemoveRule,
    MoveNode,
    Weigh,
    Resize,
    RemoveNode,
    AddNode,
    /// A zone's people are counted by hand.
    Count,
    /// Somebody acknowledges an alert, whether or not it still stands.
    Acknowledge,
    /// How often the dataflow is promised time.
    Pace,
    /// A snapshot goes to disk.
    Save,
    /// The gateway dies and starts from the last snapshot and the journal after it, on any number of workers.
    Crash,
    /// It starts from the whole journal.
    Replay,
}

/// How often each happens, of their sum.
pub const WEIGHTS: [(Kind, u32); 24] = [
    (Kind::Report, 400),
    (Kind::Keep, 90),
    (Kind::Deliver, 60),
    (Kind::Alarm, 30),
    (Kind::Storm, 15),
    (Kind::Garbage, 15),
    (Kind::Wait, 20),
    (Kind::Reboot, 8),
    (Kind::Quarantine, 15),
    (Kind::Release, 12),
    (Kind::AddRule, 14),
    (Kind::ChangeRule, 30),
    (Kind::RemoveRule, 8),
    (Kind::MoveNode, 15),
    (Kind::Weigh, 10),
    (Kind::Resize, 8),
    (Kind::RemoveNode, 6),
    (Kind::AddNode, 6),
    (Kind::Count, 12),
    (Kind::Acknowledge, 15),
    (Kind::Pace, 10),
    (Kind::Save, 12),
    (Kind::Crash, 12),
    (Kind::Replay, 4),
];

/// So many actions of a seed.
pub fn acts(seed: u64, count: usize) -> Vec<Act> {
    let mut rng = StdRng::seed_from_u64(seed ^ 0xac7);
    let sum: u32 = WEIGHTS.iter().map(|(_, weight)| weight).sum();
    let mut draw = || {
        let mut left = rng.random_range(0..sum);
        let found = WEIGHTS.iter().find(|(_, weight)| {
            let here = left < *weight;
            left = left.saturating_sub(*weight);
            here
        });
        Act {
            kind: found.map_or(Kind::Report, |(kind, _)| *kind),
            seed: rng.random(),
        }
    };
    (0..count).map(|_| draw()).collect()
}
