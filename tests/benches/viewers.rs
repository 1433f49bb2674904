//! What those cost who look: `cargo bench -p tests --bench viewers`.
//!
//! In one run: latency from admission to publication at a steady rate of frames, without and with 200 readers of the page
//! in turn, each with the event stream and the fragment that page.js asks for whenever there is something new; over all
//! rounds together, and their ratio. `FRAMES_PER_S` in the environment changes the rate, and `PAGES` what the readers look
//! at, by turns, such as `PAGES="/fragment /zone/z# /alerts /nodes"`: `#` is the reader's number. Then a scrape of a city as large as a gateway is meant for: its duration and series.
//! Last the first paint of that city's overview, as headless Chromium itself tells it, each time with an empty cache.

#![allow(clippy::unwrap_used)]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use gateway::board::series::Series;
use gateway::city::LoadedCity;
use pipeline::alert::Completeness;
use pipeline::calendar::MINUTE;
use pipeline::city::ZoneIx;
use pipeline::output::ZoneValue;
use pipeline::rules::Value;
use tests::browser::Browser;
use tests::gateway::{EMBEDDED, Gateway};
use tests::load::{self, Publishers, quantile};
use tests::metropolis::{self, Metropolis};
use tests::process::resident;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use wire::Milli;

const VIEWERS: usize = 200;
/// A fraction of what the gateway takes: the machine has time left, as one that is watched should.
const FRAMES_PER_S: f64 = 1_000.0;
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(10);
const ASKED: usize = 41;
const PAINTS: usize = 11;

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        // `-- pages`: without the first part.
        if !std::env::args().any(|word| word == "pages") {
            beside_readers().await;
        }
        a_large_city().await;
    });
}

async fn beside_readers() {
    let dir = tempfile::tempdir().unwrap();
    let city = LoadedCity::from_sources(&load::city(EMBEDDED), None).unwrap();
    let gateway = Gateway::start(dir.path(), city, None, None).await;
    let rate = std::env::var("FRAMES_PER_S");
    let rate = rate.map_or(FRAMES_PER_S, |text| text.parse().unwrap());
    let pages = std::env::var("PAGES").unwrap_or_else(|_| "/fragment".to_owned());
    let publishers = Publishers::start(gateway.broker, "harbour", Some(rate));
    tokio::time::sleep(Duration::from_secs(5)).await;
    let (mut alone, mut watched) = (Vec::new(), Vec::new());
    let fragments = Arc::new(AtomicU64::new(0));
    for _ in 0..ROUNDS {
        alone.push(round(&gateway).await);
        let mut viewers = JoinSet::new();
        for (number, page) in (0..VIEWERS).zip(pages.split_whitespace().cycle()) {
            let page = page.replace('#', &number.to_string());
            viewers.spawn(view(gateway.ready.http, page, fragments.clone()));
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
        watched.push(round(&gateway).await);
        viewers.shutdown().await;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    publishers.stop().await;
    for (name, part) in [("p50", 0.5), ("p99", 0.99)] {
        let of = |rounds: &[Span]| quantile(rounds, part);
        let each = |rounds: &[Span]| -> Vec<f64> {
            let rounds = rounds.iter();
            rounds
                .map(|round| of(std::slice::from_ref(round)))
                .collect()
        };
        let (without, with) = (of(&alone), of(&watched));
        println!(
            "{name}  {without:.0} ms without, {with:.0} ms with {VIEWERS} viewers: {:.2}   rounds {:.0?} and {:.0?}",
            with / without,
            each(&alone),
            each(&watched),
        );
    }
    let seconds = (ROUND.as_secs_f64() + 2.0) * ROUNDS as f64;
    let rate = fragments.load(Ordering::Relaxed) as f64 / seconds;
    println!("     {rate:.0} answers/s of {pages}");
    gateway.stop().await;
}

async fn a_large_city() {
    a_day_of_figures();
    let large = Metropolis::serve("").await;
    let text = tests::browser::get(&large.address.to_string(), "/metrics").await;
    let text = text.unwrap();
    let series = text.lines().filter(|line| !line.starts_with('#')).count();
    let scrape = asked(large.address, "/metrics").await;
    println!(
        "scrape of {} zones and {} nodes: {scrape:.1} ms, {series} series",
        metropolis::ZONES,
        metropolis::NODES,
    );
    for (name, path) in [
        ("overview", "/fragment"),
        ("page of a zone", "/zone/z7"),
        ("page of alerts", "/alerts"),
        ("page of nodes", "/nodes"),
    ] {
        let drawn = asked(large.address, path).await;
        println!("its {name} is drawn in {drawn:.1} ms");
    }
    for (name, path) in [("overview", "/"), ("sign-in", "/sign-in")] {
        first_paint(&large, name, path).await;
    }
}

/// What the figures of a day and two hours take, minute by minute, of a usual number of values of each zone.
fn a_day_of_figures() {
    const VALUES: usize = 25;
    const MINUTES: i64 = 26 * 60;
    let before = resident();
    let mut all = vec![Series::default(); metropolis::ZONES * VALUES];
    for minute in 0..MINUTES {
        for series in &mut all {
            series.apply(&pane(minute));
        }
    }
    let grown = (resident() - before) / 1_024;
    let points = all[0].points().len();
    println!(
        "26 h of {VALUES} values of {} zones: {grown} MB, {points} points each",
        metropolis::ZONES
    );
}

fn pane(minute: i64) -> ZoneValue {
    ZoneValue {
        zone: ZoneIx(0),
        value: Value::CrowdDensity,
        pane_start: minute * MINUTE,
        pane_end: (minute + 1) * MINUTE,
        figures: Some(metropolis::steady(Milli(minute), 1)),
        completeness: Completeness {
            heard: 1,
            expected: 1,
        },
        suspect: 0,
        waits_for: None,
    }
}

/// How long an answer takes, in milliseconds; the middle of many.
async fn asked(address: SocketAddr, path: &str) -> f64 {
    let mut connection = TcpStream::connect(address).await.unwrap();
    let mut times = Vec::new();
    for _ in 0..ASKED {
        let start = Instant::now();
        ask(&mut connection, path).await;
        times.push(start.elapsed().as_secs_f64() * 1_000.0);
    }
    middle(times)
}

fn middle(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// When a page was there, and when something of it was seen, from the start of the navigation on.
async fn first_paint(large: &Metropolis, name: &str, path: &str) {
    let told = "(() => { const [paint] = performance.getEntriesByName('first-contentful-paint'); \
        const [load] = performance.getEntriesByType('navigation'); \
        return [load.responseEnd, paint.startTime]; })()";
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..PAINTS {
        let mut page = Browser::start().await.unwrap();
        page.go(&format!("http://{}{path}", large.address))
            .await
            .unwrap();
        page.until("performance.getEntriesByName('first-contentful-paint').length > 0")
            .await
            .unwrap();
        let said = page.evaluate(told).await.unwrap();
        for (of, times) in times.iter_mut().enumerate() {
            times.push(said[of].as_f64().unwrap());
        }
    }
    let [answered, painted] = times.map(middle);
    println!("page {name}: there after {answered:.0} ms, first paint after {painted:.0} ms");
}

/// The metrics before and after.
type Span = (String, String);

async fn round(gateway: &Gateway) -> Span {
    let before = gateway.ready.metrics.encode();
    tokio::time::sleep(ROUND).await;
    (before, gateway.ready.metrics.encode())
}

/// A page that is open: hears the stream, and asks for what it shows whenever something is new.
async fn view(http: SocketAddr, path: String, fragments: Arc<AtomicU64>) {
    let mut stream = TcpStream::connect(http).await.unwrap();
    stream
        .write_all(b"GET /api/v1/stream HTTP/1.1\r\nhost: wall\r\n\r\n")
        .await
        .unwrap();
    let mut page = TcpStream::connect(http).await.unwrap();
    let mut bytes = vec![0; 64 * 1024];
    loop {
        let count = stream.read(&mut bytes).await.unwrap();
        assert!(count > 0, "the stream ended");
        let heard = String::from_utf8_lossy(&bytes[..count]);
        // What comes while it asks is asked for once, as page.js does it: here it waits in the socket.
        if heard.contains("event: ") {
            ask(&mut page, &path).await;
            fragments.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// One question as a browser puts it, until its answer is there.
async fn ask(connection: &mut TcpStream, path: &str) {
    let question = format!("GET {path} HTTP/1.1\r\nhost: wall\r\naccept-encoding: gzip\r\n\r\n");
    connection.write_all(question.as_bytes()).await.unwrap();
    let (mut answer, mut bytes) = (Vec::new(), vec![0; 64 * 1024]);
    while !is_whole(&answer) {
        let count = connection.read(&mut bytes).await.unwrap();
        assert!(count > 0, "the connection ended");
        answer.extend_from_slice(&bytes[..count]);
    }
}

/// Head and body, by the length that the head says.
fn is_whole(answer: &[u8]) -> bool {
    let Some(end) = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n") else {
        return false;
    };
    let head = String::from_utf8_lossy(&answer[..end]).to_lowercase();
    assert!(head.starts_with("http/1.1 200"), "{head}");
    let (_, rest) = head.split_once("content-length: ").unwrap();
    let len: usize = rest.lines().next().unwrap().trim().parse().unwrap();
    answer.len() >= end + 4 + len
}
