//! The accounts of nodes and the versions of rules, over a real gateway and its restarts.
//!
//! Goal: no frame or reading is lost in the accounts, and what changed in the rules is told. Method: nodes by hand that
//! say things twice, with holes, sealed wrongly and at odds with the registry; the test knows the counts because it
//! made them, and compares them with the API, the page and `/metrics`, before and after a restart.

#![allow(clippy::unwrap_used)]

use gateway::city::Sources;
use gateway::clock::{Clock, SystemClock};
use pipeline::calendar::{HOUR, MINUTE};
use serde_json::{Value, json};
use tests::accounts::{balances, json_of, page_of, received};
use tests::browser::Browser;
use tests::gateway::{EMBEDDED, Gateway, HandNode, files, until};
use wire::frame::Kept;
use wire::{Lane, Milli, Quantity};

/// Everything that the test did to the node's frames, counted as it did it.
#[tokio::test(flavor = "multi_thread")]
async fn every_frame_and_reading_is_in_one_place_of_an_account_over_a_restart() {
    let (town, data) = (Town::new(), tempfile::tempdir().unwrap());
    let gateway = Gateway::start_in(data.path(), town.dir.path()).await;
    let mut node = HandNode::start(gateway.broker, "n0", 7).await;
    let mut other = HandNode::start(gateway.broker, "n1", 1).await;

    // Six that arrive; the third stays away, and makes a hole.
    let mut sent = Vec::new();
    for value in [10, 11] {
        sent.push(
            node.deliver(Lane::Normal, Quantity::Ch4, Milli::whole(value))
                .await,
        );
    }
    let lost = node.seal(Lane::Normal, Quantity::Ch4, Milli::whole(12));
    for value in [13, 14] {
        sent.push(
            node.deliver(Lane::Normal, Quantity::Ch4, Milli::whole(value))
                .await,
        );
    }
    // Not to be believed, but authentic: accepted, and its reading refused.
    node.deliver(Lane::Normal, Quantity::Ch4, Milli::whole(100_000))
        .await;
    node.deliver(Lane::Normal, Quantity::BatteryVoltage, Milli(3_612))
        .await;
    other
        .deliver(Lane::Normal, Quantity::Ch4, Milli::whole(1))
        .await;
    let before = ledger(&gateway, "n0").await;
    assert_eq!(before["frames"]["missing"], 1, "{before}");

    // Twice; with a broken seal; of another version; on another's topic; by nobody.
    node.send("up", &sent[0]).await;
    node.send("up", &sent[1]).await;
    let mut forged = sent[2].clone();
    *forged.last_mut().unwrap() ^= 1;
    node.send("up", &forged).await;
    let mut newer = sent[2].clone();
    newer[0] = 99;
    node.send("up", &newer).await;
    node.send("alarm", &sent[2]).await;
    node.send("up", &sent[2][..5]).await;
    let mut stranger = HandNode::start(gateway.broker, "n9", 1).await;
    stranger.send("up", &sent[0]).await;
    // Each has its own way through the broker, alarms have one of their own: nothing says that the last sent is counted last.
    let all = node.sent + other.sent + stranger.sent;
    until("all of it is counted", || {
        received(&gateway) == f64::from(all)
    })
    .await;

    // `deliver` sends until it is answered: beyond what is planted below, all that was sent is a duplicate.
    let (accepted, refused) = (6, 4);
    let expected = json!({
        "accepted": accepted, "duplicate": node.sent - accepted - refused, "received": node.sent, "missing": 1, "lost": 0,
        "refused": { "generation": 0, "malformed": 1, "seal": 1, "topic": 1, "unknown_node": 0, "version": 1 },
    });
    let told = ledger(&gateway, "n0").await;
    assert_eq!(told["frames"], expected);
    assert_eq!(told["readings"]["all"], 6);
    assert_eq!(told["readings"]["admitted"], 5);
    assert_eq!(told["readings"]["implausible"], 1);
    balances(&gateway).await;
    let known = node_of(&gateway, "n0").await;
    assert_eq!(
        (&known["boot"]["number"], &known["clock"], &known["owner"]),
        (&7.into(), &"own".into(), &"Ada <b>".into())
    );
    assert_eq!(known["battery"]["volts"], 3.612);

    // The page says the same, as text.
    let page = page_of(&gateway, "/node/n0").await;
    assert!(
        page.contains("Ada &lt;b&gt;") && page.contains("3.61 V"),
        "{page}"
    );
    assert!(
        page.contains("sealed by nobody who has its keys</th><td class=\"partial\">1</td>"),
        "{page}"
    );

    // The missing one comes after all.
    node.deliver_bytes(Lane::Normal, 2, &lost).await;
    assert_eq!(ledger(&gateway, "n0").await["frames"]["missing"], 0);
    let kept = node_of(&gateway, "n0").await;
    gateway.stop().await;

    let gateway = Gateway::start_in(data.path(), town.dir.path()).await;
    let back = node_of(&gateway, "n0").await;
    for part in ["ledger", "boot", "clock", "battery", "generation"] {
        assert_eq!(back[part], kept[part], "{part} over a restart");
    }
    gateway.stop().await;
}

/// Clocks that are behind or absurd, and a memory that was too small, each a known number of times.
#[tokio::test(flavor = "multi_thread")]
async fn what_clocks_and_memory_have_cost_is_in_the_account_over_a_restart() {
    let (town, data) = (Town::new(), tempfile::tempdir().unwrap());
    let gateway = Gateway::start_in(data.path(), town.dir.path()).await;
    let mut node = HandNode::start(gateway.broker, "n0", 3).await;
    // An hour ahead, or in 1970, is no clock to go by. What falls into panes that are judged already is late, what is
    // older than the hour of the horizon too late.
    let now = SystemClock.now();
    for ahead in [0, HOUR, -now, -10 * MINUTE, -20 * MINUTE, -3 * HOUR] {
        node.ahead = ahead;
        node.deliver(Lane::Normal, Quantity::Ch4, Milli::whole(10))
            .await;
    }
    // Three that it had to overwrite before anybody heard them, and one that is only missing.
    node.ahead = 0;
    for _ in 0..4 {
        node.seal(Lane::Normal, Quantity::Ch4, Milli::whole(11));
    }
    node.oldest_kept = Kept {
        boot: 3,
        sequence: 9,
    };
    node.deliver(Lane::Normal, Quantity::Ch4, Milli::whole(12))
        .await;

    let told = ledger(&gateway, "n0").await;
    let readings = &told["readings"];
    for (mark, count) in [
        ("admitted", 7),
        ("late", 2),
        ("too_late", 1),
        ("restamped", 2),
    ] {
        assert_eq!(readings[mark], count, "{mark}: {told}");
    }
    let frames = &told["frames"];
    assert_eq!(
        (&frames["lost"], &frames["missing"]),
        (&3.into(), &1.into())
    );
    balances(&gateway).await;
    gateway.stop().await;

    let gateway = Gateway::start_in(data.path(), town.dir.path()).await;
    assert_eq!(ledger(&gateway, "n0").await, told);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_rule_is_told_line_by_line() {
    let (mut town, data) = (Town::new(), tempfile::tempdir().unwrap());
    let gateway = Gateway::start_in(data.path(), town.dir.path()).await;
    assert!(
        page_of(&gateway, "/rules")
            .await
            .contains("Nothing, as far as the journal reaches.")
    );
    town.rules(|rules| rules.replace("raise_at = 20", "raise_at = 15"));
    let reloads = "citysense_city_reloads_total{outcome=\"used\"}";
    until("the file is read", || gateway.metric(reloads) == 1.0).await;
    let mut page = Browser::open(&format!("http://{}/rules/gas", gateway.ready.http))
        .await
        .unwrap();
    page.says(
        "#rule .lead",
        "Methane (greatest) at 15 % LEL or more raises a severe alert",
    )
    .await
    .unwrap();
    page.says("#changes del", "raise_at = 20").await.unwrap();
    page.says("#changes ins", "raise_at = 15").await.unwrap();

    // A leak, and the rule has fired, for programs too.
    let mut node = HandNode::start(gateway.broker, "n0", 1).await;
    node.deliver(Lane::Normal, Quantity::Ch4, Milli::whole(18))
        .await;
    page.says("#said", "Quay").await.unwrap();
    page.says("#rule", "1 open now").await.unwrap();
    let rules = json_of(&gateway, "/api/v1/rules").await;
    let gas = &rules["rules"][0];
    assert_eq!(
        (
            &gas["id"],
            &gas["raise_at"],
            &gas["open"],
            &gas["fired_last_day"]
        ),
        (&"gas".into(), &15.0.into(), &1.into(), &1.into())
    );
    assert_eq!(rules["changes"][0]["is"], json!(["raise_at = 15"]));
    assert_eq!(rules["changes"][0]["was"], json!(["raise_at = 20"]));
    gateway.stop().await;

    // The journal remembers.
    let gateway = Gateway::start_in(data.path(), town.dir.path()).await;
    let rules = json_of(&gateway, "/api/v1/rules").await;
    assert_eq!(rules["changes"].as_array().unwrap().len(), 1, "{rules}");
    gateway.stop().await;
}

/// A city directory that the test changes.
struct Town {
    dir: tempfile::TempDir,
    sources: Sources,
}

impl Town {
    fn new() -> Town {
        let mut sources = files(2, EMBEDDED);
        sources.nodes_csv =
            "node,zone,quantities,owner\nn0,quay,ch4 battery_voltage,Ada <b>\nn1,quay,ch4,\n"
                .to_owned();
        let town = Town {
            dir: tempfile::tempdir().unwrap(),
            sources,
        };
        town.write();
        town
    }

    fn rules(&mut self, change: impl FnOnce(String) -> String) {
        self.sources.rules_toml = self.sources.rules_toml.take().map(change);
        self.write();
    }

    fn write(&self) {
        let Sources {
            city_toml,
            zones_geojson,
            nodes_csv,
            rules_toml,
            ..
        } = &self.sources;
        for (name, text) in [
            ("city.toml", city_toml),
            ("zones.geojson", zones_geojson),
            ("nodes.csv", nodes_csv),
            ("rules.toml", rules_toml.as_ref().unwrap()),
        ] {
            std::fs::write(self.dir.path().join(name), text).unwrap();
        }
    }
}

async fn ledger(gateway: &Gateway, node: &str) -> Value {
    node_of(gateway, node).await["ledger"].clone()
}

async fn node_of(gateway: &Gateway, node: &str) -> Value {
    let told = json_of(gateway, "/api/v1/nodes").await;
    let mut nodes = told["nodes"].as_array().unwrap().iter();
    nodes.find(|known| known["id"] == node).unwrap().clone()
}
