//! Doubt: a quality rule withdrew a sensor of the zone, so a safety alert that rested on it is not over because of that.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::islands::{Judged, Machine};
use super::memory::Lies;
use crate::calendar::Millis;
use crate::science::quality::Spell;

/// What is in doubt, and since when; all event time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Doubt {
    /// The withdrawn stretch.
    from: Millis,
    until: Option<Millis>,
    /// The verdict was decided then: what was measured before says nothing about it.
    since: Millis,
}

/// Whether a sensor that the alert may have rested on was withdrawn, and nothing fresh was heard since. Fresh panes
/// settle it when they say something: not while they may yet raise, nor as a mere bound.
pub fn stands<'a>(
    doubts: &BTreeSet<Doubt>,
    panes: impl Iterator<Item = &'a Judged> + Clone,
    after: &Machine,
    lies: &Lies,
) -> bool {
    let may_raise = after.last_end().is_some() && after.lasting().is_none();
    let says = |pane: &&Judged| !pane.open && !pane.saturated && !may_raise;
    let fresh_to = panes.filter(says).map(|pane| pane.end).max();
    let mut doubts = doubts.iter().filter(|doubt| doubt.touches(lies));
    doubts.any(|doubt| fresh_to.is_none_or(|end| end <= doubt.since))
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
    pub fn touches(&self, lies: &Lies) -> bool {
        let seen = lies.until().max(lies.window.1);
        self.from <= seen && self.until.is_none_or(|until| lies.onset < until)
    }
}
