//! The loop that takes connections: a bounded number at a time and from one address, each with time-outs, so that page
//! readers cannot use up the files that the broker's nodes need, and whoever is slow holds up nobody else. Further ones
//! wait in the system's own queue until one ends.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::limits::{Limits, Turned};
use super::patience::Patient;
use super::tls::Certificate;

/// Connections at a time; more than the stream's readers, so that these cannot lock out everybody else.
pub(super) const CONNECTIONS_MAX: usize = 2 * super::STREAMS_MAX;
/// A TLS client must have said all it has to within this time.
const HANDSHAKE_WITHIN: Duration = Duration::from_secs(10);
/// A request's head must be there within this time, the next one of a connection too.
const HEAD_WITHIN: Duration = Duration::from_secs(20);
/// Largest head of a request, and of a piece of an answer, in bytes.
const HEAD_LEN_MAX: usize = 16 * 1024;
/// Pause after the system refused a connection, such as for want of files.
const REFUSED_PAUSE: Duration = Duration::from_millis(100);
/// First byte of whatever begins a TLS connection.
const TLS_HANDSHAKE: u8 = 0x16;

/// Where a request comes from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer(pub(super) SocketAddr);

/// What all connections share.
#[derive(Clone)]
pub(super) struct Serving {
    pub(super) limits: Limits,
    /// `None`: plain HTTP.
    pub(super) certificate: Option<Certificate>,
    pub(super) shutdown: CancellationToken,
}

/// Serves until it is told to end, then lets answers that have begun end.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    serving: Serving,
) -> io::Result<()> {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let router = TowerToHyperService::new(router);
    let connections = TaskTracker::new();
    loop {
        let accepted = async {
            // The semaphore is never closed.
            let place = places.clone().acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            () = serving.shutdown.cancelled() => break,
            accepted = accepted => accepted,
        };
        let (stream, from) = match accepted {
            Ok(accepted) => accepted,
            // A connection that is gone already, or no file left for one: the next may be better.
            Err(_) => {
                tokio::time::sleep(REFUSED_PAUSE).await;
                continue;
            }
        };
        let Some(own) = serving.limits.connect(from.ip()) else {
            serving.limits.turned(Turned::Connections);
            continue;
        };
        let answering = begin(stream, Peer(from), router.clone(), serving.clone());
        connections.spawn(async move {
            let _places = (place, own);
            answering.await;
        });
    }
    drop(listener);
    connections.close();
    connections.wait().await;
    Ok(())
}

/// What is said over one connection, in the clear or not.
async fn begin(
    stream: TcpStream,
    peer: Peer,
    router: TowerToHyperService<Router>,
    serving: Serving,
) {
    let Some(certificate) = &serving.certificate else {
        return answer(stream, peer, router, serving.shutdown).await;
    };
    let mut first = [0];
    let seen = timeout(HANDSHAKE_WITHIN, stream.peek(&mut first)).await;
    if !matches!(seen, Ok(Ok(1..))) {
        return serving.limits.turned(Turned::Handshake);
    }
    if first[0] != TLS_HANDSHAKE {
        serving.limits.turned(Turned::Plain);
        return plain(stream).await;
    }
    let acceptor = TlsAcceptor::from(certificate.current());
    match timeout(HANDSHAKE_WITHIN, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => answer(stream, peer, router, serving.shutdown).await,
        _ => serving.limits.turned(Turned::Handshake),
    }
}

/// Tells somebody who speaks plain HTTP to the TLS port what to do.
async fn plain(mut stream: TcpStream) {
    const SAID: &str = "HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-type: application/json\r\n\
        content-length: 46\r\n\r\n{\"error\":\"this port speaks https: use https\"}\n\n";
    let said = async {
        stream.write_all(SAID.as_bytes()).await?;
        stream.shutdown().await
    };
    // Whoever does not listen misses it.
    let _ = timeout(HANDSHAKE_WITHIN, said).await;
}

/// Answers what comes over one connection.
async fn answer(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: Peer,
    router: TowerToHyperService<Router>,
    shutdown: CancellationToken,
) {
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer);
        router.call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WITHIN)
        .max_buf_size(HEAD_LEN_MAX)
        .serve_connection(TokioIo::new(Patient::new(stream)), service);
    tokio::pin!(connection);
    // An error here is the other side's: it left, or said what is no request, and was told so where it could be.
    tokio::select! {
        _ = connection.as_mut() => return,
        () = shutdown.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}
