//! Why a question has no answer, and how much work an answer may cost.

use std::cell::Cell;
use std::fmt;

/// Work that one answer may cost: every entity looked at, every step of a filter on it, every pane fetched.
const STEPS_MAX: u64 = 3_000_000;
/// Entities in one answer, expanded ones included.
const ENTITIES_MAX: u64 = 10_000;

/// Why a question has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// There is no such thing.
    Absent(String),
    /// The question cannot be read, or asks for too much.
    Question(String),
}

impl Wrong {
    pub fn question(message: impl Into<String>) -> Wrong {
        Wrong::Question(message.into())
    }

    /// The same, said of the place in the address where it was found.
    pub(super) fn within(self, place: &str) -> Wrong {
        match self {
            Wrong::Question(message) => Wrong::Question(format!("{place}: {message}")),
            absent => absent,
        }
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Wrong::Absent(message) | Wrong::Question(message) => f.write_str(message),
        }
    }
}

impl std::error::Error for Wrong {}

/// What an answer may still cost.
#[derive(Debug)]
pub(super) struct Purse {
    steps: Cell<u64>,
    entities: Cell<u64>,
}

impl Purse {
    pub(super) fn new() -> Purse {
        Purse {
            steps: Cell::new(STEPS_MAX),
            entities: Cell::new(ENTITIES_MAX),
        }
    }

    pub(super) fn steps(&self, count: usize) -> Result<(), Wrong> {
        take(&self.steps, count).ok_or_else(|| {
            Wrong::question(
                "the question takes too much work: ask one Datastream or Thing, or filter without sets of sets",
            )
        })
    }

    pub(super) fn entities(&self, count: usize) -> Result<(), Wrong> {
        take(&self.entities, count).ok_or_else(|| {
            Wrong::question(format!(
                "the answer would hold more than {ENTITIES_MAX} entities: expand less, or ask with a smaller $top"
            ))
        })
    }
}

fn take(left: &Cell<u64>, count: usize) -> Option<()> {
    left.set(left.get().checked_sub(count as u64)?);
    Some(())
}
