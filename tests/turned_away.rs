//! Whoever is slow or asks for too much over HTTP holds up nobody else.
//!
//! Goal: while thousands want to read the event stream, or sit on half a handshake or half a body, others are answered,
//! and alerts are told; who is turned away is told so, and counted. Method: a whole gateway, sockets by hand, openssl and curl;
//! the test counts what became of each connection and compares it with the metrics. No duration is asserted: in a row,
//! those who are slow would take longer than any answer is waited for.

#![allow(clippy::unwrap_used)]

use tests::gateway::{PATIENCE, until};
use tests::guarded::{Guarded, People, Served, TOKEN};
use tests::wall::PASSWORD;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_readers_of_the_stream_hold_up_nobody_else() {
    const ASKED: usize = 2_000;
    let city = Guarded::start(Served::Plain).await;
    let address = city.gateway.ready.http;
    let mut people = People::of(&city).await;
    let question = format!(
        "GET /api/v1/stream HTTP/1.1\r\nhost: wall\r\nauthorization: Bearer {TOKEN}\r\n\r\n"
    );
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..ASKED {
        let mut socket = TcpStream::connect(address).await.unwrap();
        // Who was turned away already cannot be written to, which the reader below sees.
        let _ = socket.write_all(question.as_bytes()).await;
        asking.spawn(async move {
            let mut first = [0; 12];
            let read = timeout(PATIENCE, socket.read_exact(&mut first)).await;
            match read.expect("neither answered nor turned away") {
                Ok(_) => Some((String::from_utf8_lossy(&first).into_owned(), socket)),
                Err(_) => None,
            }
        });
    }
    let (mut reading, mut refused, mut closed) = (Vec::new(), 0, 0);
    while let Some(asked) = asking.join_next().await {
        match asked.unwrap() {
            Some((status, socket)) if status == "HTTP/1.1 200" => reading.push(socket),
            Some((status, mut socket)) => {
                assert_eq!(status, "HTTP/1.1 429");
                // Read to its end: the connection is closed, and its place free.
                let mut rest = String::new();
                socket.read_to_string(&mut rest).await.unwrap();
                assert!(rest.contains("connection: close\r\n"), "{rest}");
                assert!(rest.contains("too many readers of the stream"), "{rest}");
                refused += 1;
            }
            None => closed += 1,
        }
    }
    // Seven eighths of 256 are for this machine; who is beyond that is told so, and counted.
    assert_eq!(reading.len(), 224);
    assert_eq!(reading.len() + refused + closed, ASKED);
    let counted = |series: &str| city.gateway.metric(series) as usize;
    assert_eq!(counted("citysense_stream_readers"), 224);
    let dropped = counted("citysense_stream_dropped_total{reason=\"address\"}");
    let turned = counted("citysense_http_turned_away_total{reason=\"connections\"}");
    assert_eq!((dropped, turned), (refused, closed));

    // All that while others are answered, from this address and another; alerts are told, also to those who read.
    for visitor in [city.visitor(), city.visitor().from(2)] {
        assert_eq!(visitor.get("/readyz").await.status, 200);
        assert_eq!(visitor.sign_in("Ada", PASSWORD).await.status, 303);
        assert_eq!(visitor.get("/").await.status, 200);
    }
    let id = people.raised("n0").await;
    for socket in &mut reading {
        let mut heard = String::new();
        while !heard.contains(&id) {
            let mut bytes = [0; 4_096];
            let count = timeout(PATIENCE, socket.read(&mut bytes)).await;
            let count = count.unwrap().unwrap();
            assert!(count > 0, "the stream ended: {heard}");
            heard += &String::from_utf8_lossy(&bytes[..count]);
        }
    }
    assert_eq!(
        counted("citysense_stream_dropped_total{reason=\"slow\"}"),
        0
    );
    // Who leaves makes room.
    drop(reading);
    until("the places are free", || {
        city.gateway.metric("citysense_stream_readers") == 0.0
    })
    .await;
    city.gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_slow_with_a_handshake_or_a_body_holds_up_nobody_else() {
    const SILENT: usize = 150;
    const SLOW: usize = 6;
    let city = Guarded::start(Served::Tls).await;
    let mut people = People::of(&city).await;
    // One after the other they would take ten seconds each.
    let mut silent = Vec::new();
    for number in 0..SILENT {
        let mut socket = TcpStream::connect(city.gateway.ready.http).await.unwrap();
        if number % 2 == 0 {
            // What begins a handshake, of which no more comes.
            socket.write_all(&[0x16, 0x03, 0x01]).await.unwrap();
        }
        silent.push(socket);
    }
    // Bodies of which one letter comes.
    let mut slow = Vec::new();
    for _ in 0..SLOW {
        let mut client = city.by_tls();
        let mut typed = client.stdin.take().unwrap();
        let head = "POST /sign-in HTTP/1.1\r\nhost: wall\r\ncontent-length: 90\r\n\r\nn";
        typed.write_all(head.as_bytes()).await.unwrap();
        slow.push((client, typed));
    }

    for visitor in [city.visitor(), city.visitor().from(2)] {
        assert_eq!(visitor.sign_in("Ada", PASSWORD).await.status, 303);
        assert_eq!(visitor.get("/").await.status, 200);
    }
    let id = people.raised("n0").await;
    let ada = city.signed_in("Ada").await;
    assert_eq!(
        ada.post(&format!("/alert/{id}/acknowledge"), "")
            .await
            .status,
        303
    );
    let told = people.told().await;
    assert_eq!(told["acknowledged"], "Ada");

    // They are told, where they can be, and counted.
    for (mut client, _typed) in slow {
        let (mut said, mut told) = (client.stdout.take().unwrap(), String::new());
        while !told.contains("the body did not come within 10 s") {
            let mut bytes = [0; 4_096];
            let count = timeout(PATIENCE, said.read(&mut bytes)).await;
            let count = count.unwrap().unwrap();
            assert!(count > 0, "it ended: {told}");
            told += &String::from_utf8_lossy(&bytes[..count]);
        }
        assert!(told.starts_with("HTTP/1.1 408 "), "{told}");
    }
    let turned = |reason| format!("citysense_http_turned_away_total{{reason=\"{reason}\"}}");
    assert_eq!(city.gateway.metric(&turned("body")), SLOW as f64);
    let handshakes = turned("handshake");
    until("the silent ones are counted", || {
        city.gateway.metric(&handshakes) >= SILENT as f64
    })
    .await;
    assert_eq!(city.gateway.metric(&handshakes), SILENT as f64);
    drop(silent);
    city.gateway.stop().await;
}
