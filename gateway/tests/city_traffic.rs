//! `[[traffic.section]]` in `city.toml`: where a road goes on, its mistakes, and how a change of it is taken over.
#![allow(clippy::unwrap_used)]

use expect_test::expect;
use gateway::city::{LoadedCity, Reload, Sources};
use pipeline::city::RoadSection;
use pipeline::input::Input;
use pipeline::science::traffic::incident::Thresholds;
use wire::Milli;

/// Three stations in a row.
fn sources(sections: &str) -> Sources {
    let station = |name: &str, west: f64| {
        let east = west + 0.001;
        format!(
            r#"{{ "type": "Feature", "properties": {{ "id": "{name}", "lanes": 3, "effective_length_m": 6.7 }},
"geometry": {{ "type": "Polygon", "coordinates": [[[{west}, 0], [{east}, 0], [{east}, 0.001], [{west}, 0.001], [{west}, 0]]] }} }}"#
        )
    };
    let stations = [("above", 0.0), ("middle", 0.01), ("below", 0.02)];
    let stations = stations.map(|(name, west)| station(name, west)).join(",\n");
    Sources {
        city_toml: format!("[city]\nid = \"town\"\n{sections}"),
        zones_geojson: format!(r#"{{ "type": "FeatureCollection", "features": [{stations}] }}"#),
        nodes_csv: "node,zone,quantities\nloop,above,lane_occupancy vehicle_count\n".to_owned(),
        ..Sources::default()
    }
}

const SOUND: &str = r#"
[[traffic.section]]
upstream = "above"
downstream = "middle"

[[traffic.section]]
upstream = "middle"
downstream = "below"
occdf = 12
docctd = -0.25
"#;

fn sections(city: &LoadedCity) -> Vec<Option<RoadSection>> {
    let zones = city.city.zones.iter();
    zones.map(|zone| zone.settings.section).collect()
}

#[test]
fn a_section_has_its_own_thresholds_or_the_algorithms() {
    let city = LoadedCity::from_sources(&sources(SOUND), None).unwrap();
    let zones = &city.city.zones;
    let standard = Thresholds::default();
    let own = Thresholds {
        occdf: Milli::whole(12),
        docctd: Milli(-250),
        ..standard
    };
    let to = |zone: usize, thresholds| {
        let downstream = zones[zone].ix;
        Some(RoadSection {
            downstream,
            thresholds,
        })
    };
    assert_eq!(sections(&city), [to(1, standard), to(2, own), None]);
    assert_eq!(zones[0].settings.lanes, 3);
    assert_eq!(zones[0].settings.effective_length, Milli(6_700));
    let ids: Vec<&str> = city.rules.iter().map(|rule| rule.id.as_str()).collect();
    assert!(ids.contains(&"traffic-incident"), "{ids:?}");
    assert!(ids.contains(&"traffic-jam"), "{ids:?}");
}

#[test]
fn every_mistake_is_said_with_its_line() {
    let mistakes = r#"
[[traffic.section]]
upstream = "above"
downstream = "midle"

[[traffic.section]]
upstream = "below"
downstream = "below"

[[traffic.section]]
upstream = "middle"
downstream = "below"
occrdf = 50
occupancy = 8

[[traffic.section]]
upstream = "middle"
downstream = "above"

[[traffic.section]]
downstream = "above"
"#;
    let bad = LoadedCity::from_sources(&sources(mistakes), None).map(|city| city.city);
    expect![[r#"
        6 errors in the city directory
          city.toml:4: [[traffic.section]] zones.geojson has no zone `midle` (did you mean `middle`?)
          city.toml:8: [[traffic.section]] `below` cannot be both ends of a section
          city.toml:15: occrdf: a number from -100 to 1 is expected, not 50
          city.toml:16: unknown key `occupancy` in [[traffic.section]]
          city.toml:18: [[traffic.section]] a second section from `middle`; incidents belong to the zone upstream, which has one state
          city.toml:22: [[traffic.section]] upstream is missing"#]].assert_eq(&bad.unwrap_err().to_string());
}

#[test]
fn a_changed_section_is_an_input_of_the_running_dataflow() {
    let running = LoadedCity::from_sources(&sources(SOUND), None).unwrap();
    let same = LoadedCity::from_sources(&sources(SOUND), Some(&running)).unwrap();
    assert!(Reload::between(&running, same).inputs.is_empty());
    let milder = SOUND.replace("occdf = 12", "occdf = 10");
    let next = LoadedCity::from_sources(&sources(&milder), Some(&running)).unwrap();
    let reload = Reload::between(&running, next);
    assert!(matches!(&reload.inputs[..], [Input::City(_)]));
    assert!(reload.needs_restart.is_empty());
}
