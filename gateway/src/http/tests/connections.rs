//! Connections as they should not be: plain where TLS is spoken, slow, silent, many, too long. Each gets a clear end and
//! is counted, and others are answered meanwhile.

use std::net::{IpAddr, SocketAddr};

use tokio::net::TcpSocket;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::*;
use crate::config::Identity;

impl Server {
    /// A connection from another address of this machine.
    async fn connect_from(&self, from: [u8; 4]) -> TcpStream {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::new(IpAddr::from(from), 0)).unwrap();
        socket.connect(self.address).await.unwrap()
    }

    async fn turned(&self, reason: &str) -> bool {
        let line = format!("citysense_http_turned_away_total{{reason=\"{reason}\"}} 0\n");
        !self.get("/metrics").await.1.contains(&line)
    }
}

#[tokio::test]
async fn silent_and_slow_clients_hold_up_nobody_else() {
    let server = server().await;
    let mut silent = Vec::new();
    for _ in 0..server::CONNECTIONS_MAX {
        let mut stream = server.connect_from([127, 0, 0, 2]).await;
        // One has said half a head, and goes on saying nothing. Who is turned away cannot be written to.
        let _ = stream.write_all(b"GET / HTTP/1.1\r\nhost: wa").await;
        silent.push(stream);
    }
    assert_eq!(server.get("/healthz").await.0, 200);
    while !server.turned("connections").await {
        tokio::task::yield_now().await;
    }
    drop(silent);
    server.stop().await;
}

#[tokio::test]
async fn what_is_too_long_is_refused_and_counted() {
    let server = server().await;
    let head = format!(
        "GET / HTTP/1.1\r\nhost: wall\r\nx: {}\r\n",
        "x".repeat(40_000)
    );
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = vec![0; 64];
    let len = stream.read(&mut answer).await.unwrap();
    assert!(answer[..len].starts_with(b"HTTP/1.1 431 "), "{answer:?}");
    let body = format!(r#"{{"text": "{}"}}"#, "x".repeat(20_000));
    let path = format!("/api/v1/alerts/{}/comment", AlertId(1));
    let (status, said) = server.post(&path, &body).await;
    assert_eq!(status, 413);
    assert!(
        said["error"]
            .as_str()
            .unwrap()
            .contains("8192 bytes at most")
    );
    assert!(server.turned("body").await);
    for path in [
        "/../etc/passwd",
        "/alert/%2e%2e%2fsecret",
        "/node/%00",
        "/zone/%ff",
    ] {
        let (status, _) = server.get(path).await;
        assert!((400..500).contains(&status), "{path}: {status}");
    }
    let (status, _) = server.get(&format!("/node/{}", "x".repeat(10_000))).await;
    assert!((400..500).contains(&status), "{status}");
    server.stop().await;
}

#[tokio::test]
async fn over_tls_the_cookie_is_secure_and_plain_http_is_told_so() {
    let dir = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(["wall".to_owned()]).unwrap();
    let files = Identity {
        certificate: dir.path().join("wall.pem"),
        key: dir.path().join("wall.key"),
    };
    std::fs::write(&files.certificate, made.cert.pem()).unwrap();
    std::fs::write(&files.key, made.signing_key.serialize_pem()).unwrap();
    let server = server_with(Some(Certificate::load(&files).unwrap())).await;

    let mut plain = TcpStream::connect(server.address).await.unwrap();
    plain
        .write_all(b"GET / HTTP/1.1\r\nhost: wall\r\n\r\n")
        .await
        .unwrap();
    let mut answer = String::new();
    plain.read_to_string(&mut answer).await.unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 400 ") && answer.contains("use https"),
        "{answer}"
    );

    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = TlsConnector::from(Arc::new(config));
    let stream = TcpStream::connect(server.address).await.unwrap();
    let name = ServerName::try_from("wall").unwrap();
    let mut stream = connector.connect(name, stream).await.unwrap();
    let body = "name=Ada&password=correct+horse+battery&to=/";
    let request = format!(
        "POST /sign-in HTTP/1.1\r\nhost: wall\r\norigin: https://wall\r\nconnection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.starts_with("HTTP/1.1 303 "), "{answer}");
    assert!(answer.contains("set-cookie: __Host-session="), "{answer}");
    assert!(
        answer.contains("; HttpOnly; SameSite=Lax; Secure\r\n"),
        "{answer}"
    );
    assert!(
        answer.contains("strict-transport-security: max-age="),
        "{answer}"
    );
    server.stop().await;

    std::fs::write(&files.key, "no key").unwrap();
    let error = Certificate::load(&files).err().unwrap().to_string();
    assert!(error.contains("wall.key"), "{error}");
}
