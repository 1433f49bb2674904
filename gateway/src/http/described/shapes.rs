//! Answers whose types belong to other crates, written out: for the description alone, tests hold them beside the truth.
#![allow(dead_code)] // Nothing but their schemas is used.

use utoipa::ToSchema;

/// What was wrong with a question.
#[derive(ToSchema)]
pub(in crate::http) struct Problem {
    error: String,
}

/// Nodes heard of nodes expected.
#[derive(ToSchema)]
pub(in crate::http) struct Heard {
    heard: u32,
    expected: u32,
}

/// People exposed; `null`: more than nobody and fewer than `under`.
#[derive(ToSchema)]
pub(in crate::http) struct People {
    people: Option<i64>,
    low: Option<i64>,
    high: Option<i64>,
    #[schema(nullable = false)]
    under: Option<u32>,
}

#[derive(ToSchema)]
pub(in crate::http) struct Window {
    #[schema(format = DateTime)]
    start: String,
    #[schema(format = DateTime)]
    end: String,
}

#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub(in crate::http) enum State {
    Raised,
    Updated,
    Unconfirmed,
    Cleared,
    Cancelled,
}

#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub(in crate::http) enum Severity {
    Minor,
    Moderate,
    Severe,
    Extreme,
}

/// A revision of an alert.
#[derive(ToSchema)]
pub(in crate::http) struct Alert {
    /// 32 hexadecimal digits; the same for every revision.
    #[schema(pattern = "^[0-9a-f]{32}$")]
    id: String,
    revision: u32,
    state: State,
    reason: String,
    rule: String,
    kind: String,
    zone: String,
    zone_name: String,
    severity: Severity,
    /// The peak; `null`: withheld, and less than `value_under`.
    value: Option<f64>,
    #[schema(required = false, nullable = false)]
    value_under: Option<f64>,
    /// UCUM code.
    unit: String,
    threshold: f64,
    #[schema(format = DateTime)]
    onset: String,
    #[schema(format = DateTime)]
    updated: String,
    window: Window,
    completeness: Heard,
    provisional: bool,
    /// actual, exercise, test or simulated.
    status: String,
}

/// Alerts that belong together.
#[derive(ToSchema)]
pub(in crate::http) struct Incident {
    id: String,
    revision: u32,
    state: String,
    kind: String,
    zones: Vec<String>,
    alerts: Vec<String>,
    severity: Severity,
    #[schema(format = DateTime)]
    since: String,
    #[schema(format = DateTime)]
    updated: String,
    status: String,
}

/// Nobody new is told of what falls under it; what is not named is all.
#[derive(ToSchema)]
pub(in crate::http) struct Silence {
    #[schema(format = DateTime)]
    since: String,
    #[schema(format = DateTime)]
    until: String,
    by: String,
    text: String,
    zone: Option<String>,
    kind: Option<String>,
    rule: Option<String>,
}

/// What is on its way into the journal, in the words of the request.
#[derive(ToSchema)]
pub(in crate::http) struct Accepted {
    action: String,
    accepted: bool,
}

/// The rules in shadow, each with the alerts that it would add, remove and move.
#[derive(ToSchema)]
pub(in crate::http) struct Compared {
    city: String,
    rules: Vec<serde_json::Value>,
}
