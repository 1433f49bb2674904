//! What a city says about its air: standards, days in rules, sensors that are corrected; and the mistakes in it.
#![allow(clippy::unwrap_used)]

use expect_test::expect;
use gateway::city::{LoadedCity, Sources};
use pipeline::calendar::{HOUR, Millis};
use pipeline::rules::Value;
use pipeline::science::air::Standard;
use pipeline::science::air::correction::Correction;
use wire::Quantity;

fn sources(standards: &str, nodes: &str, rules: &str) -> Sources {
    let rule = |value: &str| {
        format!(
            "[[rule]]\nid = \"smog\"\nkind = \"air\"\nvalue = \"{value}\"\nraise_at = 200\nseverity = \"minor\"\n"
        )
    };
    Sources {
        city_toml: format!("[city]\nid = \"town\"\n[air]\nstandards = [{standards}]\n"),
        zones_geojson: r#"{ "type": "FeatureCollection", "features": [
{ "type": "Feature", "properties": { "id": "park" },
  "geometry": { "type": "Polygon", "coordinates": [[[0, 0], [0.001, 0], [0.001, 0.001], [0, 0.001], [0, 0]]] } } ] }"#
            .to_owned(),
        nodes_csv: format!("node,zone,quantities,correction\n{nodes}"),
        rules_toml: Some(rule(rules)),
        ..Sources::default()
    }
}

/// So long humidity of a city may be corrected.
fn humidity_lasts(city: &LoadedCity) -> Millis {
    city.calendar.span(Quantity::RelativeHumidity).horizon
}

#[test]
fn every_standard_every_correction_and_days_are_known() {
    let all = Standard::ALL
        .map(|standard| format!("\"{standard}\""))
        .join(", ");
    let nodes = "a,park,pm2_5 relative_humidity,epa-barkjohn-2021\nb,park,pm2_5,epa-extended\n\
                 c,park,pm2_5,none\nd,park,pm2_5,\n";
    let city = LoadedCity::from_sources(&sources(&all, nodes, "air_day:cn-hj633-2012"), None);
    let city = city.unwrap();
    assert_eq!(city.city.standards, Standard::ALL);
    let corrections = city.city.nodes.iter().map(|node| node.correction);
    let expected = [
        Some(Correction::EpaBarkjohn2021),
        Some(Correction::EpaExtended),
        None,
        None,
    ];
    assert_eq!(corrections.collect::<Vec<_>>(), expected);
    let value = city.rules[0].condition.value;
    assert_eq!(value, Value::AirDay(Standard::CnHj6332012));
    let particles = city.calendar.quarter_span(Quantity::Pm2_5).horizon;
    assert_eq!(humidity_lasts(&city), particles + HOUR);

    let plain = sources(&all, "c,park,pm2_5,none\n", "air_day:us-epa-2012");
    let plain = LoadedCity::from_sources(&plain, None).unwrap();
    assert_eq!(humidity_lasts(&plain), HOUR, "nothing is to be corrected");
}

#[test]
fn mistakes_are_said_with_their_line() {
    let mistaken = |value| {
        let nodes = "a,park,pm2_5,epa-barkjohn\nb,park,pm2_5,EPA\n";
        let sources = sources("\"us-epa-2024\", \"eaqi-2025\"", nodes, value);
        let bad = LoadedCity::from_sources(&sources, None).map(|city| city.city);
        bad.unwrap_err().to_string()
    };
    expect![[r#"
        3 errors in the city directory
          nodes.csv:2: no correction has the name `epa-barkjohn`; known: none, epa-barkjohn-2021, epa-extended
          nodes.csv:3: no correction has the name `EPA`; known: none, epa-barkjohn-2021, epa-extended
          rules.toml:4: value: `us-epa-2012` is not among the standards of [air] in city.toml"#]].assert_eq(&mistaken("air_day:us-epa-2012"));
    // The European index has no days.
    expect![[r#"
        3 errors in the city directory
          nodes.csv:2: no correction has the name `epa-barkjohn`; known: none, epa-barkjohn-2021, epa-extended
          nodes.csv:3: no correction has the name `EPA`; known: none, epa-barkjohn-2021, epa-extended
          rules.toml:4: value: `air_day:eaqi-2025` is neither a quantity nor a derived value, crowd_count, crowd_density, air_index:<standard>, air_day:<standard> or silence"#]].assert_eq(&mistaken("air_day:eaqi-2025"));
}
