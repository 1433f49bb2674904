//! How far the counters of a zone's ground can be trusted: cameras that each see their own part of it.

use wire::Milli;
use wire::milli::divide_rounded;

use super::{Estimate, clamp};

/// A camera count is right within this; per cent of those who may be there.
///
/// Secondary: one operator states 85 to 95 % accuracy for its cameras; the middle is taken.
pub const ERROR_PERCENT: i128 = 10;

/// What a zone's area counters saw in a pane, added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    pub people: Milli,
    /// Counters that spoke, and those that should have; more heard than expected is as good as all.
    pub heard: u32,
    pub expected: u32,
    /// A counter was at the end of its range: there are so many or more.
    pub at_least: bool,
}

impl Count {
    /// The count as it stands when it is all that is known: what was counted, at least that less the error, and
    /// at most as many in the parts that no counter saw as in those that were seen.
    pub fn alone(self) -> Estimate {
        let people = self.people.max(Milli::ZERO);
        let whole = self.of_the_whole();
        let doubt = |people: Milli| divide_rounded(i128::from(people.0) * ERROR_PERCENT, 100);
        Estimate {
            value: people,
            low: clamp(i128::from(people.0) - doubt(people)),
            high: clamp(i128::from(whole.0) + doubt(whole)),
        }
    }

    /// The whole zone's people if the parts that were not seen are as full as those that were.
    pub fn of_the_whole(self) -> Milli {
        let people = i128::from(self.people.0.max(0));
        match self.heard {
            0 => Milli::ZERO,
            heard => clamp(divide_rounded(
                people * i128::from(self.expected.max(heard)),
                i128::from(heard),
            )),
        }
    }

    /// How far [`Count::of_the_whole`] may be off beside a number of people that is `otherwise` known: the camera's
    /// error, and all who may stand where no camera saw. Of the larger number: a blind camera sees nobody.
    pub fn doubt_beside(self, otherwise: Milli) -> Milli {
        let most = i128::from(self.of_the_whole().max(otherwise).0);
        let expected = i128::from(self.expected.max(self.heard));
        let unseen = expected - i128::from(self.heard);
        let blind = match expected {
            0 => most,
            expected => divide_rounded(most * unseen, expected),
        };
        clamp(divide_rounded(most * ERROR_PERCENT, 100) + blind)
    }
}
