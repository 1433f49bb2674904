//! Two clocks: what the history on disk says was known at a moment is what people had been told by then; what it says
//! was true is what the last word on every alert says. Over every story, and over a gateway that is killed.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use gateway::board::Face;
use gateway::clock::{Clock, SystemClock};
use gateway::commands::history::{self as command, Args};
use gateway::events::Events;
use gateway::history::{Question, answer};
use gateway::journal::{self, Journal};
use gateway::metrics::Metrics;
use gateway::publish::Public;
use gateway::replay::{self, Recording, Replay};
use pipeline::alert::{AlertId, Revision, State};
use pipeline::calendar::{DAY, HOUR, Millis, SECOND, rfc3339};
use serde_json::Value;
use tests::browser::get;
use tests::city::BEGIN;
use tests::gateway::{EMBEDDED, Gateway, HandNode, Listener, PATIENCE, city, files, until};
use tests::mosquitto::Mosquitto;
use tests::process::{self, Process};
use tests::story::{RULER, outputs, parse};
use wire::{Lane, Milli, Quantity};

/// Not a test of its own: the process that the tests below start and kill.
#[tokio::test(flavor = "multi_thread")]
async fn gateway_process() {
    process::serve().await;
}

#[test]
fn in_every_story_both_clocks_say_what_was_told_and_what_was_true() {
    let (mut stories, mut alerts) = (0, 0);
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")).unwrap()
    {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let (story, _) = text.split_once(RULER).unwrap_or((&text, ""));
        let plot = parse(story);
        let said = outputs(&plot, 1);
        let Some(last) = said.last().map(|output| output.tick) else {
            continue;
        };
        let dir = tempfile::tempdir().unwrap();
        let events = Events::new(Arc::new(Metrics::new().unwrap()));
        let mut journal = Journal::open(dir.path(), events, None).unwrap();
        let unwritten = journal.unwritten();
        said.iter().for_each(|output| unwritten.push(output));
        journal.write_alerts().unwrap();
        let history = journal.alerts();
        let face = Face::journaled(&plot.city, &plot.rules, &plot.calendar);
        let ask = |known_at, true_at| -> BTreeMap<AlertId, Revision> {
            let question = Question { known_at, true_at };
            let answer = answer(&history, &face, question, last + 1, 1_000).unwrap();
            answer.alerts.into_iter().map(|r| (r.id, r)).collect()
        };
        let end = last as Millis;
        for step in 0..=40 {
            let at = BEGIN + (end - BEGIN) * step / 40;
            let then = |known: Millis| {
                let mut told: BTreeMap<AlertId, Revision> = BTreeMap::new();
                for revision in said.iter().flat_map(|output| &output.revisions) {
                    if revision.updated <= known {
                        told.insert(revision.id, revision.clone());
                    }
                }
                told
            };
            let going_on = |mut told: BTreeMap<AlertId, Revision>| {
                told.retain(|_, r| {
                    let ended = r.end.is_some_and(|end| end <= at)
                        || (r.end.is_none() && r.state == State::Cleared);
                    r.state != State::Cancelled && r.onset <= at && !ended
                });
                told
            };
            let mut known = then(at);
            known.retain(|_, r| r.state.is_open() || r.updated + face.retention(r.rule) > at);
            alerts += known.len();
            let name = path.display();
            assert_eq!(
                ask(Some(at), None),
                known,
                "{name}: known at {}",
                rfc3339(at)
            );
            let middle = BEGIN + (end - BEGIN) / 2;
            assert_eq!(
                ask(None, Some(at)),
                going_on(then(end)),
                "{name}: true at {}",
                rfc3339(at)
            );
            assert_eq!(
                ask(Some(middle), Some(at)),
                going_on(then(middle)),
                "{name}: both at {}",
                rfc3339(at)
            );
        }
        stories += 1;
    }
    assert!(
        stories > 20 && alerts > 300,
        "{stories} stories, {alerts} alerts"
    );
}

/// What people hear, each message with its moment.
struct People {
    listener: Listener,
    told: Vec<Value>,
}

impl People {
    async fn hear(&mut self, enough: impl Fn(&Value) -> bool) {
        loop {
            let (_, alert) = self.listener.next_json().await;
            let is_enough = enough(&alert);
            self.told.push(alert);
            if is_enough {
                return;
            }
        }
    }

    /// The last word on each alert by a moment, as RFC 3339 writes it.
    fn known(&self, at: &str) -> BTreeMap<String, &Value> {
        let by_then = self
            .told
            .iter()
            .filter(|told| told["updated"].as_str().unwrap() <= at);
        by_then
            .map(|told| (told["id"].as_str().unwrap().to_owned(), told))
            .collect()
    }
}

fn by_id(list: &Value) -> BTreeMap<String, &Value> {
    let Some(alerts) = list["alerts"].as_array() else {
        panic!("no list: {list}")
    };
    let alerts = alerts.iter();
    alerts
        .map(|alert| (alert["id"].as_str().unwrap().to_owned(), alert))
        .collect()
}

/// The list of alerts that a query asks for; a moment that people heard of just now may not be over yet.
async fn list(http: &str, query: &str) -> Value {
    let start = Instant::now();
    loop {
        let path = format!("/api/v1/alerts?{query}");
        let answer = get(http, &path).await.unwrap();
        if !answer.contains("is not over yet") {
            return serde_json::from_str(&answer).unwrap();
        }
        assert!(start.elapsed() < PATIENCE, "{query}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_gateway_still_says_what_was_known_at_every_moment() {
    let mosquitto = Mosquitto::start();
    let broker = mosquitto.address;
    let (plan, dir) = (files(1, &mosquitto.section()), tempfile::tempdir().unwrap());
    let listener = Listener::start(broker, "people", "city/v1/harbour/alert/#").await;
    let mut people = People {
        listener,
        told: Vec::new(),
    };
    let mut node = HandNode::start(broker, "n0", 1).await;
    for value in [30, 45] {
        let gateway = Process::start(&plan, dir.path());
        let value = Milli::whole(value);
        node.deliver(Lane::Normal, Quantity::Ch4, value).await;
        people.hear(|alert| alert["value"] == value.to_f64()).await;
        gateway.remembered().await;
        gateway.kill();
    }

    let start = || {
        let plan = city(1, &mosquitto.section());
        Gateway::start(dir.path(), plan, Some(broker), None)
    };
    let gateway = start().await;
    node.deliver(Lane::Normal, Quantity::Ch4, Milli::whole(60))
        .await;
    people.hear(|alert| alert["value"] == 60.0).await;
    let http = gateway.ready.http.to_string();
    let ask = async |query: &str| list(&http, query).await;
    let moments: Vec<String> = people
        .told
        .iter()
        .map(|told| told["updated"].as_str().unwrap().to_owned())
        .collect();
    assert!(moments.len() >= 3, "{moments:?}");
    for moment in &moments {
        let list = ask(&format!("known_at={moment}")).await;
        assert_eq!(by_id(&list), people.known(moment), "known at {moment}");
        assert_eq!(&list["known_at"], moment.as_str());
    }
    // By what is known now it was true from its onset on, before anybody was told.
    let onset = people.told[0]["onset"].as_str().unwrap();
    assert_eq!(by_id(&ask(&format!("true_at={onset}")).await).len(), 1);
    assert_eq!(by_id(&ask(&format!("known_at={onset}")).await).len(), 0);
    assert_eq!(
        by_id(&ask(&format!("known_at={onset}&true_at={onset}")).await).len(),
        0
    );
    // What cannot be answered says why.
    for (query, expected) in [
        ("known_at=2120-01-01T00:00:00Z", "is not over yet"),
        ("known_at=2020-01-01T00:00:00Z", "is before what is kept"),
        ("true_at=tomorrow", "true_at: `tomorrow`"),
        ("known_at=2026-01-01T00:00:00", "no offset"),
        ("limit=0", "limit must be a number"),
    ] {
        let answer = get(&http, &format!("/api/v1/alerts?{query}"))
            .await
            .unwrap();
        assert!(answer.contains(expected), "{query}: {answer}");
    }
    gateway.stop().await;

    // The command on the directory says the same.
    let args = |known_at: Option<&str>| Args {
        data: dir.path().to_owned(),
        known_at: known_at.map(|at| gateway::history::moment(at).unwrap()),
        true_at: None,
        alert: None,
        limit: 100,
        json: true,
    };
    for moment in &moments {
        let list: Value =
            serde_json::from_str(&command::answer(&args(Some(moment))).unwrap()).unwrap();
        assert_eq!(by_id(&list), people.known(moment), "known at {moment}");
    }
    let id = people.told[0]["id"].as_str().unwrap();
    let one = Args {
        alert: Some(id.parse().unwrap()),
        ..args(None)
    };
    let story: Value = serde_json::from_str(&command::answer(&one).unwrap()).unwrap();
    assert_eq!(story["history"].as_array().unwrap(), &people.told);
    let text = command::answer(&Args {
        json: false,
        ..args(None)
    })
    .unwrap();
    assert!(
        text.starts_with("1 alert, as known at the journal's end"),
        "{text}"
    );
    let future = Args {
        known_at: Some(SystemClock.now() + DAY),
        ..args(None)
    };
    let error = command::answer(&future).unwrap_err().to_string();
    assert!(error.contains("is not over yet"), "{error}");

    history_is_what_a_replay_makes(dir.path(), &mosquitto.section());
}

/// Every revision on disk is one of the replay's, and none of the replay's up to the journal's end is missing.
fn history_is_what_a_replay_makes(data: &Path, section: &str) {
    let plan = city(1, section);
    let face = Face::from(&plan);
    let (known_to, mut kept): (Millis, Vec<String>) = {
        let recorded = journal::recorded(data).unwrap();
        let told = recorded.alerts().all().map(Result::unwrap);
        let lines = told.map(|told| Public::of(&told.revision, &face).json());
        (recorded.known_to().unwrap() as Millis, lines.collect())
    };
    let out = tempfile::tempdir().unwrap();
    let replay = Replay {
        recording: Recording::Journal(data.to_owned()),
        out: out.path().to_owned(),
        workers: 1,
        privacy_floor: plan.settings.privacy_floor,
    };
    replay::run(&replay, &plan, |_| ()).unwrap();
    let lines = std::fs::read_to_string(out.path().join("alerts.ndjson")).unwrap();
    // The end of input settles what the journal leaves open; that is later than everything in it.
    let end = rfc3339(known_to);
    let is_within = |line: &&str| {
        let line: Value = serde_json::from_str(line).unwrap();
        line["updated"].as_str().unwrap() <= end.as_str()
    };
    let mut replayed: Vec<String> = lines.lines().filter(is_within).map(str::to_owned).collect();
    kept.sort();
    replayed.sort();
    assert!(kept.len() >= 3);
    assert_eq!(kept, replayed);
}

/// The machine's clock, some days later.
struct Later(AtomicI64);

impl Clock for Later {
    fn now(&self) -> Millis {
        SystemClock.now() + self.0.load(Ordering::Relaxed)
    }

    fn real_duration(&self, city: Millis) -> Duration {
        SystemClock.real_duration(city)
    }
}

const FORGOTTEN_INPUTS: &str = "citysense_forgotten_total{entry=\"input\"}";

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_long_enough_leaves_and_the_gateway_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(Later(AtomicI64::new(0)));
    let start = || {
        let mut sources = files(1, EMBEDDED);
        sources.city_toml += "[retention]\njournal = \"2d\"\n";
        let plan = gateway::city::LoadedCity::from_sources(&sources, None).unwrap();
        Gateway::start_at(dir.path(), plan, clock.clone())
    };
    let entries = || {
        let recorded = journal::recorded(dir.path()).unwrap();
        (recorded.entries().count(), recorded.alerts().all().count())
    };
    let mut first = None;
    let mut sizes = Vec::new();
    for round in 1..=4_i64 {
        let gateway = start().await;
        if round > 1 {
            until("the past is forgotten", || {
                gateway.metric(FORGOTTEN_INPUTS) >= 20.0
            })
            .await;
        }
        let listener = Listener::start(gateway.broker, "people", "city/v1/harbour/alert/#").await;
        let mut people = People {
            listener,
            told: Vec::new(),
        };
        let mut node = HandNode::start(gateway.broker, "n0", round as u32).await;
        for value in 0..20 {
            node.deliver(
                Lane::Normal,
                Quantity::Ch4,
                Milli::whole(30 + 10 * round + value % 2),
            )
            .await;
        }
        people
            .hear(|alert| alert["value"] == (31 + 10 * round) as f64)
            .await;
        let alert = people.told.last().unwrap().clone();
        let http = gateway.ready.http.to_string();
        if let Some(moment) = &first {
            let old = get(&http, &format!("/api/v1/alerts?known_at={moment}"))
                .await
                .unwrap();
            assert!(old.contains("is before what is kept"), "{old}");
        }
        let at = alert["updated"].as_str().unwrap();
        let now = list(&http, &format!("known_at={at}")).await;
        assert_eq!(
            by_id(&now)[alert["id"].as_str().unwrap()],
            &alert,
            "round {round}"
        );
        first.get_or_insert(at.to_owned());
        // The snapshot that it leaves covers everything.
        gateway.stop().await;
        sizes.push(entries());
        clock
            .0
            .fetch_add(10 * DAY + HOUR + SECOND, Ordering::Relaxed);
    }
    let (inputs, revisions) = sizes[1];
    for (i, r) in &sizes[2..] {
        assert!(*i <= inputs + 5 && *r <= revisions + 2, "{sizes:?}");
    }
    let reach = journal::recorded(dir.path()).unwrap().reach().unwrap();
    assert!(reach > 0);
}
