//! What a revision means in CAP's own words: message type, urgency, certainty, response.
//!
//! The words are those of CAP 1.2 § 3.2. A cleared alert is an `Update`, not a `Cancel`: the event was real, and what
//! is known of it now (past, all clear) supersedes what was said before. `Cancel` takes back messages that by what
//! is known now should not have been sent, which is what «cancelled» means here.

use pipeline::alert::{Reason, Revision, State, Status};
use pipeline::rules::Severity;

use super::words::{self, Both, Kind};

/// `Exercise` for what is simulated: everybody along the chain may act as if it were real and sees by the note that
/// it is not. `Test` would ask every receiver to drop the message, `Actual` would be a lie.
pub fn status(status: Status) -> &'static str {
    match status {
        Status::Actual => "Actual",
        Status::Exercise | Status::Simulated => "Exercise",
        Status::Test => "Test",
    }
}

/// `is_first`: nothing was said of the alert before, so there is nothing to update or to cancel.
pub fn message_type(state: State, is_first: bool) -> &'static str {
    match (is_first, state) {
        (true, _) => "Alert",
        (false, State::Cancelled) => "Cancel",
        (false, _) => "Update",
    }
}

/// How an alert ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Open,
    /// Values were heard, and they are back.
    AllClear,
    /// Nothing is heard any more, which is no all-clear.
    Unknown,
    /// It is over; whether it was cleared by values or by silence, the revision does not say.
    Over,
    /// It was never true, or is told of elsewhere.
    Withdrawn,
}

impl End {
    pub fn of(revision: &Revision) -> End {
        match (revision.state, revision.reason) {
            (State::Raised | State::Updated | State::Unconfirmed, _) => End::Open,
            (State::Cancelled, _) => End::Withdrawn,
            // Less is forecast: what it is now, another alert says.
            (State::Cleared, _) if revision.early.is_some() => End::Over,
            (State::Cleared, Reason::BackToNormal) => End::AllClear,
            // A node's silence ends when the node is heard.
            (State::Cleared, Reason::Silence) if revision.node.is_some() => End::AllClear,
            (State::Cleared, Reason::NoData) => End::Unknown,
            (State::Cleared, _) => End::Over,
        }
    }

    pub fn response(self, kind: &Kind) -> &'static str {
        match self {
            End::Open => kind.response,
            End::AllClear => "AllClear",
            End::Unknown | End::Over => "Monitor",
            End::Withdrawn => "None",
        }
    }

    pub fn instruction(self, kind: &Kind) -> Both {
        match self {
            End::Open => kind.instruction,
            End::AllClear => words::OVER,
            End::Unknown => words::UNKNOWN,
            End::Over => words::ENDED,
            End::Withdrawn => words::WITHDRAWN,
        }
    }

    /// Act now, within the hour, later, or not any more.
    pub fn urgency(self, revision: &Revision) -> &'static str {
        let lead = revision.early.map(|early| early.lead_minutes);
        match (self, revision.severity) {
            (End::Open, _) if lead.is_some_and(|lead| lead > 60) => "Future",
            (End::Open, _) if lead.is_some() => "Expected",
            (End::Open, Severity::Severe | Severity::Extreme) => "Immediate",
            (End::Open, Severity::Minor | Severity::Moderate) => "Expected",
            (End::Unknown, _) => "Unknown",
            (End::AllClear | End::Over | End::Withdrawn, _) => "Past",
        }
    }
}

/// `Observed` only for what the zone's values say and all nodes that should were heard for; no more than `Possible` where
/// nobody was heard whose readings are beyond doubt.
pub fn certainty(revision: &Revision) -> &'static str {
    let forecast = revision.early.map(|early| early.certainty.name());
    let heard = revision.completeness.heard;
    let all_heard = heard >= revision.completeness.expected;
    let all_suspect = heard > 0 && revision.suspect >= heard;
    match (End::of(revision), revision.reason) {
        // Taken back for what was measured; a merged alert or a dropped rule says nothing about the event.
        (End::Withdrawn, Reason::Refuted | Reason::Correction) => "Unlikely",
        (End::Withdrawn | End::Unknown, _) => "Unknown",
        (_, Reason::NodeAlarm) => "Possible",
        _ if revision.state == State::Unconfirmed => "Possible",
        _ if revision.node_alarm => "Possible",
        // A sensor that a quality test doubts is a hint, and several of them are no more.
        _ if all_suspect => "Possible",
        _ if !all_heard => forecast.unwrap_or("Likely"),
        _ => forecast.unwrap_or("Observed"),
    }
}

pub fn severity(severity: Severity) -> &'static str {
    words::severity(severity).0
}
