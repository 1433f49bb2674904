//! What became of the rules: one version after the other from the journal, rule by rule and line by line.

use std::collections::BTreeMap;

use pipeline::calendar::{Millis, Tick};
use pipeline::input::Input;

use super::lines::{self, Zones};

/// What happened to one rule at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub at: Millis,
    /// The rule's id, or `quality` and a quantity.
    pub rule: String,
    pub what: What,
    /// Lines that went and lines that came, in the order of the file.
    pub lines: Vec<(Side, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Added,
    Changed,
    Removed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Was,
    Is,
}

/// A version as lines by rule.
type Version = BTreeMap<String, Vec<String>>;

/// What changed from version to version, the latest first. The first version of each sort is where the journal begins:
/// it is no change.
pub fn changes(versions: &[(Tick, Input)], zones: Zones<'_>) -> Vec<Change> {
    let mut last: [Option<Version>; 2] = [None, None];
    let mut all = Vec::new();
    for (tick, input) in versions {
        let (sort, now) = match input {
            Input::Rules(rules) => {
                let seen = rules
                    .iter()
                    .filter(|rule| rule.zones.iter().any(|ix| zones(*ix).is_some()));
                let version = seen.map(|rule| (rule.id.to_string(), lines::of_rule(rule, zones)));
                (0, version.collect::<Version>())
            }
            Input::Quality(rules) => {
                let version = rules.iter().map(|rule| {
                    (
                        format!("quality {}", rule.quantity),
                        lines::of_quality(rule),
                    )
                });
                (1, version.collect::<Version>())
            }
            _ => continue,
        };
        if let Some(before) = &last[sort] {
            all.extend(between(*tick as Millis, before, &now));
        }
        last[sort] = Some(now);
    }
    all.reverse();
    all
}

fn between(at: Millis, before: &Version, now: &Version) -> Vec<Change> {
    let nothing = Vec::new();
    let mut names: Vec<&String> = before.keys().chain(now.keys()).collect();
    names.sort();
    names.dedup();
    // Turned round with all others, they stand in the order of their names.
    names.reverse();
    let changes = names.into_iter().filter_map(|name| {
        let (was, is) = (before.get(name), now.get(name));
        let what = match (was, is) {
            (None, _) => What::Added,
            (_, None) => What::Removed,
            _ => What::Changed,
        };
        let lines = differing(was.unwrap_or(&nothing), is.unwrap_or(&nothing));
        (!lines.is_empty()).then(|| Change {
            at,
            rule: name.clone(),
            what,
            lines,
        })
    });
    changes.collect()
}

/// Lines that only one of the two has; a line that goes stands before the one that takes its place.
fn differing(was: &[String], is: &[String]) -> Vec<(Side, String)> {
    let key = |line: &String| line.split(" = ").next().unwrap_or_default().to_owned();
    let mut left: Vec<&String> = is.iter().filter(|line| !was.contains(line)).collect();
    let mut lines = Vec::new();
    for old in was.iter().filter(|line| !is.contains(line)) {
        lines.push((Side::Was, old.clone()));
        if let Some(place) = left.iter().position(|new| key(new) == key(old)) {
            lines.push((Side::Is, left.remove(place).clone()));
        }
    }
    lines.extend(left.into_iter().map(|new| (Side::Is, new.clone())));
    lines
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::sync::Arc;

    use pipeline::calendar::SECOND;
    use pipeline::city::ZoneIx;
    use pipeline::rules::{Condition, Danger, Rule, RuleIx, Severity, Statistic, Value};
    use wire::{Milli, ZoneId};

    fn rule(id: &str, raise_at: i64, zones: &[u32]) -> Rule {
        Rule {
            ix: RuleIx(0),
            id: id.parse().unwrap(),
            kind: "crowd".parse().unwrap(),
            condition: Condition {
                value: Value::CrowdDensity,
                statistic: Statistic::Mean,
                direction: Danger::Above,
                raise_at: Milli::whole(raise_at),
                clear_at: Milli::whole(3),
                raise_after: 30 * SECOND,
                clear_after: 0,
                gap_max: 30 * SECOND,
                severity: Severity::Severe,
                peak_step: Milli::ZERO,
                hold: 0,
                shadow: false,
            },
            zones: zones.iter().copied().map(ZoneIx).collect(),
            escalation: Vec::new(),
            source: String::new(),
        }
    }

    fn told(versions: Vec<Vec<Rule>>) -> Vec<String> {
        let versions: Vec<(Tick, Input)> = (1..)
            .zip(versions)
            .map(|(tick, rules)| (tick, Input::Rules(Arc::new(rules))))
            .collect();
        // The reader knows of zones 0 and 1.
        let zones = |ix: ZoneIx| ZoneId::new(["quay", "mole"].get(ix.0 as usize)?).ok();
        let text = |change: Change| {
            let lines: Vec<String> = change
                .lines
                .iter()
                .map(|(side, line)| match side {
                    Side::Was => format!("-{line}"),
                    Side::Is => format!("+{line}"),
                })
                .collect();
            format!(
                "{} {:?} {}: {}",
                change.at,
                change.what,
                change.rule,
                lines.join(" ")
            )
        };
        changes(&versions, &zones).into_iter().map(text).collect()
    }

    #[test]
    fn versions_differ_line_by_line_the_latest_first() {
        let versions = vec![
            vec![rule("a", 4, &[0]), rule("b", 9, &[0])],
            vec![rule("a", 5, &[0, 1]), rule("b", 9, &[0])],
            vec![rule("a", 5, &[0, 1]), rule("b", 9, &[0])],
            vec![rule("a", 5, &[0, 1])],
        ];
        let told = told(versions);
        assert_eq!(told.len(), 2);
        assert!(
            told[0].starts_with("4 Removed b: -kind = \"crowd\" -value"),
            "{told:?}"
        );
        assert_eq!(
            told[1],
            "2 Changed a: -raise_at = 4 +raise_at = 5 -zones = [\"quay\"] +zones = [\"quay\", \"mole\"]"
        );
    }

    #[test]
    fn zones_of_others_are_not_told_of() {
        let versions = vec![
            vec![rule("a", 4, &[0, 7])],
            vec![rule("a", 4, &[0]), rule("elsewhere", 1, &[7])],
        ];
        assert_eq!(told(versions), Vec::<String>::new());
    }
}
