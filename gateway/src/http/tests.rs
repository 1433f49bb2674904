//! The HTTP side over real sockets: what is answered, what is refused, and what the stream says.

use std::net::Ipv4Addr;
use std::time::Duration;

use pipeline::alert::{AlertId, State as AlertState};
use pipeline::calendar::Millis;
use pipeline::city::NodeIx;
use pipeline::output::TickOutput;
use pipeline::quality::{Cause, Flaw, Withdrawal};
use pipeline::rules::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use wire::Quantity;

use super::*;
use crate::access::Spans;
use crate::board::sample::{NOON, expected, face, revision, zone_value};
use crate::cap::Trail;
use crate::metrics::Metrics;

mod actions;
mod areas;
mod connections;
mod door;
mod forms;
mod leak;
mod mistakes;
mod recorded;
mod size;
mod suspect;
mod withdrawals;

/// A clock that stands still.
struct Still(Millis);

impl Clock for Still {
    fn now(&self) -> Millis {
        self.0
    }
    fn real_duration(&self, city: Millis) -> Duration {
        Duration::from_millis(city.max(0) as u64)
    }
}

struct Server {
    address: std::net::SocketAddr,
    board: Arc<RwLock<Board>>,
    actions: mpsc::Receiver<Action>,
    door: Door,
    /// Ada's, who is an operator of the whole city; a head's field.
    cookie: String,
    shutdown: CancellationToken,
    task: tokio::task::JoinHandle<io::Result<()>>,
}

/// A server at noon with a density and an open alert at the quay, link up.
async fn server() -> Server {
    server_with(None).await
}

async fn server_with(certificate: Option<Certificate>) -> Server {
    let mut board = Board::new(face());
    board.apply(&TickOutput {
        tick: NOON as u64,
        expected: expected(),
        zone_values: vec![
            zone_value(0, Value::CrowdDensity, NOON - 4_000, 4200),
            zone_value(0, Value::CrowdCount, NOON - 4_000, 3000),
        ],
        revisions: vec![revision(1, 1, AlertState::Raised, NOON)],
        ..TickOutput::default()
    });
    let mut trail = Trail::default();
    trail.tell(&revision(1, 1, AlertState::Raised, NOON), &face());
    board.told(AlertId(1), trail);
    board.link_changed(true);
    board.frontier_reached(NOON as u64);
    let board = Arc::new(RwLock::new(board));
    let (sender, actions) = mpsc::channel(1);
    let metrics = Metrics::new().unwrap();
    let door = Door::new(door::policy(), Spans::default(), metrics.registry());
    let ada = door.sign_in("Ada", door::PASSWORD.to_owned(), Ipv4Addr::LOCALHOST.into());
    let session = ada.await.unwrap();
    let state = HttpState {
        board: board.clone(),
        metrics: metrics.registry().clone(),
        actions: sender,
        explainer: None,
        archive: None,
        clock: Arc::new(Still(NOON)),
        door: door.clone(),
        certificate,
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let shutdown = CancellationToken::new();
    let task = tokio::spawn(serve(listener, state, shutdown.clone()));
    Server {
        address,
        board,
        actions,
        door,
        cookie: format!("cookie: session={session}\r\n"),
        shutdown,
        task,
    }
}

impl Server {
    /// Status, head and body of the answer to Ada.
    async fn ask(&self, method: &str, path: &str, kind: &str, body: &str) -> (u16, String, String) {
        let cookie = &self.cookie;
        let head =
            format!("{method} {path} HTTP/1.1\r\nhost: wall\r\n{cookie}content-type: {kind}\r\n");
        self.send(&head, body).await
    }

    /// The same for any request; `head` ends with its last field.
    async fn send(&self, head: &str, body: &str) -> (u16, String, String) {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let request = format!(
            "{head}connection: close\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        let read = stream.read_to_string(&mut answer);
        timeout(Duration::from_secs(20), read)
            .await
            .unwrap()
            .unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, head.to_lowercase(), body.to_owned())
    }

    async fn get(&self, path: &str) -> (u16, String) {
        let (status, _, body) = self.ask("GET", path, "text/plain", "").await;
        (status, body)
    }

    async fn json(&self, path: &str) -> serde_json::Value {
        let (status, body) = self.get(path).await;
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str(&body).unwrap()
    }

    async fn stop(self) {
        self.shutdown.cancel();
        let ended = timeout(Duration::from_secs(20), self.task).await;
        ended.unwrap().unwrap().unwrap();
    }
}

#[tokio::test]
async fn what_of_a_node_does_not_count_is_said_by_api_metrics_and_page() {
    let server = server().await;
    let row = |quantity, cause| Withdrawal {
        node: NodeIx(0),
        quantity,
        from: NOON - 60_000,
        until: None,
        cause,
    };
    let stuck = row(Some(Quantity::Ch4), Cause::Flaw(Flaw::Stuck));
    let by_ada = row(None, Cause::Operator("ada & <co>".to_owned()));
    server.board.write().unwrap().apply(&TickOutput {
        tick: NOON as u64,
        withdrawals: vec![(by_ada, true), (stuck, true)],
        ..TickOutput::default()
    });
    let nodes = server.json("/api/v1/nodes").await;
    let of = |id| {
        let mut nodes = nodes["nodes"].as_array().unwrap().iter();
        nodes.find(|node| node["id"] == id).unwrap()["quarantine"].clone()
    };
    let expected = serde_json::json!([
        { "quantity": null, "from": "2026-11-22T00:59:00.000Z", "until": null,
          "cause": "operator", "by": "ada & <co>" },
        { "quantity": "ch4", "from": "2026-11-22T00:59:00.000Z", "until": null,
          "cause": "stuck", "by": null },
    ]);
    assert_eq!(
        (of("quay-1"), of("mole-1")),
        (expected, serde_json::json!([]))
    );
    let (_, metrics) = server.get("/metrics").await;
    for (cause, nodes) in [("operator", 1), ("stuck", 1), ("spiking", 0)] {
        let line = format!("citysense_nodes_quarantined{{cause=\"{cause}\"}} {nodes}\n");
        assert!(metrics.contains(&line), "no {line} in {metrics}");
    }
    let (_, page) = server.get("/").await;
    let marks = [
        "Methane withdrawn: stuck, since 08:59",
        "by ada &amp; &lt;co&gt;",
    ];
    for mark in marks {
        assert!(page.contains(mark), "no «{mark}» in {page}");
    }
    server.stop().await;
}

#[tokio::test]
async fn the_lists_say_what_is_how_old_and_how_complete() {
    let server = server().await;
    let zones = server.json("/api/v1/zones").await;
    assert_eq!(zones["status"], "simulated");
    let quay = &zones["zones"][1];
    assert_eq!(
        (&quay["id"], &quay["state"]),
        (&"quay".into(), &"severe".into())
    );
    let few = &quay["figures"][0];
    assert_eq!(
        (few["mean"].as_f64(), few["under"].as_f64()),
        (None, Some(5.0))
    );
    let density = &quay["figures"][1];
    assert_eq!(density["mean"], 4.2);
    assert_eq!(density["age_seconds"], 4.0);
    assert_eq!(density["completeness"]["expected"], 2);
    assert_eq!(density["provisional"], true);
    assert_eq!(density["oldest_unheard"], "quay-1");
    assert_eq!(zones["zones"][0]["state"], "unknown");
    let nodes = server.json("/api/v1/nodes").await;
    assert_eq!(nodes["nodes"][0]["id"], "mole-1");
    let alerts = server.json("/api/v1/alerts").await;
    assert_eq!(alerts["alerts"][0]["value"], 4.2);
    assert_eq!(alerts["alerts"][0]["oldest_unheard"], "quay-1");
    let story = server.json(&format!("/api/v1/alerts/{}", AlertId(1))).await;
    assert_eq!(story["history"].as_array().unwrap().len(), 1);
    server.stop().await;
}

#[tokio::test]
async fn what_cannot_be_answered_is_refused_in_words() {
    let server = server().await;
    for (path, status) in [
        ("/nothing", 404),
        ("/api/v1/alerts/xyz", 400),
        ("/api/v1/alerts/00000000000000000000000000000009", 404),
        ("/alert/..%2f..%2fetc", 400),
        ("/?zone=%3Cscript%3E&value=%00", 200),
        ("/fragment?zone=quay&value=silence", 200),
    ] {
        let (got, body) = server.get(path).await;
        assert_eq!(got, status, "{path}");
        assert!(!body.contains("<script>"), "{path}");
    }
    for method in ["POST", "PUT", "DELETE"] {
        let (status, _, _) = server.ask(method, "/api/v1/zones", "text/plain", "").await;
        assert_eq!(status, 405, "{method}");
    }
    let (_, head, _) = server.ask("GET", "/", "text/plain", "").await;
    assert!(head.contains("content-security-policy: default-src 'none'; script-src 'self'"));
    assert!(head.contains("x-content-type-options: nosniff"));
    server.stop().await;
}

#[tokio::test]
async fn the_feed_leads_to_each_alert_as_a_cap_message() {
    let server = server().await;
    let (status, head, feed) = server.ask("GET", "/cap.atom", "text/plain", "").await;
    assert_eq!(status, 200);
    assert!(head.contains("content-type: application/atom+xml"));
    let path = format!("/api/v1/alerts/{}/cap", AlertId(1));
    assert!(feed.contains(&format!("href=\"{path}\"")), "{feed}");
    let (status, head, cap) = server.ask("GET", &path, "text/plain", "").await;
    assert_eq!(status, 200);
    assert!(head.contains("content-type: application/cap+xml"));
    assert!(cap.contains("<msgType>Alert</msgType>"));
    assert_eq!(server.get("/api/v1/alerts/xyz/cap").await.0, 400);
    let unknown = format!("/api/v1/alerts/{}/cap", AlertId(9));
    assert_eq!(server.get(&unknown).await.0, 404);
    server.stop().await;
}

#[tokio::test]
async fn readiness_names_what_is_wrong() {
    let server = server().await;
    assert_eq!(server.get("/healthz").await.0, 200);
    assert_eq!(server.get("/readyz").await, (200, "ready\n".to_owned()));
    server.board.write().unwrap().link_changed(false);
    let (status, why) = server.get("/readyz").await;
    assert_eq!(
        (status, why.as_str()),
        (503, "the link to the broker is down\n")
    );
    let full = Some("no space left".to_owned());
    server.board.write().unwrap().journal_changed(full);
    assert!(server.get("/readyz").await.1.contains("no space left"));
    assert!(server.get("/").await.1.contains("no space left"));
    let alert = format!("/alert/{}", AlertId(1));
    assert!(server.get(&alert).await.1.contains("Not live:"));
    server.stop().await;
}

#[tokio::test]
async fn metrics_have_the_promised_names_and_a_quiet_zone_has_none() {
    let server = server().await;
    let (_, text) = server.get("/metrics").await;
    for line in [
        r#"citysense_crowd_density_persons_per_square_meter{zone="quay"} 4.2"#,
        r#"citysense_zone_value_withheld_under{quantity="crowd_count",zone="quay"} 5"#,
        r#"citysense_zone_completeness_ratio{quantity="crowd_density",zone="quay"} 0.5"#,
        r#"citysense_zone_age_seconds{quantity="crowd_density",zone="quay"} 4"#,
        r#"citysense_alerts{kind="crowd",severity="severe",state="raised"} 1"#,
        r#"citysense_stream_dropped_total{reason="slow"} 0"#,
        "citysense_link_up{link=\"readings\"} 0",
    ] {
        assert!(text.contains(line), "no {line} in {text}");
    }
    assert!(!text.contains(r#"zone="mole""#));
    assert!(!text.contains(r#"citysense_zone_value{"#));
    server.stop().await;
}

#[tokio::test]
async fn the_stream_tells_a_tick_and_then_each_revision() {
    let server = server().await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let request = "GET /api/v1/stream HTTP/1.1\r\nhost: wall\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut heard = String::new();
    hear(&mut stream, &mut heard, "event: tick").await;
    assert!(heard.contains("text/event-stream"));
    let updated = TickOutput {
        tick: NOON as u64,
        revisions: vec![revision(1, 2, AlertState::Updated, NOON)],
        ..TickOutput::default()
    };
    server.board.write().unwrap().apply(&updated);
    hear(&mut stream, &mut heard, r#""revision":2"#).await;
    assert!(heard.contains("event: alert"));
    // Stopping ends open streams too, or the gateway would never stop.
    server.stop().await;
}

#[tokio::test]
async fn a_reader_that_lags_too_far_is_dropped_and_counted() {
    let server = server().await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let request = "GET /api/v1/stream HTTP/1.1\r\nhost: wall\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut heard = String::new();
    hear(&mut stream, &mut heard, "event: tick").await;
    let flood = TickOutput {
        tick: NOON as u64,
        revisions: (2..2_002)
            .map(|number| revision(1, number, AlertState::Updated, NOON))
            .collect(),
        ..TickOutput::default()
    };
    server.board.write().unwrap().apply(&flood);
    // The connection ends; the chunk of length nought says so.
    hear(&mut stream, &mut heard, "\r\n0\r\n\r\n").await;
    let (_, text) = server.get("/metrics").await;
    assert!(text.contains(r#"citysense_stream_dropped_total{reason="slow"} 1"#));
    server.stop().await;
}

/// Reads until `expected` was said.
async fn hear(stream: &mut TcpStream, heard: &mut String, expected: &str) {
    let mut bytes = [0; 4096];
    while !heard.contains(expected) {
        let read = timeout(Duration::from_secs(20), stream.read(&mut bytes));
        let count = read.await.unwrap().unwrap();
        assert!(count > 0, "ended before «{expected}»: {heard}");
        heard.push_str(&String::from_utf8_lossy(&bytes[..count]));
    }
}
