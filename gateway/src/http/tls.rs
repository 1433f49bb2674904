//! The certificate that page and API are served with; a new one on disk is taken up while the gateway runs.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use prometheus::{IntCounterVec, Opts, Registry};
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_util::sync::CancellationToken;

use crate::config::Identity;

/// The files are looked at this often.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Cheap to clone.
#[derive(Clone)]
pub struct Certificate {
    files: Identity,
    current: Arc<RwLock<Arc<ServerConfig>>>,
}

/// Why a certificate cannot be used.
#[derive(Debug)]
pub struct Unusable(String);

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[http.tls] {}", self.0)
    }
}

impl std::error::Error for Unusable {}

impl Certificate {
    pub fn load(files: &Identity) -> Result<Certificate, Unusable> {
        Ok(Certificate {
            files: files.clone(),
            current: Arc::new(RwLock::new(read(files)?)),
        })
    }

    pub(super) fn current(&self) -> Arc<ServerConfig> {
        let current = self.current.read();
        current.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes up what changes on disk until `shutdown`; what is unusable is said and counted, and the one before stays.
    pub(super) async fn follow(self, reloads: Reloads, shutdown: CancellationToken) {
        let mut seen = self.stamps();
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            let now = self.stamps();
            if std::mem::replace(&mut seen, now) == now {
                continue;
            }
            match read(&self.files) {
                Ok(config) => {
                    let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
                    *current = config;
                    reloads.count("used");
                    tracing::info!(
                        "the certificate of page and API changed and is used from now on"
                    );
                }
                Err(error) => {
                    reloads.count("refused");
                    tracing::warn!(%error, "the certificate changed and is not used");
                }
            }
        }
    }

    fn stamps(&self) -> [Option<SystemTime>; 2] {
        [&self.files.certificate, &self.files.key].map(|file| {
            std::fs::metadata(file)
                .and_then(|data| data.modified())
                .ok()
        })
    }
}

/// What became of certificates that changed.
#[derive(Clone)]
pub(super) struct Reloads(IntCounterVec);

impl Reloads {
    /// A second server on the same registry counts for itself and is not exposed.
    pub(super) fn register(registry: &Registry) -> Reloads {
        let reloads = Opts::new(
            "citysense_certificate_reloads_total",
            "Changed certificates of page and API, by what became of them",
        );
        // The names and labels are constants that prometheus accepts; the tests scrape them.
        #[allow(clippy::expect_used)]
        let reloads = IntCounterVec::new(reloads, &["outcome"]).expect("a valid name");
        let _ = registry.register(Box::new(reloads.clone()));
        for outcome in ["used", "refused"] {
            reloads.with_label_values(&[outcome]);
        }
        Reloads(reloads)
    }

    fn count(&self, outcome: &str) {
        self.0.with_label_values(&[outcome]).inc();
    }
}

fn read(files: &Identity) -> Result<Arc<ServerConfig>, Unusable> {
    let (certificate, key) = (files.certificate.display(), files.key.display());
    let chain = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(|chain| chain.collect::<Result<Vec<_>, _>>())
        .map_err(|error| Unusable(format!("{certificate}: {error}")))?;
    if chain.is_empty() {
        return Err(Unusable(format!("{certificate}: no certificate in it")));
    }
    let secret = PrivateKeyDer::from_pem_file(&files.key)
        .map_err(|error| Unusable(format!("{key}: {error}")))?;
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|config| config.with_no_client_auth().with_single_cert(chain, secret));
    let mut config =
        config.map_err(|error| Unusable(format!("{certificate} and {key}: {error}")))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
