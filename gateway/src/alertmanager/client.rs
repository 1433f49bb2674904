//! One request to Alertmanager: alerts in, a word back, within bounds.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderValue, Request, StatusCode, Uri, header};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as HyperClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::time::timeout;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore};

use crate::config::{AlertmanagerSettings, Credentials};
use crate::link::tls;

/// Longest time for one request, connection and answer together, in real time.
const ANSWER_MAX: Duration = Duration::from_secs(10);
/// Most that is read of an answer, in bytes: why something was refused.
const ANSWER_LEN_MAX: usize = 4 * 1024;

pub(super) struct Client {
    http: HyperClient<HttpsConnector<HttpConnector>, Body>,
    to: Uri,
    credentials: Option<Credentials>,
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
    /// `url` is `http://host:port` or `https://…`, perhaps with a path.
    pub(super) fn new(url: &str, settings: &AlertmanagerSettings) -> Result<Client, Failure> {
        let unusable = |cause: String| Failure::Unreachable(format!("[alertmanager] {cause}"));
        let to = format!("{url}/api/v2/alerts").parse();
        let tls = match url.starts_with("https://") {
            true => tls::client_config(&settings.tls)
                .map_err(|error| unusable(format!("tls: {error}")))?
                .as_ref()
                .clone(),
            false => trusting_nobody().map_err(|error| unusable(error.to_string()))?,
        };
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .build();
        let http = HyperClient::builder(TokioExecutor::new())
            // A request a minute: a connection kept in between would only be found dead.
            .pool_max_idle_per_host(0)
            .build(connector);
        Ok(Client {
            http,
            to: to.map_err(|error| unusable(format!("{url}: {error}")))?,
            credentials: settings.credentials.clone(),
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
        let mut request = Request::post(self.to.clone())
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body))
            .map_err(|error| unreachable(&error))?;
        if let Some(credentials) = &self.credentials {
            let authorization = authorization(credentials).await?;
            request
                .headers_mut()
                .insert(header::AUTHORIZATION, authorization);
        }
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

/// The host and port of an address.
pub(super) fn address(url: &str) -> String {
    let uri: Option<Uri> = url.parse().ok();
    let authority = uri.as_ref().and_then(Uri::authority);
    authority
        .map_or(url, |authority| authority.as_str())
        .to_owned()
}

/// What the gateway says of itself, from its file as it is now.
pub(super) async fn authorization(credentials: &Credentials) -> Result<HeaderValue, Failure> {
    let file = match credentials {
        Credentials::Basic(login) => &login.password_file,
        Credentials::Bearer(file) => file,
    };
    let unusable = |cause: String| {
        let file = file.display();
        Failure::Unreachable(format!("[alertmanager] {file}: {cause}"))
    };
    let secret = tokio::fs::read_to_string(file).await;
    let secret = secret.map_err(|error| unusable(error.to_string()))?;
    let secret = secret.trim_end_matches(['\r', '\n']);
    let said = match credentials {
        Credentials::Basic(login) => {
            let pair = BASE64_STANDARD.encode(format!("{}:{secret}", login.user));
            format!("Basic {pair}")
        }
        Credentials::Bearer(_) => format!("Bearer {secret}"),
    };
    // The text itself is in no message.
    let said = HeaderValue::from_str(&said);
    let mut said = said.map_err(|_| unusable("one line of plain text is expected".to_owned()))?;
    said.set_sensitive(true);
    Ok(said)
}

/// For addresses that speak no TLS at all.
fn trusting_nobody() -> Result<ClientConfig, rustls::Error> {
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?;
    let nobody = config.with_root_certificates(RootCertStore::empty());
    Ok(nobody.with_no_client_auth())
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
