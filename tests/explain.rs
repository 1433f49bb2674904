//! Why an alert stands: the readings that an explanation names raise it by themselves, and none of them can be spared.
//! The engine is the judge: it is fed them and nothing else.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use gateway::commands::explain::{self as command, Args};
use gateway::journal;
use pipeline::alert::{Reason, Revision, State};
use pipeline::calendar::{Calendar, Tick, tick_at};
use pipeline::city::{City, NodeIx, ZoneIx};
use pipeline::explain::{Case, Explanation, Membership, explain};
use pipeline::input::Input;
use pipeline::observation::Observation;
use pipeline::rules::Rule;
use pipeline::science::air::Standard;
use serde_json::Value;
use tests::browser::get;
use tests::city::BEGIN;
use tests::gateway::{EMBEDDED, Gateway, HandNode, Listener, city};
use tests::history::{Event, History};
use tests::story::{Deed, Plot, RULER, parse};
use wire::{Lane, Milli, Quantity};

/// A city whose files do not change, and what its nodes said.
struct World {
    calendar: Calendar,
    city: Arc<City>,
    rules: Arc<Vec<Rule>>,
    heard: Vec<(Tick, Observation)>,
    until: Tick,
}

impl World {
    /// The stories whose files and people change nothing.
    fn of(plot: &Plot) -> Option<World> {
        let mut heard = Vec::new();
        for (at, deed) in &plot.deeds {
            match deed {
                Deed::Observe(observation) => heard.push((tick_at(*at), *observation)),
                Deed::Act(_) => {}
                Deed::Input(_) => return None,
            }
        }
        Some(World {
            calendar: plot.calendar.clone(),
            city: plot.city.clone(),
            rules: plot.rules.clone(),
            heard,
            until: tick_at(plot.until),
        })
    }

    /// Everything that is said when only `heard` is.
    fn said(&self, heard: &[(Tick, Observation)]) -> Vec<Revision> {
        let begin = tick_at(BEGIN);
        let inputs = [
            Input::City(self.city.clone()),
            Input::Rules(self.rules.clone()),
        ];
        let inputs = inputs.into_iter().map(|input| (begin, Event::Input(input)));
        let heard = heard
            .iter()
            .map(|&(tick, observation)| (tick, Event::Observe(observation)));
        let history = History {
            calendar: self.calendar.clone(),
            events: inputs.chain(heard).collect(),
            until: self.until,
        };
        let outputs = history.run(1);
        outputs
            .into_iter()
            .flat_map(|output| output.revisions)
            .collect()
    }

    /// Why `revision` was said, by what was known then.
    fn explain(&self, revision: &Revision) -> Option<Explanation> {
        let rule = self.rules.iter().find(|rule| rule.id == revision.rule)?;
        let zone = self
            .city
            .zones
            .iter()
            .find(|zone| zone.id == revision.zone)?;
        let members = |zone: Option<ZoneIx>| -> BTreeMap<NodeIx, Membership> {
            let nodes = self.city.nodes.iter().filter(|node| node.zone == zone);
            let member = |weight| Membership {
                weight,
                withdrawn: Vec::new(),
                corrected: false,
            };
            nodes.map(|node| (node.ix, member(node.weight))).collect()
        };
        // Only a rule on incidents looks at the other end of a road's section.
        let downstream = match zone.settings.section {
            Some(section) => members(Some(section.downstream)),
            None => BTreeMap::new(),
        };
        let members = members(Some(zone.ix));
        let known = self
            .heard
            .iter()
            .filter(|(tick, _)| *tick <= revision.tick());
        let readings: Vec<Observation> = known.map(|(_, observation)| *observation).collect();
        explain(&Case {
            condition: rule.condition,
            calendar: &self.calendar,
            area: zone.area,
            settings: zone.settings,
            hour_shift: self.city.hour_shift,
            members: &members,
            downstream: &downstream,
            onset: revision.onset,
            readings: &readings,
        })
    }

    /// Whether the alert is raised, with the same onset, when nothing but `readings` is heard.
    fn is_raised_by(&self, revision: &Revision, readings: &[Observation]) -> bool {
        let heard = self
            .heard
            .iter()
            .filter(|(_, observation)| readings.contains(observation));
        let said = self.said(&heard.copied().collect::<Vec<_>>());
        said.iter().any(|other| {
            (other.rule, other.zone, other.onset) == (revision.rule, revision.zone, revision.onset)
                && other.state != State::Cancelled
        })
    }

    #[track_caller]
    fn check(&self, name: &str, revision: &Revision) -> Explanation {
        let why = self
            .explain(revision)
            .unwrap_or_else(|| panic!("{name}: {revision:?}"));
        assert!(why.minimal, "{name}");
        assert!(
            self.is_raised_by(revision, &why.readings),
            "{name}: not sufficient: {why:?}"
        );
        for place in 0..why.readings.len() {
            let mut fewer = why.readings.clone();
            let spared = fewer.remove(place);
            assert!(
                !self.is_raised_by(revision, &fewer),
                "{name}: can be spared: {spared:?}"
            );
        }
        why
    }
}

#[test]
fn every_alert_of_every_story_rests_on_the_readings_that_are_named() {
    let stories = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut explained = 0;
    for entry in std::fs::read_dir(stories).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let (story, _) = text.split_once(RULER).unwrap();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let Some(world) = World::of(&parse(story)) else {
            continue;
        };
        let first = |revision: &&Revision| revision.revision == 1 && revision.node.is_none();
        let gates = !world.city.gates.is_empty();
        for revision in world.said(&world.heard).iter().filter(first) {
            let splits = matches!(revision.reason, Reason::Split);
            if gates || splits {
                continue;
            }
            world.check(&name, revision);
            explained += 1;
        }
    }
    assert!(explained >= 12, "{explained} alerts");
}

/// Fifty noisy detectors, of which a few make the mean: the few are named, and the search ends.
#[test]
fn a_zone_of_fifty_nodes_is_explained_by_the_few_that_made_it() {
    let nodes: String = (0..50).map(|n| format!("node d{n} tank ch4\n")).collect();
    let mut story = format!("zone tank\n{nodes}rule gas ch4 mean above 20 clear=10 for=30s\n\n");
    for second in (5..65).step_by(10) {
        for n in 0..50 {
            let value = if n % 10 == 3 { 190 } else { 5 + n % 7 };
            story += &format!("{}:{:02} d{n} ch4 {value}\n", second / 60, second % 60);
        }
    }
    story += "2:00 end\n";
    let world = World::of(&parse(&story)).unwrap();
    let said = world.said(&world.heard);
    let why = world.explain(&said[0]).unwrap();
    assert!(why.minimal);
    assert!(world.is_raised_by(&said[0], &why.readings));
    // A mean is made by whoever is left, and a pane without data ends nothing: the first reading and the last.
    assert_eq!(why.readings.len(), 2, "{:?}", why.readings);
    assert!(
        why.readings
            .iter()
            .all(|reading| reading.value >= Milli::whole(20))
    );
    assert_eq!(why.panes.len(), 3);
    assert!(why.panes.iter().all(|pane| pane.heard == 50));
}

/// Smoke over a park for hours: of two stations, two pollutants and half a day, the readings that made the index.
#[test]
fn a_days_smog_is_explained_by_the_hours_that_made_the_index() {
    let mut story =
        "horizon 4h\nzone park\nnode a park pm2_5 no2\nnode b park pm2_5 no2\n".to_owned();
    story += "rule smog air_index:us-epa-2024 mean above 150 gap=3h\n\n";
    for minute in (3..12 * 60).step_by(12) {
        let smoke = if minute >= 9 * 60 {
            190
        } else {
            12 + minute % 7
        };
        for node in ["a", "b"] {
            story += &format!(
                "{}:{:02}:00 {node} pm2_5 {smoke}\n",
                minute / 60,
                minute % 60
            );
            story += &format!("{}:{:02}:00 {node} no2 20\n", minute / 60, minute % 60);
        }
    }
    story += "14:00:00 end\n";
    let mut world = World::of(&parse(&story)).unwrap();
    let mut city = City::clone(&world.city);
    city.standards = vec![Standard::UsEpa2024];
    world.city = Arc::new(city);
    let said = world.said(&world.heard);
    let why = world.check("smog", &said[0]);
    assert!(
        why.readings
            .iter()
            .all(|reading| reading.quantity == Quantity::Pm2_5)
    );
    // A NowCast needs two of its last three hours.
    assert_eq!(why.readings.len(), 2, "{:?}", why.readings);
    assert_eq!(why.panes[0].start, said[0].onset);
}

/// One zone, two detectors by hand: the API and the command say the same, which is what was sent.
#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_says_why_while_it_runs_and_its_journal_after() {
    let dir = tempfile::tempdir().unwrap();
    let gateway = Gateway::start(dir.path(), city(2, EMBEDDED), None, None).await;
    let mut people = Listener::start(gateway.broker, "people", "city/v1/harbour/alert/#").await;
    let mut quiet = HandNode::start(gateway.broker, "n0", 1).await;
    let mut loud = HandNode::start(gateway.broker, "n1", 1).await;
    quiet
        .deliver(Lane::Normal, Quantity::Ch4, Milli::whole(3))
        .await;
    loud.deliver(Lane::Alarm, Quantity::Ch4, Milli::whole(45))
        .await;
    let (_, raised) = people.next_json().await;
    let id = raised["id"].as_str().unwrap().to_owned();

    let http = gateway.ready.http.to_string();
    let said = async |path: &str| get(&http, path).await.unwrap();
    let path = format!("/api/v1/alerts/{id}/explain");
    let why: Value = serde_json::from_str(&said(&path).await).unwrap();
    assert_eq!(
        (&why["alert"], &why["minimal"]),
        (&raised["id"], &true.into())
    );
    assert_eq!(why["incomplete"], Value::Null);
    assert_eq!(why["rule"]["raise_at"], 20.0);
    let [reading] = &why["readings"].as_array().unwrap()[..] else {
        panic!("one is enough: {why}")
    };
    assert_eq!(
        (&reading["node"], &reading["value"]),
        (&"n1".into(), &45.0.into())
    );
    assert_eq!(reading["node_alarm"], true);
    let page = said(&format!("/alert/{id}/why")).await;
    assert!(
        page.contains("One reading is enough") && page.contains("n1"),
        "{page}"
    );
    for (path, expected) in [
        (
            format!("/api/v1/alerts/{id}/explain?revision=99"),
            "no such revision",
        ),
        (
            format!("/api/v1/alerts/{}/explain", "0".repeat(32)),
            "no alert with this id",
        ),
        (
            "/api/v1/alerts/nonsense/explain".to_owned(),
            "32 hexadecimal digits",
        ),
    ] {
        let answer = said(&path).await;
        assert!(answer.contains(expected), "{path}: {answer}");
    }
    gateway.stop().await;

    let explain = |alert: &str, revision| {
        command::run(Args {
            data: dir.path().to_owned(),
            alert: alert.parse().unwrap(),
            revision,
            json: false,
        })
    };
    assert!(explain(&id, Some(1)).is_ok());
    for (alert, revision, expected) in [
        ("0".repeat(32), None, "knows no alert"),
        (id.clone(), Some(99), "and no 99"),
    ] {
        let error = explain(&alert, revision).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    let recorded = journal::recorded(dir.path()).unwrap();
    let after = command::answer(&recorded, id.parse().unwrap(), Some(1)).unwrap();
    assert_eq!(
        serde_json::to_value(&after.readings).unwrap(),
        why["readings"]
    );
    assert_eq!(after.panes.len(), why["panes"].as_array().unwrap().len());
}
