//! Nodes that are not heard or hold figures up, and zones that nobody measures, from the gateway's own lists.

use serde::Deserialize;

use super::finding::{Finding, some};
use super::http::{Answer, Asking};

/// What is read of `/api/v1/nodes`.
#[derive(Debug, Deserialize)]
struct Nodes {
    nodes: Vec<Node>,
}

#[derive(Debug, Deserialize)]
struct Node {
    id: String,
    heard_at: Option<String>,
    silent_since: Option<String>,
    #[serde(default)]
    refused: u64,
    #[serde(default)]
    quarantine: Vec<Quarantine>,
}

#[derive(Debug, Deserialize)]
struct Quarantine {
    until: Option<String>,
}

/// And of `/api/v1/zones`.
#[derive(Debug, Deserialize)]
struct Zones {
    zones: Vec<Zone>,
}

#[derive(Debug, Deserialize)]
struct Zone {
    id: String,
    #[serde(default)]
    figures: Vec<Figure>,
    #[serde(default)]
    air: Vec<serde_json::Value>,
}

#[derive(Debug, Deserialize)]
struct Figure {
    #[serde(default)]
    oldest_unheard: Option<String>,
    completeness: Completeness,
}

#[derive(Debug, Deserialize)]
struct Completeness {
    heard: u32,
    expected: u32,
}

/// The gateway's two lists, as they came.
pub struct Lists {
    pub nodes: Result<Answer, String>,
    pub zones: Result<Answer, String>,
}

impl Lists {
    pub async fn by(asking: &Asking) -> Lists {
        Lists {
            nodes: asking.get("/api/v1/nodes").await,
            zones: asking.get("/api/v1/zones").await,
        }
    }
}

pub fn judge(lists: &Lists) -> Vec<Finding> {
    let mut findings = match read::<Nodes>("nodes", &lists.nodes) {
        Ok(nodes) => of_nodes(&nodes.nodes),
        Err(finding) => vec![finding],
    };
    findings.extend(match read::<Zones>("zones", &lists.zones) {
        Ok(zones) => of_zones(&zones.zones),
        Err(finding) => vec![finding],
    });
    findings
}

fn read<'a, T: Deserialize<'a>>(
    check: &'static str,
    answer: &'a Result<Answer, String>,
) -> Result<T, Finding> {
    let not_looked_at = |why: String, advice: &str| Err(Finding::warning(check, why, advice));
    match answer {
        Ok(answer) if answer.status == 200 => serde_json::from_str(&answer.body).or_else(|error| {
            not_looked_at(
                format!("the list is not as expected: {error}"),
                "are gateway and command of one version?",
            )
        }),
        Ok(answer) if matches!(answer.status, 401 | 403) => not_looked_at(
            "the gateway tells them only to those it knows".to_owned(),
            "name a token with --token-file",
        ),
        Ok(answer) => not_looked_at(
            format!("the list is not told: the answer is {}", answer.status),
            "is this address the gateway's?",
        ),
        Err(cause) => not_looked_at(format!("the list is not told: {cause}"), "ask again"),
    }
}

fn of_nodes(nodes: &[Node]) -> Vec<Finding> {
    let mut findings = vec![heard(nodes)];
    let refused = nodes.iter().filter(|node| node.refused > 0);
    let refused: Vec<&str> = refused.map(|node| node.id.as_str()).collect();
    if !refused.is_empty() {
        findings.push(Finding::warning(
            "refused nodes",
            format!(
                "of {} something was refused: {}",
                refused.len(),
                some(refused)
            ),
            "see refusals above for the likely cause",
        ));
    }
    let lasting = |node: &&Node| node.quarantine.iter().any(|row| row.until.is_none());
    let withdrawn: Vec<&str> = nodes
        .iter()
        .filter(lasting)
        .map(|node| node.id.as_str())
        .collect();
    if !withdrawn.is_empty() {
        findings.push(Finding::warning(
            "quarantine",
            format!(
                "{} nodes do not count: {}",
                withdrawn.len(),
                some(withdrawn)
            ),
            "the node's page says why; release it once it is mended",
        ));
    }
    findings
}

fn heard(nodes: &[Node]) -> Finding {
    let named = |wanted: &dyn Fn(&Node) -> bool| {
        let found = nodes.iter().filter(|node| wanted(node));
        found.map(|node| node.id.as_str()).collect::<Vec<_>>()
    };
    let silent = named(&|node| node.silent_since.is_some());
    let never = named(&|node| node.heard_at.is_none() && node.silent_since.is_none());
    let advice = "is their power, their network and their way to the broker up? the gateway counts since its start";
    match (silent.len() + never.len(), nodes.len()) {
        (_, 0) => Finding::warning("nodes", "the city has none", "add rows to nodes.csv"),
        (0, all) => Finding::ok("nodes", format!("all {all} are heard")),
        // A gateway that has just been installed, or started, has heard nobody yet.
        (missing, all) if missing == all && !silent.is_empty() => Finding::wrong(
            "nodes",
            format!("none of {all} is heard"),
            "see broker and refusals: when all are gone, it is seldom the nodes",
        ),
        (_, all) => {
            let mut said = Vec::new();
            for (names, what) in [(silent, "silent"), (never, "not heard since the start")] {
                if !names.is_empty() {
                    said.push(format!("{} of {all} {what}: {}", names.len(), some(names)));
                }
            }
            Finding::warning("nodes", said.join("; "), advice)
        }
    }
}

fn of_zones(zones: &[Zone]) -> Vec<Finding> {
    let without = zones
        .iter()
        .filter(|zone| zone.figures.is_empty() && zone.air.is_empty());
    let without: Vec<&str> = without.map(|zone| zone.id.as_str()).collect();
    let mut findings = vec![match without.len() {
        0 => Finding::ok("zones", format!("all {} have fresh figures", zones.len())),
        some_of => Finding::warning(
            "zones",
            format!(
                "{some_of} of {} without fresh figures: {}",
                zones.len(),
                some(without)
            ),
            "no data is no all-clear: are there nodes in them, and are they heard? see nodes above",
        ),
    }];
    let holding = |figure: &&Figure| figure.completeness.heard < figure.completeness.expected;
    let mut lagging: Vec<&str> = zones
        .iter()
        .flat_map(|zone| &zone.figures)
        .filter(holding)
        .filter_map(|figure| figure.oldest_unheard.as_deref())
        .collect();
    lagging.sort_unstable();
    lagging.dedup();
    if !lagging.is_empty() {
        findings.push(Finding::warning(
            "lagging nodes",
            format!("figures wait for {}", some(lagging)),
            "they send late or not at all: look at their network, or at `period` in nodes.csv",
        ));
    }
    findings
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::doctor::finding::Verdict;

    fn told(body: &str) -> Result<Answer, String> {
        Ok(Answer {
            status: 200,
            date: None,
            body: body.to_owned(),
        })
    }

    fn of(nodes: &str, zones: &str) -> Vec<(&'static str, Verdict, String)> {
        let lists = Lists {
            nodes: told(&format!("{{\"nodes\":[{nodes}]}}")),
            zones: told(&format!("{{\"zones\":[{zones}]}}")),
        };
        let findings = judge(&lists).into_iter();
        findings.map(|f| (f.check, f.verdict, f.said)).collect()
    }

    const HEARD: &str = r#"{"id":"a","heard_at":"2026-11-27T12:00:00Z","silent_since":null,"refused":0,"quarantine":[]}"#;
    const SILENT: &str =
        r#"{"id":"b","heard_at":"2026-11-27T12:00:00Z","silent_since":"2026-11-27T12:00:00Z"}"#;
    const NEVER: &str = r#"{"id":"c","heard_at":null,"silent_since":null}"#;
    const REFUSED: &str = r#"{"id":"d","heard_at":"2026-11-27T12:00:00Z","silent_since":null,"refused":3,
        "quarantine":[{"until":null},{"until":"2026-11-27T12:00:00Z"}]}"#;
    const FULL: &str = r#"{"id":"quay","figures":[{"completeness":{"heard":1,"expected":1}}]}"#;
    const EMPTY: &str = r#"{"id":"pier","figures":[],"air":[]}"#;
    const WAITING: &str = r#"{"id":"mole","figures":[{"completeness":{"heard":1,"expected":2},"oldest_unheard":"b"}]}"#;

    #[test]
    fn nodes_and_zones_are_told_by_name() {
        let ok = |check, said: &str| (check, Verdict::Ok, said.to_owned());
        let warning = |check, said: &str| (check, Verdict::Warning, said.to_owned());
        let all_heard = ok("nodes", "all 1 are heard");
        let all_full = ok("zones", "all 1 have fresh figures");
        assert_eq!(of(HEARD, FULL), [all_heard.clone(), all_full.clone()]);
        assert_eq!(
            of(&[HEARD, SILENT, NEVER].join(","), FULL),
            [
                warning(
                    "nodes",
                    "1 of 3 silent: b; 1 of 3 not heard since the start: c"
                ),
                all_full.clone()
            ]
        );
        let none = ("nodes", Verdict::Wrong, "none of 2 is heard".to_owned());
        assert_eq!(
            of(&[SILENT, NEVER].join(","), FULL),
            [none, all_full.clone()]
        );
        assert_eq!(
            of(REFUSED, FULL)[1..],
            [
                warning("refused nodes", "of 1 something was refused: d"),
                warning("quarantine", "1 nodes do not count: d"),
                all_full
            ]
        );
        assert_eq!(
            of(HEARD, &[FULL, EMPTY, WAITING].join(",")),
            [
                all_heard,
                warning("zones", "1 of 3 without fresh figures: pier"),
                warning("lagging nodes", "figures wait for b")
            ]
        );
    }

    #[test]
    fn lists_that_are_not_told_are_no_all_clear() {
        for answer in [
            Err("connection refused".to_owned()),
            told("nonsense"),
            Ok(Answer {
                status: 401,
                date: None,
                body: String::new(),
            }),
            Ok(Answer {
                status: 404,
                date: None,
                body: String::new(),
            }),
        ] {
            let lists = Lists {
                nodes: answer.clone(),
                zones: answer,
            };
            for finding in judge(&lists) {
                assert_eq!(finding.verdict, Verdict::Warning, "{finding:?}");
            }
        }
    }
}
