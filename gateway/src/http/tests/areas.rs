//! Somebody who has one zone of the city asks everything that can be asked, and hears of no other zone.
//!
//! The routes are read from the sources, so that a new one is asked too.

use std::collections::BTreeSet;
use std::path::Path;

use pipeline::city::ZoneIx;
use pipeline::incident::{Incident, IncidentId, IncidentState};
use pipeline::input::Scope;
use pipeline::output::Silence;
use pipeline::rules::Severity;
use wire::{KindId, ZoneId};

use super::*;
use crate::access::Policy;
use crate::city::Landmark;

/// Every path in a `.route(…)` of this module.
fn routes(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("tests") {
            routes(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") && !path.ends_with("tests.rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            for rest in text.split(".route(").skip(1) {
                let rest = rest.trim_start();
                if let Some(quoted) = rest.strip_prefix('"') {
                    found.insert(quoted.split('"').next().unwrap().to_owned());
                }
            }
        }
    }
}

fn zone(id: &str) -> ZoneId {
    ZoneId::new(id).unwrap()
}

/// Alerts, a silence, an incident and places in both zones.
async fn both() -> Server {
    let server = server().await;
    let mut mole = revision(2, 1, AlertState::Raised, NOON);
    mole.zone = zone("mole");
    mole.zone_name = "Mole & <light>".to_owned();
    let silence = |ix, text: &str| Silence {
        scope: Scope {
            zone: Some(ZoneIx(ix)),
            ..Scope::default()
        },
        since: NOON,
        until: NOON + 3_600_000,
        by: "Ada".to_owned(),
        text: text.to_owned(),
    };
    let incident = Incident {
        id: IncidentId(7),
        revision: 1,
        state: IncidentState::Open,
        kind: KindId::new("crowd").unwrap(),
        zones: vec![zone("mole"), zone("quay")],
        alerts: vec![AlertId(1), AlertId(2)],
        severity: Severity::Severe,
        since: NOON,
        updated: NOON,
        merged_into: None,
        split_from: None,
        status: face().status,
    };
    let mut trail = Trail::default();
    trail.tell(&mole, &face());
    let mut city = face();
    let landmark = |name: &str, lon| Landmark {
        id: name.to_owned(),
        name: name.to_owned(),
        kind: "school".to_owned(),
        lon,
        lat: 31.005,
    };
    city.places = vec![
        landmark("quay-school", 121.005),
        landmark("light-school", 121.025),
    ];
    let mut board = server.board.write().unwrap();
    board.city_changed(city);
    board.apply(&TickOutput {
        tick: NOON as u64,
        expected: expected(),
        zone_values: vec![
            zone_value(0, Value::CrowdDensity, NOON - 4_000, 4200),
            zone_value(1, Value::CrowdDensity, NOON - 4_000, 4300),
        ],
        revisions: vec![mole],
        silences: Some(vec![silence(0, "at the quay"), silence(1, "at the light")]),
        incidents: vec![incident],
        ..TickOutput::default()
    });
    board.told(AlertId(2), trail);
    drop(board);
    server
}

#[tokio::test]
async fn whoever_has_one_zone_hears_of_no_other() {
    let server = both().await;
    let mut paths = BTreeSet::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http");
    routes(&folder, &mut paths);
    assert!(paths.len() > 25, "{paths:?}");
    let other = AlertId(1).to_string();
    let ask = async |path: &str| {
        let head = format!(
            "GET {path} HTTP/1.1\r\nhost: wall\r\nauthorization: Bearer citysense_mole-wall\r\n"
        );
        server.send(&head, "").await
    };
    let mut read = 0;
    for path in &paths {
        if ["/api/v1/stream", "/api/openapi.json"].contains(&path.as_str()) {
            continue;
        }
        let own = path
            .replace("{id}", &AlertId(2).to_string())
            .replace("{node}", "mole-1")
            .replace("{zone}", "mole");
        for (own, query) in [
            (&own, ""),
            (&own, "?zone=mole&value=crowd_density"),
            (&own, "?id=mole-1"),
        ] {
            for tail in [
                "Things",
                "Datastreams",
                "Locations",
                "Things?$expand=Datastreams",
            ] {
                let own = own.replace("{*path}", tail);
                let own = own.replace(['{', '}'], "");
                let asked = if own.contains('?') {
                    own
                } else {
                    format!("{own}{query}")
                };
                let (status, _, body) = ask(&asked).await;
                read += usize::from(status == 200);
                assert!(
                    !body.to_lowercase().contains("quay") && !body.contains(&other),
                    "{asked} ({status}): {body}"
                );
                if !path.contains("{*path}") {
                    break;
                }
            }
        }
        // What is elsewhere is answered as what is not there.
        let elsewhere = path
            .replace("{id}", &other)
            .replace("{node}", "quay-1")
            .replace("{zone}", "quay");
        if elsewhere != *path {
            let (status, _, body) = ask(&elsewhere).await;
            assert!((400..500).contains(&status), "{elsewhere}: {status} {body}");
            assert!(!body.contains("Old quay"), "{elsewhere}: {body}");
        }
    }
    assert!(read > 40, "most are answered: {read}");
    // Its own it does hear of.
    for path in [
        "/api/v1/silences",
        "/api/v1/incidents",
        "/api/v1/alerts",
        "/cap.atom",
        "/",
    ] {
        let (_, _, body) = ask(path).await;
        let told = ["light", AlertId(2).to_string().as_str()]
            .into_iter()
            .any(|own| body.contains(own));
        assert!(told, "{path}: {body}");
    }
    server.stop().await;
}

#[tokio::test]
async fn the_stream_tells_of_the_own_zones_and_ends_with_the_right_to_hear_it() {
    let server = both().await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let request = "GET /api/v1/stream HTTP/1.1\r\nhost: wall\r\nauthorization: Bearer citysense_mole-wall\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut heard = String::new();
    hear(&mut stream, &mut heard, "event: tick").await;
    let mut mole = revision(2, 2, AlertState::Updated, NOON);
    mole.zone = zone("mole");
    mole.zone_name = "Mole".to_owned();
    server.say(revision(1, 2, AlertState::Updated, NOON));
    server.say(mole);
    hear(&mut stream, &mut heard, r#""revision":2"#).await;
    assert!(
        heard.contains(r#""zone":"mole""#) && !heard.contains("quay"),
        "{heard}"
    );
    server.door.set_policy(Policy::default());
    hear(&mut stream, &mut heard, "\r\n0\r\n\r\n").await;
    server.stop().await;
}

/// What many ask alike is drawn once, and for nobody who sees something else.
#[tokio::test]
async fn a_drawing_for_one_is_not_given_to_another_who_sees_less() {
    let server = both().await;
    let (ada, bo) = (server.cookie.clone(), server.enter("Bo").await);
    let vi = server.enter("Vi").await;
    let ask = async |cookie: &str| server.as_browser("GET", "/fragment", cookie, "").await;
    let mark = |head: &str| {
        let (_, mark) = head.split_once("citysense-reader: ").unwrap();
        mark[..16].to_owned()
    };
    let (_, head, all) = ask(&ada).await;
    let (_, again, same) = ask(&ada).await;
    assert_eq!((mark(&head), &all), (mark(&again), &same));
    assert!(all.contains("m-mole") && all.contains("m-quay"));
    let (_, his, part) = ask(&bo).await;
    assert!(part.contains("m-mole") && !part.contains("m-quay"));
    let (_, hers, seen) = ask(&vi).await;
    for (other, page) in [(his, part), (hers, seen)] {
        assert_ne!(mark(&head), mark(&other));
        assert!(!page.contains("Ada ·"), "{page}");
    }
    server.stop().await;
}
