//! The table of rights against plain words: what a filter covers, what the files say, which names are none.

use std::collections::BTreeSet;
use std::sync::Arc;

use expect_test::expect;

use super::*;
use crate::access::{Digest, Hashed, Reach, Role, Token, User};

fn city() -> CityId {
    CityId::new("harbour").unwrap_or_else(|_| panic!("a valid id"))
}

fn quay() -> Reach {
    let zone = ZoneId::new("quay").unwrap_or_else(|_| panic!("a valid id"));
    Reach {
        wanted: vec!["quay".to_owned()],
        areas: Areas::Zones(Arc::new(BTreeSet::from([zone]))),
    }
}

fn policy(user: &str) -> Policy {
    Policy {
        is_declared: true,
        anonymous: false,
        users: vec![User {
            name: user.to_owned(),
            role: Role::Operator,
            reach: quay(),
            password: Hashed(String::new()),
        }],
        tokens: vec![Token {
            name: "desk".to_owned(),
            role: Role::Viewer,
            reach: Reach::default(),
            digest: Digest::of(b""),
        }],
    }
}

#[test]
fn a_filter_covers_only_what_all_fits_it() {
    for (granted, asked, expected) in [
        ("a/+/quay/#", "a/+/quay/#", true),
        ("a/+/quay/#", "a/gas/quay/1", true),
        ("a/+/quay/#", "a/gas/quay", true),
        ("a/+/quay/#", "a/#", false),
        ("a/+/quay/#", "#", false),
        ("a/+/quay/#", "a/+/+/1", false),
        ("a/+/quay/#", "a/+/mole/1", false),
        ("a/+/quay/#", "$share/g/a/+/quay/#", false),
        ("node/+/down", "node/n0/down", true),
        ("node/+/down", "node/n0/up", false),
        ("node/+/down", "node/+/#", false),
        ("node/+/down", "node/#/down", false),
        ("node/+/down", "node/n0/down/x", false),
        ("node/+/down", "node/n0", false),
        ("gateway/+", "gateway/#", false),
        ("gateway/+", "gateway/", true),
    ] {
        assert_eq!(covers(granted, asked), expected, "{granted} {asked}");
    }
}

#[test]
fn one_may_hear_of_ones_zones_and_say_nothing() {
    let Areas::Zones(_) = quay().areas else {
        panic!("a part")
    };
    let own = Rights::of_readers(city(), &quay().areas);
    assert!(own.may_hear("city/v1/harbour/alert/+/quay/+"));
    assert!(own.may_hear("city/v1/harbour/gateway/+"));
    for other in [
        "#",
        "city/v1/harbour/alert/#",
        "city/v1/harbour/alert/gas/mole/+",
        "city/v1/harbour/node/+/up",
        "city/v1/other/alert/+/quay/+",
    ] {
        assert!(!own.may_hear(other), "{other}");
        assert!(!own.may_say(other), "{other}");
    }
    let none = Rights::of_readers(city(), &Areas::none());
    assert_eq!(none.hears, ["city/v1/harbour/gateway/+"]);
    let nodes = Rights::of_nodes(city());
    assert!(nodes.may_say("city/v1/harbour/node/n0/alarm"));
    assert!(!nodes.may_say("city/v1/harbour/node/n0/down"));
    assert!(!nodes.may_hear("city/v1/harbour/node/n0/up"));
}

#[test]
fn mosquitto_is_told_in_its_words() {
    let text = file(Dialect::Mosquitto, city(), &policy("ada"), "gateway").unwrap_or_default();
    expect![[r#"
        # Who hears and says what in harbour, for mosquitto.conf: acl_file, with allow_anonymous true for nodes.
        # Nodes, without a name.
        topic write city/v1/harbour/node/+/up
        topic write city/v1/harbour/node/+/alarm
        topic write city/v1/harbour/node/+/status
        topic read city/v1/harbour/node/+/down

        # The gateway.
        user gateway
        topic readwrite city/v1/harbour/#

        user ada
        topic deny city/v1/harbour/node/#
        topic read city/v1/harbour/alert/+/quay/#
        topic read city/v1/harbour/cap/+/quay/#
        topic read city/v1/harbour/sensorthings/quay/#
        topic read city/v1/harbour/gateway/+

        user desk
        topic deny city/v1/harbour/node/#
        topic read city/v1/harbour/alert/#
        topic read city/v1/harbour/cap/#
        topic read city/v1/harbour/sensorthings/#
        topic read city/v1/harbour/gateway/+

        # Nodes that have their id as name.
        pattern write city/v1/harbour/node/%u/up
        pattern write city/v1/harbour/node/%u/alarm
        pattern write city/v1/harbour/node/%u/status
        pattern read city/v1/harbour/node/%u/down
    "#]]
    .assert_eq(&text);
}

#[test]
fn no_name_forges_a_line_or_borrows_anothers_rights() {
    let of = |dialect, user: &str, gateway: &str| file(dialect, city(), &policy(user), gateway);
    for forged in ["ada\ntopic readwrite #", "a b", "*", "%u", "+", "", "#"] {
        for dialect in [Dialect::Mosquitto, Dialect::Embedded] {
            let said = of(dialect, forged, "gateway");
            assert!(matches!(said, Err(BadName::Taken(_))), "{said:?}");
        }
        let said = of(Dialect::Mosquitto, "ada", forged);
        assert!(matches!(said, Err(BadName::Gateway(_))), "{said:?}");
    }
    let said = of(Dialect::Mosquitto, "gateway", "gateway");
    assert_eq!(said, Err(BadName::Taken("gateway".to_owned())));
    let said = of(Dialect::Embedded, "anonymous", "gateway");
    assert_eq!(said, Err(BadName::Reserved));
}
