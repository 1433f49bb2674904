//! `[broker]` in `city.toml`: who may connect is decided before the gateway starts.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use expect_test::{Expect, expect};
use gateway::city::{BadCity, LoadedCity, Sources};
use gateway::config::Broker;

const ZONES: &str = r#"{ "type": "FeatureCollection", "features": [
{ "type": "Feature", "properties": { "id": "quay" },
  "geometry": { "type": "Polygon", "coordinates": [[[1, 0], [1.001, 0], [1.001, 0.001], [1, 0.001], [1, 0]]] } }
] }"#;

fn load(city_toml: &str, directory: &Path) -> Result<Broker, BadCity> {
    let sources = Sources {
        city_toml: city_toml.to_owned(),
        zones_geojson: ZONES.to_owned(),
        nodes_csv: "node,zone\na,quay\n".to_owned(),
        directory: directory.to_owned(),
        ..Sources::default()
    };
    LoadedCity::from_sources(&sources, None).map(|city| city.settings.broker)
}

fn check(broker: &str, expected: Expect) {
    let dir = tempfile::tempdir().unwrap();
    for name in ["passwords", "acl", "ca.pem", "gateway.pem", "gateway.key"] {
        std::fs::write(dir.path().join(name), "").unwrap();
    }
    let outcome = match load(&format!("[broker]\n{broker}"), dir.path()) {
        Ok(broker) => format!("{broker:#?}"),
        Err(bad) => bad.to_string(),
    };
    expected.assert_eq(&outcome.replace(&dir.path().display().to_string(), "DIR"));
}

#[test]
fn the_embedded_broker_stays_on_loopback_unless_somebody_has_a_key() {
    check(
        "",
        expect![[r#"
        Embedded(
            Embedded {
                bind: 127.0.0.1:1883,
                tls: None,
                access: None,
            },
        )"#]],
    );
    check(
        "bind = \"192.168.1.10:1883\"",
        expect![[r#"
        1 error in the city directory
          city.toml:1: [broker] bind = "192.168.1.10:1883" lets anybody in the network connect and hear everything; say access = "city", or name a password file (passwords, and acl), or bind to 127.0.0.1"#]],
    );
    check(
        "bind = \"0.0.0.0:1883\"\nacl = \"acl\"",
        expect![[r#"
        2 errors in the city directory
          city.toml:1: [broker] acl needs passwords: without names there is nobody to allow anything
          city.toml:1: [broker] bind = "0.0.0.0:1883" lets anybody in the network connect and hear everything; say access = "city", or name a password file (passwords, and acl), or bind to 127.0.0.1"#]],
    );
    check(
        "bind = \"0.0.0.0:8883\"\npasswords = \"passwords\"\nacl = \"acl\"\n[broker.tls]\ncertificate = \"gateway.pem\"\nkey = \"gateway.key\"",
        expect![[r#"
            Embedded(
                Embedded {
                    bind: 0.0.0.0:8883,
                    tls: Some(
                        Identity {
                            certificate: "DIR/gateway.pem",
                            key: "DIR/gateway.key",
                        },
                    ),
                    access: Some(
                        Files {
                            passwords: "DIR/passwords",
                            acl: Some(
                                "DIR/acl",
                            ),
                        },
                    ),
                },
            )"#]],
    );
    check(
        "bind = \"0.0.0.0:1883\"\naccess = \"city\"\n[access]\nanonymous = \"none\"",
        expect![[r#"
            Embedded(
                Embedded {
                    bind: 0.0.0.0:1883,
                    tls: None,
                    access: Some(
                        City,
                    ),
                },
            )"#]],
    );
    check(
        "bind = \"0.0.0.0:1883\"\naccess = \"city\"",
        expect![[r#"
            1 error in the city directory
              city.toml:1: [broker] access = "city" lets those in whom [access] names, and there is no [access]: add it, or only nodes can connect"#]],
    );
    check(
        "access = \"town\"",
        expect![[r#"
            1 error in the city directory
              city.toml:2: access: "city" is expected (as [access] says), not "town"; for files of your own use passwords and acl"#]],
    );
    check(
        "access = \"city\"\npasswords = \"passwords\"",
        expect![[r#"
            1 error in the city directory
              city.toml:1: [broker] access = "city" and files (passwords, acl) exclude each other: either [access] says who hears what, or they do"#]],
    );
    check(
        "passwords = \"passwort\"\n[broker.tls]\nca = \"ca.pem\"",
        expect![[r#"
            2 errors in the city directory
              city.toml:1: [broker] [broker.tls] of the embedded broker needs certificate and key
              city.toml:2: passwords: there is no file DIR/passwort"#]],
    );
}

#[test]
fn an_outside_broker_is_named_by_its_url() {
    check(
        "url = \"mqtt://broker.example\"",
        expect![[r#"
        Outside(
            Outside {
                host: "broker.example",
                port: 1883,
                tls: None,
                login: None,
            },
        )"#]],
    );
    check(
        "url = \"mqtts://[2001:db8::1]:8884/\"\nuser = \"gateway\"\npassword_file = \"passwords\"\n[broker.tls]\nca = \"ca.pem\"",
        expect![[r#"
            Outside(
                Outside {
                    host: "[2001:db8::1]",
                    port: 8884,
                    tls: Some(
                        Trust {
                            authorities: Some(
                                "DIR/ca.pem",
                            ),
                            identity: None,
                        },
                    ),
                    login: Some(
                        Login {
                            user: "gateway",
                            password_file: "DIR/passwords",
                        },
                    ),
                },
            )"#]],
    );
    for url in [
        "broker.example",
        "http://broker.example",
        "mqtt://",
        "mqtt://host:99999",
        "mqtt://user@host",
    ] {
        let outcome = load(&format!("[broker]\nurl = \"{url}\""), Path::new("")).unwrap_err();
        assert!(
            outcome.to_string().contains("url must be like"),
            "{url}: {outcome}"
        );
    }
    check(
        "url = \"mqtt://broker.example\"\nembedded = true\nbind = \"127.0.0.1:1\"\nuser = \"x\"\n[broker.tls]\ncertificate = \"gateway.pem\"",
        expect![[r#"
            2 errors in the city directory
              city.toml:1: [broker] embedded = true and url exclude each other
              city.toml:6: [broker.tls] certificate and key belong together; one is missing"#]],
    );
    check(
        "url = \"mqtt://broker.example\"\nbind = \"127.0.0.1:1\"\nuser = \"x\"\n[broker.tls]\nca = \"ca.pem\"",
        expect![[r#"
            3 errors in the city directory
              city.toml:1: [broker] [broker.tls] needs an mqtts:// url
              city.toml:1: [broker] bind, access, passwords and acl are for the embedded broker; remove them or url, whose broker takes what `citysense acl` prints
              city.toml:1: [broker] user and password_file belong together; one is missing"#]],
    );
    check(
        "embedded = false",
        expect![[r#"
        1 error in the city directory
          city.toml:1: [broker] embedded = false needs url, such as "mqtts://broker.example:8883""#]],
    );
}
