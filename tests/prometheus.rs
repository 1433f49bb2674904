//! Prometheus, Alertmanager and Grafana as the repository configures them, beside the demo city.
//!
//! Goal: nobody opens a dashboard of which half is empty, or learns in the night that an alert could never fire. Method:
//! the real Prometheus scrapes the demo by the real configuration; every expression of every dashboard and of every rule
//! is asked and must give data, alerts without their comparison; alerts arrive, through the real Alertmanager, where the
//! routing says. What is only text is in monitoring.rs.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use gateway::commands::demo::{Args, run_telling};
use gateway::config::AlertmanagerSettings;
use tests::alertmanager::{Alertmanager, get};
use tests::dashboard::{Question, grafana_dashboards, looked_at, questions};
use tests::gateway::free_address;
use tests::prometheus::{Prometheus, content};
use tests::terminal::{Terminal, read_until};

/// Everything that is asked has data after an hour of the story; a machine under load needs longer.
const PATIENCE: Duration = Duration::from_secs(240);

/// Questions that may go unanswered, by what they ask for, and why.
const MAY_BE_EMPTY: [(&str, &str); 3] = [
    (
        "citysense_zone_suspect_ratio{",
        "a series only where a quality test suspects somebody, which the story does not promise",
    ),
    (
        "citysense_zone_value_withheld_under{",
        "a series only where there are few people, which a festival square has late or never",
    ),
    (
        "citysense_exposed_persons",
        "a series only while a leak reaches people, and more of them than the privacy floor",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_question_is_answered_and_alerts_arrive_where_the_routing_says() {
    let mut alertmanager = Alertmanager::start_routed();
    let demo = demo(alertmanager.address);
    let metrics = get(demo, "/metrics").unwrap();
    content("promtool", &["check", "metrics"], Some(&metrics));
    // Nobody answers there: an alert about it is certain.
    let dead = free_address();
    let prometheus = Prometheus::start(&[demo, dead], alertmanager.address);

    let mut open = all_questions(&prometheus);
    let start = Instant::now();
    while !open.is_empty() && start.elapsed() < PATIENCE {
        open.retain(|question| match prometheus.query(&question.expression) {
            Ok(rows) => rows.is_empty(),
            Err(error) => panic!("{}: {}: {error}", question.place, question.expression),
        });
        let must = |question: &&Question| !may_be_empty(question);
        if open.iter().filter(must).count() == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let unanswered: Vec<String> = open
        .iter()
        .filter(|question| !may_be_empty(question))
        .map(|question| format!("{}: {}", question.place, question.expression))
        .collect();
    assert!(unanswered.is_empty(), "no data:\n{}", unanswered.join("\n"));

    // The city's own alerts come from the gateway and are simulated; the dead gateway's from Prometheus.
    let mut waits: BTreeSet<&str> = ["exercise", "gateway-on-call"].into();
    while !waits.is_empty() {
        let call = alertmanager.next_call().await;
        let (receiver, labels) = (call["receiver"].as_str().unwrap(), &call["labels"]);
        match receiver {
            "exercise" => assert_eq!(labels["status"], "simulated", "{call}"),
            "gateway-on-call" => {
                assert_eq!(labels["kind"], "operations", "{call}");
                if labels["alertname"] != "CitysenseDown" {
                    continue;
                }
                assert_eq!(labels["instance"], dead.to_string());
                assert!(call["annotations"]["action"].is_string(), "{call}");
            }
            "gateway-team" => assert_eq!(labels["kind"], "operations", "{call}"),
            other => panic!("{other} was told of {call}"),
        }
        waits.remove(receiver);
    }
}

fn may_be_empty(question: &Question) -> bool {
    let asks = |(what, _): &(&str, &str)| question.expression.contains(what);
    MAY_BE_EMPTY.iter().any(asks)
}

/// What all dashboards and rules ask.
fn all_questions(prometheus: &Prometheus) -> Vec<Question> {
    let mut all = Vec::new();
    for (name, dashboard) in grafana_dashboards() {
        all.extend(questions(&name, &dashboard, "lantern-square"));
    }
    for rule in prometheus.rules() {
        let name = rule["name"].as_str().unwrap();
        assert_ne!(rule["health"], "err", "{rule}");
        let query = rule["query"].as_str().unwrap();
        let expression = match rule["type"] == "alerting" {
            true => looked_at(query),
            false => query.to_owned(),
        };
        all.push(Question {
            place: format!("rule {name}"),
            expression,
        });
    }
    assert!(all.len() > 100, "only {} questions", all.len());
    for (what, _) in MAY_BE_EMPTY {
        let is_asked = all
            .iter()
            .any(|question| question.expression.contains(what));
        assert!(is_asked, "nobody asks for {what} any more");
    }
    all
}

/// The demo at the minute before the hour, with a crowd standing and a leak to come; where its page is.
fn demo(alertmanager: SocketAddr) -> SocketAddr {
    let (sender, printed) = channel();
    std::thread::spawn(move || {
        let args = Args {
            speed: 60,
            seed: 1,
            duration: Some(PATIENCE * 2),
            port: 0,
            http: 0,
            alertmanager: Some(
                AlertmanagerSettings::at(&format!("http://{alertmanager}")).unwrap(),
            ),
            data: None,
            begin: 40,
        };
        run_telling(&args, &mut Terminal(sender))
    });
    let address = |said: &str| {
        let (before, _) = said.split_once("/metrics\n")?;
        before.rsplit_once("http://")?.1.parse().ok()
    };
    read_until(&printed, PATIENCE, address).1
}
