//! Early warnings: what an alert on a forecast says of hours to come.

use serde::{Serialize, Serializer};

use crate::alert::Span;
use crate::calendar::{MINUTE, Millis};
use crate::rules::{Condition, Danger, Statistic};

/// What an early warning speaks of; part of its alert's JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Early {
    /// The hours for which the threshold is forecast to be passed, as far as they are known.
    pub speaks_of: Span,
    /// Whole minutes from the revision until these hours begin, a begun one included; 0 once they have.
    pub lead_minutes: u32,
    #[serde(serialize_with = "word")]
    pub certainty: Certainty,
}

/// How sure it is, in CAP's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// Only the bound on the side of danger is past the threshold: it comes so one time in ten to two.
    Possible,
    /// What is forecast itself is past the threshold: more likely than not.
    Likely,
}

impl Early {
    /// What an alert says whose breach in the panes of a forecast began at `onset` and lasted to `until`; `None` where its
    /// rule looks at no forecast.
    pub fn of(
        condition: &Condition,
        onset: Millis,
        until: Millis,
        updated: Millis,
    ) -> Option<Early> {
        let ahead = condition.value.ahead();
        let certainty = match (condition.direction, condition.statistic) {
            (Danger::Above, Statistic::Max) | (Danger::Below, Statistic::Min) => {
                Certainty::Possible
            }
            _ => Certainty::Likely,
        };
        let start = onset + ahead;
        let lead = (start - updated).max(0);
        // Up, not down: two seconds of grace do not cost a minute.
        let lead_minutes = u32::try_from((lead + MINUTE - 1) / MINUTE).unwrap_or(u32::MAX);
        (ahead > 0).then_some(Early {
            speaks_of: Span {
                start,
                end: until + ahead,
            },
            lead_minutes,
            certainty,
        })
    }
}

impl Certainty {
    /// As CAP writes it.
    pub fn name(self) -> &'static str {
        match self {
            Certainty::Possible => "Possible",
            Certainty::Likely => "Likely",
        }
    }
}

fn word<S: Serializer>(certainty: &Certainty, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(match certainty {
        Certainty::Possible => "possible",
        Certainty::Likely => "likely",
    })
}
