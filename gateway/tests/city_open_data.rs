//! `[open_data]` in `city.toml`: what a city says of its figures, what is taken for granted, and its mistakes.
#![allow(clippy::unwrap_used)]

use expect_test::expect;
use gateway::city::{LoadedCity, Sources};
use gateway::config::{Licence, OpenDataSettings};

const ZONES: &str = r#"{ "type": "FeatureCollection", "features": [
{ "type": "Feature", "properties": { "id": "pond" },
  "geometry": { "type": "Polygon", "coordinates": [[[0, 0], [0.001, 0], [0.001, 0.001], [0, 0.001], [0, 0]]] } }
] }"#;

fn sources(open_data: &str) -> Sources {
    Sources {
        city_toml: format!("[city]\nname = \"Pond City\"\n{open_data}"),
        zones_geojson: ZONES.to_owned(),
        nodes_csv: "node,zone\nprobe,pond\n".to_owned(),
        rules_toml: Some(String::new()),
        ..Sources::default()
    }
}

fn settings(open_data: &str) -> OpenDataSettings {
    let loaded = LoadedCity::from_sources(&sources(open_data), None).unwrap();
    loaded.settings.open_data
}

#[test]
fn a_city_that_says_nothing_publishes_under_its_name_and_grants_nothing() {
    let nothing_said = OpenDataSettings {
        attribution: "Pond City".to_owned(),
        publisher: "Pond City".to_owned(),
        ..OpenDataSettings::default()
    };
    assert_eq!(settings(""), nothing_said);
}

#[test]
fn licences_go_by_name_or_address_and_contacts_by_mail_or_web() {
    let said = settings(
        "[open_data]\nmqtt = true\nlicence = \"CC-BY-4.0\"\nattribution = \"Data: Pond City\"\n\
         publisher = \"Office of Ponds\"\ncontact = \"ponds@city.example\"\nurl = \"https://data.city.example/\"\n",
    );
    let expected = OpenDataSettings {
        mqtt: true,
        licence: Some(Licence {
            name: "CC-BY-4.0".to_owned(),
            url: "https://creativecommons.org/licenses/by/4.0/".to_owned(),
        }),
        attribution: "Data: Pond City".to_owned(),
        publisher: "Office of Ponds".to_owned(),
        contact: Some("mailto:ponds@city.example".to_owned()),
        url: Some("https://data.city.example".to_owned()),
    };
    assert_eq!(said, expected);
    let own = settings("[open_data]\nlicence = \"https://city.example/terms\"\n");
    assert_eq!(own.licence.unwrap().url, "https://city.example/terms");
}

#[test]
fn what_is_no_licence_contact_or_address_is_said_line_by_line() {
    let sources = sources(
        "[open_data]\nlicence = \"mine\"\ncontact = \"call me\"\nurl = \"ftp://city\"\npublisher = \" \"\nmqtt = 1\nlicense = \"\"\n",
    );
    let refused = LoadedCity::from_sources(&sources, None).unwrap_err();
    expect![[r#"
        6 errors in the city directory
          city.toml:4: licence: no licence has the name `mine`; known: CC0-1.0, CC-BY-4.0, CC-BY-SA-4.0, CC-BY-NC-4.0, ODbL-1.0, ODC-By-1.0, PDDL-1.0, DL-DE-BY-2.0, OGL-UK-3.0, or the address of its text
          city.toml:5: contact: an e-mail address or a web address is expected, not `call me`
          city.toml:6: url: an address such as "https://data.city.example" is expected, not `ftp://city`
          city.toml:7: publisher: 1 to 256 bytes of plain text on one line are expected
          city.toml:8: mqtt: true or false is expected
          city.toml:9: unknown key `license` in [open_data] (did you mean `licence`?)"#]].assert_eq(&refused.to_string());
}
