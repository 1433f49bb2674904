//! A suspect sensor as it is told: page, API, metrics and CAP message say so, and say nothing where there is none.

use super::*;

/// The quay's density rests on one node, which a quality test finds suspect.
async fn suspected() -> Server {
    let server = server().await;
    let mut density = zone_value(0, Value::CrowdDensity, NOON - 3_000, 4200);
    density.suspect = 1;
    let mut told = revision(1, 2, AlertState::Updated, NOON);
    (told.suspect, told.completeness.heard) = (1, 1);
    let mut board = server.board.write().unwrap();
    board.apply(&TickOutput {
        tick: NOON as u64,
        zone_values: vec![density],
        revisions: vec![told.clone()],
        ..TickOutput::default()
    });
    let mut trail = Trail::default();
    trail.tell(&told, &face());
    board.told(AlertId(1), trail);
    drop(board);
    server
}

fn density(zones: &serde_json::Value) -> &serde_json::Value {
    let zones = zones["zones"].as_array().unwrap();
    let quay = zones.iter().find(|zone| zone["id"] == "quay").unwrap();
    let figures = quay["figures"].as_array().unwrap();
    let is_density = |figure: &&serde_json::Value| figure["value"] == "crowd_density";
    figures.iter().find(is_density).unwrap()
}

const RATIO: &str = r#"citysense_zone_suspect_ratio{quantity="crowd_density",zone="quay"}"#;

#[tokio::test]
async fn a_suspect_sensor_is_told_wherever_its_figure_is() {
    let server = suspected().await;
    assert_eq!(density(&server.json("/api/v1/zones").await)["suspect"], 1);
    let alerts = server.json("/api/v1/alerts").await;
    assert_eq!(alerts["alerts"][0]["suspect"], 1, "{alerts}");
    let (_, page) = server.get("/").await;
    assert!(page.contains("1 suspect"), "{page}");
    let (_, metrics) = server.get("/metrics").await;
    assert!(metrics.contains(&format!("{RATIO} 1\n")), "{metrics}");
    let (_, cap) = server
        .get(&format!("/api/v1/alerts/{}/cap", AlertId(1)))
        .await;
    assert!(cap.contains("<certainty>Possible</certainty>"), "{cap}");
    server.stop().await;
}

#[tokio::test]
async fn where_nothing_is_suspect_nothing_is_said() {
    let server = server().await;
    let zones = server.json("/api/v1/zones").await;
    assert_eq!(density(&zones).get("suspect"), None);
    let alerts = server.json("/api/v1/alerts").await;
    assert_eq!(alerts["alerts"][0].get("suspect"), None);
    let (_, page) = server.get("/").await;
    assert!(!page.contains("suspect"));
    let (_, metrics) = server.get("/metrics").await;
    assert!(
        !metrics.contains("citysense_zone_suspect_ratio{"),
        "{metrics}"
    );
    server.stop().await;
}
