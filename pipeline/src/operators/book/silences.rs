//! Silences: for a time, alerts that fit are not told to anybody new. They stand all the same.

use serde::{Deserialize, Serialize};
use wire::KindId;

use crate::calendar::{Millis, Tick, tick_at};
use crate::input::Scope;
use crate::limits::SILENCES_MAX;
use crate::operators::alerts::Subject;

/// One silence, as a person ordered it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Silence {
    pub scope: Scope,
    /// Tick at which it was ordered.
    pub since: Millis,
    /// Gateway time at which it ends.
    pub until: Millis,
    pub by: String,
    /// Why, in the person's words.
    pub text: String,
}

impl Silence {
    fn fits(&self, subject: &Subject, kind: KindId) -> bool {
        let Scope {
            zone,
            kind: of,
            rule,
        } = self.scope;
        zone.is_none_or(|zone| zone == subject.zone)
            && of.is_none_or(|of| of == kind)
            && rule.is_none_or(|rule| rule == subject.rule)
    }
}

/// All silences in force, one a scope, ordered by it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silences {
    in_force: Vec<Silence>,
}

impl Silences {
    /// Takes in an order: it replaces the one of the same scope, and one that is over only ends that.
    /// Answers whether anything changed, and how many had to go because there are too many.
    pub(super) fn order(&mut self, tick: Tick, order: Silence) -> (bool, u64) {
        let place = self
            .in_force
            .binary_search_by_key(&order.scope, |silence| silence.scope);
        match (place, tick_at(order.until) > tick) {
            (Ok(place), true) => self.in_force[place] = order,
            (Ok(place), false) => drop(self.in_force.remove(place)),
            (Err(place), true) => self.in_force.insert(place, order),
            (Err(_), false) => return (false, 0),
        }
        let mut dropped = 0;
        while self.in_force.len() > SILENCES_MAX {
            // The one that would be over first is missed least: people are told sooner, never too late.
            let first = self
                .in_force
                .iter()
                .enumerate()
                .min_by_key(|(_, s)| (s.until, s.scope));
            if let Some(place) = first.map(|(place, _)| place) {
                self.in_force.remove(place);
                dropped += 1;
            }
        }
        (true, dropped)
    }

    /// Ends those that are over at `tick`; answers whether there were any.
    pub(super) fn end(&mut self, tick: Tick) -> bool {
        let before = self.in_force.len();
        self.in_force
            .retain(|silence| tick_at(silence.until) > tick);
        self.in_force.len() < before
    }

    /// When the first one ends.
    pub(super) fn next_end(&self) -> Option<Tick> {
        self.in_force
            .iter()
            .map(|silence| tick_at(silence.until))
            .min()
    }

    /// The one that an alert falls under: of several the one that lasts longest.
    pub(super) fn over(&self, subject: &Subject, kind: KindId) -> Option<&Silence> {
        let fitting = self
            .in_force
            .iter()
            .filter(|silence| silence.fits(subject, kind));
        fitting.max_by_key(|silence| (silence.until, std::cmp::Reverse(silence.scope)))
    }

    pub(super) fn all(&self) -> &[Silence] {
        &self.in_force
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city::ZoneIx;

    fn order(zone: u32, until: Millis) -> Silence {
        Silence {
            scope: Scope {
                zone: Some(ZoneIx(zone)),
                ..Scope::default()
            },
            since: 0,
            until,
            by: "ada".to_owned(),
            text: String::new(),
        }
    }

    #[test]
    fn of_too_many_silences_the_one_that_ends_first_goes_and_is_counted() {
        let mut silences = Silences::default();
        for zone in 0..SILENCES_MAX as u32 {
            assert_eq!(
                silences.order(0, order(zone, 1_000 - Millis::from(zone))),
                (true, 0)
            );
        }
        assert_eq!(silences.order(0, order(5_000, 2_000)), (true, 1));
        assert_eq!(silences.all().len(), SILENCES_MAX);
        let last = ZoneIx(SILENCES_MAX as u32 - 1);
        assert!(
            silences
                .all()
                .iter()
                .all(|silence| silence.scope.zone != Some(last))
        );
        // A replaced one makes no new one.
        assert_eq!(silences.order(0, order(5_000, 3_000)), (true, 0));
        assert!(silences.end(1_000));
        assert_eq!(silences.all(), [order(5_000, 3_000)]);
        assert_eq!(
            silences.order(1_000, order(7, 1_000)),
            (false, 0),
            "it is over before it begins"
        );
    }
}
