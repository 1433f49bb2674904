//! Goal: at the broker a team hears of its own zones and of nothing else, can say nothing, and nodes and gateway go on
//! as ever. Method: one story at a real Mosquitto, with the list that `citysense acl` prints, and at the gateway's own
//! broker, with TLS and `[access]`; readers are Mosquitto's own clients, and who heard what is compared with the topics.

#![allow(clippy::unwrap_used)]

use std::path::Path;

use gateway::access::acl::{self, Dialect};
use gateway::access::{Digest, audit, password};
use gateway::city::{LoadedCity, Sources};
use serde_json::json;
use tests::certificates::{AUTHORITY, CERTIFICATE, KEY, make_certificates};
use tests::gateway::{Gateway, HandNode, files, until};
use tests::mosquitto::Mosquitto;
use tests::mosquitto_client::Way;
use wire::{Lane, Milli, Quantity};

const ADA: &str = "four words in a row";
const DESK: &str = "citysense_desk";
/// What Ada says where she should not, and its bytes in hexadecimal.
const FORGED: (&[u8], &str) = (b"forged", "666f72676564");
const QUAY: &str = "city/v1/harbour/alert/+/quay/#";
const ALL: &str = "city/v1/harbour/alert/#";

/// Two zones of a node each: `n0` on the quay, `n1` on the mole. Ada sees the quay, the desk everything.
fn town(broker: &str) -> Sources {
    let mut town = files(1, broker);
    town.nodes_csv += "n1,mole\n";
    let mole = r#"{"type":"Feature","properties":{"id":"mole","name":"Mole","kind":"square","area_m2":1000},
"geometry":{"type":"Polygon","coordinates":[[[1,0],[1.01,0],[1.01,0.01],[1,0.01],[1,0]]]}},"#;
    let before = r#""features":["#;
    let with = format!("{before}{mole}");
    town.zones_geojson = town.zones_geojson.replacen(before, &with, 1);
    let (hash, digest) = (password::hash(ADA).unwrap(), Digest::of(DESK.as_bytes()));
    town.city_toml += &format!(
        "[access]\nanonymous = \"none\"\n\
         [[access.user]]\nname = \"ada\"\nrole = \"operator\"\nareas = [\"quay\"]\npassword = \"{hash}\"\n\
         [[access.token]]\nname = \"desk\"\nrole = \"viewer\"\ntoken = \"{digest}\"\n"
    );
    town
}

fn write(town: &Sources, dir: &Path) {
    for (name, text) in [
        ("city.toml", &town.city_toml),
        ("zones.geojson", &town.zones_geojson),
        ("nodes.csv", &town.nodes_csv),
        ("rules.toml", town.rules_toml.as_ref().unwrap()),
    ] {
        std::fs::write(dir.join(name), text).unwrap();
    }
}

/// A leak on the mole, then one on the quay; Ada listens to `filter`, and tries to speak.
async fn story(gateway: &Gateway, way: &Way, filter: &str, nodes: [&mut HandNode; 2]) {
    let (ada, desk) = (Some(("ada", ADA)), Some(("desk", DESK)));
    let (hers, all) = (way.subscribe(ada, filter), way.subscribe(desk, ALL));
    let [quay, mole] = nodes;
    mole.deliver(Lane::Normal, Quantity::Ch4, Milli::whole(35))
        .await;
    until("the desk hears of the mole", || all.has_heard("/mole/")).await;
    quay.deliver(Lane::Normal, Quantity::Ch4, Milli::whole(25))
        .await;
    until("Ada hears of the quay", || hers.has_heard("/quay/")).await;
    until("so does the desk", || all.has_heard("/quay/")).await;

    // Whatever she says, nobody hears: neither other readers nor the gateway.
    for topic in [
        "city/v1/harbour/alert/gas/quay/00000000000000000000000000000000",
        "city/v1/harbour/cap/gas/quay/00000000000000000000000000000000",
        "city/v1/harbour/gateway/gw",
        "city/v1/harbour/node/n0/up",
        "city/v1/harbour/node/n0/down",
        "city/v1/harbour/node/ada/up",
    ] {
        way.publish(ada, topic, FORGED.0);
    }
    let before = all.lines().len();
    quay.deliver(Lane::Normal, Quantity::Ch4, Milli::whole(60))
        .await;
    until("the next word on the quay", || all.lines().len() > before).await;
    for (name, heard) in [("ada", hers.lines()), ("desk", all.lines())] {
        assert!(
            !heard.iter().any(|line| line.contains(FORGED.1)),
            "{name} {heard:?}"
        );
    }
    for line in hers.lines() {
        let topic = line.split(' ').next().unwrap_or_default();
        let is_hers = topic.contains("/quay/") || topic.starts_with("city/v1/harbour/gateway/");
        assert!(is_hers, "{line}");
    }
    // What she kept, if anything were kept, would be heard by whoever comes now.
    let late = way.subscribe(desk, ALL);
    until("what stands is told", || late.has_heard("/mole/")).await;
    until("what stands is told", || late.has_heard("/quay/")).await;
    assert!(!late.has_heard(FORGED.1), "{:?}", late.lines());
    for reason in ["malformed", "unknown_node", "seal"] {
        let refused = gateway.metric(&format!("citysense_refusals_total{{reason=\"{reason}\"}}"));
        assert_eq!(refused, 0.0, "{reason}");
    }
    // A wrong password is not let in.
    let mut wrong = way.subscribe(Some(("ada", "another in a row")), filter);
    let said = wrong.complaint().await.to_lowercase();
    assert!(
        said.contains("not authori") || said.contains("refused"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn mosquitto_with_the_printed_list_lets_a_team_hear_its_own_zones() {
    let dir = tempfile::tempdir().unwrap();
    let open = LoadedCity::from_sources(&town(""), None).unwrap();
    let (city, access) = (open.city.id, &open.settings.access);
    let rules = acl::file(Dialect::Mosquitto, city, access, "gateway").unwrap();
    let people = [("gateway", "own"), ("ada", ADA), ("desk", DESK)];
    let mosquitto = Mosquitto::start_guarded(&rules, &people);
    let password = dir.path().join("password");
    std::fs::write(&password, "own\n").unwrap();
    let section = format!(
        "{}\nuser = \"gateway\"\npassword_file = \"{}\"",
        mosquitto.section(),
        password.display()
    );
    let loaded = LoadedCity::from_sources(&town(&section), None).unwrap();
    let data = dir.path().join("data");
    let gateway = Gateway::start(&data, loaded, Some(mosquitto.address), None).await;
    let way = Way {
        port: mosquitto.address.port(),
        authority: None,
    };
    let stranger = way.subscribe(None, "#");
    let mut quay = HandNode::start(mosquitto.address, "n0", 1).await;
    let mut mole = HandNode::start(mosquitto.address, "n1", 1).await;
    story(&gateway, &way, "#", [&mut quay, &mut mole]).await;
    // Whoever has no name gets what is sealed for nodes, and nothing that is said of the city.
    let overheard = stranger.lines();
    let is_sealed = |line: &String| line.contains("/node/") && line.contains("/down ");
    assert!(overheard.iter().all(is_sealed), "{overheard:?}");
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_own_broker_with_tls_goes_by_the_citys_own_access() {
    let (dir, keys) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    make_certificates(keys.path());
    let key = |name| keys.path().join(name).display().to_string();
    let section = format!(
        "bind = \"127.0.0.1:0\"\naccess = \"city\"\n[broker.tls]\ncertificate = \"{}\"\nkey = \"{}\"",
        key(CERTIFICATE),
        key(KEY)
    );
    let mut town = town(&section);
    write(&town, dir.path());
    let gateway = Gateway::start_in(&dir.path().join("data"), dir.path()).await;
    let (port, trust) = (gateway.broker.port(), keys.path().join(AUTHORITY));
    let way = Way {
        port,
        authority: Some(trust.clone()),
    };
    let mut quay = HandNode::start_tls(port, &trust, "n0", 1).await;
    let mut mole = HandNode::start_tls(port, &trust, "n1", 1).await;
    story(&gateway, &way, QUAY, [&mut quay, &mut mole]).await;

    // More than one's own is not granted, and to nobody without a name anything but what nodes hear.
    let (ada, desk) = (Some(("ada", ADA)), Some(("desk", DESK)));
    for (who, filter) in [
        (ada, "#"),
        (ada, ALL),
        (ada, "city/v1/harbour/alert/+/mole/#"),
        (ada, "$share/team/city/v1/harbour/alert/#"),
        (ada, "city/v1/harbour/node/+/up"),
        (desk, "city/v1/harbour/node/+/up"),
        (None, ALL),
        (None, "city/v1/harbour/node/+/up"),
    ] {
        let said = way.subscribe(who, filter).complaint().await;
        assert!(said.contains("denied"), "{who:?} {filter} {said}");
    }
    // Nobody comes in as the gateway, nor pushes it out by the name of its client.
    let own = Some(("citysense/gateway", "guess"));
    let said = way.subscribe(own, "#").complaint().await;
    assert!(!said.is_empty(), "a guess is turned away");

    // Her part of the city changes: what she listens to is not hers any more, and she is sent away.
    let mut hers = way.subscribe(ada, QUAY);
    until("she hears of the quay", || hers.has_heard("/quay/")).await;
    town.city_toml = town
        .city_toml
        .replace("areas = [\"quay\"]", "areas = [\"mole\"]");
    write(&town, dir.path());
    let said = hers.complaint().await;
    assert!(!said.is_empty(), "the connection is cut");
    let said = way.subscribe(ada, QUAY).complaint().await;
    assert!(said.contains("denied"), "{said}");
    let moved = way.subscribe(ada, "city/v1/harbour/alert/+/mole/#");
    until("she hears of the mole", || moved.has_heard("/mole/")).await;
    mole.deliver(Lane::Normal, Quantity::Ch4, Milli::whole(70))
        .await;

    // Whoever guesses waits: five mistakes are free, then each costs twice as long, so that in a minute six more are
    // judged at most. Programs and nodes at the same address go on.
    const GUESSES: usize = 20;
    let words: Vec<String> = (0..GUESSES).map(|guess| format!("guess {guess}")).collect();
    let guessing = words
        .iter()
        .map(|word| way.subscribe(Some(("ada", word)), QUAY));
    let guessing: Vec<_> = guessing.collect();
    let mut waiting = 0;
    for mut guess in guessing {
        let said = guess.complaint().await;
        waiting += usize::from(said.contains("unavailable"));
    }
    assert!(
        waiting >= GUESSES - 11,
        "{waiting} of {GUESSES} had to wait"
    );
    let all = way.subscribe(desk, ALL);
    quay.deliver(Lane::Normal, Quantity::Ch4, Milli::whole(80))
        .await;
    until("the desk hears", || all.has_heard("/quay/")).await;
    gateway.stop().await;

    // Who came in, who did not and as whom they tried, is written down; what was only too much is counted.
    let (entries, _) = audit::read(&dir.path().join("data"), 1_000).unwrap();
    let came = |who: Option<&str>, outcome: &str| {
        let of = |entry: &&audit::Entry| {
            (entry.who.as_deref(), entry.outcome.as_str()) == (who, outcome)
        };
        let entries = entries
            .iter()
            .filter(|entry| entry.what == "broker sign-in");
        entries.filter(of).collect::<Vec<_>>()
    };
    let (person, program) = (
        came(Some("ada"), "accepted"),
        came(Some("desk"), "accepted"),
    );
    assert_eq!(person[0].role, "operator");
    assert_eq!(program[0].role, "viewer");
    assert_eq!(program[0].address, "127.0.0.1");
    let wrong = came(None, "wrong");
    let named = |name: &str| {
        wrong
            .iter()
            .filter(|entry| entry.on == Some(json!({ "name": name })))
            .count()
    };
    assert_eq!(named("citysense/gateway"), 1);
    // One of the story, and those guesses that were judged.
    assert_eq!(named("ada"), 1 + GUESSES - waiting);
    assert_eq!(wrong.len(), 1 + named("ada"), "{wrong:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_own_broker_reads_files_that_the_city_has_itself() {
    let dir = tempfile::tempdir().unwrap();
    let loaded = LoadedCity::from_sources(&town(""), None).unwrap();
    let (city, access) = (loaded.city.id, &loaded.settings.access);
    let rules = acl::file(Dialect::Embedded, city, access, "").unwrap();
    let hash = |password| password::hash(password).unwrap();
    let passwords = format!("ada:{}\ndesk:{}\n", hash(ADA), hash(DESK));
    let (at, list) = (dir.path().join("passwords"), dir.path().join("acl"));
    std::fs::write(&at, passwords).unwrap();
    std::fs::write(&list, rules).unwrap();
    let section = format!(
        "bind = \"127.0.0.1:0\"\npasswords = \"{}\"\nacl = \"{}\"",
        at.display(),
        list.display()
    );
    let loaded = LoadedCity::from_sources(&town(&section), None).unwrap();
    let gateway = Gateway::start(&dir.path().join("data"), loaded, None, None).await;
    let way = Way {
        port: gateway.broker.port(),
        authority: None,
    };
    let mut quay = HandNode::start(gateway.broker, "n0", 1).await;
    let mut mole = HandNode::start(gateway.broker, "n1", 1).await;
    story(&gateway, &way, QUAY, [&mut quay, &mut mole]).await;
    let said = way.subscribe(Some(("ada", ADA)), ALL).complaint().await;
    assert!(said.contains("denied"), "{said}");
    gateway.stop().await;
}
