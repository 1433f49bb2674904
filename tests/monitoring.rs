//! What is text in the repository's monitoring: rules, routing, dashboards, compose; and how much a scrape is.
//!
//! Goal: a mistake in one of these files is found here, not in the night when it is needed. Method: promtool, amtool and
//! Grafana's own schema read them; routing and inhibition are asked of a real Alertmanager; a city as large as a gateway is
//! meant for is scraped. Whether the expressions have data is asked beside the demo, in prometheus.rs.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use saphyr::{LoadableYamlNode, Yaml};
use tests::alertmanager::{Alertmanager, get};
use tests::dashboard::grafana_dashboards;
use tests::gateway::metric;
use tests::metropolis::{Metropolis, ZONES};
use tests::prometheus::{content, dashboards};

#[test]
fn promtool_is_content_with_configuration_and_rules_and_every_alert_is_tested_both_ways() {
    let folder = dashboards().join("prometheus");
    let file = |name: &str| folder.join(name).display().to_string();
    content(
        "promtool",
        &["check", "config", &file("prometheus.yml")],
        None,
    );
    content(
        "promtool",
        &["test", "rules", &file("alerting_test.yml")],
        None,
    );
    let rules = fs::read_to_string(folder.join("alerting.yml")).unwrap();
    let tests = fs::read_to_string(folder.join("alerting_test.yml")).unwrap();
    let rules: Vec<&str> = rules.split("- alert: ").skip(1).collect();
    assert!(rules.len() >= 20);
    for rule in rules {
        let name = rule.lines().next().unwrap();
        for key in ["severity:", "summary:", "description:", "action:", "link:"] {
            assert!(rule.contains(key), "{name} has no {key}");
        }
        let expected: Vec<&str> = tests
            .split("- expr: ")
            .filter(|test| test.contains(&format!("alertname=\"{name}\"")))
            .collect();
        let quiet = expected
            .iter()
            .filter(|test| test.contains("exp_samples: []"));
        assert!(
            (quiet.count(), expected.len()) == (1, 2),
            "{name} is not tested to fire and not to fire"
        );
    }
}

#[test]
fn alerts_are_routed_by_status_kind_severity_and_area() {
    let file = dashboards().join("alertmanager/alertmanager.yml");
    let file = file.display().to_string();
    content("amtool", &["check-config", &file], None);
    let config = format!("--config.file={file}");
    for (labels, receivers) in [
        (
            "kind=crowd severity=severe zone=old-town status=actual",
            "crowd-stewards",
        ),
        (
            "kind=crowd severity=extreme zone=old-town status=actual",
            "emergency,crowd-stewards",
        ),
        (
            "kind=gas severity=extreme zone=gull-terminal status=actual",
            "emergency,harbour-master,fire-brigade",
        ),
        (
            "kind=gas severity=minor zone=gull-terminal status=actual",
            "fire-brigade",
        ),
        (
            "kind=fire severity=severe zone=mill-town status=actual",
            "fire-brigade",
        ),
        (
            "kind=smog severity=moderate zone=mill-town status=actual",
            "environment-office",
        ),
        (
            "kind=flood severity=severe zone=ferry-quay status=actual",
            "harbour-master,waterworks",
        ),
        (
            "kind=traffic severity=minor zone=marsh-yard status=actual",
            "traffic-control",
        ),
        (
            "kind=silence severity=minor zone=marsh-yard status=actual",
            "gateway-team",
        ),
        (
            "kind=parade severity=moderate zone=old-town status=actual",
            "operations-room",
        ),
        (
            "kind=gas severity=extreme zone=gull-terminal status=simulated",
            "exercise",
        ),
        (
            "kind=gas severity=extreme zone=gull-terminal status=exercise",
            "exercise",
        ),
        (
            "kind=operations severity=minor alertname=CitysenseFramesLost",
            "gateway-team",
        ),
        (
            "kind=operations severity=severe alertname=CitysenseDown",
            "gateway-on-call",
        ),
    ] {
        let mut arguments = vec!["config", "routes", "test", &config];
        arguments.extend(labels.split(' '));
        assert_eq!(
            content("amtool", &arguments, None).trim(),
            receivers,
            "{labels}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_minor_alert_waits_where_an_extreme_one_stands() {
    let mut alertmanager = Alertmanager::start_routed();
    let alert = |kind: &str, severity: &str, zone: &str| {
        serde_json::json!({ "labels": {
            "alertname": format!("{kind}-{severity}"), "kind": kind, "severity": severity,
            "zone": zone, "city": "harbour", "status": "actual",
        }})
    };
    let alerts = [
        alert("gas", "extreme", "old-town"),
        alert("traffic", "minor", "old-town"),
        alert("flood", "moderate", "old-town"),
        alert("noise", "minor", "mill-town"),
    ];
    alertmanager.post(&serde_json::to_string(&alerts).unwrap());
    let mut told = BTreeSet::new();
    while told.len() < 4 {
        let call = alertmanager.next_call().await;
        let text = |name: &str| call["labels"][name].as_str().unwrap().to_owned();
        told.insert((
            call["receiver"].as_str().unwrap().to_owned(),
            text("alertname"),
        ));
    }
    let expected = [
        ("emergency", "gas-extreme"),
        ("environment-office", "noise-minor"),
        ("fire-brigade", "gas-extreme"),
        ("waterworks", "flood-moderate"),
    ];
    let expected = expected.map(|(receiver, name)| (receiver.to_owned(), name.to_owned()));
    assert_eq!(told, BTreeSet::from(expected));
    let held = alertmanager.firing();
    let held = held
        .iter()
        .find(|alert| alert["labels"]["kind"] == "traffic");
    assert_eq!(held.unwrap()["status"]["state"], "suppressed");
}

#[test]
fn dashboards_keep_to_grafanas_schema_and_lead_to_each_other() {
    let root = dashboards();
    let sdk = root.join("../target/grafana-sdk");
    let files = grafana_dashboards();
    let mut check = Command::new("python3");
    check
        .arg(root.join("../tests/grafana_schema.py"))
        .env("PYTHONPATH", &sdk)
        .args(
            files
                .iter()
                .map(|(name, _)| root.join("grafana/dashboards").join(name)),
        );
    let output = check
        .output()
        .expect("this test needs python3: apt-get install python3");
    assert!(
        output.status.success(),
        "{}{}\nwithout grafana_foundation_sdk in target/grafana-sdk: tests/run puts it there",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    let mut uids = BTreeSet::new();
    for (name, dashboard) in &files {
        let uid = dashboard["uid"].as_str().unwrap();
        assert!(uids.insert(uid), "{name}: {uid} is taken");
        let panels = dashboard["panels"].as_array().unwrap();
        let ids: BTreeSet<u64> = panels.iter().map(|p| p["id"].as_u64().unwrap()).collect();
        assert_eq!(ids.len(), panels.len(), "{name}: an id stands twice");
        for panel in panels.iter().filter(|panel| panel["type"] != "row") {
            let described = panel["description"]
                .as_str()
                .is_some_and(|text| text.len() > 5);
            assert!(described, "{name}: {} has no description", panel["title"]);
            let defaults = &panel["fieldConfig"]["defaults"];
            assert!(
                defaults["unit"].is_string(),
                "{name}: {} has no unit",
                panel["title"]
            );
            // What has ended is a gap, not a line that goes on.
            assert_ne!(
                defaults["custom"]["spanNulls"], true,
                "{name}: {}",
                panel["title"]
            );
            assert_eq!(panel["datasource"]["uid"], "${datasource}", "{name}");
        }
        let text = dashboard.to_string();
        assert!(
            text.contains("${page}"),
            "{name} does not lead to the operations page"
        );
        for part in text.split("/d/").skip(1) {
            let to = part.split('?').next().unwrap();
            assert!(
                files.iter().any(|(_, d)| d["uid"] == to),
                "{name} leads to {to}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scrape_of_a_large_city_is_bounded_and_says_what_it_left_out() {
    let scrape = |metrics: &'static str| async move {
        let city = Metropolis::serve(metrics).await;
        tokio::task::spawn_blocking(move || get(city.address, "/metrics").unwrap())
            .await
            .unwrap()
    };
    let count =
        |text: &str, start: &str| text.lines().filter(|line| line.starts_with(start)).count();
    let series = |text: &str| text.lines().filter(|line| !line.starts_with('#')).count();
    let left_out = |text: &str, reason: &str| {
        metric(
            text,
            &format!("citysense_metrics_left_out{{reason=\"{reason}\"}}"),
        ) as usize
    };
    let figures = |text: &str| count(text, "citysense_zone_age_seconds{");

    let text = scrape("").await;
    content("promtool", &["check", "metrics"], Some(&text));
    assert!(
        (1_900..=2_000).contains(&series(&text)),
        "{}",
        series(&text)
    );
    // What most depends on is there for every zone, with its age and its completeness.
    assert_eq!(
        count(&text, "citysense_crowd_density_persons_per_square_meter{"),
        ZONES
    );
    let epa = text
        .lines()
        .filter(|line| line.starts_with("citysense_air_index{"));
    let epa = epa.filter(|line| line.contains("standard=\"us-epa-2024\""));
    assert_eq!(epa.count(), ZONES);
    assert_eq!(
        figures(&text),
        count(&text, "citysense_zone_completeness_ratio{")
    );
    assert_eq!(metric(&text, "citysense_nodes{state=\"heard\"}"), 1_800.0);
    // Everything else is counted: figures, and the indices of the hour.
    let everything = scrape("[metrics]\nseries = 100000\n").await;
    let all = |text: &str| figures(text) + count(text, "citysense_air_index{");
    assert_eq!(left_out(&everything, "no_room"), 0);
    assert_eq!(left_out(&text, "no_room"), all(&everything) - all(&text));

    let chosen = scrape("[metrics]\nvalues = [\"noise\", \"pm2_5\"]\n").await;
    assert_eq!(
        count(&chosen, "citysense_zone_value{quantity=\"noise\""),
        ZONES
    );
    assert_eq!(figures(&chosen), 2 * ZONES);
    assert_eq!(left_out(&chosen, "no_room"), 0);
    assert_eq!(
        left_out(&chosen, "not_chosen"),
        all(&everything) - 2 * ZONES
    );
}

#[test]
fn compose_mounts_what_there_is() {
    let text = fs::read_to_string(dashboards().join("compose.yaml")).unwrap();
    let documents = Yaml::load_from_str(&text).unwrap();
    let services = documents[0]["services"].as_mapping().unwrap();
    let names: Vec<&str> = services.keys().map(|name| name.as_str().unwrap()).collect();
    assert_eq!(
        names,
        [
            "citysense",
            "mosquitto",
            "prometheus",
            "alertmanager",
            "grafana"
        ]
    );
    for (name, service) in services {
        let name = name.as_str().unwrap();
        let image = service["image"].as_str().unwrap();
        // Whatever is not made here is of one release.
        assert!(
            image.contains(':') || service.contains_mapping_key("build"),
            "{name}: {image}"
        );
        assert_eq!(service["network_mode"].as_str(), Some("host"), "{name}");
        for volume in service["volumes"].as_sequence().into_iter().flatten() {
            let volume = volume
                .as_str()
                .unwrap()
                .replace("${CITY:-", "")
                .replace('}', "");
            let from = volume.split(':').next().unwrap();
            let is_named = documents[0]["volumes"].contains_mapping_key(from);
            assert!(
                is_named || dashboards().join(from).exists(),
                "{name}: {from}"
            );
        }
    }
    let build = &documents[0]["services"]["citysense"]["build"];
    let context = dashboards().join(build["context"].as_str().unwrap());
    assert!(context.join(build["dockerfile"].as_str().unwrap()).exists());
}
