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

/// Rows of the domain file, and the rule whose threshold each is; the factor leads from the row's unit to the rule's.
#[rustfmt::skip] // one threshold, one line
const USED: [(&str, &str, &str, f64, &str); 36] = [
    ("gas-setpoint", "CH4", "low alarm %LEL", 1.0, "ch4-low"),
    ("gas-setpoint", "CH4", "high alarm %LEL", 1.0, "ch4-high"),
    ("gas-setpoint", "H2S", "low alarm ppm", 1.0, "h2s-low"),
    ("gas-setpoint", "H2S", "high alarm ppm", 1.0, "h2s-high"),
    ("gas-exposure", "H2S", "NIOSH ceiling ppm", 1.0, "h2s-high"),
    ("gas-exposure", "H2S", "IDLH ppm", 1.0, "h2s-escape"),
    ("gas-setpoint", "NH3", "low alarm ppm", 1.0, "nh3-low"),
    ("gas-exposure", "NH3", "NIOSH REL ppm", 1.0, "nh3-low"),
    ("gas-setpoint", "NH3", "high alarm ppm", 1.0, "nh3-high"),
    ("gas-exposure", "NH3", "OSHA PEL ppm", 1.0, "nh3-high"),
    ("gas-exposure", "NH3", "IDLH ppm", 1.0, "nh3-escape"),
    ("gas-setpoint", "Cl2", "low alarm ppm", 1.0, "cl2-low"),
    ("gas-exposure", "Cl2", "NIOSH ceiling ppm", 1.0, "cl2-low"),
    ("gas-setpoint", "Cl2", "high alarm ppm", 1.0, "cl2-high"),
    ("gas-exposure", "Cl2", "OSHA ceiling ppm", 1.0, "cl2-high"),
    ("gas-exposure", "Cl2", "IDLH ppm", 1.0, "cl2-escape"),
    ("gas-setpoint", "CO", "low alarm ppm", CO, "co-low"),
    ("gas-setpoint", "CO", "high alarm ppm", CO, "co-high"),
    ("gas-exposure", "CO", "NIOSH ceiling ppm", CO, "co-high"),
    ("gas-exposure", "CO", "IDLH ppm", CO, "co-escape"),
    ("heat", "temperature", "EN 54-5 class A1 Cel", 1.0, "heat"),
    ("heat", "temperature rate", "UL/NFPA rate of rise Cel/min", 1.0, "heat-rise"),
    ("smoke", "obscuration", "UL 268 7th cooking nuisance %/ft", 0.0, "smoke-early"),
    ("smoke", "obscuration", "UL 268 7th flaming PU foam %/ft", 0.0, "smoke"),
    ("radiation", "ambient dose rate", "OIL1 uSv/h", 1.0, "radiation-shelter"),
    ("radiation", "ambient dose rate", "ITB adult uSv/h", 1.0, "radiation-cordon"),
    ("radiation", "ambient dose rate", "ITB child uSv/h", 1.0, "radiation-child"),
    ("radiation", "ambient dose rate", "OIL2 first 7 d uSv/h", 1.0, "radiation-relocate"),
    ("radiation", "ambient dose rate", "OIL3 uSv/h", 1.0, "radiation-raised"),
    ("radiation", "ambient dose rate", "OIL4 uSv/h", 1.0, "radiation-raised"),
    ("flood", "depth", "pedestrian/knock-down NWS cm", 0.01, "flood-walkers"),
    ("flood", "depth", "floats many vehicles NWS cm", 0.01, "flood-cars"),
    ("flood", "depth", "carries most vehicles NWS cm", 0.01, "flood-rescue"),
    ("flood", "depth", "passenger car total head cm", 0.01, "flood-cars"),
    ("flood", "depth", "emergency vehicle total head cm", 0.01, "flood-rescue"),
    ("flood", "depth", "Korea underpass closure cm", 0.01, "underpass-closed"),
];

/// mg/m3 in a ppm of carbon monoxide at 25 °C.
const CO: f64 = 1.144_882;

/// Rows that are no rule of their own, and why.
const UNUSED: [(&str, &str, &str); 14] = [
    (
        "co-domestic",
        "",
        "the response of `co_alarm`, held by the tests of its science",
    ),
    (
        "noise",
        "",
        "the limits behind `noise_excess`, held by the tests of its science",
    ),
    (
        "gas-flammable",
        "",
        "methane is measured as a share of its limit already",
    ),
    (
        "gas-exposure",
        "TWA",
        "limits for a working day, not for a city",
    ),
    (
        "gas-exposure",
        "STEL",
        "limits for a working quarter of an hour",
    ),
    ("gas-exposure", "OSHA peak", "less strict than what is used"),
    (
        "gas-exposure",
        "OSHA ceiling",
        "less strict than what is used",
    ),
    (
        "gas-exposure",
        "SO2",
        "by dose only: air stations end below it",
    ),
    (
        "gas-exposure",
        "NO2",
        "by dose only: air stations end below it",
    ),
    (
        "gas-setpoint",
        "SO2",
        "by dose only: air stations end below it",
    ),
    (
        "gas-setpoint",
        "5000",
        "the same as a share of the explosive limit",
    ),
    (
        "gas-setpoint",
        "10000",
        "the same as a share of the explosive limit",
    ),
    ("flood", "depth x velocity", "no node measures both"),
    (
        "radiation",
        "OIL2 after",
        "the criterion of later weeks, which a city sets then",
    ),
];

#[test]
fn every_published_threshold_is_the_rules_or_left_out_for_a_reason() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../shared/domain/thresholds.csv"
    );
    let loaded = city(every_kind(), None);
    let (mut used, mut rows) = (0, 0);
    let text = std::fs::read_to_string(path).unwrap();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let (group, quantity, name, value, unit) =
            (cells[0], cells[1], cells[2], cells[4], cells[5]);
        // A meaning may have commas, in quotes: the status is looked for, not counted off.
        let status = |word: &str| cells[7..].iter().any(|cell| cell.starts_with(word));
        if status("unconfirmed") {
            continue;
        }
        assert!(status("confirmed") || status("partly confirmed"), "{line}");
        rows += 1;
        let named = format!("{name} {unit}");
        let row = (group, quantity, named.as_str());
        let Some((.., factor, rule)) = USED
            .iter()
            .find(|(group, quantity, name, ..)| (*group, *quantity, *name) == row)
        else {
            let reason = UNUSED
                .iter()
                .any(|(of, word, _)| group == *of && line.contains(word));
            let classes = group == "heat" && (name.contains("class") || name == "Korean practice");
            assert!(reason || classes, "neither used nor left out: {line}");
            continue;
        };
        // Of a range its lower end.
        let value: f64 = value.split("..").next().unwrap().parse().unwrap();
        let expected = match *factor {
            // Percent a foot to percent a metre.
            0.0 => 100.0 * (1.0 - (1.0 - value / 100.0).powf(1.0 / 0.3048)),
            factor => value * factor,
        };
        let found = loaded.rules.iter().find(|known| known.id.as_str() == *rule);
        let raise_at = found.unwrap().condition.raise_at.to_f64();
        assert!(
            (raise_at - expected).abs() <= 0.0015,
            "{line}: the rule says {raise_at}"
        );
        used += 1;
    }
    assert_eq!(used, USED.len(), "every row that is named is there");
    assert!(rows > 80, "only {rows} rows read");
}
