//! `[access]` in `city.toml`: who may act is decided before the gateway starts, and every mistake in it is said with its
//! line. What is asserted is what `citysense check` would print.
#![allow(clippy::unwrap_used)]

use expect_test::{Expect, expect};
use gateway::access::Areas;
use gateway::city::{BadCity, LoadedCity, Sources};

const ZONES: &str = r#"{ "type": "FeatureCollection", "features": [
{ "type": "Feature", "properties": { "id": "quay", "kind": "square" },
  "geometry": { "type": "Polygon", "coordinates": [[[1, 0], [1.001, 0], [1.001, 0.001], [1, 0.001], [1, 0]]] } },
{ "type": "Feature", "properties": { "id": "mole", "kind": "pier" },
  "geometry": { "type": "Polygon", "coordinates": [[[2, 0], [2.001, 0], [2.001, 0.001], [2, 0.001], [2, 0]]] } }
] }"#;
const HASH: &str = "$argon2id$v=19$m=7168,t=1,p=1$Y2l0eXNlbnNlLXRlc3RzIQ$/LHLRlg80kbqwf9s7fX43l+mPBVzZcakmqLUu16jMTs";
const DIGEST: &str = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

fn load(city_toml: &str) -> Result<LoadedCity, BadCity> {
    let sources = Sources {
        city_toml: city_toml.replace("HASH", HASH).replace("DIGEST", DIGEST),
        zones_geojson: ZONES.to_owned(),
        nodes_csv: "node,zone\na,quay\n".to_owned(),
        ..Sources::default()
    };
    LoadedCity::from_sources(&sources, None)
}

fn check(city_toml: &str, expected: Expect) {
    let said = match load(city_toml) {
        Ok(_) => "no errors".to_owned(),
        Err(bad) => bad.to_string(),
    };
    expected.assert_eq(&said);
}

#[test]
fn people_and_programs_have_names_roles_and_areas() {
    let city = load(
        r#"
[access]
anonymous = "none"
[[access.user]]
name = "ada"
role = "operator"
password = "HASH"
[[access.user]]
name = "王伟"
role = "administrator"
password = "HASH"
areas = ["kind:pier", "quay"]
[[access.token]]
name = "prometheus"
role = "viewer"
token = "DIGEST"
areas = ["kind:square"]
[http]
bind = "0.0.0.0:8080"
"#,
    );
    let access = city.unwrap().settings.access;
    assert!(access.is_declared && !access.anonymous);
    assert_eq!(access.user("ada").unwrap().reach.areas, Areas::All);
    let wei = &access.user("王伟").unwrap().reach.areas;
    let names = |areas: &Areas| match areas {
        Areas::All => vec!["all".to_owned()],
        Areas::Zones(zones) => zones.iter().map(ToString::to_string).collect(),
    };
    assert_eq!(names(wei), ["mole", "quay"]);
    let program = access.bearer("abc").unwrap();
    assert_eq!(names(&program.reach.areas), ["quay"]);
    assert!(access.bearer("abd").is_none());
    assert!(
        !format!("{access:?}").contains("argon2"),
        "a log of settings tells no hash"
    );
}

#[test]
fn a_city_without_access_is_read_on_this_machine_alone() {
    let access = load("").unwrap().settings.access;
    assert!(!access.is_declared && access.anonymous);
    check(
        "[http]\nbind = \"0.0.0.0:8080\"\n",
        expect![[r#"
            1 error in the city directory
              city.toml:1: [http] bind = "0.0.0.0:8080" lets anybody in the network read; say in [access] who may, or bind to 127.0.0.1"#]],
    );
    check(
        "[access]\n[http]\nbind = \"0.0.0.0:8080\"\n",
        expect!["no errors"],
    );
}

#[test]
fn every_mistake_is_said_at_once_and_no_secret_is_said_again() {
    check(
        r#"
[access]
anonymus = "none"
anonymous = "operator"
[[access.user]]
name = "Ada Lovelace"
role = "operater"
password = "swordfish"
[[access.user]]
name = "bo"
role = "viewer"
password = "HASH"
areas = ["kind:peer", "quay"]
[[access.user]]
name = "bo"
role = "viewer"
password = "HASH"
areas = []
[[access.token]]
name = "bo"
role = "viewer"
tokn = "DIGEST"
[[access.token]]
name = "bo"
role = "viewer"
token = "DIGEST"
areas = ["quai"]
[[access.token]]
name = "wall"
role = "viewer"
token = "DIGEST"
password = "HASH"
[[access.token]]
name = "other"
role = "viewer"
token = "citysense_0123"
"#,
        expect![[r#"
            15 errors in the city directory
              city.toml:3: unknown key `anonymus` in [access] (did you mean `anonymous`?)
              city.toml:4: anonymous: "viewer" (everybody reads) or "none" (nobody without a name) is expected, not `operator`
              city.toml:6: name: a name is 1 to 64 letters, digits and . - _ @, without blanks, not `Ada Lovelace`
              city.toml:7: role: viewer, operator or administrator is expected, not `operater` (did you mean `operator`?)
              city.toml:8: password: a hash that `citysense password` printed is expected, $argon2id$v=19$…
              city.toml:9: areas: zones.geojson has no zone `kind:peer` (did you mean `kind:pier`?)
              city.toml:14: [[access.user]] there are two users with the name `bo`
              city.toml:18: areas: no zone is named; leave areas out for the whole city
              city.toml:19: [[access.token]] token is missing
              city.toml:22: unknown key `tokn` in [[access.token]] (did you mean `token`?)
              city.toml:23: [[access.token]] somebody else has the name `bo`; what is done must show by whom
              city.toml:23: areas: zones.geojson has no zone `quai` (did you mean `quay`?)
              city.toml:28: [[access.token]] another program has the same token; make one for each with `citysense token`
              city.toml:32: unknown key `password` in [[access.token]]
              city.toml:36: token: sha256: and 64 hexadecimal digits are expected, as `citysense token NAME` prints them"#]],
    );
}
