//! Rules compared before they are in force: a journal told twice, and rules in shadow beside what was published.

#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::sync::Arc;

use gateway::city::LoadedCity;
use gateway::commands::compare::{Args, answer};
use gateway::events::Events;
use gateway::journal::{CALENDAR, Journal, NUMBERS, Record};
use gateway::metrics::Metrics;
use pipeline::calendar::{MINUTE, Millis, SECOND, Tick, rfc3339, tick_at};
use pipeline::city::NodeIx;
use pipeline::input::Input;
use pipeline::observation::Observation;
use serde_json::Value;
use tests::browser::get;
use tests::city::BEGIN;
use tests::gateway::{EMBEDDED, Gateway, HandNode, Listener, files, until};
use wire::{Lane, Milli, Quantity};

/// The rule in force, and beside it, if there is one, another in shadow.
fn rules(tried: Option<(i64, &str)>) -> String {
    let rule = |id: &str, raise_at: i64, lasting: &str| {
        format!(
            "[[rule]]\nid = \"{id}\"\nkind = \"gas\"\nvalue = \"ch4\"\nstatistic = \"max\"\nraise_at = {raise_at}\n\
             clear_at = 10\nfor = \"{lasting}\"\nseverity = \"severe\"\n"
        )
    };
    let mut text = rule("gas", 20, "0s");
    if let Some((raise_at, lasting)) = tried {
        text += &rule("tried", raise_at, lasting);
        text += "shadow = true\n";
    }
    text
}

/// A journal with an hour of one detector: a long leak up to 40, and a small one up to 16.
fn journal(dir: &Path, rules: &str) {
    let mut sources = files(1, EMBEDDED);
    sources.rules_toml = Some(rules.to_owned());
    let city = LoadedCity::from_sources(&sources, None).unwrap();
    let events = Events::new(Arc::new(Metrics::new().unwrap()));
    let mut journal = Journal::open(dir, events, None).unwrap();
    journal.set_meta(NUMBERS, city.numbers()).unwrap();
    journal.set_meta(CALENDAR, &city.calendar).unwrap();
    let inputs = [
        Input::City(city.city.clone()),
        Input::Rules(city.rules.clone()),
    ];
    for input in inputs {
        journal
            .commit(tick_at(BEGIN), &[Record::Input(input)])
            .unwrap();
    }
    let entries = (0..360_i64).map(|step| {
        let at = BEGIN + step * 10 * SECOND;
        let value = match step {
            60..66 => 25,
            66..120 => 40,
            200..230 => 16,
            _ => 3,
        };
        let observation = Observation {
            node: NodeIx(0),
            quantity: Quantity::Ch4,
            saturated: false,
            alarm: false,
            index: 0,
            sampled_at: at,
            value: Milli::whole(value),
            sequence: step as u64,
        };
        (tick_at(at), Record::History(vec![observation]))
    });
    let entries: Vec<(Tick, Record)> = entries.collect();
    let entries = entries.iter().map(|(tick, record)| (*tick, record));
    journal.commit_all(entries).unwrap();
}

fn args(data: &Path) -> Args {
    Args {
        data: data.to_owned(),
        rules: None,
        city: None,
        from: None,
        to: None,
        json: true,
    }
}

fn report(args: &Args) -> Value {
    serde_json::from_str(&answer(args).unwrap()).unwrap()
}

/// How many alerts were added, removed, moved, and are the same.
fn counts(report: &Value) -> [usize; 4] {
    let len = |name: &str| report[name].as_array().unwrap().len();
    [
        len("added"),
        len("removed"),
        len("moved"),
        report["same"].as_u64().unwrap() as usize,
    ]
}

/// Candidates in a file: the rule that was tried in the place of the one in force.
fn candidates(dir: &Path, tried: (i64, &str)) -> std::path::PathBuf {
    let file = dir.join("candidates.toml");
    let (_, text) = rules(Some(tried))
        .split_once("[[rule]]\nid = \"tried\"")
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap();
    let text = format!(
        "[[rule]]\nid = \"tried\"{}",
        text.replace("shadow = true\n", "")
    );
    std::fs::write(&file, text).unwrap();
    file
}

#[test]
fn promoting_a_rule_adds_removes_or_moves_and_so_do_candidates_in_a_file() {
    for (tried, expected) in [
        // Lower: the small leak as well, and the large one is the same.
        ((12, "0s"), [1, 0, 0, 1]),
        // Higher than anything that was measured.
        ((50, "0s"), [0, 1, 0, 0]),
        // Past the first minute of the leak: the same alert, later.
        ((30, "0s"), [0, 0, 1, 0]),
        // Longer than the leak lasted: it never was.
        ((20, "15m"), [0, 1, 0, 0]),
        ((20, "0s"), [0, 0, 0, 1]),
    ] {
        let dir = tempfile::tempdir().unwrap();
        journal(dir.path(), &rules(Some(tried)));
        let promoted = report(&args(dir.path()));
        assert_eq!(counts(&promoted), expected, "{tried:?}: {promoted}");
        let with_file = Args {
            rules: Some(candidates(dir.path(), tried)),
            ..args(dir.path())
        };
        assert_eq!(report(&with_file), promoted, "{tried:?}");
    }
}

#[test]
fn a_stretch_and_what_moved_are_told_in_words() {
    let dir = tempfile::tempdir().unwrap();
    journal(dir.path(), &rules(Some((30, "0s"))));
    let text = answer(&Args {
        json: false,
        ..args(dir.path())
    })
    .unwrap();
    let onset = |minutes: Millis| rfc3339(BEGIN + minutes * MINUTE);
    assert!(text.contains(&format!("from {} to", onset(10))), "{text}");
    assert!(text.contains(&format!("from {} to", onset(11))), "{text}");
    assert!(text.contains("rule gas: 1 alerts, would be 0"), "{text}");
    assert!(
        text.ends_with("0 added, 0 removed, 1 moved, 0 alike\n"),
        "{text}"
    );
    // After the leak there is nothing to compare, and before it neither.
    let at = |minutes: Millis| Some(BEGIN + minutes * MINUTE);
    for (from, to) in [(at(25), None), (None, at(8))] {
        let stretch = Args {
            from,
            to,
            ..args(dir.path())
        };
        assert_eq!(counts(&report(&stretch)), [0; 4], "{from:?} {to:?}");
    }
    // Up to the middle of it both are open still.
    let half = Args {
        to: at(15),
        ..args(dir.path())
    };
    assert_eq!(counts(&report(&half)), [0, 0, 1, 0]);
}

#[test]
fn what_cannot_be_compared_says_why() {
    let dir = tempfile::tempdir().unwrap();
    journal(dir.path(), &rules(None));
    let error = |args: Args| format!("{:#}", answer(&args).unwrap_err());
    let nobody = error(args(dir.path()));
    assert!(
        nobody.contains("no rule of the journal runs in shadow"),
        "{nobody}"
    );
    let file = dir.path().join("wrong.toml");
    std::fs::write(&file, rules(None).replace("\"ch4\"", "\"ch5\"")).unwrap();
    let wrong = error(Args {
        rules: Some(file),
        ..args(dir.path())
    });
    assert!(
        wrong.contains("rules.toml:") && wrong.contains("ch5"),
        "{wrong}"
    );
    let missing = error(Args {
        rules: Some(dir.path().join("nowhere.toml")),
        ..args(dir.path())
    });
    assert!(missing.contains("nowhere.toml"), "{missing}");
    let turned = Args {
        from: Some(BEGIN + MINUTE),
        to: Some(BEGIN),
        ..args(dir.path())
    };
    assert!(error(turned).contains("--from must be before --to"));
}

/// A rule that runs in shadow: the API compares it, and nothing else of the gateway shows that it is there.
#[tokio::test(flavor = "multi_thread")]
async fn a_rule_in_shadow_is_compared_and_shown_nowhere_else() {
    let data = tempfile::tempdir().unwrap();
    let mut sources = files(1, EMBEDDED);
    sources.rules_toml = Some(rules(Some((12, "0s"))));
    let city = LoadedCity::from_sources(&sources, None).unwrap();
    // Nodes go by the rule in force alone.
    let mut node = city.city.nodes[0].clone();
    node.quantities = vec![Quantity::Ch4];
    let settings = gateway::provision::settings(&city, &node).unwrap();
    assert_eq!(settings.alarms[0].threshold.raise_at, Milli::whole(20));

    let gateway = Gateway::start(data.path(), city, None, None).await;
    let mut people = Listener::start(gateway.broker, "people", "city/v1/harbour/#").await;
    let mut node = HandNode::start(gateway.broker, "n0", 1).await;
    let before = rfc3339(gateway::clock::Clock::now(&gateway::clock::SystemClock) - MINUTE);
    node.deliver(Lane::Normal, Quantity::Ch4, Milli::whole(15))
        .await;
    let http = gateway.ready.http.to_string();
    let ask = async |path: String| get(&http, &path).await.unwrap();
    let json = |text: String| -> Value { serde_json::from_str(&text).unwrap() };

    // The rule in shadow alone says something; it is known once the tick is over.
    let mut tried = Value::Null;
    let start = std::time::Instant::now();
    while tried["added"].as_array().is_none_or(Vec::is_empty) {
        assert!(start.elapsed() < tests::gateway::PATIENCE, "{tried}");
        let now = rfc3339(gateway::clock::Clock::now(&gateway::clock::SystemClock) - SECOND);
        let list = json(ask(format!("/api/v1/compare?from={before}&to={now}")).await);
        tried = list["rules"][0].clone();
    }
    assert_eq!(
        (&tried["rule"], &tried["stands_in_for"]),
        (&"tried".into(), &serde_json::json!(["gas"]))
    );
    assert_eq!(counts(&tried), [1, 0, 0, 0]);
    let id = tried["added"][0]["id"].as_str().unwrap().to_owned();
    for path in ["/api/v1/alerts", "/metrics", "/", "/cap.atom"]
        .map(str::to_owned)
        .into_iter()
        .chain([
            format!(
                "/api/v1/alerts?known_at={}",
                tried["added"][0]["updated"].as_str().unwrap()
            ),
            format!(
                "/api/v1/alerts?true_at={}",
                tried["added"][0]["onset"].as_str().unwrap()
            ),
        ])
    {
        let shown = ask(path.clone()).await;
        assert!(
            !shown.contains(&id) && !shown.contains("tried"),
            "{path}: {shown}"
        );
    }
    let metrics = ask("/metrics".to_owned()).await;
    assert!(
        !metrics
            .lines()
            .any(|line| line.starts_with("citysense_alerts{") && !line.ends_with(" 0")),
        "{metrics}"
    );
    let gone = ask(format!("/api/v1/alerts/{id}")).await;
    assert!(gone.contains("no alert with this id"), "{gone}");

    // Past both lines: people hear of the rule in force, and of nothing before it.
    node.deliver(Lane::Normal, Quantity::Ch4, Milli::whole(30))
        .await;
    loop {
        let (topic, payload) = people.next().await;
        if topic.contains("/alert/") || topic.contains("/cap/") {
            let text = String::from_utf8_lossy(&payload);
            assert!(
                !text.contains("tried") && !topic.contains(&id),
                "{topic}: {text}"
            );
            if topic.contains("/alert/") {
                assert_eq!(json(text.into_owned())["rule"], "gas");
                break;
            }
        }
    }
    until("both are known", || {
        gateway.metric("citysense_published_total") >= 2.0
    })
    .await;
    for (query, expected) in [
        ("from=yesterday&to=today", "from: `yesterday`"),
        ("to=2026-01-01T00:00:00Z", "from is needed"),
        (
            "from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z",
            "from must be before to",
        ),
        (
            "from=2026-01-01T00:00:00Z&to=2126-01-01T00:00:00Z",
            "is not over yet",
        ),
        (
            "from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z&rule=gas",
            "no rule `gas` runs in shadow",
        ),
    ] {
        let answer = ask(format!("/api/v1/compare?{query}")).await;
        assert!(answer.contains(expected), "{query}: {answer}");
    }
    gateway.stop().await;
}
