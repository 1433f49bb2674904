//! The default rules: in force where a city has none of its own, each with its source, fit for any city.
#![allow(clippy::unwrap_used)]

use gateway::city::{DEFAULT_RULES, LoadedCity, Sources};

/// Two zones of kinds that no default rule asks for.
const ZONES: &str = r#"{ "type": "FeatureCollection", "features": [
{ "type": "Feature", "properties": { "id": "square", "kind": "square" },
  "geometry": { "type": "Polygon", "coordinates": [[[0, 0], [0.001, 0], [0.001, 0.001], [0, 0.001], [0, 0]]] } },
{ "type": "Feature", "properties": { "id": "meadow", "kind": "meadow" },
  "geometry": { "type": "Polygon", "coordinates": [[[0, 0.002], [0, 0.003], [0.001, 0.003], [0.001, 0.002], [0, 0.002]]] } }
] }"#;

fn city(zones_geojson: String, rules_toml: Option<&str>) -> LoadedCity {
    let sources = Sources {
        zones_geojson,
        nodes_csv: "node,zone\na,square\n".to_owned(),
        rules_toml: rules_toml.map(str::to_owned),
        ..Sources::default()
    };
    LoadedCity::from_sources(&sources, None).unwrap()
}

/// A city in which every default rule has a zone.
fn every_kind() -> String {
    ZONES.replace(r#""kind": "meadow""#, r#""kind": "underpass""#)
}

#[test]
fn every_default_rule_names_its_source_and_none_is_lost() {
    let loaded = city(every_kind(), None);
    for rule in loaded.rules.iter() {
        assert!(!rule.source.is_empty(), "{} names no source", rule.id);
    }
    let written = DEFAULT_RULES.matches("\n[[rule]]").count();
    assert_eq!(loaded.rules.len(), written);
    assert!(
        loaded
            .notes
            .iter()
            .any(|note| note.contains("default rules")),
        "{:?}",
        loaded.notes
    );
}

#[test]
fn rules_for_zones_that_a_city_has_not_are_left_out_of_the_default_rules_only() {
    let some = city(ZONES.to_owned(), None);
    let all = city(every_kind(), None);
    assert!(some.rules.len() < all.rules.len());
    assert!(some.rules.iter().all(|rule| !rule.zones.is_empty()));
    // Written into the city's own file, the same rule is a mistake.
    let sources = Sources {
        zones_geojson: ZONES.to_owned(),
        nodes_csv: "node,zone\na,square\n".to_owned(),
        rules_toml: Some(DEFAULT_RULES.to_owned()),
        ..Sources::default()
    };
    let refused = LoadedCity::from_sources(&sources, None).unwrap_err();
    assert!(
        refused.to_string().contains("no zone is of kind"),
        "{refused}"
    );
}

#[test]
fn an_empty_file_means_no_rules() {
    assert!(city(ZONES.to_owned(), Some("")).rules.is_empty());
}
