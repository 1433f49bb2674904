//! What people of a story do about its alerts, which it knows by their place.

use pipeline::alert::AlertId;
use pipeline::input::{Action, Verdict};

use super::words::option;

/// One deed about one alert.
#[derive(Clone, Debug)]
pub struct Act {
    /// Place of the alert in the story, from 1.
    pub alert: usize,
    by: String,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    Acknowledge,
    Comment(String),
    Assign(Option<String>),
    Settle(Verdict),
}

impl Act {
    /// `acknowledge 1 by=ada`, `comment 1 by=ada on my way`, `assign 1 to=bo by=ada` (without `to`: given
    /// back), `settle 1 ended by=ada`.
    pub(super) fn parse(words: &[&str]) -> Option<Act> {
        let [verb, alert, rest @ ..] = words else {
            return None;
        };
        let by = option(rest, "by")?.to_owned();
        let what = match *verb {
            "acknowledge" => What::Acknowledge,
            "comment" => {
                let said: Vec<&str> = rest.iter().copied().filter(|w| !w.contains('=')).collect();
                What::Comment(said.join(" "))
            }
            "assign" => What::Assign(option(rest, "to").map(str::to_owned)),
            "settle" if rest.contains(&"ended") => What::Settle(Verdict::Ended),
            "settle" if rest.contains(&"stands") => What::Settle(Verdict::Stands),
            _ => return None,
        };
        let alert = alert.parse().ok()?;
        Some(Act { alert, by, what })
    }

    /// The action on the alert that has this id.
    pub(super) fn on(&self, alert: AlertId) -> Action {
        let by = self.by.clone();
        match self.what.clone() {
            What::Acknowledge => Action::Acknowledge { alert, by },
            What::Comment(text) => Action::Comment { alert, by, text },
            What::Assign(to) => Action::Assign { alert, by, to },
            What::Settle(verdict) => Action::Settle { alert, by, verdict },
        }
    }
}
