//! Open data as others meet it, with tools of their making: a SensorThings client of Fraunhofer's reads the same figures
//! as our own API tells; rdflib and pyshacl read the catalogue; schemathesis asks everything that the description
//! allows and much that it does not; mosquitto_sub hears new figures.
//!
//! The figures are a board filled by hand ([`tests::wall`]) for all but the topics and the command, which have a whole gateway.
//! The Python tools stand in `target/open-data`, where `tests/run` puts them.

#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use gateway::city::LoadedCity;
use pipeline::calendar::{MINUTE, rfc3339};
use serde_json::Value;
use tests::gateway::{EMBEDDED, Gateway, HandNode, Listener, files};
use tests::open_data::{file, found, get, json, tool, wall};
use wire::filter::zone_filters;
use wire::topic::Observations;
use wire::{Lane, Milli, Quantity};

#[tokio::test(flavor = "multi_thread")]
async fn a_client_of_others_reads_the_figures_of_our_own_api() {
    let wall = wall().await;
    let root = format!("http://{}/sensorthings/v1.1", wall.address);
    let read = found("client.py", &[&root]).await;
    let zones = json(&wall, "/api/v1/zones").await;
    let zones = zones["zones"].as_array().unwrap();
    let mut compared = BTreeSet::new();
    for zone in zones {
        let id = zone["id"].as_str().unwrap();
        let thing = &read["things"][id];
        assert_eq!(
            (&thing["name"], &thing["kind"]),
            (&zone["name"], &zone["kind"])
        );
        assert_eq!(thing["shapes"], serde_json::json!(["Polygon"]));
        for figure in zone["figures"].as_array().unwrap() {
            let value = figure["value"].as_str().unwrap();
            let newest = &read["newest"][format!("{id}:{value}")];
            assert_eq!(newest["result"], figure["mean"], "{id} {value}");
            assert_eq!(newest["unit"], figure["unit"]);
            let quality = &newest["quality"];
            for (theirs, ours) in [
                ("completeness", "completeness"),
                ("provisional", "provisional"),
                ("saturated", "saturated"),
                ("readings", "count"),
            ] {
                assert_eq!(quality[theirs], figure[ours], "{id} {value} {ours}");
            }
            assert_eq!(quality["withheld"], figure["mean"].is_null());
            compared.insert(format!("{id}:{value}"));
        }
    }
    assert_eq!(read["things"].as_object().unwrap().len(), zones.len());
    assert!(compared.len() > 40, "{}", compared.len());
    assert!(compared.contains("breakwater:crowd_count"));
    let few = &read["newest"]["breakwater:crowd_count"];
    assert_eq!(few["result"], Value::Null);
    assert_eq!(few["quality"]["range"]["under"], 5.0);
    let above = read["above"].as_array().unwrap();
    assert!(!above.is_empty() && above.iter().all(|pane| pane.as_f64() > Some(60.0)));
    assert!(read["panes"].as_array().unwrap().len() > 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_catalogue_is_dcat_ap_to_others_tools() {
    let wall = wall().await;
    let base = format!("http://{}", wall.address);
    let found = found("catalogue.py", &[&base, &file("dcat_ap.ttl")]).await;
    assert_eq!(
        found["conforms"],
        true,
        "{}",
        found["report"].as_str().unwrap()
    );
    assert_eq!(found["notices"], true, "the shapes notice nothing");
    assert_eq!(found["same"], true, "JSON-LD and Turtle differ");
    assert_eq!(found["catalogues"], 1);
    assert_eq!(found["datasets"].as_array().unwrap().len(), 2);
    let licence = "https://creativecommons.org/publicdomain/zero/1.0/";
    assert_eq!(found["licences"], serde_json::json!([licence]));
    // Everything that the catalogue promises is there.
    let addresses = ["downloads", "endpoints"].map(|list| found[list].as_array().unwrap());
    for address in addresses.into_iter().flatten() {
        let path = address.as_str().unwrap().strip_prefix(&base).unwrap();
        let (head, _) = get(&wall, path).await;
        assert!(head.starts_with("HTTP/1.1 200"), "{path}: {head}");
    }
}

/// Questions that the description allows and others, at random but always the same ones: no failure of the server, and
/// every answer is as described.
#[tokio::test(flavor = "multi_thread")]
async fn every_answer_is_as_it_is_described() {
    let mut wall = wall().await;
    let address = format!("http://{}/api/openapi.json", wall.address);
    let arguments = [
        "run",
        &address,
        "--checks",
        "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
        "--phases",
        "coverage,fuzzing",
        "--max-examples",
        "25",
        "--seed",
        "7",
        "--no-shrink",
        // Two at a time trip over Python's parser, which before 3.11.8 keeps its depth for all threads together.
        "--workers",
        "1",
        "--suppress-health-check",
        "all",
        "--warnings",
        "off",
        // The stream has no end; readiness is what it is; the journal of a board without a gateway takes no actions.
        "--exclude-path",
        "/api/v1/stream",
        "--exclude-path",
        "/readyz",
    ];
    let asked = tool("schemathesis", &arguments);
    tokio::pin!(asked);
    let output = loop {
        tokio::select! {
            output = &mut asked => break output,
            // Somebody has to take what is asked to be done.
            Some(_) = wall.actions.recv() => {}
        }
    };
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_say_what_the_api_says() {
    let wall = wall().await;
    let (head, table) = get(&wall, "/export/zones.csv").await;
    let head = head.to_lowercase();
    assert!(head.contains("content-type: text/csv"), "{head}");
    assert!(head.contains("zero/1.0/>; rel=\"license\""), "{head}");
    let mut newest: BTreeMap<(String, String), csv::StringRecord> = BTreeMap::new();
    let mut rows = csv::Reader::from_reader(table.as_bytes());
    assert_eq!(
        rows.headers()
            .unwrap()
            .iter()
            .take(9)
            .collect::<Vec<_>>()
            .join(","),
        "zone,quantity,pane_start,mean,min,max,count,heard,expected"
    );
    for row in rows.records() {
        let row = row.unwrap();
        newest.insert((row[0].to_owned(), row[1].to_owned()), row);
    }
    let zones = json(&wall, "/api/v1/zones").await;
    let mut compared = 0;
    for zone in zones["zones"].as_array().unwrap() {
        for figure in zone["figures"].as_array().unwrap() {
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            let row = &newest[&(text(&zone["id"]), text(&figure["value"]))];
            assert_eq!(row[2], figure["pane_start"]);
            match figure["mean"].as_f64() {
                Some(mean) => assert_eq!(row[3].parse::<f64>().unwrap(), mean),
                None => assert_eq!(&row[3], "<5"),
            }
            assert_eq!(
                (&row[9], &row[14]),
                (&*text(&figure["unit"]), &*text(&zone["name"]))
            );
            compared += 1;
        }
    }
    assert!(compared > 40);
    let from = rfc3339(wall.now() - 10 * MINUTE);
    let (_, part) = get(
        &wall,
        &format!("/export/zones.csv?zone=tern-hill&value=pm2_5&from={from}"),
    )
    .await;
    assert!((9..=12).contains(&part.lines().count()), "{part}");

    let (_, table) = get(&wall, "/export/alerts.csv").await;
    let alerts = json(&wall, "/api/v1/alerts").await;
    let ids: BTreeSet<&str> = table.lines().skip(1).map(|line| &line[..32]).collect();
    let open = alerts["alerts"].as_array().unwrap().iter();
    let expected: BTreeSet<&str> = open.map(|alert| alert["id"].as_str().unwrap()).collect();
    assert_eq!(ids, expected);
    let described = json(&wall, "/export/alerts.csv-metadata.json").await;
    let columns = described["tableSchema"]["columns"].as_array().unwrap();
    let names: Vec<&str> = columns
        .iter()
        .map(|c| c["name"].as_str().unwrap())
        .collect();
    assert_eq!(names.join(","), table.lines().next().unwrap());
}

/// Every line of the README's section, against the wall.
#[tokio::test(flavor = "multi_thread")]
async fn the_readmes_examples_work() {
    let wall = wall().await;
    let readme = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let readme = std::fs::read_to_string(readme).unwrap();
    let (_, section) = readme.split_once("\n## Open data\n").unwrap();
    let (_, block) = section.split_once("```sh\n").unwrap();
    let (block, _) = block.split_once("```").unwrap();
    let script = block.replace("127.0.0.1:8080", &wall.address.to_string());
    assert!(script.lines().count() > 5);
    let dir = tempfile::tempdir().unwrap();
    let mut bash = tokio::process::Command::new("bash");
    bash.args(["-euxo", "pipefail", "-c", &script]);
    let output = bash.current_dir(dir.path()).output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let answers = String::from_utf8(output.stdout).unwrap();
    for sign in [
        "dcat:Catalog",
        "\"unitOfMeasurement\"",
        "\"phenomenonTime\"",
        "\"openapi\"",
    ] {
        assert!(answers.contains(sign), "{sign}");
    }
    assert!(dir.path().join("zones.csv").exists());
}

/// A gateway's journal as a table, and its new figures on their topics.
#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_tells_new_figures_and_its_journal_becomes_tables() {
    let dir = tempfile::tempdir().unwrap();
    let (data, city_dir) = (dir.path().join("data"), dir.path().join("city"));
    let mut sources = files(1, EMBEDDED);
    sources.city_toml += "[open_data]\nmqtt = true\nlicence = \"CC-BY-4.0\"\n";
    std::fs::create_dir(&city_dir).unwrap();
    for (name, text) in [
        ("city.toml", &sources.city_toml),
        ("zones.geojson", &sources.zones_geojson),
        ("nodes.csv", &sources.nodes_csv),
        ("rules.toml", sources.rules_toml.as_ref().unwrap()),
    ] {
        std::fs::write(city_dir.join(name), text).unwrap();
    }
    let city = LoadedCity::from_sources(&sources, None).unwrap();
    let gateway = Gateway::start(&data, city, None, None).await;
    let [.., filter] = zone_filters("harbour".parse().unwrap(), "quay".parse().unwrap());
    let mut people = Listener::start(gateway.broker, "people", &filter.to_string()).await;
    let mut node = HandNode::start(gateway.broker, "n0", 1).await;
    node.deliver(Lane::Normal, Quantity::Ch4, Milli::whole(35))
        .await;
    let (topic, said) = people.next_json().await;
    let told = Observations::parse(&topic).unwrap();
    assert_eq!((told.zone.as_str(), told.value), ("quay", "ch4"));
    assert_eq!(said["result"], 35.0);
    assert_eq!(
        said["resultQuality"]["completeness"],
        serde_json::json!({ "heard": 1, "expected": 1 })
    );
    gateway.stop().await;

    let export = |what, name: &str| {
        let out = dir.path().join(name);
        let args = gateway::commands::export::Args {
            data: data.clone(),
            city: city_dir.clone(),
            what,
            out: out.clone(),
            from: None,
            until: None,
        };
        let rows = gateway::commands::export::export(&args).unwrap();
        let description = std::fs::read_to_string(dir.path().join(format!("{name}-metadata.json")));
        let description: Value = serde_json::from_str(&description.unwrap()).unwrap();
        assert_eq!(
            description["dc:license"]["@id"],
            "https://creativecommons.org/licenses/by/4.0/"
        );
        (rows, std::fs::read_to_string(out).unwrap())
    };
    let (rows, zones) = export(gateway::export::Table::Zones, "zones.csv");
    assert_eq!(rows as usize, zones.lines().count() - 1);
    let methane = zones.lines().find(|line| line.starts_with("quay,ch4,"));
    assert!(
        methane.unwrap().contains(",35,35,35,1,1,1,%{LEL},"),
        "{zones}"
    );
    let (rows, alerts) = export(gateway::export::Table::Alerts, "alerts.csv");
    assert_eq!(rows, 1, "{alerts}");
    assert!(
        alerts.contains(",gas,gas,quay,Quay,severe,35,%{LEL},20,"),
        "{alerts}"
    );
}
