//! What the accounts of a gateway's nodes must add up to.

#![allow(clippy::unwrap_used)]

use gateway::metrics::REFUSAL_REASONS;
use serde_json::Value;

use crate::browser::get;
use crate::gateway::{Gateway, metric};

/// Frames that the gateway has counted under any outcome.
pub fn received(gateway: &Gateway) -> f64 {
    let outcomes =
        ["accepted", "duplicate"].map(|o| format!("citysense_frames_total{{outcome=\"{o}\"}}"));
    // The first six are of frames, the others of readings.
    let refused = REFUSAL_REASONS[..6]
        .iter()
        .map(|r| format!("citysense_refusals_total{{reason=\"{r}\"}}"));
    let counted = outcomes.into_iter().chain(refused);
    counted.map(|series| gateway.metric(&series)).sum()
}

/// All accounts together are what the gateway counted.
pub async fn balances(gateway: &Gateway) {
    let told = json_of(gateway, "/api/v1/nodes").await;
    let metrics = page_of(gateway, "/metrics").await;
    let nodes = told["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| &node["ledger"]);
    let all: Vec<&Value> = nodes.chain([&told["nobody"]]).collect();
    let sum = |path: &str| -> f64 {
        all.iter()
            .map(|ledger| ledger.pointer(path).unwrap().as_f64().unwrap())
            .sum()
    };
    for (path, series) in [
        (
            "/frames/accepted",
            "citysense_frames_total{outcome=\"accepted\"}",
        ),
        (
            "/frames/duplicate",
            "citysense_frames_total{outcome=\"duplicate\"}",
        ),
        ("/frames/lost", "citysense_frames_lost_total"),
        (
            "/frames/refused/malformed",
            "citysense_refusals_total{reason=\"malformed\"}",
        ),
        (
            "/frames/refused/version",
            "citysense_refusals_total{reason=\"version\"}",
        ),
        (
            "/frames/refused/unknown_node",
            "citysense_refusals_total{reason=\"unknown_node\"}",
        ),
        (
            "/frames/refused/seal",
            "citysense_refusals_total{reason=\"seal\"}",
        ),
        (
            "/frames/refused/generation",
            "citysense_refusals_total{reason=\"generation\"}",
        ),
        (
            "/frames/refused/topic",
            "citysense_refusals_total{reason=\"topic\"}",
        ),
        (
            "/readings/admitted",
            "citysense_readings_total{outcome=\"admitted\"}",
        ),
        (
            "/readings/faults",
            "citysense_readings_total{outcome=\"fault\"}",
        ),
        (
            "/readings/implausible",
            "citysense_refusals_total{reason=\"implausible\"}",
        ),
        (
            "/readings/late",
            "citysense_readings_marked_total{mark=\"late\"}",
        ),
        (
            "/readings/too_late",
            "citysense_readings_marked_total{mark=\"too_late\"}",
        ),
        (
            "/readings/restamped",
            "citysense_readings_marked_total{mark=\"restamped\"}",
        ),
    ] {
        assert_eq!(sum(path), metric(&metrics, series), "{path} and {series}");
        assert!(metrics.contains(series), "no {series}");
    }
    for ledger in all {
        let count = |path: &str| ledger.pointer(path).unwrap().as_u64().unwrap();
        let refused: u64 = ledger["frames"]["refused"]
            .as_object()
            .unwrap()
            .values()
            .filter_map(Value::as_u64)
            .sum();
        assert_eq!(
            count("/frames/received"),
            count("/frames/accepted") + count("/frames/duplicate") + refused
        );
        let parts = [
            "admitted",
            "faults",
            "implausible",
            "unknown_quantity",
            "untold",
        ];
        let parts: u64 = parts
            .iter()
            .map(|part| count(&format!("/readings/{part}")))
            .sum();
        assert_eq!(count("/readings/all"), parts);
    }
}

/// What the API answers.
pub async fn json_of(gateway: &Gateway, path: &str) -> Value {
    serde_json::from_str(&page_of(gateway, path).await).unwrap()
}

/// A page as text.
pub async fn page_of(gateway: &Gateway, path: &str) -> String {
    get(&gateway.ready.http.to_string(), path).await.unwrap()
}
