//! The city's files and its nodes: what they ask for reaches nodes that run, a node's own alarm reaches people, and
//! keys that were retired say nothing more.

#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex};

use edge_firmware::Word;
use gateway::city::Sources;
use gateway::clock::SystemClock;
use gateway::fleet::{Fleet, FleetOptions, Pace, World};
use gateway::journal::{self, FrameRecord, Record};
use gateway::provision;
use gateway::story::{Sampling, Seat};
use pipeline::calendar::Millis;
use tests::gateway::{EMBEDDED, Gateway, Listener, files, secret, until};
use tokio_util::sync::CancellationToken;
use wire::{Milli, NodeId, Quantity};

const FOLLOWED: &str = "citysense_node_settings_total{outcome=\"followed\"}";
const REFUSED: &str = "citysense_node_settings_total{outcome=\"refused\"}";
const SENT: &str = "citysense_node_settings_total{outcome=\"sent\"}";
const ACCEPTED: &str = "citysense_frames_total{outcome=\"accepted\"}";
const RETIRED: &str = "citysense_refusals_total{reason=\"generation\"}";

/// Gas as the test says it, node by node; elsewhere there is none.
#[derive(Default)]
struct Air(Mutex<BTreeMap<NodeId, Milli>>);

impl Air {
    fn set(&self, node: &str, value: Milli) {
        let node = NodeId::new(node).unwrap();
        self.0.lock().unwrap().insert(node, value);
    }
}

impl World for Air {
    fn word(&self, seat: &Seat, _: Quantity, _: Sampling) -> Word {
        let air = self.0.lock().unwrap();
        Ok(air.get(&seat.node).map_or(0, |value| value.0))
    }

    fn is_cut_off(&self, _: &Seat, _: Millis) -> bool {
        false
    }
}

/// A city directory that the test changes.
struct Town {
    dir: tempfile::TempDir,
    sources: Sources,
}

impl Town {
    /// Two detectors in a zone whose mean must stay high for half a minute before it alarms.
    fn new() -> Town {
        let mut sources = files(2, EMBEDDED);
        sources.city_toml += "[panes]\nch4 = \"1s\"\n";
        let rules = sources.rules_toml.take().unwrap();
        let rules = rules.replace("\"max\"", "\"mean\"");
        sources.rules_toml = Some(rules.replace("for = \"0s\"", "for = \"30s\""));
        let mut town = Town {
            dir: tempfile::tempdir().unwrap(),
            sources,
        };
        town.nodes("n0,quay,ch4,1s,1s,\nn1,quay,ch4,1s,1s,");
        town
    }

    fn nodes(&mut self, rows: &str) {
        self.sources.nodes_csv = format!("node,zone,quantities,sample,period,generation\n{rows}\n");
        self.write();
    }

    fn rules(&mut self, change: impl FnOnce(String) -> String) {
        self.sources.rules_toml = self.sources.rules_toml.take().map(change);
        self.write();
    }

    fn write(&self) {
        let rules = self.sources.rules_toml.as_ref().unwrap();
        for (name, text) in [
            ("city.toml", &self.sources.city_toml),
            ("zones.geojson", &self.sources.zones_geojson),
            ("nodes.csv", &self.sources.nodes_csv),
            ("rules.toml", rules),
        ] {
            std::fs::write(self.dir.path().join(name), text).unwrap();
        }
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    /// The town's nodes, provisioned as its files are now.
    fn fleet(&self, gateway: &Gateway, air: &Arc<Air>, stop: &CancellationToken) -> Fleet {
        let city = gateway::city::load(self.path(), None).unwrap();
        let options = FleetOptions {
            host: gateway.broker.ip().to_string(),
            port: gateway.broker.port(),
            login: None,
            secret: secret(),
            nodes: None,
            pace: Pace::Natural,
            boot: 1,
            world: air.clone(),
        };
        Fleet::start(options, &city, Arc::new(SystemClock), stop.clone())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_files_ask_for_reaches_nodes_that_run_and_an_alarm_of_one_reaches_people() {
    let (mut town, data) = (Town::new(), tempfile::tempdir().unwrap());
    let (air, stop) = (Arc::new(Air::default()), CancellationToken::new());
    let gateway = Gateway::start_in(data.path(), town.path()).await;
    let mut people = Listener::start(gateway.broker, "people", "city/v1/harbour/alert/#").await;
    let fleet = town.fleet(&gateway, &air, &stop);
    until("the nodes are heard", || gateway.metric(ACCEPTED) >= 6.0).await;
    assert_eq!(gateway.metric(SENT), 0.0, "they go by the files already");

    // A lower threshold, for two nodes that run.
    town.rules(|rules| {
        rules
            .replace("raise_at = 20", "raise_at = 12")
            .replace("for = \"30s\"", "for = \"2s\"")
    });
    until("both go by it", || gateway.metric(FOLLOWED) == 2.0).await;
    assert!(gateway.metric(SENT) >= 2.0);

    // One of them smells gas for two seconds: people hear of it, though the zone's mean is calm and says so later.
    air.set("n0", Milli::whole(15));
    let (_, raised) = people.next_json().await;
    assert_eq!(
        (&raised["state"], &raised["reason"], &raised["provisional"]),
        (&"raised".into(), &"node_alarm".into(), &true.into())
    );
    assert_eq!(
        (&raised["value"], &raised["threshold"]),
        (&15.0.into(), &12.0.into())
    );
    let (_, refuted) = people.next_json().await;
    assert_eq!(
        (&refuted["id"], &refuted["state"], &refuted["reason"]),
        (&raised["id"], &"cancelled".into(), &"refuted".into())
    );

    // Now both do: one of them speaks up, and the zone bears it out under the same id.
    air.set("n1", Milli::whole(30));
    let (_, raised) = people.next_json().await;
    assert_eq!(raised["reason"], "node_alarm");
    let confirmed = loop {
        // Its beginning may be found to be earlier meanwhile.
        let (_, revision) = people.next_json().await;
        assert_eq!(
            (&revision["id"], &revision["state"]),
            (&raised["id"], &"updated".into())
        );
        if revision["reason"] == "confirmed" {
            break revision;
        }
        assert_eq!(revision["reason"], "correction");
    };
    assert!(
        confirmed["value"].as_f64() >= Some(12.0),
        "the zone's own: {confirmed}"
    );

    // What n1 has no sensor for it refuses, as a whole, and goes on as before.
    town.sources.nodes_csv = town
        .sources
        .nodes_csv
        .replace("n1,quay,ch4", "n1,quay,ch4 smoke");
    town.rules(|rules| {
        let smoke = rules
            .replace("\"gas\"", "\"smoke\"")
            .replace("\"ch4\"", "\"smoke\"");
        rules + &smoke
    });
    until("n1 refuses", || gateway.metric(REFUSED) == 1.0).await;
    let accepted = gateway.metric(ACCEPTED);
    until("and is heard", || {
        gateway.metric(ACCEPTED) >= accepted + 4.0
    })
    .await;
    assert_eq!(gateway.metric(FOLLOWED), 2.0);
    stop.cancel();
    fleet.stopped().await;
    gateway.stop().await;

    // What the frames on the disk say they went by is what the files asked for then.
    let city = gateway::city::load(town.path(), None).unwrap();
    let asked: Vec<u32> = city
        .city
        .nodes
        .iter()
        .map(|node| provision::settings(&city, node).unwrap().id())
        .collect();
    let mut last = BTreeMap::new();
    for entry in journal::read(data.path()).unwrap() {
        if let (_, Record::Frames(frames)) = entry.unwrap() {
            for frame in frames.iter().filter(|frame| frame.lane == 0) {
                last.insert(frame.node.0, (frame.settings, frame.settings_refused));
            }
        }
    }
    assert_eq!(last[&0], (asked[0], 0));
    assert_eq!(last[&1].1, asked[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nodes_keys_are_rotated_while_the_gateway_runs() {
    let (mut town, data) = (Town::new(), tempfile::tempdir().unwrap());
    let air = Arc::new(Air::default());
    let gateway = Gateway::start_in(data.path(), town.path()).await;
    let stop = CancellationToken::new();
    let old = town.fleet(&gateway, &air, &stop);
    until("the nodes are heard", || gateway.metric(ACCEPTED) >= 6.0).await;

    // n0's keys have leaked: from now on only the next ones count, and the node that still has the old ones is shut out.
    town.nodes("n0,quay,ch4,1s,1s,2\nn1,quay,ch4,1s,1s,");
    until("old keys are refused", || gateway.metric(RETIRED) >= 2.0).await;
    let kept = old.state().kept;
    stop.cancel();
    old.stopped().await;
    assert!(kept > 0, "nothing acknowledges what the old keys sealed");

    // Provisioned anew it speaks again, counting its boots and frames from the start: nothing of it looks like a duplicate.
    let (accepted, stop) = (gateway.metric(ACCEPTED), CancellationToken::new());
    let new = town.fleet(&gateway, &air, &stop);
    until("all of it is heard", || {
        new.state().acknowledged >= 6 && gateway.metric(ACCEPTED) >= accepted + 3.0
    })
    .await;
    let refused = gateway.metric(RETIRED);
    stop.cancel();
    new.stopped().await;
    assert_eq!(gateway.metric(RETIRED), refused);
    gateway.stop().await;
    let mut keys = BTreeSet::new();
    for entry in journal::read(data.path()).unwrap() {
        if let (_, Record::Frames(frames)) = entry.unwrap() {
            let first = |frame: &&FrameRecord| (frame.node.0, frame.sequence) == (0, 0);
            keys.extend(
                frames
                    .iter()
                    .filter(first)
                    .map(|frame| (frame.boot, frame.generation)),
            );
        }
    }
    assert_eq!(
        keys,
        BTreeSet::from([(1, 1), (1, 2)]),
        "sequence 0, under either key"
    );
}
