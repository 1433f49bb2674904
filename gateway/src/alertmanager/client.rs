//! One request to Alertmanager: alerts in, a word back, within bounds.

use std::fmt;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, Uri, header};
use hyper_util::client::legacy::Client as HyperClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::time::timeout;

/// Longest time for one request, connection and answer together, in real time.
const ANSWER_MAX: Duration = Duration::from_secs(10);
/// Most that is read of an answer, in bytes: why something was refused.
const ANSWER_LEN_MAX: usize = 4 * 1024;

pub(super) struct Client {
    http: HyperClient<HttpConnector, Body>,
    to: Uri,
}

/// Why a request came to nothing.
#[derive(Debug)]
pub(super) enum Failure {
    /// Nobody answered, or not in time.
    Unreachable(String),
    /// Somebody answered something else than yes.
    Refused { status: u16, said: String },
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Unreachable(cause) => f.write_str(cause),
            Failure::Refused { status, said } => write!(f, "answered {status}: {}", said.trim()),
        }
    }
}

impl Failure {
    pub(super) fn is_refusal(&self) -> bool {
        matches!(self, Failure::Refused { .. })
    }
}

impl Client {
    /// `url` is `http://host:port`, perhaps with a path.
    pub(super) fn new(url: &str) -> Result<Client, String> {
        let to = format!("{url}/api/v2/alerts").parse();
        let http = HyperClient::builder(TokioExecutor::new())
            // A request a minute: a connection kept in between would only be found dead.
            .pool_max_idle_per_host(0)
            .build_http();
        Ok(Client {
            http,
            to: to.map_err(|error| format!("{url}: {error}"))?,
        })
    }

    pub(super) async fn post(&self, alerts: &[serde_json::Value]) -> Result<(), Failure> {
        match timeout(ANSWER_MAX, self.ask(alerts)).await {
            Ok(answer) => answer,
            Err(_) => {
                let seconds = ANSWER_MAX.as_secs();
                Err(Failure::Unreachable(format!(
                    "no answer within {seconds} s"
                )))
            }
        }
    }

    async fn ask(&self, alerts: &[serde_json::Value]) -> Result<(), Failure> {
        let unreachable = |error: &dyn std::error::Error| Failure::Unreachable(chain(error));
        let body = serde_json::to_vec(alerts).map_err(|error| unreachable(&error))?;
        let request = Request::post(self.to.clone())
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body))
            .map_err(|error| unreachable(&error))?;
        let answer = self.http.request(request).await;
        let (head, body) = answer.map_err(|error| unreachable(&error))?.into_parts();
        if head.status == StatusCode::OK {
            return Ok(());
        }
        // A longer word than anybody reads is no word.
        let said = to_bytes(Body::new(body), ANSWER_LEN_MAX).await;
        Err(Failure::Refused {
            status: head.status.as_u16(),
            said: String::from_utf8_lossy(&said.unwrap_or_default()).into_owned(),
        })
    }
}

/// An error with all its causes: the outermost of a connection that failed says only that it did.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
