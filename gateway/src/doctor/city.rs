//! The city directory: whether it is valid, and whether each rule can ever fire.

use std::path::Path;

use pipeline::city::{City, Node};
use pipeline::rules::{Rule, Value};
use wire::Quantity;
use wire::quantity::Group;

use super::finding::{Finding, some};
use crate::city::{BadCity, LoadedCity, value_sources};

pub fn judge(dir: &Path, loaded: &Result<LoadedCity, BadCity>) -> Vec<Finding> {
    let city = match loaded {
        Ok(city) => city,
        Err(bad) => {
            let first = bad.0.first().map(ToString::to_string).unwrap_or_default();
            let said = match bad.0.len() {
                1 => first,
                more => format!("{more} errors; the first: {first}"),
            };
            let advice = format!("`citysense check --city {}` says them all", dir.display());
            return vec![Finding::wrong("configuration", said, advice)];
        }
    };
    let registry = &city.city;
    let sum = format!(
        "{} zones, {} nodes, {} rules, no errors",
        registry.zones.len(),
        registry.nodes.len(),
        city.rules.len()
    );
    vec![Finding::ok("configuration", sum), rules(city)]
}

/// Rules that no node of their zones can fire. The default rules are for every city: there it is no flaw.
fn rules(city: &LoadedCity) -> Finding {
    let idle: Vec<&str> = city
        .rules
        .iter()
        .filter(|rule| !can_fire(rule, &city.city))
        .map(|rule| rule.id.as_str())
        .collect();
    let is_default = city.notes.iter().any(|note| note.contains("default rules"));
    match (idle.len(), is_default) {
        (0, _) => Finding::ok("rules", "each has nodes that measure its value"),
        (idle, true) => Finding::ok(
            "rules",
            format!("the default ones; of {idle} of them no node measures the value"),
        ),
        (_, false) => Finding::warning(
            "rules",
            format!(
                "no node in their zones measures what these judge: {}",
                some(idle)
            ),
            "add the quantity to the nodes' rows in nodes.csv, or take the rules out",
        ),
    }
}

fn can_fire(rule: &Rule, city: &City) -> bool {
    let in_zones = |node: &&Node| node.zone.is_some_and(|zone| rule.zones.contains(&zone));
    let gated = city.gates.iter().filter(|gate| {
        let ends = [gate.from, gate.to].into_iter().flatten();
        ends.into_iter().any(|zone| rule.zones.contains(&zone))
    });
    let at_gates = gated.filter_map(|gate| city.nodes.iter().find(|node| node.ix == gate.node));
    let mut nodes = city.nodes.iter().filter(in_zones).chain(at_gates);
    nodes.any(|node| node.quantities.is_empty() || measures(node, rule.condition.value))
}

fn measures(node: &Node, value: Value) -> bool {
    match value {
        Value::Silence => true,
        Value::AirIndex(_) | Value::AirDay(_) | Value::AirForecast(..) => {
            let is_air = |quantity: &Quantity| quantity.entry().group == Group::Air;
            node.quantities.iter().any(is_air)
        }
        value => {
            let sources = value_sources(value);
            node.quantities
                .iter()
                .any(|quantity| sources.contains(quantity))
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::city::Sources;
    use crate::doctor::finding::Verdict;

    const ZONES: &str = r#"{"type":"FeatureCollection","features":[
    {"type":"Feature","properties":{"id":"quay","area_m2":100},"geometry":{"type":"Polygon","coordinates":[[[0,0],[0.01,0],[0.01,0.01],[0,0.01],[0,0]]]}},
    {"type":"Feature","properties":{"id":"pier"},"geometry":{"type":"Polygon","coordinates":[[[1,0],[1.01,0],[1.01,0.01],[1,0.01],[1,0]]]}}]}"#;

    fn found(nodes: &str, value: &str, zone: &str) -> Finding {
        // Silence is its own line.
        let line = match value {
            "silence" => "",
            _ => "raise_at = 5\n",
        };
        let rules = format!(
            "[[rule]]\nid = \"r\"\nkind = \"k\"\nvalue = \"{value}\"\nzones = [\"{zone}\"]\n{line}severity = \"severe\"\n"
        );
        let sources = Sources {
            zones_geojson: ZONES.to_owned(),
            nodes_csv: format!("node,zone,quantities\n{nodes}"),
            rules_toml: Some(rules),
            ..Sources::default()
        };
        rules_of(&sources)
    }

    fn rules_of(sources: &Sources) -> Finding {
        rules(&LoadedCity::from_sources(sources, None).unwrap())
    }

    #[test]
    fn a_rule_whose_value_nobody_measures_in_its_zones_is_found() {
        // The nodes, the rule's value and zones, whether it can fire.
        let table = [
            ("a,quay,ch4\n", "ch4", "*", true),
            ("a,quay,noise\n", "ch4", "*", false),
            ("a,quay,ch4\n", "ch4", "pier", false),
            ("a,quay,\n", "ch4", "quay", true),
            ("a,quay,person_count\n", "crowd_density", "quay", true),
            ("a,quay,noise\n", "crowd_density", "quay", false),
            ("a,quay,pm2_5\n", "air_index:us-epa-2024", "*", true),
            ("a,quay,noise\n", "air_index:us-epa-2024", "*", false),
            ("a,quay,noise\n", "silence", "*", true),
        ];
        for (nodes, value, zone, can) in table {
            let found = found(nodes, value, zone);
            let expected = if can { Verdict::Ok } else { Verdict::Warning };
            assert_eq!(found.verdict, expected, "{nodes} {value} {zone}: {found:?}");
        }
    }

    #[test]
    fn of_the_default_rules_nobody_is_warned() {
        let sources = Sources {
            zones_geojson: ZONES.to_owned(),
            nodes_csv: "node,zone,quantities\na,quay,noise\n".to_owned(),
            ..Sources::default()
        };
        let found = rules_of(&sources);
        assert_eq!(found.verdict, Verdict::Ok);
        assert!(found.said.contains("default"), "{found:?}");
    }

    #[test]
    fn a_directory_with_errors_is_wrong_and_says_the_first() {
        let dir = Path::new("nowhere");
        let findings = judge(dir, &crate::city::load(dir, None));
        assert_eq!(findings[0].verdict, Verdict::Wrong);
        assert!(
            findings[0]
                .advice
                .as_ref()
                .unwrap()
                .contains("check --city nowhere")
        );
    }
}
