//! Pages that look back, in a real browser before a whole gateway with a journal.
//!
//! Goal: what was known at a moment and what is known to have been true at it are told apart on every page, while the
//! alert stands, after it left the list, and after a restart. Method: ten minutes of city time, in which a leak is found,
//! a late reading says that it began earlier and was worse, somebody takes it on, and it ends; the story is the oracle.
//! The pages are also read by axe-core.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::time::Instant;

use gateway::city::LoadedCity;
use gateway::clock::{Clock, ScaledClock, SystemClock};
use pipeline::calendar::{MINUTE, Millis, SECOND, rfc3339};
use serde_json::Value;
use tests::browser::device::DESK;
use tests::browser::{Browser, get};
use tests::gateway::{EMBEDDED, Gateway, HandNode, Listener, PATIENCE, files, until};
use tests::wall::{HASH, OPERATOR, PASSWORD};
use wire::{Lane, Milli, Quantity};

/// City seconds in a real one.
const SPEED: u32 = 30;
/// Not a whole hour, so that a clock that is off by one shows.
const START: Millis = 1_795_348_800_000 + 7 * MINUTE;

/// The rule in force, and one in shadow that only the late reading makes speak.
const RULES: &str = r#"
[[rule]]
id = "gas"
kind = "gas"
value = "ch4"
statistic = "max"
zones = ["*"]
raise_at = 20
clear_at = 10
max_gap = "5m"
severity = "severe"

[[rule]]
id = "tried"
kind = "gas"
value = "ch4"
statistic = "max"
zones = ["*"]
raise_at = 35
clear_at = 10
max_gap = "5m"
severity = "severe"
shadow = true
"#;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_known_then_and_what_is_true_are_told_apart() {
    let data = tempfile::tempdir().unwrap();
    let clock: Arc<dyn Clock> = Arc::new(ScaledClock::starting_at(START, SPEED));
    let start = || Gateway::start_at(data.path(), city(), Arc::clone(&clock));
    let gateway = start().await;
    let lived = live(&gateway, &clock).await;
    let mut page = open(&gateway).await;
    for moment in lived.moments() {
        looks_back(&mut page, &gateway, &lived, moment).await;
    }
    page.no_serious_findings().await.unwrap();
    compares(&mut page, &gateway, &lived).await;

    // After its horizon it leaves the list; its page is made from the history.
    let http = gateway.ready.http.to_string();
    let begun = Instant::now();
    let listed = async || get(&http, "/api/v1/alerts").await.unwrap();
    while listed().await.contains(&lived.id) {
        assert!(begun.elapsed() < PATIENCE, "it never leaves");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    from_the_archive(&mut page, &gateway, &lived).await;
    gateway.stop().await;
    drop(page);

    // A gateway that knows it from the disk alone says the same.
    let gateway = start().await;
    let mut page = open(&gateway).await;
    from_the_archive(&mut page, &gateway, &lived).await;
    for moment in [lived.unknown(), lived.known()] {
        looks_back(&mut page, &gateway, &lived, moment).await;
    }
    gateway.stop().await;
}

/// What happened, by the city's clock.
struct Lived {
    id: String,
    /// Nothing was wrong.
    quiet: Millis,
    /// It leaked already, and nobody knew.
    unknown: Millis,
    /// People knew of the leak, and of less than it was.
    first: Millis,
    /// Corrected, and taken on.
    known: Millis,
    /// It was over, and people knew.
    over: Millis,
}

/// A moment, and what may be said of it.
struct Moment {
    at: Millis,
    /// Greatest value and state as they were known then; `None`: nobody knew anything.
    known: Option<(&'static str, &'static str)>,
    /// Whether it is known now that it leaked then.
    leaked: bool,
}

impl Lived {
    fn moments(&self) -> [Moment; 5] {
        let quiet = Moment {
            at: self.quiet,
            known: None,
            leaked: false,
        };
        let first = Moment {
            at: self.first,
            known: Some(("30", "raised")),
            leaked: true,
        };
        let over = Moment {
            at: self.over,
            known: Some(("40", "cleared")),
            leaked: false,
        };
        [quiet, self.unknown(), first, self.known(), over]
    }

    fn unknown(&self) -> Moment {
        Moment {
            at: self.unknown,
            known: None,
            leaked: true,
        }
    }

    fn known(&self) -> Moment {
        Moment {
            at: self.known,
            known: Some(("40", "updated")),
            leaked: true,
        }
    }
}

async fn live(gateway: &Gateway, clock: &Arc<dyn Clock>) -> Lived {
    let mut people = Listener::start(gateway.broker, "people", "city/v1/harbour/alert/#").await;
    let mut found = HandNode::start(gateway.broker, "n0", 1).await;
    let mut late = HandNode::start(gateway.broker, "n1", 1).await;
    let now = || clock.now();
    let read = async |node: &mut HandNode, value: i64| {
        node.ahead = clock.now() - SystemClock.now();
        node.deliver(Lane::Normal, Quantity::Ch4, Milli::whole(value))
            .await;
    };
    read(&mut found, 5).await;
    read(&mut late, 5).await;
    let quiet = now() + 20 * SECOND;
    after(clock, quiet + MINUTE).await;

    // One node reads the leak and cannot say so; minutes later the other one finds it.
    late.ahead = clock.now() - SystemClock.now();
    let unheard = late.seal(Lane::Normal, Quantity::Ch4, Milli::whole(40));
    let unknown = now() + MINUTE;
    after(clock, unknown + MINUTE).await;
    read(&mut found, 30).await;
    let raised = people.next_json().await.1;
    assert_eq!(
        (&raised["state"], &raised["value"]),
        (&"raised".into(), &30.0.into())
    );
    let id = raised["id"].as_str().unwrap().to_owned();
    let first = now() + 10 * SECOND;
    after(clock, first + 10 * SECOND).await;

    late.deliver_bytes(Lane::Normal, 1, &unheard).await;
    let corrected = told(&mut people, |told| told["value"] == 40.0).await;
    assert_eq!(corrected["id"], id.as_str());
    assert!(
        corrected["onset"].as_str() < raised["onset"].as_str(),
        "{corrected}"
    );

    // Somebody takes it on, by its page, on which stands why.
    let mut page = open(gateway).await;
    page.go(&url(gateway, &format!("/alert/{id}")))
        .await
        .unwrap();
    page.says("#why", "One reading is enough").await.unwrap();
    page.says("#readings", "n1").await.unwrap();
    page.says("#readings", "40").await.unwrap();
    page.click("#actions a[href^='/sign-in']").await.unwrap();
    page.says("#sign-in", "Password").await.unwrap();
    page.fill("#name", OPERATOR).await.unwrap();
    page.fill("#password", PASSWORD).await.unwrap();
    page.press("Enter").await.unwrap();
    page.says("#account", OPERATOR).await.unwrap();
    page.click("#acknowledge button").await.unwrap();
    told(&mut people, |told| told["acknowledged"] == OPERATOR).await;
    page.says("#alert", OPERATOR).await.unwrap();
    page.until("document.querySelector('#why-since').hidden")
        .await
        .unwrap();
    // It leaks on.
    let known = now();
    read(&mut found, 30).await;

    // Fresh air at both.
    let begun = Instant::now();
    let mut cleared = false;
    while !cleared {
        assert!(begun.elapsed() < PATIENCE, "it never clears");
        read(&mut found, 1).await;
        read(&mut late, 1).await;
        let list = get(&gateway.ready.http.to_string(), "/api/v1/alerts").await;
        let list: Value = serde_json::from_str(&list.unwrap()).unwrap();
        cleared = list["alerts"][0]["state"] == "cleared";
    }
    // The page that was left open says that its explanation is of what was, and leads on.
    page.says("#why-since", "More is known since")
        .await
        .unwrap();
    page.click("#why-since a").await.unwrap();
    page.says("#why .lead", "Cleared").await.unwrap();
    page.until("document.querySelector('#why-since').hidden")
        .await
        .unwrap();
    let over = now() + 5 * SECOND;
    after(clock, over + MINUTE).await;
    Lived {
        id,
        quiet,
        unknown,
        first,
        known,
        over,
    }
}

/// By both clocks, what the pages say of a moment.
async fn looks_back(page: &mut Browser, gateway: &Gateway, lived: &Lived, moment: Moment) {
    let Moment { at, known, leaked } = moment;
    let id = &lived.id;
    let address = |path: &str| url(gateway, &format!("{path}{}", rfc3339(at)));
    let is_listed = format!("!!document.querySelector(\"#answer a[href='/alert/{id}']\")");
    // As it is known now it has its true peak, and has ended.
    let truth = leaked.then_some(("40", "cleared"));
    for (clock, answer) in [("known_at", known), ("true_at", truth)] {
        page.go(&address(&format!("/history?{clock}=")))
            .await
            .unwrap();
        let Some((peak, state)) = answer else {
            page.says("#answer", "No alert.").await.unwrap();
            continue;
        };
        page.until(&is_listed).await.unwrap();
        let said = page.text("#answer table").await.unwrap().to_lowercase();
        let is_said = said.contains(&format!("{peak} ")) && said.contains(state);
        assert!(is_said, "{peak}, {state}, {clock} {}: {said}", rfc3339(at));
    }
    let is_played = format!("!!document.querySelector(\"#alerts a[href^='/alert/{id}']\")");
    for (clock, is_there) in [("then", known.is_some()), ("now", leaked)] {
        page.go(&address(&format!("/playback?known={clock}&at=")))
            .await
            .unwrap();
        page.says("#chosen", "Not live").await.unwrap();
        match is_there {
            true => page.until(&is_played).await.unwrap(),
            false => page.says("#alerts", "No alerts.").await.unwrap(),
        }
        // Whatever became of it later, its zone is not drawn as calm.
        let open = usize::from(is_there && at < lived.over);
        page.says("#alerts-title", &format!("{open} open"))
            .await
            .unwrap();
        let map = page.text("#map").await.unwrap();
        assert_eq!(map.contains("Severe"), open == 1, "{map}");
    }
}

/// The rule in shadow speaks of it, too, by the late reading alone: as is known now both began and ended alike.
async fn compares(page: &mut Browser, gateway: &Gateway, lived: &Lived) {
    let (from, to) = (rfc3339(lived.quiet), rfc3339(lived.over));
    let path = format!("/compare?from={from}&to={to}");
    // Where nobody says when, it is the last day.
    for path in ["/compare", &path] {
        page.go(&url(gateway, path)).await.unwrap();
        page.says("main", "tried").await.unwrap();
        page.says("#compared-0", "0 added, 0 removed, 0 moved, 1 alike")
            .await
            .unwrap();
    }
    page.no_serious_findings().await.unwrap();
}

/// The page of the alert once it is on no list.
async fn from_the_archive(page: &mut Browser, gateway: &Gateway, lived: &Lived) {
    let path = format!("/alert/{}", lived.id);
    page.go(&url(gateway, &path)).await.unwrap();
    page.says("#alert", "It has left the list of alerts")
        .await
        .unwrap();
    page.says("#alert", "40").await.unwrap();
    page.says("#history", &format!("{OPERATOR} "))
        .await
        .unwrap();
    page.says("#why", "One reading is enough").await.unwrap();
    page.no_serious_findings().await.unwrap();
}

fn city() -> LoadedCity {
    let mut sources = files(2, EMBEDDED);
    sources.city_toml += &format!(
        "[panes]\nch4 = \"30s\"\n[horizon]\ndefault = \"6m\"\n[access]\n[[access.user]]\n\
         name = \"{OPERATOR}\"\nrole = \"operator\"\npassword = \"{HASH}\"\n"
    );
    sources.rules_toml = Some(RULES.to_owned());
    LoadedCity::from_sources(&sources, None).unwrap()
}

/// Waits until the city's clock shows it.
async fn after(clock: &Arc<dyn Clock>, moment: Millis) {
    until("the city lives on", || clock.now() > moment).await;
}

/// The next that people hear of that kind.
async fn told(people: &mut Listener, fits: impl Fn(&Value) -> bool) -> Value {
    loop {
        let (_, told) = people.next_json().await;
        if fits(&told) {
            return told;
        }
    }
}

async fn open(gateway: &Gateway) -> Browser {
    let mut page = Browser::start().await.unwrap();
    page.size(DESK).await.unwrap();
    page.language("en").await.unwrap();
    page.go(&url(gateway, "/")).await.unwrap();
    page
}

fn url(gateway: &Gateway, path: &str) -> String {
    format!("http://{}{path}", gateway.ready.http)
}
