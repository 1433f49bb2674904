//! The loop that takes connections: a bounded number at a time, so that page readers cannot use up the files that the
//! broker's nodes need. Further ones wait in the system's own queue until one ends.

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
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Connections at a time; more than the stream's readers, so that these cannot lock out everybody else.
const CONNECTIONS_MAX: usize = 2 * super::STREAMS_MAX;
/// A request's head must be there within this time, the next one of a connection too.
const HEAD_WITHIN: Duration = Duration::from_secs(20);
/// Largest head of a request, and of a piece of an answer, in bytes.
const HEAD_LEN_MAX: usize = 16 * 1024;
/// Pause after the system refused a connection, such as for want of files.
const REFUSED_PAUSE: Duration = Duration::from_millis(100);

/// Where a request comes from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer(pub(super) SocketAddr);

/// Serves until `shutdown`, then lets answers that have begun end.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: CancellationToken,
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
            () = shutdown.cancelled() => break,
            accepted = accepted => accepted,
        };
        match accepted {
            Ok((stream, from)) => {
                let serving = answer(stream, Peer(from), router.clone(), shutdown.clone());
                connections.spawn(async move {
                    let _place = place;
                    serving.await;
                });
            }
            // A connection that is gone already, or no file left for one: the next may be better.
            Err(_) => tokio::time::sleep(REFUSED_PAUSE).await,
        }
    }
    drop(listener);
    connections.close();
    connections.wait().await;
    Ok(())
}

/// Answers what comes over one connection.
async fn answer(
    stream: TcpStream,
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
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    // An error here is the other side's: it left, or said what is no request, and was told so where it could be.
    tokio::select! {
        _ = connection.as_mut() => return,
        () = shutdown.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}
