//! A leak as it is told: API, metrics, map and CAP message say whom it reaches and how far that may be off.

use geo::{LineString, Polygon, Validation};
use pipeline::exposure::{Exposure, Footprint, PlumeFacts};
use pipeline::science::plume::stability::Stability;
use wire::Milli;

use super::*;
use crate::board::sample::exposed;

fn exposure() -> Exposure {
    let told = exposed();
    Exposure {
        source: told.source,
        quantity: Quantity::H2s,
        start: NOON - 60_000,
        zones: Vec::new(),
        plume: PlumeFacts {
            stability: Stability::D,
            wind: Some(Milli(4_100)),
            from: told.from,
            strength: Milli::whole(40_000),
            factor: Milli::whole(2),
        },
        footprints: vec![Footprint {
            level: told.level,
            from: Milli(510),
            ring: told.ring,
            reach: 812,
            people: told.people,
            uncounted: told.uncounted,
            places: told.places,
        }],
    }
}

async fn leaking() -> Server {
    let server = server().await;
    let mut told = revision(1, 2, AlertState::Updated, NOON);
    told.exposed = Some(exposed());
    let mut board = server.board.write().unwrap();
    board.apply(&TickOutput {
        tick: NOON as u64,
        exposures: vec![(exposure(), true)],
        revisions: vec![told.clone()],
        ..TickOutput::default()
    });
    let mut trail = Trail::default();
    trail.tell(&told, &face());
    board.told(AlertId(1), trail);
    drop(board);
    server
}

#[tokio::test]
async fn a_leak_is_told_everywhere_with_its_bounds_and_few_people_as_a_range() {
    let server = leaking().await;
    let json = server.json("/api/v1/footprints").await;
    assert!(json["caution"].as_str().unwrap().contains("two to three"));
    let level = &json["footprints"][0]["levels"][0];
    assert_eq!(level["people"], 240);
    assert_eq!(
        (&level["low"], &level["under"]),
        (&serde_json::Value::Null, &5.into())
    );
    let ring = level["geometry"]["coordinates"][0].as_array().unwrap();
    assert_eq!((ring.len(), &ring[0]), (4, &ring[3]));
    let alerts = server.json("/api/v1/alerts").await;
    let exposed = &alerts["alerts"][0]["exposed"];
    assert_eq!(
        (&exposed["people"], &exposed["high"]),
        (&240.into(), &900.into())
    );
    assert_eq!(
        (&exposed["low"], &exposed["under"]),
        (&serde_json::Value::Null, &5.into())
    );
    assert_eq!(exposed["places"][0], "Quay School");

    let (_, metrics) = server.get("/metrics").await;
    let labels = "{level=\"AEGL-1\",quantity=\"h2s\",source=\"valve\"}";
    assert!(metrics.contains(&format!("citysense_exposed_persons{labels} 240")));
    assert!(metrics.contains(&format!("citysense_exposed_persons_high{labels} 900")));
    assert!(
        !metrics.contains("citysense_exposed_persons_low{"),
        "withheld"
    );

    let (_, page) = server.get("/").await;
    for text in [
        "class=\"footprint f0\"",
        "240 (&lt;5 to 900) people",
        "Quay School",
        "two to three",
    ] {
        assert!(page.contains(text), "{text}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_cap_message_has_the_footprint_as_its_area_and_names_who_is_in_it() {
    let server = leaking().await;
    let (status, xml) = server
        .get(&format!("/api/v1/alerts/{}/cap", AlertId(1)))
        .await;
    assert_eq!(status, 200);
    assert!(
        xml.contains("<areaDesc>Old quay; Quay School</areaDesc>"),
        "{xml}"
    );
    assert!(xml.contains("240 (&lt;5 to 900) people"));
    let polygon = xml.split("<polygon>").nth(1).unwrap();
    let pairs: Vec<(f64, f64)> = polygon
        .split("</polygon>")
        .next()
        .unwrap()
        .split(' ')
        .map(|pair| pair.split_once(',').unwrap())
        .map(|(lat, lon)| (lon.parse().unwrap(), lat.parse().unwrap()))
        .collect();
    assert_eq!(
        (pairs.len(), pairs[0]),
        (4, pairs[3]),
        "closed, four points at least"
    );
    assert!(Polygon::new(LineString::from(pairs), Vec::new()).is_valid());
    server.stop().await;
}

#[tokio::test]
async fn a_leak_that_nobody_speaks_of_any_more_is_not_shown_as_live() {
    let server = leaking().await;
    {
        let mut board = server.board.write().unwrap();
        let later = board.picture(NOON + 16 * 60_000);
        assert!(later.exposures.is_empty());
        board.apply(&TickOutput {
            tick: NOON as u64,
            exposures: vec![(exposure(), false)],
            ..TickOutput::default()
        });
        assert!(
            board.picture(NOON).exposures.is_empty(),
            "taken back by a correction"
        );
    }
    server.stop().await;
}

#[tokio::test]
async fn a_leak_of_the_past_is_on_the_map_of_its_moment() {
    let server = leaking().await;
    let played = async |minutes: i64| {
        let address = format!("/playback?at={}", NOON - minutes * 60_000);
        let (status, page) = server.get(&address).await;
        assert_eq!(status, 200, "{page}");
        page.contains("class=\"footprint")
    };
    assert!(!played(1).await, "its first minute is not over yet");
    let mut before = exposure();
    before.start -= 5 * 60_000;
    server.board.write().unwrap().apply(&TickOutput {
        tick: NOON as u64,
        exposures: vec![(before, true)],
        ..TickOutput::default()
    });
    assert!(played(5).await && played(1).await);
    assert!(!played(6).await);
    server.stop().await;
}
