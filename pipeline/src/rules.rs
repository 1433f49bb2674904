//! Rules: which zone value, past which threshold, for how long, is an alert.

use serde::{Deserialize, Serialize};
pub use wire::rule::Danger;
use wire::rule::Threshold;
use wire::{KindId, Milli, RuleId};

use crate::calendar::Millis;
use crate::city::{ZoneIx, ZoneSettings};
pub use crate::value::Value;

/// Which figure of a pane a rule looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Statistic {
    Mean,
    Min,
    Max,
    Last,
    Count,
}

/// CAP 1.2 severities that an alert can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Minor,
    Moderate,
    Severe,
    Extreme,
}

/// A rule's number in a rule set, as lasting as a node's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RuleIx(pub u32);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    pub ix: RuleIx,
    pub id: RuleId,
    pub kind: KindId,
    pub condition: Condition,
    /// The zones it watches, selectors already resolved.
    pub zones: Vec<ZoneIx>,
    /// Who is told beside the first when nobody acknowledges, in order of time.
    pub escalation: Vec<Step>,
    /// Whose threshold it is: the standard or paper, and how sure the number is. Empty where nobody says.
    pub source: String,
}

/// One step of an escalation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Since the alert was raised, gateway time.
    pub after: Millis,
    /// Recipients, as the city names them.
    pub to: Vec<String>,
}

/// The part of a rule that judges values: small and plain, because it travels with every judged pane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Condition {
    pub value: Value,
    pub statistic: Statistic,
    pub direction: Danger,
    /// At or past this the zone is in breach.
    pub raise_at: Milli,
    /// An open alert stays while the value is at or past this (hysteresis).
    pub clear_at: Milli,
    /// Breach must last so long before the alert is raised, in event time.
    pub raise_after: Millis,
    /// Being back must last so long before the alert is cleared, in event time.
    pub clear_after: Millis,
    /// Panes without data neither extend nor end a breach up to this; beyond it the alert ends with `no data`.
    pub gap_max: Millis,
    pub severity: Severity,
    /// A peak is told again when it has moved by so much; zero: by a tenth of the threshold.
    pub peak_step: Milli,
    /// Of revisions that follow each other faster than this, those beyond the first few wait, and are told as one.
    pub hold: Millis,
    /// Runs beside the others on live state; its alerts are not published.
    pub shadow: bool,
}

impl Condition {
    /// What the rule core judges by; a node that stands in the zone goes by the same.
    pub fn threshold(&self) -> Threshold {
        let after = |after: Millis| u32::try_from(after).unwrap_or(u32::MAX);
        Threshold {
            danger: self.direction,
            raise_at: self.raise_at,
            clear_at: self.clear_at,
            raise_after_ms: after(self.raise_after),
            clear_after_ms: after(self.clear_after),
        }
    }
}

impl ZoneSettings {
    /// A zone that names no dangerous density has that of the mildest of its rules that calls a crowd severe or worse.
    pub fn with_danger_of(self, zone: ZoneIx, rules: &[Rule]) -> ZoneSettings {
        if self.danger_density > Milli::ZERO {
            return self;
        }
        let calls_danger = |rule: &&Rule| {
            let condition = &rule.condition;
            rule.zones.contains(&zone)
                && condition.value == Value::CrowdDensity
                && condition.direction == Danger::Above
                && condition.severity >= Severity::Severe
                && !condition.shadow
        };
        let severe = rules.iter().filter(calls_danger);
        let least = severe.map(|rule| rule.condition.raise_at).min();
        ZoneSettings {
            danger_density: least.unwrap_or(Milli::ZERO).max(Milli::ZERO),
            ..self
        }
    }
}
