//! Page, API, metrics and event stream over HTTP: reads the board, and hands to the journal what people do.
//!
//! In reading order: `server` takes connections, in the clear or by `tls`, with `patience` and within `limits` · `gate` who asks, and whether that one may · `recorded` what was done · `sign` in and out · [`api`] the JSON · `history` what was known when · `compare` what rules in shadow would change ·
//! `alert` the page of one · `explain` why it stands · `lookback` pages of history, comparison and incidents · `actions` what people do, by JSON · `desk` silences and incidents · `forms` the same from
//! the page · `preferences` language and colours · `cap` CAP messages and their feed · `open` open data ·
//! `described` all of it in OpenAPI · `zone` a zone's page with the alerts of its last `day` · `nodes` their list, `ledger` their
//! accounts · `rules` ·
//! [`exposition`] the metrics · [`stream`] server-sent events · [`site`] the
//! page and its two files, `shared` by all who ask alike.

use std::io;
use std::sync::{Arc, PoisonError, RwLock};

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{from_fn, from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use pipeline::alert::AlertId;
use pipeline::input::Action;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

use crate::access::{Asker, Door, Role};
use crate::board::{AlertStory, Board, Picture};
use crate::clock::Clock;
use crate::explain::Explainer;
use crate::history::Archive;
use crate::language::Language;
use crate::page::{Reader, Trouble, View};
use limits::Limits;
use server::Serving;
use tls::Certificate;

pub(crate) mod actions;
mod alert;
pub mod api;
mod asker;
mod cap;
mod compare;
mod compressed;
mod day;
mod described;
mod desk;
mod explain;
pub mod exposition;
mod footprints;
mod forms;
mod gate;
mod history;
mod ledger;
mod limits;
mod lookback;
mod nodes;
mod open;
mod patience;
mod playback;
mod preferences;
mod recorded;
mod rules;
mod server;
mod shared;
mod sign;
pub mod site;
pub mod stream;
pub mod tls;
mod zone;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;

/// Readers of the event stream at a time; each costs a connection and a place in the broadcast.
const STREAMS_MAX: usize = 256;
/// Largest request body in bytes: the longest text and names, nine bytes a character in a form.
const BODY_LEN_MAX: usize = 8 * 1024;
/// The board may be so many real seconds behind the clock and the gateway still counts as ready.
const LAG_READY_MAX_S: u64 = 30;

/// What the gateway hands to its HTTP side.
#[derive(Clone)]
pub struct HttpState {
    pub board: Arc<RwLock<Board>>,
    /// The gateway's own metrics; the zones' are added at each scrape.
    pub metrics: prometheus::Registry,
    /// What people do; bounded, the journal takes it.
    pub actions: mpsc::Sender<Action>,
    /// Reads the journal; without one nothing is explained.
    pub explainer: Option<Explainer>,
    /// The history of alerts; without one only what the board shows is known.
    pub archive: Option<Archive>,
    pub clock: Arc<dyn Clock>,
    /// Who may read and act.
    pub door: Door,
    /// `None`: plain HTTP.
    pub certificate: Option<Certificate>,
}

/// Serves until `shutdown`, then lets answers that have begun end.
pub async fn serve(
    listener: TcpListener,
    state: HttpState,
    shutdown: CancellationToken,
) -> io::Result<()> {
    let app = App {
        counters: stream::Counters::register(&state.metrics),
        limits: Limits::register(&state.metrics),
        state,
        streams: Arc::new(Semaphore::new(STREAMS_MAX)),
        day: day::LastDay::default(),
        drawings: shared::Drawings::default(),
        shutdown: shutdown.clone(),
    };
    let certificate = app.state.certificate.clone();
    let reloads = tls::Reloads::register(&app.state.metrics);
    if let Some(certificate) = certificate.clone() {
        tokio::spawn(certificate.follow(reloads, shutdown.clone()));
    }
    let serving = Serving {
        limits: app.limits.clone(),
        certificate,
        shutdown,
    };
    server::serve(listener, router(app), serving).await
}

/// Shared by all handlers.
#[derive(Clone)]
struct App {
    state: HttpState,
    streams: Arc<Semaphore>,
    limits: Limits,
    day: day::LastDay,
    drawings: shared::Drawings,
    counters: stream::Counters,
    shutdown: CancellationToken,
}

impl App {
    /// What `asker` may see of the city now.
    fn picture(&self, asker: &Asker) -> Picture {
        let now = self.state.clock.now();
        self.board(|board| board.picture(now)).within(&asker.areas)
    }

    /// What every page shows of it.
    fn view(&self, reader: Reader) -> View {
        let picture = self.picture(&reader.asker);
        View {
            trouble: not_ready(&picture, self.state.clock.as_ref()),
            picture,
            reader,
            said: None,
        }
    }

    /// An alert with its history, if it is on the board and the asker's business.
    fn alert(&self, asker: &Asker, id: AlertId) -> Option<AlertStory> {
        let now = self.state.clock.now();
        let story = self.board(|board| board.alert(id, now).cloned())?;
        asker.areas.contains(story.latest().zone).then_some(story)
    }

    /// A writer that panicked left the board as it was after its last whole change; it is still worth showing.
    fn board<T>(&self, read: impl FnOnce(&Board) -> T) -> T {
        read(
            &self
                .state
                .board
                .read()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }
}

fn router(app: App) -> Router {
    Router::new()
        .route("/", get(site::page))
        .route("/fragment", get(site::fragment))
        .route("/alerts", get(site::alerts))
        .route("/zones", get(site::zones))
        .route("/assets/page.css", get(site::style))
        .route("/assets/page.js", get(site::script))
        .route("/assets/icon.svg", get(site::icon))
        .route("/metrics", get(exposition::metrics))
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/api/v1/zones", get(api::zones))
        .route("/api/v1/nodes", get(api::nodes))
        .route("/api/v1/footprints", get(footprints::footprints))
        .route("/api/v1/alerts", get(history::alerts))
        .route("/api/v1/alerts/{id}", get(history::alert))
        .route("/api/v1/compare", get(compare::compare))
        .merge(written())
        .merge(posted())
        .merge(alert::routes())
        .merge(lookback::routes())
        .merge(open::routes())
        .merge(nodes::routes())
        .merge(rules::routes())
        .merge(zone::routes())
        .merge(preferences::routes())
        .merge(playback::routes())
        .merge(sign::routes())
        .merge(described::routes())
        .merge(recorded::routes())
        .route("/api/v1/incidents", get(desk::incidents))
        .route("/api/v1/alerts/{id}/cap", get(cap::message))
        .route("/api/v1/alerts/{id}/explain", get(explain::json))
        .route("/cap.atom", get(cap::feed))
        .route("/api/v1/stream", get(stream::stream))
        .fallback(async || api::Problem::new(StatusCode::NOT_FOUND, "no such page"))
        .layer(from_fn_with_state(app.clone(), gate::pass))
        .layer(DefaultBodyLimit::max(BODY_LEN_MAX))
        .layer(from_fn(described::in_json))
        .layer(map_response(guarded))
        .layer(map_response(match app.state.certificate {
            Some(_) => only_tls as fn(Response) -> std::future::Ready<Response>,
            None => as_it_is,
        }))
        .layer(from_fn(compressed::compressed))
        .with_state(app)
}

/// Everything that can be written, as JSON.
fn written() -> Router<App> {
    use actions::{alerts, nodes, silences};
    Router::new()
        .route("/api/v1/alerts/{id}/acknowledge", post(alerts::acknowledge))
        .route("/api/v1/alerts/{id}/comment", post(alerts::comment))
        .route("/api/v1/alerts/{id}/assign", post(alerts::assign))
        .route("/api/v1/alerts/{id}/settle", post(alerts::settle))
        .route(
            "/api/v1/silences",
            get(desk::silences).post(silences::silence),
        )
        .route("/api/v1/silences/end", post(silences::end))
        .route("/api/v1/nodes/{node}/quarantine", post(nodes::quarantine))
        .route("/api/v1/nodes/{node}/release", post(nodes::release))
}

/// The same from the page's forms, which work without its script.
fn posted() -> Router<App> {
    Router::new()
        .route("/alert/{id}/{verb}", post(forms::alert))
        .route("/silences", get(site::silences))
        .route("/silence/new", post(forms::silence_made))
        .route("/silence/end", post(forms::silence_end))
        .route("/node", get(site::find_node))
        .route("/node/{node}", get(site::node))
        .route("/node/{node}/{verb}", post(forms::node))
}

/// The process answers.
async fn healthz() -> &'static str {
    "ok\n"
}

/// Whether what the board shows can be trusted to be what is.
async fn readyz(State(app): State<App>) -> Response {
    let picture = app.picture(&Asker::anyone(Role::Viewer));
    match not_ready(&picture, app.state.clock.as_ref()) {
        None => "ready\n".into_response(),
        Some(trouble) => {
            let why = trouble.words(Language::English);
            (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")).into_response()
        }
    }
}

/// Why the gateway is not ready.
fn not_ready(picture: &Picture, clock: &dyn Clock) -> Option<Trouble> {
    let lag_s = clock.real_duration(picture.lag()).as_secs();
    if let Some(error) = &picture.health.journal_error {
        Some(Trouble::Journal(error.clone()))
    } else if !picture.health.link_up {
        Some(Trouble::Link)
    } else if lag_s > LAG_READY_MAX_S {
        Some(Trouble::Behind(lag_s))
    } else {
        None
    }
}

/// A browser that was here once over TLS comes back by nothing else.
fn only_tls(mut response: Response) -> std::future::Ready<Response> {
    let year = HeaderValue::from_static("max-age=31536000");
    let headers = response.headers_mut();
    headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
    std::future::ready(response)
}

fn as_it_is(response: Response) -> std::future::Ready<Response> {
    std::future::ready(response)
}

/// Nothing but the gateway's own files runs or loads in the page, and nobody frames it.
async fn guarded(mut response: Response) -> Response {
    const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
        connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        // With none at all a browser would not tell our own forms from those of others.
        (header::REFERRER_POLICY, "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}
