//! The city's files change while the gateway runs: what changed corrects what stands, what is wrong changes nothing.

#![allow(clippy::unwrap_used)]

use std::path::Path;

use gateway::city::{Numbers, Sources};
use gateway::events::Events;
use gateway::journal::{Journal, NUMBERS};
use gateway::metrics::Metrics;
use tests::gateway::{EMBEDDED, Gateway, HandNode, Listener, files, until};
use wire::{Lane, Milli, Quantity};

fn write(dir: &Path, sources: &Sources) {
    std::fs::write(dir.join("city.toml"), &sources.city_toml).unwrap();
    std::fs::write(dir.join("zones.geojson"), &sources.zones_geojson).unwrap();
    std::fs::write(dir.join("nodes.csv"), &sources.nodes_csv).unwrap();
    std::fs::write(dir.join("rules.toml"), sources.rules_toml.as_ref().unwrap()).unwrap();
}

/// Waits until the gateway has looked at the change; answers nothing, the metric does.
async fn looked_at(gateway: &Gateway, outcome: &str, times: f64) {
    let series = format!("citysense_city_reloads_total{{outcome=\"{outcome}\"}}");
    until("the files are read again", || {
        gateway.metric(&series) == times
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_threshold_that_changes_corrects_what_was_said_and_a_mistake_changes_nothing() {
    let (city, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut sources = files(1, EMBEDDED);
    write(city.path(), &sources);
    let gateway = Gateway::start_in(data.path(), city.path()).await;
    let mut people = Listener::start(gateway.broker, "people", "city/v1/harbour/alert/#").await;
    let mut node = HandNode::start(gateway.broker, "n0", 1).await;
    node.deliver(Lane::Normal, Quantity::Ch4, Milli::whole(15))
        .await;

    // 15 is below 20; with 12 it was a leak all along, and the alert begins with the reading.
    let rules = sources.rules_toml.take().unwrap();
    sources.rules_toml = Some(rules.replace("raise_at = 20", "raise_at = 12"));
    write(city.path(), &sources);
    looked_at(&gateway, "used", 1.0).await;
    let (_, raised) = people.next_json().await;
    assert_eq!(
        (&raised["state"], &raised["value"], &raised["threshold"]),
        (&"raised".into(), &15.0.into(), &12.0.into())
    );

    // A file that is not TOML leaves the version before in force.
    sources.rules_toml = Some("[[rule]]\nid = ".to_owned());
    write(city.path(), &sources);
    looked_at(&gateway, "refused", 1.0).await;
    node.deliver(Lane::Normal, Quantity::Ch4, Milli::whole(25))
        .await;
    let (_, worse) = people.next_json().await;
    assert_eq!(
        (&worse["id"], &worse["value"], &worse["threshold"]),
        (&raised["id"], &25.0.into(), &12.0.into())
    );

    // With 40 it never was one: the same id is cancelled, and says why.
    sources.rules_toml = Some(rules.replace("raise_at = 20", "raise_at = 40"));
    write(city.path(), &sources);
    looked_at(&gateway, "used", 2.0).await;
    let (_, cancelled) = people.next_json().await;
    assert_eq!(
        (&cancelled["id"], &cancelled["state"], &cancelled["reason"]),
        (&raised["id"], &"cancelled".into(), &"rule_change".into())
    );

    // A node that is added may speak at once; one that is taken out may not, and its number stays its own.
    let mut newcomer = HandNode::start(gateway.broker, "late", 1).await;
    sources.nodes_csv = "node,zone\nn0,quay\nearly,quay\n".to_owned();
    write(city.path(), &sources);
    looked_at(&gateway, "used", 3.0).await;
    sources.nodes_csv = "node,zone\nlate,quay\n".to_owned();
    write(city.path(), &sources);
    looked_at(&gateway, "used", 4.0).await;
    newcomer
        .deliver(Lane::Normal, Quantity::Ch4, Milli::whole(50))
        .await;
    let (_, leak) = people.next_json().await;
    // In the pane of the alert that was cancelled it is that one again, in a later pane it is a new one.
    assert_eq!(leak["value"], 50.0);
    assert!(leak["state"] == "raised" || leak["id"] == raised["id"]);
    let stranger = node.seal(Lane::Normal, Quantity::Ch4, Milli::whole(1));
    node.send("up", &stranger).await;
    until("a node that left is unknown", || {
        gateway.metric("citysense_refusals_total{reason=\"unknown_node\"}") == 1.0
    })
    .await;
    gateway.stop().await;

    let events = Events::new(std::sync::Arc::new(Metrics::new().unwrap()));
    let journal = Journal::open(data.path(), events, None).unwrap();
    let numbers: Numbers = journal.meta(NUMBERS).unwrap().unwrap();
    let loaded = gateway::city::load_numbered(city.path(), numbers).unwrap();
    assert_eq!(loaded.city.nodes.len(), 1);
    assert_eq!(loaded.city.nodes[0].ix.0, 2, "0 and 1 were nodes that left");
}

/// Two zones side by side that part at `border`, in degrees of longitude.
fn parted_at(border: f64) -> String {
    let zone = |id: &str, west: f64, east: f64| {
        format!(
            r#"{{"type":"Feature","properties":{{"id":"{id}","name":"{id}","kind":"square","area_m2":1000}},
"geometry":{{"type":"Polygon","coordinates":[[[{west},0],[{east},0],[{east},0.01],[{west},0.01],[{west},0]]]}}}}"#
        )
    };
    let zones = [zone("quay", 0.0, border), zone("pier", border, 0.02)].join(",");
    format!(r#"{{"type":"FeatureCollection","features":[{zones}]}}"#)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_boundary_that_moves_takes_the_alert_into_the_other_zone() {
    let (city, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut sources = files(1, EMBEDDED);
    sources.zones_geojson = parted_at(0.01);
    sources.nodes_csv = "node,lon,lat\nn0,0.008,0.005\n".to_owned();
    write(city.path(), &sources);
    let gateway = Gateway::start_in(data.path(), city.path()).await;
    let mut people = Listener::start(gateway.broker, "people", "city/v1/harbour/alert/#").await;
    let mut node = HandNode::start(gateway.broker, "n0", 1).await;
    node.deliver(Lane::Normal, Quantity::Ch4, Milli::whole(25))
        .await;
    let (_, there) = people.next_json().await;
    assert_eq!(
        (&there["state"], &there["zone"]),
        (&"raised".into(), &"quay".into())
    );

    // The node stood in the other zone all along: what was told of the one is taken back under its id.
    sources.zones_geojson = parted_at(0.006);
    write(city.path(), &sources);
    looked_at(&gateway, "used", 1.0).await;
    let mut told = [people.next_json().await.1, people.next_json().await.1];
    told.sort_by_key(|alert| alert["state"].to_string());
    let [cancelled, raised] = told;
    assert_eq!(
        (&cancelled["id"], &cancelled["state"], &cancelled["reason"]),
        (&there["id"], &"cancelled".into(), &"registry".into())
    );
    assert_eq!(
        (&raised["state"], &raised["zone"], &raised["onset"]),
        (&"raised".into(), &"pier".into(), &there["onset"])
    );
    assert_ne!(raised["id"], there["id"]);

    // Where the node stands nowhere, nobody says that the danger is over: what was told is in question.
    sources.zones_geojson = parted_at(0.006).replace("0.02", "0.007");
    write(city.path(), &sources);
    looked_at(&gateway, "used", 2.0).await;
    let (_, unsure) = people.next_json().await;
    assert_eq!(
        (&unsure["id"], &unsure["state"], &unsure["reason"]),
        (&raised["id"], &"unconfirmed".into(), &"registry".into())
    );
    gateway.stop().await;
}
