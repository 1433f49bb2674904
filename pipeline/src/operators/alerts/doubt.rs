//! Doubt: a quality rule withdrew a sensor of the zone, so a safety alert that rested on it is not over because of that.

use serde::{Deserialize, Serialize};

use super::memory::Content;
use crate::calendar::Millis;
use crate::science::quality::Spell;

/// What is in doubt, and since when; all event time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Doubt {
    /// The withdrawn stretch.
    from: Millis,
    until: Option<Millis>,
    /// The verdict was decided then: what was measured before says nothing about it.
    pub since: Millis,
}

impl Doubt {
    pub fn by(spell: &Spell) -> Doubt {
        Doubt {
            from: spell.from,
            until: spell.until,
            since: spell.decided,
        }
    }

    /// Whether the alert may have rested on what was withdrawn.
    pub fn touches(&self, said: &Content) -> bool {
        let end = said.end.unwrap_or(said.window.1).max(said.window.1);
        self.from <= end && self.until.is_none_or(|until| said.onset < until)
    }
}
