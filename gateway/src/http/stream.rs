//! `/api/v1/stream`: every revision as it is made, and a light `tick` when there is something new to look at.
//!
//! A reader that falls too far behind is dropped and counted; it connects again and reads the lists anew.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Extension, State};
use axum::http::header::CONNECTION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::unfold;
use pipeline::alert::Revision;
use pipeline::calendar::rfc3339;
use prometheus::{IntCounterVec, IntGauge, Opts, Registry};
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::App;
use super::api::Problem;
use super::gate::Caller;
use super::limits::Share;
use crate::access::{Asker, Credential};
use crate::publish::Public;

/// How often the board is looked at; a changed one is worth a `tick`.
const BEAT: Duration = Duration::from_secs(1);
/// Ages grow even when nothing comes: after so many quiet beats a `tick` is sent all the same.
const QUIET_BEATS_MAX: u32 = 5;
/// How soon a reader that lost its connection tries again.
const RETRY: Duration = Duration::from_secs(2);

/// The stream's own metrics.
#[derive(Clone)]
pub(super) struct Counters {
    readers: IntGauge,
    dropped: IntCounterVec,
}

impl Counters {
    /// A second server on the same registry counts for itself and is not exposed.
    pub(super) fn register(registry: &Registry) -> Counters {
        let readers = "citysense_stream_readers";
        let dropped = Opts::new(
            "citysense_stream_dropped_total",
            "Readers of the event stream that were dropped or turned away",
        );
        // The names and labels are constants that prometheus accepts; the tests scrape them.
        #[allow(clippy::expect_used)]
        let counters = Counters {
            readers: IntGauge::new(readers, "Readers of the event stream").expect("a valid name"),
            dropped: IntCounterVec::new(dropped, &["reason"]).expect("a valid name"),
        };
        let _ = registry.register(Box::new(counters.readers.clone()));
        let _ = registry.register(Box::new(counters.dropped.clone()));
        for reason in ["slow", "full", "address"] {
            counters.dropped.with_label_values(&[reason]);
        }
        counters
    }
}

pub(super) async fn stream(
    State(app): State<App>,
    asker: Asker,
    Extension(caller): Extension<Caller>,
) -> Response {
    let Some(share) = app.limits.stream(caller.address) else {
        app.counters.dropped.with_label_values(&["address"]).inc();
        let message =
            "too many readers of the stream from one address; read /api/v1/alerts instead";
        return refused(StatusCode::TOO_MANY_REQUESTS, message);
    };
    let Ok(permit) = app.streams.clone().try_acquire_owned() else {
        app.counters.dropped.with_label_values(&["full"]).inc();
        let message = "too many readers of the stream; read /api/v1/alerts instead";
        return refused(StatusCode::SERVICE_UNAVAILABLE, message);
    };
    let mut beat = interval(BEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    app.counters.readers.inc();
    let reader = Reader {
        revisions: app.board(|board| board.subscribe()),
        beat,
        version: None,
        quiet_beats: 0,
        asker,
        credential: caller.credential,
        _places: (permit, share),
        app,
    };
    Sse::new(unfold(reader, Reader::next))
        .keep_alive(KeepAlive::default())
        .into_response()
}

/// Ends the connection too: many who are turned away would hold the places of all others while they wait.
fn refused(status: StatusCode, message: &str) -> Response {
    let mut response = Problem::new(status, message).into_response();
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(CONNECTION, close);
    response
}

/// One connection.
struct Reader {
    app: App,
    revisions: Receiver<Arc<Revision>>,
    beat: Interval,
    /// The board as of the last `tick`.
    version: Option<u64>,
    quiet_beats: u32,
    asker: Asker,
    credential: Credential,
    /// Gives the place back when the connection ends.
    _places: (OwnedSemaphorePermit, Share),
}

impl Reader {
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Reader)> {
        loop {
            let event = tokio::select! {
                biased;
                () = self.app.shutdown.cancelled() => return None,
                revision = self.revisions.recv() => match revision {
                    Ok(revision) => self.alert(&revision),
                    Err(RecvError::Lagged(_)) => {
                        self.app.counters.dropped.with_label_values(&["slow"]).inc();
                        return None;
                    }
                    Err(RecvError::Closed) => return None,
                },
                _ = self.beat.tick() => {
                    // Whoever signed out, or was given another part of the city, begins anew.
                    let asker = self.app.state.door.asker(self.credential, false);
                    if asker.as_ref() != Some(&self.asker) {
                        return None;
                    }
                    self.tick()
                }
            };
            if let Some(event) = event {
                return Some((Ok(event), self));
            }
        }
    }

    fn alert(&self, revision: &Revision) -> Option<Event> {
        if !self.asker.areas.contains(revision.zone) {
            return None;
        }
        let face = self.app.board(|board| board.face().clone());
        let json = Public::of(revision, &face).json();
        Some(Event::default().event("alert").data(json))
    }

    /// A `tick`, if the board changed or its ages are worth a look.
    fn tick(&mut self) -> Option<Event> {
        let version = Some(self.app.board(|board| board.version()));
        self.quiet_beats += 1;
        if self.version == version && self.quiet_beats < QUIET_BEATS_MAX {
            return None;
        }
        self.version = version;
        self.quiet_beats = 0;
        let at = rfc3339(self.app.state.clock.now());
        Some(Event::default().event("tick").retry(RETRY).data(at))
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.app.counters.readers.dec();
    }
}
